//go:build !linux

package main

import "time"

// sleep waits as well as Go's timers do.
func sleep(d time.Duration) { time.Sleep(d) }
