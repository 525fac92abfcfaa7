package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// vertex is a point on the lattice of 1e-7 degree (11 mm): longitude x, latitude
// y. Every question of side is answered on it by int64 products that cannot
// overflow, so that the answer is exact and the same on every processor.
type vertex struct{ x, y int32 }

const (
	perDegree = 1e7
	// maxSpan is the longest edge, 90 degrees. Twice the product of two spans,
	// even in the doubled coordinates of locate, stays below 2^63.
	maxSpan = 90 * perDegree
)

// snap rounds p to the lattice, or says why it has no place there.
func snap(p orb.Point) (vertex, FaultCode) {
	for _, c := range p {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			return vertex{}, NotANumber
		}
	}
	if math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90 {
		return vertex{}, OutOfRange
	}
	return vertex{int32(math.Round(p[0] * perDegree)), int32(math.Round(p[1] * perDegree))}, ""
}

func (v vertex) point() orb.Point {
	return orb.Point{float64(v.x) / perDegree, float64(v.y) / perDegree}
}

// direction is the way from one vertex to another.
type direction struct{ x, y int64 }

func (v vertex) to(w vertex) direction {
	return direction{int64(w.x) - int64(v.x), int64(w.y) - int64(v.y)}
}

func cross(a, b direction) int64 { return a.x*b.y - a.y*b.x }
func dot(a, b direction) int64   { return a.x*b.x + a.y*b.y }

// turn is positive when c lies left of the line from a to b, zero on the line.
func turn(a, b, c vertex) int64 { return cross(a.to(b), a.to(c)) }

// box is a closed rectangle of lattice points.
type box struct{ min, max vertex }

func boxOf(pts []vertex) box {
	b := box{pts[0], pts[0]}
	for _, p := range pts[1:] {
		b.min.x, b.min.y = min(b.min.x, p.x), min(b.min.y, p.y)
		b.max.x, b.max.y = max(b.max.x, p.x), max(b.max.y, p.y)
	}
	return b
}

// around returns the smallest box that holds all of the boxes, at least one.
func around(boxes []box) box {
	b := boxes[0]
	for _, c := range boxes[1:] {
		b.min.x, b.min.y = min(b.min.x, c.min.x), min(b.min.y, c.min.y)
		b.max.x, b.max.y = max(b.max.x, c.max.x), max(b.max.y, c.max.y)
	}
	return b
}

func (b box) meets(c box) bool {
	return b.min.x <= c.max.x && c.min.x <= b.max.x && b.min.y <= c.max.y && c.min.y <= b.max.y
}

func (b box) width() int64  { return int64(b.max.x) - int64(b.min.x) }
func (b box) height() int64 { return int64(b.max.y) - int64(b.min.y) }

// clipX returns the range of x that the edge a–b covers between the rows lo and
// hi, all in lattice units. It is a little too wide, never too narrow: the slope
// is a float64, whose error over 90 degrees is far below the two units added.
func clipX(a, b vertex, lo, hi int64) (int64, int64) {
	if a.y > b.y {
		a, b = b, a
	}
	x1, x2 := int64(a.x), int64(b.x)
	if d := a.to(b); d.y > 0 {
		slope := float64(d.x) / float64(d.y)
		at := func(y int64) int64 { return int64(a.x) + int64(slope*float64(y-int64(a.y))) }
		if lo > int64(a.y) {
			x1 = at(lo)
		}
		if hi < int64(b.y) {
			x2 = at(hi)
		}
	}
	return min(x1, x2) - 2, max(x1, x2) + 2
}
