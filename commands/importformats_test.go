package commands

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gridwalk/maps"
)

// village is one invented village in every format; see maps/testdata.
func village(name string) string { return filepath.Join("../maps/testdata", name) }

// The same village comes from every format: after the first nothing changes, not
// even where it comes back from a projection.
func TestImportOfEveryFormat(t *testing.T) {
	dir := t.TempDir()
	report, o := imported(t, dir, village("village.geojson"))
	if o.Code != 0 || report.Created != 3 || len(report.Seams) != 0 || o.Err != "" {
		t.Fatalf("%+v", o)
	}
	for _, name := range []string{"village.geojson", "village.kml", "village.csv", "utf8.zip", "gbk.zip", "nohint.zip", "gauss.zip", "mercator.gpkg"} {
		if report, o := imported(t, dir, village(name)); o.Code != 0 || report.Unchanged != 3 {
			t.Errorf("%s: %+v", name, o)
		}
	}
	stored, err := os.ReadFile(village("village.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	report, _ = imported(t, dir, mapFile(t, strings.NewReplacer("第一网格", "一号网格", "片区", "小区").Replace(string(stored))))
	if report.Updated != 2 || report.Unchanged != 1 || report.Grids[0].Name != "澄桥村一号网格" {
		t.Errorf("a name and two levels changed: %+v", report)
	}
}

// With --partial the good is taken and the rest is named; a file that is broken
// as a whole is not taken in part.
func TestPartialImport(t *testing.T) {
	const second = "990101103201002"
	bad := shape(second, `[[[124,28],[124.01,28.01],[124.01,28],[124,28.01],[124,28]]]`)
	dir := t.TempDir()
	file := mapOf(t, shape("990101103201001", box), bad, strings.Replace(shape("99010110320100301", box), `{"grid_code"`, `{"parent":"990101103201009","grid_code"`, 1))
	dry, o := imported(t, dir, file, "--partial", "--dry-run")
	if o.Code != 1 || dry.Created != 1 || len(dry.Faults) != 2 {
		t.Errorf("%+v", o)
	}
	if codes := gridCodes(t, dir); codes != "" {
		t.Errorf("a dry run made %s", codes)
	}
	report, o := imported(t, dir, file, "--partial")
	if o.Code != 1 || !report.Partial || report.Created != 1 || report.Faults[0].Code != "self_intersection" || report.Faults[1].Code != "invalid" ||
		!strings.Contains(o.Err, "only what is good was imported") {
		t.Errorf("%+v", o)
	}
	if codes := gridCodes(t, dir); !strings.Contains(codes, "990101103201001") || strings.Contains(codes, second) {
		t.Errorf("there are %s", codes)
	}
	report, o = imported(t, dir, mapFile(t, `{"type":"FeatureCollection","features":[`+shape(second, box)+`,{`), "--partial")
	if o.Code != 1 || report.Partial || report.Created != 0 || !strings.Contains(o.Err, "nothing was imported") {
		t.Errorf("half a file: %+v", o)
	}
}

// A mapping names the attributes of this office; the grid above may stand below.
func TestImportWithMapping(t *testing.T) {
	dir := t.TempDir()
	feature := func(properties, coordinates string) string {
		return fmt.Sprintf(`{"type":"Feature","properties":%s,"geometry":{"type":"Polygon","coordinates":%s}}`, properties, coordinates)
	}
	file := mapOf(t,
		feature(`{"BM":"99010110320100101","MC":"甲栋","LX":"小","SJ":"990101103201001","HS":"12户"}`, box),
		feature(`{"BM":"990101103201001","MC":"一格","LX":"大","HS":99}`, box))
	mapping := filepath.Join(t.TempDir(), "office.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(mapping, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"grid_code": "BM", "name_zh": ["XM", "MC"], "parent": "SJ", "household_est": "HS",
		"level": {"from": ["LX"], "values": {"大": "片区", "小": "building_zone"}}}`)
	report, o := imported(t, dir, file, "--mapping", mapping)
	if o.Code != 1 || len(report.Faults) != 1 || report.Faults[0].Code != "bad_value" || !strings.Contains(report.Faults[0].Message, "12户") {
		t.Errorf("%+v", o)
	}
	write(`{"grid_code": "BM", "name_zh": ["XM", "MC"], "parent": "SJ", "household_est": {"from": ["HS"], "values": {"12户": "12"}},
		"level": {"from": ["LX"], "values": {"大": "片区", "小": "building_zone"}}}`)
	report, o = imported(t, dir, file, "--mapping", mapping)
	if o.Code != 0 || report.Created != 2 || report.Grids[0].GridCode != "990101103201001" || report.Grids[1].Name != "甲栋" {
		t.Errorf("%+v", o)
	}
	write(`{"colour": "LX"}`)
	refuses(t, `"colour" is no field`, "import", "grids", file, "--mapping", mapping)
	refuses(t, "no such file", "import", "grids", file, "--mapping", "missing.json")
}

// Seams are told with grids of the file and of the database, and refuse nothing.
func TestImportTellsSeams(t *testing.T) {
	dir := t.TempDir()
	imported(t, dir, mapOf(t, shape("990101103201001", box)))
	report, o := imported(t, dir, mapOf(t,
		shape("990101103201002", `[[[124.00998,28],[124.02,28],[124.02,28.01],[124.00998,28.01],[124.00998,28]]]`),
		shape("990101103201003", `[[[124,28.01003],[124.01,28.01003],[124.01,28.02],[124,28.02],[124,28.01003]]]`)))
	if o.Code != 0 || report.Created != 2 {
		t.Fatalf("%+v", o)
	}
	near := func(got, want float64) bool { return got > want*0.98 && got < want*1.02 }
	if len(report.Seams) != 2 ||
		report.Seams[0].Other != "990101103201002" && report.Seams[0].Code != "990101103201002" || !near(report.Seams[0].OverlapM2, 0.00002*98_370*1108.3) ||
		!near(report.Seams[1].GapM2, 0.00003*110_830*983.7) {
		t.Errorf("%+v", report.Seams)
	}
	people := gridwalk(t, "import", "grids", mapOf(t, shape("990101103201002", longBox)), "--dir", dir)
	if !strings.Contains(people.Out, "m² overlap") {
		t.Errorf("%+v", people)
	}
}

// A file in metres without a word about them is refused with its feature; --crs
// says what they are.
func TestImportOfUnnamedMetres(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "map.csv")
	if err := os.WriteFile(file, []byte("网格编码,wkt\n340223102200001,\"POLYGON((500000 3430974,500100 3430974,500100 3431074,500000 3430974))\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if report, o := imported(t, dir, file); o.Code != 1 || report.Faults[0].Code != "out_of_range" {
		t.Errorf("%+v", o)
	}
	if report, o := imported(t, dir, file, "--crs", "EPSG:4548"); o.Code != 0 || report.Created != 1 {
		t.Errorf("%+v", o)
	}
	if report, _ := imported(t, dir, file, "--crs", "EPSG:2414"); report.Faults[0].Code != string(maps.UnknownCRS) {
		t.Errorf("%+v", report)
	}
}
