package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measured is what a child says of itself: milliseconds of each run, and the
// memory resident at most, in MB, before the first run and after the last.
type measured struct {
	Runs []struct {
		CPU  float64 `json:"cpu"`
		Wall float64 `json:"wall"`
	} `json:"runs"`
	Idle float64 `json:"idle"`
	Peak float64 `json:"peak"`
}

// child runs one pipeline some times in this process.
func child(name, file, dir, runs string) error {
	count, err := strconv.Atoi(runs)
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		if p.name != name {
			continue
		}
		m := measured{Idle: peakMemory()}
		for range count {
			cpu, wall := processorTime(), time.Now()
			if err := p.do(file, dir); err != nil {
				return err
			}
			m.Runs = append(m.Runs, struct {
				CPU  float64 `json:"cpu"`
				Wall float64 `json:"wall"`
			}{processorTime() - cpu, float64(time.Since(wall).Microseconds()) / 1e3})
		}
		m.Peak = peakMemory()
		return json.NewEncoder(os.Stdout).Encode(m)
	}
	return fmt.Errorf("no pipeline %q", name)
}

// processorTime of this process in milliseconds.
func processorTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

// peakMemory is VmHWM of Linux in MB: ru_maxrss would hold that of the parent
// from before the exec.
func peakMemory() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kb / 1024
		}
	}
	return 0
}
