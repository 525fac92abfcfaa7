package merge

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestNormalize(t *testing.T) {
	type set []string
	for _, c := range []struct {
		name string
		in   any
		want any
	}{
		{"text stays", "走访", "走访"},
		{"null stays", nil, nil},
		{"every number is a float", int64(7), 7.0},
		{"minus zero is zero", math.Copysign(0, -1), 0.0},
		{"minus zero inside a list is zero", []any{json.Number("-0")}, []any{0.0}},
		{"a typed list is a list", set{"a", "b"}, []any{"a", "b"}},
		{"a nil list is null", set(nil), nil},
		{"raw JSON is read", json.RawMessage(`{"b":[1],"a":null}`), map[string]any{"a": nil, "b": []any{1.0}}},
		{"a time is its text", time.Unix(0, 0).UTC(), "1970-01-01T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Normalize(c.in)
			if err != nil || !Equal(got, c.want) {
				t.Fatalf("Normalize(%#v) = %#v, %v, want %#v", c.in, got, err, c.want)
			}
			if f, ok := got.(float64); ok && math.Signbit(f) {
				t.Fatal("minus zero is left")
			}
		})
	}
	for _, bad := range []any{math.NaN(), math.Inf(1), make(chan int), json.Number("1e999")} {
		if v, err := Normalize(bad); err == nil {
			t.Errorf("Normalize(%#v) = %#v without an error", bad, v)
		}
	}
}

func TestCanonical(t *testing.T) {
	v := map[string]any{"b": []any{1.0, "<走>"}, "a": true}
	if got, want := Canonical(v), `{"a":true,"b":[1,"<走>"]}`; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// Normalising twice is normalising once, and equal values have equal texts.
func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{`null`, `-0`, `"\u2028\ud800"`, `[1,-0.0,{"b":1e3,"a":[]}]`, `{"a":{"a":{}}}`, `1e308`, `123456789012345678901234567890`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := Normalize(json.RawMessage(text))
		if err != nil {
			return
		}
		again, err := Normalize(once)
		if err != nil || !Equal(once, again) || Canonical(once) != Canonical(again) {
			t.Fatalf("%s becomes %s, then %s, %v", text, Canonical(once), Canonical(again), err)
		}
		back, err := Normalize(json.RawMessage(Canonical(once)))
		if err != nil || !Equal(once, back) {
			t.Fatalf("%s comes back as %v, %v", Canonical(once), back, err)
		}
	})
}
