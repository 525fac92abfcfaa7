package geo

// MetresPerDegree returns the lengths in metres of one degree east and north at
// a latitude in degrees, on the WGS-84 ellipsoid.
func MetresPerDegree(lat float64) (east, north float64) { return localPlane(lat) }
