package maps

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// readFile reads a map whole.
func readFile(t testing.TB, path string, o Options) ([]Feature, []geo.Fault) {
	t.Helper()
	var features []Feature
	faults, err := Read(path, o, func(f Feature) error {
		features = append(features, f)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return features, faults
}

// metres is how far two points are apart.
func metres(a, b orb.Point) float64 {
	return math.Hypot((a[0]-b[0])*111_000*math.Cos(a[1]*math.Pi/180), (a[1]-b[1])*111_000)
}

// What GDAL wrote of one village in every format is read as the same village.
func TestEveryFormatSaysTheSame(t *testing.T) {
	want, faults := readFile(t, "testdata/village.geojson", Options{})
	if len(want) != 3 || len(faults) > 0 {
		t.Fatalf("%v %v", want, faults)
	}
	for _, name := range []string{"utf8.zip", "gbk.zip", "nohint.zip", "gauss.zip", "mercator.gpkg", "village.kml", "village.csv"} {
		t.Run(name, func(t *testing.T) {
			got, faults := readFile(t, "testdata/"+name, Options{})
			if len(got) != len(want) || len(faults) > 0 {
				t.Fatalf("%d features, faults %v", len(got), faults)
			}
			for i, f := range got {
				if len(f.Faults) > 0 {
					t.Fatalf("feature %d: %v", i, f.Faults)
				}
				for _, field := range Fields {
					if a, b := DefaultMapping().value(f, field), DefaultMapping().value(want[i], field); a != b {
						t.Errorf("feature %d: %s is %q, want %q (%v)", i, field, a, b, f.Attributes)
					}
				}
				compare(t, f.Geometry, want[i].Geometry)
			}
		})
	}
}

// compare wants the same rings, wherever they begin, to 2 cm: the lattice.
func compare(t *testing.T, got, want orb.MultiPolygon) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d polygons, want %d", len(got), len(want))
	}
	for p := range want {
		if len(got[p]) != len(want[p]) {
			t.Fatalf("polygon %d has %d rings, want %d", p, len(got[p]), len(want[p]))
		}
		for r := range want[p] {
			if len(got[p][r]) != len(want[p][r]) {
				t.Fatalf("ring %d of polygon %d has %d points, want %d", r, p, len(got[p][r]), len(want[p][r]))
			}
			for _, point := range want[p][r] {
				near := math.Inf(1)
				for _, other := range got[p][r] {
					near = min(near, metres(point, other))
				}
				if near > 0.02 {
					t.Errorf("ring %d of polygon %d: %v is %.3f m away", r, p, point, near)
				}
			}
		}
	}
}

