package phone

import (
	"fmt"
	"strconv"
	"time"
)

// nextStamp gives the hybrid logical clock stamp of an edit made now: later
// than last, which is the last one given or seen, even when the phone's clock
// went back. Stamps are ordered as text.
func nextStamp(last string, now time.Time, device string) string {
	ms, counter := max(now.UnixMilli(), 0), int64(0)
	if len(last) >= 17 {
		lastMS, _ := strconv.ParseInt(last[:12], 16, 64)
		lastCounter, _ := strconv.ParseInt(last[13:17], 16, 64)
		if ms <= lastMS {
			if ms, counter = lastMS, lastCounter+1; counter > 0xffff {
				ms, counter = ms+1, 0
			}
		}
	}
	return fmt.Sprintf("%012x-%04x-%s", ms, counter, device)
}

// maxAhead is how far a stamp may be ahead before the server moves it to the
// time of receipt.
const maxAhead = 5 * time.Minute

// wrong tells whether a stamp is so far ahead of the server's time that it
// says nothing.
func wrong(stamp string, server time.Time) bool {
	limit := fmt.Sprintf("%012x", server.Add(maxAhead).UnixMilli())
	return len(stamp) >= 12 && stamp[:12] > limit
}
