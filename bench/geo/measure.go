package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gridwalk/geo"
)

// measured are the figures of one engine: on the grids, and on all 4 levels.
type measured struct {
	name   string
	levels [2]levelFigures
}

type levelFigures struct {
	random, walk   float64 // ns a query
	build          time.Duration
	memory, allocs float64 // MB kept, allocations a query
	hits, asked    int
	answers        [][]int // of the random points asked
}

const rounds = 7

func (b *bench) measureEngines() error {
	number := map[string]int{}
	for i, f := range b.city.fences {
		number[f.ID] = i
	}
	for _, of := range []struct {
		option string
		make   func(p polygons) engine
	}{
		{"ours", func(polygons) engine { return &ours{number: number} }},
		{"orb", func(p polygons) engine { return &orbTree{polygons: p} }},
		{"s2", func(p polygons) engine { return &s2Index{polygons: p} }},
	} {
		if !b.runs(of.option) {
			continue
		}
		m := measured{}
		for level := range m.levels {
			fences := b.fences(level == 1)
			e := of.make(b.polygons[:len(fences)])
			m.name = e.name()
			fmt.Fprintf(b.log, "%s on %d fences …\n", m.name, len(fences))
			m.levels[level] = b.measureEngine(e, fences)
		}
		b.engines = append(b.engines, m)
	}
	b.compare()
	return nil
}

func (b *bench) measureEngine(e engine, fences []geo.Fence) (f levelFigures) {
	before := heapMB()
	began := time.Now()
	e.build(fences)
	f.build = time.Since(began)
	f.memory = heapMB() - before
	e.ready(b.random)
	f.asked = affordable(len(b.random), func(i int) { e.find(i) })
	f.random = best(rounds, f.asked, func(i int) { e.find(i) })
	f.allocs = allocations(min(f.asked, 1000), func(i int) { e.find(i) })
	for i := range f.asked {
		f.hits += e.find(i)
		answer := slices.Clone(e.found())
		slices.Sort(answer)
		f.answers = append(f.answers, answer)
	}
	e.ready(b.walk)
	f.walk = best(rounds, affordable(len(b.walk), func(i int) { e.find(i) }), func(i int) { e.find(i) })
	return f
}

// affordable is how many of n calls fit into about five seconds.
func affordable(n int, do func(i int)) int {
	const sample = 200
	began := time.Now()
	for i := range min(n, sample) {
		do(i)
	}
	each := max(time.Since(began)/sample, 1)
	return min(n, max(int(5*time.Second/each), sample))
}

func allocations(n int, do func(i int)) float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		do(i)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n)
}

// onBoundary is how near to a boundary, in metres, a point is taken to be on it:
// three units of the lattice, on which all points and vertices lie.
const onBoundary = 0.03

// compare finds points off any boundary that a peer answers differently.
func (b *bench) compare() {
	for level := range 2 {
		for _, m := range b.engines[1:] {
			first, peer := b.engines[0].levels[level], m.levels[level]
			on := 0
			for i := range min(first.asked, peer.asked) {
				if slices.Equal(first.answers[i], peer.answers[i]) {
					continue
				}
				if b.isOnBoundary(b.random[i], first.answers[i], peer.answers[i]) {
					on++
					continue
				}
				b.differ = append(b.differ, fmt.Sprintf("%v: %s says %v, %s says %v", b.random[i], b.engines[0].name, first.answers[i], m.name, peer.answers[i]))
			}
			what := fmt.Sprintf("%s, %s: points answered differently", m.name, levelName[level])
			b.add(what, fmt.Sprintf("%d of %d, and %d on a boundary", len(b.differ), min(first.asked, peer.asked), on), "0", len(b.differ) == 0)
		}
	}
}

var levelName = [2]string{"one level", "4 levels"}

// isOnBoundary says whether the answers differ only in fences with p on their
// boundary.
func (b *bench) isOnBoundary(p orb.Point, one, other []int) bool {
	for _, i := range slices.Concat(one, other) {
		if slices.Contains(one, i) != slices.Contains(other, i) && math.Abs(b.city.fences[i].Boundary.Distance(p)) > onBoundary {
			return false
		}
	}
	return true
}

// assigned are fixes within 2.5 km of a boundary, each with a grid.
type assigned struct {
	grid int
	fix  orb.Point
}

func (b *bench) drawAssigned(n int, rnd *rand.Rand) []assigned {
	list := make([]assigned, n)
	for k := range list {
		grid := rnd.IntN(b.city.grids)
		at := b.city.fences[grid].Boundary.Center()
		sin, cos := math.Sincos(2 * math.Pi * rnd.Float64())
		r := 2600 * rnd.Float64()
		v := orb.Point{at[0] + r*cos/95500, at[1] + r*sin/110900}
		list[k] = assigned{grid, orb.Point{math.Round(v[0]*1e7) / 1e7, math.Round(v[1]*1e7) / 1e7}}
	}
	return list
}

