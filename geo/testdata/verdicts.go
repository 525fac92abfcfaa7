//go:build ignore

// Makes verdicts.json: go run verdicts.go > verdicts.json. It imports nothing
// of package geo. Places are made at a known distance from a fence by the
// direct geodesic (Vincenty 1975), and what is expected is written down here by
// hand from the rule of domain.md §2.5.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"strings"
)

type object = map[string]any

type point struct{ lng, lat float64 }

// away is the point s metres from p in the direction of azimuth, degrees
// clockwise from north (Vincenty 1975, direct, WGS-84; good to 0.1 mm).
func away(p point, azimuth, s float64) point {
	const a, f = 6378137.0, 1 / 298.257223563
	const b = a * (1 - f)
	rad := math.Pi / 180
	if s < 0 {
		azimuth, s = azimuth+180, -s
	}
	sin1, cos1 := math.Sincos(azimuth * rad)
	tanU := (1 - f) * math.Tan(p.lat*rad)
	cosU := 1 / math.Sqrt(1+tanU*tanU)
	sinU := tanU * cosU
	sigma1 := math.Atan2(tanU, cos1)
	sinA := cosU * sin1
	cos2A := 1 - sinA*sinA
	u2 := cos2A * (a*a - b*b) / (b * b)
	A := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
	B := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
	sigma := s / (b * A)
	var cosM, sinS, cosS float64
	for range 20 {
		cosM = math.Cos(2*sigma1 + sigma)
		sinS, cosS = math.Sincos(sigma)
		d := B * sinS * (cosM + B/4*(cosS*(-1+2*cosM*cosM)-B/6*cosM*(-3+4*sinS*sinS)*(-3+4*cosM*cosM)))
		sigma = s/(b*A) + d
	}
	cosM = math.Cos(2*sigma1 + sigma)
	sinS, cosS = math.Sincos(sigma)
	lat := math.Atan2(sinU*cosS+cosU*sinS*cos1, (1-f)*math.Hypot(sinA, sinU*sinS-cosU*cosS*cos1))
	lambda := math.Atan2(sinS*sin1, cosU*cosS-sinU*sinS*cos1)
	C := f / 16 * cos2A * (4 + f*(4-3*cos2A))
	L := lambda - (1-C)*f*sinA*(sigma+C*sinS*(cosM+C*cosS*(-1+2*cosM*cosM)))
	round := func(v float64) float64 { return math.Round(v*1e9) / 1e9 }
	return point{round(p.lng + L/rad), round(lat / rad)}
}

func ring(points ...point) [][2]float64 {
	var r [][2]float64
	for _, p := range append(points, points[0]) {
		r = append(r, [2]float64{p.lng, p.lat})
	}
	return r
}

func box(west, south, east, north float64) [][2]float64 {
	return ring(point{west, south}, point{east, south}, point{east, north}, point{west, north})
}

func reversed(r [][2]float64) [][2]float64 {
	var out [][2]float64
	for i := range r {
		out = append(out, r[len(r)-1-i])
	}
	return out
}

func polygon(rings ...[][2]float64) object { return object{"type": "Polygon", "coordinates": rings} }

func multi(polygons ...[][][2]float64) object {
	return object{"type": "MultiPolygon", "coordinates": polygons}
}

const start = "2026-01-01T00:00:00Z"

func only(boundary object) []object {
	return []object{{"version": 1, "from": start, "until": "", "boundary": boundary}}
}

