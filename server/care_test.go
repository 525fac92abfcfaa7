package server

import (
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"pgregory.net/rapid"
)

// due is what the server says of a plan: the day of the last contact and that
// of the next, "none" without a row.
func (w *world) due(plan *core.Record) string {
	w.t.Helper()
	rows, err := w.app.FindAllRecords("due_visits", dbx.HashExp{"plan": plan.Id})
	if err != nil {
		w.t.Fatal(err)
	}
	switch len(rows) {
	case 0:
		return "none"
	case 1:
		return rows[0].GetString("last_contact_on") + " " + rows[0].GetString("due_on")
	}
	w.t.Fatalf("%d rows are due by plan %s", len(rows), plan.Id)
	return ""
}

// cared is a village with a plan of the key tier, 30 days, made on the 2nd of
// November 2026, of a resident who lives with somebody who has none.
func cared(w *world) (v village, plan *core.Record) {
	v = w.newVillage("990101103201", 124.10, 28.10)
	if err := w.app.Delete(v.carePlan); err != nil {
		w.t.Fatal(err)
	}
	return v, w.save("care_plans", row{"resident": v.resident.Id, "tier": "key", "cadence_days": 30, "consent": v.consent.Id,
		"review_at": "2027-01-01 00:00:00.000Z", "captured_at": "2026-11-02 01:00:00.000Z"})
}

func visitTo(v village, at string, values row) row {
	all := row{"household": v.household.Id, "purpose": "care", "mode": "door", "result": "met_ok", "captured_at": at + " 02:00:00.000Z"}
	for field, value := range values {
		all[field] = value
	}
	return all
}

