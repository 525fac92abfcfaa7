package phone

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// script answers each request by the next of its functions; the last one
// answers all that follow.
type script struct {
	t       *testing.T
	answers []func(path string, body []byte) (int, string)
	paths   []string
	sizes   []int // mutations of each push
	header  http.Header
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	unzip, err := gzip.NewReader(r.Body)
	if err != nil {
		s.t.Fatalf("%s is not compressed: %v", r.URL.Path, err)
	}
	body, _ := io.ReadAll(unzip)
	s.paths = append(s.paths, strings.TrimPrefix(r.URL.Path, "/api/sync/"))
	var push pushRequest
	if json.Unmarshal(body, &push) == nil && len(push.Mutations) > 0 {
		s.sizes = append(s.sizes, len(push.Mutations))
	}
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	status, text := answer(r.URL.Path, body)
	if status == 0 {
		return nil, errors.New("no route")
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for k, v := range s.header {
		header[k] = v
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(text))}, nil
}

const serverNow = "2026-11-23T08:00:00.000Z"

// good answers as a server does that takes everything and has nothing new.
func good(path string, body []byte) (int, string) {
	if strings.HasSuffix(path, "pull") {
		return 200, `{"changes":[],"drop":[],"scopes":["all"],"cursor":"c","more":false,"now":"` + serverNow + `","poll":300}`
	}
	var push pushRequest
	_ = json.Unmarshal(body, &push)
	answer := pushAnswer{Now: serverNow}
	for _, m := range push.Mutations {
		answer.Results = append(answer.Results, Result{ID: m.ID, Status: "applied", Seq: m.N})
	}
	raw, _ := json.Marshal(answer)
	return 200, string(raw)
}

func says(status int, text string) func(string, []byte) (int, string) {
	return func(string, []byte) (int, string) { return status, text }
}

type bench struct {
	*Client
	script *script
	store  *Memory
	slept  []time.Duration
}

func newBench(t *testing.T, answers ...func(string, []byte) (int, string)) *bench {
	b := &bench{script: &script{t: t, answers: append(answers, good)}, store: NewMemory()}
	b.Client = New(Options{URL: "http://server", Device: "device000000001", Token: func() string { return "t" }, Store: b.store,
		Transport: b.script, Random: func() float64 { return 0.5 }, Attempts: 3,
		Now: func() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) },
		Sleep: func(_ context.Context, d time.Duration) error {
			b.slept = append(b.slept, d)
			return nil
		}})
	return b
}

func (b *bench) writes(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		if _, err := b.Write("visits", fmt.Sprintf("visit%010d", i), "create", map[string]any{"note": "x"}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSyncEnds(t *testing.T) {
	portal := "<html>请登录</html>"
	tests := []struct {
		name    string
		answers []func(string, []byte) (int, string)
		want    error
		waiting int // mutations that are left in the outbox
	}{
		{"a server that takes everything empties the outbox", nil, nil, 0},
		{"no network keeps everything", []func(string, []byte) (int, string){says(0, ""), says(0, ""), says(0, "")}, ErrNetwork, 3},
		{"a captive portal is no answer", []func(string, []byte) (int, string){says(200, portal), says(200, portal), says(200, portal)}, ErrNetwork, 3},
		{"{} from a proxy is no answer", []func(string, []byte) (int, string){says(200, "{}"), says(200, "{}"), says(200, "{}")}, ErrNetwork, 3},
		{"a body cut short is asked for again", []func(string, []byte) (int, string){says(200, `{"results":[{"id"`)}, nil, 0},
		{"a busy server is asked again", []func(string, []byte) (int, string){says(503, `{"error":"overloaded"}`), says(507, `{"error":"storage_full"}`)}, nil, 0},
		{"a busy server is not asked for ever", []func(string, []byte) (int, string){says(503, ""), says(503, ""), says(429, "")}, ErrBusy, 3},
		{"an expired token keeps everything", []func(string, []byte) (int, string){says(401, `{"error":"unauthorized"}`)}, ErrSignIn, 3},
		{"an app that is too old still pushes", []func(string, []byte) (int, string){good, says(426, `{"error":"upgrade_required","min":2}`)}, ErrUpgrade, 0},
		{"a revoked device is erased", []func(string, []byte) (int, string){says(403, `{"error":"device_revoked","wipe":true}`)}, ErrErased, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, test.answers...)
			b.writes(t, 3)
			if err := b.Sync(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("ended with %v", err)
			}
			if left, err := b.Outbox(); err != nil || len(left) != test.waiting {
				t.Errorf("%d mutations wait (%v)", len(left), err)
			}
		})
	}
}

func TestATooLargeBatchIsHalved(t *testing.T) {
	tooLarge := says(413, `{"error":"too_large"}`)
	b := newBench(t, tooLarge, tooLarge)
	b.writes(t, 8)
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []int{8, 4, 2, 2, 2, 2}; !slices.Equal(b.script.sizes, want) {
		t.Errorf("batches of %v, want %v", b.script.sizes, want)
	}
}

func TestWaitingDoublesAndHonoursRetryAfter(t *testing.T) {
	b := newBench(t, says(0, ""), says(503, ""))
	b.script.header = http.Header{"Retry-After": {"7"}}
	b.writes(t, 1)
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{750 * time.Millisecond, 8500 * time.Millisecond}; !slices.Equal(b.slept, want) {
		t.Errorf("slept %v, want %v", b.slept, want)
	}
}