// grids are the fences. moved and retired change at known times.
var grids = object{
	"square":    only(polygon(box(118.33, 30.91, 118.34, 30.92))),                                                                                                        // about 956 m × 1109 m
	"neighbour": only(polygon(box(118.34, 30.91, 118.35, 30.92))),                                                                                                        // shares the square's east edge
	"overlap":   only(polygon(box(118.336, 30.914, 118.346, 30.924))),                                                                                                    // over the square's north-east
	"yard":      only(polygon(box(118.40, 30.90, 118.42, 30.92), reversed(box(118.408, 30.908, 118.412, 30.912)))),                                                       // with a hole of 382 m × 444 m
	"islands":   only(multi([][][2]float64{box(118.50, 30.90, 118.51, 30.91)}, [][][2]float64{box(118.512, 30.90, 118.522, 30.91)})),                                     // 191 m apart
	"wedge":     only(polygon(ring(point{118.60, 30.90}, point{118.62, 30.90}, point{118.60, 30.92}))),                                                                   // a slanted side
	"corner":    only(polygon(ring(point{118.70, 30.90}, point{118.72, 30.90}, point{118.72, 30.91}, point{118.71, 30.91}, point{118.71, 30.92}, point{118.70, 30.92}))), // an L
	"tropic":    only(polygon(box(110.00, 18.00, 110.01, 18.01))),
	"north":     only(polygon(box(126.63, 53.00, 126.65, 53.01))),
	"tiny":      only(polygon(box(118.80, 30.90, 118.8003, 30.9003))), // 29 m × 33 m: a yard smaller than a fix
	"moved": []object{
		{"version": 1, "from": start, "until": "2026-06-01T00:00:00Z", "boundary": polygon(box(118.90, 30.90, 118.91, 30.91))},
		{"version": 2, "from": "2026-06-01T00:00:00Z", "until": "2026-09-01T00:00:00Z", "boundary": polygon(box(118.90, 30.91, 118.91, 30.92))},
		{"version": 3, "from": "2026-09-01T00:00:00Z", "until": "", "boundary": polygon(box(118.90, 30.91, 118.91, 30.93))},
	},
	"retired": []object{
		{"version": 1, "from": start, "until": "2026-06-01T00:00:00Z", "boundary": polygon(box(118.95, 30.90, 118.96, 30.91))},
	},
}

// side is a place on a fence with the direction that leads straight out of it.
type side struct {
	grid, name string
	at         point
	out        float64
}

var (
	northSide = side{"square", "north of a fence along a parallel", point{118.335, 30.92}, 0}
	eastSide  = side{"square", "east of a fence along a meridian", point{118.34, 30.915}, 90}
	sides     = []side{
		northSide,
		eastSide,
		{"square", "off the south-west corner of a fence", point{118.33, 30.91}, 225},
		{"yard", "in the hole of a fence", point{118.410, 30.908}, 0},
		{"tropic", "south of a fence in the tropics", point{110.005, 18.00}, 180},
		{"north", "west of a fence in the far north", point{126.63, 53.005}, 270},
	}
)

// borders are, for an accuracy, the metres up to which a fix is near the edge
// and beyond which it is outside; between them it is uncertain.
var borders = []struct{ accuracy, near, out float64 }{
	{5, 30, 35},
	{20, 30, 50},
	{30, 30, 60},
	{31, 31, 61},
	{65, 65, 95},
	{100, 100, 130},
	{150, 150, 180},
}

var verdicts []object

// fixAt is a usable fix at p.
func fixAt(p point, accuracy any) object {
	return object{"lat": p.lat, "lng": p.lng, "acc_m": accuracy, "age_s": 0, "source": "gps", "mock": false}
}

func with(fix object, changes ...any) object {
	out := object{}
	for k, v := range fix {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i].(string)] = changes[i+1]
	}
	return out
}

type none struct{} // no distance is expected

// add notes a case. metres is the distance that is expected, none{} for none,
// nil where it is not said.
func add(name string, assigned []string, fix object, verdict string, metres any, reasons ...string) object {
	want := object{"verdict": verdict, "reasons": append([]string{}, reasons...)}
	switch metres.(type) {
	case float64:
		want["metres"] = metres
	case none:
		want["metres"] = nil
	}
	c := object{"name": name, "at": "2026-11-23T02:00:00Z", "assigned": append([]string{}, assigned...), "fix": fix, "want": want}
	verdicts = append(verdicts, c)
	return c
}

func (s side) fix(metres float64, accuracy any) object {
	return fixAt(away(s.at, s.out, metres), accuracy)
}

