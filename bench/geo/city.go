package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// city is a synthetic city: n×n grids of about 500 m that share their borders
// exactly, some with a hole, some of which a neighbour fills with an exclave;
// and three levels above, each the outline of a block of grids.
type city struct {
	fences []geo.Fence // the grids first
	grids  int
	origin place // its south-west corner
	n      int
	rnd    *rand.Rand
	corner [][]place   // corner[j][i]
	bottom [][][]place // bottom[j][i] runs from corner i, j to i+1, j, without its end
	left   [][][]place // left[j][i] runs from corner i, j to i, j+1, without its end
	rough  map[[2]int]float64
}

// place is a point in units of 1e-7 degree.
type place struct{ x, y int }

func (p place) point() orb.Point { return orb.Point{float64(p.x) / 1e7, float64(p.y) / 1e7} }

// The city lies at 31° N; a cell is 500 m wide and high there. Of 20,164 grids
// 405 have a hole, and 196 of the holes belong to the neighbour.
const (
	west, south    = 1180000000, 307000000
	cellX, cellY   = 52364, 45090
	holes, filled  = 405. / 20164, 196. / 20164
	blocks1, upper = 18. / 142, 4
)

// newCity makes the same city for the same seed.
func newCity(grids int, seed uint64) (*city, error) {
	c := &city{n: max(int(math.Round(math.Sqrt(float64(grids)))), 2), rnd: rand.New(rand.NewPCG(seed, 1)), origin: place{west, south}, rough: map[[2]int]float64{}}
	c.grids = c.n * c.n
	c.drawBorders()
	rings := make([]orb.MultiPolygon, 0, c.grids)
	for j := range c.n {
		for i := range c.n {
			rings = append(rings, orb.MultiPolygon{{c.outline(i, j, i+1, j+1)}})
		}
	}
	c.drawHoles(rings)
	for k, mp := range rings {
		if err := c.add(fmt.Sprintf("grid%05d", k), 4, mp); err != nil {
			return nil, err
		}
	}
	district := max(int(math.Round(blocks1*float64(c.n))), 1)
	for level, blocks := range []int{district, min(upper, district), 1} {
		cut := func(k int) int { return k * district / blocks * c.n / district }
		for j := range blocks {
			for i := range blocks {
				mp := orb.MultiPolygon{{c.outline(cut(i), cut(j), cut(i+1), cut(j+1))}}
				if err := c.add(fmt.Sprintf("block%d-%d-%d", 3-level, i, j), 3-level, mp); err != nil {
					return nil, err
				}
			}
		}
	}
	return c, nil
}

// forget drops the drawing, which the fences hold a copy of.
func (c *city) forget() { c.corner, c.bottom, c.left = nil, nil, nil }

func (c *city) add(id string, depth int, mp orb.MultiPolygon) error {
	b, err := geo.NewBoundary(mp)
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	c.fences = append(c.fences, geo.Fence{ID: id, Depth: depth, Boundary: b})
	return nil
}

func (c *city) drawBorders() {
	jitter := func(size int) int { return int((c.rnd.Float64() - 0.5) * 0.2 * float64(size)) }
	for j := range c.n + 1 {
		var row []place
		for i := range c.n + 1 {
			row = append(row, place{west + i*cellX + jitter(cellX), south + j*cellY + jitter(cellY)})
		}
		c.corner = append(c.corner, row)
	}
	for j := range c.n + 1 {
		var bottom, left [][]place
		for i := range c.n + 1 {
			if i < c.n {
				bottom = append(bottom, c.border(c.corner[j][i], c.corner[j][i+1], c.roughness(i, j)))
			}
			if j < c.n {
				left = append(left, c.border(c.corner[j][i], c.corner[j+1][i], c.roughness(i, j)))
			}
		}
		c.bottom, c.left = append(c.bottom, bottom), append(c.left, left)
	}
}

// roughness is by how much borders are drawn finer than usual around here:
// streets in one quarter, field paths in another.
func (c *city) roughness(i, j int) float64 {
	quarter := [2]int{i / 6, j / 6}
	if c.rough[quarter] == 0 {
		c.rough[quarter] = math.Exp(0.45 * c.rnd.NormFloat64())
	}
	return c.rough[quarter]
}