// A server that was restored from a backup gets again what it lost.
func TestARestoredServerGetsAgainWhatItLost(t *testing.T) {
	b := newBench(t)
	b.writes(t, 5)
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.script.sizes = nil
	b.script.answers = []func(string, []byte) (int, string){says(409, `{"error":"epoch_changed","resume_from":2}`), good}
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []int{3}; !slices.Equal(b.script.sizes, want) {
		t.Errorf("sent %v again, want numbers 3 to 5", b.script.sizes)
	}
	if m, _ := b.meta(); m.Handled != 5 || m.Hydrating {
		t.Errorf("stands at %+v", m)
	}
}

func TestWhatWasWrittenShowsAtOnceAndARejectionIsKept(t *testing.T) {
	b := newBench(t)
	m, err := b.Write("visits", "visit0000000001", "create", map[string]any{"note": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get("visits", "visit0000000001"); err != nil || got["note"] != "x" {
		t.Errorf("shows %v (%v)", got, err)
	}
	b.script.answers = []func(string, []byte) (int, string){
		says(200, `{"results":[{"id":"`+m.ID+`","status":"rejected","error":{"code":"out_of_scope","message":"…"}}],"now":"`+serverNow+`"}`), good}
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, _ := b.Get("visits", "visit0000000001"); got != nil {
		t.Errorf("a rejected visit shows: %v", got)
	}
	if list, err := b.NeedsAttention(); err != nil || len(list) != 1 || list[0].Problem.Code != "out_of_scope" || list[0].Mutation.ID != m.ID {
		t.Errorf("needs attention: %v (%v)", list, err)
	}
}

// A lost scope takes along what is held through no other.
func TestALostScopeIsDropped(t *testing.T) {
	page := func(scopes, changes string) func(string, []byte) (int, string) {
		return says(200, `{"changes":[`+changes+`],"scopes":[`+scopes+`],"cursor":"c","now":"`+serverNow+`"}`)
	}
	b := newBench(t, page(`"a","b"`, `{"collection":"visits","id":"1","seq":1,"scopes":["a"],"record":{}},
		{"collection":"visits","id":"2","seq":2,"scopes":["a","b"],"record":{}}`), page(`"b"`, ``))
	for range 2 {
		if err := b.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	held, err := b.Replica()
	if err != nil || len(held) != 1 || !slices.Equal(held["visits/2"].Scopes, []string{"b"}) {
		t.Errorf("holds %v (%v)", held, err)
	}
}

func TestStampsGrowWhateverTheClockDoes(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	last := ""
	for _, at := range []time.Time{now, now, now.Add(-time.Hour), time.Unix(0, 0), now.AddDate(50, 0, 0), now, time.UnixMilli(-5)} {
		stamp := nextStamp(last, at, "d")
		if stamp <= last {
			t.Errorf("%s follows %s", stamp, last)
		}
		last = stamp
	}
	if got := nextStamp("000000000001-ffff-d", time.UnixMilli(0), "d"); got != "000000000002-0000-d" {
		t.Errorf("a full counter is followed by %s", got)
	}
}

// Both stores keep the same contract.
func TestStores(t *testing.T) {
	file, err := OpenSQLite(filepath.Join(t.TempDir(), "phone.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, store := range map[string]Store{"memory": NewMemory(), "sqlite": file} {
		t.Run(name, func(t *testing.T) {
			put := func(fail error, keys ...string) error {
				return store.Update(func(tx Tx) error {
					for _, key := range keys {
						if err := tx.Put(key, []byte(key)); err != nil {
							return err
						}
					}
					return fail
				})
			}
			undone := errors.New("undone")
			if err := put(nil, "b", "a/2", "a/1"); err != nil {
				t.Fatal(err)
			}
			if err := put(undone, "a/3", "b"); !errors.Is(err, undone) {
				t.Fatal(err)
			}
			err := store.Update(func(tx Tx) error {
				if raw, err := tx.Get("a/3"); err != nil || raw != nil {
					t.Errorf("an undone write left %q (%v)", raw, err)
				}
				var keys []string
				err := tx.Scan("a/", end("a/"), func(key string, value []byte) error {
					if !bytes.Equal(value, []byte(key)) {
						t.Errorf("%s is %q", key, value)
					}
					keys = append(keys, key)
					return tx.Delete(key)
				})
				if want := []string{"a/1", "a/2"}; !slices.Equal(keys, want) {
					t.Errorf("scanned %v, want %v", keys, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The client works on the store of a real app, too.
func TestAStoreOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phone.db")
	b := newBench(t)
	for round := range 2 {
		file, err := OpenSQLite(path)
		if err != nil {
			t.Fatal(err)
		}
		o := b.o
		o.Store = file
		c := New(o)
		if _, err := c.Write("visits", "visit0000000001", "update", map[string]any{"n": round}); err != nil {
			t.Fatal(err)
		}
		if waiting, err := c.Outbox(); err != nil || len(waiting) != round+1 {
			t.Errorf("%d mutations wait (%v)", len(waiting), err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
