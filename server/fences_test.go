package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// beat is an officer with a phone in a grid of 1 km around 28.105 N, 124.105 E.
type beat struct {
	village
	w     *world
	phone *phone
}

func newBeat(w *world) beat {
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	p := newPhone(w, officer, token)
	p.pull(0)
	return beat{v, w, p}
}

// made is a check-in so many minutes after dawn and metres north and east of
// the middle, changed by values.
func made(minutes, toNorth, toEast float64, values row) row {
	set := row{"target_type": "point", "datum": "wgs84", "loc_src": "gps", "acc_m": 8,
		"captured_at": dawn.Add(time.Duration(minutes * float64(time.Minute))), "lat": 28.105 + north(toNorth), "lng": 124.105 + toEast/98200}
	for k, v := range values {
		set[k] = v
	}
	return set
}

// send pushes check-ins one after the other and gives them as they are stored
// in the end.
func (b beat) send(sets ...row) []*core.Record {
	b.w.t.Helper()
	var ids []string
	for _, set := range sets {
		id := newID()
		if result := b.phone.one("create", "check_ins", id, 0, set); result.Status != "applied" {
			b.w.t.Fatalf("push: %+v", result)
		}
		ids = append(ids, id)
	}
	var stored []*core.Record
	for _, id := range ids {
		stored = append(stored, b.w.read("check_ins", id))
	}
	return stored
}

func (b beat) redraw(boundary row) {
	b.w.t.Helper()
	grid := b.w.read("grids", b.grid.Id)
	grid.Set("boundary", boundary)
	if err := b.w.app.Save(grid); err != nil {
		b.w.t.Fatal(err)
	}
}

func has(r *core.Record, reason geo.Reason) bool {
	return slices.Contains(r.GetStringSlice("reasons"), string(reason))
}

// Yesterday's check-ins keep yesterday's fence, also those that arrive today.
func TestCheckInIsJudgedByTheFenceOfItsTime(t *testing.T) {
	w := newWorld(t)
	w.now = dawn
	b := newBeat(w)
	day := func(n int) time.Time { return dawn.AddDate(0, 0, n).Add(time.Hour) }
	w.now = dawn.AddDate(0, 0, 2)
	b.redraw(square(124.30, 28.30, 0.01))
	w.now = dawn.AddDate(0, 0, 4)
	b.redraw(square(124.10, 28.10, 0.02))
	w.now = dawn.AddDate(0, 0, 6)
	for _, c := range []struct {
		name    string
		at      time.Time
		verdict string
		version int
		found   bool
	}{
		{"before it was drawn", day(-5), "inside", 1, true},
		{"in the first days", day(0), "inside", 1, true},
		{"a moment before it was drawn anew", dawn.AddDate(0, 0, 2).Add(-time.Millisecond), "inside", 1, true},
		{"at the moment", dawn.AddDate(0, 0, 2), "outside", 2, false},
		{"while it lay elsewhere", day(3), "outside", 2, false},
		{"since it is back, and greater", day(4), "inside", 3, true},
		{"by a clock that is ahead", day(400), "inside", 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			r := b.send(made(0, 0, 0, row{"captured_at": c.at}))[0]
			if r.GetString("verdict_server") != c.verdict || r.GetInt("boundary_version") != c.version || (r.GetString("grid_found") == b.grid.Id) != c.found {
				t.Errorf("%s by version %d, found %q", r.GetString("verdict_server"), r.GetInt("boundary_version"), r.GetString("grid_found"))
			}
		})
	}
}