// border draws a winding line from a to b, without b, of about 34 points. It
// stays so near to the straight one that borders meet only at their ends.
func (c *city) border(a, b place, rough float64) []place {
	n := int(min(max(34*rough*math.Exp(0.35*c.rnd.NormFloat64()), 5), 112))
	f1, f2, p1, p2 := 3+6*c.rnd.Float64(), 10+20*c.rnd.Float64(), 7*c.rnd.Float64(), 7*c.rnd.Float64()
	line := []place{a}
	for k := 1; k < n; k++ {
		t := (float64(k) + 0.6*(c.rnd.Float64()-0.5)) / float64(n)
		off := 0.25 * min(t, 1-t) * (0.6*math.Sin(f1*t+p1) + 0.4*math.Sin(f2*t+p2))
		dx, dy := float64(b.x-a.x), float64(b.y-a.y)
		line = append(line, place{a.x + int(t*dx-off*dy), a.y + int(t*dy+off*dx)})
	}
	return line
}

// outline is the ring around the cells from i0, j0 to before i1, j1.
func (c *city) outline(i0, j0, i1, j1 int) orb.Ring {
	var ring orb.Ring
	along := func(line []place) {
		for _, p := range line {
			ring = append(ring, p.point())
		}
	}
	back := func(end place, line []place) {
		ring = append(ring, end.point())
		for k := len(line) - 1; k > 0; k-- {
			ring = append(ring, line[k].point())
		}
	}
	for i := i0; i < i1; i++ {
		along(c.bottom[j0][i])
	}
	for j := j0; j < j1; j++ {
		along(c.left[j][i1])
	}
	for i := i1 - 1; i >= i0; i-- {
		back(c.corner[j1][i+1], c.bottom[j1][i])
	}
	for j := j1 - 1; j >= j0; j-- {
		back(c.corner[j+1][i0], c.left[j][i0])
	}
	return append(ring, ring[0])
}

// drawHoles cuts holes into some grids; the eastern neighbour gets some of them.
func (c *city) drawHoles(grids []orb.MultiPolygon) {
	want, give := int(math.Round(holes*float64(c.grids))), int(math.Round(filled*float64(c.grids)))
	for _, k := range c.rnd.Perm(c.grids)[:want] {
		shell := grids[k][0][0]
		ring := c.hole(k%c.n, k/c.n)
		grids[k][0] = orb.Polygon{shell, ring}
		if give > 0 && k%c.n < c.n-1 {
			grids[k+1] = append(grids[k+1], orb.Polygon{ring})
			give--
		}
	}
}

func (c *city) hole(i, j int) orb.Ring {
	var ring orb.Ring
	n := 12 + c.rnd.IntN(19)
	for k := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		r := 0.06 * (0.7 + 0.3*c.rnd.Float64())
		ring = append(ring, place{west + i*cellX + int((0.5+r*cos)*cellX), south + j*cellY + int((0.5+r*sin)*cellY)}.point())
	}
	return append(ring, ring[0])
}

// randomPoints are spread evenly over the city and 1 % around it.
func (c *city) randomPoints(n int, rnd *rand.Rand) []orb.Point {
	points := make([]orb.Point, n)
	for k := range points {
		points[k] = c.somewhere(rnd, 0.01).point()
	}
	return points
}

func (c *city) somewhere(rnd *rand.Rand, margin float64) place {
	along := func(size int) int { return int((rnd.Float64()*(1+2*margin) - margin) * float64(size*c.n)) }
	return place{c.origin.x + along(cellX), c.origin.y + along(cellY)}
}

// walk returns the fixes of officers in the order they arrive: one of each every
// 5 s, who walks 7 m in between and turns a little.
func (c *city) walk(n, officers int, rnd *rand.Rand) []orb.Point {
	at, heading := make([]place, officers), make([]float64, officers)
	for k := range officers {
		at[k], heading[k] = c.somewhere(rnd, 0), 2*math.Pi*rnd.Float64()
	}
	points := make([]orb.Point, n)
	for k := range points {
		who := k % officers
		heading[who] += 0.5 * (rnd.Float64() - 0.5)
		sin, cos := math.Sincos(heading[who])
		at[who].x, at[who].y = at[who].x+int(7*cos/500*cellX), at[who].y+int(7*sin/500*cellY)
		points[k] = at[who].point()
	}
	return points
}
