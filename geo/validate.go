package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

const (
	// pairBudget bounds the comparisons of one check to about a second.
	pairBudget = 50_000_000
	// maxCuts and cutShare bound what crossing_cut may take off a ring.
	maxCuts  = 16
	cutShare = 0.01
	// maxPoints of a boundary can be counted by a run, with those that close rings.
	maxPoints = 1 << 25
)

// polygon is a shell and its holes on the lattice, as open rings.
type polygon [][]vertex

// validation collects what was found in one multipolygon.
type validation struct {
	polygons []polygon
	repairs  []Repair
	faults   []Fault
}

func (v *validation) fault(code FaultCode, p, r int, format string, args ...any) {
	v.faults = append(v.faults, Fault{code, fmt.Sprintf(format, args...), -1, p, r})
}

func (v *validation) repair(code RepairCode, p, r int, format string, args ...any) {
	v.repairs = append(v.repairs, Repair{code, fmt.Sprintf(format, args...), p, r})
}

func (v *validation) multiPolygon() orb.MultiPolygon {
	mp := make(orb.MultiPolygon, len(v.polygons))
	for p, poly := range v.polygons {
		for _, ring := range poly {
			mp[p] = append(mp[p], toRing(ring))
		}
	}
	return mp
}

// validate puts a multipolygon on the lattice, repairs what is safe and names
// the rest. The polygons are good only when there is no fault.
func validate(mp orb.MultiPolygon) *validation {
	v := &validation{}
	if len(mp) == 0 {
		v.fault(TooFewPoints, -1, -1, "there is no polygon")
	}
	if n := points(mp); n > maxPoints {
		v.fault(TooManyVertices, -1, -1, "there are %d points, more than %d", n, maxPoints)
		return v
	}
	for p, rings := range mp {
		if len(rings) == 0 {
			v.fault(TooFewPoints, p, -1, "the polygon has no ring")
		}
		poly := make(polygon, 0, len(rings))
		for r, ring := range rings {
			poly = append(poly, v.ring(p, r, ring))
		}
		v.polygons = append(v.polygons, poly)
	}
	if len(v.faults) == 0 {
		v.relations()
	}
	return v
}

func points(mp orb.MultiPolygon) (n int) {
	for _, polygon := range mp {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// ring checks one ring by itself and returns it open, without repeated points
// and spikes, and wound as RFC 7946 wants it.
func (v *validation) ring(p, r int, in orb.Ring) []vertex {
	pts := make([]vertex, 0, len(in))
	for i, c := range in {
		at, code := snap(c)
		if code != "" {
			v.fault(code, p, r, "point %d is (%v, %v)", i, c[0], c[1])
			return nil
		}
		pts = append(pts, at)
	}
	if n := len(pts); n > 1 {
		if pts[0] == pts[n-1] {
			pts = pts[:n-1]
		} else {
			v.repair(ClosedRing, p, r, "the last point did not repeat the first")
		}
	}
	pts, repeats, spikes := smooth(pts)
	if repeats > 0 {
		v.repair(RepeatedPoints, p, r, "%d repeated points were merged", repeats)
	}
	if spikes > 0 {
		v.repair(SpikeRemoved, p, r, "%d spikes without area were removed", spikes)
	}
	if len(pts) < 3 {
		v.fault(TooFewPoints, p, r, "a ring needs three points that are not on one line")
		return nil
	}
	for i, a := range pts {
		d := a.to(pts[(i+1)%len(pts)])
		if max(d.x, -d.x) > maxSpan {
			v.fault(Antimeridian, p, r, "an edge spans more than 90 degrees from %v: cut the area at the antimeridian", a.point())
			return nil
		}
		if max(d.y, -d.y) > maxSpan {
			v.fault(OutOfRange, p, r, "an edge climbs more than 90 degrees from %v", a.point())
			return nil
		}
	}
	if pts = v.untangle(p, r, pts); pts == nil {
		return nil
	}
	if counterclockwise(pts) != (r == 0) {
		slices.Reverse(pts)
		v.repair(WindingFixed, p, r, "the ring was turned round")
	}
	return pts
}

// smooth merges consecutive equal points and removes vertices where the open
// ring turns back on itself along a line: neither changes the area. One pass
// with a stack, then the seam, because removing a vertex makes new neighbours.
func smooth(in []vertex) (out []vertex, repeats, spikes int) {
	spike := func(a, b, c vertex) bool { return turn(a, b, c) == 0 && dot(a.to(b), b.to(c)) < 0 }
	for _, p := range in {
		for n := len(out); n > 1 && spike(out[n-2], out[n-1], p); n = len(out) {
			out = out[:n-1]
			spikes++
		}
		if n := len(out); n > 0 && out[n-1] == p {
			repeats++
			continue
		}
		out = append(out, p)
	}
	for n := len(out); n > 1; n = len(out) {
		switch {
		case out[n-1] == out[0]:
			out = out[:n-1]
			repeats++
		case n > 2 && spike(out[n-2], out[n-1], out[0]):
			out = out[:n-1]
			spikes++
		case n > 2 && spike(out[n-1], out[0], out[1]):
			out = out[1:]
			spikes++
		default:
			return out, repeats, spikes
		}
	}
	return out, repeats, spikes
}

// counterclockwise is exact for a ring that does not cross itself. All edges at
// the lowest, then westernmost vertex point east to just short of west; the ring
// leaves along the first of them when it runs counterclockwise. A ring that
// touches itself may pass that vertex more than once.
func counterclockwise(pts []vertex) (leaves bool) {
	low := slices.MinFunc(pts, func(a, b vertex) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) })
	var first direction
	try := func(d direction, ahead bool) {
		if first == (direction{}) || cross(first, d) < 0 {
			first, leaves = d, ahead
		}
	}
	n := len(pts)
	for i, p := range pts {
		if p == low {
			try(low.to(pts[(i+1)%n]), true)
			try(low.to(pts[(i+n-1)%n]), false)
		}
	}
	return leaves
}

