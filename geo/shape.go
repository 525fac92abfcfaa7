package geo

import "math"

// runLength is how many edges share one box, and boxes one box above them.
const runLength = 16

// shape is a set of rings. Consecutive edges of a ring form runs with a box
// around them, and boxes lie around sixteen of those, so that a question about a
// point looks only at the edges near it.
type shape struct {
	pts   []vertex // ring after ring, each closed: its last point repeats its first
	ends  []int32  // ends[r] is one past the last point of ring r
	box   box
	runs  []run
	above [][]box // above[0][i] holds runs[16i:16i+16], above[1][i] holds above[0][16i:16i+16], …
}

// run is up to runLength edges, from pts[first] to pts[first+edges].
type run struct {
	box
	place uint32 // first<<5 + edges
}

func (r *run) span() (first, last int32) {
	first = int32(r.place >> 5)
	return first, first + int32(r.place&31)
}

// newShape takes open rings (the last point does not repeat the first). There
// is at least one ring, none is empty, and they have fewer than 2^27 points.
func newShape(rings [][]vertex) *shape {
	s := &shape{}
	points, runs := 0, 0
	for _, r := range rings {
		points += len(r) + 1
		runs += (len(r) + runLength - 1) / runLength
	}
	s.pts = make([]vertex, 0, points)
	s.ends = make([]int32, 0, len(rings))
	s.runs = make([]run, 0, runs)
	for _, r := range rings {
		first := len(s.pts)
		s.pts = append(append(s.pts, r...), r[0])
		s.ends = append(s.ends, int32(len(s.pts)))
		for last := len(s.pts) - 1; first < last; first += runLength {
			n := min(runLength, last-first)
			s.runs = append(s.runs, run{boxOf(s.pts[first : first+n+1]), uint32(first)<<5 + uint32(n)})
		}
	}
	s.pileBoxes()
	return s
}

func (s *shape) pileBoxes() {
	top := make([]box, len(s.runs))
	for i, r := range s.runs {
		top[i] = r.box
	}
	for len(top) > runLength {
		var next []box
		for i := 0; i < len(top); i += runLength {
			next = append(next, around(top[i:min(i+runLength, len(top))]))
		}
		s.above = append(s.above, next)
		top = next
	}
	s.box = around(top)
}

// below returns which boxes of the next lower level box i of above[level] holds.
func (s *shape) below(level, i int) (from, to int) {
	n := len(s.runs)
	if level > 0 {
		n = len(s.above[level-1])
	}
	return i * runLength, min((i+1)*runLength, n)
}

func (s *shape) edges(visit func(k int32, a, b vertex)) {
	k := int32(0)
	for _, end := range s.ends {
		for ; k < end-1; k++ {
			visit(k, s.pts[k], s.pts[k+1])
		}
		k++
	}
}

// ring returns the closed ring r.
func (s *shape) ring(r int) []vertex {
	start := int32(0)
	if r > 0 {
		start = s.ends[r-1]
	}
	return s.pts[start:s.ends[r]]
}

// side says where a point lies: outside, on an edge or vertex, or inside by the
// even-odd rule.
type side int

const (
	outside side = iota
	on
	inside
)

// locate answers exactly. The point is given in doubled lattice units, so that
// the middle of an edge can be asked about too.
func (s *shape) locate(x, y int64) side {
	if beside(s.box, x, y) || 2*int64(s.box.min.x) > x {
		return outside
	}
	ray := ray{s, x, y, false}
	from, to := 0, len(s.runs)
	if top := len(s.above); top > 0 {
		to = len(s.above[top-1])
	}
	switch {
	case ray.meets(len(s.above), from, to):
		return on
	case ray.odd:
		return inside
	}
	return outside
}

// beside says that a ray to the east from the point misses the box.
func beside(b box, x, y int64) bool {
	return y < 2*int64(b.min.y) || y > 2*int64(b.max.y) || x > 2*int64(b.max.x)
}

// ray goes east from a point in doubled lattice units; odd says whether it has
// crossed an odd number of edges.
type ray struct {
	s    *shape
	x, y int64
	odd  bool
}

// meets follows the ray through the boxes from…to of a level, 0 being the runs.
// It is true, and odd means nothing, when the point is on an edge.
func (r *ray) meets(level, from, to int) bool {
	if level == 0 {
		for i := range r.s.runs[from:to] {
			if r.meetsRun(&r.s.runs[from+i]) {
				return true
			}
		}
		return false
	}
	for i, b := range r.s.above[level-1][from:to] {
		if beside(b, r.x, r.y) {
			continue
		}
		if f, t := r.s.below(level-1, from+i); r.meets(level-1, f, t) {
			return true
		}
	}
	return false
}

