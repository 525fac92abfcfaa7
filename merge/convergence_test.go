package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// outboxes draws what a few phones wrote while none of them heard of another:
// for each phone its edits in order.
func outboxes(t *rapid.T, value func(saw any) *rapid.Generator[any], first any) [][]Version {
	boxes := make([][]Version, rapid.IntRange(1, 4).Draw(t, "phones"))
	for p := range boxes {
		phone, ms, saw := fmt.Sprintf("phone%d", p), int64(10), first
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			ms += rapid.Int64Range(0, 3).Draw(t, "later")
			next := value(saw).Draw(t, "value")
			boxes[p] = append(boxes[p], Version{Value: next, Stamp: stamp(ms, len(boxes[p]), phone), Author: phone,
				Mutation: fmt.Sprintf("%s-%d", phone, len(boxes[p]))})
			saw = next
		}
	}
	return boxes
}

// arrival draws an order in which the edits arrive, each outbox in its own.
func arrival(t *rapid.T, boxes [][]Version) []Version {
	rest, order := slices.Clone(boxes), []Version{}
	for {
		var open []int
		for p := range rest {
			if len(rest[p]) > 0 {
				open = append(open, p)
			}
		}
		if len(open) == 0 {
			return order
		}
		p := rapid.SampledFrom(open).Draw(t, "next")
		order, rest[p] = append(order, rest[p][0]), rest[p][1:]
	}
}

func run(policy Policy, first any, order []Version) (*ledger, []Version) {
	l := newLedger(policy, first)
	var lost []Version
	for _, edit := range order {
		if o := l.apply(0, edit); o.Conflict != nil {
			lost = append(lost, o.Conflict.Lost)
		}
	}
	return l, lost
}

var (
	words = func(any) *rapid.Generator[any] {
		return rapid.Map(rapid.SampledFrom([]string{"a", "b", "c", ""}), toAny[string])
	}
	numbers = func(any) *rapid.Generator[any] {
		return rapid.Map(rapid.IntRange(-5, 9), func(n int) any { return float64(n) })
	}
	sets = func(any) *rapid.Generator[any] {
		return rapid.Map(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), rapid.ID[string]), func(list []string) any {
			out := []any{}
			for _, e := range list {
				out = append(out, e)
			}
			return out
		})
	}
	// additions continue the text that the editor saw.
	notes = func(saw any) *rapid.Generator[any] {
		return rapid.Map(rapid.StringMatching(`[a-z]{3,6}`), func(s string) any { return saw.(string) + "\n" + s })
	}
)

func toAny[T any](v T) any { return v }

// Whichever phone comes first, the record is the same.
func TestArrivalOrderDoesNotMatter(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		value  func(any) *rapid.Generator[any]
		first  any
	}{
		{Latest, words, "a"}, {Union, sets, list("x")}, {Sum, numbers, 3.0}, {Append, notes, "seen"},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				boxes := outboxes(t, c.value, c.first)
				one, _ := run(c.policy, c.first, arrival(t, boxes))
				other, _ := run(c.policy, c.first, arrival(t, boxes))
				if !Equal(one.present.Value, other.present.Value) {
					t.Fatalf("one order gives %s, another %s", Canonical(one.present.Value), Canonical(other.present.Value))
				}
			})
		})
	}
}

// A value that was asked for stands, was replaced by its own author or by
// another who had asked for the same, or is in a conflict: nothing is lost in
// silence.
func TestWhatLosesIsInAConflict(t *testing.T) {
	for _, policy := range []Policy{Latest, Office, First} {
		t.Run(policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				boxes := outboxes(t, words, "a")
				l, lost := run(policy, "a", arrival(t, boxes))
				for _, box := range boxes {
					last := box[len(box)-1]
					asked := slices.ContainsFunc(l.lines, func(e entry) bool { return e.Mutation == last.Mutation })
					kept := slices.ContainsFunc(lost, func(v Version) bool { return Equal(v.Value, last.Value) })
					agreed := slices.ContainsFunc(l.lines, func(e entry) bool { return e.Author != last.Author && Equal(e.Value, last.Value) })
					if asked && !agreed && !Equal(l.present.Value, last.Value) && !kept {
						t.Fatalf("%v is neither there (%v) nor in a conflict (%v)", last, l.present, lost)
					}
				}
			})
		})
	}
}

// Running notes never lose a text.
func TestAppendLosesNoText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		boxes := outboxes(t, notes, "seen")
		l, _ := run(Append, "seen", arrival(t, boxes))
		for _, box := range boxes {
			for _, edit := range box {
				for line := range strings.SplitSeq(edit.Value.(string), "\n") {
					if !strings.Contains(l.present.Value.(string), line) {
						t.Fatalf("%q is not in %q", line, l.present.Value)
					}
				}
			}
		}
	})
}
