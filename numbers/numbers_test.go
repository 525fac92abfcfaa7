package numbers

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func (c Cell) String() string {
	show := func(n *int) string {
		if n == nil {
			return "?"
		}
		return fmt.Sprint(*n)
	}
	return show(c.N) + "/" + show(c.Of)
}

func TestPublish(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []Count
		whole string
		want  []string
	}{
		{"everything is large", []Count{{10, 20}, {7, 12}}, "17/32", []string{"10/20", "7/12"}},
		{"nothing to count is no secret", []Count{{0, 0}, {7, 12}}, "7/12", []string{"0/0", "7/12"}},
		{"all and none are told", []Count{{20, 20}, {0, 12}}, "20/32", []string{"20/20", "0/12"}},
		{"few asked, and the smallest other part with them", []Count{{1, 3}, {10, 20}, {20, 40}}, "31/63", []string{"?/?", "?/?", "20/40"}},
		{"few in two parts that are many together", []Count{{1, 3}, {2, 3}, {6, 12}, {20, 40}}, "29/58", []string{"?/?", "?/?", "?/12", "20/40"}},
		{"few were not so", []Count{{18, 20}, {10, 20}, {20, 40}}, "48/80", []string{"?/20", "?/20", "20/40"}},
		{"a village of one grid", []Count{{18, 20}}, "?/20", []string{"?/20"}},
		{"a village of few", []Count{{1, 2}, {1, 2}}, "?/?", []string{"?/?", "?/?"}},
		{"one grid with few and nobody to hide with", []Count{{1, 2}, {0, 0}}, "?/?", []string{"?/?", "0/0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts := make([]Counts, len(c.parts))
			for i, p := range c.parts {
				parts[i] = Counts{"in_grid": p}
			}
			whole, cells := Publish(parts)
			var got []string
			for _, cell := range cells {
				got = append(got, cell["in_grid"].String())
			}
			if w := whole["in_grid"].String(); w != c.whole || !slices.Equal(got, c.want) {
				t.Errorf("%s of %v, want %s of %v", w, got, c.whole, c.want)
			}
		})
	}
}

// From all that is shown nobody can work out a count of fewer than five, nor
// that of a single part which is kept back.
func TestNothingSmallCanBeWorkedOut(t *testing.T) {
	count := rapid.Custom(func(t *rapid.T) Counts {
		of := rapid.IntRange(0, 14).Draw(t, "of")
		return Counts{"in_grid": {rapid.IntRange(0, of).Draw(t, "n"), of}}
	})
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(count, 1, 6).Draw(t, "parts")
		whole, cells := Publish(parts)
		check := func(name string, get func(Cell) *int, of func(Count) []int) {
			var rest Count
			hidden := 0
			for i, p := range parts {
				c, shown := p["in_grid"], get(cells[i]["in_grid"])
				if shown == nil {
					rest.N, rest.Of = rest.N+c.N, rest.Of+c.Of
					hidden++
					if !cells[i]["in_grid"].Suppressed {
						t.Fatalf("%s of part %d is kept back and nobody says so", name, i)
					}
				} else if slices.ContainsFunc(of(c), small) {
					t.Fatalf("%s of part %d shows %v", name, i, c)
				}
			}
			if get(whole["in_grid"]) != nil && hidden > 0 && (hidden == 1 || slices.ContainsFunc(of(rest), small)) {
				t.Fatalf("%s: what is kept back in %d parts is %v", name, hidden, rest)
			}
		}
		check("of", func(c Cell) *int { return c.Of }, func(c Count) []int { return []int{c.Of} })
		check("n", func(c Cell) *int { return c.N }, func(c Count) []int { return []int{c.N, c.Of - c.N} })
		for i, p := range parts {
			if cell := cells[i]["in_grid"]; cell.N != nil && *cell.N != p["in_grid"].N || cell.Of != nil && *cell.Of != p["in_grid"].Of {
				t.Fatalf("part %d is %v and shows %s", i, p, cell)
			}
		}
	})
}

func TestReportersAreNeverMoreThanThereAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		officers := rapid.SliceOf(rapid.StringMatching(`[a-z]{1,3}`)).Draw(t, "officers")
		var r, other Reporters
		different := map[string]bool{}
		for _, o := range officers {
			r, different[o] = r.With(o), true
		}
		for _, o := range slices.Backward(officers) {
			other = other.With(o)
		}
		if r != other || r < 0 || r.AtLeast() > len(different) || len(officers) > 0 && r.AtLeast() == 0 {
			t.Fatalf("%d of %d", r.AtLeast(), len(different))
		}
	})
}

func TestTally(t *testing.T) {
	for _, c := range []struct {
		tally              Tally
		median, sum, total int
	}{
		{nil, 0, 0, 0}, {Tally{3: 1}, 3, 3, 1}, {Tally{3: 1, 9: 1}, 3, 12, 2}, {Tally{3: 1, 9: 2}, 9, 21, 3}, {Tally{0: 5, 100: 4}, 0, 400, 9},
	} {
		if m, s, n := c.tally.Median(), c.tally.Sum(), c.tally.Total(); m != c.median || s != c.sum || n != c.total {
			t.Errorf("%v: median %d, sum %d, total %d", c.tally, m, s, n)
		}
	}
}
