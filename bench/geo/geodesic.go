package main

import (
	"math"

	"github.com/paulmach/orb"
)

// vincenty is the distance in metres from p to q, in degrees, on the WGS-84
// ellipsoid (Vincenty 1975, inverse), good to 0.1 mm; not for antipodes. It
// shares nothing with package geo, whose distances it checks.
func vincenty(p, q orb.Point) float64 {
	const (
		a      = 6378137.0
		f      = 1 / 298.257223563
		b      = a * (1 - f)
		radian = math.Pi / 180
	)
	s1, c1 := math.Sincos(math.Atan((1 - f) * math.Tan(p[1]*radian)))
	s2, c2 := math.Sincos(math.Atan((1 - f) * math.Tan(q[1]*radian)))
	l := (q[0] - p[0]) * radian
	for lambda := l; ; {
		sl, cl := math.Sincos(lambda)
		ss := math.Hypot(c2*sl, c1*s2-s1*c2*cl)
		if ss == 0 {
			return 0
		}
		cs := s1*s2 + c1*c2*cl
		sigma := math.Atan2(ss, cs)
		sa := c1 * c2 * sl / ss
		ca := 1 - sa*sa
		cm := cs - 2*s1*s2/ca
		c := f / 16 * ca * (4 + f*(4-3*ca))
		next := l + (1-c)*f*sa*(sigma+c*ss*(cm+c*cs*(2*cm*cm-1)))
		if math.Abs(next-lambda) < 1e-13 {
			u := ca * (a*a - b*b) / (b * b)
			k := 1 + u/16384*(4096+u*(-768+u*(320-175*u)))
			m := u / 1024 * (256 + u*(-128+u*(74-47*u)))
			return b * k * (sigma - m*ss*(cm+m/4*(cs*(2*cm*cm-1)-m/6*cm*(4*ss*ss-3)*(4*cm*cm-3))))
		}
		lambda = next
	}
}

// ellipsoidDistance is the distance in metres from p to the nearest edge: of each
// edge that may be it, the nearest point by golden section.
func ellipsoidDistance(mp orb.MultiPolygon, p orb.Point) float64 {
	nearest := math.Inf(1)
	eachEdge(mp, func(a, b orb.Point) { nearest = min(nearest, vincenty(p, a)) })
	eachEdge(mp, func(a, b orb.Point) {
		if vincenty(p, a)-vincenty(a, b) > nearest {
			return
		}
		at := func(t float64) float64 {
			return vincenty(p, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])})
		}
		lo, hi := 0.0, 1.0
		for range 60 {
			if m, n := lo+(hi-lo)*0.382, lo+(hi-lo)*0.618; at(m) < at(n) {
				hi = n
			} else {
				lo = m
			}
		}
		nearest = min(nearest, at(lo))
	})
	return nearest
}

func eachEdge(mp orb.MultiPolygon, visit func(a, b orb.Point)) {
	for _, polygon := range mp {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				visit(ring[i-1], ring[i])
			}
		}
	}
}
