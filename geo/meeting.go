package geo

import "slices"

// touchKind says how two edges meet.
type touchKind int

const (
	apart touchKind = iota
	touching
	crossing
	running // along each other for some length
)

// meeting is a place where two edges have more in common than being neighbours.
type meeting struct {
	kind     touchKind
	i, j     int32 // the edges, i < j
	at       vertex
	opposite bool // running edges point in opposite directions
}

// stripes are the edges of a shape sorted into horizontal stripes.
type stripes struct {
	tall  int64   // rows of the lattice in one stripe
	first []int32 // stripe i holds the edges list[first[i]:first[i+1]]
	list  []int32 // edge k runs from pts[k] to pts[k+1]
}

// stripes sorts the edges. The height of a stripe is chosen so that there are at
// most as many stripes as edges and at most four entries an edge: memory stays
// linear for needles as well as for combs.
func (s *shape) stripes() stripes {
	var n, climb int64
	s.edges(func(_ int32, a, b vertex) { n++; climb += max(a.to(b).y, -a.to(b).y) })
	t := stripes{tall: max(climb/(3*n), s.box.height()/n) + 1}
	each := func(visit func(k int32, row int64)) {
		s.edges(func(k int32, a, b vertex) {
			low, high := int64(min(a.y, b.y))-int64(s.box.min.y), int64(max(a.y, b.y))-int64(s.box.min.y)
			for r := low / t.tall; r <= high/t.tall; r++ {
				visit(k, r)
			}
		})
	}
	t.first = make([]int32, s.box.height()/t.tall+2)
	each(func(_ int32, r int64) { t.first[r+1]++ })
	for r := 1; r < len(t.first); r++ {
		t.first[r] += t.first[r-1]
	}
	t.list = make([]int32, t.first[len(t.first)-1])
	next := slices.Clone(t.first)
	each(func(k int32, r int64) { t.list[next[r]] = k; next[r]++ })
	return t
}

// meetings reports every meeting of two edges, some more than once, until visit
// returns false. It returns false when it gave up after more than budget pairs:
// edges that dense are an attack or a mistake, never a border.
//
// Within a stripe the edges are sorted by where they enter it from the west, so
// that only pairs that overlap inside the stripe are compared. The work grows as
// n log n for borders, and for combs in either direction.
func (s *shape) meetings(budget int, visit func(meeting) bool) bool {
	type entry struct {
		lo, hi int64
		k      int32
	}
	var row []entry
	t := s.stripes()
	for r := range int64(len(t.first)) - 1 {
		low := int64(s.box.min.y) + r*t.tall
		row = row[:0]
		for _, k := range t.list[t.first[r]:t.first[r+1]] {
			lo, hi := clipX(s.pts[k], s.pts[k+1], low, low+t.tall)
			row = append(row, entry{lo, hi, k})
		}
		slices.SortFunc(row, func(a, b entry) int { return int(a.lo - b.lo) })
		for i, e := range row {
			for _, f := range row[i+1:] {
				if f.lo > e.hi {
					break
				}
				if budget--; budget < 0 {
					return false
				}
				if m := s.meet(min(e.k, f.k), max(e.k, f.k)); m.kind != apart && !visit(m) {
					return true
				}
			}
		}
	}
	return true
}

// meet compares the edges i and j exactly.
func (s *shape) meet(i, j int32) meeting {
	a, b, c, d := s.pts[i], s.pts[i+1], s.pts[j], s.pts[j+1]
	if !boxOf([]vertex{a, b}).meets(boxOf([]vertex{c, d})) {
		return meeting{}
	}
	ca, cb := sign(turn(c, d, a)), sign(turn(c, d, b))
	ac, ad := sign(turn(a, b, c)), sign(turn(a, b, d))
	m := meeting{i: i, j: j}
	switch {
	case ca*cb > 0 || ac*ad > 0:
		return meeting{}
	case ca == 0 && cb == 0:
		return s.meetOnLine(m, a, b, c, d)
	case ca*cb < 0 && ac*ad < 0:
		m.kind, m.at = crossing, intersection(a, b, c, d)
		return m
	case ca == 0:
		m.at = a
	case cb == 0:
		m.at = b
	case ac == 0:
		m.at = c
	default:
		m.at = d
	}
	return s.meetAt(m)
}

// meetOnLine compares edges of one line whose boxes meet.
func (s *shape) meetOnLine(m meeting, a, b, c, d vertex) meeting {
	ab := a.to(b)
	from, to := dot(ab, a.to(c)), dot(ab, a.to(d))
	m.opposite = to < from
	lo, hi := max(min(from, to), 0), min(max(from, to), dot(ab, ab))
	if lo < hi {
		m.kind, m.at = running, c
		if from < 0 || from > dot(ab, ab) {
			m.at = a
		}
		return m
	}
	m.at = a
	if lo > 0 {
		m.at = b
	}
	return s.meetAt(m)
}

// meetAt decides whether the two lines of the rings cross at a point that is a
// vertex of at least one of them. A vertex belongs to the edge that starts
// there, so that each passage of a ring counts once.
func (s *shape) meetAt(m meeting) meeting {
	if m.at == s.pts[m.i+1] || m.at == s.pts[m.j+1] {
		return meeting{}
	}
	p, n := s.passage(m.i, m.at)
	q, o := s.passage(m.j, m.at)
	m.kind = touching
	if in, out := between(p, n, q), between(p, n, o); in*out < 0 {
		m.kind = crossing
	}
	return m
}

// passage returns the directions from the point v of edge k back to where the
// ring came from and on to where it goes.
func (s *shape) passage(k int32, v vertex) (back, ahead direction) {
	back = v.to(s.pts[k])
	if v == s.pts[k] {
		before := k - 1
		if at, first := slices.BinarySearch(s.ends, k); first { // k starts a ring: come from its end
			before = s.ends[at+1] - 2
		} else if k == 0 {
			before = s.ends[0] - 2
		}
		back = v.to(s.pts[before])
	}
	return back, v.to(s.pts[k+1])
}

// between is 1 when d points into the sector counterclockwise from u to w, -1
// when it points outside it, 0 when along u or w.
func between(u, w, d direction) int {
	ud, dw, uw := sign(cross(u, d)), sign(cross(d, w)), sign(cross(u, w))
	switch {
	case ud == 0 && dot(u, d) > 0, dw == 0 && dot(w, d) > 0:
		return 0
	case uw > 0:
		if ud > 0 && dw > 0 {
			return 1
		}
		return -1
	case uw < 0:
		if ud < 0 && dw < 0 {
			return -1
		}
		return 1
	}
	return ud // u and w point in opposite directions
}

func sign(n int64) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// intersection returns where two crossing edges cross, rounded to the lattice.
func intersection(a, b, c, d vertex) vertex {
	t := float64(turn(c, d, a)) / (float64(turn(c, d, a)) - float64(turn(c, d, b)))
	ab := a.to(b)
	return vertex{a.x + int32(t*float64(ab.x)), a.y + int32(t*float64(ab.y))}
}
