package geo

import (
	"math/bits"
	"slices"
)

// What bounds the memory of a raster and shapes its speed.
const (
	tileEdges     = 4096    // about as many edges lie in a cell of the first level
	splitAbove    = 16      // a cell with more edges is cut into smaller ones
	cellsPerEdge  = 1.5     // at most, where a cell is cut
	maxSplit      = 6       // a cell is cut into at most 2^6 × 2^6
	minShift      = 4       // no cell is less than 2^4 units (18 cm) wide by cutting
	entriesPerOne = 4       // an edge is written down in at most so many cells, on average
	maxSetMembers = 1 << 24 // bounds the memory when thousands of fences overlap: 64 MB
)

// edge bounds a set of fences: who crosses it enters some and leaves the others.
type edge struct {
	a, b   vertex
	bounds uint32
}

// grid is a rectangle of cells, 1<<shift units wide and high.
type grid struct {
	x, y       int64 // its south-west corner
	shift      uint8
	cols, rows int64
}

func (g grid) side() int64 { return 1 << g.shift }

func (g grid) corner(cell int64) (x, y int64) {
	return g.x + cell%g.cols<<g.shift, g.y + cell/g.cols<<g.shift
}

// spread visits all cells that the edge from a to b has a point in, their north
// and east borders included, and perhaps some that it only comes near to.
func (g grid) spread(a, b vertex, visit func(cell int64)) {
	col := func(x int64) int64 { return min(max((x-g.x)>>g.shift, 0), g.cols-1) }
	row := func(y int64) int64 { return min(max((y-g.y)>>g.shift, 0), g.rows-1) }
	low, high := row(int64(min(a.y, b.y))-1), row(int64(max(a.y, b.y)))
	west, east := col(int64(min(a.x, b.x))-1), col(int64(max(a.x, b.x)))
	for r := low; r <= high; r++ {
		from, to := west, east
		if low < high && west < east {
			south := g.y + r<<g.shift
			w, e := clipX(a, b, south, south+g.side())
			from, to = max(west, col(w-1)), min(east, col(e))
		}
		for c := from; c <= to; c++ {
			visit(r*g.cols + c)
		}
	}
}

// rasterMaker makes a raster.
type rasterMaker struct {
	raster
	sets   *setMaker
	shapes []*shape
	seen   []uint32 // hash table over the edges of one tile
}

// newRaster makes the raster of the shapes, each the fence of its place in the
// list.
func newRaster(shapes []*shape) raster {
	if len(shapes) == 0 {
		return raster{}
	}
	m := &rasterMaker{sets: newSetMaker(len(shapes)), shapes: shapes}
	tiles := m.layOut()
	m.cells = make([]uint32, tiles.cols*tiles.rows)
	first, refs := m.deal(tiles)
	var tile []edge
	m.fill(tiles, 0, 0, entriesPerOne, func(cell int64) []edge {
		tile = m.merge(refs[first[cell]:first[cell+1]], tile[:0])
		return tile
	})
	m.raster.sets = slices.Clone(m.sets.sets)
	m.cells, m.nodes, m.data = slices.Clone(m.cells), slices.Clone(m.nodes), slices.Clone(m.data)
	return m.raster
}

// layOut chooses the cells of the first level: few enough that each has about
// tileEdges edges, and so large that an edge is on average in less than two.
func (m *rasterMaker) layOut() grid {
	boxes := make([]box, len(m.shapes))
	var n, length int64
	for i, s := range m.shapes {
		boxes[i] = s.box
		s.edges(func(_ int32, a, b vertex) {
			n++
			length += reach(a, b, 1<<32)
		})
	}
	m.bounds = around(boxes)
	m.origin = vertex{m.bounds.min.x - 1, m.bounds.min.y - 1}
	g := grid{x: int64(m.origin.x), y: int64(m.origin.y), shift: uint8(bits.Len64(uint64(length / n)))}
	for ; ; g.shift++ {
		g.cols, g.rows = (m.bounds.width()+1)>>g.shift+1, (m.bounds.height()+1)>>g.shift+1
		if g.cols*g.rows <= n/tileEdges+1 {
			m.shift, m.cols = g.shift, uint32(g.cols)
			return g
		}
	}
}

