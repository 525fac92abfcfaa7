package geo

import (
	"time"
)

// EndReason is why a patrol ended, from domain.md §2.1 row 4.
type EndReason string

// The reasons for which a patrol ends.
const (
	EndManual EndReason = "manual"
	EndTime   EndReason = "auto_time"
	EndExit   EndReason = "auto_exit"
	EndShift  EndReason = "shift_end"
)

// PatrolLimits say when a patrol ends by itself, so that no officer is located
// after his work because he forgot a button.
type PatrolLimits struct {
	Longest time.Duration // from its start
	Away    time.Duration // outside of the grid
}

// DefaultPatrolLimits are 4 hours and 30 minutes.
func DefaultPatrolLimits() PatrolLimits { return PatrolLimits{4 * time.Hour, 30 * time.Minute} }

// Scheduled gives the time at which a patrol ends by the clock alone: after
// Longest, or with the shift if that is earlier. A zero shiftEnd is none.
func (l PatrolLimits) Scheduled(started, shiftEnd time.Time) (time.Time, EndReason) {
	end := started.Add(l.Longest)
	if !shiftEnd.IsZero() && shiftEnd.Before(end) {
		return shiftEnd, EndShift
	}
	return end, EndTime
}

// china has one time zone and no summer time.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// ShiftEnd gives the first end of a shift after a patrol started: clock is its
// time of day in China, "17:30". A patrol that starts after the day's end is
// bound by that of the next day. The time is zero when clock is not one.
func ShiftEnd(started time.Time, clock string) time.Time {
	of, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}
	}
	day := started.In(china)
	end := time.Date(day.Year(), day.Month(), day.Day(), of.Hour(), of.Minute(), 0, 0, china)
	if !end.After(started) {
		end = end.AddDate(0, 0, 1)
	}
	return end
}

// Exit gives the time at which a patrol had been outside of the assigned
// boundaries for Away, by the points' own times; ok is false when it never was.
// Three points in a row must show it. Only points that are surely outside count,
// one that may be inside ends the absence, one too coarse to tell says nothing.
// A silence longer than Away says nothing either: the absence is counted from
// the point after it.
func (l PatrolLimits) Exit(track []TrackPoint, assigned []*Boundary, s Settings) (end time.Time, ok bool) {
	seen := make([]Sighting, len(track))
	for i, p := range track {
		seen[i] = Sighting{p.Time(), Judge(p.fix(), assigned, s).Verdict}
	}
	absence := PresenceLimits{Leave: Dwell{3, l.Away}, Silence: l.Away}
	for _, c := range absence.Follow(seen).Crossings {
		if c.To == Absent {
			return c.At.Add(l.Away), true
		}
	}
	return time.Time{}, false
}

// fix is the point as a verdict takes it.
func (p TrackPoint) fix() Fix {
	place := p.Point()
	return Fix{Lat: place.Lat(), Lng: place.Lon(), HasPoint: true, Accuracy: float64(p.Accuracy), HasAccuracy: p.Accuracy > 0, Source: SourceGPS}
}
