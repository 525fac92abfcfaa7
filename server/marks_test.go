package server

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
	hooks "gridwalk/pb_hooks"
)

// made sends a photograph, waits for its previews and gives its record.
func (p patch) made(w *world, photo []byte, change map[string]string) *core.Record {
	w.t.Helper()
	a := p.send(w, "photo.jpg", photo, change)
	if a.Status != 200 {
		w.t.Fatal(a)
	}
	w.settled(a.Body["id"].(string))
	return w.read("evidence", a.Body["id"].(string))
}

func (p patch) preview(w *world, r *core.Record, thumb string) image.Image {
	w.t.Helper()
	got := p.fetch(w, r.Id, r.GetString("file"), thumb)
	img, err := jpeg.Decode(bytes.NewReader(got.Raw))
	if err != nil {
		w.t.Fatalf("%s: %v %s", thumb, err, got)
	}
	return img
}

// chequered is a picture with detail everywhere.
func chequered(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 800, 600))
	for i := range img.Pix {
		if (i%800/4+i/800/4)%2 == 0 {
			img.Pix[i] = 255
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// contrast is the largest difference of brightness within a part of a picture.
func contrast(img image.Image, part image.Rectangle) int {
	low, high := 255, 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			v := int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			low, high = min(low, v), max(high, v)
		}
	}
	return high - low
}

// What is marked cannot be recognized in any preview; a mark that is set later
// takes the previews away at once. The original stays as it was.
func TestMarkedPartsAreBlurred(t *testing.T) {
	w := newWorld(t)
	w.settings = func(s *hooks.Settings) { s.Stamp = false }
	w.restart()
	p := newPatch(w)
	photo := chequered(t)
	r := p.made(w, photo, map[string]string{"blur": "[[0.25, 0.25, 0.75, 0.75]]"})
	middle, corner := image.Rect(240, 200, 560, 400), image.Rect(0, 0, 100, 100)
	img := p.preview(w, r, "1600x0")
	if in, out := contrast(img, middle), contrast(img, corner); in > 40 || out < 200 {
		t.Errorf("contrast %d where it is marked, %d elsewhere", in, out)
	}
	if got := p.fetch(w, r.Id, r.GetString("file"), ""); !bytes.Equal(got.Raw, photo) {
		t.Error("the original was altered")
	}
	w.restartWith(func(s *hooks.Settings) { s.Workers = 0; s.Stamp = false })
	r.Set("blur", [][4]float64{{0, 0, 0.2, 0.2}})
	if err := w.app.Save(r); err != nil {
		t.Fatal(err)
	}
	if got := p.fetch(w, r.Id, r.GetString("file"), "1600x0"); got.Status != 404 {
		t.Errorf("a preview from before is served: %d", got.Status)
	}
	w.restartWith(func(s *hooks.Settings) { s.Stamp = false })
	w.settled(r.Id)
	img = p.preview(w, r, "1600x0")
	if in, out := contrast(img, middle), contrast(img, corner); in < 200 || out > 40 {
		t.Errorf("contrast %d where it was marked, %d where it is now", in, out)
	}
	for _, bad := range []string{"[[0, 0, 2, 1]]", "[[0.5, 0, 0.5, 1]]", `"all"`, "[[0]]"} {
		if a := p.send(w, "photo.jpg", photo, map[string]string{"blur": bad}); a.Status != 400 {
			t.Errorf("%s: %s", bad, a)
		}
	}
}

// A part that is marked while the previews are made is not in them: they are made
// again.
func TestAMarkThatComesWhilePreviewsAreMade(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	p.made(w, chequered(t), nil)
	middle := image.Rect(240, 200, 560, 400)
	for i := range 8 {
		a := p.send(w, "photo.jpg", append(chequered(t), byte(i)), nil)
		if a.Status != 200 {
			t.Fatal(a)
		}
		id := a.Body["id"].(string)
		w.until("photograph in hand", "SELECT NOT EXISTS (SELECT 1 FROM _previews WHERE attempts = 0 AND evidence = '"+id+"')")
		r := w.read("evidence", id)
		r.Set("blur", [][4]float64{{0.25, 0.25, 0.75, 0.75}})
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
		w.settled(id)
		w.until("end of the work", "SELECT status = 'ready' AND NOT EXISTS (SELECT 1 FROM _previews) FROM evidence WHERE id = '"+id+"'")
		if c := contrast(p.preview(w, w.read("evidence", id), "1600x0"), middle); c > 40 {
			t.Errorf("contrast %d where it is marked", c)
		}
	}
}

