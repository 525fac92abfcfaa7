// Package meters tells from the readings of a water meter whether somebody uses
// water at home. It knows no clock and no database: times come in as parameters.
//
// A meter counts litres from when it was made, so that two equal readings say
// that no water ran between them, whatever was lost on the way, while the time
// after the newest reading says nothing. That is why missing data are not flat
// data, and why a reading that comes late cannot undo what was found.
package meters

import (
	"cmp"
	"slices"
	"time"
)

// Reading is what a meter showed, in litres since it was made.
type Reading struct {
	At     time.Time
	Litres float64
}

// Oddity names what is strange about a reading, of the enumeration
// sensor_reading.oddity.
type Oddity string

// The oddities. Late readings count like all others, and so do those that are
// taken for a new meter's; the others are kept or named, and do not count.
const (
	Malformed     Oddity = "malformed"     // not a meter, a time and a number
	UnknownMeter  Oddity = "unknown_meter" // no such meter of this source
	NotAgreed     Oddity = "not_agreed"    // nobody agrees to its being read any more
	Stale         Oddity = "stale"         // older than readings are kept
	Future        Oddity = "future"        // of a time that has not come
	Negative      Oddity = "negative"      // less than nothing
	Late          Oddity = "late"          // came long after its time
	Duplicate     Oddity = "duplicate"     // known already
	Contradictory Oddity = "contradictory" // another value of the same instant counts
	Falling       Oddity = "falling"       // less than before
	Leaping       Oddity = "leaping"       // more than can run through a pipe
)

// Settings are the limits by which readings are judged.
type Settings struct {
	Slack   time.Duration // how far ahead of ours the clock of a source may be
	Late    time.Duration // a reading that came later than this is late
	Keep    time.Duration // how long readings are kept; an older one is stale
	MinMove float64       // litres from which on water has run: less is a dripping tap
	MaxFlow float64       // litres an hour that a pipe of a home lets through at most
	Confirm int           // readings in a row that make a fall or a leap a new meter

	Flat    time.Duration // no water for so long raises an alert, where a meter has no time of its own
	Silence time.Duration // and no reading for so long
	Night   time.Duration // an alert of no water for so long does not wait for the morning
	Quiet   Quiet         // in which the clocks of other alerts stand still
	MaxAway time.Duration // nobody is away for longer than this without saying so again
}

// DefaultSettings suit meters of homes (DN15 to DN20) that are read every hour
// or every day: 5 m³/h is the overload flow of a DN20 meter (ISO 4064, Q3 = 4).
func DefaultSettings() Settings {
	return Settings{Slack: 10 * time.Minute, Late: 6 * time.Hour, Keep: 30 * 24 * time.Hour, MinMove: 1, MaxFlow: 5000, Confirm: 3,
		Flat: 48 * time.Hour, Silence: 36 * time.Hour, Night: 72 * time.Hour, Quiet: Nights(), MaxAway: 90 * 24 * time.Hour}
}

// Judge names what is odd about a reading by itself, which was received at
// received, and tells whether it counts.
func (s Settings) Judge(r Reading, received time.Time) (odd []Oddity, counts bool) {
	counts = true
	switch age := received.Sub(r.At); {
	case age < -s.Slack:
		odd, counts = append(odd, Future), false
	case age > s.Keep:
		odd, counts = append(odd, Stale), false
	case age > s.Late:
		odd = append(odd, Late)
	}
	if r.Litres < 0 {
		odd, counts = append(odd, Negative), false
	}
	return odd, counts
}

// State is what the readings of one meter amount to.
type State struct {
	LastAt     time.Time // of the newest reading that counts; zero without one
	Litres     float64   // the highest that it showed
	FlatSince  time.Time // from this reading on less than MinMove ran
	FlatLitres float64
	Unsettled  bool // readings are set aside that others may confirm: only Replay goes on
}

// Next is the state after a reading that counts and is newer than all before.
// ok is false when it takes a Replay of all readings to tell.
func (s Settings) Next(state State, r Reading) (next State, ok bool) {
	if state.Unsettled || !r.At.After(state.LastAt) || s.breaks(state, r) != "" {
		return state, false
	}
	return s.take(state, r), true
}

// Replay gives the state after readings that count, in any order. It sorts
// them; what is odd about readings[i] for those before it is odd[i], empty for
// most. A fall or a leap is set aside until Confirm readings in a row agree
// with each other: then there is a new meter, of whose use nothing is known
// before its first reading.
func (s Settings) Replay(readings []Reading) (state State, odd []Oddity) {
	slices.SortFunc(readings, func(a, b Reading) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Litres, b.Litres)) })
	odd = make([]Oddity, len(readings))
	var aside []State // after each of the readings that are set aside
	for i, r := range readings {
		if i > 0 && r.At.Equal(readings[i-1].At) && r.Litres == readings[i-1].Litres {
			odd[i] = Duplicate
			continue
		}
		if r.At.Equal(state.LastAt) && !state.LastAt.IsZero() {
			odd[i] = Contradictory
			continue
		}
		if odd[i] = s.breaks(state, r); odd[i] == "" {
			state, aside = s.take(state, r), nil
			continue
		}
		after := s.take(State{}, r)
		if n := len(aside); n > 0 && r.At.Equal(aside[n-1].LastAt) {
			odd[i] = Contradictory
			continue
		} else if n > 0 && s.breaks(aside[n-1], r) == "" {
			after = s.take(aside[n-1], r)
		} else {
			aside = nil
		}
		if aside = append(aside, after); len(aside) == s.Confirm {
			state, aside = after, nil
		}
	}
	state.Unsettled = len(aside) > 0
	return state, odd
}

// breaks tells how a reading cannot follow.
func (s Settings) breaks(state State, r Reading) Oddity {
	if state.LastAt.IsZero() {
		return ""
	}
	hours := max(r.At.Sub(state.LastAt).Hours(), 1)
	switch {
	case r.Litres <= state.Litres-s.MinMove:
		return Falling
	case r.Litres-state.Litres > s.MaxFlow*hours:
		return Leaping
	}
	return ""
}

func (s Settings) take(state State, r Reading) State {
	if state.LastAt.IsZero() || r.Litres-state.FlatLitres >= s.MinMove {
		state.FlatSince, state.FlatLitres = r.At, r.Litres
	}
	state.LastAt, state.Litres = r.At, max(state.Litres, r.Litres)
	return state
}
