// Package geo judges where a fix lies: datum shifts, distances on the WGS-84
// ellipsoid, boundaries and an index of them, the verdict of a check-in, and
// the reading of boundaries from GeoJSON.
//
// The package is pure: it reads no clock, no file and no network, and holds no
// state. A point is an orb.Point, {longitude, latitude} in degrees, WGS-84
// unless a comment names another datum. Lengths are metres.
package geo

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Datum names the coordinate frame a point was given in.
type Datum string

// The frames met in China. CGCS2000, the national frame, is read as WGS-84: both
// are ITRF within centimetres, and that CGCS2000 stands still at the year 2000
// while the ground moves about 3 cm a year adds less than a metre by 2026, which
// no phone can see.
const (
	WGS84    Datum = "wgs84"
	GCJ02    Datum = "gcj02" // Amap, Tencent, Google in China: shifted by 17 to 714 m
	BD09     Datum = "bd09"  // Baidu: GCJ-02 shifted again
	CGCS2000 Datum = "cgcs2000"
)

// ParseDatum reads the machine name of a datum. Only the exact names above are
// accepted: a guessed datum puts a check-in into the wrong village.
func ParseDatum(s string) (Datum, error) {
	switch d := Datum(s); d {
	case WGS84, GCJ02, BD09, CGCS2000:
		return d, nil
	}
	return "", fmt.Errorf("unknown datum %.40q: want wgs84, gcj02, bd09 or cgcs2000", s)
}

// FromWGS84 returns the WGS-84 point p, in degrees, in the frame d.
//
// The shifts exist only inside the box 72.004–137.8347° E, 0.8293–55.8271° N,
// edges included, that map makers use for China; outside it, and for a datum
// that is not listed above, p is returned unchanged. The box is coarse: it
// covers Mongolia and Korea too, and the shift jumps by hundreds of metres at
// its edge.
func (d Datum) FromWGS84(p orb.Point) orb.Point {
	if !inChinaBox(p, 0) {
		return p
	}
	switch d {
	case GCJ02:
		return gcjFromWGS(p)
	case BD09:
		return bdFromGCJ(gcjFromWGS(p))
	}
	return p
}

// ToWGS84 returns the point p of the frame d, in degrees, in WGS-84. It undoes
// FromWGS84 to less than a tenth of a millimetre. A point whose unshifted place
// is outside the box comes back unchanged; where both readings are possible, in
// the few hundred metres around the edge of the box, the shifted one is taken.
func (d Datum) ToWGS84(p orb.Point) orb.Point {
	w := p
	switch d {
	case GCJ02:
		w = undo(p, gcjFromWGS)
	case BD09:
		w = undo(undo(p, bdFromGCJ), gcjFromWGS)
	}
	if inChinaBox(w, undone) {
		return w
	}
	return p
}

// undone is above what undo leaves, in degrees (1 mm), so that a point on the
// edge of the box comes back.
const undone = 1e-8

func inChinaBox(p orb.Point, slack float64) bool {
	return p[0] >= 72.004-slack && p[0] <= 137.8347+slack && p[1] >= 0.8293-slack && p[1] <= 55.8271+slack
}

// undo solves shift(w) = p by the fixed point w ← p − (shift(w) − w). Four
// evaluations leave 1.3 µm for GCJ-02 and less than that for BD-09, because
// both shifts change by less than one part in fifty over their own length.
func undo(p orb.Point, shift func(orb.Point) orb.Point) orb.Point {
	w := p
	for range 4 {
		s := shift(w)
		w = orb.Point{w[0] + (p[0] - s[0]), w[1] + (p[1] - s[1])}
	}
	return w
}

// gcjFromWGS is the published GCJ-02 shift with the constants of the Krasovsky
// 1940 ellipsoid, as in eviltransform and coordtransform.
func gcjFromWGS(p orb.Point) orb.Point {
	const a, ee = 6378245.0, 0.00669342162296594323
	x, y := p[0]-105, p[1]-35
	root := math.Sqrt(math.Abs(x))
	wave := 20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root +
		(wave+20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi)+
			160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root +
		(wave+20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi)+
			150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	sin, cos := math.Sincos(p[1] * math.Pi / 180)
	w := 1 - ee*sin*sin
	return orb.Point{
		p[0] + east*180/(a/math.Sqrt(w)*cos*math.Pi),
		p[1] + north*180/(a*(1-ee)/(w*math.Sqrt(w))*math.Pi),
	}
}

// bdFromGCJ is Baidu's published second shift.
func bdFromGCJ(p orb.Point) orb.Point {
	const k = math.Pi * 3000 / 180
	r := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*k)
	sin, cos := math.Sincos(math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*k))
	return orb.Point{r*cos + 0.0065, r*sin + 0.006}
}
