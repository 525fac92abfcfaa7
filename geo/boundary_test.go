package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"
)

// small puts the integers 0…n on lattice points near Wuhu.
func small(x, y int) orb.Point {
	return vertex{int32(1183340000 + x), int32(309149000 + y)}.point()
}

func drawPoint(t *rapid.T, n int) orb.Point {
	return small(rapid.IntRange(0, n).Draw(t, "x"), rapid.IntRange(0, n).Draw(t, "y"))
}

// drawRing draws points on a tiny lattice, so that spikes, repeated points,
// collinear runs and self-touches are common.
func drawRing(t *rapid.T, label string) orb.Ring {
	n := rapid.SampledFrom([]int{2, 4, 8, 1000}).Draw(t, label+" size")
	ring := make(orb.Ring, rapid.IntRange(3, 12).Draw(t, label+" points"))
	for i := range ring {
		ring[i] = drawPoint(t, n)
	}
	return ring
}

// drawBoundary draws polygons until one is valid: rings, some with a hole that
// may touch its shell, and needles.
func drawBoundary(t *rapid.T) *Boundary {
	mp := orb.MultiPolygon{{drawRing(t, "shell")}}
	switch rapid.IntRange(0, 3).Draw(t, "extra") {
	case 0:
		mp = orb.MultiPolygon{{{small(0, 0), small(8, 0), small(8, 8), small(0, 8)}, drawRing(t, "hole")}}
	case 1:
		mp = append(mp, orb.Polygon{drawRing(t, "second")})
	case 2:
		far := rapid.IntRange(1, 1_000_000).Draw(t, "needle")
		mp = orb.MultiPolygon{{{small(0, 0), small(far, 1), small(far+1, 2), small(1, 1)}}}
	}
	b, err := NewBoundary(mp)
	if err != nil {
		t.Skip(err)
	}
	return b
}

func exact(p orb.Point) (x, y *big.Int) {
	return big.NewInt(int64(math.Round(p[0] * perDegree))), big.NewInt(int64(math.Round(p[1] * perDegree)))
}

// side2 is the sign of the area of the triangle, in math/big.
func side2(a, b, c orb.Point) int {
	ax, ay := exact(a)
	bx, by := exact(b)
	cx, cy := exact(c)
	l := new(big.Int).Mul(bx.Sub(bx, ax), cy.Sub(cy, ay))
	r := new(big.Int).Mul(by.Sub(by, ay), cx.Sub(cx, ax))
	return l.Cmp(r)
}

// covers is the slow reference: exact integers, every edge, even-odd by winding
// the crossings of a ray to the west.
func covers(mp orb.MultiPolygon, p orb.Point) bool {
	odd := false
	for _, poly := range mp {
		for _, ring := range poly {
			for i := 0; i+1 < len(ring); i++ {
				a, b := ring[i], ring[i+1]
				s := side2(a, b, p)
				if s == 0 && orb.MultiPoint([]orb.Point{a, b}).Bound().Contains(p) {
					return true
				}
				if a[1] <= p[1] && b[1] > p[1] && s < 0 || b[1] <= p[1] && a[1] > p[1] && s > 0 {
					odd = !odd
				}
			}
		}
	}
	return odd
}

func TestContainsIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBoundary(t)
		mp := b.MultiPolygon()
		for _, poly := range mp {
			for _, ring := range poly {
				for i, p := range ring {
					if !b.Contains(p) {
						t.Fatalf("vertex %v is not covered by %v", p, mp)
					}
					if i == 0 {
						continue
					}
					q := ring[i-1]
					for dx := -1.0; dx <= 1; dx++ {
						m := orb.Point{(p[0]+q[0])/2 + dx/perDegree, (p[1] + q[1]) / 2}
						v, _ := snap(m)
						if got, want := b.Contains(m), covers(mp, v.point()); got != want {
							t.Fatalf("Contains(%v) = %v, want %v: %v", m, got, want, mp)
						}
					}
				}
			}
		}
		for range 20 {
			p := drawPoint(t, rapid.SampledFrom([]int{8, 1000}).Draw(t, "reach"))
			if got, want := b.Contains(p), covers(mp, p); got != want {
				t.Fatalf("Contains(%v) = %v, want %v: %v", p, got, want, mp)
			}
		}
		if !b.Contains(b.Center()) {
			t.Fatalf("center %v is not covered by %v", b.Center(), mp)
		}
		if b.Area() <= 0 {
			t.Fatalf("area %v of %v", b.Area(), mp)
		}
	})
}