// reach is how far the edge goes east or west and north or south, each at most
// limit.
func reach(a, b vertex, limit int64) int64 {
	d := a.to(b)
	return min(max(d.x, -d.x), limit) + min(max(d.y, -d.y), limit)
}

// edgeRef is an edge of a shape, both by number.
type edgeRef struct{ shape, edge uint32 }

// deal sorts the edges of all shapes by cell: those of cell c are
// refs[first[c]:first[c+1]].
func (m *rasterMaker) deal(g grid) (first []uint32, refs []edgeRef) {
	first = make([]uint32, g.cols*g.rows+1)
	for _, s := range m.shapes {
		s.edges(func(_ int32, a, b vertex) {
			g.spread(a, b, func(cell int64) { first[cell+1]++ })
		})
	}
	for c := 1; c < len(first); c++ {
		first[c] += first[c-1]
	}
	refs = make([]edgeRef, first[len(first)-1])
	next := slices.Clone(first)
	for i, s := range m.shapes {
		s.edges(func(k int32, a, b vertex) {
			g.spread(a, b, func(cell int64) {
				refs[next[cell]] = edgeRef{uint32(i), uint32(k)}
				next[cell]++
			})
		})
	}
	return first, refs
}

// merge appends the edges to dst in the order they come in. An edge of several
// shapes, in whatever direction, is one edge that bounds them all.
func (m *rasterMaker) merge(refs []edgeRef, dst []edge) []edge {
	size := 1 << bits.Len(uint(2*len(refs)))
	m.seen = slices.Grow(m.seen[:0], size)[:size]
	clear(m.seen)
	for _, ref := range refs {
		s := m.shapes[ref.shape]
		e := edge{s.pts[ref.edge], s.pts[ref.edge+1], alone(ref.shape)}
		slot := m.slot(e, dst)
		if at := m.seen[slot]; at > 0 {
			known := &dst[at-1]
			known.bounds = m.sets.xor(known.bounds, e.bounds)
			continue
		}
		dst = append(dst, e)
		m.seen[slot] = uint32(len(dst))
	}
	// Two polygons of one fence may lie side by side: nothing changes there.
	return slices.DeleteFunc(dst, func(e edge) bool { return e.bounds == 0 })
}

// slot finds the place of the edge in the hash table.
func (m *rasterMaker) slot(e edge, edges []edge) int {
	word := func(v vertex) uint64 { return uint64(uint32(v.x))<<32 | uint64(uint32(v.y)) }
	p, q := word(e.a), word(e.b)
	hash := (p ^ q) * 0x9e3779b97f4a7c15
	hash = (hash ^ hash>>29 ^ (p + q)) * 0xbf58476d1ce4e5b9
	for slot := int(hash>>32) & (len(m.seen) - 1); ; slot = (slot + 1) & (len(m.seen) - 1) {
		at := m.seen[slot]
		if at == 0 {
			return slot
		}
		if k := edges[at-1]; k.a == e.a && k.b == e.b || k.a == e.b && k.b == e.a {
			return slot
		}
	}
}

// fill writes the cells of a grid from place first on. corner is the set at the
// south-west corner of the grid, from where it is carried along the borders of
// the cells, first north, then east.
func (m *rasterMaker) fill(g grid, first int, corner uint32, allowance float64, edgesOf func(cell int64) []edge) {
	here := corner
	for c := range g.cols * g.rows {
		if c%g.cols == 0 {
			here = corner
		}
		x, y := g.corner(c)
		edges := edgesOf(c)
		m.cells[first+int(c)] = m.cell(x, y, g.shift, edges, here, allowance)
		if c%g.cols == 0 {
			corner = m.carry(here, edges, x, y, 0, g.side())
		}
		here = m.carry(here, edges, x, y, g.side(), 0)
	}
}

// carry returns the set of fences dx east or dy north of the corner x, y.
func (m *rasterMaker) carry(set uint32, edges []edge, x, y, dx, dy int64) uint32 {
	for _, e := range edges {
		odd, _ := passEdge(int64(e.a.x)-x, int64(e.a.y)-y, int64(e.b.x)-x, int64(e.b.y)-y, dx, dy)
		if odd {
			set = m.sets.xor(set, e.bounds)
		}
	}
	return set
}

