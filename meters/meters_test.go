package meters

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func hours(n float64) time.Duration { return time.Duration(n * float64(time.Hour)) }

func at(h float64, litres float64) Reading { return Reading{start.Add(hours(h)), litres} }

func TestJudge(t *testing.T) {
	s, now := DefaultSettings(), start.Add(100*24*time.Hour)
	for _, c := range []struct {
		name   string
		r      Reading
		odd    []Oddity
		counts bool
	}{
		{"a reading of now counts", Reading{now, 5}, nil, true},
		{"a clock that is a little fast is no oddity", Reading{now.Add(10 * time.Minute), 5}, nil, true},
		{"a reading of tomorrow is of the future and does not count", Reading{now.Add(24 * time.Hour), 5}, []Oddity{Future}, false},
		{"less than nothing does not count", Reading{now, -5}, []Oddity{Negative}, false},
		{"a reading that took a day is late and counts", Reading{now.Add(-24 * time.Hour), 5}, []Oddity{Late}, true},
		{"a reading older than readings are kept is stale", Reading{now.Add(-31 * 24 * time.Hour), 5}, []Oddity{Stale}, false},
		{"both are named", Reading{now.Add(time.Hour), -1}, []Oddity{Future, Negative}, false},
	} {
		if odd, counts := s.Judge(c.r, now); !slices.Equal(odd, c.odd) || counts != c.counts {
			t.Errorf("%s: %v %v", c.name, odd, counts)
		}
	}
}

func TestReplay(t *testing.T) {
	s := DefaultSettings()
	for _, c := range []struct {
		name  string
		in    []Reading
		state State
		odd   []Oddity
	}{
		{"nothing is known without readings", nil, State{}, nil},
		{"water runs: it is flat since the last reading", []Reading{at(0, 500), at(1, 510)}, State{start.Add(hours(1)), 510, start.Add(hours(1)), 510, false}, []Oddity{"", ""}},
		{"equal readings: it is flat since the first", []Reading{at(0, 500), at(9, 500), at(30, 500)}, State{start.Add(hours(30)), 500, start, 500, false}, []Oddity{"", "", ""}},
		{"a dripping tap is no use of water", []Reading{at(0, 500), at(9, 500.4), at(30, 500.9)}, State{start.Add(hours(30)), 500.9, start, 500, false}, []Oddity{"", "", ""}},
		{"a reading that falls is set aside", []Reading{at(0, 500), at(1, 300), at(2, 500)}, State{start.Add(hours(2)), 500, start, 500, false}, []Oddity{"", Falling, ""}},
		{"a reading that leaps is set aside", []Reading{at(0, 500), at(1, 9e5), at(2, 500)}, State{start.Add(hours(2)), 500, start, 500, false}, []Oddity{"", Leaping, ""}},
		{"of a reading that fell last nobody can tell yet", []Reading{at(0, 500), at(1, 3)}, State{start, 500, start, 500, true}, []Oddity{"", Falling}},
		{"three in a row that agree are of a new meter", []Reading{at(0, 500), at(1, 3), at(2, 3), at(3, 3)}, State{start.Add(hours(3)), 3, start.Add(hours(1)), 3, false}, []Oddity{"", Falling, Falling, Falling}},
		{"three that do not agree are not", []Reading{at(0, 500), at(1, 30), at(2, 20), at(3, 10)}, State{start, 500, start, 500, true}, []Oddity{"", Falling, Falling, Falling}},
		{"the same again is a duplicate", []Reading{at(0, 500), at(0, 500)}, State{start, 500, start, 500, false}, []Oddity{"", Duplicate}},
		{"of two values of one instant the lower counts", []Reading{at(0, 520), at(0, 500)}, State{start, 500, start, 500, false}, []Oddity{"", Contradictory}},
	} {
		if state, odd := s.Replay(c.in); state != c.state || !slices.Equal(odd, c.odd) {
			t.Errorf("%s: %+v %v", c.name, state, odd)
		}
	}
}

