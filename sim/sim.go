// Package sim runs a fleet of phones, an office and a server in one goroutine,
// under a network that does its worst, and checks that nothing is lost. One
// seed is one run: the same steps, the same faults, the same answers.
package sim

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gridwalk/phone"
)

// Config is the size of a run, and how bad its world is.
type Config struct {
	Phones   int     // at most 12
	Steps    int     // before the network heals
	Faults   float64 // share of requests to which something happens
	Restores bool    // the server may be restored from a backup

	// What a test breaks on purpose, to see that the simulation notices.
	BreakServer string                        // a statement run on the database at every start
	BreakStore  func(phone.Store) phone.Store // put around the store of every phone
}

// DefaultConfig is what the tests run.
func DefaultConfig() Config { return Config{Phones: 5, Steps: 60, Faults: 0.25, Restores: true} }

// Report says what happened in a run.
type Report struct {
	Seed      uint64
	Hash      string         // of the trace: equal for equal runs
	Trace     []string       // what happened, step by step
	Counts    map[string]int // of steps, requests, results, faults
	Mutations int
}

// Failure is a run in which an invariant did not hold.
type Failure struct {
	Seed   uint64
	Err    error
	Report Report
}

func (f Failure) Error() string {
	last := f.Report.Trace[max(0, len(f.Report.Trace)-40):]
	return fmt.Sprintf("seed %d: %v\n… %s", f.Seed, f.Err, strings.Join(last, "\n"))
}

// begin is when the simulated time begins.
var begin = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// Run simulates one seed. The error is the first invariant that did not hold.
func Run(seed uint64, c Config) (report Report, err error) {
	source, err := template()
	if err != nil {
		return Report{}, fmt.Errorf("make the county: %w", err)
	}
	dir, err := os.MkdirTemp("", "gridwalk-run-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(dir)
	w := &world{c: c, rng: rand.New(rand.NewPCG(seed, 0)), now: begin, root: dir, dir: filepath.Join(dir, "0"),
		ledger: map[string]*written{}, counts: map[string]int{}}
	defer func() {
		report = w.report(seed)
		if w.server != nil {
			err = errors.Join(err, w.server.stop())
		}
	}()
	if err := copyData(source, w.dir); err != nil {
		return report, err
	}
	if err := w.start(); err != nil {
		return report, err
	}
	for o := range c.Phones {
		w.phones = append(w.phones, w.newHandset(o))
	}
	w.faulty = true
	for range c.Steps {
		w.now = w.now.Add(time.Duration(w.rng.ExpFloat64() * float64(6*time.Minute)))
		w.step()
		if w.broken != nil {
			return report, w.broken
		}
	}
	w.heal()
	w.check()
	return report, w.broken
}

func (w *world) report(seed uint64) Report {
	sum := sha256.Sum256([]byte(strings.Join(w.lines, "\n")))
	return Report{Seed: seed, Hash: fmt.Sprintf("%x", sum[:8]), Trace: w.lines, Counts: w.counts, Mutations: len(w.ledger)}
}

// Seeds runs n seeds, workers at a time, and gives those that failed. progress
// is called after every run and may be nil.
func Seeds(from, n uint64, workers int, c Config, progress func(Report, error)) []Failure {
	var (
		mu     sync.Mutex
		failed []Failure
		wait   sync.WaitGroup
		seeds  = make(chan uint64)
	)
	for range max(workers, 1) {
		wait.Go(func() {
			for seed := range seeds {
				report, err := Run(seed, c)
				mu.Lock()
				if err != nil {
					failed = append(failed, Failure{seed, err, report})
				}
				if progress != nil {
					progress(report, err)
				}
				mu.Unlock()
			}
		})
	}
	for seed := from; seed < from+n; seed++ {
		seeds <- seed
	}
	close(seeds)
	wait.Wait()
	return failed
}
