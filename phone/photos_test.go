package phone

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// office is a server that knows uploads and takes every push. faults are taken
// one by one by the requests about photographs.
type office struct {
	script
	parts  map[string][]byte // by path
	sums   map[string]string // of parts, as announced
	sizes  map[string]int
	stored map[string][]byte // by hash
	faults []fault
	asked  []string
}

type fault int

const (
	fine       fault = iota
	noRequest        // it never arrives
	noAnswer         // it is carried out, and nobody hears of it
	halfBody         // half of its body arrives
	portal           // somebody else answers
	otherBytes       // a broken proxy changes a byte
	busy507
)

func (o *office) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/api/uploads/") {
		return o.script.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	o.asked = append(o.asked, r.Method)
	f := fine
	if len(o.faults) > 0 {
		f, o.faults = o.faults[0], o.faults[1:]
	}
	switch f {
	case noRequest:
		return nil, errors.New("no route")
	case portal:
		return answerOf(200, http.Header{"Content-Type": {"text/html"}}, "<html>请登录</html>"), nil
	case busy507:
		return answerOf(507, http.Header{"X-Gridwalk-Error": {"storage_full"}}, `{"error":"storage_full"}`), nil
	case halfBody:
		o.serve(r, body[:len(body)/2])
		return nil, errors.New("cut")
	case noAnswer:
		o.serve(r, body)
		return nil, errors.New("cut")
	case otherBytes:
		body = bytes.Clone(body)
		body[0] ^= 1
	}
	return o.serve(r, body), nil
}

func answerOf(status int, header http.Header, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func (o *office) serve(r *http.Request, body []byte) *http.Response {
	header := http.Header{"Tus-Resumable": {"1.0.0"}}
	refuse := func(status int, code string) *http.Response {
		header.Set("X-Gridwalk-Error", code)
		return answerOf(status, header, "")
	}
	path := r.URL.Path
	if sum, ok := strings.CutPrefix(path, blobPath); ok {
		if o.stored[sum] != nil {
			header.Set("X-Gridwalk-State", "safe")
			return answerOf(200, header, "")
		}
		for path, begun := range o.sums {
			if begun == sum {
				header.Set("Location", path)
			}
		}
		return refuse(404, "not_found")
	}
	if r.Method == http.MethodPost {
		path = uploadsPath + strconv.Itoa(len(o.asked))
		o.parts[path], o.sums[path] = nil, string(decode64(r.Header.Get("Upload-Metadata")))
		o.sizes[path], _ = strconv.Atoi(r.Header.Get("Upload-Length"))
		header.Set("Location", path)
	}
	if _, ok := o.parts[path]; !ok {
		return refuse(404, "not_found")
	}
	if r.Method == http.MethodPatch && r.Header.Get("Upload-Offset") != strconv.Itoa(len(o.parts[path])) {
		return refuse(409, "offset_mismatch")
	}
	o.parts[path] = append(o.parts[path], body...)
	header.Set("Upload-Offset", strconv.Itoa(len(o.parts[path])))
	if len(o.parts[path]) == o.sizes[path] {
		data, want := o.parts[path], o.sums[path]
		delete(o.parts, path)
		delete(o.sums, path)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			return refuse(422, "hash_mismatch")
		}
		o.stored[want] = data
		header.Set("X-Gridwalk-State", "safe")
	}
	return answerOf(204, header, "")
}

func decode64(metadata string) []byte {
	_, encoded, _ := strings.Cut(metadata, " ")
	raw, _ := base64.StdEncoding.DecodeString(encoded)
	return raw
}

func newOffice(t *testing.T, faults ...fault) (*bench, *office) {
	b := newBench(t)
	o := &office{script: *b.script, parts: map[string][]byte{}, sums: map[string]string{}, sizes: map[string]int{}, stored: map[string][]byte{}, faults: faults}
	b.o.Transport, b.o.ChunkSize = o, 1000
	return b, o
}

func TestPhotosArrive(t *testing.T) {
	photo := bytes.Repeat([]byte("photo"), 700) // three chunks and a half
	tests := []struct {
		name   string
		faults []fault
		want   error
		state  string
		asked  string
	}{
		{"with nothing in the way, each chunk is one request", nil, nil, Safe, "POST PATCH PATCH PATCH"},
		{"a creation whose answer is lost is found by the hash", []fault{noAnswer}, nil, Safe, "POST HEAD HEAD PATCH PATCH PATCH"},
		{"a creation that never arrived is made again", []fault{noRequest}, nil, Safe, "POST HEAD POST PATCH PATCH PATCH"},
		{"a chunk that was cut goes on where it was cut", []fault{fine, halfBody}, nil, Safe, "POST PATCH HEAD PATCH PATCH"},
		{"a last chunk whose answer is lost is not sent again", []fault{fine, fine, fine, noAnswer}, nil, Safe, "POST PATCH PATCH PATCH HEAD HEAD"},
		{"a captive portal is no answer", []fault{fine, portal, portal}, nil, Safe, "POST PATCH HEAD HEAD PATCH PATCH PATCH"},
		{"no network keeps the photograph", []fault{noRequest, noRequest, noRequest}, ErrNetwork, OnPhone, "POST HEAD HEAD"},
		{"a full server is asked again later", []fault{busy507, busy507, busy507}, ErrBusy, OnPhone, "POST HEAD HEAD"},
		{"other bytes are sent anew", []fault{otherBytes}, nil, Safe, "POST PATCH PATCH PATCH HEAD POST PATCH PATCH PATCH"},
		{"other bytes every time need somebody", slices.Repeat([]fault{otherBytes, fine, fine, fine, fine}, 3), nil, Stuck,
			"POST PATCH PATCH PATCH HEAD POST PATCH PATCH PATCH HEAD POST PATCH PATCH PATCH"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, o := newOffice(t, test.faults...)
			m, err := b.Capture(photo, map[string]any{"owner_type": "visit"})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Sync(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("ended with %v", err)
			}
			list, err := b.Photos()
			if err != nil || len(list) != 1 || list[0].State != test.state || list[0].Record != m.Record {
				t.Errorf("%+v (%v)", list, err)
			}
			if got := strings.Join(o.asked, " "); got != test.asked {
				t.Errorf("asked %s, want %s", got, test.asked)
			}
			if stored := slices.Collect(maps.Values(o.stored)); test.state == Safe && (len(stored) != 1 || !bytes.Equal(stored[0], photo)) {
				t.Errorf("the server has %d photographs", len(stored))
			}
			if kept, err := b.PhotoBytes(m.Record); err != nil || !bytes.Equal(kept, photo) {
				t.Errorf("the phone keeps %d bytes (%v)", len(kept), err)
			}
		})
	}
}

