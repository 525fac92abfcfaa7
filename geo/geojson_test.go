package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func polygonJSON(rings string) string {
	return `{"type":"Polygon","coordinates":` + rings + `}`
}

func TestReadFeaturesNamesWhatItFinds(t *testing.T) {
	const square = `[[118,31],[119,31],[119,32],[118,32],[118,31]]`
	for _, c := range []struct {
		name, in string
		want     string // codes of repairs, then faults
	}{
		{"a clean square needs nothing", polygonJSON("[" + square + "]"), ""},
		{"a byte order mark is skipped", "\ufeff" + polygonJSON("["+square+"]"), ""},
		{"members may come in any order", `{"coordinates":[` + square + `],"type":"Polygon"}`, ""},
		{"an altitude is dropped", polygonJSON(`[[[118,31,9],[119,31,9],[119,32,9],[118,31,9]]]`), ""},
		{"an open ring is closed", polygonJSON(`[[[118,31],[119,31],[119,32]]]`), "closed_ring"},
		{"repeated points are merged", polygonJSON(`[[[118,31],[118,31],[119,31],[119,32],[118,31]]]`), "repeated_points"},
		{"a clockwise shell is turned", polygonJSON(`[[[118,31],[119,32],[119,31],[118,31]]]`), "winding_fixed"},
		{"a counterclockwise hole is turned", polygonJSON("[" + square + `,[[118.1,31.1],[118.2,31.1],[118.2,31.2],[118.1,31.1]]]`), "winding_fixed"},
		{"a spike is removed", polygonJSON(`[[[118,31],[119,31],[120,31],[119,31],[119,32],[118,31]]]`), "repeated_points spike_removed"},
		{"a spike at the seam is removed", polygonJSON(`[[[117,31],[118,31],[119,31],[119,32],[118,31],[117,31]]]`), "repeated_points spike_removed"},
		{"a ring may touch itself", polygonJSON(`[[[0,0],[4,0],[4,4],[2,1],[0,4],[0,0]]]`), ""},
		{"a ring that pinches at a vertex passes with a word", polygonJSON(`[[[0,0],[2,1],[4,0],[4,4],[2,1],[0,4],[0,0]]]`), "self_touch"},
		{"a ring that pinches on an edge passes with a word", polygonJSON(`[[[0,0],[4,0],[4,4],[2,0],[0,4],[0,0]]]`), "self_touch"},
		{"a ring that pinches at its lowest vertex is wound right", polygonJSON(`[[[2,0],[1,1],[1,0],[0,2],[0,1],[1,0],[2,0]]]`), "self_touch"},
		{"a bow-tie is refused", polygonJSON(`[[[0,0],[2,2],[2,0],[0,2],[0,0]]]`), "self_intersection"},
		{"a bow-tie through a vertex is refused", polygonJSON(`[[[0,0],[1,1],[2,2],[2,0],[1,1],[0,2],[0,0]]]`), "self_intersection"},
		{"a bow-tie through an edge is refused", polygonJSON(`[[[0,0],[2,2],[2,0],[1,1],[0,2],[0,0]]]`), "self_intersection"},
		{"a corridor of no width to an island is refused", polygonJSON(`[[[0,0],[4,0],[4,4],[0,4],[0,2],[1,2],[2,1],[2,3],[1,2],[0,2],[0,0]]]`), "self_intersection"},
		{"a tiny loop is cut off", polygonJSON(`[[[0,0],[4,0],[4,4],[0.002,4],[0.0005,4],[0.001,4.0005],[0.001,3.9995],[0,4],[0,0]]]`), "crossing_cut"},
		{"a hole may touch the shell", polygonJSON("[" + square + `,[[118,31],[118.5,31.6],[118.6,31.5],[118,31]]]`), ""},
		{"a hole outside is refused", polygonJSON("[" + square + `,[[120,31],[121,32],[121,31],[120,31]]]`), "hole_outside_shell"},
		{"a hole across the shell is refused", polygonJSON("[" + square + `,[[118.5,31.5],[118.6,33],[118.7,31.5],[118.5,31.5]]]`), "self_intersection"},
		{"a hole that is the shell is refused", polygonJSON("[" + square + "," + square + "]"), "winding_fixed self_intersection"},
		{"a hole in a hole is refused", polygonJSON("[" + square + `,[[118.1,31.1],[118.1,31.9],[118.9,31.9],[118.9,31.1]],[[118.2,31.2],[118.2,31.8],[118.8,31.8],[118.8,31.2]]]`), "closed_ring closed_ring hole_outside_shell"},
		{"two points are too few", polygonJSON(`[[[1,1],[2,2],[1,1]]]`), "too_few_points"},
		{"points on a line are too few", polygonJSON(`[[[1,1],[2,2],[3,3],[1,1]]]`), "spike_removed too_few_points"},
		{"a polygon without rings is refused", polygonJSON(`[]`), "too_few_points"},
		{"an empty ring is refused", polygonJSON(`[[]]`), "too_few_points"},
		{"a multipolygon without polygons is refused", `{"type":"MultiPolygon","coordinates":[]}`, "too_few_points"},
		{"latitude first is out of range", polygonJSON(`[[[31,118],[32,118],[32,119],[31,118]]]`), "out_of_range"},
		{"the antimeridian is refused", polygonJSON(`[[[179,0],[-179,0],[-179,1],[179,0]]]`), "antimeridian"},
		{"a number too large is no number", polygonJSON(`[[[1e999,0],[1,0],[1,1],[0,0]]]`), "not_a_number"},
		{"a string is no coordinate", polygonJSON(`[[["a",1],[1,0],[1,1],[0,0]]]`), "not_a_number"},
		{"null is no coordinate", polygonJSON(`[[null,[1,0],[1,1],[0,0]]]`), "not_a_number"},
		{"an empty position is refused", polygonJSON(`[[[],[1,0],[1,1],[0,0]]]`), "not_a_number"},
		{"a string as altitude is refused", polygonJSON(`[[[0,0,"x"],[1,0],[1,1],[0,0]]]`), "not_a_number"},
		{"one level too few is refused", polygonJSON(square), "bad_json"},
		{"one level too many is refused", polygonJSON("[[" + square + "]]"), "not_a_number"},
		{"missing coordinates are refused", `{"type":"Polygon"}`, "bad_json"},
		{"coordinates of another kind are refused", `{"type":"Polygon","coordinates":{"a":[1]}}`, "bad_json"},
		{"a point is not an area", `{"type":"Point","coordinates":[1,2]}`, "wrong_geometry_type"},
		{"a feature without geometry is refused", `{"type":"Feature","geometry":null}`, "wrong_geometry_type"},
		{"a feature that is a number is refused", `{"type":"FeatureCollection","features":[1]}`, "bad_json"},
		{"a collection without features is refused", `{"type":"FeatureCollection"}`, "bad_json"},
		{"an empty document is refused", ``, "bad_json"},
		{"half a document is refused", `{"type":"Polygon","coordinates":[[[1,`, "bad_json"},
		{"two documents are refused", `{"type":"FeatureCollection","features":[]}{}`, "bad_json"},
		{"deep nesting is refused", polygonJSON(strings.Repeat("[", 1000)), "bad_json"},
		{"deep properties are refused", `{"properties":` + strings.Repeat(`{"a":`, 1000), "bad_json"},
		{"polygons that cross are refused", `{"type":"MultiPolygon","coordinates":[[` + square + `],[[[118.5,31.5],[120,31.5],[120,31.6],[118.5,31.5]]]]}`, "overlapping_polygons"},
		{"a polygon inside another is refused", `{"type":"MultiPolygon","coordinates":[[` + square + `],[[[118.5,31.5],[118.6,31.5],[118.6,31.6],[118.5,31.5]]]]}`, "overlapping_polygons"},
		{"the same polygon twice is refused", `{"type":"MultiPolygon","coordinates":[[` + square + `],[` + square + `]]}`, "overlapping_polygons"},
		{"a part of a polygon along its edge is refused", `{"type":"MultiPolygon","coordinates":[[` + square + `],[[[118,31],[118.5,31.5],[118,32],[118,31]]]]}`, "overlapping_polygons"},
		{"polygons side by side pass with a word", `{"type":"MultiPolygon","coordinates":[[` + square + `],[[[119,31],[120,31],[120,32],[119,32],[119,31]]]]}`, "shared_edge"},
		{"an exclave that fills a hole passes with a word", `{"type":"MultiPolygon","coordinates":[[` + square + `,[[118.2,31.2],[118.2,31.8],[118.8,31.2],[118.2,31.2]]],[[[118.2,31.2],[118.8,31.2],[118.2,31.8],[118.2,31.2]]]]}`, "shared_edge"},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := ReadFeatures(strings.NewReader(c.in), ReadLimits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Features {
				for _, r := range f.Repairs {
					got = append(got, string(r.Code))
				}
				if (f.Geometry == nil) != (len(f.Faults) > 0) {
					t.Errorf("geometry %v with faults %v", f.Geometry, f.Faults)
				}
			}
			for _, f := range report.AllFaults() {
				got = append(got, string(f.Code))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q: %v", s, c.want, report)
			}
		})
	}
}