func TestWhatMovesADueVisit(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, v village, plan *core.Record)
		want string
	}{
		{"a plan that was made", func(*world, village, *core.Record) {}, " 2026-12-02"},
		{"a visit", func(w *world, v village, _ *core.Record) { w.save("visits", visitTo(v, "2026-11-12", nil)) }, "2026-11-12 2026-12-11"}, // a Saturday
		{"a call", func(w *world, v village, _ *core.Record) {
			w.save("visits", visitTo(v, "2026-11-12", row{"mode": "phone", "result": "phone_ok"}))
		}, "2026-11-12 2026-12-11"},
		{"a neighbour", func(w *world, v village, _ *core.Record) {
			w.save("visits", visitTo(v, "2026-11-12", row{"mode": "neighbour"}))
		}, "2026-11-12 2026-12-11"},
		{"nobody at home", func(w *world, v village, _ *core.Record) {
			w.save("visits", visitTo(v, "2026-11-12", row{"result": "not_home"}))
		}, " 2026-12-02"},
		{"a visit to another resident of the home", func(w *world, v village, _ *core.Record) {
			other := w.save("residents", row{"household": v.household.Id, "name": "演示李四", "life_status": "living"})
			w.save("visits", visitTo(v, "2026-11-12", row{"residents": []string{other.Id}}))
		}, " 2026-12-02"},
		{"a visit to him among others", func(w *world, v village, _ *core.Record) {
			other := w.save("residents", row{"household": v.household.Id, "name": "演示李四", "life_status": "living"})
			w.save("visits", visitTo(v, "2026-11-12", row{"residents": []string{other.Id, v.resident.Id}}))
		}, "2026-11-12 2026-12-11"},
		{"a visit of last week that comes after one of yesterday", func(w *world, v village, _ *core.Record) {
			w.save("visits", visitTo(v, "2026-11-19", nil))
			w.save("visits", visitTo(v, "2026-11-12", nil))
		}, "2026-11-19 2026-12-18"},
		{"a visit by a clock that is a year ahead", func(w *world, v village, _ *core.Record) {
			w.save("visits", visitTo(v, "2027-11-19", nil))
		}, "2026-11-23 2026-12-23"},
		{"a visit that is struck out", func(w *world, v village, _ *core.Record) {
			visit := w.save("visits", visitTo(v, "2026-11-12", nil))
			visit.Set("deleted_at", "2026-11-13 02:00:00.000Z")
			if err := w.app.Save(visit); err != nil {
				w.t.Fatal(err)
			}
		}, " 2026-12-02"},
		{"a visit that is deleted", func(w *world, v village, _ *core.Record) {
			if err := w.app.Delete(w.save("visits", visitTo(v, "2026-11-12", nil))); err != nil {
				w.t.Fatal(err)
			}
		}, " 2026-12-02"},
		{"a visit that is corrected twice keeps its day", func(w *world, v village, _ *core.Record) {
			first := w.save("visits", visitTo(v, "2026-11-12", row{"result": "declined"}))
			second := w.save("visits", visitTo(v, "2026-11-20", row{"corrects": first.Id}))
			w.save("visits", visitTo(v, "2026-11-21", row{"corrects": second.Id}))
		}, "2026-11-12 2026-12-11"},
		{"a visit that turns out to have been to another home", func(w *world, v village, _ *core.Record) {
			visit := w.save("visits", visitTo(v, "2026-11-12", nil))
			other := w.save("households", row{"grid": v.grid.Id, "address_zh": "1栋102室"})
			w.save("visits", visitTo(v, "2026-11-13", row{"corrects": visit.Id, "household": other.Id}))
		}, " 2026-12-02"},
		{"another cadence", func(w *world, v village, plan *core.Record) {
			if err := w.set(plan, row{"cadence_days": 90}); err != nil {
				w.t.Fatal(err)
			}
		}, " 2027-01-29"}, // the 31st is a Sunday
		{"a consent that is withdrawn", func(w *world, v village, _ *core.Record) {
			if err := w.set(v.consent, row{"withdrawn_at": "2026-11-20 02:00:00.000Z"}); err != nil {
				w.t.Fatal(err)
			}
		}, "none"},
		{"a resident who died", func(w *world, v village, _ *core.Record) {
			if err := w.set(v.resident, row{"life_status": "deceased"}); err != nil {
				w.t.Fatal(err)
			}
		}, "none"},
		{"a resident who came back", func(w *world, v village, _ *core.Record) {
			for _, status := range []string{"moved", "living"} {
				if err := w.set(w.again(v.resident), row{"life_status": status}); err != nil {
					w.t.Fatal(err)
				}
			}
		}, " 2026-12-02"},
		{"a plan that is deleted", func(w *world, v village, plan *core.Record) {
			if err := w.app.Delete(plan); err != nil {
				w.t.Fatal(err)
			}
		}, "none"},
		{"a holiday on the day and the one before", func(w *world, v village, _ *core.Record) {
			for _, day := range []string{"2026-12-01", "2026-12-02"} {
				w.save("work_calendar", row{"kind": "holiday", "day": day})
			}
			w.run("gridwalk_care")
		}, " 2026-11-30"},
		{"a holiday that was a mistake", func(w *world, v village, _ *core.Record) {
			holiday := w.save("work_calendar", row{"kind": "holiday", "day": "2026-12-02"})
			w.run("gridwalk_care")
			if got := w.due(w.first("care_plans", "resident", v.resident.Id)); got != " 2026-12-01" {
				w.t.Errorf("with the holiday: %s", got)
			}
			if err := w.app.Delete(holiday); err != nil {
				w.t.Fatal(err)
			}
			w.run("gridwalk_care")
		}, " 2026-12-02"},
		{"what a hand has lost", func(w *world, _ village, _ *core.Record) {
			if _, err := w.app.DB().NewQuery("DELETE FROM due_visits").Execute(); err != nil {
				w.t.Fatal(err)
			}
			w.restart()
			w.run("gridwalk_care")
		}, " 2026-12-02"},
		{"what a hand has falsified", func(w *world, _ village, _ *core.Record) {
			if _, err := w.app.DB().NewQuery("UPDATE due_visits SET wanted_on = 'x', due_on = '2030-01-01'").Execute(); err != nil {
				w.t.Fatal(err)
			}
			w.run("gridwalk_care_night")
		}, " 2026-12-02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			v, plan := cared(w)
			c.do(w, v, plan)
			if got := w.due(plan); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Who moves to another grid is looked after there, and seen there only.
func TestDueVisitMovesAlong(t *testing.T) {
	w := newWorld(t)
	v, plan := cared(w)
	other := w.newVillage("990101103202", 124.30, 28.10)
	if err := w.set(v.household, row{"grid": other.grid.Id, "building": other.building.Id}); err != nil {
		t.Fatal(err)
	}
	if got := w.first("due_visits", "plan", plan.Id).GetString("grid"); got != other.grid.Id {
		t.Errorf("due in grid %s", got)
	}
}

// What is due does not change because a night passes or a job runs twice: no
// phone has to be told.
func TestDueVisitsAreIdempotent(t *testing.T) {
	w := newWorld(t)
	v, _ := cared(w)
	w.save("visits", visitTo(v, "2026-11-12", nil))
	w.run("gridwalk_care")
	before := w.changes()
	for range 3 {
		w.now = w.now.AddDate(0, 0, 20)
		w.restart()
		w.run("gridwalk_care")
		w.run("gridwalk_care_night")
	}
	if after := w.changes(); after != before {
		t.Errorf("%d changes", after-before)
	}
}

// newHome is a home of its own in a village, with a plan.
func (w *world) newHome(v village) village {
	v.household = w.save("households", row{"grid": v.grid.Id, "address_zh": "2栋201室"})
	v.resident = w.save("residents", row{"household": v.household.Id, "name": "演示王五", "life_status": "living"})
	v.consent = w.save("consents", row{"subject": v.resident.Id, "purpose": "care_plan", "given_by": "self", "given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
	v.carePlan = w.save("care_plans", row{"resident": v.resident.Id, "tier": "key", "cadence_days": 30, "consent": v.consent.Id,
		"review_at": "2027-01-01 00:00:00.000Z", "captured_at": "2026-11-02 01:00:00.000Z"})
	return v
}

// changes is the number of the newest change.
func (w *world) changes() (seq int) {
	w.t.Helper()
	if err := w.app.DB().Select("seq").From("_sync_state").Row(&seq); err != nil {
		w.t.Fatal(err)
	}
	return seq
}

// Whatever is done in whichever order, each plan in force has one row, which
// says the same as everything computed anew.
func TestDueVisitsFollowFromWhatThereIs(t *testing.T) {
	w := newWorld(t)
	village := w.newVillage("990101103201", 124.10, 28.10)
	rapid.Check(t, func(t *rapid.T) {
		v := w.newHome(village)
		visits := []*core.Record{}
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"visit", "visit", "correct", "delete", "plan", "holiday", "status"}).Draw(t, "step") {
			case "visit":
				day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -rapid.IntRange(0, 60).Draw(t, "days ago")).Format(time.DateOnly)
				visits = append(visits, w.save("visits", visitTo(v, day, row{"result": rapid.SampledFrom([]string{"met_ok", "not_home", "declined", "help_called"}).Draw(t, "result")})))
			case "correct":
				if len(visits) > 0 {
					visits = append(visits, w.save("visits", visitTo(v, "2026-11-22", row{"corrects": visits[len(visits)-1].Id})))
				}
			case "delete":
				if len(visits) > 0 {
					if err := w.set(w.again(visits[0]), row{"deleted_at": "2026-11-23 00:00:00.000Z"}); err != nil {
						t.Fatal(err)
					}
				}
			case "plan":
				if err := w.set(w.again(v.carePlan), row{"cadence_days": rapid.IntRange(1, 100).Draw(t, "cadence")}); err != nil {
					t.Fatal(err)
				}
			case "holiday":
				day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 100).Draw(t, "holiday")).Format(time.DateOnly)
				if found, err := w.app.FindAllRecords("work_calendar", dbx.HashExp{"day": day}); err == nil && len(found) == 0 {
					w.save("work_calendar", row{"kind": "holiday", "day": day})
					w.run("gridwalk_care")
				}
			case "status":
				if err := w.set(w.again(v.resident), row{"life_status": rapid.SampledFrom([]string{"living", "moved"}).Draw(t, "life status")}); err != nil {
					t.Fatal(err)
				}
			}
		}
		first, before := w.due(v.carePlan), w.changes()
		w.run("gridwalk_care_night")
		if again := w.due(v.carePlan); again != first || w.changes() != before {
			t.Fatalf("%q became %q", first, again)
		}
		if living := w.again(v.resident).GetString("life_status") == "living"; living == (first == "none") {
			t.Fatalf("living: %v, due: %q", living, first)
		}
	})
}

