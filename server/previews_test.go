package server

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gridwalk/demo"
	hooks "gridwalk/pb_hooks"
)

// A photograph whose previews cannot be made is tried five times, over
// restarts, and then left as one without previews. Its original stays.
func TestPreviewsAreTriedFiveTimes(t *testing.T) {
	w := newWorld(t)
	w.settings = func(s *hooks.Settings) { s.Workers = 0 }
	w.restart()
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 0)
	id := c.record(hexSum(photo), nil)
	if _, state, raw := c.chunk(c.begin(photo), 0, photo); state != "safe" {
		t.Fatalf("%s %s", state, raw)
	}
	r, err := w.app.FindRecordById("evidence", id)
	if err != nil {
		t.Fatal(err)
	}
	original := filepath.Join(w.app.DataDir(), "storage", r.BaseFilesPath(), r.GetString("file"))
	if err := os.Rename(original, original+".away"); err != nil { // a disk that is not there today
		t.Fatal(err)
	}
	w.settings = nil
	for attempt := 1; attempt < 5; attempt++ {
		w.restart()
		w.until(fmt.Sprintf("attempt %d", attempt), "SELECT attempts = "+fmt.Sprint(attempt)+" FROM _previews WHERE evidence = '"+id+"'")
		if r, err := w.app.FindRecordById("evidence", id); err != nil || r.GetString("status") != "processing" {
			t.Errorf("after attempt %d it is %s (%v)", attempt, r.GetString("status"), err)
		}
	}
	w.restart()
	if done := w.settled(id); done["status"] != "preview_unavailable" || done["status_reason"] != "preview_failed" || done["upload_state"] != "done" {
		t.Errorf("%v", done)
	}
	w.until("an empty queue", "SELECT COUNT(*) = 0 FROM _previews")
}

// until waits until a query gives 1.
func (w *world) until(what, query string) {
	w.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var yes int
		if err := w.app.DB().NewQuery(query).Row(&yes); err == nil && yes == 1 {
			return
		}
	}
	w.t.Fatalf("there is no %s", what)
}

// The one that somebody waits for comes first, then the newest.
func TestPreviewsInTheOrderInWhichTheyAreWanted(t *testing.T) {
	w := newWorld(t)
	w.settings = func(s *hooks.Settings) { s.Workers = 0 }
	w.restart()
	c := newCamera(w, newPatch(w))
	var ids []string
	for i := range 4 {
		photo := demo.Photo(1, i)
		ids = append(ids, c.record(hexSum(photo), nil))
		if _, state, raw := c.chunk(c.begin(photo), 0, photo); state != "safe" {
			t.Fatalf("%s %s", state, raw)
		}
	}
	r, err := w.app.FindRecordById("evidence", ids[1])
	if err != nil {
		t.Fatal(err)
	}
	if got := c.fetch(w, ids[1], r.GetString("file"), "480x0"); got.Status != 404 {
		t.Errorf("a preview that was not made: %d", got.Status)
	}
	w.settings = func(s *hooks.Settings) { s.Workers = 1 }
	w.restart()
	for _, id := range ids {
		w.settled(id)
	}
	var order []string
	if err := w.app.DB().NewQuery("SELECT record FROM _sync_feed WHERE collection = 'evidence' ORDER BY seq").Column(&order); err != nil {
		t.Fatal(err)
	}
	if want := []string{ids[1], ids[3], ids[2], ids[0]}; !slices.Equal(order, want) {
		t.Errorf("made in the order %v, want %v", order, want)
	}
	if got := c.fetch(w, ids[1], r.GetString("file"), "480x0"); got.Status != 200 {
		t.Errorf("a preview that was made: %d", got.Status)
	}
}

// PocketBase makes no thumbnails of other collections by itself either: a
// refused upload may be anything.
func TestThumbnailsOfRefusedUploads(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	bomb := hugeFlatPNG(t)
	if status, _, _ := c.chunk(c.begin(append(bomb[:len(bomb):len(bomb)], 'x')), 0, append(bomb[:len(bomb):len(bomb)], 'y')); status != 422 {
		t.Fatal(status)
	}
	refused, err := w.app.FindRecordsByFilter("refused_uploads", "", "", 1, 0)
	if err != nil || len(refused) != 1 {
		t.Fatalf("%v %v", refused, err)
	}
	token := w.call("POST", "/api/files/token", w.admin(), nil).Body["token"]
	path := fmt.Sprintf("/api/files/refused_uploads/%s/%s?token=%v", refused[0].Id, refused[0].GetString("file"), token)
	if got := w.call("GET", path, "", nil); got.Status != 200 || len(got.Raw) != len(bomb)+1 {
		t.Errorf("the bytes: %d, %d", got.Status, len(got.Raw))
	}
	if got := w.call("GET", path+"&thumb=100x100", "", nil); got.Status != 404 {
		t.Errorf("a thumbnail: %d", got.Status)
	}
}

// What a reviewer is told of a photograph.
func TestHints(t *testing.T) {
	w := newWorld(t)
	c := newCamera(w, newPatch(w))
	photo := demo.Photo(1, 0) // its EXIF is of the demo village, and of another day
	send := func(more row) row {
		id := c.record(hexSum(photo), more)
		c.chunk(c.begin(photo), 0, photo)
		c.head(hexSum(photo))
		return w.settled(id)
	}
	first := send(nil)
	reasons := fmt.Sprint(first["reasons"])
	if reasons != "[exif_place_far exif_time_far]" {
		t.Errorf("the first says %s", reasons)
	}
	exif := fmt.Sprint(first["exif_taken_at"])
	place := w.save("check_ins", row{"grid": c.grid.Id, "officer": c.officer.Id, "target_type": "point", "datum": "wgs84", "loc_src": "gps", "acc_m": 10,
		"lat": first["exif_lat"], "lng": first["exif_lng"]})
	near := send(row{"captured_at": exif, "taken_at": exif, "owner_type": "check_in", "owner_id": place.Id, "indoor": true})
	if got := fmt.Sprint(near["reasons"]); got != "[same_picture consent_missing]" {
		t.Errorf("the same picture at the right time and place says %s", got)
	}
	r, err := w.app.FindRecordById("evidence", near["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	r.Set("consent", c.consent.Id)
	if err := w.app.Save(r); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.GetStringSlice("reasons")); got != "[same_picture]" {
		t.Errorf("with a consent it says %s", got)
	}
}