func (s side) add(metres, accuracy float64, verdict string) {
	place := fmt.Sprintf("%g m %s", metres, s.name)
	if metres < 0 {
		place = fmt.Sprintf("%g m inside, opposite of %s", -metres, s.name)
	}
	distance := metres
	if metres < 0 && strings.Contains(s.name, "corner") {
		distance /= math.Sqrt2 // within a corner both sides are nearer than it
	}
	add(fmt.Sprintf("%s, ±%g m, is %s", place, accuracy, verdict), []string{s.grid}, s.fix(metres, accuracy), verdict, distance)
}

func systematic() {
	for _, s := range sides {
		for _, b := range borders {
			s.add(-20, b.accuracy, "inside")
			s.add(0.5, b.accuracy, "near_edge")
			s.add(b.near-0.5, b.accuracy, "near_edge")
			s.add(b.near+0.5, b.accuracy, "uncertain")
			s.add(b.out-0.5, b.accuracy, "uncertain")
			s.add(b.out+0.5, b.accuracy, "outside")
		}
	}
	// The lattice of a fence is 11 mm: a tenth of a metre is the finest that
	// everyone must see.
	for _, s := range sides[:2] {
		s.add(29.9, 5, "near_edge")
		s.add(30.1, 5, "uncertain")
		s.add(34.9, 5, "uncertain")
		s.add(35.1, 5, "outside")
		s.add(1000, 5, "outside")
		s.add(2500, 5, "outside")
		s.add(2500, 150, "outside")
	}
}

func places() {
	square := []string{"square"}
	s := northSide
	add("on the fence is inside", square, fixAt(point{118.335, 30.92}, 10), "inside", 0.0)
	add("on a corner of the fence is inside", square, fixAt(point{118.33, 30.91}, 10), "inside", 0.0)
	add("1 cm within the fence is inside", square, s.fix(-0.02, 10), "inside", -0.02)
	add("on the edge that two grids share: inside of the one", square, fixAt(point{118.34, 30.915}, 10), "inside", 0.0)
	add("on the edge that two grids share: inside of the other", []string{"neighbour"}, fixAt(point{118.34, 30.915}, 10), "inside", 0.0)
	add("inside of the neighbour, 12 m off one's own: near the edge", square, eastSide.fix(12, 8), "near_edge", 12.0)
	add("inside of the neighbour, 200 m off one's own: outside", square, eastSide.fix(200, 8), "outside", 200.0)
	add("of two assigned grids the one he is in counts, first", []string{"square", "neighbour"}, eastSide.fix(-200, 8), "inside", -200.0)
	add("of two assigned grids the one he is in counts, second", []string{"neighbour", "square"}, eastSide.fix(-200, 8), "inside", -200.0)
	add("outside of both, the nearer counts", []string{"tropic", "square"}, s.fix(300, 8), "outside", 300.0)
	add("in two overlapping grids, he is deepest in the one", []string{"square", "overlap"}, fixAt(away(point{118.338, 30.92}, 180, 100), 8), "inside", nil)
	add("on the other side of the earth", square, fixAt(point{-61.665, -30.915}, 8), "outside", nil)
	add("the middle of a hole is outside", []string{"yard"}, fixAt(point{118.41, 30.91}, 8), "outside", nil)
	add("a hole is outside only beyond buffer and accuracy", []string{"yard"}, side{"yard", "", point{118.410, 30.908}, 0}.fix(100, 120), "near_edge", 100.0)
	add("between hole and shell is inside", []string{"yard"}, fixAt(point{118.404, 30.91}, 8), "inside", nil)
	add("on the edge of a hole is inside", []string{"yard"}, fixAt(point{118.408, 30.91}, 8), "inside", 0.0)
	add("on the first island", []string{"islands"}, fixAt(away(point{118.51, 30.905}, 270, 50), 8), "inside", -50.0)
	add("on the second island", []string{"islands"}, fixAt(away(point{118.512, 30.905}, 90, 50), 8), "inside", -50.0)
	add("in the channel between the islands, near the first", []string{"islands"}, fixAt(away(point{118.51, 30.905}, 90, 25), 8), "near_edge", 25.0)
	add("in the channel between the islands, near the second", []string{"islands"}, fixAt(away(point{118.512, 30.905}, 270, 25), 8), "near_edge", 25.0)
	add("in the middle of the channel", []string{"islands"}, fixAt(away(point{118.51, 30.905}, 90, 90), 8), "outside", 90.0)
	add("in the middle of the channel, but coarse", []string{"islands"}, fixAt(away(point{118.51, 30.905}, 90, 90), 100), "near_edge", 90.0)
	add("in the notch of an L, 40 m off one arm", []string{"corner"}, fixAt(away(point{118.715, 30.91}, 0, 40), 5), "outside", 40.0)
	add("in the notch of an L, near its inner corner", []string{"corner"}, fixAt(away(away(point{118.71, 30.91}, 0, 20), 90, 25), 5), "near_edge", 20.0)
	add("in the knee of an L", []string{"corner"}, fixAt(away(away(point{118.71, 30.91}, 180, 30), 270, 40), 5), "inside", -50.0)
	add("in a yard smaller than the circle", []string{"tiny"}, fixAt(point{118.80015, 30.90015}, 100), "inside", nil)
	add("80 m off a yard smaller than the circle", []string{"tiny"}, fixAt(away(point{118.80015, 30.9003}, 0, 80), 100), "near_edge", 80.0)
	// The slanted side runs from 118.62, 30.90 to 118.60, 30.92. Perpendicular to
	// it at its middle is the direction of its own slope turned: in metres it runs
	// 1910.6 m west and 2217.8 m north there.
	across := math.Atan2(2217.8, 1910.6) * 180 / math.Pi
	middle := point{118.61, 30.91}
	add("20 m off a slanted side", []string{"wedge"}, fixAt(away(middle, across, 20), 8), "near_edge", 20.0)
	add("50 m off a slanted side", []string{"wedge"}, fixAt(away(middle, across, 50), 8), "outside", 50.0)
	add("50 m within a slanted side", []string{"wedge"}, fixAt(away(middle, across, -50), 8), "inside", -50.0)
	add("400 m off a slanted side", []string{"wedge"}, fixAt(away(middle, across, 400), 8), "outside", 400.0)
}

