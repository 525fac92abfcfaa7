package maps

import (
	"math"

	"github.com/paulmach/orb"
)

// Same tells whether two shapes, in degrees, have the same polygons in the same
// order, wherever their rings begin. Points may be off by 2e-7 degree, 2 cm: what
// comes back from a projection is rounded, and no new boundary.
func Same(a, b orb.MultiPolygon) bool {
	if len(a) != len(b) {
		return false
	}
	for p := range a {
		if len(a[p]) != len(b[p]) {
			return false
		}
		for r := range a[p] {
			if !sameRing(a[p][r], b[p][r]) {
				return false
			}
		}
	}
	return true
}

func sameRing(a, b orb.Ring) bool {
	n := len(a) - 1 // the last point repeats the first
	if len(b)-1 != n || n < 1 {
		return len(a) == len(b)
	}
	near := func(p, q orb.Point) bool { return math.Abs(p[0]-q[0]) < 2.5e-7 && math.Abs(p[1]-q[1]) < 2.5e-7 }
	for shift := range n {
		same := near(a[0], b[shift])
		for i := 1; i < n && same; i++ {
			same = near(a[i], b[(i+shift)%n])
		}
		if same {
			return true
		}
	}
	return false
}
