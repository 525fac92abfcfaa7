package uploads

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gridwalk/access"
)

// shelf keeps what is handed over, in memory.
type shelf struct {
	kept    map[string][]byte // by hash
	refused map[string][]byte // by hash found
}

func (s *shelf) Keep(part Part, path string) (Outcome, error) {
	data, err := os.ReadFile(path)
	s.kept[part.SHA256] = data
	return Outcome{State: Safe}, err
}

func (s *shelf) Refuse(_ Part, path, found string) error {
	data, err := os.ReadFile(path)
	s.refused[found] = data
	return err
}

func (s *shelf) Known(_ Caller, sum string) (Outcome, error) {
	if s.kept[sum] != nil {
		return Outcome{State: Safe}, nil
	}
	return Outcome{}, nil
}

// desk is a handler on a directory, with a clock that a test moves.
type desk struct {
	dir   string
	now   time.Time
	ids   int
	shelf *shelf
	parts *Parts
	h     *Handler
}

var someone = Caller{Caller: access.Caller{ID: "officer00000001"}, Device: "device000000001"}

func newDesk(dir string) (*desk, error) {
	d := &desk{dir: dir, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), shelf: &shelf{map[string][]byte{}, map[string][]byte{}}}
	return d, d.open()
}

// open starts the process anew on what is on the disk.
func (d *desk) open() (err error) {
	newID := func() string { d.ids++; return fmt.Sprintf("upload%09d", d.ids) }
	if d.parts, err = Open(d.dir, DefaultLimits(), func() time.Time { return d.now }, newID, func(string) (int64, error) { return 1 << 40, nil }); err != nil {
		return err
	}
	d.h, err = NewHandler(d.parts, d.shelf, "/api/uploads/")
	return err
}

// ask sends a request and gives the status, or that of the refusal.
func (d *desk) ask(method, id string, body io.Reader, length int, header ...string) (int, http.Header) {
	request := httptest.NewRequest(method, "/api/uploads/"+id, body)
	request.ContentLength = int64(length)
	request.Header.Set("Tus-Resumable", "1.0.0")
	request.Header.Set("Content-Type", "application/offset+octet-stream")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	err := d.h.Tus(recorder, request, someone, id)
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return refused.Status, recorder.Header()
	case err != nil:
		return 500, recorder.Header()
	}
	return recorder.Code, recorder.Header()
}

// breaking gives some bytes, and breaks before it ends.
type breaking struct{ io.Reader }

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Whatever happens to chunks, connections and the process, an upload holds a
// beginning of its photograph, and ends as the whole of it or not at all.
func TestAnUploadIsABeginningOfItsPhotograph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "uploads-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		d, err := newDesk(dir)
		if err != nil {
			t.Fatal(err)
		}
		photo := rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, "photo")
		sum := sumOf(photo)
		status, header := d.ask("POST", "", nil, 0, "Upload-Length", strconv.Itoa(len(photo)), "Upload-Metadata", "sha256 "+base64.StdEncoding.EncodeToString([]byte(sum)))
		if status != 201 {
			t.Fatalf("creation: %d", status)
		}
		id := filepath.Base(header.Get("Location"))
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			at := rapid.IntRange(0, len(photo)).Draw(t, "offset")
			to := rapid.IntRange(at, len(photo)).Draw(t, "end")
			offset := strconv.Itoa(at)
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				status, _ = d.ask("PATCH", id, bytes.NewReader(photo[at:to]), to-at, "Upload-Offset", offset)
			case 1: // announced to the end, cut at to
				status, _ = d.ask("PATCH", id, breaking{bytes.NewReader(photo[at:to])}, len(photo)-at, "Upload-Offset", offset)
			case 2: // with a checksum, whole or damaged on the way
				checked, sent := sha256.Sum256(photo[at:to]), bytes.Clone(photo[at:to])
				if to > at && rapid.Bool().Draw(t, "damaged") {
					sent[0] ^= 1
				}
				status, _ = d.ask("PATCH", id, bytes.NewReader(sent), to-at, "Upload-Offset", offset, "Upload-Checksum", "sha256 "+base64.StdEncoding.EncodeToString(checked[:]))
			case 3:
				if err := d.open(); err != nil {
					t.Fatal(err)
				}
			case 4:
				d.now = d.now.AddDate(0, 0, rapid.IntRange(0, 8).Draw(t, "days"))
				if n, err := d.parts.Sweep(d.now); err != nil || n > 0 && d.shelf.kept[sum] == nil && d.now.Sub(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)) <= d.parts.limits.Keep {
					t.Fatalf("swept %d (%v)", n, err)
				}
			}
			if status >= 500 {
				t.Fatalf("status %d", status)
			}
			arrived, err := os.ReadFile(filepath.Join(dir, id))
			if err == nil && !bytes.HasPrefix(photo, arrived) {
				t.Fatalf("%q is no beginning of %q", arrived, photo)
			}
			if kept := d.shelf.kept[sum]; kept != nil && !bytes.Equal(kept, photo) {
				t.Fatalf("kept %q of %q", kept, photo)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 && len(left) != 2 {
				t.Fatalf("left: %v", left)
			}
		}
		if len(d.shelf.refused) > 0 {
			t.Fatalf("refused %v", d.shelf.refused)
		}
	})
}

func FuzzChecksum(f *testing.F) {
	f.Add("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
	f.Add("sha256 ")
	f.Add("crc32 AAAA")
	f.Fuzz(func(t *testing.T, header string) {
		sum, err := parseChecksum(header)
		if (sum == nil) == (err == nil) || sum != nil && len(sum.sum) != sum.algorithm().Size() {
			t.Errorf("%q gives %v, %v", header, sum, err)
		}
	})
}
