package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// LastNear gives for every place the time, in Unix milliseconds, of the last
// point of a track that was within radius metres of it, 0 when there is none.
// A point says that somebody was near only if it is at least as exact as the
// radius (one of unknown accuracy is believed) and was not made up. Ways between
// points are not considered: they are guesses. Nor does the antimeridian join
// anything.
//
// Places are put into cells of at least the radius, and every point looks into
// the nine around it: O(places + points).
func LastNear(track []TrackPoint, places []orb.Point, radius float64) []int64 {
	last := make([]int64, len(places))
	cells := newCells(places, radius)
	for i, place := range places {
		if key, ok := cells.key(place); ok {
			cells.places[key] = append(cells.places[key], i)
		}
	}
	for _, p := range track {
		if float64(p.Accuracy) > radius || p.Marks&MarkMock != 0 {
			continue
		}
		at := p.Point()
		key, ok := cells.key(at)
		if !ok {
			continue
		}
		for _, near := range key.around() {
			for _, i := range cells.places[near] {
				if p.At > last[i] && Haversine(at, places[i]) <= radius {
					last[i] = p.At
				}
			}
		}
	}
	return last
}

// cells is a spatial hash. Cells are as wide as the radius at the latitude
// farthest from the equator, and wider everywhere else.
type cells struct {
	north, east float64 // degrees of a cell
	places      map[cell][]int
}

type cell struct{ x, y int32 }

// shortestDegree is the least length of a degree of latitude in metres, at the
// equator of the WGS-84 ellipsoid, less what the sphere of Haversine differs.
const shortestDegree = 110_000

func newCells(places []orb.Point, radius float64) cells {
	c := cells{north: max(radius, 1) / shortestDegree, places: map[cell][]int{}}
	farthest := 0.0
	for _, p := range places {
		farthest = max(farthest, math.Abs(p.Lat()))
	}
	if farthest += c.north; farthest > 89 {
		c.east = 360 // near a pole a cell goes all around
	} else {
		c.east = c.north / math.Cos(farthest*radian)
	}
	return c
}

func (c cells) key(p orb.Point) (cell, bool) {
	x, y := math.Floor(p.Lon()/c.east), math.Floor(p.Lat()/c.north)
	if !(math.Abs(x) < math.MaxInt32 && math.Abs(y) < math.MaxInt32) { // NaN is not <
		return cell{}, false
	}
	return cell{int32(x), int32(y)}, true
}

func (c cell) around() (nine [9]cell) {
	for i := range nine {
		nine[i] = cell{c.x + int32(i%3) - 1, c.y + int32(i/3) - 1}
	}
	return nine
}