func fixes() {
	square, s := []string{"square"}, northSide
	in, out := s.fix(-100, 20), s.fix(400, 20)
	both := []struct {
		name    string
		changes []any
		inside  string // verdicts
		outside string
		reasons []string
	}{
		{"a fix of this moment", nil, "inside", "outside", nil},
		{"a fix of 4 minutes 59", []any{"age_s", 299}, "inside", "outside", nil},
		{"a fix of 5 minutes", []any{"age_s", 300}, "inside", "outside", nil},
		{"a fix of 5 minutes and a second", []any{"age_s", 301}, "uncertain", "uncertain", []string{"stale_fix"}},
		{"a fix of yesterday", []any{"age_s", 86400}, "uncertain", "uncertain", []string{"stale_fix"}},
		{"a fix of a clock a minute ahead", []any{"age_s", -60}, "inside", "outside", nil},
		{"a fix from the future", []any{"age_s", -61}, "uncertain", "uncertain", []string{"fix_from_future"}},
		{"a fix of tomorrow", []any{"age_s", -86400}, "uncertain", "uncertain", []string{"fix_from_future"}},
		{"a fix by the network", []any{"source", "network"}, "inside", "outside", nil},
		{"a place pointed at by hand", []any{"source", "manual"}, "inside", "outside", nil},
		{"a fix whose source is not said", []any{"source", ""}, "inside", "outside", nil},
		{"a place made up by an app is named, not judged", []any{"mock", true}, "inside", "outside", []string{"mock_location"}},
		{"a place made up and old", []any{"mock", true, "age_s", 3600}, "uncertain", "uncertain", []string{"mock_location", "stale_fix"}},
		{"an accuracy that is not known", []any{"acc_m", nil}, "inside", "outside", []string{"accuracy_unknown"}},
		{"an accuracy that is not known, of an old fix", []any{"acc_m", nil, "age_s", 3600}, "uncertain", "uncertain", []string{"stale_fix", "accuracy_unknown"}},
		{"an accuracy of 0", []any{"acc_m", 0}, "uncertain", "uncertain", []string{"bad_accuracy"}},
		{"a negative accuracy", []any{"acc_m", -1}, "uncertain", "uncertain", []string{"bad_accuracy"}},
		{"an accuracy that is not a number", []any{"acc_m", "NaN"}, "uncertain", "uncertain", []string{"bad_accuracy"}},
		{"an infinite accuracy", []any{"acc_m", "Infinity"}, "uncertain", "uncertain", []string{"bad_accuracy"}},
		{"an accuracy of 150 m", []any{"acc_m", 150}, "inside", "outside", nil},
		{"an accuracy of 150.1 m", []any{"acc_m", 150.1}, "uncertain", "uncertain", []string{"coarse_fix"}},
		{"an accuracy of 3 km, as of a cell tower", []any{"acc_m", 3000}, "uncertain", "uncertain", []string{"coarse_fix"}},
		{"a coarse, old fix made up by an app", []any{"acc_m", 300, "age_s", 3600, "mock", true}, "uncertain", "uncertain", []string{"mock_location", "coarse_fix", "stale_fix"}},
		{"a door plate that was read", []any{"source", "qr"}, "qr_confirmed", "qr_confirmed", nil},
		{"a door plate with a coarse old fix", []any{"source", "qr", "acc_m", 3000, "age_s", 9000}, "qr_confirmed", "qr_confirmed", nil},
		{"a door plate, and an app that makes places up", []any{"source", "qr", "mock", true}, "qr_confirmed", "qr_confirmed", []string{"mock_location"}},
	}
	for _, b := range both {
		add(b.name+", inside", square, with(in, b.changes...), b.inside, -100.0, b.reasons...)
		add(b.name+", outside", square, with(out, b.changes...), b.outside, 400.0, b.reasons...)
	}
	empty := object{"lat": nil, "lng": nil, "acc_m": nil, "age_s": 0, "source": "gps", "mock": false}
	add("no place is no fix", square, empty, "no_fix", none{})
	add("no place, and the source none", square, with(empty, "source", "none"), "no_fix", none{})
	add("the source none, though there is a place", square, with(in, "source", "none"), "no_fix", none{})
	add("no place from an app that makes places up", square, with(empty, "mock", true), "no_fix", none{}, "mock_location")
	add("a door plate without a place", square, with(empty, "source", "qr"), "qr_confirmed", none{})
	add("a door plate at null island", square, with(in, "lat", 0, "lng", 0, "source", "qr"), "qr_confirmed", none{}, "null_island")
	for _, c := range []struct {
		name, reason string
		lat, lng     any
	}{
		{"a latitude that is not a number", "not_a_number", "NaN", 118.335},
		{"a longitude that is not a number", "not_a_number", 30.915, "NaN"},
		{"an infinite latitude", "not_a_number", "Infinity", 118.335},
		{"an infinite longitude", "not_a_number", 30.915, "-Infinity"},
		{"a latitude of 91", "latitude_out_of_range", 91, 118.335},
		{"a latitude of -90.1", "latitude_out_of_range", -90.1, 118.335},
		{"latitude and longitude exchanged", "latitude_out_of_range", 118.335, 30.915},
		{"a longitude of 181", "longitude_out_of_range", 30.915, 181},
		{"a longitude of -180.1", "longitude_out_of_range", 30.915, -180.1},
		{"null island", "null_island", 0, 0},
		{"a hair beside null island", "null_island", 1e-7, -1e-7},
	} {
		add(c.name+" is no fix", square, with(in, "lat", c.lat, "lng", c.lng), "no_fix", none{}, c.reason)
	}
	add("a pole is a place", square, with(in, "lat", 90, "lng", 0), "outside", nil)
	add("the date line is a place", square, with(in, "lat", 30.915, "lng", 180), "outside", nil)
	add("on the equator, but not at null island, is a place", square, with(in, "lat", 0, "lng", 118.335), "outside", nil)

	add("nothing assigned is uncertain", nil, in, "uncertain", none{}, "no_assigned_grid")
	add("nothing assigned, and an old fix", nil, with(in, "age_s", 3600), "uncertain", none{}, "stale_fix", "no_assigned_grid")
	add("nothing assigned, and no place", nil, empty, "no_fix", none{})
	add("nothing assigned, but a door plate", nil, with(in, "source", "qr"), "qr_confirmed", none{})
}

