package meters

import "time"

// Watch is what is asked of one meter, and what was said of it before.
type Watch struct {
	State
	Flat      time.Duration // no water for so long is told
	Silence   time.Duration // and no reading for so long
	Since     time.Time     // when the meter was put under watch: a first reading is waited for from then
	AwayUntil time.Time     // nobody is at home until then; zero is at home
	Told      time.Time     // the reading by which no water was last told; zero is never
}

// Finding is what a look at a meter tells.
type Finding struct {
	NoWater  bool      // no water ran from From to To, and nobody was told
	From, To time.Time // To is the newest reading
	Silent   bool      // nothing was heard for too long
	Next     time.Time // when to look again if nothing is heard; zero is never
}

// Look tells what is to be told of a meter at now. A period without water is
// told once: it lasts until water runs or until whoever was away is back. What
// was told by a reading is of the period that holds the reading, wherever late
// readings move its start.
func (w Watch) Look(now time.Time) Finding {
	from := w.FlatSince
	if w.AwayUntil.After(from) {
		from = w.AwayUntil
	}
	heard := w.LastAt
	if heard.IsZero() {
		heard = w.Since
	}
	f := Finding{From: from, To: w.LastAt, Silent: now.Sub(heard) > w.Silence}
	f.NoWater = !w.LastAt.IsZero() && w.LastAt.Sub(from) >= w.Flat && w.Told.Before(from)
	if !f.Silent {
		f.Next = heard.Add(w.Silence)
	}
	return f
}
