// Package care says when somebody is to be looked after next, and in which
// order an officer's day is best taken. Server and phone compute the same from
// the vectors in testdata.
package care

import (
	"fmt"
	"slices"
	"time"
)

// Day is a day in China, counted from the first of January 1970; 0 is none.
type Day int

const (
	chinaSeconds = 8 * 60 * 60 // by which China is ahead of UTC
	daySeconds   = 24 * 60 * 60
)

// DayOf is the day in China on which t lies; 0 for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return 0
	}
	seconds := t.Unix() + chinaSeconds
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return Day(day)
}

// ParseDay reads a day such as 2026-11-23. No text is no day.
func ParseDay(text string) (Day, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("day %q is not written as 2026-10-01", text)
	}
	return Day(t.Unix() / daySeconds), nil
}

// String writes a day as 2026-11-23, and none as nothing.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return time.Unix(int64(d)*daySeconds, 0).UTC().Format(time.DateOnly)
}

// MarshalText writes a day for JSON.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day from JSON.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDay(string(text))
	return err
}

// Start is when the day begins in China.
func (d Day) Start() time.Time { return time.Unix(int64(d)*daySeconds-chinaSeconds, 0).UTC() }

// Plan is how often somebody wants to be looked after, and how.
type Plan struct {
	Since   Day      `json:"since"`             // when it was made
	Cadence int      `json:"cadence"`           // days between two contacts
	Tier    string   `json:"tier"`              // of the enumeration care_plan.tier
	Methods []string `json:"methods,omitempty"` // of care_plan.method; none are all
}

// Contact is a visit to somebody's home, or what stands for one.
type Contact struct {
	On     Day    `json:"on"`
	Mode   string `json:"mode"`             // of the enumeration visit.mode
	Result string `json:"result"`           // of the enumeration visit.result
	Agreed Day    `json:"agreed,omitempty"` // for which the next one was agreed
}

// Due is when somebody is to be looked after next.
type Due struct {
	Last     Day  // of the last contact that counts; 0 when there was none
	Wanted   Day  // when it would be due if every day were a working day
	Earliest Day  // before it nobody shall come
	Fixed    bool // days off do not move it
}

const (
	// quietDays is how long whoever declined a visit is left in peace.
	quietDays = 30
	// afterHelp is how soon somebody is asked after for whom help was called.
	afterHelp = 1
)

// Counts tells whether somebody was met, heard or spoken of. Nobody at home is
// no contact. A refusal is one: it is final, and has no other consequence. To
// stand before somebody counts by every plan, a telephone call or a
// neighbour's word unless the plan names other ways.
func (p Plan) Counts(c Contact) bool {
	switch c.Result {
	case "not_home":
		return false
	case "declined", "help_called", "moved":
		return true
	}
	return c.Mode == "door" || c.Mode == "pass_by" || len(p.Methods) == 0 || slices.Contains(p.Methods, c.Mode)
}

// Next is when the next contact is due, after those that there were, in any
// order: a cadence after the last of them, sooner when a sooner day was
// agreed, on the next day when help was called, and not within 30 days of a
// refusal. Without a contact it is a cadence after the plan was made.
func (p Plan) Next(contacts []Contact) Due {
	var last, quiet, agreed Day
	help := false
	for _, c := range contacts {
		if !p.Counts(c) {
			continue
		}
		if c.On > last {
			last, agreed, help = c.On, 0, false
		}
		if c.Result == "declined" {
			quiet = max(quiet, c.On+quietDays)
		}
		if c.On < last {
			continue
		}
		help = help || c.Result == "help_called"
		if c.Agreed > c.On && (agreed == 0 || c.Agreed < agreed) {
			agreed = c.Agreed
		}
	}
	d := Due{Last: last, Wanted: max(last, p.Since) + Day(p.Cadence), Fixed: p.Tier == "high"}
	switch {
	case help:
		d.Wanted, d.Earliest, d.Fixed = last+afterHelp, last+afterHelp, true
		return d
	case agreed > p.Since && agreed < d.Wanted:
		d.Wanted = agreed
	default:
		d.Wanted = max(d.Wanted, quiet)
		d.Earliest = quiet
	}
	d.Earliest = max(d.Earliest, last+1)
	return d
}

// mostDaysOff is how far a due day is moved: no holiday is longer.
const mostDaysOff = 10

// On is the day on which it is due when nobody works on some days: the last
// working day before, so that the cadence is kept; if nobody may come then, the
// first one after. Who needs care most is looked after on days off, too. A nil
// works is every day.
func (d Due) On(works func(Day) bool) Day {
	if d.Fixed || works == nil || works(d.Wanted) {
		return d.Wanted
	}
	for day := d.Wanted - 1; day >= max(d.Earliest, d.Wanted-mostDaysOff); day-- {
		if works(day) {
			return day
		}
	}
	for day := d.Wanted + 1; day <= d.Wanted+mostDaysOff; day++ {
		if works(day) {
			return day
		}
	}
	return d.Wanted
}

// InTime counts the contacts from one day to another, the last not included,
// that came by the day on which they were due, and all that were due: the
// contacts, and one that was still owed at the end.
func (p Plan) InTime(contacts []Contact, from, to Day, works func(Day) bool) (inTime, all int) {
	sorted := slices.DeleteFunc(slices.Clone(contacts), func(c Contact) bool { return !p.Counts(c) || c.On >= to })
	slices.SortStableFunc(sorted, func(a, b Contact) int { return int(a.On - b.On) })
	for i := 0; i < len(sorted); {
		day := sorted[i].On
		if day >= from {
			all++
			if day <= p.Next(sorted[:i]).On(works) {
				inTime++
			}
		}
		for i < len(sorted) && sorted[i].On == day {
			i++
		}
	}
	if due := p.Next(sorted).On(works); due >= from && due < to {
		all++
	}
	return inTime, all
}
