package geo

import (
	"cmp"
	"slices"
	"time"
)

// Presence says whether somebody was in his grids by a series of fixes. One
// fix is not enough: it may have wandered.
type Presence string

// The presences.
const (
	PresenceUnknown Presence = "unknown"
	Present         Presence = "present"
	Absent          Presence = "absent"
)

// Sighting is what one fix says: its own time, not that of its arrival, and
// its verdict.
type Sighting struct {
	At      time.Time
	Verdict Verdict
}

// Dwell is how many fixes in a row must say the same, and over how long, before
// it is believed.
type Dwell struct {
	Fixes int
	For   time.Duration
}

// PresenceLimits say when somebody entered or left. After more than Silence
// without a fix that says something nobody knows where he is.
type PresenceLimits struct {
	Enter, Leave Dwell
	Silence      time.Duration
}

// DefaultPresenceLimits are for an app that gets a fix every few seconds: in
// after 2 fixes over 20 seconds, out after 3 over a minute, and unknown after 10
// minutes.
func DefaultPresenceLimits() PresenceLimits {
	return PresenceLimits{Enter: Dwell{2, 20 * time.Second}, Leave: Dwell{3, time.Minute}, Silence: 10 * time.Minute}
}

// CheckInLimits are for check-ins, which are few and each made on purpose: in
// after one, out after 3 over a minute, and unknown after half an hour.
func CheckInLimits() PresenceLimits {
	return PresenceLimits{Enter: Dwell{1, 0}, Leave: Dwell{3, time.Minute}, Silence: 30 * time.Minute}
}

// Crossing is an entering (To is Present) or a leaving (Absent). At is the first
// fix of those by which it was believed.
type Crossing struct {
	At time.Time
	To Presence
}

// Following is what a series of sightings says. Each stands beside its
// sighting: the presence at that time in the light of what came later, unknown
// for fixes that contradict those before and were followed by none that decides.
// Now is what an app shows after the last one; to change it takes a crossing or
// a silence.
type Following struct {
	Each      []Presence
	Crossings []Crossing
	Now       Presence
}

// Follow follows somebody through sightings, which may come in any order.
// Inside counts for being in and ends a beginning absence, outside the other
// way round. Near the edge counts for neither, but ends a beginning absence; a
// door plate that was read is believed at once. What is uncertain, or no fix,
// says nothing.
func (l PresenceLimits) Follow(seen []Sighting) Following {
	order := make([]int, len(seen))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(seen[a].At.Compare(seen[b].At), cmp.Compare(seen[a].Verdict, seen[b].Verdict))
	})
	f := follower{limits: l, following: Following{Each: make([]Presence, len(seen)), Now: PresenceUnknown}}
	for _, i := range order {
		f.see(i, seen[i])
	}
	f.settle(PresenceUnknown)
	return f.following
}

// follower walks along sightings in the order of time. run holds those in a row
// that say the same against Now, of which since is the first.
type follower struct {
	limits      PresenceLimits
	following   Following
	run         []int
	toward      Presence
	since, last time.Time // last is of the last sighting that says something
}

func (f *follower) see(i int, s Sighting) {
	now := &f.following.Now
	if !f.last.IsZero() && s.At.Sub(f.last) > f.limits.Silence {
		f.settle(PresenceUnknown)
		*now = PresenceUnknown
	}
	f.following.Each[i] = *now
	says := PresenceUnknown
	switch s.Verdict {
	case Inside, QRConfirmed:
		says = Present
	case Outside:
		says = Absent
	case NearEdge:
		f.last = s.At
		if f.toward == Absent {
			f.settle(*now)
		}
		return
	default:
		return
	}
	f.last = s.At
	if says == *now {
		f.settle(*now)
		return
	}
	if says != f.toward {
		f.settle(*now)
		f.toward, f.since = says, s.At
	}
	f.run = append(f.run, i)
	need := f.limits.Enter
	if says == Absent {
		need = f.limits.Leave
	}
	if len(f.run) >= need.Fixes && s.At.Sub(f.since) >= need.For || s.Verdict == QRConfirmed {
		*now = says
		f.following.Crossings = append(f.following.Crossings, Crossing{f.since, says})
		f.settle(says)
	}
}

// settle closes the run: p is where its sightings were.
func (f *follower) settle(p Presence) {
	for _, i := range f.run {
		f.following.Each[i] = p
	}
	f.run, f.toward = f.run[:0], PresenceUnknown
}
