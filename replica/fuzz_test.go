package replica

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is pushed, the answer is mutations in order or a refusal with a
// code.
func FuzzPushBody(f *testing.F) {
	e := &Engine{s: DefaultSettings()}
	f.Add([]byte(`{"mutations":[{"id":"m1","n":1,"at":"0199ab3f0c00-0000-dev1","collection":"visits","record":"aaaaaaaaaaaaaaa","op":"create","set":{"note":"x"}}]}`))
	f.Add([]byte(`{"mutations":[{"id":"m1","n":1,"at":"0199ab3f0c00-0000-dev1"},{"id":"m2","n":3,"at":"0199ab3f0c00-0000-dev1"}]}`))
	f.Add([]byte(`{"mutations":null}`))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Fuzz(func(t *testing.T, body []byte) {
		mutations, err := e.DecodePush(bytes.NewReader(body))
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) || refused.Code == "" || refused.Status < 400 || refused.Status >= 500 {
				t.Fatalf("refused without a code: %v", err)
			}
			return
		}
		if len(mutations) > e.s.MaxMutations {
			t.Fatalf("%d mutations", len(mutations))
		}
		for i, m := range mutations {
			if m.N < 1 || i > 0 && m.N != mutations[i-1].N+1 || m.stamp == "" {
				t.Fatalf("mutation %d: %+v", i, m)
			}
		}
	})
}

// Whatever is pulled with, the cursor is one that was handed out or refused.
func FuzzPullBody(f *testing.F) {
	key := []byte("key")
	good := cursor{epoch: "E", device: "d", seqs: map[string]int64{"all": 7}}.encode(key)
	f.Add([]byte(`{"cursor":"","limit":500,"schema":1,"collections":["visits"]}`))
	f.Add([]byte(`{"cursor":"` + good + `"}`))
	f.Add([]byte(`{"cursor":"` + good[1:] + `","limit":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var request PullRequest
		if json.Unmarshal(body, &request) != nil {
			return
		}
		c, err := decodeCursor(request.Cursor, key, "E", "d", nil)
		if err == nil && request.Cursor != "" && request.Cursor != c.encode(key) {
			t.Fatalf("%q was believed and says %v", request.Cursor, c.seqs)
		}
	})
}

// A cursor comes back as it was handed out, and not with another byte in it.
func FuzzCursor(f *testing.F) {
	key := []byte("key")
	f.Add([]byte(cursor{epoch: "E", device: "d", seqs: map[string]int64{"grid:a": 1 << 40}}.encode(key)))
	f.Add([]byte("garbage"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := decodeCursor(string(text), key, "E", "d", nil)
		if err == nil && len(text) > 0 && c.encode(key) != string(text) {
			t.Fatalf("%q was believed", text)
		}
	})
}

func TestCursorsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		seqs := rapid.MapOf(rapid.StringMatching(`[a-z:]{1,40}`), rapid.Int64Range(0, 1<<60)).Draw(t, "seqs")
		text := cursor{epoch: "E", device: "d", filter: "visits", seqs: seqs}.encode(key)
		back, err := decodeCursor(text, key, "E", "d", []string{"visits"})
		if err != nil || !maps.Equal(back.seqs, seqs) {
			t.Fatalf("%v came back as %v, %v", seqs, back.seqs, err)
		}
		for _, other := range []struct{ epoch, device, filter, code string }{
			{"F", "d", "visits", "epoch_changed"}, {"E", "e", "visits", "cursor_of_other_device"}, {"E", "d", "patrols", "cursor_of_other_filter"},
		} {
			_, err := decodeCursor(text, key, other.epoch, other.device, []string{other.filter})
			var refused *Error
			if !errors.As(err, &refused) || refused.Code != other.code {
				t.Fatalf("%v: %v", other, err)
			}
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		for _, damaged := range []string{text[:at] + "!" + text[at+1:], text[:at] + "\n" + text[at:], text + "\r"} {
			if _, err := decodeCursor(damaged, key, "E", "d", []string{"visits"}); err == nil {
				t.Fatalf("%q was believed", damaged)
			}
		}
	})
}
