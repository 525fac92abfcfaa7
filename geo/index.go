package geo

import (
	"cmp"
	"math"
	"slices"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// Fence is a boundary known by an id. Depth is its level in the tree of grids: a
// county is shallower than its villages.
type Fence struct {
	ID       string
	Depth    int
	Boundary *Boundary
}

// Index answers which fences contain a point. It is fixed once made and safe for
// any number of goroutines; to change fences, make another and Swap it in. The
// zero Index holds no fence.
//
// The area of all fences is cut into equal cells. A cell lists the fences that
// cover it wholly and those with an edge in it; only the latter are asked.
type Index struct {
	fences     []Fence // in the order of the answers
	byID       map[string]*Boundary
	box        box
	side       int64 // of a cell, in lattice units
	cols, rows int64
	first      []uint32 // cell c lists list[first[c]:first[c+1]]
	list       []uint32 // number of the fence, doubled; +1 when it covers the whole cell
}

const (
	cellsPerFence = 16
	maxCells      = 1 << 20
	maxEntries    = 1 << 23 // bounds the memory when many fences cover much: 32 MB
)

// NewIndex indexes the fences. Of two with the same id the later counts; one
// without a boundary is left out.
func NewIndex(fences []Fence) *Index {
	ix := &Index{byID: make(map[string]*Boundary, len(fences))}
	for _, f := range slices.Backward(fences) {
		if _, known := ix.byID[f.ID]; !known && f.Boundary != nil {
			ix.byID[f.ID] = f.Boundary
			ix.fences = append(ix.fences, f)
		}
	}
	if len(ix.fences) == 0 {
		return ix
	}
	slices.SortFunc(ix.fences, func(a, b Fence) int {
		return cmp.Or(cmp.Compare(b.Depth, a.Depth), cmp.Compare(a.ID, b.ID))
	})
	ix.layOut()
	ix.fill()
	return ix
}

// layOut chooses the side of a cell: about cellsPerFence cells a fence, fewer
// when that would take too much memory.
func (ix *Index) layOut() {
	var corners []vertex
	for _, f := range ix.fences {
		b := f.Boundary.shape.box
		corners = append(corners, b.min, b.max)
	}
	ix.box = boxOf(corners)
	target := float64(min(cellsPerFence*len(ix.fences), maxCells))
	w, h := float64(ix.box.width()+1), float64(ix.box.height()+1)
	ix.side = int64(math.Ceil(max(math.Sqrt(w*h/target), w/target, h/target)))
	for {
		ix.cols, ix.rows = ix.box.width()/ix.side+1, ix.box.height()/ix.side+1
		entries := int64(0)
		for _, f := range ix.fences {
			b := f.Boundary.shape.box
			entries += (b.width()/ix.side + 2) * (b.height()/ix.side + 2)
		}
		if (ix.cols == 1 && ix.rows == 1) || (entries <= maxEntries && ix.cols*ix.rows <= 4*maxCells) {
			return
		}
		ix.side *= 2
	}
}

func (ix *Index) fill() {
	type entry struct{ cell, fence uint32 }
	var entries []entry
	ix.first = make([]uint32, ix.cols*ix.rows+1)
	for i, f := range ix.fences {
		ix.cover(f.Boundary.shape, func(cell int64, whole bool) {
			e := entry{uint32(cell), uint32(i) << 1}
			if whole {
				e.fence++
			}
			entries = append(entries, e)
			ix.first[cell+1]++
		})
	}
	for c := 1; c < len(ix.first); c++ {
		ix.first[c] += ix.first[c-1]
	}
	ix.list = make([]uint32, len(entries))
	next := slices.Clone(ix.first)
	for _, e := range entries { // fence by fence, so that each cell lists them in the order of the answers
		ix.list[next[e.cell]] = e.fence
		next[e.cell]++
	}
}

func (ix *Index) col(x int64) int64 { return (x - int64(ix.box.min.x)) / ix.side }
func (ix *Index) row(y int64) int64 { return (y - int64(ix.box.min.y)) / ix.side }

// cover visits the cells that the shape covers wholly or has an edge in. Cells
// of one row without an edge between them are on the same side, so that one
// question answers for the whole run.
func (ix *Index) cover(s *shape, visit func(cell int64, whole bool)) {
	c0, c1 := ix.col(int64(s.box.min.x)), ix.col(int64(s.box.max.x))
	r0, r1 := ix.row(int64(s.box.min.y)), ix.row(int64(s.box.max.y))
	wide := c1 - c0 + 1
	edged := make([]bool, wide*(r1-r0+1))
	s.edges(func(_ int32, a, b vertex) {
		for r := ix.row(int64(min(a.y, b.y))); r <= ix.row(int64(max(a.y, b.y))); r++ {
			low := int64(ix.box.min.y) + r*ix.side
			lo, hi := clipX(a, b, low, low+ix.side)
			for c := max(ix.col(lo), c0); c <= min(ix.col(hi), c1); c++ {
				edged[(r-r0)*wide+c-c0] = true
			}
		}
	})
	for r := r0; r <= r1; r++ {
		known, in := false, false
		for c := c0; c <= c1; c++ {
			if edged[(r-r0)*wide+c-c0] {
				known = false
				visit(r*ix.cols+c, false)
				continue
			}
			if !known {
				x, y := int64(ix.box.min.x)+c*ix.side, int64(ix.box.min.y)+r*ix.side
				known, in = true, s.locate(2*x, 2*y) == inside
			}
			if in {
				visit(r*ix.cols+c, true)
			}
		}
	}
}

// At returns the ids of all fences that contain p, in degrees WGS-84, deepest
// first, those of one depth by id. A point on a shared border is in both.
func (ix *Index) At(p orb.Point) []string { return ix.AppendAt(nil, p) }

// AppendAt appends to dst what At returns, and allocates only to grow dst.
func (ix *Index) AppendAt(dst []string, p orb.Point) []string {
	v, code := snap(p)
	if code != "" || len(ix.fences) == 0 || !ix.box.meets(box{v, v}) {
		return dst
	}
	cell := ix.row(int64(v.y))*ix.cols + ix.col(int64(v.x))
	for _, e := range ix.list[ix.first[cell]:ix.first[cell+1]] {
		if f := &ix.fences[e>>1]; e&1 == 1 || f.Boundary.covers(v) {
			dst = append(dst, f.ID)
		}
	}
	return dst
}

// Boundary returns the boundary of the fence with this id.
func (ix *Index) Boundary(id string) (*Boundary, bool) {
	b, ok := ix.byID[id]
	return b, ok
}

// Len returns the number of fences.
func (ix *Index) Len() int { return len(ix.fences) }

// Fences holds the current Index, to be read by many goroutines while another
// replaces it. The zero value holds an empty one.
type Fences struct{ current atomic.Pointer[Index] }

// Load returns the current index, never nil.
func (f *Fences) Load() *Index {
	if ix := f.current.Load(); ix != nil {
		return ix
	}
	return &Index{}
}

// Swap makes ix the current index; nil stands for an empty one.
func (f *Fences) Swap(ix *Index) { f.current.Store(ix) }