// A grid that was put out of use, or to which somebody is no longer assigned,
// counts for what was recorded before.
func TestCheckInIsJudgedByTheGridsOfItsTime(t *testing.T) {
	w := newWorld(t)
	w.now = dawn
	b := newBeat(w)
	set := func(active bool) {
		grid := w.read("grids", b.grid.Id)
		grid.Set("active", active)
		if err := w.app.Save(grid); err != nil {
			t.Fatal(err)
		}
	}
	w.now = dawn.AddDate(0, 0, 2)
	set(false)
	w.now = dawn.AddDate(0, 0, 4)
	set(true)
	w.now = dawn.AddDate(0, 0, 6)
	check := func(name string, day int, verdict string, version int) {
		t.Helper()
		r := b.send(made(60, 0, 0, row{"captured_at": dawn.AddDate(0, 0, day).Add(time.Hour)}))[0]
		if r.GetString("verdict_server") != verdict || r.GetInt("boundary_version") != version || (r.GetString("grid_found") != "") != (version > 0) {
			t.Errorf("%s: %s by version %d, found %q, %v", name, r.GetString("verdict_server"), r.GetInt("boundary_version"), r.GetString("grid_found"), r.GetStringSlice("reasons"))
		}
	}
	check("in use", 1, "inside", 1)
	check("out of use", 3, "uncertain", 0)
	check("in use again", 5, "inside", 1)

	// The grid no longer his: what he recorded while it was is judged by it.
	other := w.newVillage("990101103202", 124.20, 28.20)
	assignment := w.first("grid_assignments", "user", b.phone.officer.Id)
	assignment.Set("to_date", dawn.AddDate(0, 0, 4))
	if err := w.app.Save(assignment); err != nil {
		t.Fatal(err)
	}
	w.save("grid_assignments", row{"grid": other.grid.Id, "user": b.phone.officer.Id, "duty": "officer", "from_date": dawn.AddDate(0, 0, 5)})
	check("while it was his", 1, "inside", 1)
	r := b.send(made(60, 0, 0, row{"captured_at": dawn.AddDate(0, 0, 5).Add(time.Hour)}))[0]
	if r.GetString("verdict_server") != "outside" || r.GetString("grid") != other.grid.Id {
		t.Errorf("after he went elsewhere: %s of %s", r.GetString("verdict_server"), r.GetString("grid"))
	}
}

// What is kept of boundaries: one row for each that is valid no more, and none
// for a change of something else. Who works in the grid reads it, nobody
// writes.
func TestBoundariesAreKept(t *testing.T) {
	w := newWorld(t)
	b := newBeat(w)
	rename := func(name string) {
		grid := w.read("grids", b.grid.Id)
		grid.Set("name_zh", name)
		if err := w.app.Save(grid); err != nil {
			t.Fatal(err)
		}
	}
	rename("一")
	b.redraw(square(124.30, 28.30, 0.01))
	rename("二")
	b.redraw(square(124.30, 28.30, 0.01)) // the same again
	w.now = w.now.Add(time.Hour)
	b.redraw(square(124.40, 28.40, 0.01))
	rows, err := w.app.FindRecordsByFilter("grid_boundaries", "grid = {:grid}", "version", 0, 0, dbx.Params{"grid": b.grid.Id})
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows are kept: %v", len(rows), err)
	}
	for i, west := range []float64{124.10, 124.30} {
		if rows[i].GetInt("version") != i+1 || rows[i].GetFloat("west") != west || rows[i].GetFloat("north") < 28.1 ||
			!rows[i].GetDateTime("valid_until").Time().After(rows[i].GetDateTime("valid_from").Time().Add(-time.Second)) {
			t.Errorf("row %d is %v", i, rows[i].PublicExport())
		}
	}
	if !rows[0].GetDateTime("valid_until").Equal(rows[1].GetDateTime("valid_from")) {
		t.Error("the second did not begin when the first ended")
	}
	if a := w.call("GET", records("grid_boundaries"), b.phone.token, nil); a.Body["totalItems"] != 2.0 {
		t.Errorf("the officer sees %s", a)
	}
}

// Without an assignment the grid counts that contained the place then, be it
// elsewhere now.
func TestCheckInFindsTheGridOfItsTime(t *testing.T) {
	w := newWorld(t)
	w.now = dawn
	b := newBeat(w)
	above := w.save("grids", row{"grid_code": "990101103201900", "name_zh": "片区", "kind": "basic", "level": "community", "region": b.region.Id,
		"active": true, "boundary": square(124.0, 28.0, 0.5)})
	grid := w.read("grids", b.grid.Id)
	grid.Set("parent", above.Id)
	if err := w.app.Save(grid); err != nil {
		t.Fatal(err)
	}
	w.now = dawn.AddDate(0, 0, 2)
	b.redraw(square(124.30, 28.30, 0.01))
	officer, token := w.officer("grid_officer", nil)
	b.phone = newPhone(w, officer, token)
	for _, c := range []struct {
		day  int
		want string
	}{{1, b.grid.Id}, {2, above.Id}} {
		r := b.send(made(0, 0, 0, row{"captured_at": dawn.AddDate(0, 0, c.day).Add(time.Hour)}))[0]
		if r.GetString("grid_found") != c.want || r.GetString("verdict_server") != "inside" || !has(r, geo.ReasonNoAssignedGrid) {
			t.Errorf("day %d: found %q, want %q: %v", c.day, r.GetString("grid_found"), c.want, r.PublicExport())
		}
	}
}

