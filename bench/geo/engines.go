package main

import (
	"github.com/golang/geo/s2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/tidwall/rtree"

	"gridwalk/geo"
)

// engine answers which fences contain a point. It is built over fences, whose
// places in the list are the answers.
type engine interface {
	name() string
	build(fences []geo.Fence)
	// ready converts the points to what the engine takes, which is not measured.
	ready(points []orb.Point)
	// find asks about a point and returns how many fences contain it.
	find(point int) int
	// found are the fences of the last answer.
	found() []int
}

// polygons are the fences as orb has them; the Go peers share one copy.
type polygons []orb.MultiPolygon

func polygonsOf(fences []geo.Fence) polygons {
	all := make(polygons, len(fences))
	for i, f := range fences {
		all[i] = f.Boundary.MultiPolygon()
	}
	return all
}

// ours is package geo.
type ours struct {
	index  *geo.Index
	number map[string]int
	points []orb.Point
	answer []string
}

func (o *ours) name() string { return "gridwalk geo" }

func (o *ours) build(fences []geo.Fence) { o.index = geo.NewIndex(fences) }

func (o *ours) ready(points []orb.Point) { o.points, o.answer = points, make([]string, 0, 16) }

func (o *ours) find(point int) int {
	o.answer = o.index.AppendAt(o.answer[:0], o.points[point])
	return len(o.answer)
}

func (o *ours) found() (list []int) {
	for _, id := range o.answer {
		list = append(list, o.number[id])
	}
	return list
}

// orbTree is the usual way in Go: an R-tree of rectangles, then orb.
type orbTree struct {
	polygons polygons
	tree     rtree.RTreeG[int]
	points   []orb.Point
	answer   []int
}

func (o *orbTree) name() string { return "orb, tidwall/rtree" }

func (o *orbTree) build([]geo.Fence) {
	for i, p := range o.polygons {
		b := p.Bound()
		o.tree.Insert(b.Min, b.Max, i)
	}
}

func (o *orbTree) ready(points []orb.Point) { o.points = points }

func (o *orbTree) find(point int) int {
	p := o.points[point]
	o.answer = o.answer[:0]
	o.tree.Search(p, p, func(_, _ [2]float64, i int) bool {
		if planar.MultiPolygonContains(o.polygons[i], p) {
			o.answer = append(o.answer, i)
		}
		return true
	})
	return len(o.answer)
}

func (o *orbTree) found() []int { return o.answer }

// s2Index is golang/geo: a ShapeIndex of polygons on the sphere.
type s2Index struct {
	polygons polygons
	query    *s2.ContainsPointQuery
	points   []s2.Point
	answer   []s2.Shape
}

// s2Shape is a polygon that knows its number.
type s2Shape struct {
	*s2.LaxPolygon
	number int
}

func (s *s2Index) name() string { return "golang/geo S2" }

func (s *s2Index) build([]geo.Fence) {
	index := s2.NewShapeIndex()
	for i, mp := range s.polygons {
		index.Add(&s2Shape{s2Polygon(mp), i})
	}
	index.Build()
	s.query = s2.NewContainsPointQuery(index, s2.VertexModelSemiOpen)
}

func s2Polygon(mp orb.MultiPolygon) *s2.LaxPolygon {
	var loops [][]s2.Point
	for _, polygon := range mp {
		for _, ring := range polygon {
			var loop []s2.Point
			for _, p := range ring[:len(ring)-1] {
				loop = append(loop, s2Point(p))
			}
			loops = append(loops, loop)
		}
	}
	return s2.LaxPolygonFromPoints(loops)
}

func s2Point(p orb.Point) s2.Point { return s2.PointFromLatLng(s2.LatLngFromDegrees(p[1], p[0])) }

func (s *s2Index) ready(points []orb.Point) {
	s.points = make([]s2.Point, len(points))
	for i, p := range points {
		s.points[i] = s2Point(p)
	}
}

func (s *s2Index) find(point int) int {
	s.answer = s.query.ContainingShapes(s.points[point])
	return len(s.answer)
}

func (s *s2Index) found() (list []int) {
	for _, shape := range s.answer {
		list = append(list, shape.(*s2Shape).number)
	}
	return list
}