func (r *ray) meetsRun(run *run) bool {
	x, y := r.x, r.y
	if beside(run.box, x, y) {
		return false
	}
	first, last := run.span()
	if 2*int64(run.min.x) > x { // all of it is ahead: its two ends tell how often it is crossed
		if (2*int64(r.s.pts[first].y) > y) != (2*int64(r.s.pts[last].y) > y) {
			r.odd = !r.odd
		}
		return false
	}
	pts := r.s.pts[first : last+1]
	ax, ay := 2*int64(pts[0].x), 2*int64(pts[0].y)
	for _, p := range pts[1:] {
		bx, by := 2*int64(p.x), 2*int64(p.y)
		if (ay <= y || by <= y) && (ay >= y || by >= y) && (ax >= x || bx >= x) {
			c := (bx-ax)*(y-ay) - (by-ay)*(x-ax)
			if c == 0 && (ax <= x || bx <= x) {
				return true // also on a level edge: x is neither beyond both ends nor before
			}
			// Half-open, so that a vertex on the ray counts once; c tells the side of the point.
			if (ay > y) != (by > y) && (c > 0) == (by > ay) {
				r.odd = !r.odd
			}
		}
		ax, ay = bx, by
	}
	return false
}

// nearest returns the way in lattice units from p to the point of the rings that
// is nearest on the ellipsoid.
func (s *shape) nearest(p vertex) (east, north float64) {
	kx, ky, growth := localPlane(p.point()[1])
	n := search{s: s, p: p, kx: kx / perDegree, ky: ky / perDegree, lean: growth / 2, best: math.Inf(1), reach: math.Inf(1)}
	top := len(s.runs)
	if n := len(s.above); n > 0 {
		top = len(s.above[n-1])
	}
	n.boxes(len(s.above), 0, top)
	return n.east / n.kx, n.north / n.ky
}

// search looks for the nearest point in the plane that touches the ellipsoid at
// p. On the way north a degree of longitude grows or shrinks: half of that, lean
// a metre north, is added to a way east before it is compared, else the search
// would take one of two almost equal ways that is 0.4 m longer at 2.5 km. Of
// points on one edge the plane finds the nearest well enough.
type search struct {
	s           *shape
	p           vertex
	kx, ky      float64 // metres a lattice unit
	lean        float64
	best        float64 // square of the shortest way
	reach       float64 // square of the way in the plane above which nothing is shorter
	east, north float64 // metres
}

// boxes searches the boxes from…to of a level, the nearest first, because it
// rules most others out.
func (n *search) boxes(level, from, to int) {
	var gaps [runLength]float64
	first := 0
	for i := range to - from {
		gaps[i] = n.gap(n.s.boxAt(level, from+i))
		if gaps[i] < gaps[first] {
			first = i
		}
	}
	n.enter(level, from+first)
	for i := range to - from {
		if i != first && gaps[i] < n.reach {
			n.enter(level, from+i)
		}
	}
}

func (s *shape) boxAt(level, i int) *box {
	if level == 0 {
		return &s.runs[i].box
	}
	return &s.above[level-1][i]
}

// gap is the square of the distance to a box.
func (n *search) gap(b *box) float64 {
	x := float64(max(int64(b.min.x)-int64(n.p.x), int64(n.p.x)-int64(b.max.x), 0)) * n.kx
	y := float64(max(int64(b.min.y)-int64(n.p.y), int64(n.p.y)-int64(b.max.y), 0)) * n.ky
	return x*x + y*y
}

func (n *search) enter(level, i int) {
	if level > 0 {
		from, to := n.s.below(level-1, i)
		n.boxes(level-1, from, to)
		return
	}
	first, last := n.s.runs[i].span()
	pts := n.s.pts[first : last+1]
	ax, ay := n.metres(pts[0])
	for _, p := range pts[1:] {
		bx, by := n.metres(p)
		n.edge(ax, ay, bx-ax, by-ay)
		ax, ay = bx, by
	}
}

func (n *search) metres(v vertex) (x, y float64) {
	d := n.p.to(v)
	return float64(d.x) * n.kx, float64(d.y) * n.ky
}

// edge considers the edge from (ax, ay) by (dx, dy), as seen from the point. The
// division is put off until the edge is known to be nearer.
func (n *search) edge(ax, ay, dx, dy float64) {
	along, length := -(ax*dx + ay*dy), dx*dx+dy*dy
	switch {
	case along <= 0:
	case along >= length:
		ax, ay = ax+dx, ay+dy
	default:
		if off := ax*dy - ay*dx; off*off >= n.reach*length {
			return
		}
		t := along / length
		ax, ay = ax+t*dx, ay+t*dy
	}
	if ax*ax+ay*ay >= n.reach {
		return
	}
	x := ax * max(1+n.lean*ay, 0.5)
	if d := x*x + ay*ay; d < n.best {
		n.best, n.east, n.north = d, ax, ay
		n.reach = math.Inf(1)
		if most := math.Abs(n.lean) * math.Sqrt(d); most < 0.5 {
			n.reach = d / ((1 - most) * (1 - most))
		}
	}
}