// A photograph stays a week after it is safe, then its bytes go.
func TestASafePhotoStaysAWeek(t *testing.T) {
	b, o := newOffice(t)
	m, err := b.Capture([]byte("photo"), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		days int
		kept bool
	}{{0, true}, {7, true}, {8, false}} {
		now := at.AddDate(0, 0, step.days).Format("2006-01-02T15:04:05.000Z")
		o.answers = []func(string, []byte) (int, string){func(path string, body []byte) (int, string) {
			status, text := good(path, body)
			return status, strings.ReplaceAll(text, serverNow, now)
		}}
		if err := b.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		data, err := b.PhotoBytes(m.Record)
		if list, err2 := b.Photos(); err != nil || err2 != nil || (len(list) == 1) != step.kept || (len(data) > 0) != step.kept {
			t.Errorf("after %d days: %d photographs, %d bytes (%v, %v)", step.days, len(list), len(data), err, err2)
		}
	}
}

// After the server was restored from a backup, what was safe is asked for and
// sent again.
func TestARestoredServerGetsPhotosAgain(t *testing.T) {
	b, o := newOffice(t)
	if _, err := b.Capture([]byte("photo"), map[string]any{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context()); err != nil || len(o.stored) != 1 {
		t.Fatal(err)
	}
	clear(o.stored)
	o.answers = []func(string, []byte) (int, string){says(409, `{"error":"epoch_changed","resume_from":1}`), good}
	if err := b.Sync(t.Context()); err != nil || len(o.stored) != 1 {
		t.Errorf("the server has %d photographs (%v)", len(o.stored), err)
	}
}

// A server that has lost the bytes of a photograph from its disk says so in the
// feed, and gets them again.
func TestAServerThatAsksGetsAPhotoAgain(t *testing.T) {
	b, o := newOffice(t)
	m, err := b.Capture([]byte("photo"), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context()); err != nil || len(o.stored) != 1 {
		t.Fatal(err)
	}
	clear(o.stored)
	for _, step := range []struct {
		says string
		has  int
	}{{`"upload_state":"done","status":"ready"`, 0}, {`"upload_state":"local","status":"pending"`, 1}} {
		o.answers = []func(string, []byte) (int, string){says(200, `{"changes":[{"collection":"evidence","id":"`+m.Record+`","seq":5,"scopes":["all"],"record":{`+step.says+`}}],
			"drop":[],"scopes":["all"],"cursor":"c","more":false,"now":"`+serverNow+`"}`)}
		if err := b.Sync(t.Context()); err != nil || len(o.stored) != step.has {
			t.Errorf("told %s, the server gets %d photographs (%v)", step.says, len(o.stored), err)
		}
	}
}

// Bytes that are no longer those that were captured are never sent, and do not
// hold up the next photograph. On a store on disk.
func TestADamagedPhotoIsNotSent(t *testing.T) {
	file, err := OpenSQLite(filepath.Join(t.TempDir(), "phone.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, o := newOffice(t)
	b.o.Store = file
	big := bytes.Repeat([]byte("x"), 2*pieceSize+1)
	m, err := b.Capture(big, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Capture([]byte("good"), map[string]any{}); err != nil {
		t.Fatal(err)
	}
	if data, err := b.PhotoBytes(m.Record); err != nil || !bytes.Equal(data, big) {
		t.Fatalf("%d bytes (%v)", len(data), err)
	}
	if err := file.Update(func(tx Tx) error { return tx.Put(bytesKey(m.Record)+"00000001", []byte("y")) }); err != nil {
		t.Fatal(err)
	}
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := b.Photos()
	if err != nil || len(list) != 2 || list[0].Code != "damaged_on_phone" || list[1].State != Safe || len(o.stored) != 1 {
		t.Errorf("%+v (%v)", list, err)
	}
	if err := b.DismissPhoto(m.Record); err != nil {
		t.Fatal(err)
	}
	if list, _ := b.Photos(); len(list) != 1 {
		t.Errorf("%d photographs are left", len(list))
	}
}
