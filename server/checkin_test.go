package server

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// patch is a village with an officer who works in its grid, 124.10 to 124.11 E
// and 28.10 to 28.11 N.
type patch struct {
	village
	officer *core.Record
	token   string
}

func newPatch(w *world) patch {
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	return patch{v, officer, token}
}

// checkIn posts a check-in at the middle of the patch, changed by values; a nil
// value leaves the field out.
func (p patch) checkIn(w *world, values row) answer {
	body := row{"officer": p.officer.Id, "target_type": "point", "datum": "wgs84", "loc_src": "gps",
		"lat": 28.105, "lng": 124.105, "acc_m": 10}
	for k, v := range values {
		body[k] = v
		if v == nil {
			delete(body, k)
		}
	}
	return w.call("POST", records("check_ins"), p.token, body)
}

// degrees north for so many metres.
func north(m float64) float64 { return m / 110850 }

// The verdict of domain.md §2.5, through the API that phones use.
func TestCheckInVerdicts(t *testing.T) {
	edge := 28.11
	cases := []struct {
		name   string
		values row
		want   string
		reason string
	}{
		{"in the middle of the grid is inside", row{}, "inside", ""},
		{"12 m outside with 20 m is near the edge", row{"lat": edge + north(12), "acc_m": 20}, "near_edge", ""},
		{"400 m outside with 20 m is outside", row{"lat": edge + north(400), "acc_m": 20}, "outside", ""},
		{"100 m outside with 90 m is uncertain", row{"lat": edge + north(100), "acc_m": 90}, "uncertain", ""},
		{"3 km coarse is uncertain wherever it is", row{"acc_m": 3000}, "uncertain", "coarse_fix"},
		{"a place without an accuracy is judged, and says so", row{"acc_m": nil}, "inside", "accuracy_unknown"},
		{"an accuracy of zero is impossible", row{"acc_m": 0}, "uncertain", "bad_accuracy"},
		{"a negative accuracy is impossible", row{"acc_m": -5}, "uncertain", "bad_accuracy"},
		{"a place ten minutes old is stale", row{"fix_age_s": 600}, "uncertain", "stale_fix"},
		{"a place measured long before the check-in is stale", row{"captured_at": "2026-11-23 01:00:00.000Z", "fix_at": "2026-11-23 00:50:00.000Z"}, "uncertain", "stale_fix"},
		{"latitude 91 is no fix", row{"lat": 91}, "no_fix", "latitude_out_of_range"},
		{"longitude 181 is no fix", row{"lng": 181}, "no_fix", "longitude_out_of_range"},
		{"null island is no fix", row{"lat": 0, "lng": 0}, "no_fix", "null_island"},
		{"not a number is no fix", row{"lat": "NaN"}, "no_fix", "not_a_number"},
		{"infinity is no fix", row{"lng": "1e999"}, "no_fix", "not_a_number"},
		{"half a place is no fix", row{"lng": nil}, "no_fix", "incomplete_fix"},
		{"no place is no fix", row{"lat": nil, "lng": nil, "acc_m": nil, "loc_src": "none"}, "no_fix", ""},
		{"a scanned door plate needs no place", row{"lat": nil, "lng": nil, "loc_src": "qr"}, "qr_confirmed", ""},
		{"a simulated place is judged, and says so", row{"mock": true}, "inside", "mock_location"},
		{"numbers as text are numbers", row{"lat": "28.105", "lng": "124.105", "acc_m": "10"}, "inside", ""},
		{"the officer and the grid may be left out", row{"officer": nil}, "inside", ""},
	}
	w := newWorld(t)
	p := newPatch(w)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := p.checkIn(w, c.values)
			if a.Status != 200 || a.Body["verdict_server"] != c.want {
				t.Fatalf("verdict is not %s: %s", c.want, a)
			}
			reasons, _ := a.Body["reasons"].([]any)
			if c.reason != "" && !slices.Contains(reasons, any(c.reason)) {
				t.Errorf("reasons %v lack %s", reasons, c.reason)
			}
			if a.Body["grid"] != p.grid.Id {
				t.Errorf("grid is %v", a.Body["grid"])
			}
		})
	}
}

// What is malformed is refused with the field named; where it was is never the
// cause.
func TestCheckInRefusesWhatIsNoCheckIn(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	for _, c := range []struct {
		name, field string
		values      row
	}{
		{"a word for a latitude", "lat", row{"lat": "north"}},
		{"a list for a longitude", "lng", row{"lng": []int{1}}},
		{"a flag for an accuracy", "acc_m", row{"acc_m": true}},
		{"no datum", "datum", row{"datum": nil}},
		{"an unknown datum", "datum", row{"datum": "mars"}},
		{"no kind of place", "target_type", row{"target_type": nil}},
		{"an unknown source", "loc_src", row{"loc_src": "dream"}},
		{"a patrol that is not there", "patrol", row{"patrol": "aaaaaaaaaaaaaaa"}},
		{"a note of 301 characters", "note", row{"note": string(make([]rune, 301))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := p.checkIn(w, c.values)
			data, _ := a.Body["data"].(map[string]any)
			if a.Status != 400 || data[c.field] == nil {
				t.Errorf("want 400 about %s, got %s", c.field, a)
			}
		})
	}
	for _, body := range []string{"", "{", "[]", `{"lat":`, `"text"`, "null"} {
		if a := w.call("POST", records("check_ins"), p.token, body); a.Status != 400 {
			t.Errorf("body %q: %s", body, a)
		}
	}
}

