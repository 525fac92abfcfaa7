package workflow

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const office = "08:00-12:00,14:00-18:00"

func workWeek(hours string) map[time.Weekday]string {
	return map[time.Weekday]string{time.Monday: hours, time.Tuesday: hours, time.Wednesday: hours, time.Thursday: hours, time.Friday: hours}
}

// october is the National Day of 2026 as an admin would enter it: seven days
// off, and two days of weekends made up for.
func october(t interface{ Fatal(...any) }) Calendar {
	c, err := NewCalendar(workWeek(office), map[string]string{
		"2026-10-01": "", "2026-10-02": "", "2026-10-03": "", "2026-10-04": "", "2026-10-05": "", "2026-10-06": "", "2026-10-07": "",
		"2026-09-20": office, "2026-10-10": office,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func china(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, China)
	if err != nil {
		panic(err)
	}
	return at
}

func TestWorkingTime(t *testing.T) {
	c := october(t)
	for _, tc := range []struct {
		name, from string
		hours      float64
		want       string
	}{
		{"an hour in the morning", "2026-09-28 08:30", 1, "2026-09-28 09:30"},
		{"over the midday break", "2026-09-28 11:00", 2, "2026-09-28 15:00"},
		{"to the very end of the day", "2026-09-28 17:00", 1, "2026-09-28 18:00"},
		{"over night", "2026-09-28 17:30", 1, "2026-09-29 08:30"},
		{"over a weekend", "2026-09-25 17:30", 1, "2026-09-28 08:30"},
		{"from a Sunday that is made up for", "2026-09-20 07:00", 1, "2026-09-20 09:00"},
		{"over the seven days of October", "2026-09-30 17:00", 2, "2026-10-08 09:00"},
		{"into the Saturday that is made up for", "2026-10-09 17:00", 2, "2026-10-10 09:00"},
		{"two working weeks", "2026-09-14 08:00", 80, "2026-09-24 18:00"},
		{"back over night", "2026-09-29 08:30", -1, "2026-09-28 17:30"},
		{"back over the seven days", "2026-10-08 09:00", -2, "2026-09-30 17:00"},
		{"no time at all", "2026-10-03 03:00", 0, "2026-10-03 03:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := c.Add(china(tc.from), time.Duration(tc.hours*float64(time.Hour)))
			if err != nil || !got.Equal(china(tc.want)) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestACalendarNeedsWorkingTimeAndReadableHours(t *testing.T) {
	if _, err := NewCalendar(nil, map[string]string{"2026-10-10": office}); !errors.Is(err, ErrNoWorkingTime) {
		t.Errorf("a week off for ever: %v", err)
	}
	if _, err := (Calendar{}).Add(time.Unix(0, 0), 1); !errors.Is(err, ErrNoWorkingTime) {
		t.Errorf("no calendar: %v", err)
	}
	if _, err := NewCalendar(workWeek(office), map[string]string{"2026-02-30": ""}); err == nil {
		t.Error("the 30th of February was taken")
	}
	for _, hours := range []string{"8", "08:00", "12:00-08:00", "08:00-12:00,11:00-13:00", "08:00-24:01", "08:60-09:00", "08:00-12:00,", ",", "-", "a:b-c:d", "08:0-09:00"} {
		if spans, err := ParseHours(hours); err == nil {
			t.Errorf("%q was read as %v", hours, spans)
		}
	}
}

func drawCalendar(t *rapid.T) Calendar {
	hours := rapid.SampledFrom([]string{"", office, "00:00-24:00", "09:00-17:30", "22:00-24:00", "00:00-00:01"})
	week := map[time.Weekday]string{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week[day] = hours.Draw(t, "hours")
	}
	week[rapid.SampledFrom([]time.Weekday{0, 3, 6}).Draw(t, "workday")] = office
	days := map[string]string{}
	for range rapid.IntRange(0, 10).Draw(t, "exceptions") {
		days[drawTime(t).Format(time.DateOnly)] = hours.Draw(t, "hours of the day")
	}
	c, err := NewCalendar(week, days)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var epoch = china("2026-09-01 00:00")

func drawTime(t *rapid.T) time.Time {
	return epoch.Add(time.Duration(rapid.Int64Range(0, int64(60*24*time.Hour)).Draw(t, "time")))
}

func drawDuration(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(1, int64(60*time.Hour)).Draw(t, "duration"))
}

func TestAddIsTheInverseOfBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at, d := drawCalendar(t), drawTime(t), drawDuration(t)
		if rapid.Bool().Draw(t, "back") {
			d = -d
		}
		to, err := c.Add(at, d)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Between(at, to); got != d {
			t.Fatalf("from %v by %v to %v is %v", at, d, to, got)
		}
		back, err := c.Add(to, -d)
		if err != nil {
			t.Fatal(err)
		}
		if c.Between(back, at) != 0 {
			t.Fatalf("from %v by %v to %v and back to %v", at, d, to, back)
		}
	})
}

func TestPartsOfWorkingTimeMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x, y, z := drawCalendar(t), drawTime(t), drawTime(t), drawTime(t)
		if whole, parts := c.Between(x, z), c.Between(x, y)+c.Between(y, z); whole != parts {
			t.Fatalf("%v, in parts %v", whole, parts)
		}
	})
}

