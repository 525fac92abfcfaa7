package care

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func read(t *testing.T, name string, into any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// worksExcept is a week of Monday to Friday without some days.
func worksExcept(off []Day) func(Day) bool {
	return func(d Day) bool {
		weekday := (int(d) + 4) % 7 // the first of January 1970 was a Thursday
		return weekday >= 1 && weekday <= 5 && !slices.Contains(off, d)
	}
}

func TestDueVectors(t *testing.T) {
	var vectors []struct {
		Name      string
		Plan      Plan
		Contacts  []Contact
		DaysOff   []Day `json:"days_off"`
		Last, Due Day
	}
	read(t, "due.json", &vectors)
	for _, v := range vectors {
		d := v.Plan.Next(v.Contacts)
		if on := d.On(worksExcept(v.DaysOff)); d.Last != v.Last || on != v.Due {
			t.Errorf("%s: last %s, due %s; want %s, %s", v.Name, d.Last, on, v.Last, v.Due)
		}
	}
}

func TestTodayVectors(t *testing.T) {
	var v struct {
		Now              time.Time
		Here             Place
		Tasks            []Task
		Order            []string
		OrderWithoutHere []string `json:"order_without_here"`
	}
	read(t, "today.json", &v)
	ids := func(here Place) (ids []string) {
		Order(v.Tasks, v.Now, here)
		for _, task := range v.Tasks {
			ids = append(ids, task.ID)
		}
		return ids
	}
	if got := ids(v.Here); !slices.Equal(got, v.Order) {
		t.Errorf("order\n%v\nwant\n%v", got, v.Order)
	}
	if got := ids(Place{}); !slices.Equal(got, v.OrderWithoutHere) {
		t.Errorf("order without a place\n%v\nwant\n%v", got, v.OrderWithoutHere)
	}
}

func TestDays(t *testing.T) {
	for text, want := range map[string]string{"2026-11-22T15:59:59Z": "2026-11-22", "2026-11-22T16:00:00Z": "2026-11-23", "1969-12-30T20:00:00Z": "1969-12-31"} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(at); got.String() != want || got.Start().After(at) {
			t.Errorf("%s is on %s, which begins %s", text, got, got.Start())
		}
	}
	if _, err := ParseDay("23.11.2026"); err == nil {
		t.Error("23.11.2026 was read as a day")
	}
	if DayOf(time.Time{}) != 0 || Day(0).String() != "" {
		t.Error("no time is a day")
	}
}

var (
	anyDay  = rapid.Custom(func(t *rapid.T) Day { return Day(20000 + rapid.IntRange(0, 600).Draw(t, "day")) })
	contact = rapid.Custom(func(t *rapid.T) Contact {
		c := Contact{On: anyDay.Draw(t, "on"), Mode: rapid.SampledFrom([]string{"door", "phone", "neighbour", "pass_by"}).Draw(t, "mode"),
			Result: rapid.SampledFrom([]string{"met_ok", "met_needs", "not_home", "declined", "moved", "phone_ok", "help_called"}).Draw(t, "result")}
		if rapid.Bool().Draw(t, "agreed?") {
			c.Agreed = anyDay.Draw(t, "agreed")
		}
		return c
	})
	contacts = rapid.SliceOfN(contact, 0, 12)
	plan     = rapid.Custom(func(t *rapid.T) Plan {
		return Plan{Since: anyDay.Draw(t, "since"), Cadence: rapid.IntRange(1, 366).Draw(t, "cadence"),
			Tier:    rapid.SampledFrom([]string{"high", "key", "general"}).Draw(t, "tier"),
			Methods: rapid.SliceOfDistinct(rapid.SampledFrom([]string{"door", "phone", "neighbour", "meter"}), rapid.ID).Draw(t, "methods")}
	})
	anyDaysOff = rapid.SliceOfN(anyDay, 0, 40)
)

// In whichever order contacts arrive, the same is due.
func TestDueKnowsNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, all := plan.Draw(t, "plan"), contacts.Draw(t, "contacts")
		other := rapid.Permutation(all).Draw(t, "order")
		if a, b := p.Next(all), p.Next(other); a != b {
			t.Fatalf("%+v and %+v", a, b)
		}
		works := worksExcept(nil)
		in1, all1 := p.InTime(all, 20100, 20400, works)
		in2, all2 := p.InTime(other, 20100, 20400, works)
		if in1 != in2 || all1 != all2 {
			t.Fatalf("%d of %d and %d of %d", in1, all1, in2, all2)
		}
	})
}

