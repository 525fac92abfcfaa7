package sim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
	"gridwalk/phone"
)

// shot is a photograph that somebody took.
type shot struct {
	record, sum, device string
	data                []byte
	mutation            *written
}

// pixel is the smallest picture there is; every photograph is one with its own
// bytes behind the end, which decoders let be.
var pixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU" +
	"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82")

// shoot has the officer take a photograph, now and then the same twice.
func (p *handset) shoot() {
	w := p.w
	grid, _ := p.some("grids")
	if grid == "" {
		return
	}
	data := append(bytes.Clone(pixel), w.newID()...)
	data = append(data, bytes.Repeat([]byte{byte(w.rng.IntN(256))}, w.rng.IntN(3000))...)
	if len(w.shots) > 0 && w.rng.IntN(8) == 0 {
		data = w.shots[w.rng.IntN(len(w.shots))].data
	}
	m, err := p.client.Capture(data, fields{"grid": grid, "owner_type": "visit", "owner_id": w.newID()})
	if err != nil {
		w.trace("%s cannot take a photograph: %v", p.name(), err)
		p.store.BeforeCommit = nil
		p.open()
		return
	}
	kept := p.keep(m)
	sum := sha256.Sum256(data)
	w.shots = append(w.shots, &shot{m.Record, hex.EncodeToString(sum[:]), p.device, data, kept})
	w.counts["photo"]++
	w.trace("%s takes a photograph of %d bytes, %s n %d", p.name(), len(data), m.Record, m.N)
}

// Moments at which the server may die while it takes a photograph.
const (
	inBody    = "in the body"       // some bytes have come
	onDisk    = "before the record" // the bytes are stored, the record does not say so
	saved     = "before the commit" // the record says so, in an open transaction
	committed = "after the commit"  // the part is still there
)

var moments = []string{inBody, onDisk, saved, committed}

// armServer has a moment noticed when it comes.
func (w *world) armServer() {
	app := w.server.app
	app.OnRecordUpdateExecute("evidence").BindFunc(func(e *core.RecordEvent) error {
		w.reach(onDisk)
		err := e.Next()
		w.reach(saved)
		return err
	})
	app.OnRecordAfterUpdateSuccess("evidence").BindFunc(func(e *core.RecordEvent) error {
		w.reach(committed)
		return e.Next()
	})
}

// reach copies what is on the disk at the moment at which the server dies.
func (w *world) reach(moment string) {
	if w.dies == moment {
		w.dies, w.died = "", w.newDir()
		w.must(copyData(w.dir, w.died))
	}
}

// kill ends the server where it was to die, or now when it did not come there.
func (w *world) kill() {
	w.reach(w.dies)
	w.counts["killed in an upload"]++
	w.must(w.server.stop())
	w.dir, w.dies, w.died = w.died, "", ""
	w.must(w.start())
}

// partBody gives some bytes of a body and then breaks, or lets the server know
// that it has got so far.
type partBody struct {
	io.Reader
	then func()
	err  error
}

func (b *partBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		b.then()
		err = b.err
	}
	return n, err
}

// upload delivers a request about a photograph of which, under a fault, a part
// arrives.
func (n *network) upload(f fault, request *http.Request, raw []byte) *http.Response {
	w := n.w
	if f == lostAfter || f == death {
		at := w.rng.IntN(len(raw) + 1)
		n.handle(request, &partBody{bytes.NewReader(raw[:at]), func() {}, io.ErrUnexpectedEOF})
		return nil
	}
	if f == cut {
		w.dies = pick(w, moments...)
		w.trace("  the server dies %s", w.dies)
		at := w.rng.IntN(len(raw) + 1)
		first := &partBody{bytes.NewReader(raw[:at]), func() { w.reach(inBody) }, io.EOF}
		n.handle(request, io.MultiReader(first, bytes.NewReader(raw[at:])))
		w.kill()
		return nil
	}
	if f == twice {
		n.handle(request, bytes.NewReader(raw))
	}
	return n.handle(request, bytes.NewReader(raw))
}

