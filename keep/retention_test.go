package keep

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever the register says, every field goes exactly once and after its own
// days, or with the record when that goes at the same time or has no field left.
func TestEveryFieldGoesOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.MapOf(rapid.SampledFrom([]string{"a", "b", "c", "d", "never"}), rapid.IntRange(1, 5)).Draw(t, "days")
		age := Age{Whole: rapid.Bool().Draw(t, "whole"), Only: map[string]string{"never": "0", "c": "t.x"}}
		gone := map[string]int{}
		whole, last := 0, 0
		for _, group := range age.Groups(days) {
			if group.Days < last {
				t.Fatal("what goes earlier stands later")
			}
			last = group.Days
			if group.Fields == nil {
				whole = group.Days
			}
			for _, field := range group.Fields {
				if gone[field] != 0 || days[field] != group.Days || group.Only != age.Only[field] {
					t.Fatalf("%s goes after %d days, %v", field, group.Days, group)
				}
				gone[field] = group.Days
			}
		}
		for field, n := range days {
			if age.Whole && whole < n {
				t.Fatalf("the record goes after %d days, %s is kept %d", whole, field, n)
			}
			if gone[field] == 0 && field != "never" && whole != n {
				t.Fatalf("%s never goes", field)
			}
		}
		if len(days) == 0 && len(age.Groups(days)) > 0 {
			t.Fatal("what is not registered goes")
		}
	})
}

// What hangs on another goes before it, and a parent has an age.
func TestChildrenGoFirst(t *testing.T) {
	var order []string
	for _, age := range Ages() {
		order = append(order, age.Collection)
	}
	for i, age := range Ages() {
		if parent := age.Parent[1]; parent != "" && slices.Index(order, parent) <= i {
			t.Errorf("%s goes after %s", age.Collection, parent)
		}
	}
}

func TestBefore(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	if got := Before(now, 30); !got.Equal(time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)) {
		t.Error(got)
	}
}