// What is marked in a HEIC is marked in the JPEG that stands for it, and the
// other way round.
func TestMarksHoldForBothOfAPair(t *testing.T) {
	w := newWorld(t)
	w.restartWith(func(s *hooks.Settings) { s.Stamp = false })
	p := newPatch(w)
	original := p.made(w, heicFile(), nil)
	preview := p.made(w, chequered(t), map[string]string{"preview_of": original.Id})
	parts := map[string]image.Rectangle{original.Id: image.Rect(20, 20, 140, 100), preview.Id: image.Rect(600, 450, 780, 580)}
	marks := map[string][][4]float64{original.Id: {{0, 0, 0.25, 0.25}}, preview.Id: {{0.7, 0.7, 1, 1}}}
	for marked, regions := range marks {
		w.until("pair", "SELECT COUNT(*) = 2 FROM evidence WHERE status = 'ready'")
		r := w.read("evidence", marked)
		r.Set("blur", regions)
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
		w.until("pair that is marked", "SELECT COUNT(*) = 2 FROM evidence WHERE status = 'ready' AND NOT EXISTS (SELECT 1 FROM _previews)")
		for _, id := range []string{original.Id, preview.Id} {
			if c := contrast(p.preview(w, w.read("evidence", id), "1600x0"), parts[marked]); c > 40 {
				t.Errorf("contrast %d of %s where %s is marked", c, id, marked)
			}
		}
	}
	preview = p.made(w, append(chequered(t), 0), map[string]string{"preview_of": "bbbbbbbbbbbbbbb"})
	p.made(w, append(heicFile(), 0), map[string]string{"id": "bbbbbbbbbbbbbbb", "blur": "[[0, 0, 0.25, 0.25]]"})
	w.until("pair whose JPEG came first", "SELECT COUNT(*) = 4 FROM evidence WHERE status = 'ready' AND NOT EXISTS (SELECT 1 FROM _previews)")
	if c := contrast(p.preview(w, w.read("evidence", preview.Id), "1600x0"), parts[original.Id]); c > 40 {
		t.Errorf("contrast %d of a JPEG that came before its HEIC", c)
	}
}

// restartWith restarts the server with other settings.
func (w *world) restartWith(change func(*hooks.Settings)) {
	w.settings = change
	w.restart()
}

// The largest preview carries the band, the others and the original do not, and
// it is left out when the office wants none.
func TestPreviewsAreStamped(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	photo := chequered(t)
	foot := image.Rect(520, 560, 640, 598) // between the texts and their marks
	stamped := p.preview(w, p.made(w, photo, nil), "1600x0")
	if c := contrast(stamped, foot); c > 140 {
		t.Errorf("no band: contrast %d", c)
	}
	w.restartWith(func(s *hooks.Settings) { s.Stamp = false })
	if c := contrast(p.preview(w, p.made(w, photo, map[string]string{"stage": "after"}), "1600x0"), foot); c < 200 {
		t.Errorf("a band that nobody wanted: contrast %d", c)
	}
}

