package maps

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// Area is a grid to be compared with its neighbours. Shells run counterclockwise
// and holes clockwise, as geo.Mend leaves them.
type Area struct {
	Code  string
	Level string // areas of different levels may lie in each other
	New   bool   // two areas that are not new are not compared
	Shape orb.MultiPolygon
}

// Seam is what is wrong between two areas.
type Seam struct {
	Code      string  `json:"grid_code"`
	Other     string  `json:"other"`
	OverlapM2 float64 `json:"overlap_m2"` // area that both claim, m²
	GapM2     float64 `json:"gap_m2"`     // area of slivers between them, m²
}

const (
	// A sliver is a gap of 0.1 to 10 m between two borders that face each other:
	// less is rounding, more is a river or a road that was left out on purpose.
	sliverMin = 0.1
	sliverMax = 10.0
	// minSeam is the area in m² below which a seam is not worth a line.
	minSeam = 1.0
	// sampleStep is the distance of the places in which the width of a sliver is
	// measured, maxSamples their number on one edge.
	sampleStep = 5.0
	maxSamples = 400
)

// Compare finds overlaps and slivers of at least 1 m² between areas of one
// level, ordered by code.
func Compare(areas []Area) []Seam {
	const margin = sliverMax / 100_000 // degrees, at least 10 m up to 25° from a pole
	boxes := make([]orb.Bound, len(areas))
	order := make([]int, len(areas))
	for i, a := range areas {
		boxes[i], order[i] = a.Shape.Bound().Pad(margin*2), i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(boxes[i].Min[0], boxes[j].Min[0]) })
	near := make([][]int, len(areas))
	var active []int
	var seams []Seam
	for _, i := range order {
		active = slices.DeleteFunc(active, func(j int) bool { return boxes[j].Max[0] < boxes[i].Min[0] })
		for _, j := range active {
			if areas[i].Level == areas[j].Level && (areas[i].New || areas[j].New) && boxes[i].Intersects(boxes[j]) {
				near[i], near[j] = append(near[i], j), append(near[j], i)
			}
		}
		active = append(active, i)
	}
	gaps := map[[2]int]float64{}
	for i := range areas {
		for j, area := range slivers(areas, i, near[i]) {
			gaps[[2]int{min(i, j), max(i, j)}] += area / 2 // the other side measures it as well
		}
	}
	for i := range areas {
		for _, j := range near[i] {
			if i > j {
				continue
			}
			s := Seam{Code: areas[i].Code, Other: areas[j].Code, OverlapM2: Overlap(areas[i].Shape, areas[j].Shape), GapM2: gaps[[2]int{i, j}]}
			if s.OverlapM2 < minSeam {
				s.OverlapM2 = 0
			}
			if s.GapM2 < minSeam {
				s.GapM2 = 0
			}
			if s.OverlapM2 > 0 || s.GapM2 > 0 {
				s.OverlapM2, s.GapM2 = math.Round(s.OverlapM2), math.Round(s.GapM2)
				seams = append(seams, s)
			}
		}
	}
	slices.SortFunc(seams, func(a, b Seam) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Other, b.Other)) })
	return seams
}

// plane is the local plane around a place, in metres.
type plane struct {
	origin      orb.Point
	east, north float64 // metres in a degree
}

func planeAt(p orb.Point) plane {
	east, north := geo.MetresPerDegree(p[1])
	return plane{p, east, north}
}

func (pl plane) metres(p orb.Point) orb.Point {
	return orb.Point{(p[0] - pl.origin[0]) * pl.east, (p[1] - pl.origin[1]) * pl.north}
}

type edge struct{ a, b orb.Point }

// edgesIn gives the edges of a shape whose boxes meet the box, in metres.
func edgesIn(shape orb.MultiPolygon, box orb.Bound, pl plane, visit func(edge)) {
	for _, polygon := range shape {
		for _, ring := range polygon {
			for i := range len(ring) - 1 {
				a, b := ring[i], ring[i+1]
				if max(a[0], b[0]) >= box.Min[0] && min(a[0], b[0]) <= box.Max[0] && max(a[1], b[1]) >= box.Min[1] && min(a[1], b[1]) <= box.Max[1] {
					visit(edge{pl.metres(a), pl.metres(b)})
				}
			}
		}
	}
}

