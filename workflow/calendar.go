package workflow

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// China is the one time of China: eight hours ahead of UTC, without summer
// time, so that nothing depends on the time zones that a machine knows.
var China = time.FixedZone("+08:00", 8*60*60)

// ErrNoWorkingTime is the error of a calendar in which nobody ever works.
var ErrNoWorkingTime = errors.New("workflow: the week has no working time")

// Span is a part of a day in minutes since midnight: [From, To).
type Span struct{ From, To int }

// Calendar says when is working time in China: by the day of the week, except
// for days that have hours of their own (holidays have none, make-up workdays
// 调休 have some). The zero Calendar has no working time; see NewCalendar.
type Calendar struct {
	week [7][]Span
	days map[int][]Span // by number of the day since 1970 in China
}

// NewCalendar makes a calendar of hours for the days of the week and for single
// days written as 2026-10-01. Hours are written as for ParseHours.
func NewCalendar(week map[time.Weekday]string, days map[string]string) (Calendar, error) {
	c := Calendar{days: map[int][]Span{}}
	works := false
	for day, hours := range week {
		spans, err := ParseHours(hours)
		if err != nil {
			return Calendar{}, fmt.Errorf("hours of %s: %w", day, err)
		}
		c.week[day], works = spans, works || len(spans) > 0
	}
	if !works {
		return Calendar{}, ErrNoWorkingTime
	}
	for day, hours := range days {
		at, err := time.ParseInLocation(time.DateOnly, day, China)
		if err != nil {
			return Calendar{}, fmt.Errorf("day %q is not written as 2026-10-01", day)
		}
		spans, err := ParseHours(hours)
		if err != nil {
			return Calendar{}, fmt.Errorf("hours of %s: %w", day, err)
		}
		c.days[dayOf(at)] = spans
	}
	return c, nil
}

// ParseHours reads hours such as «08:00-12:00,14:00-18:00»: in order, not
// overlapping, up to 24:00. An empty text is a day off.
func ParseHours(text string) ([]Span, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var spans []Span
	end := 0
	for part := range strings.SplitSeq(text, ",") {
		first, second, _ := strings.Cut(part, "-")
		from, err1 := parseMinute(first)
		to, err2 := parseMinute(second)
		if err1 != nil || err2 != nil || from < end || to <= from {
			return nil, fmt.Errorf("%q is not like 08:00-12:00,14:00-18:00", text)
		}
		spans, end = append(spans, Span{from, to}), to
	}
	return spans, nil
}

func parseMinute(text string) (int, error) {
	hours, minutes, ok := strings.Cut(strings.TrimSpace(text), ":")
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	if !ok || err1 != nil || err2 != nil || len(minutes) != 2 || h < 0 || m < 0 || m > 59 || h*60+m > 24*60 {
		return 0, fmt.Errorf("%q is not a time of day", text)
	}
	return h*60 + m, nil
}

// Day is the working time of a working day: the longest of the week.
func (c Calendar) Day() time.Duration {
	var longest time.Duration
	for _, spans := range c.week {
		var sum time.Duration
		for _, s := range spans {
			sum += time.Duration(s.To-s.From) * time.Minute
		}
		longest = max(longest, sum)
	}
	return longest
}

const daySeconds = 24 * 60 * 60

// dayOf is the number of the day in China on which t lies.
func dayOf(t time.Time) int {
	seconds := t.Unix() + 8*60*60
	day := seconds / daySeconds
	if seconds%daySeconds < 0 {
		day--
	}
	return int(day)
}

// at is the instant at a minute of a day.
func at(day, minute int) time.Time {
	return time.Unix(int64(day)*daySeconds-8*60*60+int64(minute)*60, 0).In(China)
}

func (c Calendar) spans(day int) []Span {
	if spans, ok := c.days[day]; ok {
		return spans
	}
	return c.week[((day+int(time.Thursday))%7+7)%7] // the first of January 1970 was a Thursday
}

// Works tells whether somebody works on the day in China on which t lies.
func (c Calendar) Works(t time.Time) bool { return len(c.spans(dayOf(t))) > 0 }

// Between is the working time from a to b, negative when b is before a.
func (c Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	for day := dayOf(a); day <= dayOf(b); day++ {
		for _, s := range c.spans(day) {
			from, to := later(a, at(day, s.From)), earlier(b, at(day, s.To))
			if to.After(from) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// Add gives the first instant by which d of working time has passed since t;
// for a negative d, the last instant after which -d passes until t. It is the
// inverse of Between: Between(t, Add(t, d)) is d. Add(t, 0) is t.
func (c Calendar) Add(t time.Time, d time.Duration) (time.Time, error) {
	if d == 0 {
		return t, nil
	}
	if !slices.ContainsFunc(c.week[:], func(s []Span) bool { return len(s) > 0 }) {
		return time.Time{}, ErrNoWorkingTime
	}
	if d < 0 {
		return c.back(t, -d), nil
	}
	for day := dayOf(t); ; day++ {
		for _, s := range c.spans(day) {
			from, to := later(t, at(day, s.From)), at(day, s.To)
			if !to.After(from) {
				continue
			}
			if d <= to.Sub(from) {
				return from.Add(d), nil
			}
			d -= to.Sub(from)
		}
	}
}

func (c Calendar) back(t time.Time, d time.Duration) time.Time {
	for day := dayOf(t); ; day-- {
		for _, s := range slices.Backward(c.spans(day)) {
			from, to := at(day, s.From), earlier(t, at(day, s.To))
			if !to.After(from) {
				continue
			}
			if d <= to.Sub(from) {
				return to.Add(-d)
			}
			d -= to.Sub(from)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
