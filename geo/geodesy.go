package geo

import (
	"math"
	"time"

	"github.com/paulmach/orb"
)

// The WGS-84 ellipsoid (NIMA TR8350.2), metres.
const (
	semiMajor    = 6378137.0
	flattening   = 1 / 298.257223563
	eccentricity = flattening * (2 - flattening) // e², squared already
	meanRadius   = 6371008.8                     // IUGG mean radius R1
	radian       = math.Pi / 180
)

// Haversine returns the great-circle distance from a to b in metres on a sphere
// of the mean radius of the Earth. It is up to 0.5 % off the ellipsoid, which
// serves speeds and rough lengths; a Boundary's Distance is exact enough for
// verdicts. A coordinate that is not a number gives NaN.
func Haversine(a, b orb.Point) float64 {
	north := math.Sin((b[1] - a[1]) * radian / 2)
	east := math.Sin((b[0] - a[0]) * radian / 2)
	h := north*north + math.Cos(a[1]*radian)*math.Cos(b[1]*radian)*east*east
	return 2 * meanRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// Speed returns the mean speed in metres per second from a to b in the time dt.
// A move in no time, or back in time, is infinitely fast; no move is speed 0.
func Speed(a, b orb.Point, dt time.Duration) float64 {
	metres := Haversine(a, b)
	if metres == 0 {
		return 0
	}
	if dt <= 0 {
		return math.Inf(1)
	}
	return metres / dt.Seconds()
}

// localPlane returns the metres east and north of one degree at a latitude in
// degrees: the radii of curvature N·cos φ of the parallel and M of the meridian
// (Rapp 1991, Geometric Geodesy I, eq. 3.87 and 3.99); and by what share, a metre
// north, a degree of longitude grows: −sin φ / (N·cos φ). At a pole, where there
// is no east, it is finite.
func localPlane(lat float64) (east, north, growth float64) {
	sin, cos := math.Sincos(lat * radian)
	w := 1 - eccentricity*sin*sin
	n := semiMajor / math.Sqrt(w)
	return n * cos * radian, n * (1 - eccentricity) / w * radian, -sin / max(n*cos, 1)
}

// MetresPerDegree returns the lengths in metres of one degree east and north at
// a latitude in degrees, on the WGS-84 ellipsoid.
func MetresPerDegree(lat float64) (east, north float64) {
	east, north, _ = localPlane(lat)
	return east, north
}

// areaBelow returns the area in m² of the strip of the ellipsoid from the
// equator to the latitude, in degrees, one degree of longitude wide
// (Snyder 1987, Map Projections, eq. 3-12).
func areaBelow(lat float64) float64 {
	e := math.Sqrt(eccentricity)
	sin := math.Sin(lat * radian)
	q := sin/(1-eccentricity*sin*sin) + math.Atanh(e*sin)/e
	return semiMajor * semiMajor * (1 - eccentricity) / 2 * q * radian
}
