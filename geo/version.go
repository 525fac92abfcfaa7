package geo

import "time"

// Version is the time for which a boundary was valid: from From until before
// Until, which is zero while it is valid still. Number grows with each boundary
// of a grid.
type Version struct {
	Number      int
	From, Until time.Time
}

// ValidAt returns which of a grid's versions, in any order, is to judge what
// happened at a time: the one valid then, the highest number if several were.
// What happened before there was any is judged by the first; ok is false when
// there is none, as for a grid that was out of use then.
func ValidAt(versions []Version, at time.Time) (valid Version, ok bool) {
	var first Version
	for i, v := range versions {
		if i == 0 || v.From.Before(first.From) || v.From.Equal(first.From) && v.Number < first.Number {
			first = v
		}
		if v.holds(at) && (!ok || v.Number > valid.Number) {
			valid, ok = v, true
		}
	}
	if !ok && len(versions) > 0 && at.Before(first.From) {
		return first, true
	}
	return valid, ok
}

func (v Version) holds(at time.Time) bool {
	return !at.Before(v.From) && (v.Until.IsZero() || at.Before(v.Until))
}
