package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
)

// The county lies in the East China Sea, where no house can be hit, within
// 124.00–124.37° E and 28.00–28.33° N.
var middle = orb.Point{124.185, 28.165}

// xy is a point on the plane: the distance between neighbouring sites is 1.
type xy struct{ x, y float64 }

func (p xy) minus(q xy) xy             { return xy{p.x - q.x, p.y - q.y} }
func (p xy) dot(q xy) float64          { return p.x*q.x + p.y*q.y }
func (p xy) toward(q xy, t float64) xy { return xy{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)} }
func (p xy) distance(q xy) float64     { d := p.minus(q); return math.Hypot(d.x, d.y) }
func (p xy) circumcentre(q, r xy) (c xy) {
	b, d := q.minus(p), r.minus(p)
	twice := 2 * (b.x*d.y - b.y*d.x)
	return xy{
		p.x + (d.y*b.dot(b)-b.y*d.dot(d))/twice,
		p.y + (b.x*d.dot(d)-d.x*b.dot(b))/twice,
	}
}

// cell is the Voronoi cell of a site, with crooked sides. Its sides run
// counterclockwise; each begins at a corner and ends before the next one.
// Corners can be seen from the site, so that a cut from the site to a corner
// stays inside.
type cell struct {
	site    xy
	corners []xy
	sides   [][]xy
	scale   float64 // metres to one unit of the plane
}

// degrees puts a point of the plane on the map, on a lattice of 1e-7 degree.
func (c *cell) degrees(p xy) orb.Point {
	const north = 110_800 // metres in one degree at the middle
	east := 111_320 * math.Cos(middle[1]*math.Pi/180)
	round := func(v float64) float64 { return math.Round(v*1e7) / 1e7 }
	return orb.Point{round(middle[0] + p.x*c.scale/east), round(middle[1] + p.y*c.scale/north)}
}

// wedge is the part of the cell from corner a to corner b, the whole cell when
// that is all the way round.
func (c *cell) wedge(a, b int) orb.Polygon {
	var ring orb.Ring
	for _, side := range c.sides[a:b] {
		for _, p := range side {
			ring = append(ring, c.degrees(p))
		}
	}
	if b-a < len(c.sides) {
		ring = append(ring, c.degrees(c.corners[b%len(c.corners)]), c.degrees(c.site))
	}
	return orb.Polygon{append(slices.Compact(ring), ring[0])}
}

// inside gives a random point inside the wedge, well away from crooked sides.
func (c *cell) inside(w *world, a, b int) orb.Point {
	k := a + w.rng.IntN(b-a)
	n := len(c.corners)
	edge := c.corners[k%n].toward(c.corners[(k+1)%n], w.rng.Float64())
	return c.degrees(c.site.toward(edge, 0.72*math.Sqrt(w.rng.Float64())))
}

// beyond gives a point the given metres outside, past a corner.
func (c *cell) beyond(w *world, metres float64) orb.Point {
	corner := c.corners[w.rng.IntN(len(c.corners))]
	return c.degrees(c.site.toward(corner, 1+metres/c.scale/c.site.distance(corner)))
}

// makeLand makes n cells that share their sides without gaps: the Voronoi cells
// of a jittered lattice of sites, those inside a crooked coast.
func makeLand(rng *rand.Rand, n int, scale float64) []*cell {
	lattice := newSites(rng, int(math.Ceil(math.Sqrt(1.4*float64(n))))+4)
	crooked := map[[2]int][]xy{}
	cells := make([]*cell, n)
	for k, i := range lattice.land(rng, n) {
		cells[k] = lattice.cell(rng, i, crooked)
		cells[k].scale = scale
	}
	return cells
}

// sites is a square of jittered sites, row after row.
type sites struct {
	wide int
	at   []xy
}

func newSites(rng *rand.Rand, wide int) sites {
	s := sites{wide: wide}
	jitter := func(i int) float64 { return float64(i) - float64(wide-1)/2 + 0.76*(rng.Float64()-0.5) }
	for r := range wide {
		for c := range wide {
			s.at = append(s.at, xy{jitter(c), jitter(r)})
		}
	}
	return s
}

