package maps

import (
	"math"

	"github.com/paulmach/orb"
)

// mercator is a transverse Mercator projection of an ellipsoid: Gauss-Krüger
// and UTM.
type mercator struct {
	flat        float64 // of the ellipsoid
	meridian    float64 // central meridian, degrees
	scale       float64 // on it
	east, north float64 // false easting and northing, metres
}

// degrees gives longitude and latitude of a point in metres, by Krüger's series
// to the sixth order in n (Karney 2011, Transverse Mercator with an accuracy of a
// few nanometers, eq. 11, 15, 19–21 and 36): good to a micrometre within 3,000 km
// of the central meridian. Points beyond the projection give NaN.
func (m mercator) degrees(p orb.Point) orb.Point {
	n := m.flat / (2 - m.flat)
	radius := axis / (1 + n) * (1 + n*n/4 + n*n*n*n/64 + n*n*n*n*n*n/256) * m.scale
	y, x := (p[1]-m.north)/radius, (p[0]-m.east)/radius
	if !(math.Abs(y) <= math.Pi/2 && math.Abs(x) < 1) {
		return orb.Point{math.NaN(), math.NaN()}
	}
	xi, eta := y, x
	for j, beta := range kruger(n) {
		k := 2 * float64(j+1)
		xi -= beta * math.Sin(k*y) * math.Cosh(k*x)
		eta -= beta * math.Cos(k*y) * math.Sinh(k*x)
	}
	conformal := math.Sin(xi) / math.Hypot(math.Sinh(eta), math.Cos(xi))
	longitude := math.Atan2(math.Sinh(eta), math.Cos(xi))
	return orb.Point{m.meridian + longitude*180/math.Pi, math.Atan(m.tangent(conformal)) * 180 / math.Pi}
}

// tangent gives the tangent of the latitude from that of the conformal latitude,
// by Newton's method.
func (m mercator) tangent(conformal float64) float64 {
	e2 := m.flat * (2 - m.flat)
	e := math.Sqrt(e2)
	t := conformal
	for range 5 {
		root := math.Sqrt(1 + t*t)
		sigma := math.Sinh(e * math.Atanh(e*t/root))
		now := t*math.Sqrt(1+sigma*sigma) - sigma*root
		step := (conformal - now) / math.Sqrt(1+now*now) * (1 + (1-e2)*t*t) / ((1 - e2) * root)
		t += step
		if math.Abs(step) < 1e-15*(1+math.Abs(t)) {
			break
		}
	}
	return t
}

// kruger gives the coefficients β of the inverse series.
func kruger(n float64) [6]float64 {
	n2, n3, n4, n5, n6 := n*n, n*n*n, n*n*n*n, n*n*n*n*n, n*n*n*n*n*n
	return [6]float64{
		n/2 - n2*2/3 + n3*37/96 - n4/360 - n5*81/512 + n6*96199/604800,
		n2/48 + n3/15 - n4*437/1440 + n5*46/105 - n6*1118711/3870720,
		n3*17/480 - n4*37/840 - n5*209/4480 + n6*5569/90720,
		n4*4397/161280 - n5*11/504 - n6*830251/7257600,
		n5*4583/161280 - n6*108847/3991680,
		n6 * 20648693 / 638668800,
	}
}

// fromWebMercator undoes the sphere of Web Mercator (EPSG:3857).
func fromWebMercator(p orb.Point) orb.Point {
	return orb.Point{p[0] / axis * 180 / math.Pi, math.Atan(math.Sinh(p[1]/axis)) * 180 / math.Pi}
}
