package server

import "testing"

// The office's routes serve superusers and nobody else, and a preview of a
// boundary reads it as saving does and changes nothing.
func TestOffice(t *testing.T) {
	w := newWorld(t)
	grid := w.newVillage("990101103201", 124.1, 28.1).grid
	drawn := len(w.call("GET", "/api/office/grids/"+grid.Id+"/boundary", w.admin(), nil).Body["places"].([]any))
	w.save("buildings", row{"name": "1栋", "kind": "apartment", "grid": grid.Id, "point": row{"lon": 124.101, "lat": 28.101}})
	w.save("buildings", row{"name": "2栋", "kind": "apartment", "grid": grid.Id, "point": row{"lon": 124.109, "lat": 28.109}})
	path := "/api/office/grids/" + grid.Id + "/boundary"
	_, officer := w.officer("county_admin", nil)
	for _, ask := range [][2]string{{"GET", "/api/office/overview"}, {"GET", path}, {"POST", path}} {
		if a := w.call(ask[0], ask[1], officer, nil); a.Status != 403 {
			t.Errorf("%v as an officer: %s", ask, a)
		}
	}
	if a := w.call("GET", "/api/office/overview", w.admin(), nil); a.Status != 200 || a.Body["matters_open"] != 0.0 || a.Body["devices"] == nil {
		t.Errorf("overview: %s", a)
	}
	if a := w.call("GET", path, w.admin(), nil); a.Status != 200 || len(a.Body["places"].([]any)) != drawn+2 {
		t.Errorf("places: %s", a)
	}
	half := w.call("POST", path, w.admin(), row{"boundary": square(124.1, 28.1, 0.005)})
	if half.Status != 200 || half.Body["leave"] != 1.0 || half.Body["enter"] != 0.0 {
		t.Errorf("half of it: %s", half)
	}
	if before, after := half.Body["area_before_m2"].(float64), half.Body["area_m2"].(float64); before < 3.9*after || before > 4.1*after {
		t.Errorf("areas %v and %v", before, after)
	}
	if version := w.again(grid).GetInt("boundary_version"); version != grid.GetInt("boundary_version") {
		t.Errorf("a preview made version %d", version)
	}
	bowtie := row{"type": "Polygon", "coordinates": [][][2]float64{{{124.1, 28.1}, {124.2, 28.2}, {124.2, 28.1}, {124.1, 28.2}, {124.1, 28.1}}}}
	for _, bad := range []any{row{"boundary": bowtie}, row{"boundary": "x"}, row{}, "{"} {
		if a := w.call("POST", path, w.admin(), bad); a.Status != 400 {
			t.Errorf("%v: %s", bad, a)
		}
	}
	if a := w.call("POST", "/api/office/grids/nothing/boundary", w.admin(), row{"boundary": bowtie}); a.Status != 404 {
		t.Errorf("no grid: %s", a)
	}
}
