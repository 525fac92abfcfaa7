package workflow

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPlaces(t *testing.T) {
	a, b, c := Claim{Who: "a"}, Claim{Who: "b"}, Claim{Who: "c"}
	released, confirmed := a, c
	released.Released, confirmed.Confirmed = true, true
	for _, tc := range []struct {
		name   string
		slots  int
		claims []Claim
		want   []string
	}{
		{"the first two of three have the two places", 2, []Claim{a, b, c}, []string{"held", "held", "backup"}},
		{"a place that is given up goes to the next", 2, []Claim{released, b, c}, []string{"released", "held", "held"}},
		{"who was confirmed keeps his place when there are fewer", 1, []Claim{a, b, confirmed}, []string{"backup", "backup", "confirmed"}},
		{"nobody has two places", 2, []Claim{a, a, b}, []string{"held", "backup", "held"}},
		{"who gave up may come again, as the last", 1, []Claim{released, b, a}, []string{"released", "held", "backup"}},
		{"no places", 0, []Claim{a}, []string{"backup"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Places(tc.claims, tc.slots); !slices.Equal(got, tc.want) {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestPlacesAreNeverTakenTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		claims := make([]Claim, rapid.IntRange(0, 12).Draw(t, "claims"))
		for i := range claims {
			claims[i] = Claim{fmt.Sprint(rapid.IntRange(0, 6).Draw(t, "who")), rapid.Bool().Draw(t, "confirmed"), rapid.Bool().Draw(t, "done"), rapid.Bool().Draw(t, "released")}
		}
		slots := rapid.IntRange(0, 8).Draw(t, "slots")
		taken, waiting, holders := 0, 0, map[string]bool{}
		for i, status := range Places(claims, slots) {
			switch status {
			case "held", "confirmed", "done":
				if taken++; holders[claims[i].Who] {
					t.Fatalf("%s has two places", claims[i].Who)
				}
				holders[claims[i].Who] = true
			case "backup":
				waiting++
			case "released":
				if !claims[i].Released {
					t.Fatalf("claim %d was not given up", i)
				}
			default:
				t.Fatalf("claim %d is %q", i, status)
			}
		}
		if taken > slots {
			t.Fatalf("%d places taken of %d", taken, slots)
		}
		for i, status := range Places(claims, slots) {
			if status == "backup" && taken < slots && !holders[claims[i].Who] {
				t.Fatalf("claim %d waits while %d of %d places are taken", i, taken, slots)
			}
		}
		// One who comes later changes nothing for those who were there.
		if more := Places(append(slices.Clone(claims), Claim{Who: "late"}), slots); !slices.Equal(more[:len(claims)], Places(claims, slots)) {
			t.Fatal("a latecomer took a place from somebody")
		}
	})
}
