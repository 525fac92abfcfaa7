package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Labelled is a fix of a phone with the datum that it was given: as sent, before
// any shift. Assigned are the boundaries that it is judged by.
type Labelled struct {
	Fix      Fix // Lat and Lng in Datum
	Datum    Datum
	Assigned []*Boundary
}

// in judges the fix as if its coordinates were of the datum d.
func (l Labelled) in(d Datum, s Settings) Verdict {
	fix, p := l.Fix, d.ToWGS84(orb.Point{l.Fix.Lng, l.Fix.Lat})
	fix.Lng, fix.Lat = p.Lon(), p.Lat()
	return Judge(fix, l.Assigned, s).Verdict
}

// confusable are the datums that phones give under a wrong name, likeliest
// first; CGCS2000 is read as WGS-84.
var confusable = []Datum{GCJ02, WGS84, BD09}

// SuspectRun is how many fixes of a device must agree before its datum is
// suspected.
const SuspectRun = 3

// SuspectDatums returns, for each of a device's fixes in the order of time, the
// datum that it seems to be of, "" for most: one of three fixes in a row of
// which each is outside as labelled, and inside when it is read as that datum.
// It is a suspicion to be told and never a reason to shift anything: somebody
// may have been half a kilometre outside.
func SuspectDatums(fixes []Labelled, s Settings) []Datum {
	suspects := make([]Datum, len(fixes))
	for i := range len(fixes) - SuspectRun + 1 {
		run := fixes[i : i+SuspectRun]
		if d := suspect(run, s); d != "" {
			for k := range run {
				suspects[i+k] = d
			}
		}
	}
	return suspects
}

// suspect returns the datum of which all the fixes seem to be.
func suspect(fixes []Labelled, s Settings) Datum {
	astray := func(l Labelled) bool { return l.in(l.Datum, s) == Outside }
	if slices.ContainsFunc(fixes, func(l Labelled) bool { return !astray(l) }) {
		return ""
	}
	for _, d := range confusable {
		if !slices.ContainsFunc(fixes, func(l Labelled) bool { return l.in(d, s) != Inside }) {
			return d
		}
	}
	return ""
}

// Offset is how far a fix lies from where it was made, in metres east and north.
type Offset struct{ East, North float64 }

// Length returns the length of the offset in metres.
func (o Offset) Length() float64 { return math.Hypot(o.East, o.North) }

// OffsetOf returns how far the fix lies from the place that it was made at, both
// WGS-84, on the plane that touches the ellipsoid at the place: for offsets of a
// few kilometres at most.
func OffsetOf(fix, place orb.Point) Offset {
	east, north, _ := localPlane(place[1])
	return Offset{(fix[0] - place[0]) * east, (fix[1] - place[1]) * north}
}

// MedianOffset returns the median of offsets, east and north apart, so that a
// few fixes gone astray do not count. It is zero for none.
func MedianOffset(offsets []Offset) Offset {
	var east, north []float64
	for _, o := range offsets {
		east, north = append(east, o.East), append(north, o.North)
	}
	return Offset{median(east), median(north)}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}

// Noticeable is the length in metres from which a device's median offset is more
// than marks of buildings on a map and the noise of phones account for.
const Noticeable = 60

// ResidualDatum returns the datum that a device's fixes seem to be of by its
// median offset at a place near those of the fixes: the datum, other than the
// label, that explains the offset better than any other reading, and to within
// a quarter of its length. An offset shorter than Noticeable is none.
func ResidualDatum(median Offset, label Datum, place orb.Point) Datum {
	if !(median.Length() >= Noticeable) {
		return ""
	}
	best, least := Datum(""), median.Length()/4
	for _, d := range confusable {
		if d == label || d == WGS84 && label == CGCS2000 {
			continue
		}
		// A phone at the place that means d says this, which is read by its label.
		o := OffsetOf(label.ToWGS84(d.FromWGS84(place)), place)
		if miss := math.Hypot(median.East-o.East, median.North-o.North); miss < least {
			best, least = d, miss
		}
	}
	return best
}
