package meters

import (
	"slices"
	"time"
)

// The stages of an alert, of the enumeration deadline_rule.stage.
const (
	Ack  = "ack"
	Call = "call"
	Door = "door"
)

// Course is what was done about an alert and when; zero is not yet. Who calls
// has acknowledged, and who stands at the door need not call.
type Course struct{ Raised, Acked, Called, AtDoor, Ended time.Time }

// Limit is within which time a stage must be done, and after which time more
// the next is told, again and again; 0 is once only.
type Limit struct{ Within, Again time.Duration }

// Limits are those of the stages; a stage without one has no clock.
type Limits map[string]Limit

// Standing is how an alert stands.
type Standing struct {
	Due     map[string]time.Time // of the stages that have begun
	Missed  []string             // stages that ran out of time, whether or not they are done since
	Overdue bool                 // a stage that runs is out of time
	Steps   int                  // up the chain of those who are told
	Next    time.Time            // when another step follows if nothing is done; zero is never
}

// mostSteps ends the counting: nobody is left to be told.
const mostSteps = 8

// Stand reads the clocks of an alert at now. add gives when a span of time that
// begins at an instant is over: Quiet.Add, or the plain sum.
func (l Limits) Stand(c Course, add func(time.Time, time.Duration) time.Time, now time.Time) Standing {
	s := Standing{Due: map[string]time.Time{}}
	for _, stage := range []struct {
		name  string
		start time.Time
		ends  []time.Time
	}{
		{Ack, c.Raised, []time.Time{c.Acked, c.Called, c.AtDoor, c.Ended}},
		{Call, c.Acked, []time.Time{c.Called, c.AtDoor, c.Ended}},
		{Door, c.Called, []time.Time{c.AtDoor, c.Ended}},
	} {
		limit, ok := l[stage.name]
		if !ok || stage.start.IsZero() {
			continue
		}
		due := add(stage.start, limit.Within)
		s.Due[stage.name] = due
		end := earliest(stage.ends)
		running := end.IsZero()
		if running {
			end = now
		}
		next := due
		for late := 0; end.After(next) && s.Steps < mostSteps; late++ {
			if late == 0 {
				s.Missed = append(s.Missed, stage.name)
				s.Overdue = running
			}
			s.Steps++
			if limit.Again <= 0 {
				next = time.Time{}
				break
			}
			next = add(due, time.Duration(late+1)*limit.Again)
		}
		if running && s.Steps < mostSteps {
			s.Next = next
		}
	}
	return s
}

func earliest(times []time.Time) time.Time {
	times = slices.DeleteFunc(times, time.Time.IsZero)
	if len(times) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(times, time.Time.Compare)
}

// Quiet are the hours of the night in China, from From of one day to To of the
// next, both since midnight; From is later than To.
type Quiet struct{ From, To time.Duration }

// Nights are 21:00 to 08:00.
func Nights() Quiet { return Quiet{From: 21 * time.Hour, To: 8 * time.Hour} }

// china is UTC+8 all year.
const china = 8 * time.Hour

// Add gives when d of time that is not quiet has passed since t.
func (q Quiet) Add(t time.Time, d time.Duration) time.Time {
	for {
		day := t.UTC().Add(china).Truncate(24 * time.Hour).Add(-china)
		morning, evening := day.Add(q.To), day.Add(q.From)
		if t.Before(morning) {
			t = morning
		}
		if left := evening.Sub(t); left > 0 {
			if d <= left {
				return t.Add(d)
			}
			d -= left
		}
		t = day.Add(24*time.Hour + q.To)
	}
}

// Plain is the sum: time that runs through the night.
func Plain(t time.Time, d time.Duration) time.Time { return t.Add(d) }
