package geo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

// drawFences draws what is hard to index: boundaries that share borders, lie in
// or across each other, touch at a vertex, and needles that are far longer than
// any cell.
func drawFences(t *rapid.T) []Fence {
	var fences []Fence
	add := func(mp orb.MultiPolygon) {
		if b, err := NewBoundary(mp); err == nil {
			fences = append(fences, Fence{ID: fmt.Sprint(len(fences)), Depth: rapid.IntRange(0, 3).Draw(t, "depth"), Boundary: b})
		}
	}
	for range rapid.IntRange(1, 6).Draw(t, "fences") {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			add(orb.MultiPolygon{{drawRing(t, "shell")}})
		case 1: // a hole, and what fills it
			hole := drawRing(t, "hole")
			add(orb.MultiPolygon{{{small(0, 0), small(8, 0), small(8, 8), small(0, 8)}, hole}})
			add(orb.MultiPolygon{{hole}})
		case 2: // two sides of one border
			border := drawRing(t, "border")
			add(orb.MultiPolygon{{append(orb.Ring{small(-3, -3)}, border...)}})
			slices.Reverse(border)
			add(orb.MultiPolygon{{append(orb.Ring{small(1003, 1003)}, border...)}})
		case 3: // many needles from one point
			n := rapid.IntRange(2, 40).Draw(t, "needles")
			star := orb.Ring{}
			for i := range n {
				far := rapid.SampledFrom([]int{9, 4000, 1_000_000, 300_000_000}).Draw(t, "far")
				star = append(star, small(4, 4), small(4+far, 5+3*i), small(4+far, 6+3*i))
			}
			add(orb.MultiPolygon{{star}})
		case 4:
			add(orb.MultiPolygon{{drawRing(t, "one")}, {drawRing(t, "other")}})
		case 5: // a comb: long parallel edges
			n := rapid.IntRange(1, 60).Draw(t, "teeth")
			long := rapid.SampledFrom([]int{3, 70_000, 500_000_000}).Draw(t, "long")
			comb := orb.Ring{small(-1, -1)}
			for i := range n {
				comb = append(comb, small(0, 3*i), small(long, 3*i), small(long, 3*i+1), small(0, 3*i+1))
			}
			add(orb.MultiPolygon{{append(comb, small(-1, 3*n))}})
		}
	}
	return fences
}

// hardPoints are the vertices, points near them, middles of edges and points
// around the lot.
func hardPoints(t *rapid.T, fences []Fence) []orb.Point {
	points := []orb.Point{small(-4, -4), small(0, 0), small(4, 4), {0, 0}, {180, 90}, {-180, -90}}
	for range 20 {
		points = append(points, drawPoint(t, rapid.SampledFrom([]int{8, 1000, 1_000_000}).Draw(t, "reach")))
	}
	for _, f := range fences {
		f.Boundary.shape.edges(func(_ int32, a, b vertex) {
			middle := vertex{int32((int64(a.x) + int64(b.x)) / 2), int32((int64(a.y) + int64(b.y)) / 2)}
			points = append(points, a.point(), vertex{a.x + 1, a.y}.point(), vertex{a.x, a.y - 1}.point(),
				middle.point(), vertex{middle.x - 1, middle.y}.point())
		})
	}
	return points
}

// slowAt asks the reference in math/big about every fence.
func slowAt(fences []Fence, p orb.Point) []string {
	found := slices.DeleteFunc(slices.Clone(fences), func(f Fence) bool { return !covers(f.Boundary.MultiPolygon(), p) })
	return NewIndex(found).ids()
}

func (ix *Index) ids() []string {
	var ids []string
	for _, f := range ix.fences {
		ids = append(ids, f.ID)
	}
	return ids
}

func TestIndexIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fences := drawFences(t)
		ix := NewIndex(fences)
		for _, p := range hardPoints(t, fences) {
			if got, want := ix.At(p), slowAt(fences, p); !slices.Equal(got, want) {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
		}
	})
}

