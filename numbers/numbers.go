// Package numbers makes the measures of a grid and its village fit to be shown:
// what counts fewer than five is not told, nor can it be worked out from what
// is. No number is about a person.
package numbers

import (
	"hash/fnv"
	"maps"
	"math/bits"
	"slices"
)

// Measures are what is counted, domain.md §2.8.
var Measures = []string{"in_grid", "on_time", "resolution", "satisfaction", "read_back", "care_on_time"}

// Few is below how many a count is not told. None is told: it is nobody.
const Few = 5

func small(n int) bool { return n > 0 && n < Few }

// Count is how many of some were so, 0 <= N <= Of.
type Count struct{ N, Of int }

// Counts are counts by measure.
type Counts map[string]Count

// Add adds to the count of a measure.
func (c Counts) Add(measure string, n, of int) {
	was := c[measure]
	c[measure] = Count{was.N + n, was.Of + of}
}

// Cell is a count as it is shown. What is not told is null, and Suppressed says
// that it is kept back; without anything to count there is no rate.
type Cell struct {
	N          *int     `json:"n"`
	Of         *int     `json:"of"`
	Rate       *float64 `json:"rate"` // 0 to 1
	Suppressed bool     `json:"suppressed"`
}

// Cells are cells by measure, one for each of Measures.
type Cells map[string]Cell

// Publish gives the cells of a whole and of its parts. A count that is small,
// or whose rest is, is kept back; and of the other parts so many, the smallest
// first, that what the whole less the parts shown amounts to is of several
// parts and not small itself. Where that cannot be had the whole is kept back.
func Publish(parts []Counts) (whole Cells, cells []Cells) {
	whole, cells = Cells{}, make([]Cells, len(parts))
	for i := range parts {
		cells[i] = Cells{}
	}
	for _, measure := range Measures {
		counts := make([]Count, len(parts))
		var sum Count
		for i, p := range parts {
			counts[i] = p[measure]
			sum.N, sum.Of = sum.N+counts[i].N, sum.Of+counts[i].Of
		}
		// Who may not learn of how many does not learn how many either.
		ofHidden, wholeOf := keepBack(counts, sum, func(c Count) bool { return small(c.Of) })
		nHidden, wholeN := keepBack(counts, sum, func(c Count) bool { return small(c.Of) || small(c.N) || small(c.Of-c.N) })
		for i, c := range counts {
			cells[i][measure] = cellOf(c, ofHidden[i], nHidden[i] || ofHidden[i])
		}
		whole[measure] = cellOf(sum, wholeOf, wholeN || wholeOf)
	}
	return whole, cells
}

// keepBack tells of which parts, and whether of the whole, something is not
// told, when isSmall says what must not be known of a count, or of the sum of
// those of which it is not told.
func keepBack(counts []Count, sum Count, isSmall func(Count) bool) (hidden []bool, whole bool) {
	hidden = make([]bool, len(counts))
	var rest Count // of the parts that are not told
	parts := 0
	hide := func(i int) {
		hidden[i] = true
		rest.N, rest.Of = rest.N+counts[i].N, rest.Of+counts[i].Of
		parts++
	}
	bySize := make([]int, 0, len(counts))
	for i, c := range counts {
		switch {
		case isSmall(c):
			hide(i)
		case c.Of > 0:
			bySize = append(bySize, i)
		}
	}
	if isSmall(sum) {
		return hidden, true
	}
	slices.SortStableFunc(bySize, func(a, b int) int { return counts[a].Of - counts[b].Of })
	for parts > 0 && (parts == 1 || isSmall(rest)) {
		if len(bySize) == 0 {
			return hidden, true
		}
		hide(bySize[0])
		bySize = bySize[1:]
	}
	return hidden, false
}

func cellOf(c Count, noOf, noN bool) Cell {
	cell := Cell{Suppressed: noOf || noN}
	if !noOf {
		cell.Of = &c.Of
	}
	if !noN {
		cell.N = &c.N
		if c.Of > 0 {
			rate := float64(c.N) / float64(c.Of)
			cell.Rate = &rate
		}
	}
	return cell
}

// Reporters knows how many officers reported something without knowing who: one
// of 63 marks for each, which several share.
type Reporters int64

const marks = 63

// With is Reporters with one more.
func (r Reporters) With(officer string) Reporters {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(officer)) // a hash takes everything
	return r | 1<<(sum.Sum64()%marks)
}

// AtLeast is how many there are at least.
func (r Reporters) AtLeast() int { return bits.OnesCount64(uint64(r)) }

// Tally is how often each value was reported.
type Tally map[int]int

// Total is how many values were reported.
func (t Tally) Total() (n int) {
	for _, count := range t {
		n += count
	}
	return n
}

// Sum is the sum of all values.
func (t Tally) Sum() (sum int) {
	for value, count := range t {
		sum += value * count
	}
	return sum
}

// Median is the value in the middle, the lower of two; 0 of nothing.
func (t Tally) Median() int {
	seen, half := 0, (t.Total()+1)/2
	for _, value := range slices.Sorted(maps.Keys(t)) {
		if seen += t[value]; seen >= half {
			return value
		}
	}
	return 0
}
