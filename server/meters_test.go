package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/meters"

	"gridwalk/sealed"
)

// metered is a home with a meter of a source.
type metered struct {
	village
	sensor *core.Record
	token  string
}

// sourceToken makes a source of readings.
func (w *world) sourceToken() (id, token string) {
	id = core.GenerateDefaultRandomId()
	token, hash := meters.Token(id, "secret-"+id)
	w.save("sensor_sources", row{"id": id, "name": "演示水务", "secret_hash": hash})
	return id, token
}

// sensorConsent is the consent of a resident to a meter.
func (w *world) sensorConsent(v village) *core.Record {
	return w.save("consents", row{"grid": v.grid.Id, "subject": v.resident.Id, "purpose": "sensor", "given_by": "self",
		"given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
}

func (w *world) metered(v village, meter string) metered {
	source, token := w.sourceToken()
	sensor := w.save("sensors", row{"source": source, "meter": meter, "kind": "water_meter", "household": v.household.Id, "consent": w.sensorConsent(v).Id})
	return metered{v, sensor, token}
}

// readings sends readings of one meter, at times relative to now.
func (w *world) readings(m metered, batch string, litres map[time.Duration]float64) answer {
	w.t.Helper()
	var list []row
	for ago, l := range litres {
		list = append(list, row{"meter": m.sensor.GetString("meter"), "at": w.now.Add(-ago).Format(time.RFC3339), "litres": l})
	}
	return w.call("POST", "/api/sensors/readings", "Bearer "+m.token, row{"batch": batch, "readings": list})
}

func (w *world) alerts(filter string) []*core.Record {
	w.t.Helper()
	found, err := w.app.FindRecordsByFilter("alerts", filter, "created", 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// addMeterSamples adds samples of meters and alerts to the access tables.
func addMeterSamples(w *world, v village, made func(string, func() row) sample, samples map[string]sample) {
	source, _ := w.sourceToken()
	consent := w.sensorConsent(v)
	n := 0
	sensor := func() row {
		n++
		return row{"source": source, "meter": fmt.Sprintf("M%d", n), "kind": "water_meter", "household": v.household.Id, "consent": consent.Id}
	}
	for name, values := range map[string]func() row{
		"sensor_sources": func() row { return row{"name": "水务", "secret_hash": strings.Repeat("a", 64)} },
		"sensors":        sensor,
		"sensor_batches": func() row {
			n++
			return row{"source": source, "batch": fmt.Sprint(n), "digest": strings.Repeat("a", 64)}
		},
		"sensor_readings": func() row {
			return row{"sensor": w.save("sensors", sensor()).Id, "at": "2026-11-23 00:00:00.000Z", "litres": 1}
		},
		"alerts": func() row { return row{"kind": "visit_overdue", "household": v.household.Id, "status": "raised"} },
	} {
		samples[name] = made(name, values)
	}
	change := samples["sensors"]
	change.change = row{"flat_hours": 24}
	samples["sensors"] = change
}

// Somebody whose water has not run for 48 hours is looked for, once; readings
// that are missing say nothing.
func TestNoWaterRaisesOneAlert(t *testing.T) {
	w := newWorld(t)
	m := w.metered(w.newVillage("990101103201", 124.10, 28.10), "WM-1")
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, m.grid)

	a := w.readings(m, "b1", map[time.Duration]float64{60 * time.Hour: 490, 48*time.Hour + time.Minute: 500, 47 * time.Hour: 500})
	if a.Status != 200 || a.Body["stored"] != 3.0 {
		t.Fatalf("%s", a)
	}
	w.minute()
	if found := w.alerts("kind = 'water_no_flow'"); len(found) != 0 {
		t.Fatalf("missing data were taken for flat data: %d alerts", len(found))
	}
	if found := w.alerts("kind = 'sensor_offline'"); len(found) != 1 || found[0].GetString("level") != "notice" || !found[0].GetDateTime("due_ack").IsZero() {
		t.Fatalf("silence of 47 hours: %v", found)
	}
	w.readings(m, "b2", map[time.Duration]float64{time.Minute: 500})
	w.readings(m, "b3", map[time.Duration]float64{0: 500})
	for range 3 {
		w.minute()
	}
	found := w.alerts("kind = 'water_no_flow'")
	if len(found) != 1 {
		t.Fatalf("%d alerts", len(found))
	}
	if r := found[0]; r.GetString("status") != "raised" || r.GetString("grid") != m.grid.Id || !r.GetDateTime("due_ack").Time().Equal(w.now.Add(30*time.Minute)) {
		t.Errorf("%v", r)
	}
	if found := w.alerts("kind = 'sensor_offline' && status = 'suppressed'"); len(found) != 1 {
		t.Error("a meter that is heard again is still told to be silent")
	}
	if got := w.todayOf(token, ""); !slices.Contains(got, "alert "+m.household.GetString("address_zh")+" now") {
		t.Errorf("today: %q", got)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.readings(m, "b4", map[time.Duration]float64{0: 500})
	w.minute()
	if found := w.alerts("kind = 'water_no_flow'"); len(found) != 1 || found[0].GetString("status") != "escalated" || found[0].GetString("told") != "rescue" {
		t.Errorf("a day later: %v", found)
	}
	w.now = w.now.Add(time.Hour)
	w.readings(m, "b5", map[time.Duration]float64{0: 505})
	w.minute()
	r := w.alerts("kind = 'water_no_flow'")[0]
	if r.GetDateTime("moved_at").IsZero() || !r.GetDateTime("due_ack").IsZero() || r.GetString("status") != "escalated" {
		t.Errorf("water runs again: %v", r)
	}
}

// raised makes an alert of no water for 49 hours, at 10:00 in China.
func (w *world) raised(v village) (metered, *core.Record) {
	w.t.Helper()
	m := w.metered(v, "WM-1")
	w.readings(m, "first", map[time.Duration]float64{49 * time.Hour: 500, 0: 500})
	w.minute()
	found := w.alerts("kind = 'water_no_flow'")
	if len(found) != 1 {
		w.t.Fatalf("%d alerts", len(found))
	}
	return m, found[0]
}

// The morning of domain.md §6.4: acknowledged with signal at 8:12, at the door
// without at 8:31. The server has gone one step up meanwhile and takes it back.
func TestAnAlertIsHandledWithoutSignal(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 08:05")
	team := newTeam(w)
	m, alert := w.raised(team.village)
	team.a.pull(500)
	if fields, ok := team.a.holds(alert); !ok || fields["status"] != "raised" || fields["told"] != "officer" {
		t.Fatalf("the phone holds %v", fields)
	}
	team.stranger.pull(500)
	if _, ok := team.stranger.holds(alert); ok {
		t.Error("a phone of another grid holds it")
	}
	w.at("2026-11-23 08:12")
	if result := team.a.one("update", "alerts", alert.Id, team.a.seen(alert), row{"status": "acked"}); result.Status != "applied" {
		t.Fatalf("%+v", result)
	}
	r := w.again(alert)
	if china(r, "acked_at") != "2026-11-23 08:12" || china(r, "due_call") != "2026-11-23 08:27" || r.GetString("acked_by") != team.a.officer.Id {
		t.Errorf("%v", r)
	}
	team.a.pull(500)
	seen := team.a.seen(alert)
	w.at("2026-11-23 08:20")
	called := team.a.mutation("update", "alerts", alert.Id, seen, row{"status": "contacting"})
	w.at("2026-11-23 08:31")
	arrived := team.a.mutation("update", "alerts", alert.Id, seen, row{"status": "on_site"})
	closed := team.a.mutation("update", "alerts", alert.Id, seen, row{"status": "resolved", "cause": "away", "away_until": "2026-11-30 00:00:00.000Z", "steps": "邻居说在女儿家，已打通电话"})
	w.at("2026-11-23 08:40")
	w.minute()
	if r := w.again(alert); r.GetString("status") != "escalated" || r.GetString("told") != "family" || !slices.Contains(r.GetStringSlice("breached"), "call") {
		t.Fatalf("after the quarter of an hour: %v", r)
	}
	w.at("2026-11-23 09:30")
	w.minute()
	for i, result := range team.a.push(called, arrived, closed) {
		if result.Status != "applied" && result.Status != "merged" || len(result.Conflicts) > 0 {
			t.Errorf("%d: %+v", i, result)
		}
	}
	r = w.again(alert)
	if r.GetString("status") != "resolved" || r.GetString("told") != "officer" || len(r.GetStringSlice("breached")) > 0 ||
		china(r, "contacted_at") != "2026-11-23 08:20" || china(r, "arrived_at") != "2026-11-23 08:31" {
		t.Errorf("%v", r)
	}
	if got := china(w.again(m.sensor), "away_until"); got != "2026-11-30 08:00" {
		t.Errorf("away until %q", got)
	}
	// Nobody is looked for while she is away, nor until two days after.
	for day := 24; day <= 34; day++ {
		w.now = time.Date(2026, 11, day, 1, 0, 0, 0, time.UTC)
		w.readings(m, fmt.Sprint("day", day), map[time.Duration]float64{0: 500})
		w.minute()
		want := 1
		if day >= 32 { // 48 hours after the return
			want = 2
		}
		if found := w.alerts("kind = 'water_no_flow'"); len(found) != want {
			t.Errorf("day %d: %d alerts, want %d", day, len(found), want)
		}
	}
}

// Both of two who end an alert without knowing of each other are heard.
func TestALostEndOfAnAlertIsKept(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	_, alert := w.raised(team.village)
	team.a.pull(500)
	team.b.pull(500)
	if result := team.a.one("update", "alerts", alert.Id, team.a.seen(alert), row{"status": "resolved", "cause": "unwell", "steps": "已送医院"}); result.Status != "applied" {
		t.Fatalf("%+v", result)
	}
	result := team.b.one("update", "alerts", alert.Id, team.b.seen(alert), row{"status": "resolved", "cause": "away", "steps": "没人应门"})
	r := w.again(alert)
	if r.GetString("cause") != "unwell" || !strings.Contains(r.GetString("steps"), "已送医院") || !strings.Contains(r.GetString("steps"), "没人应门") {
		t.Errorf("%+v: %v", result, r)
	}
	late := team.b.one("update", "alerts", alert.Id, team.b.seen(alert), row{"status": "acked"})
	if len(late.Conflicts) != 1 || w.again(alert).GetString("status") != "resolved" {
		t.Errorf("%+v", late)
	}
}

// Every stage that runs out tells one further; the night does not count.
func TestAnAlertGoesUpTheChain(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 20:50")
	_, alert := w.raised(w.newVillage("990101103201", 124.10, 28.10))
	for _, step := range []struct{ at, status, told string }{
		{"2026-11-23 21:30", "raised", "officer"},
		{"2026-11-24 08:19", "raised", "officer"},
		{"2026-11-24 08:21", "escalated", "family"},
		{"2026-11-24 08:51", "escalated", "village"},
		{"2026-11-24 09:21", "escalated", "rescue"},
		{"2026-11-24 12:00", "escalated", "rescue"},
	} {
		w.at(step.at)
		w.minute()
		if r := w.again(alert); r.GetString("status") != step.status || r.GetString("told") != step.told {
			t.Errorf("at %s: %s, %s is told", step.at, r.GetString("status"), r.GetString("told"))
		}
	}
	var waiting int
	if err := w.app.DB().NewQuery("SELECT COUNT(*) FROM _deadlines WHERE collection = 'alerts'").Row(&waiting); err != nil || waiting != 0 {
		t.Errorf("%d alerts are looked at for ever (%v)", waiting, err)
	}
}

// Somebody who goes away is not looked for, also when the alert came first.
func TestAwaySuppressesWhatNobodyHasTakenUp(t *testing.T) {
	w := newWorld(t)
	m, alert := w.raised(w.newVillage("990101103201", 124.10, 28.10))
	w.mustSet(m.sensor, row{"away_until": "2026-12-01 00:00:00.000Z"})
	w.minute()
	if r := w.again(alert); r.GetString("status") != "suppressed" {
		t.Errorf("%v", r)
	}
}

func TestWhatASourceMaySend(t *testing.T) {
	w := newWorld(t)
	m := w.metered(w.newVillage("990101103201", 124.10, 28.10), "WM-1")
	send := func(token string, body any) answer { return w.call("POST", "/api/sensors/readings", token, body) }
	bearer := "Bearer " + m.token
	now := w.now.Format(time.RFC3339)
	reading := row{"meter": "WM-1", "at": now, "litres": 5}
	many := make([]row, 5001)
	for i := range many {
		many[i] = row{"meter": "WM-1"}
	}
	for _, c := range []struct {
		name, token string
		body        any
		status      int
		code        string
	}{
		{"no token", "", row{"batch": "a", "readings": []row{reading}}, 401, "unknown_source"},
		{"a wrong secret", bearer + "x", row{"batch": "a", "readings": []row{reading}}, 401, "unknown_source"},
		{"another source", "Bearer aaaaaaaaaaaaaaa.x", row{"batch": "a", "readings": []row{reading}}, 401, "unknown_source"},
		{"no JSON", bearer, "{", 400, "malformed"},
		{"a list", bearer, "[]", 400, "malformed"},
		{"no batch", bearer, row{"readings": []row{reading}}, 400, "bad_batch"},
		{"a batch with a space", bearer, row{"batch": "a b", "readings": []row{reading}}, 400, "bad_batch"},
		{"no readings", bearer, row{"batch": "a"}, 400, "no_readings"},
		{"too many", bearer, row{"batch": "a", "readings": many}, 413, "too_many_readings"},
		{"too large", bearer, row{"batch": "a", "readings": []row{reading}, "x": strings.Repeat("x", 1<<20)}, 413, "too_large"},
	} {
		if a := send(c.token, c.body); a.Status != c.status || a.Body["error"] != c.code {
			t.Errorf("%s: %s", c.name, a)
		}
	}
	batch := row{"batch": "a", "readings": []any{
		reading, reading, row{"meter": "WM-1", "at": w.now.Add(time.Hour).Format(time.RFC3339), "litres": 9}, row{"meter": "WM-1", "at": now, "litres": -3},
		row{"meter": "WM-2", "at": now, "litres": 9}, "nonsense", row{"meter": "WM-1", "at": "yesterday", "litres": 9}, row{"meter": "WM-1", "at": now},
		row{"meter": "WM-1", "at": w.now.AddDate(0, 0, -40).Format(time.RFC3339), "litres": 2}, row{"meter": "WM-1", "at": w.now.Add(-7 * time.Hour).Format(time.RFC3339), "litres": 20}}}
	first := send(bearer, batch)
	var odd []string
	list, _ := first.Body["odd"].([]any)
	for _, o := range list {
		odd = append(odd, fmt.Sprintf("%v %v %v", o.(row)["index"], o.(row)["oddities"], o.(row)["stored"]))
	}
	want := []string{"0 [falling] true", "1 [duplicate] false", "2 [future] true", "3 [negative] true", "4 [unknown_meter] false", "5 [malformed] false",
		"6 [malformed] false", "7 [malformed] false", "8 [stale] false", "9 [late] true"}
	if first.Status != 200 || !slices.Equal(odd, want) || first.Body["stored"] != 4.0 || first.Body["received"] != 10.0 {
		t.Errorf("%s", first)
	}
	w.now = w.now.Add(time.Hour)
	if again := send(bearer, batch); string(again.Raw) != string(first.Raw) {
		t.Errorf("the same batch: %s", again)
	}
	if reused := send(bearer, row{"batch": "a", "readings": []row{reading}}); reused.Status != 409 || reused.Body["error"] != "batch_reused" {
		t.Errorf("another batch of that name: %s", reused)
	}
	w.mustSet(w.first("sensor_sources", "id", m.sensor.GetString("source")), row{"disabled": true})
	if shut := send(bearer, row{"batch": "b", "readings": []row{reading}}); shut.Status != 401 {
		t.Errorf("a source that is shut out: %s", shut)
	}
}

// Reading stops with the consent, and what was read is deleted.
func TestAConsentWithdrawnEndsTheReading(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	m := w.metered(v, "WM-1")
	w.readings(m, "a", map[time.Duration]float64{49 * time.Hour: 500, 0: 500})
	w.mustSet(w.first("consents", "id", m.sensor.GetString("consent")), row{"withdrawn_at": "2026-11-23 01:00:00.000Z"})
	if n, err := w.app.CountRecords("sensor_readings"); err != nil || n != 0 {
		t.Errorf("%d readings are kept (%v)", n, err)
	}
	w.minute()
	if a := w.readings(m, "b", map[time.Duration]float64{0: 501}); !strings.Contains(string(a.Raw), "not_agreed") || a.Body["stored"] != 0.0 {
		t.Errorf("%s", a)
	}
	if found := w.alerts("id != ''"); len(found) != 0 {
		t.Errorf("%d alerts", len(found))
	}
	stranger := w.newVillage("990101103202", 124.20, 28.10)
	for _, consent := range []*core.Record{w.sensorConsent(stranger), v.consent} {
		if err := w.set(m.sensor, row{"consent": consent.Id}); err == nil {
			t.Error("the consent of another household, or for another purpose, is taken")
		}
	}
}

// Old readings go, but not the one since which it is flat.
func TestOldReadingsAreDeleted(t *testing.T) {
	w := newWorld(t)
	m := w.metered(w.newVillage("990101103201", 124.10, 28.10), "WM-1")
	w.readings(m, "a", map[time.Duration]float64{2 * time.Hour: 400, time.Hour: 500, 0: 500})
	w.now = w.now.Add(40 * 24 * time.Hour)
	w.run("gridwalk_purge")
	if n, err := w.app.CountRecords("sensor_readings"); err != nil || n != 1 {
		t.Errorf("%d readings are kept (%v)", n, err)
	}
	if batches, err := w.app.CountRecords("sensor_batches"); err != nil || batches > 1 {
		t.Errorf("%d (%v)", batches, err)
	}
}

// Twenty meters for ten days through the door, in batches that are doubled,
// late and out of order: one alert for each period without water.
func TestMetersOverTenDays(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	source, token := w.sourceToken()
	consent := w.sensorConsent(v).Id
	const n, step = 20, 6 * time.Hour
	start := w.now
	dry := map[int]int{} // of some meters, the step from which on water does not run for 60 hours
	for i := range n {
		w.save("sensors", row{"source": source, "meter": fmt.Sprint("M", i), "kind": "water_meter", "household": v.household.Id, "consent": consent})
		if i%3 == 0 {
			dry[i] = 8 + i%5
		}
	}
	litres := func(meter, at int) float64 {
		if from, ok := dry[meter]; ok && at > from {
			at = max(from, at-10)
		}
		return float64(1000 + 30*at)
	}
	var late []row
	for at := range 40 {
		w.now = start.Add(time.Duration(at) * step)
		var batch []row
		for meter := range n {
			r := row{"meter": fmt.Sprint("M", meter), "at": w.now.Format(time.RFC3339), "litres": litres(meter, at)}
			switch (meter*7 + at*3) % 9 {
			case 0: // lost
			case 1, 2:
				late = append(late, r)
			default:
				batch = append(batch, r)
			}
		}
		if at%2 == 1 {
			slices.Reverse(late)
			batch, late = append(batch, late...), nil
		}
		for range 2 {
			a := w.call("POST", "/api/sensors/readings", "Bearer "+token, row{"batch": fmt.Sprint("at", at), "readings": batch})
			if a.Status != 200 {
				t.Fatalf("%s", a)
			}
			w.minute()
		}
	}
	told := map[string]int{}
	for _, r := range w.alerts("kind = 'water_no_flow'") {
		told[r.GetString("sensor")]++
	}
	for meter := range n {
		sensor := w.first("sensors", "meter_word", sealed.RingOf(w.app).Word(sealed.MeterKind, fmt.Sprint("M", meter)))
		want := 0
		if _, ok := dry[meter]; ok {
			want = 1
		}
		if told[sensor.Id] != want {
			t.Errorf("meter %d: %d alerts, want %d", meter, told[sensor.Id], want)
		}
	}
	if found := w.alerts("kind = 'sensor_offline'"); len(found) != 0 {
		t.Errorf("%d meters are told to be silent", len(found))
	}
}
