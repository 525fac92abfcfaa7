package merge

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseStamp(t *testing.T) {
	const good = "018c0d2f6a00-0000-dev1"
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"a plain stamp is accepted", good, true},
		{"a device id may be 64 characters of letters, digits, _ and -", good[:18] + "A_-z" + strings.Repeat("9", 60), true},
		{"nothing is no stamp", "", false},
		{"65 characters of device id are too many", good[:18] + strings.Repeat("a", 65), false},
		{"a device id is needed", good[:18], false},
		{"upper-case hex would break the order as text", "018C0D2F6A00-0000-dev1", false},
		{"a time after the year 6429 is refused", "800000000000-0000-dev1", false},
		{"a short time is refused", "18c0d2f6a00-0000-dev1", false},
		{"a short counter is refused", "018c0d2f6a00-000-dev1", false},
		{"a newline at the end is refused", good + "\n", false},
		{"a space in front is refused", " " + good, false},
		{"a device id in Chinese is refused", good[:18] + "手机", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if s, err := ParseStamp(c.text); (err == nil) != c.ok || c.ok && string(s) != c.text {
				t.Fatalf("ParseStamp(%q) = %q, %v", c.text, s, err)
			}
		})
	}
}

func TestStampParts(t *testing.T) {
	s := stamp(0x018c0d2f6a00, 0x1f, "a-b_c")
	if s != "018c0d2f6a00-001f-a-b_c" || s.Millis() != 0x018c0d2f6a00 || s.Counter() != 0x1f || s.Device() != "a-b_c" {
		t.Fatalf("%q has the parts %d, %d, %q", s, s.Millis(), s.Counter(), s.Device())
	}
	if want := time.UnixMilli(0x018c0d2f6a00); !s.Time().Equal(want) {
		t.Fatalf("time = %v, want %v", s.Time(), want)
	}
	if none := Stamp(""); none.Millis() != 0 || none.Counter() != 0 || none.Device() != "" || none > s {
		t.Fatal("the empty stamp is not the earliest")
	}
}

func TestClock(t *testing.T) {
	now := time.UnixMilli(1000)
	c, err := NewClock("dev1", func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func()
		want Stamp
	}{
		{"the first tick is the time", func() {}, "0000000003e8-0000-dev1"},
		{"a second tick in one millisecond counts", func() {}, "0000000003e8-0001-dev1"},
		{"time that goes back is not followed", func() { now = time.UnixMilli(-5) }, "0000000003e8-0002-dev1"},
		{"what was seen is earlier than what follows", func() { c.Observe("0000000003e9-0007-zzz") }, "0000000003e9-0008-dev1"},
		{"an older stamp changes nothing", func() { c.Observe("000000000001-0007-zzz") }, "0000000003e9-0009-dev1"},
		{"a full counter carries into the millisecond", func() { c.Observe("0000000003e9-ffff-zzz") }, "0000000003ea-0000-dev1"},
		{"time that goes on is followed", func() { now = time.UnixMilli(5000) }, "000000001388-0000-dev1"},
	} {
		step.do()
		if got := c.Tick(); got != step.want {
			t.Fatalf("%s: %q, want %q", step.name, got, step.want)
		}
	}
	if _, err := NewClock("手机", time.Now); err == nil {
		t.Fatal("a device id in Chinese was accepted")
	}
}

func TestClamp(t *testing.T) {
	received := time.UnixMilli(1_000_000)
	for _, c := range []struct {
		name    string
		s, want Stamp
	}{
		{"a stamp of yesterday is kept", stamp(1, 2, "a"), stamp(1, 2, "a")},
		{"a stamp exactly 5 minutes ahead is kept", stamp(1_300_000, 2, "a"), stamp(1_300_000, 2, "a")},
		{"a stamp further ahead takes the time of receipt and keeps counter and device", stamp(1_300_001, 2, "a"), stamp(1_000_000, 2, "a")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Clamp(c.s, received, MaxAhead); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
		})
	}
}

var stamps = rapid.Custom(func(t *rapid.T) Stamp {
	return stamp(
		rapid.Int64Range(0, maxMillis).Draw(t, "ms"),
		rapid.IntRange(0, maxCounter).Draw(t, "counter"),
		rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(t, "device"),
	)
})

// Text order is the order by time, counter and device, and what a stamp says
// can be read back.
func TestStampsAreTotallyOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := stamps.Draw(t, "a"), stamps.Draw(t, "b")
		want := cmp.Or(cmp.Compare(a.Millis(), b.Millis()), cmp.Compare(a.Counter(), b.Counter()), cmp.Compare(a.Device(), b.Device()))
		if got := cmp.Compare(a, b); got != want {
			t.Fatalf("%q against %q = %d, want %d", a, b, got, want)
		}
		if s, err := ParseStamp(string(a)); err != nil || s != stamp(a.Millis(), a.Counter(), a.Device()) {
			t.Fatalf("%q does not come back: %q, %v", a, s, err)
		}
	})
}

// A clock only goes forward, past everything it saw, however its time jumps.
func TestClockIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var now time.Time
		c, err := NewClock("dev", func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		var last Stamp
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "observe") {
				seen := stamps.Draw(t, "seen")
				c.Observe(seen)
				last = max(last, seen)
				continue
			}
			now = time.UnixMilli(rapid.Int64().Draw(t, "now"))
			s := c.Tick()
			if s <= last {
				t.Fatalf("%q after %q", s, last)
			}
			last = s
		}
	})
}

// Clamped and chained, the stamps of an outbox stay in its order.
func TestClampKeepsTheOrderOfAnOutbox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Int64Range(0, 3_000_000), 2, 20).Draw(t, "times on the phone")
		received := rapid.Int64Range(0, 2_000_000).Draw(t, "received")
		var last Stamp
		for i, ms := range at {
			if i > 0 && rapid.Bool().Draw(t, "a new push") {
				received += rapid.Int64Range(0, 100_000).Draw(t, "later")
			}
			s := Clamp(stamp(ms, i%3, "dev"), time.UnixMilli(received), MaxAhead).After(last)
			if s <= last {
				t.Fatalf("%q after %q", s, last)
			}
			if s.Millis() > time.UnixMilli(received).Add(MaxAhead).UnixMilli() {
				t.Fatalf("%q is more than 5 minutes ahead of %d", s, received)
			}
			last = s
		}
	})
}

func FuzzParseStamp(f *testing.F) {
	for _, seed := range []string{"", "018c0d2f6a00-0000-dev1", "7fffffffffff-ffff-Z", "ffffffffffff-ffff-a", "018c0d2f6a00-0000-", "018c0d2f6a00_0000_a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseStamp(text)
		if err != nil {
			return
		}
		if again := stamp(s.Millis(), s.Counter(), s.Device()); again != s {
			t.Fatalf("%q is read as %q", s, again)
		}
		if n := next(s.Millis(), s.Counter(), s.Device()); n <= s {
			t.Fatalf("%q follows %q", n, s)
		}
	})
}