// untangle returns the ring without crossings, or nil when there is one that
// cannot be cut off safely.
//
// Borders that were generalised onto a coarse grid have crossings of a few
// metres. Such a loop is cut off at the crossing when it holds less than 1 % of
// the ring's area, whatever way it winds. A larger one (a bow-tie drawn by hand)
// may mean either half, so that it is a fault.
func (v *validation) untangle(p, r int, pts []vertex) []vertex {
	for cuts := 0; ; cuts++ {
		s := newShape([][]vertex{pts})
		var bad meeting
		touches := 0
		done := s.meetings(pairBudget, func(m meeting) bool {
			if m.kind == touching {
				touches++
				return true
			}
			bad = m
			return false
		})
		switch {
		case !done:
			v.fault(TooManyVertices, p, r, "the ring of %d points is too entangled to verify", len(pts))
			return nil
		case bad.kind == apart:
			if touches > 0 {
				v.repair(SelfTouch, p, r, "the ring touches itself")
			}
			return pts
		case bad.kind == running:
			v.fault(SelfIntersection, p, r, "the ring runs along itself near %v", bad.at.point())
			return nil
		}
		loop := append([]vertex{bad.at}, pts[bad.i+1:bad.j+1]...)
		rest := append(slices.Concat(pts[:bad.i+1], []vertex{bad.at}), pts[bad.j+1:]...)
		if sweep(bad.at, loop) > sweep(bad.at, rest) {
			loop, rest = rest, loop
		}
		lost := sweep(bad.at, loop)
		if cuts == maxCuts || lost > cutShare*math.Abs(fan(bad.at, rest)) {
			v.fault(SelfIntersection, p, r, "the ring crosses itself near %v", bad.at.point())
			return nil
		}
		if pts, _, _ = smooth(rest); len(pts) < 3 {
			v.fault(TooFewPoints, p, r, "nothing is left of the ring after its crossing near %v", bad.at.point())
			return nil
		}
		east, north, _ := localPlane(bad.at.point()[1])
		v.repair(CrossingCut, p, r, "a loop of %.0f m² near %v was cut off", lost*east*north/(perDegree*perDegree), bad.at.point())
	}
}

// fan is the signed area of the ring in lattice units, seen from a point near
// it; sweep adds the triangles without their signs and so is never less than
// what a tangled loop covers.
func fan(at vertex, ring []vertex) float64 {
	return triangles(at, ring, func(a float64) float64 { return a })
}
func sweep(at vertex, ring []vertex) float64 { return triangles(at, ring, math.Abs) }