func TestReadFeaturesKeepsToItsLimits(t *testing.T) {
	square := polygonJSON(`[[[118,31],[119,31],[119,32],[118,32],[118,31]]]`)
	two := `{"type":"FeatureCollection","features":[` + square + "," + square + `]}`
	for _, c := range []struct {
		name string
		lim  ReadLimits
		want FaultCode
		kept int
	}{
		{"no limit is reached", ReadLimits{MaxBytes: int64(len(two)), MaxFeatures: 2, MaxVertices: 10}, "", 2},
		{"bytes", ReadLimits{MaxBytes: int64(len(two)) - 1}, TooLarge, 2},
		{"features", ReadLimits{MaxFeatures: 1}, TooManyFeatures, 1},
		{"vertices", ReadLimits{MaxVertices: 9}, TooManyVertices, 1},
		{"depth", ReadLimits{MaxDepth: 5}, BadJSON, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := ReadFeatures(strings.NewReader(two), c.lim)
			if err != nil || len(report.Features) != c.kept {
				t.Fatalf("%d features, %v", len(report.Features), err)
			}
			if (c.want == "") != (len(report.Faults) == 0) || (c.want != "" && report.Faults[0].Code != c.want) {
				t.Errorf("got %v, want %q", report.Faults, c.want)
			}
		})
	}
	broken := errors.New("disk")
	if _, err := ReadFeatures(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken)), ReadLimits{}); !errors.Is(err, broken) {
		t.Errorf("the reader's own error is %v", err)
	}
}

