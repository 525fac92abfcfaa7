package geo

import (
	"cmp"
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
type Index struct {
	fences []Fence // in the order of the answers
	byID   map[string]*Boundary
	raster raster
}

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
	slices.SortFunc(ix.fences, func(a, b Fence) int {
		return cmp.Or(cmp.Compare(b.Depth, a.Depth), cmp.Compare(a.ID, b.ID))
	})
	shapes := make([]*shape, len(ix.fences))
	for i, f := range ix.fences {
		shapes[i] = f.Boundary.shape
	}
	ix.raster = newRaster(shapes)
	return ix
}

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
	for _, f := range ix.raster.at(v, room[:0]) {
		dst = append(dst, ix.fences[f].ID)
	}
	bringForward(dst[start:], assigned)
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