// A picture that was compressed again is pointed out in its grid, and only there.
func TestSimilarPicturesArePointedOut(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	photo := demo.Photo(1, 0)
	img, err := jpeg.Decode(bytes.NewReader(photo))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := jpeg.Encode(&again, img, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	has := func(r *core.Record) bool { return slices.Contains(r.GetStringSlice("reasons"), "similar_picture") }
	if r := p.made(w, photo, nil); has(r) {
		t.Errorf("the first one is similar to something: %v", r.GetStringSlice("reasons"))
	}
	if r := p.made(w, again.Bytes(), nil); !has(r) || r.GetString("status") != "ready" {
		t.Errorf("%s, %v", r.GetString("status"), r.GetStringSlice("reasons"))
	}
	w.now = w.now.AddDate(0, 0, 200)
	if r := p.made(w, demo.Photo(1, 0)[:len(photo)-2], nil); has(r) {
		t.Errorf("what was half a year ago still counts: %v", r.GetStringSlice("reasons"))
	}
}

// A HEIC is sealed; its previews are made of the JPEG that the phone sends
// beside it, whichever comes first.
func TestAPreviewStandsForAHEIC(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	heic := heicFile()
	original := p.made(w, heic, nil)
	if original.GetString("status") != "preview_unavailable" {
		t.Fatal(original.GetString("status"))
	}
	p.made(w, demo.Photo(1, 0), map[string]string{"preview_of": original.Id})
	w.until("previews of the original", "SELECT status = 'ready' FROM evidence WHERE id = '"+original.Id+"'")
	p.preview(w, w.read("evidence", original.Id), "480x0")
	if got := p.fetch(w, original.Id, original.GetString("file"), ""); !bytes.Equal(got.Raw, heic) {
		t.Error("the original was altered")
	}
	p.made(w, demo.Photo(1, 1), map[string]string{"preview_of": "bbbbbbbbbbbbbbb"})
	second := p.made(w, append(slices.Clone(heic), 0), map[string]string{"id": "bbbbbbbbbbbbbbb"})
	if second.GetString("status") != "ready" {
		t.Errorf("the preview came first: %s", second.GetString("status"))
	}
	colleague, token := w.officer("grid_officer", nil)
	w.assign(colleague, p.grid)
	third := patch{p.village, colleague, token}.made(w, append(slices.Clone(heic), 0, 0), nil)
	p.made(w, demo.Photo(1, 2), map[string]string{"preview_of": third.Id})
	if r := w.read("evidence", third.Id); r.GetString("status") != "preview_unavailable" {
		t.Errorf("a colleague's picture stands for it: %s", r.GetString("status"))
	}
}

// After half a year the bytes of photographs with persons go, and the record
// says so. What is held, or belongs to a matter that is open, stays.
func TestPhotographsWithPersonsAreErased(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	matter := w.save("matters", row{"grid": p.grid.Id, "title": "路灯不亮", "category": "public_facility", "source": "officer", "priority": "p2_normal", "status": "reported"})
	person := map[string]string{"contains_person": "true"}
	old := p.made(w, demo.Photo(1, 0), person)
	held := p.made(w, demo.Photo(1, 1), person)
	held.Set("legal_hold", true)
	if err := w.app.Save(held); err != nil {
		t.Fatal(err)
	}
	proof := p.made(w, demo.Photo(1, 2), map[string]string{"contains_person": "true", "owner_type": "matter", "owner_id": matter.Id})
	street := p.made(w, demo.Photo(1, 3), nil)
	w.now = w.now.Add(179 * 24 * time.Hour)
	w.run("gridwalk_purge")
	if got := w.read("evidence", old.Id).GetString("status"); got != "ready" {
		t.Fatalf("erased too early: %s", got)
	}
	w.now = w.now.Add(2 * 24 * time.Hour)
	w.run("gridwalk_purge")
	gone := w.read("evidence", old.Id)
	if gone.GetString("status") != "erased" || gone.GetDateTime("erased_at").IsZero() || gone.GetString("file") != "" || gone.GetString("sha256") != old.GetString("sha256") {
		t.Errorf("%v", gone.PublicExport())
	}
	left, err := filepath.Glob(filepath.Join(w.app.DataDir(), "storage", old.BaseFilesPath(), "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v %v", left, err)
	}
	for _, r := range []*core.Record{held, proof, street} {
		if r = w.read("evidence", r.Id); r.GetString("status") != "ready" || r.GetString("file") == "" {
			t.Errorf("%s: %s", r.Id, r.GetString("status"))
		}
		if _, err := os.Stat(filepath.Join(w.app.DataDir(), "storage", r.BaseFilesPath(), r.GetString("file"))); err != nil {
			t.Error(err)
		}
	}
}

// The JPEG that stands for a HEIC shows the same person: it goes, and is held,
// with it.
func TestAPairIsErasedAndHeldTogether(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	pair := func(n byte, original, preview map[string]string) []string {
		o := p.made(w, append(heicFile(), make([]byte, n)...), original)
		preview["preview_of"] = o.Id
		return []string{o.Id, p.made(w, demo.Photo(1, int(n)), preview).Id}
	}
	person := func() map[string]string { return map[string]string{"contains_person": "true"} }
	free := append(pair(1, person(), map[string]string{}), pair(2, map[string]string{}, person())...)
	var held []string
	for i := range 2 {
		both := pair(byte(3+i), person(), person())
		r := w.read("evidence", both[i])
		r.Set("legal_hold", true)
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
		held = append(held, both...)
	}
	w.until("previews of the pairs", "SELECT COUNT(*) = 8 FROM evidence WHERE status = 'ready'")
	w.now = w.now.Add(181 * 24 * time.Hour)
	w.run("gridwalk_purge")
	for i, id := range append(free, held...) {
		if got := w.read("evidence", id).GetString("status"); (got == "erased") != (i < len(free)) {
			t.Errorf("photograph %d of %d is %s", i, len(free), got)
		}
	}
}
