package geo

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawSightings(t *rapid.T) []Sighting {
	var seen []Sighting
	at := morning
	for range rapid.IntRange(0, 30).Draw(t, "n") {
		at = at.Add(time.Duration(rapid.IntRange(0, 700).Draw(t, "seconds")) * time.Second)
		v := rapid.SampledFrom([]Verdict{Inside, Inside, NearEdge, Outside, Outside, Outside, Uncertain, NoFix, QRConfirmed}).Draw(t, "verdict")
		seen = append(seen, Sighting{at, v})
	}
	return seen
}

// Sightings that arrive late, or in any order, say the same as in order.
func TestPresenceGoesByTheTimeOfTheFix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := drawSightings(t)
		numbered := make([]int, len(seen))
		for i := range numbered {
			numbered[i] = i
		}
		order := rapid.Permutation(numbered).Draw(t, "order")
		late := make([]Sighting, len(seen))
		for i, from := range order {
			late[i] = seen[from]
		}
		want, got := DefaultPresenceLimits().Follow(seen), DefaultPresenceLimits().Follow(late)
		if got.Now != want.Now || !slices.Equal(got.Crossings, want.Crossings) {
			t.Fatalf("%+v in order, %+v else", want, got)
		}
		for i, from := range order {
			same := func(s Sighting) bool { return s == late[i] } // of two that are equal either may be meant
			if got.Each[i] != want.Each[from] && slices.IndexFunc(late[i+1:], same) < 0 && slices.IndexFunc(late[:i], same) < 0 {
				t.Fatalf("%v is %s in order, %s else", late[i], want.Each[from], got.Each[i])
			}
		}
	})
}

// Nobody leaves by fewer fixes outside than it takes, however they lie.
func TestPresenceTakesEnoughFixes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits, seen := DefaultPresenceLimits(), drawSightings(t)
		got := limits.Follow(seen)
		left := 0
		for _, c := range got.Crossings {
			if c.To == Absent {
				left++
			}
		}
		outside := 0
		for _, s := range seen {
			if s.Verdict == Outside {
				outside++
			}
		}
		if left*limits.Leave.Fixes > outside {
			t.Fatalf("left %d times by %d fixes outside: %v", left, outside, seen)
		}
	})
}

func TestValidAt(t *testing.T) {
	day := func(n int) time.Time { return morning.AddDate(0, 0, n) }
	versions := []Version{{3, day(20), time.Time{}}, {1, day(0), day(10)}, {2, day(10), day(15)}}
	for _, c := range []struct {
		name string
		at   time.Time
		want int // 0 for none
	}{
		{"before the first the first counts", day(-100), 1},
		{"from its first moment", day(0), 1},
		{"until the next", day(10).Add(-1), 1},
		{"the next from its first moment", day(10), 2},
		{"out of use there is none", day(15), 0},
		{"in use again", day(20), 3},
		{"until further notice", day(1000), 3},
	} {
		got, ok := ValidAt(versions, c.at)
		if got.Number != c.want || ok != (c.want > 0) {
			t.Errorf("%s: version %d (%v), want %d", c.name, got.Number, ok, c.want)
		}
	}
	if _, ok := ValidAt(nil, day(0)); ok {
		t.Error("a version of nothing")
	}
	// Two boundaries drawn at one moment: the later stands, for what was before
	// too the first.
	twice := []Version{{1, day(0), day(0)}, {2, day(0), time.Time{}}}
	if got, _ := ValidAt(twice, day(0)); got.Number != 2 {
		t.Errorf("at the moment of two changes it is version %d", got.Number)
	}
}