// Off the boundary orb agrees; on it orb picks sides, which is why it is not used.
func TestContainsAgreesWithOrbOffTheBoundary(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, f := range wuhu(t) {
		b, _ := NewBoundary(f.Geometry)
		bound := b.Bound()
		for range 3000 {
			p := orb.Point{bound.Min[0] + rnd.Float64()*(bound.Max[0]-bound.Min[0]), bound.Min[1] + rnd.Float64()*(bound.Max[1]-bound.Min[1])}
			if d := b.Distance(p); math.Abs(d) > 0.1 && b.Contains(p) != planar.MultiPolygonContains(f.Geometry, p) {
				t.Errorf("%s: %v at %v m", name, p, d)
			}
		}
	}
}

// vincenty is the inverse geodesic on WGS-84 (Vincenty 1975), good to 0.1 mm.
func vincenty(p, q orb.Point) float64 {
	const a, f = semiMajor, flattening
	b := a * (1 - f)
	u1, u2 := math.Atan((1-f)*math.Tan(p[1]*radian)), math.Atan((1-f)*math.Tan(q[1]*radian))
	s1, c1 := math.Sincos(u1)
	s2, c2 := math.Sincos(u2)
	l := (q[0] - p[0]) * radian
	for lam := l; ; {
		sl, cl := math.Sincos(lam)
		ss := math.Hypot(c2*sl, c1*s2-s1*c2*cl)
		if ss == 0 {
			return 0
		}
		cs := s1*s2 + c1*c2*cl
		sigma := math.Atan2(ss, cs)
		sa := c1 * c2 * sl / ss
		ca := 1 - sa*sa
		cm := cs - 2*s1*s2/ca
		c := f / 16 * ca * (4 + f*(4-3*ca))
		next := l + (1-c)*f*sa*(sigma+c*ss*(cm+c*cs*(2*cm*cm-1)))
		if math.Abs(next-lam) < 1e-13 {
			uu := ca * (a*a - b*b) / (b * b)
			aa := 1 + uu/16384*(4096+uu*(-768+uu*(320-175*uu)))
			bb := uu / 1024 * (256 + uu*(-128+uu*(74-47*uu)))
			ds := bb * ss * (cm + bb/4*(cs*(2*cm*cm-1)-bb/6*cm*(4*ss*ss-3)*(4*cm*cm-3)))
			return b * aa * (sigma - ds)
		}
		lam = next
	}
}

// bruteDistance tries every edge by golden-section search on the ellipsoid.
func bruteDistance(mp orb.MultiPolygon, p orb.Point) float64 {
	best := math.Inf(1)
	for _, poly := range mp {
		for _, ring := range poly {
			for i := 0; i+1 < len(ring); i++ {
				a, b := ring[i], ring[i+1]
				at := func(t float64) float64 {
					return vincenty(p, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
				}
				lo, hi := 0.0, 1.0
				for range 60 {
					if m, n := lo+(hi-lo)*0.382, lo+(hi-lo)*0.618; at(m) < at(n) {
						hi = n
					} else {
						lo = m
					}
				}
				best = min(best, at(lo))
			}
		}
	}
	return best
}

func TestDistanceMatchesTheEllipsoid(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	for range 300 {
		lat, lng := 18+rnd.Float64()*35, 75+rnd.Float64()*58
		ring := make(orb.Ring, 12)
		for i := range ring {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 12)
			r := 0.002 + 0.008*rnd.Float64()
			ring[i] = orb.Point{lng + r*cos, lat + r*sin}
		}
		b, err := NewBoundary(orb.MultiPolygon{{ring}})
		if err != nil {
			t.Fatal(err)
		}
		p := orb.Point{lng + (rnd.Float64()-0.5)*0.05, lat + (rnd.Float64()-0.5)*0.05}
		v, _ := snap(p)
		got, want := b.Distance(p), bruteDistance(b.MultiPolygon(), v.point())
		if want > 2500 {
			continue
		}
		if b.Contains(p) != (got <= 0) {
			t.Errorf("sign of %v", got)
		}
		worst = max(worst, math.Abs(math.Abs(got)-want))
	}
	t.Logf("worst error within 2.5 km: %.4f m", worst)
	if worst > 0.1 {
		t.Errorf("worst error %.3f m", worst)
	}
}