// Whichever way readings come, one by one or all at once, in whatever order and
// how often, the state is the same.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	s := DefaultSettings()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Reading {
			return at(float64(rapid.IntRange(0, 30).Draw(t, "hour")), rapid.SampledFrom([]float64{0, 0.5, 1, 2, 40, 40.5, 41, 5e4, 9e5}).Draw(t, "litres"))
		}), 1, 25).Draw(t, "readings")
		want, _ := s.Replay(slices.Clone(in))

		var known []Reading
		var state State
		for _, r := range append(slices.Clone(in), rapid.SliceOf(rapid.SampledFrom(in)).Draw(t, "again")...) {
			if slices.Contains(known, r) {
				continue
			}
			known = append(known, r)
			next, ok := s.Next(state, r)
			if !ok {
				next, _ = s.Replay(slices.Clone(known))
			}
			state = next
		}
		if state != want {
			t.Fatalf("one by one %+v, at once %+v", state, want)
		}
	})
}

func TestLook(t *testing.T) {
	now := start.Add(100 * time.Hour)
	flat := func(from, to float64) Watch {
		return Watch{State: State{LastAt: start.Add(hours(to)), FlatSince: start.Add(hours(from))}, Flat: 48 * time.Hour, Silence: 36 * time.Hour}
	}
	with := func(w Watch, change func(*Watch)) Watch { change(&w); return w }
	for _, c := range []struct {
		name            string
		w               Watch
		noWater, silent bool
	}{
		{"48 hours without water are told", flat(51, 99), true, false},
		{"47 are not", flat(52, 99), false, false},
		{"missing data are not flat data", flat(20, 60), false, true},
		{"a flat period that was told is not told again", with(flat(40, 99), func(w *Watch) { w.Told = start.Add(hours(90)) }), false, false},
		{"nor when late readings move its start", with(flat(38, 99), func(w *Watch) { w.Told = start.Add(hours(90)) }), false, false},
		{"another one is", with(flat(45, 99), func(w *Watch) { w.Told = start.Add(hours(44)) }), true, false},
		{"nobody looks for somebody who is away", with(flat(40, 99), func(w *Watch) { w.AwayUntil = start.Add(hours(120)) }), false, false},
		{"from the return on it is counted anew", with(flat(10, 99), func(w *Watch) { w.AwayUntil = start.Add(hours(60)) }), false, false},
		{"and told, also when the alert of the absence was told", with(flat(0, 99), func(w *Watch) { w.Told, w.AwayUntil = start.Add(hours(48)), start.Add(hours(50)) }), true, false},
		{"a meter that never sent anything is silent", Watch{Since: start, Flat: 48 * time.Hour, Silence: 36 * time.Hour}, false, true},
		{"one that was made yesterday is waited for", Watch{Since: start.Add(hours(80)), Flat: 48 * time.Hour, Silence: 36 * time.Hour}, false, false},
	} {
		if f := c.w.Look(now); f.NoWater != c.noWater || f.Silent != c.silent || f.Silent == !f.Next.IsZero() {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestStand(t *testing.T) {
	limits := Limits{Ack: {30 * time.Minute, 30 * time.Minute}, Call: {15 * time.Minute, 30 * time.Minute}, Door: {2 * time.Hour, time.Hour}}
	morning := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC) // 09:00 in China
	m := func(minutes int) time.Time { return morning.Add(time.Duration(minutes) * time.Minute) }
	never := time.Time{}
	for _, c := range []struct {
		name    string
		course  Course
		now     int
		missed  []string
		steps   int
		overdue bool
		next    time.Time
	}{
		{"half an hour to acknowledge", Course{Raised: m(0)}, 30, nil, 0, false, m(30)},
		{"then the next is told", Course{Raised: m(0)}, 31, []string{Ack}, 1, true, m(60)},
		{"and half an hour later another", Course{Raised: m(0)}, 61, []string{Ack}, 2, true, m(90)},
		{"a quarter of an hour to call", Course{Raised: m(0), Acked: m(10)}, 25, nil, 0, false, m(25)},
		{"what was acknowledged in time is not missed later", Course{Raised: m(0), Acked: m(10)}, 60, []string{Call}, 2, true, m(85)},
		{"what was missed stays missed, and adds up", Course{Raised: m(0), Acked: m(40)}, 56, []string{Ack, Call}, 2, true, m(85)},
		{"two hours to the door", Course{Raised: m(0), Acked: m(10), Called: m(20)}, 139, nil, 0, false, m(140)},
		{"at the door nothing runs", Course{Raised: m(0), Acked: m(10), Called: m(20), AtDoor: m(60)}, 600, nil, 0, false, never},
		{"who stands at the door need not have called", Course{Raised: m(0), AtDoor: m(29)}, 600, nil, 0, false, never},
		{"an end ends it", Course{Raised: m(0), Ended: m(29)}, 600, nil, 0, false, never},
		{"an acknowledgement in time that comes late takes the step back", Course{Raised: m(0), Acked: m(12), Called: m(20), AtDoor: m(31)}, 75, nil, 0, false, never},
	} {
		s := limits.Stand(c.course, Nights().Add, m(c.now))
		if !slices.Equal(s.Missed, c.missed) || s.Steps != c.steps || s.Overdue != c.overdue || !s.Next.Equal(c.next) {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// China is eight hours ahead.
func TestTheNightDoesNotCount(t *testing.T) {
	day := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h-8, m, 0, 0, time.UTC) }
	for _, c := range []struct{ from, to time.Time }{
		{day(23, 9, 0), day(23, 9, 30)},
		{day(23, 20, 30), day(23, 21, 0)},
		{day(23, 20, 50), day(24, 8, 20)},
		{day(23, 22, 0), day(24, 8, 30)},
		{day(23, 2, 0), day(23, 8, 30)},
	} {
		if got := Nights().Add(c.from, 30*time.Minute); !got.Equal(c.to) {
			t.Errorf("from %s: %s, want %s", c.from, got, c.to)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		from := start.Add(time.Duration(rapid.Int64Range(0, int64(30*24*time.Hour)).Draw(t, "from")))
		a := time.Duration(rapid.Int64Range(1, int64(40*time.Hour)).Draw(t, "a"))
		b := time.Duration(rapid.Int64Range(1, int64(40*time.Hour)).Draw(t, "b"))
		if one, two := Nights().Add(from, a+b), Nights().Add(Nights().Add(from, a), b); !one.Equal(two) {
			t.Fatalf("at once %s, in two %s", one, two)
		}
		if h := Nights().Add(from, a).UTC().Add(8 * time.Hour); h.Hour() < 8 || h.Hour() >= 21 && !h.Equal(h.Truncate(time.Hour)) {
			t.Fatalf("%s is at night", h)
		}
	})
}

func TestToken(t *testing.T) {
	token, hash := Token("source", "secret")
	if SourceOf(token) != "source" || !Proves(token, hash) || Proves("source.secreT", hash) || Proves("source", hash) || Proves("", hash) {
		t.Error(token)
	}
}

// home is what truly happens in a home, hour by hour, and what it must bring.
type home struct {
	litres []float64 // of the meter at each hour
	away   []time.Time
	flats  [][2]int // hours from and to which nobody used water for too long
	outage [][2]int // hours from and to which nothing is sent
	silent int
}

const days = 60

// live makes a home in which water runs at least once in 30 hours, but for the
// times that are planned.
func live(rng *rand.Rand) home {
	h := home{litres: make([]float64, days*24), away: make([]time.Time, days*24)}
	level, dry := 1000+rng.Float64()*1e5, 0
	idle, busy, until := 0, 0, time.Time{} // busy: until when nothing else is planned
	for hour := range h.litres {
		if hour >= busy && hour%50 == 49 && hour+250 < len(h.litres) {
			busy = hour + 150
			switch rng.IntN(8) {
			case 0, 1: // somebody lies on the floor
				idle = 75 + rng.IntN(60)
				h.flats = append(h.flats, [2]int{hour, hour + idle})
			case 2: // a short journey that nobody told of
				idle = 30 + rng.IntN(6)
			case 3: // a long one that was told of
				idle = 100
				until = start.Add(time.Duration(hour+idle+20) * time.Hour)
			case 4: // the radio fails while water is used
				from := hour + 2
				h.outage = append(h.outage, [2]int{from, from + 40 + rng.IntN(30)})
				h.silent++
			}
		}
		if h.away[hour] = until; idle > 0 {
			idle--
			dry = 0
			h.litres[hour] = level
			continue
		}
		if dry++; rng.Float64() < 0.4 || dry > 4 {
			level += 2 + rng.Float64()*200
			dry = 0
		}
		h.litres[hour] = level
	}
	return h
}

// sent is a reading on its way.
type sent struct {
	Reading
	arrives int // the hour
}

// send gives what a bad network makes of the readings of a home: 10% are lost,
// 10% come up to eight hours late and out of order, 10% twice, and one in 200
// is nonsense.
func send(h home, rng *rand.Rand) []sent {
	var out []sent
	for hour, litres := range h.litres {
		lost := rng.Float64() < 0.1 || slices.ContainsFunc(h.outage, func(o [2]int) bool { return hour >= o[0] && hour < o[1] })
		if lost {
			continue
		}
		r := Reading{start.Add(time.Duration(hour) * time.Hour), litres}
		arrives := hour
		if rng.Float64() < 0.1 {
			arrives += rng.IntN(9)
		}
		out = append(out, sent{r, arrives})
		if rng.Float64() < 0.1 {
			out = append(out, sent{r, arrives + rng.IntN(20)})
		}
		if rng.Float64() < 0.005 {
			nonsense := Reading{r.At.Add(20 * time.Minute), r.Litres}
			switch rng.IntN(4) {
			case 0:
				nonsense.Litres = -1
			case 1:
				nonsense.Litres /= 2
			case 2:
				nonsense.Litres += 1e7
			case 3:
				nonsense.At = nonsense.At.Add(100 * 24 * time.Hour)
			}
			out = append(out, sent{nonsense, arrives})
		}
	}
	slices.SortStableFunc(out, func(a, b sent) int { return a.arrives - b.arrives })
	return out
}

// monitor is what a server keeps of one meter.
type monitor struct {
	Watch
	known          []Reading
	alerts         []Finding
	silent         bool
	silences, late int
}

func (m *monitor) take(s Settings, r Reading, now time.Time) {
	if _, counts := s.Judge(r, now); !counts || slices.Contains(m.known, r) {
		return
	}
	m.known = append(m.known, r)
	next, ok := s.Next(m.State, r)
	if !ok {
		m.late++
		next, _ = s.Replay(slices.Clone(m.known))
	}
	m.State = next
}

func (m *monitor) look(now time.Time) {
	f := m.Look(now)
	if f.NoWater {
		m.alerts, m.Told = append(m.alerts, f), f.To
	}
	if f.Silent && !m.silent {
		m.silences++
	}
	m.silent = f.Silent
	// Old readings are deleted, but the one since which it is flat.
	m.known = slices.DeleteFunc(m.known, func(r Reading) bool { return now.Sub(r.At) > 72*time.Hour && !r.At.Equal(m.FlatSince) })
}

// Over 60 days of 1,200 meters on a bad network, each true period without water
// raises exactly one alert, and nothing else does.
func TestSixtyDaysOfTwelveHundredMeters(t *testing.T) {
	s := DefaultSettings()
	flats, silences, replays := 0, 0, 0
	for n := range 1200 {
		rng := rand.New(rand.NewPCG(uint64(n), 60))
		h := live(rng)
		m := monitor{Watch: Watch{Flat: s.Flat, Silence: s.Silence, Since: start}}
		arriving := send(h, rng)
		for hour := range h.litres {
			now := start.Add(time.Duration(hour)*time.Hour + time.Minute)
			m.AwayUntil = h.away[hour]
			for len(arriving) > 0 && arriving[0].arrives == hour {
				m.take(s, arriving[0].Reading, now)
				arriving = arriving[1:]
			}
			m.look(now)
		}
		if len(m.alerts) != len(h.flats) {
			t.Fatalf("meter %d: %d alerts %v for the periods %v", n, len(m.alerts), m.alerts, h.flats)
		}
		for i, f := range m.alerts {
			from, to := start.Add(time.Duration(h.flats[i][0]-6)*time.Hour), start.Add(time.Duration(h.flats[i][1])*time.Hour)
			if f.From.Before(from) || f.To.After(to) || f.To.Sub(f.From) > s.Flat+6*time.Hour {
				t.Fatalf("meter %d: the alert of %s to %s is not of the period %s to %s", n, f.From, f.To, from, to)
			}
		}
		if m.silences != h.silent {
			t.Fatalf("meter %d: told to be silent %d times, was %d times", n, m.silences, h.silent)
		}
		flats, silences, replays = flats+len(h.flats), silences+h.silent, replays+m.late
	}
	t.Logf("%d periods without water, %d silences, %d replays", flats, silences, replays)
	if flats < 500 || silences < 250 || replays < 10000 {
		t.Errorf("%d periods, %d silences, %d replays are too few to tell", flats, silences, replays)
	}
}