// PROJ and we agree to less than a millimetre in every projection.
func TestProjectionsAgreeWithPROJ(t *testing.T) {
	file, err := os.Open("testdata/projected.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 200 {
		t.Fatalf("%d vectors: %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		var n [4]float64
		for i := range n {
			if n[i], err = strconv.ParseFloat(row[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		code, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		if off := metres(byEPSG(code).degrees(orb.Point{n[2], n[3]}), orb.Point{n[0], n[1]}); !(off < 0.001) {
			t.Errorf("%v is %.6f m off", row, off)
		}
	}
}

func TestSystemsOfCoordinates(t *testing.T) {
	const china2000 = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	gauss := func(edit ...string) string {
		return strings.NewReplacer(edit...).Replace(`PROJCS["CGCS2000_3_Degree_GK_CM_117E",` + china2000 + `,PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`)
	}
	for _, c := range []struct {
		name, in string
		point    orb.Point
		refused  string // part of the message
	}{
		{"a code", "EPSG:4490", orb.Point{118, 31}, ""},
		{"a code of five digits", "EPSG:32650", orb.Point{500000, 3429601.93377706}, ""},
		{"a URN of old GeoJSON", "urn:ogc:def:crs:OGC:1.3:CRS84", orb.Point{118, 31}, ""},
		{"a URN with a code", "urn:ogc:def:crs:EPSG::4490", orb.Point{118, 31}, ""},
		{"ESRI's degrees", china2000, orb.Point{118, 31}, ""},
		{"ESRI's Gauss-Krüger", gauss(), orb.Point{500000, 3430974.32340885}, ""},
		{"with a zone before the easting", gauss("500000.0", "39500000.0"), orb.Point{39500000, 3430974.32340885}, ""},
		{"GDAL's with a code", `PROJCS["CGCS2000 / 3-degree Gauss-Kruger CM 117E",GEOGCS["x",DATUM["y"]],AUTHORITY["EPSG","4548"]]`, orb.Point{500000, 3430974.32340885}, ""},
		{"WKT 2", `PROJCRS["x",BASEGEOGCRS["China Geodetic Coordinate System 2000",DATUM["China 2000",ELLIPSOID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0]],CONVERSION["Gauss-Kruger CM 117E",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0],PARAMETER["Longitude of natural origin",117],PARAMETER["Scale factor at natural origin",1],PARAMETER["False easting",500000],PARAMETER["False northing",0]],CS[Cartesian,2],LENGTHUNIT["metre",1]]`, orb.Point{500000, 3430974.32340885}, ""},
		{"Xi'an 1980", strings.Replace(china2000, "D_China_2000", "D_Xian_1980", 1), orb.Point{}, "datum"},
		{"Beijing 1954 by its code", "EPSG:4214", orb.Point{}, "EPSG:4214"},
		{"a cone", gauss("Gauss_Kruger", "Albers"), orb.Point{}, "projection"},
		{"feet", gauss(`["Meter",1.0]`, `["Foot",0.3048]`), orb.Point{}, "metre"},
		{"gons", strings.Replace(china2000, "0.0174532925199433", "0.015707963", 1), orb.Point{}, "degree"},
		{"Paris", strings.Replace(china2000, `"Greenwich",0.0`, `"Paris",2.33`, 1), orb.Point{}, "Greenwich"},
		{"an origin elsewhere", gauss(`Origin",0.0`, `Origin",31.0`), orb.Point{}, "equator"},
		{"no scale", gauss(`Factor",1.0`, `Factor",0`), orb.Point{}, "sense"},
		{"a site's own", `LOCAL_CS["Engineering"]`, orb.Point{}, "Engineering"},
		{"rubbish", `PROJCS["`, orb.Point{}, "cannot be read"},
		{"nesting without end", strings.Repeat("A[", 40), orb.Point{}, "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			crs, err := parseCRS(c.in)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.HasPrefix(err.Error(), string(UnknownCRS)) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := orb.Point{117, 31}
			if c.point[0] == 118 {
				want = c.point
			}
			if off := metres(crs.degrees(c.point), want); !(off < 0.001) {
				t.Errorf("%v becomes %v", c.point, crs.degrees(c.point))
			}
		})
	}
}

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// repack writes a test archive anew, with changes; nil leaves a file out.
func repack(t testing.TB, name string, changes map[string]func([]byte) []byte) string {
	t.Helper()
	old, err := zip.OpenReader(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	var out bytes.Buffer
	packed := zip.NewWriter(&out)
	add := func(name string, content []byte) {
		w, err := packed.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range old.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		change, ok := changes[f.Name]
		switch {
		case ok && change == nil:
		case ok:
			add(f.Name, change(content.Bytes()))
		default:
			add(f.Name, content.Bytes())
		}
		delete(changes, f.Name)
	}
	for name, change := range changes {
		add(name, change(nil))
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, name, out.Bytes())
}

func is(s string) func([]byte) []byte { return func([]byte) []byte { return []byte(s) } }

// placemark is a KML document of one polygon.
func placemark(rings string) string {
	return `<kml><Document><Placemark><name>甲</name><Polygon>` + rings + `</Polygon></Placemark></Document></kml>`
}

func kmlRing(of, coordinates string) string {
	return fmt.Sprintf(`<%[1]sBoundaryIs><LinearRing><coordinates>%[2]s</coordinates></LinearRing></%[1]sBoundaryIs>`, of, coordinates)
}

// What is wrong is named: by the feature where it is one's, and by its reason.
func TestWhatIsWrongIsNamed(t *testing.T) {
	const ring = "124,28 124.01,28 124.01,28.01 124,28"
	outer := kmlRing("outer", ring)
	gone := func([]byte) []byte { return nil }
	half := func(b []byte) []byte { return b[:len(b)/2] }
	csvOf := func(wkt string) string { return write(t, "a.csv", []byte("code,wkt\n1,\""+wkt+"\"\n")) }
	kmlOf := func(text string) string { return write(t, "a.kml", []byte(text)) }
	for _, c := range []struct {
		name, file string
		o          Options
		want       string // feature and code of every fault; the feature is -1 for the file
	}{
		{"no map", write(t, "a.bin", []byte("hello")), Options{}, "-1 unknown_format"},
		{"an empty file", write(t, "a.shp", nil), Options{}, "-1 unknown_format"},
		{"a latitude of 91", csvOf("POLYGON((124 91,124.01 28,124.01 28.01,124 91))"), Options{}, "0 out_of_range"},
		{"NaN", csvOf("POLYGON((NaN 28,124.01 28,124.01 28.01,NaN 28))"), Options{}, "0 not_a_number"},
		{"a word", csvOf("POLYGON((124 x28,124.01 28,124.01 28.01,124 28))"), Options{}, "0 not_a_number"},
		{"too large a number", csvOf("POLYGON((1e999 28,124.01 28,124.01 28.01,124 28))"), Options{}, "0 not_a_number"},
		{"a point", csvOf("POINT(124 28)"), Options{}, "0 wrong_geometry_type"},
		{"no geometry", csvOf(""), Options{}, "0 wrong_geometry_type"},
		{"half of WKT", csvOf("POLYGON((124 28,124.01 28"), Options{}, "0 bad_geometry"},
		{"more than WKT", csvOf("POLYGON((124 28,124.01 28,124.01 28.01,124 28)) x"), Options{}, "0 bad_geometry"},
		{"a bow-tie", csvOf("POLYGON((124 28,124.01 28.01,124.01 28,124 28.01,124 28))"), Options{}, "0 self_intersection"},
		{"the antimeridian", csvOf("POLYGON((179 0,-179 0,-179 1,179 0))"), Options{}, "0 antimeridian"},
		{"metres that nothing names", csvOf("POLYGON((500000 3430974,500100 3430974,500100 3431074,500000 3430974))"), Options{}, "0 out_of_range"},
		{"metres that the caller names", csvOf("POLYGON((500000 3430974,500100 3430974,500100 3431074,500000 3430974))"), Options{CRS: "EPSG:4548"}, ""},
		{"a system that nobody knows", csvOf("POLYGON EMPTY"), Options{CRS: "EPSG:2414"}, "-1 unknown_crs"},
		{"no column of WKT", write(t, "a.csv", []byte("code,name\n1,2\n")), Options{}, "-1 bad_csv"},
		{"a table of nothing", write(t, "a.csv", nil), Options{}, "-1 bad_csv"},
		{"a table in GBK", write(t, "a.csv", []byte("\xb1\xe0\xc2\xeb,wkt\n1,\"POLYGON((124 28,124.01 28,124.01 28.01,124 28))\"\n")), Options{}, ""},
		{"a table of many columns", write(t, "a.csv", []byte("code,wkt\n"+strings.Repeat(",", 1000)+"\n")), Options{}, "-1 bad_csv"},
		{"a table of many rows", write(t, "a.csv", []byte("code,wkt\n"+strings.Repeat("1,\"POLYGON((124 28,124.01 28,124.01 28.01,124 28))\"\n", 600))), Options{}, ""},
		{"a table in nothing", write(t, "a.csv", []byte("code,wkt\n\xff\xff,\"POLYGON((124 28,124.01 28,124.01 28.01,124 28))\"\n")), Options{}, "0 bad_encoding"},

		{"a hole outside its shell", kmlOf(placemark(outer + kmlRing("inner", "125,28 125.01,28 125.01,28.01 125,28"))), Options{}, "0 hole_outside_shell"},
		{"a placemark without an area", kmlOf(`<kml><Placemark><Point><coordinates>124,28</coordinates></Point></Placemark></kml>`), Options{}, "0 wrong_geometry_type"},
		{"coordinates of words", kmlOf(placemark(kmlRing("outer", "here,there"))), Options{}, "0 not_a_number"},
		{"spaces after commas", kmlOf(placemark(kmlRing("outer", "124, 28 124.01, 28"))), Options{}, "0 not_a_number"},
		{"KML cut short", kmlOf(placemark(outer)[:150]), Options{}, "0 bad_xml"},
		{"KML that ends well and goes on", kmlOf(placemark(outer) + "<kml/>"), Options{}, "0 -1 bad_xml"},
		{"tags crossed", kmlOf(`<kml><a><b></a></b></kml>`), Options{}, "-1 bad_xml"},
		{"elements without end", kmlOf(strings.Repeat("<a>", 1000)), Options{}, "-1 bad_xml"},
		{"KML in the wrong encoding", kmlOf("<kml><Placemark><name>\xb3\xce</name></Placemark></kml>"), Options{}, "0 bad_encoding"},
		{"KML in GBK", kmlOf(`<?xml version="1.0" encoding="GBK"?>` + strings.Replace(placemark(outer), "甲", "\xbc\xd7", 1)), Options{}, ""},
		{"KML in an encoding of elsewhere", kmlOf(`<?xml version="1.0" encoding="EBCDIC"?><kml/>`), Options{}, "-1 bad_encoding"},
		{"a ring that is too long to read", kmlOf(placemark(kmlRing("outer", strings.Repeat("124,28 ", 10_000)))), Options{Limits: Limits{MaxText: 10_000}}, "0 too_many_vertices"},
		{"a polygon that is too large", kmlOf(placemark(kmlRing("outer", strings.Repeat("124,28 ", 10_000)))), Options{Limits: Limits{MaxFeatureVertices: 9_999}}, "0 too_many_vertices"},
		{"a file that is too large", kmlOf(placemark(outer)), Options{Limits: Limits{MaxBytes: 100}}, "-1 too_large"},

		{"a shape without its table", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.dbf": nil}), Options{}, "-1 bad_shapefile"},
		{"an empty shape", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.shp": gone}), Options{}, "-1 bad_shapefile"},
		{"a shape cut short", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.shp": half}), Options{}, "0 -1 bad_shapefile"},
		{"a table cut short", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.dbf": half}), Options{}, "0 -1 bad_shapefile"},
		{"UTF-8 that says GBK", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.cpg": is("GBK")}), Options{}, "-1 bad_encoding"},
		{"GBK that says UTF-8", repack(t, "gbk.zip", map[string]func([]byte) []byte{"grids.cpg": is("UTF-8")}), Options{}, strings.TrimSpace(strings.Repeat("0 bad_encoding ", 2) + strings.Repeat("1 bad_encoding ", 2) + strings.Repeat("2 bad_encoding ", 2))},
		{"an encoding of elsewhere", repack(t, "gbk.zip", map[string]func([]byte) []byte{"grids.cpg": is("Shift_JIS")}), Options{}, "-1 bad_encoding"},
		{"Beijing 1954", repack(t, "utf8.zip", map[string]func([]byte) []byte{"grids.prj": is(`GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245,298.3]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]`)}), Options{}, "-1 unknown_crs"},
		{"two layers", repack(t, "utf8.zip", map[string]func([]byte) []byte{"more.kml": is("<kml/>")}), Options{}, "-1 many_layers"},
		{"two layers, one of them named", repack(t, "utf8.zip", map[string]func([]byte) []byte{"more.kml": is("<kml/>")}), Options{Layer: "grids"}, ""},
		{"an archive of nothing", write(t, "a.zip", []byte("PK\x05\x06"+strings.Repeat("\x00", 18))), Options{}, "-1 unknown_format"},
		{"half an archive", write(t, "a.zip", []byte("PK\x03\x04"+strings.Repeat("\x00", 18))), Options{}, "-1 bad_archive"},
		{"a bomb", bomb(t, 1, 100<<20), Options{}, "-1 zip_bomb"},
		{"a bomb of many", bomb(t, 2000, 10), Options{}, "-1 zip_bomb"},
		{"a bomb of very many", bomb(t, 80_000, 0), Options{}, "-1 zip_bomb"},
		{"an archive that is too large", repack(t, "utf8.zip", nil), Options{Limits: Limits{MaxBytes: 900}}, "-1 too_large"},

		{"no GeoPackage", write(t, "a.gpkg", []byte("SQLite format 3\x00"+strings.Repeat("x", 5000))), Options{}, "-1 bad_geopackage"},
		{"a GeoPackage cut short", write(t, "a.gpkg", half(must(os.ReadFile("testdata/mercator.gpkg")))), Options{}, "-1 bad_geopackage"},
		{"a layer that is not there", "testdata/mercator.gpkg", Options{Layer: "houses"}, "-1 many_layers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			features, faults := readFile(t, c.file, c.o)
			var got []string
			for _, f := range features {
				for _, fault := range f.Faults {
					got = append(got, fmt.Sprint(fault.Feature, " ", fault.Code))
				}
			}
			for _, fault := range faults {
				got = append(got, fmt.Sprint(fault.Feature, " ", fault.Code))
			}
			if want := strings.TrimPrefix(c.want, "0 -1"); want != c.want {
				c.want = "-1" + want // features before the fault were good
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v %v, want %s", features, faults, c.want)
			}
		})
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// bomb is an archive of so many files of zeros.
func bomb(t testing.TB, files, size int) string {
	t.Helper()
	var out bytes.Buffer
	packed := zip.NewWriter(&out)
	zeros := make([]byte, size)
	for i := range files {
		w, err := packed.Create(fmt.Sprintf("%060d.kml", i))
		if err == nil {
			_, err = w.Write(zeros)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "bomb.kmz", out.Bytes())
}

// shapefileOf is an archive with one polygon record as given and one attribute.
func shapefileOf(t testing.TB, record []byte) string {
	t.Helper()
	return repack(t, "utf8.zip", map[string]func([]byte) []byte{
		"grids.shp": func(b []byte) []byte {
			head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 1), uint32(len(record)/2))
			return append(append(b[:shpHeader:shpHeader], head...), record...)
		},
		"grids.dbf": func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[4:], 1)
			return b
		},
	})
}

// A polygon of 10 million vertices is refused by its number without being kept,
// and the file is read on.
func TestAnEnormousPolygon(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 160 MB")
	}
	record := make([]byte, shpFixedPart+4+16*10_000_000)
	record[0] = shpPolygon
	binary.LittleEndian.PutUint32(record[36:], 1)
	binary.LittleEndian.PutUint32(record[40:], 10_000_000)
	for at := shpFixedPart + 4; at < len(record); at += 2 {
		binary.LittleEndian.PutUint16(record[at:], uint16(at*31)) // packs badly, as a map does
	}
	features, faults := readFile(t, shapefileOf(t, record), Options{})
	if len(faults) > 0 || len(features) != 1 || features[0].Faults[0].Code != geo.TooManyVertices || features[0].Attributes["grid_code"] == "" {
		t.Errorf("%v %v", features, faults)
	}
}

// unpacked gives the parts of a test archive by extension.
func unpacked(t testing.TB, name string) map[string][]byte {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	out := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Ext(f.Name)] = raw
	}
	return out
}

func opener(raw []byte) part {
	return part{func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }, int64(len(raw))}
}