// handle has the server answer, and looks at what it says.
func (n *network) handle(request *http.Request, body io.Reader) *http.Response {
	copied := request.Clone(request.Context())
	copied.Body = io.NopCloser(body)
	copied.RemoteAddr = "127.0.0.1:1"
	recorder := httptest.NewRecorder()
	n.w.server.handler.ServeHTTP(recorder, copied)
	n.w.counts["upload"]++
	if recorder.Code >= 500 {
		n.w.fail(0, "%s %s of %s answered %d %s", request.Method, request.URL.Path, n.p.name(), recorder.Code, recorder.Body)
	}
	if code := recorder.Header().Get("X-Gridwalk-Error"); code != "" {
		n.w.counts["upload "+code]++
	}
	return recorder.Result()
}

// checkSafe compares what a phone calls safe with what the server has.
func (w *world) checkSafe(p *handset) {
	photos, err := p.client.Photos()
	w.must(err)
	for _, photo := range photos {
		if photo.State == phone.Safe && !w.hasBytes(w.shotOf(photo.Record)) {
			w.fail(10, "%s calls %s safe, and the server does not have it", p.name(), photo.Record)
		}
	}
}

func (w *world) shotOf(record string) *shot {
	for _, s := range w.shots {
		if s.record == record {
			return s
		}
	}
	return nil
}

// hasBytes tells whether the record of a photograph has its bytes.
func (w *world) hasBytes(s *shot) bool {
	var row struct {
		File  string `db:"file"`
		State string `db:"upload_state"`
	}
	err := w.server.app.DB().Select("file", "upload_state").From("evidence").Where(dbx.HashExp{"id": s.record, "sha256": s.sum}).One(&row)
	if err != nil || row.State != "done" {
		return false
	}
	stored, err := os.ReadFile(filepath.Join(w.evidenceDir(), s.record, row.File))
	return err == nil && bytes.Equal(stored, s.data)
}

func (w *world) evidenceDir() string {
	collection, err := w.server.app.FindCollectionByNameOrId("evidence")
	w.must(err)
	return filepath.Join(w.dir, core.LocalStorageDirName, collection.Id)
}

// checkPhotos: every photograph is on the server with its bytes, or its record
// was rejected and it is still on the phone; and nothing else is left.
func (w *world) checkPhotos() {
	onPhones := map[string]phone.Photo{}
	for _, p := range w.phones {
		w.checkSafe(p)
		photos, err := p.client.Photos()
		w.must(err)
		for _, photo := range photos {
			onPhones[photo.Record] = photo
			data, err := p.client.PhotoBytes(photo.Record)
			w.must(err)
			if !bytes.Equal(data, w.shotOf(photo.Record).data) {
				w.fail(10, "%s has other bytes of %s", p.name(), photo.Record)
			}
		}
	}
	unfinished := map[string]bool{} // hashes of photographs whose phones are gone
	for _, s := range w.shots {
		photo, held := onPhones[s.record]
		rejected := s.mutation.said == "rejected"
		switch {
		case !held && !w.hasBytes(s):
			unfinished[s.sum] = true
			if w.isHeld(s.mutation) {
				w.fail(10, "%s vanished from its phone", s.record)
			}
		case held && photo.State != phone.Safe && (photo.State != phone.OnPhone || !rejected):
			w.fail(10, "%s is %s %s after the network healed; its record was %q", s.record, photo.State, photo.Code, s.mutation.said)
		}
	}
	w.checkLeft(unfinished)
}

// checkLeft: there are no bytes that belong to nothing.
func (w *world) checkLeft(unfinished map[string]bool) {
	stored, err := filepath.Glob(filepath.Join(w.evidenceDir(), "*", "*"))
	w.must(err)
	for _, path := range stored {
		s := w.shotOf(filepath.Base(filepath.Dir(path)))
		if name := filepath.Base(path); !strings.HasSuffix(name, ".attrs") && (s == nil || name != s.sum+".png" || !w.hasBytes(s)) && !unfinished[s.sum] {
			w.fail(10, "%s belongs to nothing", path)
		}
	}
	parts, err := filepath.Glob(filepath.Join(w.dir, hooks.UploadsDir, "*.info"))
	w.must(err)
	for _, path := range parts {
		raw, err := os.ReadFile(path)
		w.must(err)
		known := false
		for sum := range unfinished {
			known = known || bytes.Contains(raw, []byte(sum))
		}
		if !known {
			w.fail(10, "an upload is left: %s", raw)
		}
	}
}
