package commands

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A grid is drawn with its check-ins and places, and without anybody's name.
func TestMap(t *testing.T) {
	dir := demoData(t)
	code := query(t, dir, "SELECT max(grid_code) FROM grids")
	out := filepath.Join(t.TempDir(), "map.svg")
	o := gridwalk(t, "map", "--grid", code, "--out", out, "--dir", dir, "--days", "36500", "--neglected", "36500")
	checkIns := query(t, dir, "SELECT count(*) FROM check_ins WHERE '"+code+"' IN (SELECT grid_code FROM grids WHERE id IN (check_ins.grid, grid_found))")
	if o.Code != 0 || !strings.HasPrefix(o.Out, "drawn: "+code+" with ") || !strings.Contains(o.Out, " and "+checkIns+" check-ins") || strings.Contains(o.Out, " 0 places") {
		t.Fatalf("%s check-ins: %+v", checkIns, o)
	}
	svg, err := os.ReadFile(out)
	if err != nil || xml.Unmarshal(svg, new(struct{ XMLName xml.Name })) != nil {
		t.Fatalf("%v: %s", err, svg)
	}
	never := query(t, dir, "SELECT count(*) FROM buildings WHERE id NOT IN (SELECT place FROM coverage) AND grid IN (SELECT id FROM grids WHERE grid_code LIKE '"+code+"%')")
	if rings := strings.Count(string(svg), `fill="#fbe4f0"`) - 1; strconv.Itoa(rings) != never { // one is the legend's
		t.Errorf("%d places in a ring, %s that nobody came near", rings, never)
	}
	for _, names := range []string{"SELECT group_concat(name) FROM residents", "SELECT group_concat(head_name) FROM households", "SELECT group_concat(name) FROM buildings", "SELECT group_concat(name) FROM officers"} {
		for _, name := range strings.Split(query(t, dir, names), ",") {
			if name == "" || strings.Contains(string(svg), name) {
				t.Errorf("%s is in the picture", name)
			}
		}
	}
	refuses(t, "no such grid", "map", "--grid", "1", "--out", out, "--dir", dir)
	refuses(t, "--grid CODE", "map", "--out", out, "--dir", dir)
	refuses(t, "at least 1", "map", "--grid", code, "--out", out, "--days", "0", "--dir", dir)
	refuses(t, "draw map", "map", "--grid", code, "--out", filepath.Join(out, "x"), "--dir", dir)
	refuses(t, "there is no database", "map", "--grid", code, "--out", out, "--dir", t.TempDir())
}