func drawTicks(t *rapid.T) []Tick {
	ticks := make([]Tick, rapid.IntRange(0, 8).Draw(t, "ticks"))
	for i := range ticks {
		kind := TickKind(rapid.IntRange(0, int(Stop)).Draw(t, "kind"))
		ticks[i] = Tick{At: drawTime(t), Kind: kind}
		if kind == Extend {
			ticks[i].Extra = drawDuration(t)
		}
	}
	if len(ticks) > 0 {
		ticks[0] = Tick{At: epoch.Add(time.Hour), Kind: Start}
	}
	return ticks
}

func drawTiming(t *rapid.T) Timing {
	return Timing{Kind: rapid.SampledFrom([]string{Natural, Working}).Draw(t, "clock kind"), Limit: drawDuration(t),
		Escalate: rapid.SampledFrom([]time.Duration{0, 4 * time.Hour}).Draw(t, "escalate"), Cumulative: rapid.Bool().Draw(t, "cumulative")}
}

func read(t *rapid.T, timing Timing, c Calendar, ticks []Tick, now time.Time) Reading {
	r, err := Read(timing, c, ticks, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// between is the time of a timing's kind from a to b.
func (t Timing) between(c Calendar, a, b time.Time) time.Duration {
	return (&run{Timing: t, calendar: c}).between(a, b)
}

func TestAClockNeverRunsUnlessItRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timing, c, ticks := drawTiming(t), drawCalendar(t), drawTicks(t)
		a, b := drawTime(t), drawTime(t)
		if b.Before(a) {
			a, b = b, a
		}
		for _, tick := range ticks {
			if tick.At.After(a) && !tick.At.After(b) {
				return
			}
		}
		before, after := read(t, timing, c, ticks, a), read(t, timing, c, ticks, b)
		want := time.Duration(0)
		if before.Phase == Running {
			want = timing.between(c, a, b)
		}
		if after.Phase != before.Phase || after.Used-before.Used != want {
			t.Fatalf("%v, then %v, while %v passed", before, after, want)
		}
	})
}

// A breach is at the instant at which it was due, and was not before.
func TestAClockIsBreachedWhenItIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timing, c, ticks, now := drawTiming(t), drawCalendar(t), drawTicks(t), drawTime(t)
		r := read(t, timing, c, ticks, now)
		if r.Remaining < 0 && r.Breached.IsZero() || r.Level > 0 == r.Breached.IsZero() {
			t.Fatalf("overdue and not breached: %+v", r)
		}
		if !r.Due.IsZero() {
			if left := timing.between(c, now, r.Due); left != r.Remaining {
				t.Fatalf("due in %v, remaining %v", left, r.Remaining)
			}
		}
		if r.Phase != Running || r.Remaining < 0 {
			return
		}
		var still []Tick
		for _, tick := range ticks {
			if !tick.At.After(now) {
				still = append(still, tick)
			}
		}
		if at := read(t, timing, c, still, r.Due); at.Remaining != 0 || at.Breached != r.Breached {
			t.Fatalf("at its due time %+v, before %+v", at, r)
		}
		if r.Breached.IsZero() {
			over := read(t, timing, c, still, r.Due.Add(30*24*time.Hour))
			if !over.Breached.Equal(r.Due) {
				t.Fatalf("due at %v, breached at %v", r.Due, over.Breached)
			}
		}
	})
}