// Changes one by one, to fences that there are and to new ones, give what an
// index made at once gives.
func TestIndexWithChangesIsTheIndexOfTheChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fences := drawFences(t)
		ix := NewIndex(fences)
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			f := Fence{ID: fmt.Sprint(rapid.IntRange(0, 7).Draw(t, "id")), Depth: rapid.IntRange(0, 3).Draw(t, "new depth")}
			if now := drawFences(t); len(now) > 0 {
				f.Boundary = now[0].Boundary
			}
			fences = slices.DeleteFunc(slices.Clone(fences), func(g Fence) bool { return g.ID == f.ID })
			fences = append(fences, f)
			ix = ix.With(f)
		}
		want := NewIndex(fences)
		if ix.Len() != want.Len() {
			t.Fatalf("%d fences, want %d", ix.Len(), want.Len())
		}
		for _, f := range fences {
			if b, ok := ix.Boundary(f.ID); b != f.Boundary || ok != (b != nil) {
				t.Fatalf("the boundary of %s is %v, %v", f.ID, b, ok)
			}
		}
		drawn := slices.DeleteFunc(slices.Clone(fences), func(f Fence) bool { return f.Boundary == nil })
		for _, p := range hardPoints(t, drawn) {
			if got, want := ix.At(p), want.At(p); !slices.Equal(got, want) {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
		}
	})
}

