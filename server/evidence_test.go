package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gridwalk/demo"
)

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// send uploads a photograph with the hash it has.
func (p patch) send(w *world, name string, data []byte, change map[string]string) answer {
	fields := map[string]string{"owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa", "grid": p.grid.Id, "sha256": hexSum(data)}
	for k, v := range change {
		fields[k] = v
	}
	return w.upload(records("evidence"), p.token, fields, name, data)
}

// heicFile looks like a HEIC as far as anybody reads it here.
func heicFile() []byte {
	return append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 200)...)
}

// settled waits until the previews of a photograph are made or refused.
func (w *world) settled(id string) row {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		record, err := w.app.FindRecordById("evidence", id)
		if err != nil {
			w.t.Fatal(err)
		}
		if record.GetString("status") != "processing" {
			return record.PublicExport()
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("evidence %s is still processing", id)
	return nil
}

// fetch gets a photograph or a preview as the officer.
func (p patch) fetch(w *world, id, file, thumb string) answer {
	token := w.call("POST", "/api/files/token", p.token, nil).Body["token"]
	return w.call("GET", fmt.Sprintf("/api/files/evidence/%s/%s?token=%v&thumb=%s", id, file, token, thumb), "", nil)
}

// A phone's photograph is stored as it came, and its previews come upright, in
// the sizes asked, without EXIF, at PocketBase's own address.
func TestEvidencePreviews(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	photo := demo.Photo(1, 0)
	a := p.send(w, "photo.jpg", photo, nil)
	if a.Status != 200 {
		t.Fatal(a)
	}
	id, file := a.Body["id"].(string), a.Body["file"].(string)
	done := w.settled(id)
	if done["status"] != "ready" || done["exif_stripped"] != true || done["exif_has_place"] != true {
		t.Fatalf("%v", done)
	}
	for thumb, size := range map[string]image.Point{"160x160": {160, 160}, "480x0": {480, 0}, "100x100": {100, 100}} {
		got := p.fetch(w, id, file, thumb)
		preview, err := jpeg.Decode(bytes.NewReader(got.Raw))
		if err != nil {
			t.Fatalf("%s: %v, %d bytes, status %d", thumb, err, len(got.Raw), got.Status)
		}
		if b := preview.Bounds(); b.Dx() != size.X || size.Y != 0 && b.Dy() != size.Y {
			t.Errorf("%s is %v", thumb, b)
		}
		if bytes.Contains(got.Raw, []byte("Exif")) {
			t.Errorf("%s carries EXIF", thumb)
		}
	}
	if got := p.fetch(w, id, file, "1600x0"); got.Status != 200 || bytes.Contains(got.Raw, []byte("Exif")) {
		t.Errorf("1600x0: %d", got.Status)
	}
	if got := p.fetch(w, id, file, ""); !bytes.Equal(got.Raw, photo) {
		t.Error("the original was altered")
	}
	if got := p.fetch(w, id, file, "20x20"); got.Status != 404 {
		t.Errorf("a size that nobody made: %d", got.Status)
	}
	if got := w.call("GET", "/api/files/evidence/"+id+"/"+file+"?thumb=160x160", "", nil); got.Status != 404 {
		t.Errorf("without a token: %d", got.Status)
	}
}

// What cannot be shown is kept, named and never decoded.
func TestEvidenceRejects(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	good := demo.Photo(1, 1)
	bomb := func() []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		copy(data[16:24], []byte{0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20}) // 20000 x 20000
		binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
		return data
	}()
	heic := heicFile()
	for _, c := range []struct {
		name, file     string
		data           []byte
		change         map[string]string
		status, reason string
	}{
		{"a text with the name of a picture", "photo.jpg", []byte("<html>captive portal</html>"), nil, "rejected", "not_an_image"},
		{"a GIF", "photo.gif", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), nil, "rejected", "unsupported_format"},
		{"a bomb", "photo.png", bomb, nil, "rejected", "too_many_pixels"},
		{"bytes that are not the ones declared", "photo.jpg", good, map[string]string{"sha256": strings.Repeat("0", 64)}, "rejected", "hash_mismatch"},
		{"a picture with only its header", "photo.jpg", good[:700], nil, "rejected", "truncated"},
		{"a HEIC", "photo.heic", heic, nil, "preview_unavailable", "unsupported_format"},
		{"a good picture with a wrong ending", "photo.txt", good, nil, "ready", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := p.send(w, c.file, c.data, c.change)
			if a.Status != 200 {
				t.Fatal(a)
			}
			got := w.settled(a.Body["id"].(string))
			if got["status"] != c.status || got["status_reason"] != c.reason {
				t.Errorf("is %v because of %v", got["status"], got["status_reason"])
			}
			if kept := p.fetch(w, a.Body["id"].(string), a.Body["file"].(string), ""); !bytes.Equal(kept.Raw, c.data) {
				t.Errorf("the bytes were not kept: %d of %d", len(kept.Raw), len(c.data))
			}
		})
	}
}

// A request that is no upload is refused with the field named.
func TestEvidenceRefusesWhatIsNoUpload(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	if a := p.send(w, "", nil, nil); a.Status != 400 || !strings.Contains(string(a.Raw), `"file"`) {
		t.Errorf("without a file: %s", a)
	}
	if a := p.send(w, "photo.jpg", demo.Photo(1, 0), map[string]string{"sha256": "nonsense"}); a.Status != 400 || !strings.Contains(string(a.Raw), `"sha256"`) {
		t.Errorf("with a hash that is none: %s", a)
	}
	if a := p.send(w, "photo.jpg", make([]byte, 30<<20+1), nil); a.Status != 400 || !strings.Contains(string(a.Raw), `"too_large"`) {
		t.Errorf("a byte too large: %s", a)
	}
}

// PocketBase's own thumb route must never decode an original by itself.
func TestEvidenceThumbsAreNeverMadeOnDemand(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	a := p.send(w, "photo.png", hugeFlatPNG(t), nil)
	got := w.settled(a.Body["id"].(string))
	if got["status"] != "rejected" {
		t.Fatalf("%v", got)
	}
	for _, size := range []string{"160x160", "100x100", "1600x0"} {
		if thumb := p.fetch(w, a.Body["id"].(string), a.Body["file"].(string), size); thumb.Status != 404 {
			t.Errorf("%s: %d", size, thumb.Status)
		}
	}
}

// hugeFlatPNG is a real picture of 60 megapixels in a few kilobytes.
func hugeFlatPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	flat := image.NewPaletted(image.Rect(0, 0, 8000, 7500), color.Palette{color.Black, color.White})
	if err := png.Encode(&b, flat); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A photograph that was stored but not yet shrunk when the server stopped gets
// its previews after the next start.
func TestEvidenceQueueSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	a := p.send(w, "photo.jpg", demo.Photo(1, 2), nil)
	id := a.Body["id"].(string)
	w.settled(id)
	record, err := w.app.FindRecordById("evidence", id)
	if err != nil {
		t.Fatal(err)
	}
	thumbs := filepath.Join(w.app.DataDir(), "storage", record.BaseFilesPath(), "thumbs_"+record.GetString("file"))
	if err := os.RemoveAll(thumbs); err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.DB().NewQuery("UPDATE evidence SET status = 'processing'").Execute(); err != nil {
		t.Fatal(err)
	}
	w.restart()
	if got := w.settled(id); got["status"] != "ready" {
		t.Fatalf("%v", got)
	}
	if _, err := os.Stat(filepath.Join(thumbs, "160x160_"+record.GetString("file"))); err != nil {
		t.Error(err)
	}
}
