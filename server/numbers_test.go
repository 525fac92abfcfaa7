package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// october is an instant of October 2026 in China, the month before that of the
// tests.
func october(day, hour int) time.Time {
	return time.Date(2026, 10, day, hour, 0, 0, 0, time.FixedZone("", 8*3600)).UTC()
}

// numbersOf gives the numbers in an answer as «n/of», a question mark for what is
// kept back.
func numbersOf(t *testing.T, body any) map[string]string {
	t.Helper()
	got := map[string]string{}
	cells, _ := body.(row)
	for measure, value := range cells {
		cell := value.(row)
		show := func(v any) string {
			if v == nil {
				return "?"
			}
			return fmt.Sprint(v)
		}
		got[measure] = show(cell["n"]) + "/" + show(cell["of"])
		if hidden := strings.Contains(got[measure], "?"); hidden != cell["suppressed"].(bool) || hidden && cell["rate"] != nil {
			t.Errorf("%s is %v", measure, cell)
		}
	}
	return got
}

// closeMatters makes matters that were closed in October, some of them by the
// village, and gives them.
func (w *world) closeMatters(v village, many, escalated int) (closed []*core.Record) {
	w.t.Helper()
	now := w.now
	defer func() { w.now = now }()
	for i := range many {
		w.now = october(5, 10)
		m := w.save("matters", lamp(v.grid))
		level := "l1_grid"
		if i < escalated {
			level = "l2_village"
		}
		w.mustSet(m, row{"status": "accepted", "level": level})
		w.now = october(6, 10)
		w.mustSet(m, row{"status": "solved_on_spot", "result": "已修好"})
		w.mustSet(m, row{"status": "closed"})
		closed = append(closed, m)
	}
	return closed
}

func TestNumbersOfAVillage(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	other := v
	other.grid = w.save("grids", row{"grid_code": "990101103201002", "name_zh": "第二网格", "kind": "basic", "level": "compound",
		"region": v.region.Id, "active": true, "boundary": square(124.12, 28.10, 0.01)})
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	_, leads := w.officer("village_admin", row{"region": v.region.Id})
	stranger, foreign := w.officer("grid_officer", nil)
	w.assign(stranger, w.newVillage("990101103299", 124.50, 28.50).grid)

	closed := w.closeMatters(v, 11, 5)
	w.closeMatters(other, 10, 0)
	for i, m := range closed[:10] {
		solved, satisfaction := "solved", "satisfied"
		if i >= 5 {
			solved, satisfaction = "unsolved", "dissatisfied"
		}
		w.save("survey_responses", row{"matter": m.Id, "status": "answered", "solved": solved, "satisfaction": satisfaction, "captured_at": october(8, 9)})
	}
	for i := range 12 {
		d := w.save("demands", row{"grid": v.grid.Id, "text": fmt.Sprint("诉求", i), "status": "raised", "captured_at": october(9, 9)})
		if i < 7 {
			w.mustSet(d, row{"status": "done", "outcome": "declined", "answer": "不属本级"})
			w.mustSet(d, row{"status": "read_back"})
		}
	}
	if got := numbersOf(t, w.call("GET", "/api/numbers/"+v.grid.Id, token, nil).Body["numbers"]); fmt.Sprint(got) !=
		"map[care_on_time:0/0 in_grid:6/11 on_time:11/11 read_back:7/12 resolution:5/10 satisfaction:5/10]" {
		t.Errorf("of the grid: %v", got)
	}
	a := w.call("GET", "/api/numbers/region/"+v.region.Id, leads, nil)
	if got := numbersOf(t, a.Body["numbers"]); got["in_grid"] != "16/21" || got["resolution"] != "5/10" || a.Body["month"] != "2026-10" {
		t.Errorf("of the village: %s", a)
	}
	if grids, _ := a.Body["grids"].([]any); len(grids) != 2 {
		t.Errorf("%s", a)
	}
	// Who works in one grid is shown the village and that grid.
	a = w.call("GET", "/api/numbers/region/"+v.region.Id, token, nil)
	if grids, _ := a.Body["grids"].([]any); len(grids) != 1 || grids[0].(row)["grid"] != v.grid.Id {
		t.Errorf("%s", a)
	}
	// In September nothing was done.
	if got := numbersOf(t, w.call("GET", "/api/numbers/"+v.grid.Id+"?month=2026-09", token, nil).Body["numbers"]); got["in_grid"] != "0/0" {
		t.Errorf("in September: %v", got)
	}
	grid, village := "/api/numbers/"+v.grid.Id, "/api/numbers/region/"+v.region.Id
	for _, c := range []struct {
		path, token string
		status      int
	}{
		{grid, "", 401}, {village, "", 401}, {grid, foreign, 404}, {village, foreign, 404},
		{"/api/numbers/aaaaaaaaaaaaaaa", token, 404}, {"/api/numbers/region/aaaaaaaaaaaaaaa", leads, 404},
		{grid + "?month=2026-11", token, 400}, {grid + "?month=x", token, 400}, {grid + "?month=2026-10", token, 200},
		{grid, w.admin(), 200}, {village, w.admin(), 200},
	} {
		if a := w.call("GET", c.path, c.token, nil); a.Status != c.status {
			t.Errorf("%s: %s, want %d", c.path, a, c.status)
		}
	}
	for _, role := range []string{"mediator", "resident_guest", "volunteer", "data_steward"} {
		_, token := w.officer(role, nil)
		if a := w.call("GET", village, token, nil); a.Status != 404 {
			t.Errorf("a %s: %s", role, a)
		}
	}
}