func TestFeatureKeepsIDAndExactNumbers(t *testing.T) {
	report, _ := ReadFeatures(strings.NewReader(`{"type":"Feature","id":34022310220000101,"properties":{"code":34022310220000101},"geometry":`+
		polygonJSON(`[[[118,31],[119,31],[119,32],[118,31]]]`)+`}`), ReadLimits{})
	f := report.Features[0]
	if f.ID != "34022310220000101" || f.Properties["code"] != json.Number("34022310220000101") {
		t.Errorf("got %q and %v", f.ID, f.Properties)
	}
}

func wuhu(t testing.TB) map[string]Feature {
	file, err := os.Open("testdata/wuhu-districts.geojson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := ReadFeatures(file, ReadLimits{})
	if err != nil || len(report.AllFaults()) > 0 {
		t.Fatal(err, report.AllFaults())
	}
	districts := map[string]Feature{}
	for _, f := range report.Features {
		districts[f.Properties["name"].(string)] = f
	}
	return districts
}

func TestRealDistrictsImport(t *testing.T) {
	var fences []Fence
	for name, f := range wuhu(t) {
		b, err := NewBoundary(f.Geometry)
		if err != nil {
			t.Fatal(name, err)
		}
		fences = append(fences, Fence{ID: name, Depth: 1, Boundary: b})
		cut := slices.ContainsFunc(f.Repairs, func(r Repair) bool { return r.Code == CrossingCut })
		if want := name == "鸠江区" || name == "无为县"; cut != want {
			t.Errorf("%s: repairs %v", name, f.Repairs)
		}
		t.Logf("%s %.1f km² %d vertices %v", name, b.Area()/1e6, b.Vertices(), f.Repairs)
	}
	if len(fences) != 8 {
		t.Errorf("%d districts", len(fences))
	}
	if got := NewIndex(fences).At(orb.Point{118.3340, 30.9149}); !slices.Equal(got, []string{"南陵县"}) {
		t.Errorf("the county seat of 南陵 is in %v", got)
	}
}

// What was read, written and read again is the same, with nothing left to repair
// but the oddities that are let pass.
func TestMarshalGeometryRoundTrip(t *testing.T) {
	for name, f := range wuhu(t) {
		again, repairs, faults := ParseGeometry(MarshalGeometry(f.Geometry), ReadLimits{})
		if !again.Equal(f.Geometry) || len(faults) > 0 || slices.ContainsFunc(repairs, func(r Repair) bool { return r.Code != SelfTouch }) {
			t.Errorf("%s: %v %v", name, repairs, faults)
		}
	}
	if s := MarshalGeometry(orb.MultiPolygon{{{{math.NaN(), 1}}}}); !json.Valid(s) {
		t.Errorf("%s", s)
	}
}

// A ring of 100,000 points is checked in a moment, whether it is a border, an
// upright comb, a lying one, or a comb with one crossing.
func TestLargeRingsAreCheckedFast(t *testing.T) {
	const n = 100_000
	border, upright, lying := make(orb.Ring, n), make(orb.Ring, n), make(orb.Ring, n)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		r := 1 + 0.1*math.Sin(float64(i)/7)
		border[i] = orb.Point{118 + r*cos, 31 + r*sin}
		x, y := 110+float64(i)*1e-4, 31.0
		if i%2 == 1 {
			y = 36
		}
		upright[i], lying[i] = orb.Point{x, y}, orb.Point{y + 80, x - 80}
	}
	upright[n-1], lying[n-1] = orb.Point{119.9999, 30}, orb.Point{110, 39.9999}
	upright[0], lying[0] = orb.Point{110, 30}, orb.Point{110, 30}
	crossed := slices.Clone(upright)
	crossed[n/2], crossed[n/4] = crossed[n/4], crossed[n/2]
	for _, c := range []struct {
		name string
		ring orb.Ring
		bad  bool
	}{{"border", border, false}, {"upright comb", upright, false}, {"lying comb", lying, false}, {"crossed comb", crossed, true}} {
		start := time.Now()
		_, err := NewBoundary(orb.MultiPolygon{{c.ring}})
		t.Logf("%s: %v, %v", c.name, time.Since(start), err)
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", c.name, err)
		}
		if time.Since(start) > 10*time.Second {
			t.Errorf("%s took %v", c.name, time.Since(start))
		}
	}
}

