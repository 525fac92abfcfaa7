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
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// testdata/situations.json is what every client does in the same situation: Go
// runs it here, TypeScript in sdk/test/situations.test.ts. In each situation a
// phone takes steps, one after the other; «expect» names what must be true then.
type situation struct {
	Name  string `json:"name"`
	Steps []struct {
		Write *struct {
			Mutation
			Fails string `json:"fails"`
		} `json:"write"`
		Clock   *time.Time  `json:"clock"` // of the phone, from now on
		Restart bool        `json:"restart"`
		Sync    *[]exchange `json:"sync"`
		Check   *[]exchange `json:"check"`

		Ends      string         `json:"ends"`   // how the sync or check ends: kind, or refused:code
		Waited    *[]int64       `json:"waited"` // ms between attempts
		Different []string       `json:"different"`
		Expect    map[string]any `json:"expect"`
	} `json:"steps"`
}

// exchange is a request that the client must make, and the answer to it.
type exchange struct {
	Path   string `json:"path"`
	Body   any    `json:"body"`
	Answer struct {
		None   bool              `json:"none"` // no answer comes
		Cut    string            `json:"cut"`  // it breaks off after this
		Status int               `json:"status"`
		Type   string            `json:"type"`
		Text   string            `json:"text"`
		Body   json.RawMessage   `json:"body"`
		Header map[string]string `json:"header"`
	} `json:"answer"`
}

// part is a server that plays its part of a situation.
type part struct {
	t    *testing.T
	left []exchange
}

func (p *part) RoundTrip(r *http.Request) (*http.Response, error) {
	unzip, err := gzip.NewReader(r.Body)
	if err != nil {
		p.t.Fatalf("%s is not compressed: %v", r.URL.Path, err)
	}
	raw, err := io.ReadAll(unzip)
	if err != nil {
		p.t.Fatal(err)
	}
	var body any
	if err := json.Unmarshal(raw, &body); err != nil {
		p.t.Fatal(err)
	}
	if len(p.left) == 0 {
		p.t.Fatalf("nobody expects %s %s", r.URL.Path, raw)
	}
	next := p.left[0]
	p.left = p.left[1:]
	if want, _ := json.Marshal(next.Body); r.URL.Path != next.Path || !reflect.DeepEqual(body, next.Body) {
		p.t.Fatalf("asked %s %s, want %s %s", r.URL.Path, raw, next.Path, want)
	}
	a := next.Answer
	header := http.Header{"Content-Type": {"application/json"}}
	if a.Type != "" {
		header.Set("Content-Type", a.Type)
	}
	for name, value := range a.Header {
		header.Set(name, value)
	}
	switch {
	case a.None:
		return nil, errors.New("no route")
	case a.Cut != "":
		broken := io.MultiReader(strings.NewReader(a.Cut), iotest.ErrReader(io.ErrUnexpectedEOF))
		return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(broken)}, nil
	case a.Body != nil:
		a.Text = string(a.Body)
	}
	return &http.Response{StatusCode: a.Status, Header: header, Body: io.NopCloser(strings.NewReader(a.Text))}, nil
}

func TestSituations(t *testing.T) {
	raw, err := os.ReadFile("testdata/situations.json")
	if err != nil {
		t.Fatal(err)
	}
	var situations []situation
	reader := json.NewDecoder(bytes.NewReader(raw))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&situations); err != nil {
		t.Fatal(err)
	}
	for _, s := range situations {
		t.Run(s.Name, func(t *testing.T) { s.play(t) })
	}
}

func (s situation) play(t *testing.T) {
	server := &part{t: t}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	ids, waited := 0, []int64{}
	store := NewMemory()
	start := func() *Client {
		return New(Options{URL: "http://server", Device: "device000000001", Token: func() string { return "t" }, Store: store,
			Transport: server, Attempts: 3, Random: func() float64 { return 0.5 }, Now: func() time.Time { return now },
			NewID: func() string { ids++; return fmt.Sprintf("id%013d", ids) },
			Sleep: func(_ context.Context, d time.Duration) error { waited = append(waited, d.Milliseconds()); return nil }})
	}
	c := start()
	for i, step := range s.Steps {
		talk := step.Sync
		if talk == nil {
			talk = step.Check
		}
		switch {
		case step.Clock != nil:
			now = *step.Clock
		case step.Restart:
			c = start()
		case step.Write != nil:
			w := step.Write
			if _, err := c.Write(w.Collection, w.Record, w.Op, w.Set, w.After...); ending(err) != w.Fails {
				t.Fatalf("step %d: write: %v", i, err)
			}
		case talk != nil:
			server.left, waited = *talk, []int64{}
			var err error
			var different []string
			if step.Sync != nil {
				err = c.Sync(t.Context())
			} else {
				different, err = c.Check(t.Context())
			}
			if ending(err) != step.Ends || len(server.left) > 0 {
				t.Fatalf("step %d ended with %v, %d requests were not made", i, err, len(server.left))
			}
			if step.Waited != nil && !reflect.DeepEqual(waited, *step.Waited) {
				t.Errorf("step %d waited %v", i, waited)
			}
			if len(different) != len(step.Different) || len(different) > 0 && !reflect.DeepEqual(different, step.Different) {
				t.Errorf("step %d: %v differ", i, different)
			}
		}
		compare(t, i, c, step.Expect)
	}
}

// ending names an error as situations do.
func ending(err error) string {
	var r *Refused
	for name, is := range map[string]error{"network": ErrNetwork, "busy": ErrBusy, "sign_in": ErrSignIn, "upgrade": ErrUpgrade, "erased": ErrErased, "gap": ErrGap} {
		if errors.Is(err, is) {
			return name
		}
	}
	if errors.As(err, &r) {
		return "refused:" + r.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// compare looks at what the phone holds.
func compare(t *testing.T, step int, c *Client, want map[string]any) {
	t.Helper()
	m, err := c.meta()
	if err != nil {
		t.Fatal(err)
	}
	for what, value := range want {
		var have any
		switch what {
		case "outbox":
			waiting, err := c.Outbox()
			if err != nil {
				t.Fatal(err)
			}
			numbers := []int64{}
			for _, m := range waiting {
				numbers = append(numbers, m.N)
			}
			have = numbers
		case "attention":
			list, err := c.NeedsAttention()
			if err != nil {
				t.Fatal(err)
			}
			needs := []map[string]any{}
			for _, a := range list {
				needs = append(needs, map[string]any{"n": a.Mutation.N, "code": a.Problem.Code})
			}
			have = needs
		case "shown":
			shown := map[string]any{}
			for collection := range value.(map[string]any) {
				if shown[collection], err = c.List(collection); err != nil {
					t.Fatal(err)
				}
			}
			have = shown
		case "held":
			replica, err := c.Replica()
			if err != nil {
				t.Fatal(err)
			}
			held := map[string]any{}
			for key, h := range replica {
				held[key] = map[string]any{"seq": h.Seq, "scopes": h.Scopes}
			}
			have = held
		case "cursor":
			have = m.Cursor
		case "scopes":
			have = append([]string{}, m.Scopes...)
		default:
			t.Fatalf("step %d expects %q, which nobody knows", step, what)
		}
		raw, err := json.Marshal(have)
		if err != nil {
			t.Fatal(err)
		}
		var plain any
		if err := json.Unmarshal(raw, &plain); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(plain, value) {
			t.Errorf("step %d: %s is %s, want %v", step, what, raw, value)
		}
	}
}
