package commands

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const wuhu = "testdata/wuhu-districts.geojson"

// imported runs `import grids --json` and gives the report.
func imported(t *testing.T, dir, file string, flags ...string) (importReport, outcome) {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	o := gridwalk(t, append([]string{"import", "grids", path, "--json", "--dir", dir}, flags...)...)
	var report importReport
	if err := json.Unmarshal([]byte(o.Out), &report); err != nil {
		t.Fatalf("no report: %v: %+v", err, o)
	}
	return report, o
}

// A real city, with all that is odd in its map, is loaded, and a check-in in it
// is judged by the grid of the officer, through the API that serves everyone.
func TestImportOfACity(t *testing.T) {
	dir := t.TempDir()
	dry, o := imported(t, dir, wuhu, "--dry-run")
	if o.Code != 0 || !dry.DryRun || dry.Created != 8 {
		t.Fatalf("dry run: %+v", o)
	}
	report, o := imported(t, dir, wuhu)
	if o.Code != 0 || report.DryRun || report.Created != 8 || report.Updated != 0 || len(report.Grids) != 8 || len(report.Repairs) == 0 {
		t.Fatalf("8 grids were to be made, after a dry run that makes none: %+v", o)
	}
	if again, _ := imported(t, dir, wuhu); again.Created != 0 || again.Updated != 0 || again.Unchanged != 8 {
		t.Errorf("the second time: %+v", again)
	}
	if o := gridwalk(t, "superuser", "upsert", "admin@test.invalid", "walk-the-grid", "--dir", dir); o.Code != 0 {
		t.Fatal(o)
	}

	p := serve(t, dir)
	admin := p.signIn("_superusers", "admin@test.invalid", "walk-the-grid")
	grids := p.call("GET", records("grids")+"?perPage=50&sort=grid_code", admin, nil).Body["items"].([]any)
	if len(grids) != 8 {
		t.Fatalf("%d grids", len(grids))
	}
	var nanling string
	for _, g := range grids {
		grid := g.(row)
		if grid["boundary_version"] != 1.0 {
			t.Errorf("%v has version %v of a boundary that never changed", grid["name_zh"], grid["boundary_version"])
		}
		if grid["name_zh"] == "南陵县" {
			nanling = grid["id"].(string)
		}
	}
	officer := p.call("POST", records("officers"), admin, row{"email": "o@test.invalid", "password": "walk-the-grid", "passwordConfirm": "walk-the-grid",
		"name": "甲", "role": "grid_officer", "verified": true}).Body["id"]
	if a := p.call("POST", records("grid_assignments"), admin, row{"grid": nanling, "user": officer, "duty": "officer", "from_date": "2020-01-01"}); a.Status != 200 {
		t.Fatalf("%s", a.Raw)
	}
	token := p.signIn("officers", "o@test.invalid", "walk-the-grid")
	a := p.call("POST", records("check_ins"), token, row{"target_type": "point", "datum": "wgs84", "loc_src": "gps",
		"lat": 30.9149, "lng": 118.3340, "acc_m": 12})
	if a.Body["verdict_server"] != "inside" || a.Body["grid"] != nanling || a.Body["grid_found"] != nanling || a.Body["distance_m"].(float64) >= 0 {
		t.Errorf("in 南陵县: %s", a.Raw)
	}
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("the server ends with %d", code)
	}
	if o := gridwalk(t, "doctor", "--dir", dir); o.Code != 0 {
		t.Errorf("doctor: %+v", o)
	}
}