// The raster of a county has cells cut twice and chains of both widths.
func TestIndexOfACountyIsExact(t *testing.T) {
	fences := city(t, 12)
	square := orb.MultiPolygon{{{{117, 30}, {120, 30}, {120, 32}, {117, 32}, {117, 30}}}}
	far, _ := NewBoundary(orb.MultiPolygon{square[0], {{{80, 40}, {80.001, 40}, {80.001, 40.001}, {80, 40}}}})
	fences = append(fences, Fence{ID: "far", Depth: 0, Boundary: far})
	for name, f := range wuhu(t) {
		b, _ := NewBoundary(f.Geometry)
		fences = append(fences, Fence{ID: name, Depth: 1, Boundary: b})
	}
	ix := NewIndex(fences)
	seen := map[uint32]int{}
	for _, c := range ix.raster.cells {
		seen[c%cellKinds]++
	}
	if seen[cellPure] == 0 || seen[cellEdged] == 0 || seen[cellNode] == 0 {
		t.Fatalf("kinds of cells: %v", seen)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	ask := func(p orb.Point) {
		var want []string
		for _, f := range ix.fences {
			if f.Boundary.Contains(p) {
				want = append(want, f.ID)
			}
		}
		if got := ix.At(p); !slices.Equal(got, want) {
			t.Fatalf("%v: got %v, want %v", p, got, want)
		}
	}
	for range 20_000 {
		ask(orb.Point{117 + 2*rnd.Float64(), 30.5 + 1.5*rnd.Float64()})
	}
	for _, f := range ix.fences {
		for _, p := range f.Boundary.MultiPolygon()[0][0] {
			ask(p)
		}
	}
}

// Off the boundary orb agrees; on it orb picks sides.
func TestIndexAgreesWithOrbOffTheBoundary(t *testing.T) {
	fences := city(t, 10)
	ix := NewIndex(fences)
	rnd := rand.New(rand.NewPCG(9, 10))
	for range 5000 {
		v, _ := snap(orb.Point{117.95 + 0.6*rnd.Float64(), 30.95 + 0.6*rnd.Float64()})
		p := v.point()
		var want []string
		near := false
		for _, f := range ix.fences {
			mp := f.Boundary.MultiPolygon()
			if f.Boundary.Bound().Pad(1e-6).Contains(p) {
				near = near || math.Abs(f.Boundary.Distance(p)) < 0.02
				if planar.MultiPolygonContains(mp, p) {
					want = append(want, f.ID)
				}
			}
		}
		if got := ix.At(p); !near && !slices.Equal(got, want) {
			t.Errorf("%v: got %v, orb says %v", p, got, want)
		}
	}
}

func TestIndexOrderAndNames(t *testing.T) {
	square, _ := NewBoundary(orb.MultiPolygon{{{{118, 31}, {119, 31}, {119, 32}, {118, 32}, {118, 31}}}})
	ix := NewIndex([]Fence{{ID: "county", Depth: 1, Boundary: square}, {ID: "b", Depth: 3, Boundary: square}, {ID: "a", Depth: 3, Version: 1, Boundary: square},
		{ID: "empty", Depth: 1}, {ID: "a", Depth: 3, Version: 2, Boundary: square}})
	p := orb.Point{118.5, 31.5}
	for _, c := range []struct {
		name     string
		assigned []string
		want     []string
	}{
		{"nothing is assigned: the deepest first", nil, []string{"a", "b", "county"}},
		{"the assigned one comes first", []string{"b"}, []string{"b", "a", "county"}},
		{"several assigned in their order", []string{"county", "elsewhere", "b"}, []string{"county", "b", "a"}},
		{"named twice", []string{"b", "b"}, []string{"b", "a", "county"}},
	} {
		if got := ix.AppendAt([]string{"before"}, p, c.assigned...); !slices.Equal(got, append([]string{"before"}, c.want...)) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if f, ok := ix.Fence("a"); !ok || f.Boundary != square || f.Version != 2 || ix.Len() != 3 {
		t.Error("a is not known")
	}
	if _, ok := ix.Boundary("empty"); ok {
		t.Error("a fence without boundary is known")
	}
	var fences Fences
	if fences.Load().Len() != 0 || fences.Load().At(p) != nil {
		t.Error("the zero Fences is not empty")
	}
	fences.Swap(ix)
	if fences.Load() != ix {
		t.Error("not swapped")
	}
}

func TestIndexAllocatesNothing(t *testing.T) {
	ix := NewIndex(city(t, 4))
	assigned := []string{"bb"}
	dst := make([]string, 0, 8)
	inside, shared := orb.Point{118.2, 31.2}, ix.fences[5].Boundary.MultiPolygon()[0][0][0]
	if len(ix.At(shared)) < 2 {
		t.Fatal("the corner of a grid is in one grid only")
	}
	changed := ix.With(ix.fences[5])
	for _, p := range []orb.Point{inside, shared, {0, 0}} {
		if n := testing.AllocsPerRun(100, func() { dst = changed.AppendAt(dst[:0], p, assigned...) }); n != 0 {
			t.Errorf("%v allocations after a change at %v", n, p)
		}
		if n := testing.AllocsPerRun(100, func() { dst = ix.AppendAt(dst[:0], p, assigned...) }); n != 0 {
			t.Errorf("%v allocations at %v", n, p)
		}
	}
}

// More fences than have room on the stack overlap here.
func TestIndexOfManyOverlaps(t *testing.T) {
	var fences []Fence
	for i := range 100 {
		d := float64(i) / 1000
		b, err := NewBoundary(orb.MultiPolygon{{{{118 + d, 31 + d}, {119 + d, 31 + d}, {119 + d, 32 + d}, {118 + d, 32 + d}}}})
		if err != nil {
			t.Fatal(err)
		}
		fences = append(fences, Fence{ID: fmt.Sprint(i), Depth: i % 5, Boundary: b})
	}
	ix := NewIndex(fences)
	for _, p := range []orb.Point{{118.5, 31.5}, {118.05, 31.05}, {118.05, 31.3}, {119.05, 31.5}, {119.0505, 32.0505}} {
		if got, want := ix.At(p), slowAt(fences, p); !slices.Equal(got, want) {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}

// The memory of an index follows its edges, not its extent.
func TestIndexIsSmall(t *testing.T) {
	far := func(x, y float64) Fence {
		b, err := NewBoundary(orb.MultiPolygon{{{{x, y}, {x + 0.005, y}, {x + 0.005, y + 0.005}, {x, y + 0.005}}}})
		if err != nil {
			t.Fatal(err)
		}
		return Fence{ID: fmt.Sprint(x), Depth: 0, Boundary: b}
	}
	comb := orb.Ring{{-80, 9}}
	for i := range 20_000 {
		y := 10 + float64(i)/1000
		comb = append(comb, orb.Point{0, y}, orb.Point{80, y}, orb.Point{80, y + 0.0005}, orb.Point{0, y + 0.0005})
	}
	needles, err := NewBoundary(orb.MultiPolygon{{append(comb, orb.Point{-1, 40})}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		fences []Fence
		edges  int
	}{
		{"a village of three grids", []Fence{far(118, 31), far(118.005, 31), far(118, 31.005)}, 12},
		{"three grids over the whole country", []Fence{far(75, 20), far(118, 31), far(134, 52)}, 12},
		{"80,000 needles of 80 degrees", []Fence{{ID: "comb", Boundary: needles}}, 80_000},
	} {
		r := NewIndex(c.fences).raster
		words := len(r.cells) + 2*len(r.nodes) + len(r.data) + len(r.sets)
		t.Logf("%s: %d words", c.name, words)
		if limit := 64 + 40*c.edges; words > limit {
			t.Errorf("%s: %d words, want at most %d", c.name, words, limit)
		}
	}
}

// fuzzRings reads rings of lattice points near each other, one byte a step: the
// high bits choose how far it goes.
func fuzzRings(data []byte) (mp orb.MultiPolygon) {
	x, y := 0, 0
	ring := orb.Ring{}
	step := func(b byte) int { return (int(b&15) - 8) * []int{1, 1, 7, 256, 4096, 65_536, 1 << 20, 1 << 24}[b>>4&7] }
	for i := 0; i+1 < len(data); i += 2 {
		if data[i] == 255 && len(ring) > 0 {
			mp, ring = append(mp, orb.Polygon{ring}), nil
			continue
		}
		x, y = x+step(data[i]), y+step(data[i+1])
		ring = append(ring, small(x, y))
	}
	return append(mp, orb.Polygon{ring})
}

// fuzzFences makes fences of the rings that are boundaries, alone and together.
func fuzzFences(data []byte) (fences []Fence) {
	mp := fuzzRings(data)
	for i, polygon := range append(mp, nil) {
		one := orb.MultiPolygon{polygon}
		if polygon == nil {
			one = mp
		}
		if b, err := NewBoundary(one); err == nil {
			fences = append(fences, Fence{ID: fmt.Sprint(i), Depth: i % 3, Boundary: b})
		}
	}
	return fences
}

func seedRings(f *testing.F) {
	f.Add([]byte{8, 8, 12, 8, 8, 12, 4, 8}, int32(1), int32(1))
	f.Add([]byte{8, 8, 0x7f, 8, 8, 0x7f, 0x71, 8, 255, 0, 9, 9, 10, 8, 8, 10}, int32(1<<24), int32(5))
	f.Add([]byte{0x78, 0x7c, 0x7f, 0x79, 0x71, 0x7a, 0x7f, 0x7b, 0x71, 0x7c, 0x78, 0x71}, int32(-9), int32(0))
}

func FuzzIndex(f *testing.F) {
	seedRings(f)
	f.Fuzz(func(t *testing.T, data []byte, x, y int32) {
		if len(data) > 200 {
			return
		}
		fences := fuzzFences(data)
		ix := NewIndex(fences)
		points := []orb.Point{small(int(x)%1e9, int(y)%1e8)}
		for _, f := range fences {
			f.Boundary.shape.edges(func(_ int32, a, b vertex) {
				points = append(points, a.point(), vertex{a.x + 1, b.y}.point(),
					vertex{int32((int64(a.x) + int64(b.x)) / 2), int32((int64(a.y) + int64(b.y)) / 2)}.point())
			})
		}
		for _, p := range points {
			if got, want := ix.At(p), slowAt(fences, p); !slices.Equal(got, want) {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
		}
	})
}

// The boxes lose no edge: the distance is that of a walk over all edges, and its
// sign that of the reference.
func FuzzDistance(f *testing.F) {
	seedRings(f)
	f.Fuzz(func(t *testing.T, data []byte, x, y int32) {
		if len(data) > 2000 {
			return
		}
		p := small(int(x)%100_000, int(y)%100_000)
		for _, f := range fuzzFences(data) {
			got, want := f.Boundary.Distance(p), allEdgesDistance(f.Boundary, p)
			if math.Abs(math.Abs(got)-want) > 1e-7*want*want+1e-6 {
				t.Fatalf("%v: got %v, want %v", p, got, want)
			}
			if in := covers(f.Boundary.MultiPolygon(), p); in != (got <= 0) {
				t.Fatalf("%v: the sign of %v is wrong", p, got)
			}
		}
	})
}