// When the level rises it does so after Next and not before, also over nights
// and weekends.
func TestTheLevelRisesAfterNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timing, c, now := drawTiming(t), drawCalendar(t), drawTime(t)
		ticks := []Tick{{At: epoch, Kind: Start}}
		r := read(t, timing, c, ticks, now)
		if r.Next.IsZero() {
			return
		}
		if r.Next.Before(now) {
			t.Fatalf("at %v the next is %v", now, r.Next)
		}
		before, after := read(t, timing, c, ticks, r.Next.Add(-1)), read(t, timing, c, ticks, r.Next.Add(20*24*time.Hour))
		if r.Next.After(now) && before.Level != r.Level || after.Level <= r.Level {
			t.Fatalf("level %d, before %v %d, after %d", r.Level, r.Next, before.Level, after.Level)
		}
	})
}

func TestTicksCountInAnyOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		timing, c, ticks, now := drawTiming(t), drawCalendar(t), drawTicks(t), drawTime(t)
		for i := range ticks {
			ticks[i].At = ticks[i].At.Truncate(100).Add(time.Duration(i)) // no two at one instant
		}
		want := read(t, timing, c, ticks, now)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(ticks), func(i, j int) { ticks[i], ticks[j] = ticks[j], ticks[i] })
		if got := read(t, timing, c, ticks, now); got != want {
			t.Fatalf("%+v, shuffled %+v", want, got)
		}
	})
}

// A holiday that is entered later moves what is open by as much as it takes
// away, and leaves what is over as it was used.
func TestAChangedCalendarMovesWhatIsOpen(t *testing.T) {
	plain, err := NewCalendar(workWeek(office), nil)
	if err != nil {
		t.Fatal(err)
	}
	timing := Timing{Kind: Working, Limit: 16 * time.Hour}
	ticks := []Tick{{At: china("2026-09-30 14:00"), Kind: Start}}
	for _, c := range []struct {
		name     string
		calendar Calendar
		want     string
	}{
		{"without the holiday", plain, "2026-10-02 12:00"},
		{"with the holiday", october(t), "2026-10-09 12:00"},
	} {
		r, err := Read(timing, c.calendar, ticks, china("2026-09-30 15:00"))
		if err != nil || !r.Due.Equal(china(c.want)) || r.Used != time.Hour {
			t.Errorf("%s: %+v, %v", c.name, r, err)
		}
	}
}

