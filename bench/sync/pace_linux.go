package main

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// sleep waits on a thread of its own. Go's timers are up to a millisecond late
// while nothing else runs, half of one at the median, which an open loop would
// take for the server's.
func sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	left := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}
