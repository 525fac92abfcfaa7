package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	hooks "gridwalk/pb_hooks"
)

// anyRead finds every entry.
var anyRead = dbx.NewExp("1 = 1")

// reads are the entries of the read audit that a condition finds, after all that
// waits was written.
func reads(w *world, where dbx.Expression) int {
	w.t.Helper()
	dir := w.app.DataDir()
	w.stop()
	w.start(dir)
	n, err := w.app.CountRecords("read_audit", where)
	if err != nil {
		w.t.Fatal(err)
	}
	return int(n)
}

// Whoever looks at a resident is written down, by whichever door.
func TestReadsAreWrittenDown(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	v, id := team.village, team.village.resident.Id
	w.call("GET", records("residents")+"/"+id, team.a.token, nil)
	w.call("GET", records("residents")+"?perPage=5", team.a.token, nil)
	w.call("GET", records("care_plans")+"/"+v.carePlan.Id, team.a.token, nil)
	w.call("GET", records("households")+"/"+v.household.Id, w.admin(), nil)
	w.call("GET", records("residents")+"/"+id, team.stranger.token, nil) // who may not, sees nothing
	w.call("GET", records("buildings")+"/"+v.building.Id, team.a.token, nil)
	for _, c := range []struct {
		want  int
		where dbx.HashExp
	}{
		{3, dbx.HashExp{"resident": id, "reader": team.a.officer.Id, "role": "grid_officer"}},
		{1, dbx.HashExp{"resident": id, "how": "list"}},
		{1, dbx.HashExp{"collection": "care_plans", "how": "view"}},
		{1, dbx.HashExp{"household": v.household.Id, "reader_kind": "superuser"}},
		{0, dbx.HashExp{"reader": team.stranger.officer.Id}},
		{0, dbx.HashExp{"collection": "buildings"}},
	} {
		if got := reads(w, c.where); got != c.want {
			t.Errorf("%v is written down %d times, not %d", c.where, got, c.want)
		}
	}
	if a := w.call("PATCH", records("read_audit")+"/"+w.first("read_audit", "how", "view").Id, team.a.token, row{"reader": "x"}); a.Status < 400 {
		t.Errorf("an officer rewrites it: %s", a)
	}
}

// What was read on a phone without a signal is written down once, however often
// it comes, with the time at which it was read.
func TestReadsWithoutASignal(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	home, person := team.village.household.Id, team.village.resident.Id
	at := w.now.Add(-5 * time.Hour)
	said := func(id, collection, record string, at time.Time) row {
		return row{"id": id, "collection": collection, "record": record, "at": at.Format(time.RFC3339Nano)}
	}
	body := row{"reads": []row{
		said("aaaaaaaaaaaaaa1", "households", home, at), said("aaaaaaaaaaaaaa2", "residents", person, w.now.Add(time.Hour)),
		said("aaaaaaaaaaaaaa3", "residents", "gonegonegonegon", at),
	}}
	for range 2 {
		if a := team.a.post("reads", body); a.Status != 200 || a.Body["taken"] != 3.0 {
			t.Fatalf("told: %s", a)
		}
	}
	for _, wrong := range []row{said("A", "households", home, at), said("aaaaaaaaaaaaaa4", "grids", home, at), said("aaaaaaaaaaaaaa4", "households", "x' OR 1=1", at)} {
		if a := team.a.post("reads", row{"reads": []row{wrong}}); a.Status != 400 {
			t.Errorf("%v: %s", wrong, a)
		}
	}
	if n := reads(w, dbx.HashExp{"how": "offline", "reader": team.a.officer.Id}); n != 3 {
		t.Fatalf("%d are written down", n)
	}
	if read := w.first("read_audit", "household", home); !read.GetDateTime("at").Time().Equal(at) || read.GetString("device") == "" {
		t.Errorf("the home: %v", read.PublicExport())
	}
	if read := w.first("read_audit", "resident", person); !read.GetDateTime("at").Time().Equal(w.now) {
		t.Errorf("the future is now: %v", read.PublicExport())
	}
}