func settings() {
	for _, c := range []struct {
		name     string
		metres   float64
		accuracy float64
		changes  object
		verdict  string
		reasons  []string
	}{
		{"a buffer of 0: 5 m off with ±4 m is outside", 5, 4, object{"buffer_m": 0}, "outside", nil},
		{"a buffer of 0: 5 m off with ±6 m is near the edge", 5, 6, object{"buffer_m": 0}, "near_edge", nil},
		{"a buffer of 100: 90 m off with ±5 m is near the edge", 90, 5, object{"buffer_m": 100}, "near_edge", nil},
		{"a buffer of 100: 104 m off with ±5 m is uncertain", 104, 5, object{"buffer_m": 100}, "uncertain", nil},
		{"a buffer of 100: 106 m off with ±5 m is outside", 106, 5, object{"buffer_m": 100}, "outside", nil},
		{"at most 50 m: ±49 m counts", -20, 49, object{"max_accuracy_m": 50}, "inside", nil},
		{"at most 50 m: ±51 m is uncertain", -20, 51, object{"max_accuracy_m": 50}, "uncertain", []string{"coarse_fix"}},
		{"at most 1 km: ±900 m is inside", -20, 900, object{"max_accuracy_m": 1000}, "inside", nil},
	} {
		add(c.name, []string{"square"}, northSide.fix(c.metres, c.accuracy), c.verdict, c.metres, c.reasons...)["settings"] = c.changes
	}
	old := with(northSide.fix(-100, 20), "age_s", 61)
	add("at most a minute: 61 seconds are too old", []string{"square"}, old, "uncertain", -100.0, "stale_fix")["settings"] = object{"max_age_s": 60}
	add("at most two minutes: 61 seconds are not too old", []string{"square"}, old, "inside", -100.0)["settings"] = object{"max_age_s": 120}
}