// Whatever the order in which check-ins arrive, each ends up with the same
// verdict and reasons; and the phone hears of what changed.
func TestLateCheckInsJudgeOthersAgain(t *testing.T) {
	day := []row{made(0, 0, 0, nil), made(10, 900, 0, nil), made(12, 0, 0, nil), made(13, 9000, 0, nil)}
	want := [][]string{nil, {"lone_outside"}, nil, {"impossible_speed"}}
	orders := [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}, {1, 0, 2, 3}, {3, 0, 1, 2}}
	for _, order := range orders {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := newWorld(t)
			b := newBeat(w)
			var sent []row
			for _, i := range order {
				sent = append(sent, day[i])
			}
			b.phone.pull(0)
			for k, r := range b.send(sent...) {
				if got := r.GetStringSlice("reasons"); !slices.Equal(got, want[order[k]]) {
					t.Errorf("check-in %d has %v, want %v", order[k], got, want[order[k]])
				}
				b.phone.pull(0)
				if held, ok := b.phone.holds(r); !ok || fmt.Sprint(held["reasons"]) != fmt.Sprint(r.GetStringSlice("reasons")) {
					t.Errorf("the phone holds %v", held["reasons"])
				}
			}
		})
	}
}

// What follows from others is written through feed and history, by gridwalk
// itself, and only where it changed.
func TestJudgedAgainIsInTheHistory(t *testing.T) {
	w := newWorld(t)
	b := newBeat(w)
	sent := b.send(made(0, 0, 0, nil), made(20, 9000, 0, nil), made(10, 0, 0, nil), made(19.9, 0, 0, nil))
	changes := func(r *core.Record) (n int) {
		if err := w.app.DB().Select("COUNT(*)").From("_sync_history").
			Where(dbx.HashExp{"collection": "check_ins", "record": r.Id, "op": "update", "author": ""}).Row(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if !has(sent[1], geo.ReasonImpossibleSpeed) || changes(sent[1]) != 1 || sent[1].GetInt("rev") != 2 {
		t.Errorf("%v, saved again %d times", sent[1].GetStringSlice("reasons"), changes(sent[1]))
	}
	if changes(sent[0]) != 0 || changes(sent[2]) != 0 || changes(sent[3]) != 0 {
		t.Error("a check-in was saved again though nothing followed")
	}
	// A superuser's save changes nothing of the verdict.
	r := w.read("check_ins", sent[1].Id)
	r.Set("verdict_server", "inside")
	r.Set("reasons", []string{})
	r.Set("note", "核对")
	if err := w.app.Save(r); err != nil {
		t.Fatal(err)
	}
	if r := w.read("check_ins", sent[1].Id); r.GetString("verdict_server") != "outside" || !has(r, geo.ReasonImpossibleSpeed) || r.GetString("note") != "核对" {
		t.Errorf("%v", r.PublicExport())
	}
}

// A check-in is not refused because one that it changes is no longer valid.
func TestNoCheckInIsRefusedForAnother(t *testing.T) {
	w := newWorld(t)
	b := newBeat(w)
	first := b.send(made(20, 9000, 0, nil))[0]
	if _, err := w.app.DB().NewQuery("UPDATE check_ins SET patrol = 'aaaaaaaaaaaaaaa', datum = 'mars' WHERE id = {:id}").Bind(dbx.Params{"id": first.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	if r := b.send(made(19.9, 0, 0, nil))[0]; r.GetString("verdict_server") != "inside" {
		t.Errorf("%v", r.PublicExport())
	}
	if r := w.read("check_ins", first.Id); has(r, geo.ReasonImpossibleSpeed) {
		t.Error("the test does not make it invalid")
	}
}

// Yesterday does not bear on today, nor one officer on another.
func TestJudgedAgainIsOneOfficersDay(t *testing.T) {
	w := newWorld(t)
	b := newBeat(w)
	other := b
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, b.grid)
	other.phone = newPhone(w, officer, token)
	b.send(made(0, 0, 0, nil))
	if r := other.send(made(1, 9000, 0, nil))[0]; has(r, geo.ReasonImpossibleSpeed) {
		t.Error("another officer's check-in counts")
	}
	midnight := -8.0 * 60 // in China, which is eight hours ahead
	if r := b.send(made(midnight-1, 0, 0, nil), made(midnight, 9000, 0, nil))[1]; has(r, geo.ReasonImpossibleSpeed) {
		t.Error("yesterday's check-in counts")
	}
}

// shifted is a check-in so many metres north and east of the middle by a phone
// that gives GCJ-02 under the name of WGS-84.
func shifted(minutes, toNorth, toEast float64, values row) row {
	set := made(minutes, toNorth, toEast, values)
	p := geo.GCJ02.FromWGS84(orb.Point{set["lng"].(float64), set["lat"].(float64)})
	set["lng"], set["lat"] = p.Lon(), p.Lat()
	return set
}

// Three fixes in a row that are inside only when they are read as GCJ-02 are
// told of and not shifted, in whatever order they arrive; a right one clears
// the device.
func TestWrongDatumIsReported(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := newWorld(t)
			b := newBeat(w)
			day := []row{shifted(0, 0, 300, nil), shifted(10, 20, 300, nil), shifted(20, 40, 300, nil)}
			b.send(day[order[0]], day[order[1]])
			if d := w.read("devices", b.phone.device); d.GetString("datum_suspect") != "" {
				t.Error("two fixes are suspect")
			}
			b.send(day[order[2]])
			all, err := w.app.FindRecordsByFilter("check_ins", "device = {:device}", "captured_at", 0, 0, dbx.Params{"device": b.phone.device})
			if err != nil || len(all) != 3 {
				t.Fatal(len(all), err)
			}
			for i, r := range all {
				if !has(r, geo.ReasonDatumSuspect) || r.GetString("verdict_server") != "outside" || r.GetFloat("lng") != day[i]["lng"] || r.GetString("datum") != "wgs84" {
					t.Errorf("%v", r.PublicExport())
				}
			}
			if d := w.read("devices", b.phone.device); d.GetString("datum_suspect") != "gcj02" {
				t.Errorf("the device shows %q", d.GetString("datum_suspect"))
			}
			a := w.call("GET", records("devices")+"/"+b.phone.device, w.admin(), nil)
			if a.Body["datum_suspect"] != "gcj02" {
				t.Errorf("an admin sees %s", a)
			}
			if r := b.send(made(40, 0, 300, nil))[0]; has(r, geo.ReasonDatumSuspect) {
				t.Error("a right fix is suspect")
			}
			if d := w.read("devices", b.phone.device); d.GetString("datum_suspect") != "" {
				t.Errorf("after a right fix the device shows %q", d.GetString("datum_suspect"))
			}
		})
	}
}

