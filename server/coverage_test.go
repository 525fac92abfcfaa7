package server

import (
	"fmt"
	"testing"

	"gridwalk/geo"
)

// What counts as coming near, by whichever way it is known; and that it is
// known by the day only.
func TestWhatCountsAsNear(t *testing.T) {
	checkIn := func(values row) func(*world, walk) {
		return func(w *world, k walk) {
			set := row{"target_type": "point", "datum": "wgs84", "loc_src": "gps", "lat": 28.105, "lng": 124.105, "acc_m": 10, "captured_at": "2026-11-22 17:00:00.000Z"}
			for field, value := range values {
				set[field] = value
			}
			if set["target_type"] != "point" {
				set["target"] = k.building.Id
				if set["target_type"] == "household" {
					set["target"] = k.household.Id
				}
			}
			if result := k.phone.one("create", "check_ins", newID(), 0, set); result.Status != "applied" {
				w.t.Fatalf("%+v", result)
			}
		}
	}
	visit := func(mode, result, at string) func(*world, walk) {
		return func(w *world, k walk) {
			if result := k.phone.one("create", "visits", newID(), 0, row{"household": k.household.Id, "purpose": "routine", "mode": mode, "result": result, "captured_at": at}); result.Status != "applied" {
				w.t.Fatalf("%+v", result)
			}
		}
	}
	track := func(points ...geo.TrackPoint) func(*world, walk) {
		return func(w *world, k walk) { k.send(w, points...) }
	}
	mock := t0(10, 0, 0)
	mock.Marks = geo.MarkMock
	for _, c := range []struct {
		name string
		do   func(*world, walk)
		want string
	}{
		{"a point of a patrol 40 m away", track(t0(10, 40, 0)), "2026-11-23"},
		{"a point of a patrol 60 m away does not", track(t0(10, 60, 0)), ""},
		{"a jump does not", track(t0(10, 4000, 0), t0(10.1, 0, 0)), ""},
		{"a made-up point does not", track(mock), ""},
		{"a check-in, on the day in China", checkIn(nil), "2026-11-23"},
		{"a check-in 400 m away does not", checkIn(row{"lat": 28.105 + north(400)}), ""},
		{"a coarse check-in does not", checkIn(row{"acc_m": 140}), ""},
		{"a simulated check-in does not", checkIn(row{"mock": true}), ""},
		{"a check-in at the building without a place", checkIn(row{"target_type": "building", "lat": nil, "lng": nil, "loc_src": "none"}), "2026-11-23"},
		{"a check-in at the home by its door plate", checkIn(row{"target_type": "household", "lat": nil, "lng": nil, "loc_src": "qr"}), "2026-11-23"},
		{"a check-in at the building from outside of the grid does not", checkIn(row{"target_type": "building", "lat": 28.2}), ""},
		{"a visit at the door", visit("door", "met_ok", "2026-11-20 02:00:00.000Z"), "2026-11-20"},
		{"a visit that found nobody", visit("door", "not_home", "2026-11-20 02:00:00.000Z"), "2026-11-20"},
		{"a visit by telephone does not", visit("phone", "phone_ok", "2026-11-20 02:00:00.000Z"), ""},
		{"a visit that is yet to come does not", visit("door", "met_ok", "2027-11-20 02:00:00.000Z"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			k := newWalk(w)
			c.do(w, k)
			if got := w.lastNear(k.near); got != c.want {
				t.Errorf("last near %q, want %q", got, c.want)
			}
			if got := w.lastNear(k.north); got != "" {
				t.Errorf("the other house was passed, too: %q", got)
			}
		})
	}
}