func TestClock(t *testing.T) {
	c := october(t)
	start := china("2026-09-28 08:00")
	hours := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
	timing := Timing{Kind: Natural, Limit: 10 * time.Hour, Escalate: 5 * time.Hour}
	cumulative := timing
	cumulative.Cumulative = true
	again := []Tick{{hours(0), Start, 0}, {hours(4), Stop, 0}, {hours(20), Start, 0}}
	for _, tc := range []struct {
		name   string
		timing Timing
		ticks  []Tick
		now    int
		want   Reading
	}{
		{"not started", timing, nil, 3, Reading{Phase: Idle, Remaining: 10 * time.Hour}},
		{"running", timing, again[:1], 3, Reading{Running, 3 * time.Hour, 7 * time.Hour, hours(10), time.Time{}, 0, hours(10)}},
		{"overdue", timing, again[:1], 12, Reading{Running, 12 * time.Hour, -2 * time.Hour, hours(10), hours(10), 1, hours(15)}},
		{"overdue, and the next level was told", timing, again[:1], 16, Reading{Running, 16 * time.Hour, -6 * time.Hour, hours(10), hours(10), 2, hours(20)}},
		{"paused", timing, append(again[:1:1], Tick{hours(4), Pause, 0}), 30, Reading{Paused, 4 * time.Hour, 6 * time.Hour, time.Time{}, time.Time{}, 0, time.Time{}}},
		{"resumed", timing, append(again[:1:1], Tick{hours(4), Pause, 0}, Tick{hours(30), Resume, 0}), 31, Reading{Running, 5 * time.Hour, 5 * time.Hour, hours(36), time.Time{}, 0, hours(36)}},
		{"extended in time", timing, append(again[:1:1], Tick{hours(4), Extend, 2 * time.Hour}), 11, Reading{Running, 11 * time.Hour, time.Hour, hours(12), time.Time{}, 0, hours(12)}},
		{"extended too late: the breach stays", timing, append(again[:1:1], Tick{hours(11), Extend, 9 * time.Hour}), 12, Reading{Running, 12 * time.Hour, 7 * time.Hour, hours(19), hours(10), 1, hours(24)}},
		{"entered again, from the start", timing, again, 21, Reading{Running, time.Hour, 9 * time.Hour, hours(30), time.Time{}, 0, hours(30)}},
		{"entered again, going on", cumulative, again, 21, Reading{Running, 5 * time.Hour, 5 * time.Hour, hours(26), time.Time{}, 0, hours(26)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Read(tc.timing, c, tc.ticks, hours(tc.now))
			if err != nil || got.Phase != tc.want.Phase || got.Used != tc.want.Used || got.Remaining != tc.want.Remaining ||
				!got.Due.Equal(tc.want.Due) || !got.Breached.Equal(tc.want.Breached) || got.Level != tc.want.Level || !got.Next.Equal(tc.want.Next) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestTheMostSpecificRuleWins(t *testing.T) {
	limit := func(h int) Timing { return Timing{Kind: Natural, Limit: time.Duration(h) * time.Hour} }
	rules := Rules{
		{Stage: "close", Timing: limit(1)},
		{Stage: "close", Priority: "p2_normal", Timing: limit(2)},
		{Stage: "close", Category: "city_appearance", Timing: limit(3)},
		{Stage: "close", Category: "city_appearance", Subcategory: "exposed_garbage", Timing: limit(4)},
		{Stage: "close", Region: "990101", Timing: limit(5)},
		{Stage: "close", Region: "990101103", Timing: limit(6)},
		{Stage: "close", Region: "990101103", Timing: limit(7)},
		{Stage: "accept", Region: "990101103", Category: "ecology", Timing: limit(8)},
	}
	for _, c := range []struct {
		name string
		at   Case
		want int
	}{
		{"nothing fits but the general one", Case{"98", "ecology", "dust", "p1_urgent", "close"}, 1},
		{"the priority", Case{"98", "ecology", "dust", "p2_normal", "close"}, 2},
		{"the category before the priority", Case{"98", "city_appearance", "noise_fumes", "p2_normal", "close"}, 3},
		{"the subcategory before the category", Case{"98", "city_appearance", "exposed_garbage", "p2_normal", "close"}, 4},
		{"the county before the kind", Case{"990101102", "city_appearance", "exposed_garbage", "p2_normal", "close"}, 5},
		{"the town before the county, and of two the shorter", Case{"990101103201", "city_appearance", "exposed_garbage", "p2_normal", "close"}, 6},
		{"another stage", Case{"990101103201", "ecology", "dust", "p2_normal", "accept"}, 8},
		{"no rule at all", Case{"990101103201", "ecology", "dust", "p2_normal", "feedback"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 20 {
				rand.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
				rule, ok := rules.For(c.at)
				if rule.Limit != time.Duration(c.want)*time.Hour || ok != (c.want > 0) {
					t.Fatalf("got %v, %v", rule, ok)
				}
			}
		})
	}
}

func TestTicksOfAMatter(t *testing.T) {
	day := func(n int) time.Time { return epoch.Add(time.Duration(n) * 24 * time.Hour) }
	moves := []Happened{
		{From: "", To: "reported", At: day(0)}, {From: "reported", To: "accepted", At: day(1)}, {From: "accepted", To: "in_progress", At: day(2)},
		{From: "in_progress", To: "suspended", At: day(3)}, {From: "suspended", To: "in_progress", At: day(10)},
		{From: "in_progress", To: "extended", At: day(11), Days: 2},
		{From: "extended", To: "handled", At: day(12)}, {From: "handled", To: "verifying", At: day(12)}, {From: "verifying", To: "closed", At: day(13)},
	}
	timing := Timing{Kind: Natural, Limit: 5 * 24 * time.Hour}
	r, err := Read(timing, Calendar{}, Matter.Ticks("close", moves, timing, Calendar{}), day(20))
	if err != nil || r.Phase != Stopped || r.Used != 6*24*time.Hour || r.Remaining != 24*time.Hour || !r.Breached.IsZero() {
		t.Errorf("the whole case: %+v, %v", r, err)
	}
	if r, err = Read(timing, Calendar{}, Matter.Ticks("accept", moves, timing, Calendar{}), day(20)); err != nil || r.Used != 24*time.Hour {
		t.Errorf("acceptance: %+v, %v", r, err)
	}
}

func FuzzParseHours(f *testing.F) {
	for _, seed := range []string{"", office, "00:00-24:00", "08:00-", "9:00-10:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		spans, err := ParseHours(text)
		end := 0
		for _, s := range spans {
			if err != nil || s.From < end || s.To <= s.From || s.To > 24*60 {
				t.Fatalf("%q is %v, %v", text, spans, err)
			}
			end = s.To
		}
	})
}