func versions() {
	south, north, far := point{118.905, 30.905}, point{118.905, 30.915}, point{118.905, 30.925}
	for _, c := range []struct {
		name, at, grid string
		place          point
		verdict        string
		reasons        []string
	}{
		{"before the grid was drawn its first boundary counts", "2025-12-01T00:00:00Z", "moved", south, "inside", nil},
		{"in spring the first boundary counts, in the south", "2026-03-01T00:00:00Z", "moved", south, "inside", nil},
		{"in spring the first boundary counts, in the north", "2026-03-01T00:00:00Z", "moved", north, "outside", nil},
		{"a second before the change the first still counts", "2026-05-31T23:59:59Z", "moved", south, "inside", nil},
		{"at the very time of the change the second counts", "2026-06-01T00:00:00Z", "moved", south, "outside", nil},
		{"at the very time of the change the second counts, in the north", "2026-06-01T00:00:00Z", "moved", north, "inside", nil},
		{"in summer the second counts, beyond it", "2026-07-01T00:00:00Z", "moved", far, "outside", nil},
		{"in autumn the third counts, beyond the second", "2026-10-01T00:00:00Z", "moved", far, "inside", nil},
		{"in autumn the first no longer counts", "2026-10-01T00:00:00Z", "moved", south, "outside", nil},
		{"a grid counts until it is retired", "2026-05-31T23:59:59Z", "retired", point{118.955, 30.905}, "inside", nil},
		{"a retired grid is none", "2026-06-01T00:00:00Z", "retired", point{118.955, 30.905}, "uncertain", []string{"no_assigned_grid"}},
	} {
		metres := any(nil)
		if len(c.reasons) > 0 {
			metres = none{}
		}
		add(c.name, []string{c.grid}, fixAt(c.place, 10), c.verdict, metres, c.reasons...)["at"] = c.at
	}
	add("of a retired grid and one in use the latter counts", []string{"retired", "square"}, northSide.fix(-100, 10), "inside", -100.0)
}

