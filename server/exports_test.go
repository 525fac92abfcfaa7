package server

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gridwalk/keep"
	hooks "gridwalk/pb_hooks"
)

// A small export is ready at once, marked, fetched by who asked and by nobody
// else, counted, and gone after a week.
func TestSmallExport(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	w.save("residents", row{"household": p.household.Id, "name": `=HYPERLINK("x")`, "phone": "13800000001", "life_status": "living"})
	_, desk := w.officer("village_admin", row{"region": p.region.Id})
	elsewhere := w.newVillage("990202103201", 124.20, 28.20)
	_, other := w.officer("village_admin", row{"region": elsewhere.region.Id})
	_, steward := w.officer("data_steward", nil)
	ask := row{"purpose": "核对户籍", "collection": "residents", "grid": p.grid.Id}
	for _, refused := range []row{{"collection": "residents"}, {"purpose": "x", "collection": "officers"}, {"purpose": "x", "collection": "_superusers"},
		{"purpose": "x", "collection": "track_batches", "columns": []string{"track"}}, {"purpose": "x", "collection": "residents", "columns": []string{"nothing"}},
		{"purpose": "x", "collection": "residents", "limit": 1}, {"purpose": "x", "collection": "evidence", "columns": []string{"file"}}} {
		if a := w.call("POST", "/api/exports", desk, refused); a.Status != 400 {
			t.Errorf("%v: %s", refused, a)
		}
	}
	if a := w.call("POST", "/api/exports", p.token, ask); a.Status != 403 {
		t.Errorf("an officer exports: %s", a)
	}
	if a := w.call("POST", "/api/exports", steward, ask); a.Status != 403 {
		t.Errorf("who approves exports: %s", a)
	}
	if a := w.call("POST", "/api/exports", other, ask); a.Body["rows"] != 0.0 {
		t.Errorf("another village exports: %s", a)
	}
	a := w.call("POST", "/api/exports", desk, row{"purpose": "核对户籍", "collection": "residents"})
	if a.Status != 200 || a.Body["status"] != "ready" || a.Body["rows"] != 2.0 {
		t.Fatal(a)
	}
	id := a.Body["id"].(string)
	path := "/api/exports/" + id + "/file"
	for name, token := range map[string]string{"an officer": p.token, "another village": other, "a steward": steward, "a superuser": w.admin()} {
		if a := w.call("GET", path, token, nil); a.Status == 200 {
			t.Errorf("%s fetched it", name)
		}
	}
	direct := "/api/files/exports/" + id + "/" + a.Body["file"].(string)
	if a := w.call("POST", "/api/files/token", w.admin(), nil); w.call("GET", direct+"?token="+fmt.Sprint(a.Body["token"]), "", nil).Status == 200 {
		t.Error("the file leaves by another door")
	}
	file := string(w.call("GET", path, desk, nil).Raw)
	for _, want := range []string{"\ufeff", "核对户籍", id + "-1", id + "-2", "'=HYPERLINK", keep.MarkColumn} {
		if !strings.Contains(file, want) {
			t.Errorf("the file has no %q: %s", want, file)
		}
	}
	if strings.Contains(file, "13800000001") {
		t.Error("a telephone number that nobody approved is in the file")
	}
	if n := w.read("exports", id).GetInt("downloads"); n != 1 {
		t.Errorf("%d downloads", n)
	}
	w.now = w.now.Add(keep.ExportLife + time.Minute)
	if a := w.call("GET", path, desk, nil); a.Status != 404 {
		t.Errorf("after its time: %s", a)
	}
	w.run("gridwalk_exports")
	r := w.read("exports", id)
	left, err := filepath.Glob(filepath.Join(w.app.DataDir(), "storage", r.BaseFilesPath(), "*"))
	if err != nil || len(left) > 0 || r.GetString("status") != "expired" {
		t.Errorf("%s, left %v (%v)", r.GetString("status"), left, err)
	}
}

// What is large, sensitive or asked for in parts needs a second person.
func TestLargeExportNeedsASecondPerson(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	desk := w.admin()
	_, second := w.officer("data_steward", nil)
	a := w.call("POST", "/api/exports", desk, row{"purpose": "x", "collection": "residents", "columns": []string{"name", "phone"}})
	if a.Status != 200 || a.Body["status"] != "asked" || a.Body["file"] != "" {
		t.Fatalf("sensitive: %s", a)
	}
	path := "/api/exports/" + a.Body["id"].(string)
	if a := w.call("GET", path+"/file", desk, nil); a.Status != 404 {
		t.Errorf("before it is approved: %s", a)
	}
	if a := w.call("POST", path+"/approve", desk, nil); a.Status != 400 || !strings.Contains(string(a.Raw), "same_person") {
		t.Errorf("who asked approves: %s", a)
	}
	if a := w.call("POST", path+"/approve", p.token, nil); a.Status != 403 {
		t.Errorf("an officer approves: %s", a)
	}
	if a := w.call("POST", path+"/approve", second, nil); a.Status != 200 || a.Body["status"] != "ready" {
		t.Errorf("the second: %s", a)
	}
	if a := w.call("POST", path+"/refuse", second, nil); a.Status != 400 {
		t.Errorf("twice: %s", a)
	}
	if a := w.call("GET", path+"/file", desk, nil); a.Status != 200 {
		t.Errorf("approved: %s", a)
	}
	for range 255 {
		w.save("visits", row{"household": p.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok"})
	}
	ask := row{"purpose": "x", "collection": "visits", "columns": []string{"purpose"}}
	want := []string{"ready", "asked", "asked"}
	for i := range want {
		if a := w.call("POST", "/api/exports", desk, ask); a.Body["status"] != want[i] {
			t.Errorf("part %d: %s", i, a)
		}
	}
	w.now = w.now.Add(25 * time.Hour)
	if a := w.call("POST", "/api/exports", desk, ask); a.Body["status"] != "ready" {
		t.Errorf("the next day: %s", a)
	}
}

// An export that holds a resident who is forgotten goes with him.
func TestForgottenIsInNoExport(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	a := w.call("POST", "/api/exports", w.admin(), row{"purpose": "x", "collection": "residents"})
	if a.Body["status"] != "ready" {
		t.Fatal(a)
	}
	if _, err := hooks.Forget(w.app, redacted, p.resident.Id, "asked for", "", w.now); err != nil {
		t.Fatal(err)
	}
	if got := w.read("exports", a.Body["id"].(string)); got.GetString("status") != "expired" || got.GetString("file") != "" {
		t.Errorf("%v", got.PublicExport())
	}
}
