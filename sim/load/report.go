package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Report is what a run found. Times are in milliseconds.
type Report struct {
	Profile           string         `json:"profile"`
	Phones            int            `json:"phones"`
	Seconds           float64        `json:"seconds"`
	Mutations         int            `json:"mutations"` // handled for the first time
	MutationsPerS     float64        `json:"mutations_per_s"`
	Results           map[string]int `json:"results"` // by status
	Rejections        map[string]int `json:"rejections"`
	Waiting           int            `json:"waiting"` // still in outboxes at the end
	RowsPulled        int            `json:"rows_pulled"`
	Push              Latency        `json:"push"`
	Pull              Latency        `json:"pull"`
	WireBytesPerPhone int64          `json:"wire_bytes_per_phone"` // both ways, headers included
	Errors            map[string]int `json:"errors"`
	AnswersLost       int            `json:"answers_lost"` // on purpose: the phone asked again
	ServerCPUSeconds  float64        `json:"server_cpu_seconds,omitempty"`
	ServerPeakRSS     int64          `json:"server_peak_rss_bytes,omitempty"`
}

// Latency is how long requests took, from sending to the last byte.
type Latency struct {
	Requests int     `json:"requests"`
	P50      float64 `json:"p50_ms"`
	P95      float64 `json:"p95_ms"`
	P99      float64 `json:"p99_ms"`
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%d phones, %s, %.0f s\n", r.Phones, r.Profile, r.Seconds)
	fmt.Fprintf(w, "mutations  %d, %.0f/s; %d still wait\n", r.Mutations, r.MutationsPerS, r.Waiting)
	for _, part := range []struct {
		name string
		Latency
	}{{"push", r.Push}, {"pull", r.Pull}} {
		fmt.Fprintf(w, "%-10s %d requests, p50 %.1f ms, p95 %.1f ms, p99 %.1f ms\n", part.name, part.Requests, part.P50, part.P95, part.P99)
	}
	fmt.Fprintf(w, "pulled     %d rows\n", r.RowsPulled)
	fmt.Fprintf(w, "wire       %.1f kB a phone\n", float64(r.WireBytesPerPhone)/1000)
	for _, part := range []struct {
		name   string
		counts map[string]int
	}{{"results", r.Results}, {"rejected", r.Rejections}, {"errors", r.Errors}} {
		fmt.Fprintf(w, "%-10s", part.name)
		for _, code := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(w, " %s %d", code, part.counts[code])
		}
		if len(part.counts) == 0 {
			fmt.Fprint(w, " none")
		}
		fmt.Fprintln(w)
	}
	if r.ServerPeakRSS > 0 {
		fmt.Fprintf(w, "server     %.1f s of CPU, at most %.0f MB\n", r.ServerCPUSeconds, float64(r.ServerPeakRSS)/1e6)
	}
}

// meter gathers what happens to all phones.
type meter struct {
	mu         sync.Mutex
	times      map[string]*Times // by route
	results    map[string]int
	rejections map[string]int
	errors     map[string]int
	rows, gone int
	peak       int64
}

func newMeter() *meter {
	return &meter{times: map[string]*Times{"push": {}, "pull": {}}, results: map[string]int{}, rejections: map[string]int{}, errors: map[string]int{}}
}

func (m *meter) with(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

func (m *meter) asked(route string, took time.Duration) { m.times[route].Add(took) }
func (m *meter) failed(code string)                     { m.with(func() { m.errors[code]++ }) }
func (m *meter) lost()                                  { m.with(func() { m.gone++ }) }
func (m *meter) pulled(rows int)                        { m.with(func() { m.rows += rows }) }

func (m *meter) handled(status, code string) {
	m.with(func() {
		m.results[status]++
		if status == "rejected" {
			m.rejections[code]++
		}
	})
}

// watch keeps the peak of the server's memory and tells of progress.
func (m *meter) watch(server Process, progress io.Writer, began time.Time, quit <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		m.with(func() { m.peak = max(m.peak, server.RSS()) })
		select {
		case <-quit:
			return
		case <-tick.C:
		}
		if n%50 == 0 {
			m.with(func() {
				fmt.Fprintf(progress, "load: %.0f s, %d mutations handled, %d rows pulled\n", time.Since(began).Seconds(), sum(m.results), m.rows)
			})
		}
	}
}

func (m *meter) report(c Config, took time.Duration, phones []*phone) Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Report{Profile: c.Profile, Phones: len(phones), Seconds: took.Seconds(), Results: m.results, Rejections: m.rejections, Errors: m.errors,
		RowsPulled: m.rows, AnswersLost: m.gone, ServerPeakRSS: m.peak, Push: m.times["push"].latency(), Pull: m.times["pull"].latency()}
	// A duplicate is the answer to a mutation whose first answer was lost: each
	// mutation is counted once.
	r.Mutations = sum(m.results)
	r.MutationsPerS = float64(r.Mutations) / took.Seconds()
	for _, p := range phones {
		r.Waiting += len(p.outbox)
	}
	return r
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
