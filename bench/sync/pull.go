package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gridwalk/bench"
	"gridwalk/sim/load"
)

const (
	pullRate   = 500  // requests a second
	pullPhones = 1000 // that pull, of all that are registered
	cityPeak   = 30   // mutations a second at the peak of a city: domain.md §6.5
)

// pull measures pulls that find nothing, in an open loop: a request is due
// whether or not the last one was answered, and its time counts from when it
// was due. It is repeated while phones in other grids write.
func pull(r *run) error {
	idle, writers := r.halves()
	fmt.Fprintf(r.log, "  hydrating %d phones\n", len(idle))
	cursors, err := r.cursors(idle)
	if err != nil {
		return err
	}
	for _, pace := range []struct {
		name  string
		write int // mutations a second
	}{{"quiet", 0}, {fmt.Sprintf("others write %d/s", cityPeak), cityPeak}, {fmt.Sprintf("others write %d/s", 10*cityPeak), 10 * cityPeak}} {
		writing, stop := context.WithCancel(r.ctx)
		var done sync.WaitGroup
		done.Go(func() { r.write(writing, writers, pace.write) })
		took, full, err := r.openLoop(idle, cursors)
		stop()
		done.Wait()
		if err != nil {
			return err
		}
		p50, p99 := took.At(50).Seconds()*1000, took.At(99).Seconds()*1000
		r.add("pull", "nothing new, "+pace.name+", p50", p50, "ms", "at most 1", p50 <= 1)
		r.add("pull", "nothing new, "+pace.name+", p99", p99, "ms", "at most 10", p99 <= 10)
		if full > 0 {
			r.add("pull", "of these found something", float64(full), "", "0", false)
		}
	}
	return nil
}

// halves gives phones that pull, and phones that write in other grids.
func (r *run) halves() (idle, writers []bench.Phone) {
	var grids []string
	for _, p := range r.phones {
		if !slices.Contains(grids, p.Grid) {
			grids = append(grids, p.Grid)
		}
	}
	slices.Sort(grids)
	for _, p := range r.phones[pushers+wide+middle:] {
		if i, _ := slices.BinarySearch(grids, p.Grid); i < len(grids)/2 {
			writers = append(writers, p)
		} else if len(idle) < pullPhones {
			idle = append(idle, p)
		}
	}
	return idle, writers
}

// cursors brings phones up to date, and gives the bodies of their next pulls.
func (r *run) cursors(phones []bench.Phone) ([][]byte, error) {
	cursors, bodies := make([]string, len(phones)), make([][]byte, len(phones))
	for i := 0; i < len(phones); i += 10 {
		part := phones[i:min(i+10, len(phones))]
		got, err := r.together(part)
		if err != nil {
			return nil, err
		}
		for k, h := range got {
			cursors[i+k] = h.cursor
		}
	}
	// The demo's previews are made meanwhile; phones hear of them now.
	for i, p := range phones {
		h, err := r.hydrate(p, cursors[i])
		if err != nil {
			return nil, err
		}
		bodies[i] = pullBody(h.cursor)
	}
	return bodies, nil
}

// openLoop sends pulls at the rate for the length of a measurement, and counts
// those that found something.
func (r *run) openLoop(phones []bench.Phone, bodies [][]byte) (*load.Times, int64, error) {
	var took load.Times
	var full atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	began := time.Now()
	for i := range int(r.length.Seconds() * pullRate) {
		due := began.Add(time.Duration(i) * time.Second / pullRate)
		sleep(time.Until(due))
		all.Go(func() {
			a, err := r.ask(pooled, phones[i%len(phones)], "/api/sync/pull", bodies[i%len(phones)])
			if err == nil && a.status != 200 {
				err = fmt.Errorf("pull answers %d: %.300s", a.status, a.body)
			}
			if err != nil {
				failed.Store(&err)
				return
			}
			took.Add(time.Since(due))
			if !bytes.Contains(a.body, []byte(`"changes":[]`)) {
				full.Add(1)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return nil, 0, *err
	}
	return &took, full.Load(), nil
}

// write has phones make so many visits a second, 10 a push, until ctx ends.
func (r *run) write(ctx context.Context, phones []bench.Phone, perSecond int) {
	if perSecond == 0 {
		return
	}
	const perPush = 10
	began := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		time.Sleep(time.Until(began.Add(time.Duration(i) * perPush * time.Second / time.Duration(perSecond))))
		p := phones[i%len(phones)]
		if a, err := r.ask(pooled, p, "/api/sync/push", r.outboxes[p.Device].Push(perPush)); err == nil {
			r.said.note(p.Device, a.body)
		}
	}
}