func (b *bench) measureDistance(rnd *rand.Rand) {
	fmt.Fprintln(b.log, "distances …")
	all := b.drawAssigned(20_000, rnd)
	fences := b.city.fences
	ns := best(rounds, len(all), func(i int) { fences[all[i].grid].Boundary.Distance(all[i].fix) })
	worst, worstNear, n := 0.0, 0.0, 0
	s2Worst := 0.0
	s2s := map[int]*s2.EdgeQuery{}
	for _, a := range all[:2000] {
		want := ellipsoidDistance(b.polygons[a.grid], a.fix)
		if want > 2500 {
			continue
		}
		n++
		off := math.Abs(math.Abs(fences[a.grid].Boundary.Distance(a.fix)) - want)
		worst = max(worst, off)
		if want < 200 {
			worstNear = max(worstNear, off)
		}
		if b.runs("s2") {
			if s2s[a.grid] == nil {
				s2s[a.grid] = s2Distance(b.polygons[a.grid])
			}
			s2Worst = max(s2Worst, math.Abs(s2Metres(s2s[a.grid], s2Point(a.fix))-want))
		}
	}
	b.add("distance to the assigned boundary, random grids", nanoseconds(ns), "at most 1,000 ns", ns <= 1000)
	walk := slices.Clone(all)
	for i := range walk {
		walk[i] = all[i%officers]
		walk[i].fix[0] += float64(i/officers) * 7e-5
	}
	ns = best(rounds, len(walk), func(i int) { fences[walk[i].grid].Boundary.Distance(walk[i].fix) })
	b.add("the same, walking officers", nanoseconds(ns), "at most 1,000 ns", ns <= 1000)
	b.add(fmt.Sprintf("its largest error within 2.5 km, %d pairs against Vincenty", n), fmt.Sprintf("%.5f m", worst), "at most 0.1 m", worst <= 0.1)
	b.add("the same within 200 m", fmt.Sprintf("%.5f m", worstNear), "", true)
	if b.runs("orb") {
		ns = best(3, 2000, func(i int) { planar.DistanceFrom(b.polygons[all[i].grid], all[i].fix) })
		b.add("orb planar.DistanceFrom, in degrees", nanoseconds(ns), "", true)
	}
	if b.runs("s2") {
		var queries []*s2.EdgeQuery
		var points []s2.Point
		for _, a := range all[:500] {
			queries, points = append(queries, s2s[a.grid]), append(points, s2Point(a.fix))
			if queries[len(queries)-1] == nil {
				queries[len(queries)-1] = s2Distance(b.polygons[a.grid])
			}
		}
		ns = best(rounds, len(queries), func(i int) { s2Metres(queries[i], points[i]) })
		b.add("S2 ClosestEdgeQuery", nanoseconds(ns), "", true)
		b.add("its largest error within 2.5 km", fmt.Sprintf("%.2f m", s2Worst), "", true)
	}
}

func s2Distance(mp orb.MultiPolygon) *s2.EdgeQuery {
	index := s2.NewShapeIndex()
	index.Add(s2Polygon(mp))
	index.Build()
	return s2.NewClosestEdgeQuery(index, s2.NewClosestEdgeQueryOptions().IncludeInteriors(false))
}

func s2Metres(q *s2.EdgeQuery, p s2.Point) float64 {
	const earth = 6371008.8
	var angle s1.Angle = q.Distance(s2.NewMinDistanceToPointTarget(p)).Angle()
	return angle.Radians() * earth
}

func (b *bench) measureDatum(rnd *rand.Rand) {
	points := make([]orb.Point, 100_000)
	shifted := make([]orb.Point, len(points))
	worst := 0.0
	for i := range points {
		points[i] = orb.Point{73.5 + 61.5*rnd.Float64(), 18 + 35.5*rnd.Float64()}
		shifted[i] = geo.GCJ02.FromWGS84(points[i])
		worst = max(worst, vincenty(points[i], geo.GCJ02.ToWGS84(shifted[i])))
	}
	ns := best(rounds, len(points), func(i int) { geo.GCJ02.FromWGS84(points[i]) })
	b.add("WGS-84 → GCJ-02", nanoseconds(ns), "", true)
	ns = best(rounds, len(points), func(i int) { geo.GCJ02.ToWGS84(shifted[i]) })
	b.add("GCJ-02 → WGS-84", nanoseconds(ns), "at most 1,000 ns", ns <= 1000)
	b.add("its largest residual, 100,000 points in China", fmt.Sprintf("%.2g m", worst), "under 0.01 m", worst < 0.01)
}

func nanoseconds(ns float64) string { return fmt.Sprintf("%.0f ns", ns) }
