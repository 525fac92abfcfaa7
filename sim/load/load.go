// Package load drives a running server with the traffic of many phones and
// says how it bore it.
//
//	report, err := load.Run(ctx, load.Config{URL: "http://127.0.0.1:8090", Email: …, Password: …,
//		Phones: 2000, Profile: "rural", Minutes: 2}, os.Stderr)
//	report.Print(os.Stdout)
//
// Every phone is a device of its own, enrolled for an officer that the server
// has. With the profiles rural and urban it does one officer-day of domain.md
// §6.5, 42 writes and 30 attempts to synchronise, compressed into the given
// minutes, over a link that is as often bad as in §6.3. With the profile storm
// it comes back once within these minutes, with 20 writes in its outbox. It
// writes for real: use a demo or a copy, never data that somebody needs.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"time"
)

// Config says what to load, and how much.
type Config struct {
	URL             string  // of the server, on this machine
	Email, Password string  // of a superuser
	Phones          int     // 1 to MaxPhones
	Profile         string  // rural, urban or storm
	Minutes         float64 // more than 0, at most MaxMinutes
	PID             int     // of the server, for its CPU and memory; 0 when not known
	Seed            uint64  // the same seed makes the same writes, but for their ids
}

// The bounds of a run, so that a slip of the finger ends by itself.
const (
	MaxPhones  = 20_000
	MaxMinutes = 120

	grace = 30 * time.Second // for the last answers after the minutes are over
)

// ErrConfig is the error of a Config that cannot be run.
var ErrConfig = errors.New("load")

// profile is how phones behave.
type profile struct {
	rounds int // attempts to synchronise
	writes int
	link   link
}

var profiles = map[string]profile{
	"rural": {rounds: 30, writes: 42, link: link{good: 0.50, weak: 0.22, none: 0.22}},
	"urban": {rounds: 30, writes: 42, link: link{good: 0.82, weak: 0.08, none: 0.07}},
	"storm": {rounds: 1, writes: 20, link: link{good: 1}},
}

// link is how often a phone meets which network; what is left is flapping.
type link struct{ good, weak, none float64 }

const (
	weakDelay = 900 * time.Millisecond // less when a day takes less than half a minute
	weakLoss  = 0.15                   // of answers, after the server has committed
	flapLoss  = 0.50
)

// check refuses what is out of bounds, and every server but one on this machine.
func (c Config) check() error {
	if _, ok := profiles[c.Profile]; !ok {
		return fmt.Errorf("%w: unknown profile %q: want rural, urban or storm", ErrConfig, c.Profile)
	}
	if c.Phones < 1 || c.Phones > MaxPhones {
		return fmt.Errorf("%w: %d phones: want 1 to %d", ErrConfig, c.Phones, MaxPhones)
	}
	if !(c.Minutes > 0 && c.Minutes <= MaxMinutes) {
		return fmt.Errorf("%w: %v minutes: want more than 0 and at most %d", ErrConfig, c.Minutes, MaxMinutes)
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%w: %q is not on this machine: load is made for a server at a loopback address only", ErrConfig, c.URL)
	}
	return nil
}

// Run enrols the phones, has them work, and reports. It ends by itself within
// the minutes asked for and a little more. Progress is told in lines.
func Run(ctx context.Context, c Config, progress io.Writer) (Report, error) {
	if err := c.check(); err != nil {
		return Report{}, err
	}
	client := newClient(c.URL)
	defer client.close()
	phones, err := enrol(ctx, client, c)
	if err != nil {
		return Report{}, err
	}
	fmt.Fprintf(progress, "load: %d phones enrolled\n", len(phones))

	server := Process{c.PID}
	length := time.Duration(c.Minutes * float64(time.Minute))
	ctx, cancel := context.WithTimeout(ctx, length+grace)
	defer cancel()
	meter := newMeter()
	client.wire.reset()
	cpu, began := server.CPU(), time.Now()
	quit := make(chan struct{})
	var watch, all sync.WaitGroup
	watch.Go(func() { meter.watch(server, progress, began, quit) })
	for _, p := range phones {
		p.meter = meter
		all.Go(func() { p.work(ctx, profiles[c.Profile], length) })
	}
	all.Wait()
	close(quit)
	watch.Wait()
	report := meter.report(c, time.Since(began), phones)
	report.WireBytesPerPhone = client.wire.total() / int64(len(phones))
	report.ServerCPUSeconds = server.CPU() - cpu
	return report, nil
}

// rngOf gives phone number n randomness of its own.
func rngOf(seed uint64, n int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(n))) }
