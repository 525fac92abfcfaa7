package keep

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the text, a struck name no longer stands in it, and nothing else is lost.
func TestStrike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[张李王][a-z]{1,3}`).Draw(t, "name")
		parts := rapid.SliceOfN(rapid.StringMatching(`[0-9，。]{0,5}`), 1, 5).Draw(t, "parts")
		struck := Strike(strings.Join(parts, name), []string{name})
		if strings.Contains(struck, name) {
			t.Fatalf("%q still holds %q", struck, name)
		}
		want := strings.Join(parts, Struck)
		if want == Struck {
			want = ""
		}
		if struck != want {
			t.Fatalf("%q is not %q", struck, want)
		}
	})
	if got := Strike("王家的路灯", []string{"王"}); got != "王家的路灯" {
		t.Errorf("a single character was struck: %s", got)
	}
	if got := Strike("张三", []string{"张三"}); got != "" {
		t.Errorf("nothing but a name became %q", got)
	}
}

// Whatever is changed in the proof log, removed from its middle or put in, the
// first entry that is not as it was written is found.
func TestProofLogShowsEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var log []Entry
		before := ""
		for i := range rapid.IntRange(2, 20).Draw(t, "entries") {
			e := Entry{At: "2026-11-23", Collection: rapid.SampledFrom([]string{"visits", "residents"}).Draw(t, "collection"), Record: string(rune('a' + i)), Rule: "forget", Count: 1}
			e.Digest = e.Sum(before)
			before = e.Digest
			log = append(log, e)
		}
		if FirstBroken(log) != -1 {
			t.Fatal("an untouched log is broken")
		}
		at := rapid.IntRange(0, len(log)-2).Draw(t, "at")
		changed := slices.Clone(log)
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			changed[at].Record += "x"
		case 1:
			changed = slices.Delete(changed, at, at+1)
		case 2:
			changed[at], changed[at+1] = changed[at+1], changed[at]
		case 3:
			changed[at].Count++
			changed[at].Digest = changed[at].Sum("forged")
		}
		if got := FirstBroken(changed); got != at {
			t.Fatalf("the first broken is %d, not %d", got, at)
		}
	})
}

func TestStrongerFateWins(t *testing.T) {
	order := []Fate{Stays, Mask, Reduce, Delete}
	for i, a := range order {
		for j, b := range order {
			if a.Stronger(b) != (i > j) {
				t.Errorf("%s over %s is %v", a, b, a.Stronger(b))
			}
		}
	}
}