func TestCheckInDistanceIsNegativeInside(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	for _, c := range []struct{ lat, want float64 }{{28.11 + north(400), 400}, {28.11 - north(300), -300}} {
		a := p.checkIn(w, row{"lat": c.lat})
		if got := a.Body["distance_m"].(float64); math.Abs(got-c.want) > 2 {
			t.Errorf("distance at %f is %f, want about %f", c.lat, got, c.want)
		}
	}
}

// A place in GCJ-02 or BD-09 is stored in WGS-84, and kept as sent in raw.
func TestCheckInConvertsDatums(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	place := orb.Point{124.105, 28.105}
	for _, datum := range []geo.Datum{geo.GCJ02, geo.BD09, geo.CGCS2000} {
		sent := datum.FromWGS84(place)
		a := p.checkIn(w, row{"datum": string(datum), "lat": sent.Lat(), "lng": sent.Lon()})
		if d := geo.Haversine(place, orb.Point{a.Body["lng"].(float64), a.Body["lat"].(float64)}); d > 0.05 {
			t.Errorf("%s: stored %f m off: %s", datum, d, a)
		}
		raw := a.Body["raw"].(map[string]any)
		if raw["lat"] != sent.Lat() || raw["datum"] != string(datum) || a.Body["datum"] != string(datum) {
			t.Errorf("%s: raw is %v", datum, raw)
		}
	}
}

// A client cannot write its own verdict, nor check in for somebody else.
func TestCheckInServerFieldsAreTheServers(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	a := p.checkIn(w, row{"lat": 29.0, "verdict_server": "inside", "distance_m": -5, "raw": row{"lat": 28.105}, "verdict_client": "inside", "created_by": "aaaaaaaaaaaaaaa", "rev": 99})
	if a.Body["verdict_server"] != "outside" || a.Body["verdict_client"] != "inside" || a.Body["distance_m"].(float64) < 1000 ||
		a.Body["created_by"] != p.officer.Id || a.Body["rev"] != 1.0 {
		t.Errorf("a client's words were believed: %s", a)
	}
	other, _ := w.officer("grid_officer", nil)
	w.assign(other, p.grid)
	if a := p.checkIn(w, row{"officer": other.Id}); a.Status == 200 {
		t.Errorf("checked in for somebody else: %s", a)
	}
}

// 40 m/s is faster than any officer; a QR code says nothing about speed.
func TestCheckInNamesImpossibleSpeed(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	at := func(minute string, lat float64) answer {
		return p.checkIn(w, row{"captured_at": "2026-11-23 01:" + minute + ":00.000Z", "lat": lat})
	}
	at("00", 28.105)
	if a := at("10", 28.105+north(3000)); slices.Contains(a.Body["reasons"].([]any), any("impossible_speed")) {
		t.Errorf("3 km in ten minutes: %s", a)
	}
	if a := at("11", 28.105+north(13000)); !slices.Contains(a.Body["reasons"].([]any), any("impossible_speed")) {
		t.Errorf("10 km in a minute: %s", a)
	}
}

// The boundary of a grid and who is assigned take effect with the next
// check-in.
func TestCheckInFollowsTheMap(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	if a := p.checkIn(w, row{}); a.Body["verdict_server"] != "inside" || a.Body["boundary_version"] != 1.0 {
		t.Fatal(a)
	}
	p.grid.Set("boundary", square(124.30, 28.30, 0.01))
	if err := w.app.Save(p.grid); err != nil {
		t.Fatal(err)
	}
	if a := p.checkIn(w, row{}); a.Body["verdict_server"] != "outside" || a.Body["boundary_version"] != 2.0 || a.Body["grid_found"] != "" {
		t.Errorf("after the grid moved: %s", a)
	}
}

// After many grids were saved at once the map is drawn anew while check-ins go
// on, which are judged by the old one for a moment.
func TestCheckInFollowsManyChangesOfTheMap(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	if a := p.checkIn(w, row{}); a.Body["verdict_server"] != "inside" {
		t.Fatal(a)
	}
	for i := range 40 {
		w.save("grids", row{"grid_code": fmt.Sprintf("990101103201%03d", 500+i), "name_zh": "新网格", "kind": "basic", "level": "compound",
			"region": p.region.Id, "active": true, "boundary": square(124.5+float64(i)*0.02, 28.5, 0.01)})
	}
	p.grid.Set("boundary", square(124.30, 28.30, 0.01))
	if err := w.app.Save(p.grid); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		a := p.checkIn(w, row{})
		if a.Body["verdict_server"] == "outside" && a.Body["boundary_version"] == 2.0 && a.Body["grid_found"] == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after 41 changes: %s", a)
		}
	}
}

// Without an assignment the smallest grid that contains the place counts, and
// the answer says so.
func TestCheckInWithoutAssignment(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	newcomer, token := w.officer("grid_officer", nil)
	p.officer, p.token = newcomer, token
	a := p.checkIn(w, row{})
	if a.Status != 200 || a.Body["verdict_server"] != "inside" || !slices.Contains(a.Body["reasons"].([]any), any("no_assigned_grid")) {
		t.Errorf("%s", a)
	}
	if a := p.checkIn(w, row{"lat": 20.0}); a.Status != 200 || a.Body["verdict_server"] != "uncertain" {
		t.Errorf("%s", a)
	}
}
