package maps

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"gridwalk/geo"
)

// small bounds keep what one input of the fuzzer can cost.
var small = Limits{MaxBytes: 1 << 20, MaxFeatures: 100, MaxVertices: 10_000, MaxFeatureVertices: 5_000, MaxText: 1 << 16, MaxDepth: 32, MaxEntries: 20}

// holds wants of every feature a good geometry or a fault, never both or none.
func holds(t *testing.T, read func(in *intake) error) {
	t.Helper()
	in := &intake{o: Options{Limits: small}, each: func(f Feature) error {
		if (len(f.Faults) == 0) != (f.Geometry != nil) {
			t.Errorf("feature %d has %d polygons and the faults %v", f.Index, len(f.Geometry), f.Faults)
		}
		if f.Geometry != nil {
			if _, repairs, faults := geo.Mend(f.Geometry); len(faults) > 0 {
				t.Errorf("feature %d is not mended: %v %v", f.Index, repairs, faults)
			}
		}
		return nil
	}}
	if err := read(in); err != nil {
		if _, ok := err.(geo.Fault); !ok {
			t.Errorf("not a fault: %v", err)
		}
	}
}

func seeds(f *testing.F, names ...string) {
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
}

func FuzzKML(f *testing.F) {
	seeds(f, "village.kml")
	f.Add([]byte(placemark(kmlRing("outer", "124,28 124.01,28 124.01,28.01 124,28"))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		holds(t, func(in *intake) error { return in.kml(in.bounded(bytes.NewReader(raw), 0)) })
	})
}

func FuzzCSV(f *testing.F) {
	seeds(f, "village.csv")
	f.Add([]byte("wkt\n\"SRID=4548;MULTIPOLYGON Z (((500000 3430974 1,500100 3430974 1,500100 3431074 1)))\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		holds(t, func(in *intake) error { return in.csv(in.bounded(bytes.NewReader(raw), 0), separatorOf(raw)) })
	})
}

func FuzzGeoJSON(f *testing.F) {
	seeds(f, "village.geojson")
	f.Fuzz(func(t *testing.T, raw []byte) {
		holds(t, func(in *intake) error { return in.geoJSON(in.bounded(bytes.NewReader(raw), 0)) })
	})
}

func FuzzArchive(f *testing.F) {
	seeds(f, "utf8.zip", "gbk.zip", "gauss.zip")
	f.Fuzz(func(t *testing.T, raw []byte) {
		holds(t, func(in *intake) error { return in.archive(bytes.NewReader(raw), int64(len(raw))) })
	})
}

// The parts of a Shapefile are fuzzed unpacked: behind a checksum the fuzzer
// would never find them.
func FuzzShapefile(f *testing.F) {
	for _, name := range []string{"utf8.zip", "gbk.zip", "gauss.zip"} {
		layer := unpacked(f, name)
		f.Add(layer[".shp"], layer[".dbf"], layer[".prj"], layer[".cpg"])
	}
	f.Fuzz(func(t *testing.T, shp, dbf, prj, cpg []byte) {
		layer := parts{}
		for extension, raw := range map[string][]byte{".shp": shp, ".dbf": dbf, ".prj": prj, ".cpg": cpg} {
			if len(raw) > 0 {
				layer[extension] = opener(raw)
			}
		}
		holds(t, func(in *intake) error { return in.shapefile(layer) })
	})
}

func FuzzGeoPackageGeometry(f *testing.F) {
	f.Add(geoPackageGeometry([]byte{1, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 4326))
	f.Add([]byte("GP\x00\x03\xe6\x10\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		holds(t, func(in *intake) error {
			shape, feature := in.area(), Feature{}
			parseGeoPackageGeometry(raw, shape)
			shape.put(&feature)
			return in.add(feature)
		})
	})
}

func FuzzGeoPackage(f *testing.F) {
	seeds(f, "mercator.gpkg")
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := write(t, "a.gpkg", raw)
		holds(t, func(in *intake) error { return in.geoPackage(path) })
	})
}

func FuzzCRS(f *testing.F) {
	f.Add("EPSG:4547")
	f.Add(`PROJCS["a",GEOGCS["b",DATUM["D_China_2000"]],PROJECTION["Gauss_Kruger"],PARAMETER["Central_Meridian",117]]`)
	f.Fuzz(func(t *testing.T, text string) {
		crs, err := parseCRS(text)
		if (crs == nil) == (err == nil) {
			t.Errorf("%v %v", crs, err)
		}
	})
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte(`{"grid_code": "BM", "level": {"from": ["CJ"], "values": {"大": "community"}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if mapping, err := ReadMapping(bytes.NewReader(raw)); err == nil {
			mapping.Apply(Feature{Attributes: map[string]string{"BM": "1"}})
		}
	})
}
