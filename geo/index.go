package geo

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"
)

// Fence is a boundary known by an id. Depth is its level in the tree of grids: a
// county is shallower than its villages. Version, and since when it is valid, are
// for the caller, nothing here depends on them.
type Fence struct {
	ID       string
	Depth    int
	Version  int
	Since    time.Time
	Boundary *Boundary
}

// Index answers which fences contain a point. It is fixed once made and safe for
// any number of goroutines; to change fences, make another and Swap it in. The
// zero Index holds no fence.
type Index struct {
	fences  []Fence        // in the order of the answers
	byID    map[string]int // place in fences
	raster  raster
	changes []Fence // what replaces fences of the same id, in the order of the answers
}

// order is that of the answers: deepest first, those of one depth by id.
func order(a, b Fence) int {
	return cmp.Or(cmp.Compare(b.Depth, a.Depth), cmp.Compare(a.ID, b.ID))
}

// NewIndex indexes the fences. Of two with the same id the later counts; one
// without a boundary is left out.
func NewIndex(fences []Fence) *Index {
	ix := &Index{byID: make(map[string]int, len(fences))}
	for _, f := range slices.Backward(fences) {
		if _, known := ix.byID[f.ID]; !known && f.Boundary != nil {
			ix.byID[f.ID] = 0
			ix.fences = append(ix.fences, f)
		}
	}
	slices.SortFunc(ix.fences, order)
	shapes := make([]*shape, len(ix.fences))
	for i, f := range ix.fences {
		ix.byID[f.ID] = i
		shapes[i] = &f.Boundary.shape
	}
	ix.raster = newRaster(shapes)
	return ix
}

// With returns an index in which the fence is as given, without one of its id
// when it has no boundary. That takes no time, but each change makes a query a
// little slower: after some, make a NewIndex.
func (ix *Index) With(f Fence) *Index {
	with := *ix
	with.changes = slices.DeleteFunc(slices.Clone(ix.changes), func(c Fence) bool { return c.ID == f.ID })
	at, _ := slices.BinarySearchFunc(with.changes, f, order)
	with.changes = slices.Insert(with.changes, at, f)
	return &with
}

// Changes returns how many fences With has changed since NewIndex.
func (ix *Index) Changes() int { return len(ix.changes) }

// At returns the ids of all fences that contain p, in degrees WGS-84: those
// assigned to the asker first, in the order they are given, then deepest first,
// those of one depth by id. A point on a shared border is in both.
func (ix *Index) At(p orb.Point, assigned ...string) []string {
	return ix.AppendAt(nil, p, assigned...)
}

// AppendAt appends to dst what At returns. It allocates only to grow dst, or
// where more than 32 fences overlap.
func (ix *Index) AppendAt(dst []string, p orb.Point, assigned ...string) []string {
	v, code := snap(p)
	if code != "" {
		return dst
	}
	start := len(dst)
	var room [32]uint32
	found := ix.raster.at(v, room[:0])
	if len(ix.changes) > 0 {
		dst = ix.appendChanged(dst, v, found)
	} else {
		for _, i := range found {
			dst = append(dst, ix.fences[i].ID)
		}
	}
	bringForward(dst[start:], assigned)
	return dst
}

// appendChanged appends the ids of the fences found, but for those that were
// changed, and of the changed ones that cover v.
func (ix *Index) appendChanged(dst []string, v vertex, found []uint32) []string {
	changes := ix.changes
	for _, i := range found {
		f := ix.fences[i]
		for len(changes) > 0 && order(changes[0], f) < 0 {
			dst, changes = appendCovering(dst, changes[0], v), changes[1:]
		}
		if !slices.ContainsFunc(ix.changes, func(c Fence) bool { return c.ID == f.ID }) {
			dst = append(dst, f.ID)
		}
	}
	for _, c := range changes {
		dst = appendCovering(dst, c, v)
	}
	return dst
}

func appendCovering(dst []string, f Fence, v vertex) []string {
	if f.Boundary != nil && f.Boundary.covers(v) {
		return append(dst, f.ID)
	}
	return dst
}

// bringForward moves those of the ids that are wanted to the front.
func bringForward(ids, wanted []string) {
	for _, id := range wanted {
		if at := slices.Index(ids, id); at >= 0 {
			copy(ids[1:at+1], ids[:at])
			ids[0], ids = id, ids[1:]
		}
	}
}

// Fence returns the fence with this id.
func (ix *Index) Fence(id string) (Fence, bool) {
	for _, c := range ix.changes {
		if c.ID == id {
			return c, c.Boundary != nil
		}
	}
	if i, ok := ix.byID[id]; ok {
		return ix.fences[i], true
	}
	return Fence{}, false
}

// Boundary returns the boundary of the fence with this id.
func (ix *Index) Boundary(id string) (*Boundary, bool) {
	f, ok := ix.Fence(id)
	return f.Boundary, ok
}

// Len returns the number of fences.
func (ix *Index) Len() int {
	n := len(ix.fences)
	for _, c := range ix.changes {
		_, known := ix.byID[c.ID]
		switch {
		case known && c.Boundary == nil:
			n--
		case !known && c.Boundary != nil:
			n++
		}
	}
	return n
}

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
