package geo

import (
	"cmp"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// Judged is a check-in that was judged by itself. ID orders those of one time.
type Judged struct {
	ID       string
	At       time.Time // when it was made, by the phone's clock
	Place    orb.Point // degrees WGS-84; meaningless without a fix
	Accuracy float64   // metres, 0 when unknown or unusable
	Verdict  Verdict
}

// compare orders check-ins by their own time, not by that of their arrival.
func (j Judged) compare(k Judged) int {
	return cmp.Or(j.At.Compare(k.At), cmp.Compare(j.ID, k.ID))
}

// placed says whether the check-in has a place that a phone measured.
func (j Judged) placed() bool { return j.Verdict != NoFix && j.Verdict != QRConfirmed }

// Neighbours returns, for each of one officer's check-ins, in any order, what
// follows from the others: that he would have had to come from the one before
// faster than MaxSpeed, or that it is outside among others by which he had not
// left. It depends on nothing but what it is given, so that whoever calls it
// again when another arrives comes to what he would have, had they come in
// order.
func Neighbours(checkIns []Judged, s Settings) [][]Reason {
	order := make([]int, len(checkIns))
	seen := make([]Sighting, len(checkIns))
	for i, c := range checkIns {
		order[i], seen[i] = i, Sighting{c.At, c.Verdict}
	}
	slices.SortFunc(order, func(a, b int) int { return checkIns[a].compare(checkIns[b]) })
	reasons := make([][]Reason, len(checkIns))
	var before *Judged
	for _, i := range order {
		c := &checkIns[i]
		if !c.placed() {
			continue
		}
		if before != nil && s.jumped(before.Place, c.Place, before.Accuracy+c.Accuracy, c.At.Sub(before.At)) {
			reasons[i] = append(reasons[i], ReasonImpossibleSpeed)
		}
		before = c
	}
	for i, presence := range CheckInLimits().Follow(seen).Each {
		if checkIns[i].Verdict == Outside && presence == Present {
			reasons[i] = append(reasons[i], ReasonLoneOutside)
		}
	}
	return reasons
}
