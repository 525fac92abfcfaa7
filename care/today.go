package care

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Urgency is how much something presses, the most pressing first.
type Urgency string

// The urgencies. An alert and an emergency come before everything.
const (
	Now     Urgency = "now"
	Overdue Urgency = "overdue"
	Soon    Urgency = "soon" // within two hours
	Today   Urgency = "today"
	Later   Urgency = "later"
)

// Urgencies in their order.
var Urgencies = []Urgency{Now, Overdue, Soon, Today, Later}

const soon = 2 * time.Hour

// Place is a place in WGS-84 degrees; the zero place is not known.
type Place struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// Task is something that an officer may do today.
type Task struct {
	Kind   string    `json:"kind"` // care, matter, alert, errand or meeting
	ID     string    `json:"id"`
	Due    time.Time `json:"due,omitzero"`     // an instant, for what has a clock
	DueDay Day       `json:"due_day,omitzero"` // a day in China, for a visit
	Danger bool      `json:"danger,omitempty"` // an alert, or an emergency
	Place  Place     `json:"place,omitzero"`
}

// Urgency is how much a task presses at a time.
func (t Task) Urgency(now time.Time) Urgency {
	today := DayOf(now)
	day := t.DueDay
	if !t.Due.IsZero() {
		day = DayOf(t.Due)
	}
	switch {
	case t.Danger:
		return Now
	case day == 0 || day > today && t.Due.IsZero():
		return Later
	case !t.Due.IsZero() && t.Due.Before(now) || t.Due.IsZero() && day < today:
		return Overdue
	case !t.Due.IsZero() && t.Due.Sub(now) <= soon:
		return Soon
	case day == today:
		return Today
	}
	return Later
}

// step is how far apart places must be, in metres, for one to be nearer: who
// lives in the same house is equally near, and a list does not change its order
// with every fix.
const step = 50

// Metres is the distance between two places on a sphere of 6,371,008.8 m by the
// haversine formula; -1 when one of them is not known.
func Metres(a, b Place) float64 {
	if a == (Place{}) || b == (Place{}) {
		return -1
	}
	rad := math.Pi / 180
	lat, lng := math.Sin((b.Lat-a.Lat)*rad/2), math.Sin((b.Lng-a.Lng)*rad/2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lng*lng
	return 2 * 6371008.8 * math.Asin(math.Min(1, math.Sqrt(h)))
}

// Order sorts tasks as they are best done by somebody who is here: by urgency,
// then the nearest in steps of 50 m, those without a place last, then what is
// due first. The order does not depend on that in which they come.
func Order(tasks []Task, now time.Time, here Place) {
	type key struct {
		urgency, steps int
		due            int64
	}
	keys := make(map[string]key, len(tasks))
	for _, t := range tasks {
		k := key{slices.Index(Urgencies, t.Urgency(now)), math.MaxInt, math.MaxInt64}
		if m := Metres(here, t.Place); m >= 0 {
			k.steps = int(m / step)
		}
		switch {
		case !t.Due.IsZero():
			k.due = t.Due.Unix()
		case t.DueDay != 0:
			k.due = (t.DueDay + 1).Start().Unix()
		}
		keys[t.Kind+t.ID] = k
	}
	slices.SortFunc(tasks, func(a, b Task) int {
		x, y := keys[a.Kind+a.ID], keys[b.Kind+b.ID]
		return cmp.Or(cmp.Compare(x.urgency, y.urgency), cmp.Compare(x.steps, y.steps), cmp.Compare(x.due, y.due),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
}
