package geo

import "math"

// shape is a set of rings with their edges sorted into horizontal stripes, so
// that a question about a point looks only at the edges near its latitude.
type shape struct {
	pts   []vertex // ring after ring, each closed: its last point repeats its first
	ends  []int32  // ends[r] is one past the last point of ring r
	box   box
	tall  int64   // rows of the lattice in one stripe
	first []int32 // stripe i holds the edges list[first[i]:first[i+1]]
	list  []int32 // edge k runs from pts[k] to pts[k+1]
}

// newShape takes open rings (the last point does not repeat the first). There
// is at least one ring, and none is empty.
func newShape(rings [][]vertex) *shape {
	s := &shape{}
	n := 0
	for _, r := range rings {
		n += len(r) + 1
	}
	s.pts = make([]vertex, 0, n)
	s.ends = make([]int32, 0, len(rings))
	for _, r := range rings {
		s.pts = append(append(s.pts, r...), r[0])
		s.ends = append(s.ends, int32(len(s.pts)))
	}
	s.box = boxOf(s.pts)
	s.stripe()
	return s
}

// stripe sorts the edges into stripes. Their height is chosen so that there are
// at most as many stripes as edges and at most four entries an edge: memory
// stays linear for needles as well as for combs.
func (s *shape) stripe() {
	var n, climb int64
	s.edges(func(_ int32, a, b vertex) { n++; climb += max(a.to(b).y, -a.to(b).y) })
	s.tall = max(climb/(3*n), s.box.height()/n) + 1
	s.first = make([]int32, s.row(int64(s.box.max.y))+2)
	s.edges(func(_ int32, a, b vertex) {
		for r := s.row(int64(min(a.y, b.y))); r <= s.row(int64(max(a.y, b.y))); r++ {
			s.first[r+1]++
		}
	})
	for r := 1; r < len(s.first); r++ {
		s.first[r] += s.first[r-1]
	}
	s.list = make([]int32, s.first[len(s.first)-1])
	next := append([]int32(nil), s.first...)
	s.edges(func(k int32, a, b vertex) {
		for r := s.row(int64(min(a.y, b.y))); r <= s.row(int64(max(a.y, b.y))); r++ {
			s.list[next[r]] = k
			next[r]++
		}
	})
}

func (s *shape) row(y int64) int64 { return (y - int64(s.box.min.y)) / s.tall }

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
	if x < 2*int64(s.box.min.x) || x > 2*int64(s.box.max.x) || y < 2*int64(s.box.min.y) || y > 2*int64(s.box.max.y) {
		return outside
	}
	in := outside
	r := (y - 2*int64(s.box.min.y)) / (2 * s.tall)
	for _, k := range s.list[s.first[r]:s.first[r+1]] {
		ax, ay := 2*int64(s.pts[k].x), 2*int64(s.pts[k].y)
		bx, by := 2*int64(s.pts[k+1].x), 2*int64(s.pts[k+1].y)
		if (ay > y && by > y) || (ay < y && by < y) || (ax < x && bx < x) {
			continue
		}
		if ax <= x || bx <= x {
			c := (bx-ax)*(y-ay) - (by-ay)*(x-ax)
			if c == 0 {
				return on // also for a level edge: x is not beyond both ends, nor before
			}
			if (c > 0) != (by > ay) {
				continue // the edge passes on the left; the ray goes to the right
			}
		}
		if (ay > y) != (by > y) { // half-open, so that a vertex on the ray counts once
			in = inside - in
		}
	}
	return in
}

// nearest returns the way in lattice units from p to the nearest point of the
// rings, where one unit east and north measure kx and ky metres.
func (s *shape) nearest(p vertex, kx, ky float64) (east, north float64) {
	best := math.Inf(1)
	scan := func(r int64) {
		for _, k := range s.list[s.first[r]:s.first[r+1]] {
			a, b := p.to(s.pts[k]), p.to(s.pts[k+1])
			// When both ends lie on one side, the near one bounds the distance.
			gap := float64(max(min(a.x, b.x), -max(a.x, b.x), 0)) * kx
			if gap*gap >= best {
				continue
			}
			ax, ay := float64(a.x)*kx, float64(a.y)*ky
			dx, dy := float64(b.x)*kx-ax, float64(b.y)*ky-ay
			t := -(ax*dx + ay*dy) / (dx*dx + dy*dy)
			t = min(max(t, 0), 1)
			x, y := ax+t*dx, ay+t*dy
			if d := x*x + y*y; d < best {
				best, east, north = d, x/kx, y/ky
			}
		}
	}
	rows := int64(len(s.first)) - 1
	here := min(max(s.row(int64(p.y)), 0), rows-1)
	near := func(r int64) bool { // can an edge that first shows up in stripe r be nearer?
		low := float64(int64(s.box.min.y) + r*s.tall - int64(p.y))
		gap := max(low, -low-float64(s.tall), 0) * ky
		return gap*gap < best
	}
	scan(here)
	for up := here + 1; up < rows && near(up); up++ {
		scan(up)
	}
	for down := here - 1; down >= 0 && near(down); down-- {
		scan(down)
	}
	return east, north
}
