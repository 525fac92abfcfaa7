package workflow

import (
	"slices"
	"time"
)

// The ways of counting time, of the enumeration clock_kind.
const (
	Natural = "natural"
	Working = "working"
)

// Timing is how long something may take.
type Timing struct {
	Kind       string        // Natural or Working
	Limit      time.Duration // in time of its kind
	Escalate   time.Duration // overdue time after which the next level hears of it, again and again; 0 is once only
	Cumulative bool          // a stage that is entered again goes on where it was, instead of from the start
}

// Tick is something that happened to a clock.
type Tick struct {
	At    time.Time
	Kind  TickKind
	Extra time.Duration // of Extend: by how much, in time of the clock's kind
}

// TickKind is what happened to a clock. What makes no sense, such as to pause a
// clock that does not run, changes nothing.
type TickKind int

// The kinds of ticks.
const (
	Start TickKind = iota
	Pause
	Resume
	Extend
	Stop
)

// Phase is what a clock does.
type Phase string

// The phases of a clock.
const (
	Idle    Phase = "idle" // not yet started
	Running Phase = "running"
	Paused  Phase = "paused"
	Stopped Phase = "stopped"
)

// Reading is what a clock shows at an instant.
type Reading struct {
	Phase     Phase
	Used      time.Duration // in time of its kind, as Remaining
	Remaining time.Duration // negative when overdue
	Due       time.Time     // when it will be, if it runs on; zero unless it runs
	Breached  time.Time     // when time first ran out; zero if it did not. Later extensions do not undo it
	Level     int           // of escalation: 0 in time, 1 from the breach on
	Next      time.Time     // after which the level rises, if it runs on; zero if it will not
}

// Read says what a clock of the given timing shows at now, after all ticks that
// are not later than now. Ticks may come in any order; those of one instant
// count in the order given.
func Read(t Timing, c Calendar, ticks []Tick, now time.Time) (Reading, error) {
	ticks = slices.Clone(ticks)
	slices.SortStableFunc(ticks, func(a, b Tick) int { return a.At.Compare(b.At) })
	r := run{Timing: t, calendar: c, reading: Reading{Phase: Idle, Remaining: t.Limit}, limit: t.Limit}
	for _, tick := range ticks {
		if tick.At.After(now) {
			break
		}
		if err := r.until(tick.At); err != nil {
			return Reading{}, err
		}
		r.take(tick)
	}
	if err := r.until(now); err != nil {
		return Reading{}, err
	}
	return r.show()
}

// run is a clock while its ticks are gone through.
type run struct {
	Timing
	calendar Calendar
	reading  Reading
	limit    time.Duration
	at       time.Time // up to when time was counted, while it runs
}

// until lets time pass, and notes when it ran out.
func (r *run) until(now time.Time) error {
	if r.reading.Phase != Running {
		r.at = now
		return nil
	}
	passed := r.between(r.at, now)
	if left := r.limit - r.reading.Used; r.reading.Breached.IsZero() && passed > left {
		due, err := r.add(r.at, left)
		if err != nil {
			return err
		}
		r.reading.Breached = due
	}
	r.reading.Used += passed
	r.at = now
	return nil
}

func (r *run) take(t Tick) {
	switch phase := r.reading.Phase; {
	case t.Kind == Start && (phase == Idle || phase == Stopped):
		if phase == Stopped && !r.Cumulative {
			r.reading, r.limit = Reading{}, r.Limit
		}
		r.reading.Phase = Running
	case t.Kind == Pause && phase == Running:
		r.reading.Phase = Paused
	case t.Kind == Resume && phase == Paused:
		r.reading.Phase = Running
	case t.Kind == Extend && (phase == Running || phase == Paused):
		r.limit += t.Extra
	case t.Kind == Stop && (phase == Running || phase == Paused):
		r.reading.Phase = Stopped
	}
}

func (r *run) show() (Reading, error) {
	out := r.reading
	out.Remaining = r.limit - out.Used
	if out.Phase == Running {
		due, err := r.add(r.at, out.Remaining)
		if err != nil {
			return Reading{}, err
		}
		out.Due = due
	}
	if !out.Breached.IsZero() {
		out.Level = 1
		if r.Escalate > 0 && out.Remaining < 0 {
			out.Level += int(-out.Remaining / r.Escalate)
		}
	}
	if out.Phase != Running || out.Level > 0 && r.Escalate == 0 {
		return out, nil
	}
	var err error
	out.Next, err = r.add(r.at, out.Remaining+time.Duration(out.Level)*r.Escalate)
	return out, err
}

func (r *run) between(a, b time.Time) time.Duration {
	if r.Kind == Working {
		return r.calendar.Between(a, b)
	}
	return b.Sub(a)
}

func (r *run) add(t time.Time, d time.Duration) (time.Time, error) {
	if r.Kind == Working {
		return r.calendar.Add(t, d)
	}
	return t.Add(d), nil
}