// Three fixes that are outside by any reading, or rightly labelled, or of two
// phones, are no suspicion.
func TestRightDatumIsNotReported(t *testing.T) {
	w := newWorld(t)
	b := newBeat(w)
	second := b
	second.phone = newPhone(w, b.phone.officer, b.phone.token)
	right := made(90, 0, 300, row{"datum": "gcj02"})
	p := geo.GCJ02.FromWGS84(orb.Point{right["lng"].(float64), right["lat"].(float64)})
	right["lng"], right["lat"] = p.Lon(), p.Lat()
	sent := b.send(made(0, 4000, 0, nil), made(10, 4010, 0, nil), made(20, 4020, 0, nil), right)
	sent = append(sent, b.send(shifted(100, 0, 300, nil), shifted(120, 0, 310, nil))...)
	sent = append(sent, second.send(shifted(110, 0, 305, nil))...)
	for _, r := range sent {
		if has(r, geo.ReasonDatumSuspect) {
			t.Errorf("%v", r.PublicExport())
		}
	}
	if sent[3].GetString("verdict_server") != "inside" {
		t.Errorf("the right one is %s", sent[3].GetString("verdict_server"))
	}
}

// A grid so wide that the shift stays inside of it: the buildings that a device
// checks in at betray it, from the fifth on, and a right device is not.
func TestResidualOfADeviceIsReported(t *testing.T) {
	for _, c := range []struct {
		name    string
		fix     func(minutes, toNorth, toEast float64, values row) row
		suspect string
		metres  float64
	}{{"GCJ-02 under the name of WGS-84", shifted, "gcj02", 560}, {"right", made, "", 0}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			b := newBeat(w)
			b.redraw(square(124.0, 28.0, 0.2))
			b.building.Set("point", row{"lon": 124.105, "lat": 28.105})
			if err := w.app.Save(b.building); err != nil {
				t.Fatal(err)
			}
			for i := range 6 {
				at := row{"target_type": "household", "target": b.household.Id}
				if i%2 == 1 {
					at = row{"target_type": "building", "target": b.building.Id}
				}
				if r := b.send(c.fix(float64(10*i), 2, -2, at))[0]; r.GetString("verdict_server") != "inside" {
					t.Fatalf("%v", r.PublicExport())
				}
				want, metres := c.suspect, c.metres
				if i < 4 {
					want, metres = "", 0
				}
				if d := w.read("devices", b.phone.device); d.GetString("datum_suspect") != want || d.GetFloat("residual_m") != metres {
					t.Errorf("after %d: %q, %g m", i+1, d.GetString("datum_suspect"), d.GetFloat("residual_m"))
				}
			}
		})
	}
}