// A phone gets the row, and a visit that it pushes moves it.
func TestDueVisitsReachPhones(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	plan := w.save("care_plans", row{"resident": k.resident.Id, "tier": "high", "cadence_days": 7, "consent": k.consent.Id,
		"review_at": "2027-01-01 00:00:00.000Z", "captured_at": "2026-11-02 01:00:00.000Z"})
	if got := w.due(plan); got != " 2026-11-09" {
		t.Errorf("%q", got)
	}
	if r := k.phone.one("create", "visits", newID(), 0, visitTo(k.village, "2026-11-20", row{"mode": "phone", "result": "phone_ok"})); r.Status != "applied" {
		t.Fatalf("%+v", r)
	}
	if got := w.due(plan); got != "2026-11-20 2026-11-27" {
		t.Errorf("%q", got)
	}
	if r := k.phone.one("update", "due_visits", plan.Id, 0, row{"due_on": "2030-01-01"}); r.Status == "applied" {
		t.Errorf("a phone wrote what is due: %+v", r)
	}
	k.phone.pull(0)
	if held, ok := k.phone.holds(w.first("due_visits", "plan", plan.Id)); !ok || held["due_on"] != "2026-11-27" {
		t.Errorf("the phone holds %v", held)
	}
	// The plan of the village is due on a Friday, until that is a day off.
	w.save("work_calendar", row{"kind": "holiday", "day": "2027-02-19"})
	w.run("gridwalk_care")
	k.phone.pull(0)
	if held, ok := k.phone.holds(w.first("due_visits", "plan", k.carePlan.Id)); !ok || held["due_on"] != "2027-02-18" {
		t.Errorf("after a change of the calendar the phone holds %v", held)
	}
}
