package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"gridwalk/demo"
	"gridwalk/maps"
)

// mapAnswer is what came over the wire, as it came.
type mapAnswer struct {
	Status int
	Header http.Header
	Wire   []byte
	Map    maps.PhoneMap
}

func (p *phone) getMap(grid string, headers map[string]string) mapAnswer {
	p.w.t.Helper()
	request, err := http.NewRequest("GET", p.w.url+"/api/map/"+grid, nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	request.Header.Set("Authorization", p.token)
	request.Header.Set("X-Gridwalk-Device", p.device)
	request.Header.Set("Accept-Encoding", "identity")
	for k, v := range headers {
		request.Header.Set(k, v)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer response.Body.Close()
	a := mapAnswer{Status: response.StatusCode, Header: response.Header}
	if a.Wire, err = io.ReadAll(response.Body); err != nil {
		p.w.t.Fatal(err)
	}
	plain := a.Wire
	if a.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(bytes.NewReader(a.Wire))
		if err != nil {
			p.w.t.Fatal(err)
		}
		if plain, err = io.ReadAll(r); err != nil {
			p.w.t.Fatal(err)
		}
	}
	if a.Status == 200 {
		if err := json.Unmarshal(plain, &a.Map); err != nil {
			p.w.t.Fatalf("%v: %s", err, plain)
		}
	}
	return a
}

// The map of a grid of 500 households is at most 80 KB, unpacked.
func TestTheMapIsSmall(t *testing.T) {
	w := newWorld(t)
	spec := demo.Spec{Name: "tiny", Towns: 1, Villages: 1, Grids: 1, Households: 500, Residents: 1300, Care: 90, CheckIns: 10, Visits: 10, Spacing: 600}
	if err := demo.Load(w.app, spec, 1, w.now, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	officer, err := w.app.FindFirstRecordByData("officers", "role", "grid_officer")
	if err != nil {
		t.Fatal(err)
	}
	token, err := officer.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	grid, err := w.app.FindFirstRecordByFilter("grids", "grid_code ~ {:code}", dbx.Params{"code": "990101%"})
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(w, officer, token)
	plain, packed := p.getMap(grid.Id, nil), p.getMap(grid.Id, map[string]string{"Accept-Encoding": "gzip"})
	homes := 0
	for _, n := range plain.Map.Buildings.Homes {
		homes += n
	}
	t.Logf("%d buildings, %d homes, %d with care: %d bytes, %d packed", len(plain.Map.Buildings.ID), homes, len(plain.Map.Buildings.Care), len(plain.Wire), len(packed.Wire))
	if homes != 500 || len(plain.Map.Buildings.Care) == 0 || len(plain.Map.Buildings.Place) == 0 {
		t.Errorf("%s", plain.Wire)
	}
	if len(plain.Wire) > 80_000 || len(packed.Wire) > 80_000/2 || packed.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%d bytes, %d packed", len(plain.Wire), len(packed.Wire))
	}
}

// A phone asks with the tag of what it has, and gets nothing until something
// changed.
func TestTheMapIsCachedByItsTag(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	building, grid := p.building, p.grid
	building.Set("point", row{"lon": 124.0012, "lat": 28.0013})
	if err := w.app.Save(building); err != nil {
		t.Fatal(err)
	}
	ph := newPhone(w, p.officer, p.token)
	first := ph.getMap(grid.Id, nil)
	tag := first.Header.Get("ETag")
	if first.Status != 200 || !strings.HasPrefix(tag, `"`) || first.Header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(first.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("%d %v", first.Status, first.Header)
	}
	if b := first.Map.Buildings; len(b.ID) != 1 || b.Homes[0] != 1 || len(b.Care) != 1 || b.Place[0]+first.Map.Origin[0] != 124_001_200 {
		t.Errorf("%s", first.Wire)
	}
	for _, list := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if a := ph.getMap(grid.Id, map[string]string{"If-None-Match": list}); a.Status != 304 || len(a.Wire) != 0 || a.Header.Get("ETag") != tag {
			t.Errorf("%s: %d %s", list, a.Status, a.Wire)
		}
	}
	zipped := ph.getMap(grid.Id, map[string]string{"Accept-Encoding": "gzip", "If-None-Match": tag})
	if zipped.Status != 200 || zipped.Header.Get("ETag") == tag || zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("other bytes have another tag: %d %v", zipped.Status, zipped.Header)
	}
	building.Set("name", "2栋")
	if err := w.app.Save(building); err != nil {
		t.Fatal(err)
	}
	if a := ph.getMap(grid.Id, map[string]string{"If-None-Match": tag}); a.Status != 200 || a.Header.Get("ETag") == tag || a.Map.Buildings.Name[0] != "2栋" {
		t.Errorf("%d %s", a.Status, a.Wire)
	}
}

// Whoever does not work in a grid learns nothing of it, not even that it is
// there; the map names no resident.
func TestTheMapIsForThoseWhoWorkThere(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	grid := p.grid
	other := w.newVillage("990102103201", 125, 28)
	ph := newPhone(w, p.officer, p.token)
	if a := ph.getMap(grid.Id, nil); a.Status != 200 || strings.Contains(string(a.Wire), "张三") || strings.Contains(string(a.Wire), "101室") {
		t.Errorf("%d %s", a.Status, a.Wire)
	}
	hidden, missing := ph.getMap(other.grid.Id, nil), ph.getMap("nosuchgrid00000", nil)
	if hidden.Status != 403 || string(hidden.Wire) != string(missing.Wire) || !strings.Contains(string(hidden.Wire), "out_of_scope") {
		t.Errorf("%d %s, %d %s", hidden.Status, hidden.Wire, missing.Status, missing.Wire)
	}
	for _, role := range []string{"dept_handler", "mediator", "data_steward", "volunteer", "resident_guest"} {
		officer, token := w.officer(role, row{"region": p.region.Id})
		w.assign(officer, grid)
		if a := newPhone(w, officer, token).getMap(grid.Id, nil); a.Status != 403 {
			t.Errorf("%s: %d %s", role, a.Status, a.Wire)
		}
	}
	for name, headers := range map[string]map[string]string{
		"nobody":           {"Authorization": ""},
		"an admin's token": {"Authorization": w.admin()},
		"no device":        {"X-Gridwalk-Device": ""},
	} {
		if a := ph.getMap(grid.Id, headers); a.Status != 401 && a.Status != 403 {
			t.Errorf("%s: %d %s", name, a.Status, a.Wire)
		}
	}
	assignment, err := w.app.FindFirstRecordByData("grid_assignments", "user", p.officer.Id)
	if err != nil {
		t.Fatal(err)
	}
	assignment.Set("to_date", "2026-01-02 00:00:00.000Z")
	if err := w.app.Save(assignment); err != nil {
		t.Fatal(err)
	}
	if a := ph.getMap(grid.Id, nil); a.Status != 403 {
		t.Errorf("after he left: %d", a.Status)
	}
}
