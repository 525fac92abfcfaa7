// Command geo measures package geo on a synthetic city of 20,164 grids, beside
// orb with an R-tree and S2 in the same process, and beside GEOS (geosop) and
// PostGIS (psql) where those are installed. It checks that all give the same
// answers.
//
//	go run ./bench/geo
//	go run ./bench/geo -grids 2500 -points 20000 -only ours,orb
//
// bench/README.md has the figures of the last run.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// bench is one run over one city.
type bench struct {
	city         *city
	polygons     polygons // of city.fences
	random, walk []orb.Point
	only         []string
	seed         uint64
	log          io.Writer
	boxes        float64 // MB that the boundaries take beyond 8 bytes a vertex
	engines      []measured
	figures      []figure
	differ       []string // what the peers answer differently
}

// figure is one measured value beside what it should be.
type figure struct {
	what, value, target string
	reached             bool
}

// officers walk at the same time.
const officers = 500

func main() {
	grids := flag.Int("grids", 20164, "how many grids the city has, rounded to a square")
	points := flag.Int("points", 100_000, "how many points are asked about")
	seed := flag.Uint64("seed", 1, "of the city and the points")
	only := flag.String("only", "ours,orb,s2,geos,postgis", "whom to run")
	flag.Parse()
	b := &bench{only: strings.Split(*only, ","), seed: *seed, log: os.Stderr}
	if err := b.run(*grids, *points); err != nil {
		fmt.Fprintln(os.Stderr, "bench/geo:", err)
		os.Exit(1)
	}
	b.print(os.Stdout)
	if len(b.differ) > 0 {
		os.Exit(1)
	}
}

func (b *bench) runs(name string) bool { return slices.Contains(b.only, name) }

func (b *bench) run(grids, points int) error {
	fmt.Fprintln(b.log, "a city is drawn and validated …")
	began := time.Now()
	before := heapMB()
	var err error
	if b.city, err = newCity(grids, b.seed); err != nil {
		return err
	}
	b.describe(before, time.Since(began))
	rnd := rand.New(rand.NewPCG(b.seed, 2))
	b.random, b.walk = b.city.randomPoints(points, rnd), b.city.walk(points, officers, rnd)
	b.polygons = polygonsOf(b.city.fences)
	if err := b.measureEngines(); err != nil {
		return err
	}
	b.measureDistance(rnd)
	b.measureDatum(rnd)
	if b.runs("geos") {
		b.figures = append(b.figures, geos(b.polygons[:b.city.grids], rnd)...)
	}
	if b.runs("postgis") {
		b.figures = append(b.figures, b.postgis()...)
	}
	return nil
}

func (b *bench) describe(before float64, took time.Duration) {
	var counts []int
	holed, multi, all := 0, 0, 0
	for i, f := range b.city.fences {
		n := f.Boundary.Vertices()
		all += n
		if i >= b.city.grids {
			continue
		}
		counts = append(counts, n)
		for _, polygon := range f.Boundary.MultiPolygon() {
			if len(polygon) > 1 {
				holed++
			}
		}
		if len(f.Boundary.MultiPolygon()) > 1 {
			multi++
		}
	}
	slices.Sort(counts)
	fmt.Fprintf(b.log, "%d grids of %d to %d vertices, median %d; %d with a hole, %d of several polygons; %d above them; %d vertices in all; %.1f s\n",
		len(counts), counts[0], counts[len(counts)-1], counts[len(counts)/2], holed, multi, len(b.city.fences)-len(counts), all, took.Seconds())
	b.city.forget()
	b.boxes = heapMB() - before - float64(all)*8/1e6
}

func (b *bench) add(what, value, target string, reached bool) {
	b.figures = append(b.figures, figure{what, value, target, reached})
}

// heapMB is what is in use after a collection.
func heapMB() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// best is the shortest time of one of n calls, in ns; a round that takes long is
// not repeated beyond two seconds in all.
func best(rounds, n int, do func(i int)) float64 {
	shortest := time.Duration(1<<63 - 1)
	for began := time.Now(); rounds > 0 && (shortest == 1<<63-1 || time.Since(began) < 2*time.Second); rounds-- {
		start := time.Now()
		for i := range n {
			do(i)
		}
		shortest = min(shortest, time.Since(start))
	}
	return float64(shortest.Nanoseconds()) / float64(n)
}

// fences returns those of the lowest level, or all.
func (b *bench) fences(all bool) []geo.Fence {
	if all {
		return b.city.fences
	}
	return b.city.fences[:b.city.grids]
}
