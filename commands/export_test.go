package commands

import (
	"path/filepath"
	"strings"
	"testing"

	"gridwalk/maps"
)

// What is exported can be imported again, and nothing changes.
func TestExportAndImport(t *testing.T) {
	dir := demoData(t)
	count := query(t, dir, "SELECT count(*) FROM grids")
	for _, format := range maps.Formats {
		file := filepath.Join(t.TempDir(), "map."+format)
		if o := gridwalk(t, "export", "grids", "--out", file, "--dir", dir); o.Code != 0 || o.Out != "exported: "+count+" grids to "+file+"\n" {
			t.Fatalf("%+v", o)
		}
		if report, o := imported(t, dir, file); o.Code != 0 || report.Created+report.Updated != 0 || report.Unchanged != len(report.Grids) || len(report.Grids) == 0 {
			t.Errorf("%s: %+v", format, o)
		}
	}
	part := filepath.Join(t.TempDir(), "part")
	code := query(t, dir, "SELECT max(grid_code) FROM grids")
	imported(t, dir, mapOf(t, strings.Replace(shape(code+"01", box), `{"grid_code"`, `{"parent":"`+code+`","grid_code"`, 1)))
	if o := gridwalk(t, "export", "grids", "--format", "kml", "--out", part, "--grid", code, "--dir", dir); o.Code != 0 || !strings.HasPrefix(o.Out, "exported: 2 grids") {
		t.Errorf("%+v", o)
	}
	refuses(t, "no such grid", "export", "grids", "--out", part+".kml", "--grid", "1", "--dir", dir)
	refuses(t, "unknown format", "export", "grids", "--out", part+".doc", "--dir", dir)
	refuses(t, "--out", "export", "grids", "--dir", dir)
	refuses(t, "there is no database", "export", "grids", "--out", part+".kml", "--dir", t.TempDir())
}