// vincenty agrees with GeographicLib on the example of its GeodSolve, from New
// York to London.
func TestReferenceGeodesic(t *testing.T) {
	if got := vincenty(orb.Point{-73.8, 40.6}, orb.Point{-0.5, 51.6}); math.Abs(got-5551759.400) > 0.001 {
		t.Errorf("got %.4f m", got)
	}
}

// Where many edges are almost equally far, the one that is nearest on the
// ellipsoid is not the one that is nearest on a plane.
func TestDistanceFindsTheNearestOfEquals(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	worst := 0.0
	for range 100 {
		p := orb.Point{75 + rnd.Float64()*58, 18 + rnd.Float64()*35.5}
		kx, ky, _ := localPlane(p[1])
		ring := make(orb.Ring, 60)
		for i := range ring {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 60)
			r := 2490 + rnd.Float64()*0.1
			ring[i] = orb.Point{p[0] + r*cos/kx, p[1] + r*sin/ky}
		}
		b, err := NewBoundary(orb.MultiPolygon{{ring}})
		if err != nil {
			t.Fatal(err)
		}
		v, _ := snap(p)
		worst = max(worst, math.Abs(-b.Distance(p)-bruteDistance(b.MultiPolygon(), v.point())))
	}
	t.Logf("worst error at 2.5 km: %.4f m", worst)
	if worst > 0.02 {
		t.Errorf("worst error %.3f m", worst)
	}
}

// allEdgesDistance is the distance in the plane of p, by a walk over all edges.
func allEdgesDistance(b *Boundary, p orb.Point) float64 {
	v, _ := snap(p)
	kx, ky, _ := localPlane(p[1])
	nearest := math.Inf(1)
	b.shape.edges(func(_ int32, a, c vertex) {
		scaled := func(w vertex) orb.Point {
			d := v.to(w)
			return orb.Point{float64(d.x) * kx / perDegree, float64(d.y) * ky / perDegree}
		}
		nearest = min(nearest, planar.DistanceFromSegment(scaled(a), scaled(c), orb.Point{}))
	})
	return nearest
}

// The boxes find the same nearest point as a walk over all edges.
func TestDistanceMatchesAllEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fences := drawFences(t)
		p := drawPoint(t, rapid.SampledFrom([]int{8, 2000, 100_000}).Draw(t, "reach"))
		for _, f := range fences {
			got, want := f.Boundary.Distance(p), allEdgesDistance(f.Boundary, p)
			if math.Abs(math.Abs(got)-want) > 1e-7*want*want+1e-6 { // the plane is taken half way, not here
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	})
}

func TestAreaOnTheEllipsoid(t *testing.T) {
	degree := func(x, y, w, h float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}}}
	}
	for _, c := range []struct {
		name string
		mp   orb.MultiPolygon
		want float64 // m²
	}{
		{"an octant is an eighth of the ellipsoid", degree(0, 0, 90, 90), 510065621724088.4 / 8},
		{"a square degree on the equator", degree(0, 0, 1, 1), 12309e6},
	} {
		b, err := NewBoundary(c.mp)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Area(); math.Abs(got/c.want-1) > 0.001 {
			t.Errorf("%s: got %.0f, want %.0f", c.name, got, c.want)
		}
	}
	whole, _ := NewBoundary(degree(118, 31, 1, 1))
	holed, _ := NewBoundary(orb.MultiPolygon{append(degree(118, 31, 1, 1)[0], degree(118.25, 31.25, 0.5, 0.5)[0]...)})
	hole, _ := NewBoundary(degree(118.25, 31.25, 0.5, 0.5))
	if got, want := holed.Area(), whole.Area()-hole.Area(); math.Abs(got/want-1) > 1e-9 {
		t.Errorf("with a hole %v, want %v", got, want)
	}
}

