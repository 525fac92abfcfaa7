package maps

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"gridwalk/geo"
)

// gdal is the path of one of GDAL's programs; the test is skipped without it.
func gdal(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed (Debian: apt-get install gdal-bin, or make gdal as root), so nothing was compared with GDAL", program)
	}
	return path
}

func outlinesOf(features []Feature) Outlines {
	return func(visit func(Outline) error) error {
		for i, f := range features {
			o := Outline{Code: f.Attributes["grid_code"], Name: f.Attributes["name_zh"], Shape: f.Geometry, Attributes: []Attribute{
				{"grid_code", f.Attributes["grid_code"]}, {"name_zh", f.Attributes["name_zh"]}, {"level", f.Attributes["level"]},
				{"household_est", i}, {"active", true},
			}}
			if err := visit(o); err != nil {
				return err
			}
		}
		return nil
	}
}

// invented gives areas with holes, several parts and names that need care.
func invented() *rapid.Generator[[]Feature] {
	return rapid.Custom(func(t *rapid.T) []Feature {
		var features []Feature
		for n := range rapid.IntRange(1, 5).Draw(t, "features") {
			var shape orb.MultiPolygon
			for p := range rapid.IntRange(1, 3).Draw(t, "parts") {
				x, y := float64(n)*3000, float64(p)*1000
				size := float64(rapid.IntRange(400, 900).Draw(t, "size"))
				polygon := orb.Polygon{ring(x, y, x+size, y, x+size, y+size, x, y+size)}
				if rapid.Bool().Draw(t, "hole") {
					polygon = append(polygon, ring(x+100, y+100, x+100, y+200, x+200, y+200))
				}
				shape = append(shape, polygon)
			}
			mended, _, faults := geo.Mend(shape)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			name := rapid.StringMatching(`[一-龥a-z<>&'"/ ]{1,20}`).Draw(t, "name")
			features = append(features, Feature{Index: n, Geometry: mended, Attributes: map[string]string{
				"grid_code": fmt.Sprintf("990101103201%03d", n), "name_zh": "名" + name + "字", "level": "area"}})
		}
		return features
	})
}

func sameFeatures(t interface{ Fatalf(string, ...any) }, got, want []Feature) {
	if len(got) != len(want) {
		t.Fatalf("%d features, want %d", len(got), len(want))
	}
	for i := range want {
		for _, field := range []string{"grid_code", "name_zh", "level"} {
			if got[i].Attributes[field] != want[i].Attributes[field] {
				t.Fatalf("feature %d: %s is %q, want %q", i, field, got[i].Attributes[field], want[i].Attributes[field])
			}
		}
		if !orb.Equal(got[i].Geometry, want[i].Geometry) || len(got[i].Faults) > 0 {
			t.Fatalf("feature %d: %v %v, want %v", i, got[i].Geometry, got[i].Faults, want[i].Geometry)
		}
	}
}

// What is written is read again as it was, to the last digit.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for _, format := range Formats {
		t.Run(format, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "map."+format)
			rapid.Check(t, func(rt *rapid.T) {
				want := invented().Draw(rt, "features")
				if err := Write(path, format, outlinesOf(want)); err != nil {
					rt.Fatal(err)
				}
				got, faults := readFile(t, path, Options{})
				if len(faults) > 0 {
					rt.Fatal(faults)
				}
				sameFeatures(rt, got, want)
			})
		})
	}
}

// GDAL reads what is written, and finds the same in it.
func TestGDALReadsWhatIsWritten(t *testing.T) {
	ogr2ogr := gdal(t, "ogr2ogr")
	want := invented().Filter(func(f []Feature) bool { return len(f) == 5 }).Example(7)
	village, _ := readFile(t, "testdata/village.geojson", Options{})
	for i := range village {
		village[i].Attributes["grid_code"] += "99"
	}
	want = append(want, village...)
	for i, f := range want {
		want[i].Attributes["name_zh"] = strings.TrimSpace(f.Attributes["name_zh"])
	}
	for _, format := range Formats {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			path, read := filepath.Join(dir, "map."+format), filepath.Join(dir, "read.geojson")
			if err := Write(path, format, outlinesOf(want)); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(ogr2ogr, "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", read, path).CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Fatalf("%v: %s", err, out)
			}
			got, faults := readFile(t, read, Options{})
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			sameFeatures(t, got, want)
		})
	}
}

// What GDAL writes of a map of ours in other formats is read as that map.
func TestGDALWritesWhatIsRead(t *testing.T) {
	ogr2ogr := gdal(t, "ogr2ogr")
	want := invented().Filter(func(f []Feature) bool { return len(f) == 5 }).Example(3)
	dir := t.TempDir()
	from := filepath.Join(dir, "map.gpkg")
	if err := Write(from, "gpkg", outlinesOf(want)); err != nil {
		t.Fatal(err)
	}
	for name, flags := range map[string]string{
		"utf8.shp": "-lco ENCODING=UTF-8", "gbk.shp": "-lco ENCODING=CP936", "gauss.shp": "-t_srs EPSG:4549 -lco ENCODING=UTF-8",
		"utm.gpkg": "-t_srs EPSG:32651", "zone.gpkg": "-t_srs EPSG:4528", "a.kml": "", "a.csv": "-lco GEOMETRY=AS_WKT", "old.geojson": "-t_srs EPSG:4490",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			args := append([]string{path, from}, strings.Fields(flags)...)
			if out, err := exec.Command(ogr2ogr, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got, faults := readFile(t, path, Options{})
			if len(got) != len(want) || len(faults) > 0 {
				t.Fatalf("%v %v", got, faults)
			}
			for i := range want {
				compare(t, got[i].Geometry, want[i].Geometry)
				if code := DefaultMapping().value(got[i], "grid_code"); code != want[i].Attributes["grid_code"] {
					t.Errorf("code %s", code)
				}
			}
		})
	}
}

// A file that cannot be finished leaves the one that was there.
func TestAHalfWrittenMapIsNone(t *testing.T) {
	for _, format := range Formats {
		path := write(t, "map."+format, []byte("old"))
		err := Write(path, format, func(visit func(Outline) error) error {
			if err := visit(Outline{Attributes: []Attribute{{"grid_code", "1"}}, Shape: rectangle(0, 0, 1, 1)}); err != nil {
				return err
			}
			return os.ErrDeadlineExceeded
		})
		left, _ := os.ReadDir(filepath.Dir(path))
		if raw, _ := os.ReadFile(path); err == nil || string(raw) != "old" || len(left) != 1 {
			t.Errorf("%s: %v %q %v", format, err, raw, left)
		}
		if err := Write(path, format, func(func(Outline) error) error { return nil }); err != nil {
			t.Error(err)
		}
		if features, faults := readFile(t, path, Options{}); len(features)+len(faults) != 0 {
			t.Errorf("%s of nothing: %v %v", format, features, faults)
		}
	}
}
