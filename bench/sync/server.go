package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"gridwalk/sim/load"
)

// server is the real binary, running.
type server struct {
	url     string
	command *exec.Cmd
	process load.Process
	peak    atomic.Int64 // bytes of RSS since resetPeak
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
	s.process.PID = s.command.Process.Pid
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
			s.peak.Store(max(s.peak.Load(), s.process.RSS()))
		}
	}
}

func (s *server) resetPeak()      { s.peak.Store(s.process.RSS()) }
func (s *server) peakMB() float64 { return float64(s.peak.Load()) / 1e6 }