// presences are series of [seconds, verdict]. Those of the app enter after 2
// fixes over 20 s, leave after 3 over 60 s, and know nothing after 600 s.
func presences() []object {
	type s = []any
	const app, few = "app", "check_in"
	i, n, o, u, f, q := "inside", "near_edge", "outside", "uncertain", "no_fix", "qr_confirmed"
	var out []object
	add := func(name, limits string, seen []s, each string, now string, crossings ...s) {
		out = append(out, object{"name": name, "limits": limits, "sightings": seen, "want": object{"each": strings.Fields(each), "now": now, "crossings": append([]s{}, crossings...)}})
	}
	add("nothing is known of nothing", app, []s{}, "", "unknown")
	add("one fix inside is not yet in", app, []s{{0, i}}, "unknown", "unknown")
	add("two fixes over 20 s are in, since the first", app, []s{{0, i}, {20, i}}, "present present", "present", s{0, "present"})
	add("two fixes over 19 s are not yet in", app, []s{{0, i}, {19, i}}, "unknown unknown", "unknown")
	add("a door plate is believed at once", app, []s{{0, q}}, "present", "present", s{0, "present"})
	add("one fix outside is not left", app, []s{{0, i}, {20, i}, {40, o}}, "present present unknown", "present", s{0, "present"})
	add("one fix outside, and back: he was there all the time", app, []s{{0, i}, {20, i}, {40, o}, {60, i}}, "present present present present", "present", s{0, "present"})
	add("two fixes outside over a minute are not left", app, []s{{0, i}, {20, i}, {40, o}, {100, o}, {110, i}}, "present present present present present", "present", s{0, "present"})
	add("three fixes outside within a minute are not left", app, []s{{0, i}, {20, i}, {40, o}, {60, o}, {99, o}, {110, i}}, "present present present present present present", "present", s{0, "present"})
	add("three fixes outside over a minute are left, since the first", app, []s{{0, i}, {20, i}, {40, o}, {60, o}, {100, o}}, "present present absent absent absent", "absent", s{0, "present"}, s{40, "absent"})
	add("the edge ends a beginning absence", app, []s{{0, i}, {20, i}, {40, o}, {60, o}, {80, n}, {100, o}, {120, i}}, "present present present present present present present", "present", s{0, "present"})
	add("what is uncertain neither ends nor begins an absence", app, []s{{0, i}, {20, i}, {40, o}, {60, u}, {80, o}, {90, f}, {100, o}}, "present present absent present absent present absent", "absent", s{0, "present"}, s{40, "absent"})
	add("the edge alone is not in", app, []s{{0, n}, {30, n}, {60, n}}, "unknown unknown unknown", "unknown")
	add("the edge does not bring him back", app, []s{{0, o}, {30, o}, {60, o}, {90, n}, {120, n}}, "absent absent absent absent absent", "absent", s{0, "absent"})
	add("one fix inside does not bring him back", app, []s{{0, o}, {30, o}, {60, o}, {90, i}, {120, o}}, "absent absent absent absent absent", "absent", s{0, "absent"})
	add("two fixes inside bring him back", app, []s{{0, o}, {30, o}, {60, o}, {90, i}, {110, i}}, "absent absent absent present present", "present", s{0, "absent"}, s{90, "present"})
	add("a fence walked along is not crossed each time", app, []s{{0, i}, {20, i}, {30, o}, {40, i}, {50, o}, {60, n}, {70, o}, {80, i}}, "present present present present present present present present", "present", s{0, "present"})
	add("after ten minutes he is still where he was", app, []s{{0, i}, {20, i}, {620, u}}, "present present present", "present", s{0, "present"})
	add("after more than ten minutes nobody knows", app, []s{{0, i}, {20, i}, {621, u}}, "present present unknown", "unknown", s{0, "present"})
	add("a silence parts fixes outside", app, []s{{0, i}, {20, i}, {40, o}, {70, o}, {700, o}}, "present present unknown unknown unknown", "unknown", s{0, "present"})
	add("after a silence he must be seen anew", app, []s{{0, i}, {20, i}, {700, i}, {720, i}}, "present present present present", "present", s{0, "present"}, s{700, "present"})
	add("fixes that arrive late count by their own time", app, []s{{100, o}, {0, i}, {60, o}, {20, i}, {40, o}}, "absent present absent present absent", "absent", s{0, "present"}, s{40, "absent"})
	add("a late fix inside undoes a leaving", app, []s{{0, i}, {20, i}, {40, o}, {70, o}, {100, o}, {60, i}}, "present present present unknown unknown present", "present", s{0, "present"})
	add("one check-in inside is in", few, []s{{0, i}}, "present", "present", s{0, "present"})
	add("one check-in outside between two inside is alone", few, []s{{0, i}, {600, o}, {1200, i}}, "present present present", "present", s{0, "present"})
	add("two check-ins outside between two inside, minutes apart, are alone", few, []s{{0, i}, {600, o}, {900, o}, {1200, i}}, "present present present present", "present", s{0, "present"})
	add("three check-ins outside over ten minutes are left", few, []s{{0, i}, {600, o}, {900, o}, {1200, o}, {1500, i}}, "present absent absent absent present", "present", s{0, "present"}, s{600, "absent"}, s{1500, "present"})
	add("three check-ins outside in one place and moment are one", few, []s{{0, i}, {600, o}, {601, o}, {602, o}, {900, i}}, "present present present present present", "present", s{0, "present"})
	add("one check-in outside with nobody after it: nobody knows", few, []s{{0, i}, {600, o}}, "present unknown", "present", s{0, "present"})
	add("more than half an hour before or after says nothing", few, []s{{0, i}, {1801, o}, {3602, i}}, "present unknown present", "present", s{0, "present"}, s{3602, "present"})
	return out
}

