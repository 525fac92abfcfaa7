package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Process is a process of this machine, as /proc shows it. What cannot be read
// is 0.
type Process struct{ PID int }

// RSS is the resident memory in bytes.
func (p Process) RSS() int64 {
	_, rest, _ := bytes.Cut(p.read("status"), []byte("VmRSS:"))
	fields := strings.Fields(string(rest))
	if len(fields) == 0 {
		return 0
	}
	kB, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kB * 1024
}

// CPU is the processor time used so far, in seconds.
func (p Process) CPU() float64 {
	// The name in brackets may hold blanks; user and system time are the 12th
	// and 13th field after it, in hundredths of a second.
	raw := p.read("stat")
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	used := 0.0
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return 0
		}
		used += ticks / 100
	}
	return used
}

func (p Process) read(file string) []byte {
	if p.PID <= 0 {
		return nil
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.PID, file))
	if err != nil {
		return nil
	}
	return raw
}