// Overlap returns the area in m² that two shapes share. The shapes are cut into
// rows between which no edge begins, ends or crosses another; in each the shared
// width changes evenly, so that its middle times its height is exact in the local
// plane, which is off by less than 0.1 % for areas of 100 km.
func Overlap(a, b orb.MultiPolygon) float64 {
	boxA, boxB := a.Bound(), b.Bound()
	if !boxA.Intersects(boxB) {
		return 0
	}
	box := orb.Bound{
		Min: orb.Point{max(boxA.Min[0], boxB.Min[0]), max(boxA.Min[1], boxB.Min[1])},
		Max: orb.Point{min(boxA.Max[0], boxB.Max[0]), min(boxA.Max[1], boxB.Max[1])},
	}
	pl := planeAt(box.Center())
	low, high := pl.metres(box.Min)[1], pl.metres(box.Max)[1]
	left := orb.Bound{Min: orb.Point{-360, box.Min[1]}, Max: box.Max} // edges to the left decide what is inside
	var rising []owned
	rows := []float64{low, high}
	for owner, shape := range []orb.MultiPolygon{a, b} {
		edgesIn(shape, left, pl, func(e edge) {
			if e.a[1] > e.b[1] {
				e.a, e.b = e.b, e.a
			}
			for _, y := range []float64{e.a[1], e.b[1]} {
				if y > low && y < high {
					rows = append(rows, y)
				}
			}
			if e.a[1] < e.b[1] {
				rising = append(rising, owned{e, owner})
			}
		})
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	slices.SortFunc(rising, func(e, f owned) int { return cmp.Compare(e.a[1], f.a[1]) })
	var active []owned
	sum := 0.0
	next := 0
	for i := range len(rows) - 1 {
		from, to := rows[i], rows[i+1]
		active = slices.DeleteFunc(active, func(e owned) bool { return e.b[1] <= from })
		for next < len(rising) && rising[next].a[1] <= from {
			if rising[next].b[1] > from {
				active = append(active, rising[next])
			}
			next++
		}
		cuts := append(crossings(active, from, to), to)
		slices.Sort(cuts)
		for _, cut := range cuts {
			sum += sharedWidth(active, (from+cut)/2) * (cut - from)
			from = cut
		}
	}
	return sum
}

// owned is an edge that runs upwards, of the first or second shape.
type owned struct {
	edge
	owner int
}

func (e edge) at(y float64) float64 {
	return e.a[0] + (e.b[0]-e.a[0])*(y-e.a[1])/(e.b[1]-e.a[1])
}

// crossings gives the heights strictly between from and to at which edges of
// different shapes cross.
func crossings(active []owned, from, to float64) (cuts []float64) {
	for i, e := range active {
		for _, f := range active[i+1:] {
			if e.owner == f.owner {
				continue
			}
			below, above := e.at(from)-f.at(from), e.at(to)-f.at(to)
			if below < 0 && above > 0 || below > 0 && above < 0 {
				if y := from + (to-from)*below/(below-above); y > from && y < to {
					cuts = append(cuts, y)
				}
			}
		}
	}
	return cuts
}

// sharedWidth is how much of the row at y lies inside both shapes.
func sharedWidth(active []owned, y float64) (width float64) {
	type border struct {
		x     float64
		owner int
	}
	borders := make([]border, len(active))
	for i, e := range active {
		borders[i] = border{e.at(y), e.owner}
	}
	slices.SortFunc(borders, func(a, b border) int { return cmp.Compare(a.x, b.x) })
	var inside [2]bool
	for i, b := range borders {
		if inside[0] && inside[1] {
			width += b.x - borders[i-1].x
		}
		inside[b.owner] = !inside[b.owner]
	}
	return width
}

// slivers gives the area of the gaps between an area and each of its
// neighbours. From places along its border the way straight out is measured to
// the first border that is entered.
func slivers(areas []Area, i int, neighbours []int) map[int]float64 {
	if len(neighbours) == 0 {
		return nil
	}
	box := areas[i].Shape.Bound().Pad(2 * sliverMax / 100_000)
	pl := planeAt(box.Center())
	facing := newFacing(pl.metres(box.Min)[1], pl.metres(box.Max)[1])
	shared := map[edge]bool{}
	for _, j := range neighbours {
		edgesIn(areas[j].Shape, box, pl, func(e edge) {
			facing.add(e, j)
			shared[edge{e.b, e.a}] = true
		})
	}
	found := map[int]float64{}
	edgesIn(areas[i].Shape, box, pl, func(e edge) {
		length := math.Hypot(e.b[0]-e.a[0], e.b[1]-e.a[1])
		if shared[e] || length == 0 {
			return
		}
		along := orb.Point{(e.b[0] - e.a[0]) / length, (e.b[1] - e.a[1]) / length}
		n := min(max(int(math.Ceil(length/sampleStep)), 1), maxSamples)
		for k := range n {
			t := (float64(k) + 0.5) / float64(n)
			from := orb.Point{e.a[0] + t*(e.b[0]-e.a[0]), e.a[1] + t*(e.b[1]-e.a[1])}
			if width, whose := facing.first(from, orb.Point{along[1], -along[0]}); width > sliverMin && width < sliverMax {
				found[whose] += width * length / float64(n)
			}
		}
	})
	return found
}

// facing holds the edges of the neighbours in rows of 100 m or more.
type facing struct {
	low, height float64
	rows        [][]facingEdge
}

type facingEdge struct {
	edge
	whose int
}

func newFacing(low, high float64) *facing {
	n := min(max(int((high-low)/100), 1), 10_000)
	return &facing{low, (high - low) / float64(n), make([][]facingEdge, n)}
}

func (f *facing) row(y float64) int {
	return min(max(int((y-f.low)/f.height), 0), len(f.rows)-1)
}

func (f *facing) add(e edge, whose int) {
	for r := f.row(min(e.a[1], e.b[1])); r <= f.row(max(e.a[1], e.b[1])); r++ {
		f.rows[r] = append(f.rows[r], facingEdge{e, whose})
	}
}

// first gives the distance in metres from a place in a direction (of length 1)
// to the first border, and whose area is entered there; infinite when there is
// none within reach, or when an area is left there, because the place lies in it.
func (f *facing) first(from, direction orb.Point) (width float64, whose int) {
	width = math.Inf(1)
	entered := true
	to := from[1] + direction[1]*sliverMax
	for r := f.row(min(from[1], to)); r <= f.row(max(from[1], to)); r++ {
		for _, e := range f.rows[r] {
			way := orb.Point{e.b[0] - e.a[0], e.b[1] - e.a[1]}
			start := orb.Point{e.a[0] - from[0], e.a[1] - from[1]}
			turn := direction[0]*way[1] - direction[1]*way[0]
			if turn == 0 {
				continue
			}
			t := (start[0]*way[1] - start[1]*way[0]) / turn
			u := (start[0]*direction[1] - start[1]*direction[0]) / turn
			if t >= -sliverMin && t < width && u >= 0 && u <= 1 {
				width, whose, entered = t, e.whose, turn < 0
			}
		}
	}
	if !entered {
		return math.Inf(1), whose
	}
	return width, whose
}