// cell writes down a cell, unless it is pure, and returns the word for it.
// allowance is by how much the number of its edges may still grow by cutting it.
func (m *rasterMaker) cell(x, y int64, shift uint8, edges []edge, corner uint32, allowance float64) uint32 {
	if len(edges) == 0 {
		return corner*cellKinds + cellPure
	}
	cut, growth := m.cut(shift, edges, allowance)
	if cut == 0 {
		return m.edged(x, y, edges, corner)
	}
	g := grid{x, y, shift - cut, 1 << cut, 1 << cut}
	first, list := dealEdges(g, edges)
	n := node{uint32(len(m.cells)), g.shift, cut}
	word := uint32(len(m.nodes)*cellKinds + cellNode)
	m.nodes = append(m.nodes, n)
	m.cells = slices.Grow(m.cells, 1<<(2*cut))[:len(m.cells)+1<<(2*cut)]
	var room [4 * splitAbove]edge
	m.fill(g, int(n.first), corner, allowance/growth, func(cell int64) []edge {
		own := room[:0]
		for _, i := range list[first[cell]:first[cell+1]] {
			own = append(own, edges[i])
		}
		return own
	})
	return word
}

// cut says into how many cells, as a power of two of either side, a cell is cut:
// as many as the number of its edges, their length and the allowance permit. 0
// leaves it whole. growth is by how much that multiplies the entries of edges.
func (m *rasterMaker) cut(shift uint8, edges []edge, allowance float64) (cut uint8, growth float64) {
	if len(edges) <= splitAbove || shift <= minShift || len(m.sets.sets) > maxSetMembers {
		return 0, 1
	}
	length := int64(0)
	for _, e := range edges {
		length += reach(e.a, e.b, 1<<shift)
	}
	n := float64(len(edges))
	for cut = min(uint8(bits.Len(uint(cellsPerEdge*n))-1)/2, maxSplit, shift-minShift); cut > 0; cut-- {
		growth = 1 + float64(length>>(shift-cut))/n
		if growth <= allowance {
			return cut, growth
		}
	}
	return 0, 1
}

// dealEdges sorts the edges by cell: those of cell c are, by number,
// list[first[c]:first[c+1]].
func dealEdges(g grid, edges []edge) (first, list []uint32) {
	first = make([]uint32, g.cols*g.rows+1)
	for _, e := range edges {
		g.spread(e.a, e.b, func(cell int64) { first[cell+1]++ })
	}
	for c := 1; c < len(first); c++ {
		first[c] += first[c-1]
	}
	list = make([]uint32, first[len(first)-1])
	next := slices.Clone(first)
	for i, e := range edges {
		g.spread(e.a, e.b, func(cell int64) {
			list[next[cell]] = uint32(i)
			next[cell]++
		})
	}
	return first, list
}

// edged writes a cell with edges as chains and returns the word for it.
func (m *rasterMaker) edged(x, y int64, edges []edge, corner uint32) uint32 {
	word := uint32(len(m.data)*cellKinds + cellEdged)
	m.data = append(m.data, corner)
	var header int
	for len(edges) > 0 {
		n := 1
		for n < len(edges) && edges[n].a == edges[n-1].b && edges[n].bounds == edges[0].bounds {
			n++
		}
		header = len(m.data)
		m.writeChain(x, y, edges[:n])
		edges = edges[n:]
	}
	m.data[header]++ // the last chain
	return word
}

func (m *rasterMaker) writeChain(x, y int64, edges []edge) {
	east := func(v vertex) int64 { return int64(v.x) - x }
	north := func(v vertex) int64 { return int64(v.y) - y }
	fits := func(v vertex) bool {
		return east(v) == int64(int16(east(v))) && north(v) == int64(int16(north(v)))
	}
	wide := !fits(edges[0].a)
	for _, e := range edges {
		wide = wide || !fits(e.b)
	}
	write := func(v vertex) {
		if wide {
			m.data = append(m.data, uint32(east(v)), uint32(north(v)))
			return
		}
		m.data = append(m.data, uint32(uint16(east(v)))<<16|uint32(uint16(north(v))))
	}
	count := uint32(len(edges)+1) * 2
	if wide {
		count++
	}
	m.data = append(m.data, edges[0].bounds*2, count)
	write(edges[0].a)
	for _, e := range edges {
		write(e.b)
	}
}