// Who reads of more than 60 people in an hour is asked why, once.
func TestTrawlingIsAsked(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	for i := range 70 {
		w.save("residents", row{"household": team.village.household.Id, "name": fmt.Sprint("演示", i), "life_status": "living"})
	}
	asked := func() int {
		reads(w, anyRead)
		n, err := w.app.CountRecords("steward_notices", dbx.HashExp{"kind": "many_residents", "reader": team.a.officer.Id})
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	w.call("GET", records("residents")+"?perPage=60", team.a.token, nil)
	w.call("GET", records("residents")+"?perPage=60", team.a.token, nil)
	if n := asked(); n != 0 {
		t.Errorf("60 people in an hour: asked %d times", n)
	}
	w.now = w.now.Add(time.Hour)
	w.call("GET", records("residents")+"?perPage=30", team.a.token, nil)
	if n := asked(); n != 0 {
		t.Errorf("30 in another hour: asked %d times", n)
	}
	w.call("GET", records("residents")+"?perPage=100", team.a.token, nil)
	w.call("GET", records("residents")+"?perPage=100", team.a.token, nil)
	if n := asked(); n != 1 {
		t.Errorf("71 in an hour: asked %d times", n)
	}
	_, token := w.officer("data_steward", nil)
	notice := w.first("steward_notices", "kind", "many_residents")
	if a := w.call("PATCH", records("steward_notices")+"/"+notice.Id, token, row{"status": "explained", "note": "汛期普查"}); a.Status != 200 {
		t.Errorf("the steward: %s", a)
	}
}

func TestReadingOutsideTheOwnGridIsAsked(t *testing.T) {
	w := newWorld(t)
	v, o := w.newVillage("990101103201", 124.10, 28.10), w.newVillage("990101103202", 124.20, 28.20)
	town := w.save("regions", row{"code": "990101103", "name_zh": "甲镇", "level": "town"})
	lead, token := w.officer("town_dispatcher", row{"region": town.Id})
	w.assign(lead, v.grid)
	if a := w.call("GET", records("residents")+"/"+o.resident.Id, token, nil); a.Status != 200 {
		t.Fatalf("read: %s", a)
	}
	if reads(w, anyRead) != 1 || w.first("steward_notices", "kind", "outside_grid").GetString("reader") != lead.Id {
		t.Error("nobody asks")
	}
}

// A resident is told who looked and what is held, as JSON and on a page, and
// that is written down, too.
func TestWhatAResidentIsTold(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	id := team.village.resident.Id
	w.call("GET", records("residents")+"/"+id, team.a.token, nil)
	reads(w, anyRead)
	steward, token := w.officer("data_steward", nil)
	looks := w.call("GET", "/api/residents/"+id+"/looks", token, nil)
	if looks.Status != 200 || !bytes.Contains(looks.Raw, []byte("网格员")) || !bytes.Contains(looks.Raw, []byte(`"how":"view"`)) {
		t.Errorf("who looked: %s", looks)
	}
	held := w.call("GET", "/api/residents/"+id+"/held", token, nil)
	for _, want := range []string{"演示张三", seeded.contact, seeded.scope, seeded.notes, "care_plans", "consents"} {
		if !bytes.Contains(held.Raw, []byte(want)) {
			t.Errorf("what is held lacks %s: %s", want, held)
		}
	}
	if bytes.Contains(held.Raw, []byte(team.other.resident.Id)) {
		t.Error("it tells of somebody else")
	}
	request, err := http.NewRequest("GET", w.url+"/api/residents/"+id+"/held", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", token)
	request.Header.Set("Accept", "text/html")
	if page := w.answerTo(request); page.Status != 200 || !strings.HasPrefix(string(page.Raw), "<!doctype html>") || !bytes.Contains(page.Raw, []byte(seeded.contact)) {
		t.Errorf("the page: %s", page)
	}
	for _, who := range []string{team.a.token, ""} {
		if a := w.call("GET", "/api/residents/"+id+"/held", who, nil); a.Status < 400 {
			t.Errorf("others are told: %s", a)
		}
	}
	if a := w.call("GET", "/api/residents/nobody000000000/held", token, nil); a.Status != 404 {
		t.Errorf("of nobody: %s", a)
	}
	if n := reads(w, dbx.HashExp{"how": "report", "reader": steward.Id}); n != 3 {
		t.Errorf("written down %d times", n)
	}
	if _, err := hooks.WhoLooked(w.app, id, w.now); err != nil {
		t.Error(err)
	}
}