// What comes late does not take a later day back.
func TestCoverageOnlyMovesForward(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, day := range []string{"2026-11-20", "2026-11-10", "2026-11-20"} {
		k.phone.one("create", "visits", newID(), 0, row{"household": k.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok", "captured_at": day + " 02:00:00.000Z"})
		if got := w.lastNear(k.near); got != "2026-11-20" {
			t.Errorf("after a visit of %s: %s", day, got)
		}
	}
}

func TestCoverageOfAGridAndItsVillage(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	stranger, foreign := w.officer("grid_officer", nil)
	w.assign(stranger, w.newVillage("990101103299", 124.50, 28.50).grid)
	lead, leads := w.officer("village_admin", row{"region": k.region.Id})
	_ = lead
	path, village := "/api/coverage/"+k.grid.Id, "/api/coverage/region/"+k.region.Id
	k.send(w, t0(10, 0, 0))

	a := w.call("GET", path, k.phone.token, nil)
	want := fmt.Sprintf(`{"grid":"%s","days":30,"since":"2026-10-25","places":{"total":2,"near":1,"share":0.5},"care":{"total":1,"near":1,"share":1},"hazard":{"total":1,"near":0,"share":0},`+
		`"neglected":[{"place":"%s","name":"2栋","last_near":"","care":false,"hazard":true}],"more":false}`, k.grid.Id, k.north.Id)
	if a.Status != 200 || string(a.Raw) != want+"\n" {
		t.Errorf("%s\nwant %s", a, want)
	}
	a = w.call("GET", village, leads, nil)
	shares := `"places":{"total":2,"near":1,"share":0.5},"care":{"total":1,"near":1,"share":1},"hazard":{"total":1,"near":0,"share":0}`
	want = fmt.Sprintf(`{"region":"%s","days":30,"since":"2026-10-25",%s,"grids":[{"grid":"%s","name":"%s",%s}]}`, k.region.Id, shares, k.grid.Id, k.grid.GetString("name_zh"), shares)
	if a.Status != 200 || string(a.Raw) != want+"\n" {
		t.Errorf("%s\nwant %s", a, want)
	}

	w.now = w.now.AddDate(0, 0, 10)
	for days, near := range map[int]float64{10: 0, 11: 1, 366: 1} {
		a := w.call("GET", fmt.Sprintf("%s?days=%d", path, days), k.phone.token, nil)
		if places, _ := a.Body["places"].(map[string]any); places["near"] != near {
			t.Errorf("within %d days: %s", days, a)
		}
	}
	for _, c := range []struct {
		path, token string
		status      int
	}{
		{path, "", 401}, {village, "", 401},
		{path, foreign, 404}, {"/api/coverage/aaaaaaaaaaaaaaa", k.phone.token, 404}, {"/api/coverage/region/aaaaaaaaaaaaaaa", leads, 404},
		{path + "?days=0", k.phone.token, 400}, {path + "?days=x", k.phone.token, 400}, {path + "?days=367", k.phone.token, 400},
		{path, leads, 200}, {path, w.admin(), 200}, {village, w.admin(), 200},
	} {
		if a := w.call("GET", c.path, c.token, nil); a.Status != c.status {
			t.Errorf("%s: %s, want %d", c.path, a, c.status)
		}
	}
	// Who does not work in a grid of the village learns nothing of it.
	if a := w.call("GET", village, foreign, nil); a.Status != 200 || a.Body["places"].(map[string]any)["total"] != 0.0 {
		t.Errorf("%s", a)
	}
	for _, role := range []string{"mediator", "resident_guest", "volunteer"} {
		_, token := w.officer(role, nil)
		if a := w.call("GET", path, token, nil); a.Status != 404 {
			t.Errorf("a %s: %s", role, a)
		}
	}
}

// A house that is torn down takes its coverage along.
func TestCoverageGoesWithItsPlace(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.send(w, t0(10, 300, 0))
	if err := w.app.Delete(k.north); err != nil {
		t.Fatal(err)
	}
	if n, err := w.app.CountRecords("coverage"); err != nil || n != 0 {
		t.Errorf("%d left (%v)", n, err)
	}
}

// Nobody makes a house of somebody else's grid look cared for.
func TestOnlyWhoWorksThereNotesAHouse(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	foreign := w.newVillage("990101103299", 124.50, 28.50)
	foreign.building.Set("point", row{"lon": 124.505, "lat": 28.505})
	if err := w.app.Save(foreign.building); err != nil {
		t.Fatal(err)
	}
	for target, id := range map[string]string{"building": foreign.building.Id, "household": foreign.household.Id} {
		k.phone.one("create", "check_ins", newID(), 0, row{"target_type": target, "target": id, "datum": "wgs84", "loc_src": "none", "captured_at": "2026-11-22 17:00:00.000Z"})
		k.phone.one("create", "check_ins", newID(), 0, row{"grid": foreign.grid.Id, "target_type": target, "target": id, "datum": "wgs84", "loc_src": "none", "captured_at": "2026-11-22 17:00:00.000Z"})
		if got := w.lastNear(foreign.building); got != "" {
			t.Errorf("a stranger's check-in at a %s notes it: %s", target, got)
		}
	}
}

// A point of care is one on the map and in coverage alike: not of a plan that
// was taken back, nor of a home or a resident that is deleted.
func TestDeletedCareIsNotCoverage(t *testing.T) {
	for _, collection := range []string{"care_plans", "residents", "households"} {
		w := newWorld(t)
		k := newWalk(w)
		all, err := w.app.FindAllRecords(collection)
		if err != nil || len(all) == 0 {
			t.Fatalf("%d %s (%v)", len(all), collection, err)
		}
		for _, r := range all {
			r.Set("deleted_at", dawn)
			if err := w.app.Save(r); err != nil {
				t.Fatal(err)
			}
		}
		a := w.call("GET", "/api/coverage/"+k.grid.Id, k.phone.token, nil)
		if care, _ := a.Body["care"].(map[string]any); care["total"] != 0.0 {
			t.Errorf("%s deleted: %s", collection, a)
		}
	}
}
