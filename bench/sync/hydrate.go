package main

import (
	"sync"
	"time"

	"gridwalk/bench"
	"gridwalk/sim/load"
)

// together has all phones hydrate at once and gives what each got.
func (r *run) together(phones []bench.Phone) ([]hydration, error) {
	got, failed := make([]hydration, len(phones)), make([]error, len(phones))
	var all sync.WaitGroup
	for i, p := range phones {
		all.Go(func() { got[i], failed[i] = r.hydrate(p, "") })
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return got, nil
}

// hydrate measures one phone of 2,500 records alone, and then rows per second
// with one phone a core.
func hydrate(r *run) error {
	phones := r.phones[pushers+wide : pushers+wide+middle]
	if _, err := r.hydrate(phones[0], ""); err != nil { // the caches are warm for all later ones
		return err
	}
	var took load.Times
	var last hydration
	for _, p := range phones {
		h, err := r.hydrate(p, "")
		if err != nil {
			return err
		}
		took.Add(h.took)
		last = h
	}
	r.add("hydrate", "one phone, records", float64(last.rows), "", "", true)
	half := took.At(50).Seconds()
	r.add("hydrate", "one phone, median time", half, "s", "at most 0.5", half <= 0.5)
	size := float64(last.wire) / 1e6
	r.add("hydrate", "one phone, compressed", size, "MB", "at most 2", size <= 2)

	rows := 0
	began := time.Now()
	for i := 0; time.Since(began) < r.length; i += 2 {
		got, err := r.together([]bench.Phone{phones[i%middle], phones[(i+1)%middle]})
		if err != nil {
			return err
		}
		rows += got[0].rows + got[1].rows
	}
	rate := float64(rows) / time.Since(began).Seconds()
	r.add("hydrate", "rows in all, two phones at a time", rate, "rows/s", "at least 40,000", rate >= 40_000)
	return nil
}

// crowd measures 100 phones that hydrate 10,000 rows each at once.
func crowd(r *run) error {
	began := time.Now()
	got, err := r.together(r.phones[pushers : pushers+wide])
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	var took load.Times
	rows := 0
	for _, h := range got {
		took.Add(h.took)
		rows += h.rows
	}
	r.add("crowd", "100 phones at once, records each", float64(rows)/float64(len(got)), "", "", true)
	r.add("crowd", "median time", took.At(50).Seconds(), "s", "", true)
	slow := took.At(95).Seconds()
	r.add("crowd", "p95 time", slow, "s", "under 30", slow < 30)
	r.add("crowd", "rows in all", float64(rows)/seconds, "rows/s", "", true)
	return nil
}
