package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// server is the real binary, running.
type server struct {
	url     string
	command *exec.Cmd
	peak    atomic.Int64 // kB of RSS since resetPeak
	quit    chan struct{}
	once    sync.Once
}

// startServer builds gridwalk into dir and serves the data on a free port.
func startServer(ctx context.Context, dir, data string) (*server, error) {
	binary := filepath.Join(dir, "gridwalk")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "gridwalk").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build gridwalk: %w: %s", err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	s := &server{url: "http://" + address, quit: make(chan struct{})}
	s.command = exec.Command(binary, "serve", "--http", address, "--dir", data)
	s.command.Stderr = os.Stderr
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start gridwalk: %w", err)
	}
	for range 300 {
		if response, err := http.Get(s.url + "/api/health"); err == nil {
			response.Body.Close()
			go s.watch()
			return s, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("gridwalk does not answer on %s", s.url)
}

// stop asks the server to end, and waits until it has.
func (s *server) stop() {
	s.once.Do(func() {
		close(s.quit)
		_ = s.command.Process.Signal(syscall.SIGTERM) // it may have ended already
		_ = s.command.Wait()
	})
}

// watch keeps the peak of the memory.
func (s *server) watch() {
	for {
		select {
		case <-s.quit:
			return
		case <-time.After(50 * time.Millisecond):
			s.peak.Store(max(s.peak.Load(), s.rss()))
		}
	}
}

func (s *server) resetPeak()      { s.peak.Store(s.rss()) }
func (s *server) peakMB() float64 { return float64(s.peak.Load()) / 1000 }

// rss is the resident memory in kB, 0 when it is not known.
func (s *server) rss() int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kB, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kB
}

// cpuSeconds is the processor time that the server has used.
func (s *server) cpuSeconds() float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	// The name in brackets may hold blanks; user and system time are the 12th
	// and 13th field after it, in hundredths of a second.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}