// write prints one case a line, so that a change of one is a change of a line.
func write(w *bufio.Writer, name string, cases []object, last bool) error {
	fmt.Fprintf(w, " %q: [\n", name)
	for i, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		comma := ","
		if i == len(cases)-1 {
			comma = ""
		}
		fmt.Fprintf(w, "  %s%s\n", line, comma)
	}
	end := "],"
	if last {
		end = "]"
	}
	fmt.Fprintln(w, " "+end)
	return nil
}

func main() {
	systematic()
	places()
	fixes()
	settings()
	versions()
	w := bufio.NewWriter(os.Stdout)
	fmt.Fprintln(w, "{")
	for _, part := range []struct {
		name  string
		value any
	}{
		{"about", "What every implementation of the verdict must say. docs/verdict.md describes this file; verdicts.go beside it makes it."},
		{"settings", object{"buffer_m": 30, "max_accuracy_m": 150, "max_age_s": 300}},
		{"limits", object{
			"app":      object{"enter": object{"fixes": 2, "for_s": 20}, "leave": object{"fixes": 3, "for_s": 60}, "silence_s": 600},
			"check_in": object{"enter": object{"fixes": 1, "for_s": 0}, "leave": object{"fixes": 3, "for_s": 60}, "silence_s": 1800},
		}},
		{"grids", grids},
	} {
		text, err := json.Marshal(part.value)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(w, " %q: %s,\n", part.name, text)
	}
	for i, part := range []struct {
		name  string
		cases []object
	}{{"verdicts", verdicts}, {"presences", presences()}} {
		if err := write(w, part.name, part.cases, i == 1); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Fprintln(w, "}")
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}
