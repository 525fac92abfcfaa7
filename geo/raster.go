package geo

import "slices"

// raster knows for every point of the lattice which fences, by number, cover it.
//
// The area is cut into square cells, and a cell with many edges into smaller
// ones. A cell without an edge is one word, the number of the set of fences that
// cover it. A cell with edges knows the set that covers its south-west corner
// and the edges that pass through it, each with the set of fences it bounds. A
// point is reached from the corner along an L, first north, then east: every
// edge on the way takes the fences it bounds in or out.
//
// Corner and point are thought to lie an infinitesimal way east, and a yet much
// smaller way north, of where they are. So none of them is ever on an edge, and
// no path ever meets a vertex: what is exact off the boundary is exact on it,
// where the edges through the point add their fences to the answer.
type raster struct {
	bounds box
	origin vertex // south-west of bounds by one, so that nothing covers it
	shift  uint8  // a cell of the first level is 1<<shift wide and high
	cols   uint32
	cells  []uint32 // the first level, row by row from the south, then those of nodes
	nodes  []node
	data   []uint32 // the cells with edges, see cellWriter
	sets   sets
}

// node is a cell that is cut into 1<<bits × 1<<bits smaller ones.
type node struct {
	first uint32 // its cells are cells[first:], row by row from the south
	shift uint8  // the smaller ones are 1<<shift wide and high
	bits  uint8
}

// What the two low bits of a cell say about the others.
const (
	cellPure  = iota // the number of a set
	cellEdged        // where in data it is
	cellNode         // the number of a node
	cellKinds = 4
)

// at returns the fences that cover v, ascending. The result lies in scratch,
// which is empty, or belongs to the raster and must not be changed.
func (r *raster) at(v vertex, scratch []uint32) []uint32 {
	if len(r.cells) == 0 || !r.bounds.meets(box{v, v}) {
		return nil
	}
	x, y := uint32(v.x)-uint32(r.origin.x), uint32(v.y)-uint32(r.origin.y)
	cell, shift := r.cells[(y>>r.shift)*r.cols+x>>r.shift], r.shift
	for cell%cellKinds == cellNode {
		n := &r.nodes[cell/cellKinds]
		mask := uint32(1)<<n.bits - 1
		cell, shift = r.cells[n.first+(y>>n.shift&mask)<<n.bits+x>>n.shift&mask], n.shift
	}
	if cell%cellKinds == cellPure {
		return r.sets.at(cell / cellKinds)
	}
	mask := uint32(1)<<shift - 1
	return r.among(cell/cellKinds, int64(x&mask), int64(y&mask), scratch)
}

// among answers for a point in a cell with edges. x and y count from its corner.
func (r *raster) among(at uint32, x, y int64, scratch []uint32) []uint32 {
	result := r.sets.at(r.data[at])
	own, touched := false, false
	for c := r.chain(at + 1); ; c = r.chain(c.end) {
		odd, on := c.pass(x, y)
		switch {
		case odd && own:
			result = toggle(result, r.sets.at(c.bounds))
		case odd:
			result, own = symmetricDifference(scratch, result, r.sets.at(c.bounds)), true
		}
		touched = touched || on
		if c.last {
			break
		}
	}
	if !touched {
		return result
	}
	if !own {
		result = append(scratch, result...)
	}
	for c := r.chain(at + 1); ; c = r.chain(c.end) {
		if _, on := c.pass(x, y); on {
			result = join(result, r.sets.at(c.bounds))
		}
		if c.last {
			return result
		}
	}
}

// toggle takes each member of other into the ascending set, or out of it.
func toggle(set, other []uint32) []uint32 {
	for _, f := range other {
		if i, in := search32(set, f); in {
			set = slices.Delete(set, i, i+1)
		} else {
			set = slices.Insert(set, i, f)
		}
	}
	return set
}

// join takes each member of other into the ascending set.
func join(set, other []uint32) []uint32 {
	for _, f := range other {
		if i, in := search32(set, f); !in {
			set = slices.Insert(set, i, f)
		}
	}
	return set
}

// search32 returns where f is, or belongs, in a short ascending set.
func search32(set []uint32, f uint32) (i int, in bool) {
	for i < len(set) && set[i] < f {
		i++
	}
	return i, i < len(set) && set[i] == f
}

// chain is a polyline in data:
//
//	the set of fences it bounds ×2, +1 in the last chain of a cell
//	its number of vertices ×2, +1 when it is wide
//	its vertices, counted from the corner of the cell: one word of two int16
//	each, two words of int32 each when it is wide
type chain struct {
	bounds uint32
	last   bool
	wide   bool
	points []uint32
	end    uint32 // where the next chain starts
}

func (r *raster) chain(at uint32) chain {
	c := chain{bounds: r.data[at] / 2, last: r.data[at]%2 == 1, wide: r.data[at+1]%2 == 1}
	words := r.data[at+1] / 2
	if c.wide {
		words *= 2
	}
	c.end = at + 2 + words
	c.points = r.data[at+2 : c.end]
	return c
}

// pass says whether the way from the corner to the point crosses the chain an
// odd number of times, and whether the point is on it.
func (c *chain) pass(x, y int64) (odd, on bool) {
	step := 1
	if c.wide {
		step = 2
	}
	var ax, ay int64
	for i := 0; i < len(c.points); i += step {
		var bx, by int64
		if c.wide {
			bx, by = int64(int32(c.points[i])), int64(int32(c.points[i+1]))
		} else {
			bx, by = int64(int16(c.points[i]>>16)), int64(int16(c.points[i]))
		}
		// Most edges are in no way: neither meridian nor parallel passes through them.
		if i > 0 && ((ax > 0) != (bx > 0) || (ay >= y) != (by > y) || (ay > y) != (by >= y)) {
			o, t := passEdge(ax, ay, bx, by, x, y)
			odd, on = odd != o, on || t
		}
		ax, ay = bx, by
	}
	return odd, on
}

// passEdge says whether the way from 0, 0 north to 0, y and east to x, y crosses
// the edge from a to b exactly once, and whether x, y is on it. No difference of
// coordinates is above 2^32 + 90 degrees, and one factor of each product is at
// most 90 degrees, so that nothing overflows.
func passEdge(ax, ay, bx, by, x, y int64) (odd, on bool) {
	north, east := (ax > 0) != (bx > 0), (ay > y) != (by > y)
	if !north && !east {
		return false, onLevel(ax, ay, bx, by, x, y)
	}
	dx, dy := bx-ax, by-ay
	atBend := dx*(y-ay) + dy*ax
	bend := left(atBend, dx, dy)
	if north {
		odd = left(atBend-dx*y, dx, dy) != bend
	}
	if east {
		atPoint := atBend - dy*x
		odd = odd != (bend != left(atPoint, dx, dy))
		return odd, atPoint == 0
	}
	return odd, onLevel(ax, ay, bx, by, x, y)
}

// left says whether a point is left of an edge along dx, dy, from the product of
// both and, where that is zero, from where the point is thought to lie.
func left(product, dx, dy int64) bool {
	switch {
	case product != 0:
		return product > 0
	case dy != 0:
		return dy < 0
	}
	return dx > 0
}

// onLevel says whether the point is on an edge that does not pass through its
// parallel: it ends there, or runs along it.
func onLevel(ax, ay, bx, by, x, y int64) bool {
	switch {
	case ay == y && by == y:
		return min(ax, bx) <= x && x <= max(ax, bx)
	case ay == y:
		return ax == x
	}
	return by == y && bx == x
}