// What counts fewer than five is not shown.
func TestNumbersKeepBackWhatIsFew(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	w.closeMatters(v, 4, 0)
	if got := numbersOf(t, w.call("GET", "/api/numbers/region/"+v.region.Id, w.admin(), nil).Body["numbers"]); got["in_grid"] != "?/?" {
		t.Errorf("%v", got)
	}
	w.closeMatters(v, 10, 2)
	if got := numbersOf(t, w.call("GET", "/api/numbers/region/"+v.region.Id, w.admin(), nil).Body["numbers"]); got["in_grid"] != "?/14" {
		t.Errorf("%v", got)
	}
	late := w.closeMatters(v, 6, 0)
	for _, m := range late {
		if _, err := w.app.DB().NewQuery(`UPDATE matters SET breached = '["close","feedback"]' WHERE id = '` + m.Id + `'`).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if got := numbersOf(t, w.call("GET", "/api/numbers/region/"+v.region.Id, w.admin(), nil).Body["numbers"]); got["on_time"] != "14/20" {
		t.Errorf("%v", got)
	}
	// A matter that was opened again and is not closed does not count.
	for _, m := range late {
		w.now = october(20, 9)
		w.mustSet(m, row{"status": "reopened", "reason": "又坏了"})
	}
	w.now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	if got := numbersOf(t, w.call("GET", "/api/numbers/region/"+v.region.Id, w.admin(), nil).Body["numbers"]); got["on_time"] != "14/14" {
		t.Errorf("%v", got)
	}
}

func TestCareOnTime(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	for i := range 12 {
		h := w.newHome(v)
		w.mustSet(h.carePlan, row{"captured_at": "2026-09-01 01:00:00.000Z", "cadence_days": 30})
		day := "2026-09-20"
		w.save("visits", visitTo(h, day, nil))
		if i < 5 {
			day = "2026-10-15"
			w.save("visits", visitTo(h, day, row{"mode": "phone", "result": "phone_ok"}))
		} else if i < 8 {
			w.save("visits", visitTo(h, "2026-10-25", nil)) // a few days late
		}
	}
	// The plan of newVillage was made in November, after the month.
	if got := numbersOf(t, w.call("GET", "/api/numbers/"+v.grid.Id, w.admin(), nil).Body["numbers"]); got["care_on_time"] != "5/12" {
		t.Errorf("%v", got)
	}
}

func TestEffortIsOfManyOrNotShown(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	foreign := w.newVillage("990101103299", 124.50, 28.50)
	var tokens []string
	for range 12 {
		officer, token := w.officer("grid_officer", nil)
		w.assign(officer, v.grid)
		tokens = append(tokens, token)
	}
	send := func(token, grid, kind string, taps, seconds, asked, known int) answer {
		return w.call("POST", "/api/effort", token, row{"samples": []row{{"grid": grid, "kind": kind, "taps": taps, "seconds": seconds, "asked": asked, "known": known}}})
	}
	for i, token := range tokens {
		if a := send(token, v.grid.Id, "visit", 3+i%2, 10+i, 4, 1); a.Status != http.StatusNoContent {
			t.Fatalf("%s", a)
		}
	}
	for range 20 { // one officer often is one officer
		send(tokens[0], v.grid.Id, "errand", 4, 30, 5, 0)
	}
	w.now = w.now.AddDate(0, 1, 0)
	a := w.call("GET", "/api/numbers/region/"+v.region.Id+"?month=2026-11", tokens[0], nil)
	want := `"effort":{"errand":{"records":null,"taps":null,"seconds":null,"asked":null,"known":null,"suppressed":true},` +
		`"visit":{"records":12,"taps":3,"seconds":15,"asked":48,"known":12,"suppressed":false}}`
	if !strings.Contains(string(a.Raw), want) {
		t.Errorf("%s\nwant %s", a, want)
	}
	for name, a := range map[string]answer{
		"not his grid": send(tokens[0], foreign.grid.Id, "visit", 1, 1, 1, 1), "no kind": send(tokens[0], v.grid.Id, "", 1, 1, 1, 1),
		"more known than asked": send(tokens[0], v.grid.Id, "visit", 1, 1, 1, 2), "negative": send(tokens[0], v.grid.Id, "visit", -1, 1, 1, 1),
		"a night": send(tokens[0], v.grid.Id, "visit", 1, 36000, 1, 1), "no sign-in": send("", v.grid.Id, "visit", 1, 1, 1, 1),
		"no JSON": w.call("POST", "/api/effort", tokens[0], "{"),
	} {
		if a.Status < 400 || a.Status >= 500 {
			t.Errorf("%s: %s", name, a)
		}
	}
	// Nothing of an officer is kept, nor when it was.
	for _, table := range []string{"_effort", "_effort_reporters"} {
		columns, err := w.app.TableColumns(table)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range columns {
			if !strings.Contains(" region month kind measure value count reporters ", " "+column+" ") {
				t.Errorf("%s keeps %s", table, column)
			}
		}
	}
}