// land picks the n sites nearest the middle, as seen through a crooked lens.
func (s sites) land(rng *rand.Rand, n int) []int {
	turn, twist := rng.Float64()*2*math.Pi, rng.Float64()*2*math.Pi
	far := func(i int) float64 {
		p := s.at[i]
		angle := math.Atan2(p.y, p.x)
		round := math.Pow(math.Pow(p.x, 4)+math.Pow(p.y, 4), 0.25)
		return round * (1 + 0.06*math.Sin(3*angle+turn) + 0.04*math.Sin(5*angle+twist))
	}
	all := make([]int, len(s.at))
	for i := range all {
		all[i] = i
	}
	slices.SortFunc(all, func(i, j int) int { return cmp.Compare(far(i), far(j)) })
	land := all[:n]
	slices.Sort(land)
	return land
}

// cell cuts the cell of site i out of the plane, neighbour by neighbour. Each
// corner is computed anew from its three sites in a fixed order, so that it is
// the same in all three cells to the last bit.
func (s sites) cell(rng *rand.Rand, i int, crooked map[[2]int][]xy) *cell {
	type corner struct {
		at   xy
		next int // the site beyond the side that begins here
	}
	site := s.at[i]
	shape := []corner{{xy{-9, -9}, -1}, {xy{9, -9}, -1}, {xy{9, 9}, -1}, {xy{-9, 9}, -1}} // around the site
	row, col := i/s.wide, i%s.wide
	for r := max(row-3, 0); r <= min(row+3, s.wide-1); r++ {
		for c := max(col-3, 0); c <= min(col+3, s.wide-1); c++ {
			j := r*s.wide + c
			if j == i {
				continue
			}
			to := s.at[j].minus(site)
			over := func(p xy) float64 { return p.dot(to) - to.dot(to)/2 }
			var kept []corner
			for k, a := range shape {
				b := shape[(k+1)%len(shape)]
				da, db := over(a.at), over(b.at)
				if da <= 0 {
					kept = append(kept, a)
				}
				if da <= 0 != (db <= 0) {
					cut := corner{a.at.toward(b.at, da/(da-db)), a.next}
					if da <= 0 {
						cut.next = j
					}
					kept = append(kept, cut)
				}
			}
			shape = kept
		}
	}
	made := &cell{site: site}
	for k, c := range shape {
		three := []int{i, shape[(k+len(shape)-1)%len(shape)].next, c.next}
		slices.Sort(three)
		made.corners = append(made.corners, s.at[three[0]].circumcentre(s.at[three[1]], s.at[three[2]]))
	}
	for k, c := range shape {
		a, b := made.corners[k], made.corners[(k+1)%len(shape)]
		key := [2]int{min(i, c.next), max(i, c.next)}
		bends, known := crooked[key]
		if known {
			bends = slices.Clone(bends)
			slices.Reverse(bends) // the neighbour went the other way
		} else {
			bends = bend(rng, a, b, site, s.at[c.next])
			crooked[key] = bends
		}
		made.sides = append(made.sides, append([]xy{a}, bends...))
	}
	return made
}

// bend makes the side from a to b crooked between the sites on both hands. The
// first half swings toward one site and the second half toward the same or the
// other, each inside the triangle of a, b and that site. These triangles do not
// overlap, and around its site each half only goes forward: sides never meet.
func bend(rng *rand.Rand, a, b xy, hands ...xy) []xy {
	long := a.distance(b)
	if long < 0.05 {
		return nil
	}
	var bends []xy
	for half := range 2 {
		site := hands[rng.IntN(2)]
		if half == 1 {
			bends = append(bends, a.toward(b, 0.5))
		}
		for _, t := range []float64{0.12, 0.25, 0.38} {
			on := a.toward(b, t+float64(half)/2)
			most := min(0.2, 0.2*long/on.distance(site))
			bends = append(bends, on.toward(site, most*rng.Float64()))
		}
	}
	return bends
}

// divide splits cells into groups of the given sizes that lie close together.
func divide(cells []*cell, sizes []int) [][]*cell {
	if len(sizes) == 1 {
		return [][]*cell{cells}
	}
	half, n := len(sizes)/2, 0
	for _, size := range sizes[:half] {
		n += size
	}
	east := func(c *cell) float64 { return c.site.x }
	north := func(c *cell) float64 { return c.site.y }
	along := east
	if spread(cells, north) > spread(cells, east) {
		along = north
	}
	slices.SortFunc(cells, func(a, b *cell) int { return cmp.Compare(along(a), along(b)) })
	return append(divide(cells[:n], sizes[:half]), divide(cells[n:], sizes[half:])...)
}

func spread(cells []*cell, along func(*cell) float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, c := range cells {
		lo, hi = min(lo, along(c)), max(hi, along(c))
	}
	return hi - lo
}