func TestCenterOfCrescentIsInside(t *testing.T) {
	var ring orb.Ring
	for i := range 20 {
		sin, cos := math.Sincos(math.Pi * 1.5 * float64(i) / 19)
		ring = append(ring, orb.Point{118 + cos, 31 + sin})
	}
	for i := range 20 {
		sin, cos := math.Sincos(math.Pi * 1.5 * float64(19-i) / 19)
		ring = append(ring, orb.Point{118 + 0.9*cos, 31 + 0.9*sin})
	}
	b, err := NewBoundary(orb.MultiPolygon{{ring}})
	if err != nil {
		t.Fatal(err)
	}
	if d := b.Distance(b.Center()); d > -1000 {
		t.Errorf("center %v is %v m from the edge", b.Center(), d)
	}
}

func TestBoundaryIsACopy(t *testing.T) {
	mp := orb.MultiPolygon{{{{118, 31}, {119, 31}, {119, 32}, {118, 31}}}}
	b, _ := NewBoundary(mp)
	mp[0][0][0] = orb.Point{0, 0}
	b.MultiPolygon()[0][0][1] = orb.Point{0, 0}
	if !b.Contains(orb.Point{118, 31}) || b.Vertices() != 3 || b.MultiPolygon()[0][0][1] != (orb.Point{119, 31}) {
		t.Error("the boundary changed")
	}
}

func TestPointsThatAreNowhere(t *testing.T) {
	b, _ := NewBoundary(orb.MultiPolygon{{{{118, 31}, {119, 31}, {119, 32}, {118, 31}}}})
	for _, p := range []orb.Point{{math.NaN(), 1}, {math.Inf(1), 1}, {181, 0}, {0, -91}} {
		if b.Contains(p) || !math.IsNaN(b.Distance(p)) || NewIndex([]Fence{{ID: "a", Boundary: b}}).At(p) != nil {
			t.Error(p)
		}
	}
}

// city returns n×n grids of 100 vertices over 0.5°×0.5° that share borders.
func city(t testing.TB, n int) []Fence {
	var fences []Fence
	step := 0.5 / float64(n)
	wiggle := func(x, y float64) orb.Point {
		return orb.Point{118 + x*step + step/12*math.Sin(9*y), 31 + y*step + step/12*math.Sin(9*x)}
	}
	for i := range n {
		for j := range n {
			var ring orb.Ring
			x, y := float64(i), float64(j)
			for _, side := range [][4]float64{{x, y, 1, 0}, {x + 1, y, 0, 1}, {x + 1, y + 1, -1, 0}, {x, y + 1, 0, -1}} {
				for k := range 25 {
					f := float64(k) / 25
					ring = append(ring, wiggle(side[0]+f*side[2], side[1]+f*side[3]))
				}
			}
			b, err := NewBoundary(orb.MultiPolygon{{ring}})
			if err != nil {
				t.Fatal(err)
			}
			fences = append(fences, Fence{ID: string(rune('a'+i)) + string(rune('a'+j)), Depth: 2, Boundary: b})
		}
	}
	return fences
}

func BenchmarkAt(b *testing.B) {
	fences := city(b, 24)
	for name, f := range wuhu(b) {
		boundary, _ := NewBoundary(f.Geometry)
		fences = append(fences, Fence{ID: name, Depth: 1, Boundary: boundary})
	}
	ix := NewIndex(fences)
	rnd := rand.New(rand.NewPCG(7, 8))
	points := make([]orb.Point, 1<<16)
	for i := range points {
		points[i] = orb.Point{118 + 0.5*rnd.Float64(), 31 + 0.5*rnd.Float64()}
	}
	dst := make([]string, 0, 8)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		dst = ix.AppendAt(dst[:0], points[i&(len(points)-1)])
	}
}

func BenchmarkDistance(b *testing.B) {
	for name, boundary := range map[string]*Boundary{
		"grid of 100 vertices":      city(b, 4)[5].Boundary,
		"district of 1200 vertices": func() *Boundary { x, _ := NewBoundary(wuhu(b)["南陵县"].Geometry); return x }(),
	} {
		center := boundary.Center()
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				boundary.Distance(orb.Point{center[0] + float64(i%100)*1e-3, center[1]})
			}
		})
	}
}