func triangles(at vertex, ring []vertex, of func(float64) float64) (sum float64) {
	for i, a := range ring {
		p, q := at.to(a), at.to(ring[(i+1)%len(ring)])
		sum += of(float64(p.x)*float64(q.y)-float64(p.y)*float64(q.x)) / 2
	}
	return sum
}

// relations checks the rings against each other.
func (v *validation) relations() {
	type place struct{ polygon, ring int }
	var rings [][]vertex
	var places []place
	for p, poly := range v.polygons {
		for r, ring := range poly {
			rings, places = append(rings, ring), append(places, place{p, r})
		}
	}
	if len(rings) == 1 {
		return
	}
	s := newShape(rings)
	of := func(k int32) place {
		i, _ := slices.BinarySearch(s.ends, k+1)
		return places[i]
	}
	shared := false
	done := s.meetings(pairBudget, func(m meeting) bool {
		a, b := of(m.i), of(m.j)
		switch {
		case a == b || m.kind == touching: // untangle has judged a ring by itself
		case a.polygon == b.polygon:
			v.fault(SelfIntersection, b.polygon, b.ring, "the ring meets ring %d near %v", a.ring, m.at.point())
		case m.kind == running && m.opposite:
			shared = true
		default:
			v.fault(OverlappingPolygon, b.polygon, b.ring, "the polygon overlaps polygon %d near %v", a.polygon, m.at.point())
		}
		return len(v.faults) == 0
	})
	if !done {
		v.fault(TooManyVertices, -1, -1, "%d rings are too entangled to verify", len(rings))
	}
	if len(v.faults) > 0 {
		return
	}
	if shared {
		v.repair(SharedEdge, -1, -1, "polygons lie side by side along an edge")
	}
	for p, poly := range v.polygons {
		v.holes(p, poly)
	}
	v.overlaps()
}

// holes checks that every hole is inside the shell and outside other holes. The
// rings are known not to cross, so that any point off the other ring decides.
func (v *validation) holes(p int, poly polygon) {
	if len(poly) == 1 {
		return
	}
	shell := newShape(poly[:1])
	shapes := make([]*shape, len(poly))
	for r := 1; r < len(poly); r++ {
		shapes[r] = newShape(poly[r : r+1])
		if in, out := shell.sides(shapes[r]); out || !in {
			v.fault(HoleOutsideShell, p, r, "the hole is not inside its shell")
			return
		}
	}
	pairs(shapes[1:], func(a, b int) bool {
		ab, _ := shapes[a+1].sides(shapes[b+1])
		ba, _ := shapes[b+1].sides(shapes[a+1])
		if ab || ba {
			v.fault(HoleOutsideShell, p, b+1, "the hole and hole %d lie in each other", a+1)
		}
		return len(v.faults) == 0
	})
}

// overlaps finds polygons that lie in each other without crossing.
func (v *validation) overlaps() {
	if len(v.polygons) == 1 {
		return
	}
	shapes := make([]*shape, len(v.polygons))
	for p, poly := range v.polygons {
		shapes[p] = newShape(poly)
	}
	pairs(shapes, func(a, b int) bool {
		ab, _ := shapes[a].sides(shapes[b])
		ba, _ := shapes[b].sides(shapes[a])
		if ab || ba {
			v.fault(OverlappingPolygon, max(a, b), -1, "the polygon overlaps polygon %d", min(a, b))
		}
		return len(v.faults) == 0
	})
}

// sides says whether vertices or edge middles of t lie inside and outside s.
func (s *shape) sides(t *shape) (in, out bool) {
	see := func(x, y int64) {
		where := s.locate(x, y)
		in, out = in || where == inside, out || where == outside
	}
	t.edges(func(_ int32, a, b vertex) {
		if in && out {
			return
		}
		see(2*int64(a.x), 2*int64(a.y))
		see(int64(a.x)+int64(b.x), int64(a.y)+int64(b.y))
	})
	return in, out
}

// pairs visits shapes whose boxes meet until visit returns false.
func pairs(shapes []*shape, visit func(i, j int) bool) {
	order := make([]int, len(shapes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(shapes[i].box.min.x, shapes[j].box.min.x) })
	for n, i := range order {
		for _, j := range order[n+1:] {
			if shapes[j].box.min.x > shapes[i].box.max.x {
				break
			}
			if shapes[i].box.meets(shapes[j].box) && !visit(i, j) {
				return
			}
		}
	}
}
