package merge

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// sighted is an edit and the round at whose beginning its phone last pulled.
type sighted struct {
	edit Version
	base int
}

// rounds draws the general case. At the beginning of a round a phone may pull,
// and it need not push what it writes before a later round; its clock may be
// wrong by more than the whole story is long, and never hears of the others'.
// The server chains the stamps of each outbox, as Clamp demands. rounds returns
// for every round what every phone pushes, in the order in which it wrote.
func rounds(t *rapid.T, value *rapid.Generator[any]) [][][]sighted {
	all := make([][][]sighted, rapid.IntRange(2, 3).Draw(t, "rounds"))
	phones := rapid.IntRange(2, 4).Draw(t, "phones")
	base, last := make([]int, phones), make([]Stamp, phones)
	for r := range all {
		all[r] = make([][]sighted, phones)
		for p := range phones {
			base[p] = rapid.IntRange(base[p], r).Draw(t, "pulled in round")
			for range rapid.IntRange(0, 3).Draw(t, "edits") {
				phone := fmt.Sprintf("phone%d", p)
				last[p] = stamp(rapid.Int64Range(5, 9).Draw(t, "ms"), rapid.IntRange(0, 2).Draw(t, "counter"), phone).After(last[p])
				all[r][p] = append(all[r][p], sighted{Version{Value: value.Draw(t, "value"), Stamp: last[p], Author: phone,
					Mutation: fmt.Sprintf("%s %s", phone, last[p])}, base[p]})
			}
		}
	}
	return all
}

// play lets the rounds arrive, the phones of each in an order of its own, and
// returns the versions that stood at the end of the rounds.
func play(t *rapid.T, l *ledger, all [][][]sighted, each func(sighted, int, Outcome)) []Version {
	var stood []Version
	var begin []int // lines of history at the beginning of each round
	for _, phones := range all {
		begin = append(begin, len(l.lines))
		next := make([]int, len(phones))
		for {
			var open []int
			for p, edits := range phones {
				if next[p] < len(edits) {
					open = append(open, p)
				}
			}
			if len(open) == 0 {
				break
			}
			p := rapid.SampledFrom(open).Draw(t, "next to arrive")
			s := phones[p][next[p]]
			next[p]++
			each(s, begin[s.base], l.apply(begin[s.base], s.edit))
		}
		stood = append(stood, l.present)
	}
	return stood
}

func ignore(sighted, int, Outcome) {}

// Phones that pull in between, push late and have wrong clocks agree too, after
// every round, and for Latest on the stamp as well.
func TestArrivalOrderDoesNotMatterWhateverThePhonesSaw(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		value  *rapid.Generator[any]
		first  any
	}{
		{Latest, words(nil), "a"}, {Union, sets(nil), list("x", "y")}, {Sum, numbers(nil), 3.0},
	} {
		t.Run(c.policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				all := rounds(t, c.value)
				one := play(t, newLedger(c.policy, c.first), all, ignore)
				for range 20 {
					other := play(t, newLedger(c.policy, c.first), all, ignore)
					for r := range one {
						if !Equal(one[r].Value, other[r].Value) || c.policy == Latest && one[r].Stamp != other[r].Stamp {
							t.Fatalf("after round %d one order gives %v, another %v", r, one[r], other[r])
						}
					}
				}
			})
		})
	}
}

// every is every policy with values that exercise it.
var every = []struct {
	policy Policy
	value  *rapid.Generator[any]
	first  any
}{
	{Latest, words(nil), "a"},
	{Office, words(nil), "a"},
	{First, words(nil), "a"},
	{Strongest("c", "b"), words(nil), "a"},
	{Sticky("b"), words(nil), "a"},
	{Frozen, words(nil), "a"},
	{Server, words(nil), "a"},
	{Earliest, words(nil), "a"},
	{Flow("up", func(from, to string) string {
		if from < to {
			return "up"
		}
		return ""
	}), words(nil), "a"},
	{Max, numbers(nil), 3.0},
	{Sum, numbers(nil), 3.0},
	{Union, sets(nil), list("x", "y")},
	{Append, words(nil), "a"},
}

// An edit that arrives again after it was handled asks for nothing.
func TestAReplayChangesNothing(t *testing.T) {
	for _, c := range every {
		t.Run(c.policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				l := newLedger(c.policy, c.first)
				play(t, l, rounds(t, c.value), func(s sighted, base int, _ Outcome) {
					if o := l.apply(base, s.edit); o.Changed || o.Line != nil || o.Conflict != nil {
						t.Fatalf("%v again leads to %+v", s.edit, o)
					}
				})
			})
		})
	}
}

// At every step the value that was asked for stands or is in the conflict, and
// so is the value that gave way, unless its own outbox or somebody who saw it
// replaced it.
func TestEveryStepKeepsWhatLoses(t *testing.T) {
	for _, c := range every {
		switch c.policy.kind {
		case "union", "append", "sum", "server":
			continue // nothing is lost, or nothing that a phone may say
		case "max", "earliest", "flow":
			continue // what gives way was true in its time
		}
		t.Run(c.policy.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				l := newLedger(c.policy, c.first)
				before := l.present
				play(t, l, rounds(t, c.value), func(s sighted, base int, o Outcome) {
					in := func(v Version) bool {
						return Equal(v.Value, o.Present.Value) || o.Conflict != nil && Equal(o.Conflict.Lost.Value, v.Value)
					}
					if o.Line != nil && !in(s.edit) {
						t.Fatalf("%v is lost in %+v", s.edit, o)
					}
					if o.Changed && !before.sameOutbox(s.edit) && before.Mutation != l.field(base).Base.Mutation && !in(before) {
						t.Fatalf("%v gave way unseen in %+v", before, o)
					}
					before = o.Present
				})
			})
		})
	}
}
