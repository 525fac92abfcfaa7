package merge

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Stamp is the time of an edit on a hybrid logical clock, as text:
//
//	<unix milliseconds, 12 hex>-<counter, 4 hex>-<device id>
//
// Stamps are ordered as text: by time, then counter, then device. The empty
// stamp is earlier than every other. A stamp from outside goes through
// ParseStamp first; the methods take it as well formed.
type Stamp string

// MaxAhead is how far a phone's clock may be ahead of the server's before its
// stamps are clamped.
const MaxAhead = 5 * time.Minute

const (
	// maxMillis is the last millisecond that ParseStamp accepts, in the year
	// 6429. Half of the range above it is left free, so that no stamp from
	// outside can bring a clock to its end.
	maxMillis  = 1<<47 - 1
	maxCounter = 1<<16 - 1
)

// ErrStamp is the error of a text that is not a stamp.
var ErrStamp = errors.New("merge: not a stamp")

var stampForm = regexp.MustCompile(`^[0-7][0-9a-f]{11}-[0-9a-f]{4}-[A-Za-z0-9_-]{1,64}$`)

// ParseStamp accepts exactly the form of Stamp: lower-case hex, a device id of
// 1 to 64 characters of A-Z, a-z, 0-9, _ and -, and nothing around it.
func ParseStamp(text string) (Stamp, error) {
	if !stampForm.MatchString(text) {
		return "", fmt.Errorf("%w: %.100q", ErrStamp, text)
	}
	return Stamp(text), nil
}

// Millis returns the time of s in milliseconds since 1970, 0 for no stamp.
func (s Stamp) Millis() int64 { return s.hex(0, 12) }

// Counter returns the number of s among the edits of its millisecond.
func (s Stamp) Counter() int { return int(s.hex(13, 17)) }

// Time returns the time of s in UTC.
func (s Stamp) Time() time.Time { return time.UnixMilli(s.Millis()).UTC() }

// Device returns the id of the device whose clock made s.
func (s Stamp) Device() string {
	if len(s) < 18 {
		return ""
	}
	return string(s[18:])
}

func (s Stamp) hex(from, to int) int64 {
	if len(s) < to {
		return 0
	}
	n, _ := strconv.ParseInt(string(s[from:to]), 16, 64)
	return n
}

// After returns s if it is later than prev, else the first stamp of s's device
// that is.
func (s Stamp) After(prev Stamp) Stamp {
	if s > prev {
		return s
	}
	return next(prev.Millis(), prev.Counter(), s.Device())
}

// Clamp returns s, or when s is more than maxAhead in front of the time of
// receipt, a stamp of that time with the counter and device of s.
//
// Two stamps of one device may change places or become equal by this, so the
// server chains them, keeping for every outbox the last stamp it gave:
//
//	last = Clamp(at, received, MaxAhead).After(last)
//
// Then the edits of an outbox are always in the order in which it made them,
// whatever its clock did. Clamping is the one place where the time of arrival
// matters to a merge.
func Clamp(s Stamp, received time.Time, maxAhead time.Duration) Stamp {
	if s.Millis() <= received.Add(maxAhead).UnixMilli() {
		return s
	}
	return stamp(received.UnixMilli(), s.Counter(), s.Device())
}

// next is the stamp of device that follows counter in millisecond ms.
func next(ms int64, counter int, device string) Stamp {
	if counter == maxCounter {
		return stamp(ms+1, 0, device)
	}
	return stamp(ms, counter+1, device)
}

func stamp(ms int64, counter int, device string) Stamp {
	return Stamp(fmt.Sprintf("%012x-%04x-%s", max(ms, 0), counter, device))
}

// Clock makes the stamps of one device. Every stamp is later than all that the
// clock made or observed before, even when the device's time goes back. It may
// be used by several goroutines.
type Clock struct {
	device string
	now    func() time.Time

	mu   sync.Mutex
	last Stamp
}

// NewClock returns a clock of device that reads the time from now. A device
// that restarts lets its new clock Observe the last stamp of the old one.
func NewClock(device string, now func() time.Time) (*Clock, error) {
	if _, err := ParseStamp(string(stamp(0, 0, device))); err != nil {
		return nil, fmt.Errorf("merge: not a device id: %.100q", device)
	}
	return &Clock{device: device, now: now}, nil
}

// Tick returns the stamp of an edit made now.
func (c *Clock) Tick() Stamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = stamp(min(c.now().UnixMilli(), maxMillis), 0, c.device).After(c.last)
	return c.last
}

// Observe tells the clock of a stamp that this device has seen on a record, so
// that what it edits from now on counts as later.
func (c *Clock) Observe(s Stamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last, s)
}