// shape writes a feature with a code and the coordinates of a polygon.
func shape(code, coordinates string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"grid_code":%q},"geometry":{"type":"Polygon","coordinates":%s}}`, code, coordinates)
}

const (
	box     = `[[[124,28],[124.01,28],[124.01,28.01],[124,28.01],[124,28]]]`
	longBox = `[[[124,28],[124.02,28],[124.02,28.01],[124,28.01],[124,28]]]`
)

func mapFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "map.geojson")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func mapOf(t *testing.T, features ...string) string {
	return mapFile(t, `{"type":"FeatureCollection","features":[`+strings.Join(features, ",")+`]}`)
}

// The version of a boundary grows when it changes, and only then.
func TestImportTwice(t *testing.T) {
	dir := t.TempDir()
	imported(t, dir, mapOf(t, shape("990101103201001", box), shape("99010110320100101", box)))
	imported(t, dir, mapOf(t, shape("990101103201001", longBox), shape("99010110320100101", box)))
	if o := gridwalk(t, "superuser", "upsert", "admin@test.invalid", "walk-the-grid", "--dir", dir); o.Code != 0 {
		t.Fatal(o)
	}
	p := serve(t, dir)
	admin := p.signIn("_superusers", "admin@test.invalid", "walk-the-grid")
	for code, version := range map[string]float64{"990101103201001": 2, "99010110320100101": 1} {
		a := p.call("GET", records("grids")+"?filter=grid_code%3D'"+code+"'", admin, nil)
		if grid := a.Body["items"].([]any)[0].(row); grid["boundary_version"] != version {
			t.Errorf("%s has version %v, want %v", code, grid["boundary_version"], version)
		}
	}
}

// A map in GCJ-02 is shifted to where it belongs, some hundred metres away.
func TestImportOfAnotherDatum(t *testing.T) {
	dir := t.TempDir()
	file := mapOf(t, shape("340223102200001", `[[[118.33,30.91],[118.34,30.91],[118.34,30.92],[118.33,30.92],[118.33,30.91]]]`))
	if _, o := imported(t, dir, file, "--datum", "gcj02"); o.Code != 0 {
		t.Fatal(o)
	}
	if o := gridwalk(t, "superuser", "upsert", "admin@test.invalid", "walk-the-grid", "--dir", dir); o.Code != 0 {
		t.Fatal(o)
	}
	p := serve(t, dir)
	center := p.call("GET", records("grids"), p.signIn("_superusers", "admin@test.invalid", "walk-the-grid"), nil).Body["items"].([]any)[0].(row)["center"].(row)
	east, north := (118.335-center["lon"].(float64))*95_500, (30.915-center["lat"].(float64))*110_900
	if east < 300 || east > 800 || north < -500 || north > 500 || north > -50 && north < 50 {
		t.Errorf("was shifted %.0f m east and %.0f m north", east, north)
	}
}

// A file with any fault changes nothing, names every fault with its feature,
// and fails.
func TestImportOfBrokenMaps(t *testing.T) {
	good := shape("990101103201001", box)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	city, err := os.ReadFile(wuhu)
	if err != nil {
		t.Fatal(err)
	}
	const second = "990101103201002"
	dir := t.TempDir()
	imported(t, dir, mapOf(t, shape("990101103299001", box)))
	before := gridCodes(t, dir)
	for _, c := range []struct {
		name, file string
		want       []string // code and feature
	}{
		{"a bow-tie", mapOf(t, good, shape(second, `[[[124,28],[124.01,28.01],[124.01,28],[124,28.01],[124,28]]]`)), []string{"self_intersection 1"}},
		{"NaN", mapOf(t, good, shape(second, `[[[NaN,28],[124.01,28],[124.01,28.01]]]`)), []string{"bad_json -1"}},
		{"texts", mapOf(t, good, shape(second, `[[["124","28"],[124.01,28],[124.01,28.01],[124,28]]]`)), []string{"not_a_number 1"}},
		{"a latitude of 91", mapOf(t, good, shape(second, `[[[124,91],[124.01,28],[124.01,28.01],[124,91]]]`)), []string{"out_of_range 1"}},
		{"a ring of two points", mapOf(t, good, shape(second, `[[[124,28],[124.01,28],[124,28]]]`)), []string{"too_few_points 1"}},
		{"a hole outside its shell", mapOf(t, good, shape(second, strings.TrimSuffix(box, "]")+`,[[125,28],[125.01,28],[125.01,28.01],[125,28]]]`)), []string{"hole_outside_shell 1"}},
		{"no code", mapOf(t, good, strings.Replace(good, "grid_code", "colour", 1)), []string{"missing_code 1"}},
		{"a code of 16 digits", mapOf(t, shape("9901011032010011", box)), []string{"missing_code 0"}},
		{"a code twice", mapOf(t, good, good), []string{"duplicate_code 1"}},
		{"a point", mapOf(t, good, `{"type":"Feature","properties":{"grid_code":"990101103201002"},"geometry":{"type":"Point","coordinates":[124,28]}}`), []string{"wrong_geometry_type 1"}},
		{"no geometry", mapOf(t, `{"type":"Feature","properties":{"grid_code":"990101103201002"},"geometry":null}`), []string{"wrong_geometry_type 0"}},
		{"too deep", mapOf(t, good, shape(second, deep)), []string{"bad_json -1"}},
		{"no features", mapOf(t), []string{"empty -1"}},
		{"no JSON", mapFile(t, "grid_code,boundary\n1,2\n"), []string{"bad_json -1"}},
		{"nothing", mapFile(t, ""), []string{"bad_json -1"}},
		{"a file cut short", mapFile(t, string(city[:len(city)/2])), []string{"bad_json -1"}},
		{"bytes", mapFile(t, "\x1f\x8b\x00\xff"), []string{"bad_json -1"}},
		{"names too long for the table", mapOf(t, strings.Replace(good, `{"grid_code"`, `{"name":"`+strings.Repeat("长", 500)+`","grid_code"`, 1), shape(second, box), strings.Replace(shape("990101103201003", box), `{"grid_code"`, `{"name":"`+strings.Repeat("长", 500)+`","grid_code"`, 1)), []string{"invalid 0", "invalid 2"}},
		{"several at once", mapOf(t, shape(second, `[[[124,28],[124.01,28.01],[124.01,28],[124,28.01],[124,28]]]`), good, shape("x", `[[[124,91],[124.01,28],[124.01,28.01],[124,91]]]`), good),
			[]string{"self_intersection 0", "out_of_range 2", "missing_code 2", "duplicate_code 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, o := imported(t, dir, c.file)
			var got []string
			for _, fault := range report.Faults {
				got = append(got, fmt.Sprintf("%s %d", fault.Code, fault.Feature))
			}
			if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
				t.Errorf("faults %v, want %v", report.Faults, c.want)
			}
			if o.Code != 1 || !strings.Contains(o.Err, "nothing was imported") || report.Created+report.Updated+len(report.Grids) != 0 {
				t.Errorf("%+v", o)
			}
		})
	}
	if after := gridCodes(t, dir); after != before {
		t.Errorf("broken maps changed %q to %q", before, after)
	}
}

// What people read has the same in it as the report for programs.
func TestImportReportForPeople(t *testing.T) {
	path, err := filepath.Abs(wuhu)
	if err != nil {
		t.Fatal(err)
	}
	o := gridwalk(t, "import", "grids", path, "--dry-run")
	if !strings.Contains(o.Out, "南陵县") || !strings.HasSuffix(o.Out, "dry run: 8 grids would be new, 0 updated, 0 unchanged; nothing was changed\n") {
		t.Errorf("%+v", o)
	}
	o = gridwalk(t, "import", "grids", mapOf(t))
	if o.Code != 1 || !strings.Contains(o.Out, "file: empty: ") {
		t.Errorf("%+v", o)
	}
}