// A contact later than all others moves what is due beyond it, and never
// farther than the cadence, or the peace after a refusal, allows; what is no
// contact moves nothing.
func TestAContactMovesWhatIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, all, c := plan.Draw(t, "plan"), contacts.Draw(t, "contacts"), contact.Draw(t, "new")
		c.On += 700
		before, after := p.Next(all), p.Next(append(all, c))
		if !p.Counts(c) {
			if before != after {
				t.Fatalf("%+v became %+v", before, after)
			}
			return
		}
		if after.Last != c.On || after.Wanted <= c.On || after.Wanted > c.On+Day(max(p.Cadence, quietDays)) {
			t.Fatalf("after a contact on %s: %+v", c.On, after)
		}
	})
}

// The calendar moves a day only to a working day, not before anybody shall
// come, and without a calendar not at all.
func TestDaysOffMoveWhatIsDue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, all, off := plan.Draw(t, "plan"), contacts.Draw(t, "contacts"), anyDaysOff.Draw(t, "off")
		d, works := p.Next(all), worksExcept(off)
		on := d.On(works)
		switch {
		case d.On(nil) != d.Wanted:
			t.Fatal("moved without a calendar")
		case on != d.Wanted && (!works(on) || d.Fixed || works(d.Wanted)):
			t.Fatalf("%+v moved to %s", d, on)
		case on < d.Earliest, on <= d.Last:
			t.Fatalf("%+v moved to %s: too early", d, on)
		}
	})
}

// The order is of all tasks, by urgency, and does not depend on how they come.
func TestOrderIsTotal(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	task := rapid.Custom(func(t *rapid.T) Task {
		out := Task{Kind: rapid.SampledFrom([]string{"care", "matter"}).Draw(t, "kind"), ID: rapid.StringMatching(`[a-c]{3}`).Draw(t, "id"),
			Danger: rapid.Bool().Draw(t, "danger")}
		if rapid.Bool().Draw(t, "clock") {
			out.Due = now.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "due")) * time.Minute)
		} else if rapid.Bool().Draw(t, "day") {
			out.DueDay = DayOf(now) + Day(rapid.IntRange(-5, 5).Draw(t, "due day"))
		}
		if rapid.Bool().Draw(t, "place") {
			out.Place = Place{28 + rapid.Float64Range(0, 0.01).Draw(t, "lat"), 124}
		}
		return out
	})
	rapid.Check(t, func(t *rapid.T) {
		tasks := rapid.SliceOfNDistinct(task, 0, 12, func(t Task) string { return t.Kind + t.ID }).Draw(t, "tasks")
		here := rapid.SampledFrom([]Place{{}, {28, 124}}).Draw(t, "here")
		other := rapid.Permutation(tasks).Draw(t, "order")
		Order(tasks, now, here)
		Order(other, now, here)
		if !slices.Equal(tasks, other) {
			t.Fatalf("%v and %v", tasks, other)
		}
		if !slices.IsSortedFunc(tasks, func(a, b Task) int {
			return slices.Index(Urgencies, a.Urgency(now)) - slices.Index(Urgencies, b.Urgency(now))
		}) {
			t.Fatalf("not by urgency: %v", tasks)
		}
	})
}

func TestInTime(t *testing.T) {
	p := Plan{Since: 20000, Cadence: 10, Tier: "high"}
	at := func(days ...Day) (cs []Contact) {
		for _, d := range days {
			cs = append(cs, Contact{On: d, Mode: "door", Result: "met_ok"})
		}
		return cs
	}
	for _, c := range []struct {
		name        string
		contacts    []Contact
		inTime, all int
	}{
		{"nothing done", nil, 0, 1},
		{"done in time, the next is due later", at(20010, 20020, 20029), 3, 3},
		{"one day late", at(20010, 20021, 20029), 2, 3},
		{"two on one day are one", at(20010, 20010, 20020, 20028), 3, 3},
		{"the last is still owed", at(20010, 20019), 2, 3},
		{"before the time that is asked about", at(20003), 0, 1},
	} {
		if inTime, all := p.InTime(c.contacts, 20005, 20030, nil); inTime != c.inTime || all != c.all {
			t.Errorf("%s: %d of %d, want %d of %d", c.name, inTime, all, c.inTime, c.all)
		}
	}
}