func FuzzReadFeatures(f *testing.F) {
	for _, s := range []string{``, `[`, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[["a",1],[null]]]}}`,
		polygonJSON(`[[[0,0],[2,2],[2,0],[0,2],[0,0]]]`), `{"type":"FeatureCollection","features":[{}]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[0,1]]],[[[1,0],[1,1],[0,1]]]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		report, err := ReadFeatures(bytes.NewReader(raw), ReadLimits{MaxVertices: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Features {
			if f.Geometry == nil {
				continue
			}
			b, err := NewBoundary(f.Geometry)
			if err != nil {
				t.Fatalf("%s was read but is refused: %v", raw, err)
			}
			if !b.Contains(b.Center()) || b.Area() < 0 || b.Distance(b.Center()) > 0 {
				t.Fatalf("%s: center %v area %v", raw, b.Center(), b.Area())
			}
		}
	})
}

func FuzzParseGeometry(f *testing.F) {
	f.Add([]byte(polygonJSON(`[[[118,31],[119,31],[119,32],[118,32]]]`)))
	f.Add([]byte(`{"type":"FeatureCollection","features":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		mp, _, faults := ParseGeometry(raw, ReadLimits{MaxVertices: 1000})
		if (mp == nil) != (len(faults) > 0) {
			t.Fatalf("%s: %v %v", raw, mp, faults)
		}
		if again, _, faults := ParseGeometry(MarshalGeometry(mp), ReadLimits{}); mp != nil && !again.Equal(mp) {
			t.Fatalf("%s: %v becomes %v %v", raw, mp, again, faults)
		}
	})
}

// What is accepted has no two edges that cross or run along each other, tried
// pair by pair in math/big; and a ring without such a pair is never refused.
func TestRingsAreAcceptedWhenNothingCrosses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring := drawRing(t, "ring")
		b, err := NewBoundary(orb.MultiPolygon{{ring}})
		if err != nil {
			if fault := err.(Fault); fault.Code == SelfIntersection && !tangled(append(ring, ring[0]), true) {
				t.Fatalf("%v was refused: %v", ring, err)
			}
			return
		}
		if kept := b.MultiPolygon()[0][0]; tangled(kept, false) {
			t.Fatalf("%v was accepted as %v", ring, kept)
		}
	})
}

// tangled tries all pairs of edges of a closed ring; touching counts on request,
// for the crossings through a vertex.
func tangled(r orb.Ring, touching bool) bool {
	for i := 0; i+1 < len(r); i++ {
		for j := i + 1; j+1 < len(r); j++ {
			a, b, c, d := r[i], r[i+1], r[j], r[j+1]
			ac, ad, ca, cb := side2(a, b, c), side2(a, b, d), side2(c, d, a), side2(c, d, b)
			if ac*ad < 0 && ca*cb < 0 {
				return true
			}
			meet := orb.MultiPoint{a, b}.Bound().Intersects(orb.MultiPoint{c, d}.Bound()) && ac*ad <= 0 && ca*cb <= 0
			if touching && meet && (j > i+1 || ac == 0 && ad == 0) && !(i == 0 && j == len(r)-2) {
				return true
			}
		}
	}
	return false
}

// What stands beside the geometry cannot fill the memory: the first 10,000 values
// of a feature are kept, and the next feature has its own.
func TestPropertiesAreBounded(t *testing.T) {
	feature := `{"type":"Feature","properties":{"list":[` + strings.Repeat("1,", 20_000) + `1],"late":"x"},"geometry":` + polygonJSON(`[[[0,0],[1,0],[1,1],[0,0]]]`) + `}`
	report, err := ReadFeatures(strings.NewReader(`{"type":"FeatureCollection","features":[`+feature+`,`+strings.Replace(feature, strings.Repeat("1,", 20_000), "", 1)+`]}`), ReadLimits{})
	if err != nil || len(report.AllFaults()) > 0 || len(report.Features) != 2 {
		t.Fatalf("%v %v", err, report.AllFaults())
	}
	if kept := len(report.Features[0].Properties) + len(report.Features[1].Properties); kept != 2 {
		t.Errorf("%d properties kept", kept)
	}
}

// A feature over its own limit is named, and those after it are read.
func TestOneFeatureIsTooLarge(t *testing.T) {
	ring := func(n int) string {
		return `{"type":"Feature","properties":{"code":"1"},"geometry":` + polygonJSON(`[[`+strings.Repeat("[0,0],[1,0],[1,1],", n)+`[0,0]]]`) + `}`
	}
	var got []Feature
	faults, err := DecodeFeatures(strings.NewReader(`{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:4490"}},"features":[`+ring(1)+","+ring(100)+","+ring(1)+`]}`),
		ReadLimits{MaxFeatureVertices: 50}, func(crs string, f Feature) error {
			if crs != "EPSG:4490" {
				t.Errorf("crs %q", crs)
			}
			got = append(got, f)
			return nil
		})
	if err != nil || len(faults) > 0 || len(got) != 3 || len(got[1].Faults) != 1 || got[1].Faults[0].Code != TooManyVertices ||
		got[1].Properties["code"] != "1" || got[1].Geometry != nil || len(got[2].Faults) > 0 {
		t.Errorf("%v %v %v", got, faults, err)
	}
}

// An error of whoever takes the features ends the reading, and is his.
func TestEachMayEndTheReading(t *testing.T) {
	stop := errors.New("enough")
	_, err := DecodeFeatures(strings.NewReader(polygonJSON(`[[[0,0],[1,0],[1,1],[0,0]]]`)), ReadLimits{}, func(string, Feature) error { return stop })
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}
