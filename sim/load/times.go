package load

import (
	"slices"
	"sync"
	"time"
)

// Times collects durations from many goroutines. The zero value is empty.
type Times struct {
	mu  sync.Mutex
	all []time.Duration
}

// Add takes one duration.
func (t *Times) Add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// At gives the duration that percent of a hundred are not longer than, 0 when
// there are none.
func (t *Times) At(percent float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	return t.all[min(len(t.all)-1, int(float64(len(t.all))*percent/100))]
}

func (t *Times) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

func (t *Times) latency() Latency {
	ms := func(percent float64) float64 { return float64(t.At(percent).Microseconds()) / 1000 }
	return Latency{t.count(), ms(50), ms(95), ms(99)}
}
