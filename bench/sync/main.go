// Command sync measures the sync engine: it builds gridwalk, starts it on a
// folder of synthetic data, and loads it over HTTP on this machine.
//
//	go run ./bench/sync                     everything, the storm scaled down
//	go run ./bench/sync -only push,storm -full
//
// bench/README.md says what each scenario does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"gridwalk/bench"
)

// result is one measured figure beside what it should be. Target is empty for
// figures that only explain others.
type result struct {
	Scenario string  `json:"scenario"`
	Figure   string  `json:"figure"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Target   string  `json:"target,omitempty"`
	Reached  *bool   `json:"reached,omitempty"`
}

// report is everything that one run found.
type report struct {
	Date    string   `json:"date"`
	Commit  string   `json:"commit"`
	Machine string   `json:"machine"`
	Results []result `json:"results"`
}

// run is the state that scenarios share: one server, one fleet.
type run struct {
	ctx      context.Context
	server   *server
	phones   []bench.Phone
	outboxes map[string]*bench.Outbox // by device
	said     *acknowledged
	length   time.Duration
	full     bool
	log      io.Writer
	report   report
}

var scenarios = []struct {
	name string
	do   func(*run) error
}{{"hydrate", hydrate}, {"crowd", crowd}, {"pull", pull}, {"push", push}, {"storm", storm}}

// The phones by what they do. Those that storm are all of them.
const (
	pushers    = 64   // phones 0 to 63 push
	wide       = 100  // the next 100 have wideGrids grids each, which is 10,000 rows
	wideGrids  = 9    //
	middle     = 10   // the next 10 have middleGrids grids each, which is 2,500 rows
	middleGrid = 2    //
	fleet      = 7700 // phones in all that may connect
	registered = 20_000
	feedRows   = 2_000_000
)

func gridsOf(n int) int {
	switch {
	case n < pushers:
		return 1
	case n < pushers+wide:
		return wideGrids
	case n < pushers+wide+middle:
		return middleGrid
	}
	return 1
}

func main() {
	var r run
	only := flag.String("only", "", "scenarios to run, separated by commas: hydrate, crowd, pull, push, storm")
	flag.DurationVar(&r.length, "length", 10*time.Second, "how long each measurement of a rate takes")
	flag.BoolVar(&r.full, "full", false, "the storm of 7,700 phones within 2 minutes, and not a tenth of it within 12 seconds")
	jsonFile := flag.String("json", "", "write the report as JSON to this file")
	flag.Parse()
	r.log = os.Stderr
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r.ctx = ctx
	if err := r.do(*only, *jsonFile); err != nil {
		fmt.Fprintln(os.Stderr, "bench/sync:", err)
		os.Exit(1)
	}
}

func (r *run) do(only, jsonFile string) error {
	dir, err := os.MkdirTemp("", "gridwalk-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	if r.phones, err = bench.Make(data, bench.Spec{Preset: "town", Phones: fleet, Grids: gridsOf, Registered: registered, FeedRows: feedRows}, r.log); err != nil {
		return err
	}
	r.outboxes, r.said = map[string]*bench.Outbox{}, newAcknowledged()
	for n, p := range r.phones {
		r.outboxes[p.Device] = bench.NewOutbox(p, uint64(n))
	}
	if r.server, err = startServer(r.ctx, dir, data); err != nil {
		return err
	}
	defer r.server.stop()
	r.report = report{Date: time.Now().Format("2006-01-02 15:04"), Commit: commit(), Machine: machine()}
	for _, s := range scenarios {
		if only != "" && !slices.Contains(strings.Split(only, ","), s.name) {
			continue
		}
		fmt.Fprintf(r.log, "%s …\n", s.name)
		r.server.resetPeak()
		cpu := r.server.process.CPU()
		began := time.Now()
		if err := s.do(r); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.add(s.name, "server CPU", (r.server.process.CPU()-cpu)/time.Since(began).Seconds(), "cores", "", true)
		peak := r.server.peakMB()
		r.add(s.name, "server memory, peak RSS", peak, "MB", "under 400", peak < 400)
	}
	if err := r.checkLost(data); err != nil {
		return err
	}
	r.print(os.Stdout)
	if jsonFile == "" {
		return nil
	}
	raw, err := json.MarshalIndent(r.report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(jsonFile, append(raw, '\n'), 0o644)
}

func (r *run) add(scenario, figure string, value float64, unit, target string, reached bool) {
	found := result{Scenario: scenario, Figure: figure, Value: value, Unit: unit, Target: target}
	if target != "" {
		found.Reached = &reached
	}
	r.report.Results = append(r.report.Results, found)
	fmt.Fprintf(r.log, "  %s: %.4g %s\n", figure, value, unit)
}

// checkLost stops the server and looks in its files for every mutation that it
// called applied.
func (r *run) checkLost(data string) error {
	r.server.stop()
	lost, err := r.said.missing(data)
	if err != nil {
		return err
	}
	r.add("all", "acknowledged mutations", float64(r.said.count()), "", "", true)
	r.add("all", "of these lost", float64(lost), "", "0", lost == 0)
	return nil
}

func (r *run) print(w io.Writer) {
	fmt.Fprintf(w, "%s, commit %s, %s\n\n", r.report.Date, r.report.Commit, r.report.Machine)
	table := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table, "| scenario\t| figure\t| measured\t| target\t| reached\t|")
	fmt.Fprintln(table, "| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, x := range r.report.Results {
		reached := ""
		if x.Reached != nil {
			reached = map[bool]string{true: "yes", false: "**no**"}[*x.Reached]
		}
		fmt.Fprintf(table, "| %s\t| %s\t| %s %s\t| %s\t| %s\t|\n", x.Scenario, x.Figure, number(x.Value), x.Unit, x.Target, reached)
	}
	table.Flush()
}

func number(v float64) string {
	if v >= 100 || v == float64(int64(v)) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func machine() string {
	model := runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(raw), "model name"); ok {
			line, _, _ := strings.Cut(rest, "\n")
			model = strings.Trim(line, " \t:")
		}
	}
	return fmt.Sprintf("%d × %s, %s, server and load on it", runtime.NumCPU(), model, runtime.Version())
}
