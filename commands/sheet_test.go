package commands

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The photographs of a matter are on its sheet by stage; one without a picture
// says so, and what the office wrote is text and nothing else.
func TestSheet(t *testing.T) {
	dir := t.TempDir()
	p, _ := runDemo(t, dir)
	for deadline := time.Now().Add(30 * time.Second); query(t, dir, "SELECT count(*) FROM evidence WHERE status = 'processing'") != "0"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the previews are not made")
		}
	}
	p.end(syscall.SIGTERM)
	query(t, dir, `INSERT INTO matters (id, no, title, category, status, grid, place_zh) SELECT 'aaaaaaaaaaaaaaa', '20261123-0001', '<script>路灯', 'public_facility', 'closed', id, '桥头' FROM grids LIMIT 1`)
	query(t, dir, `UPDATE evidence SET owner_type = 'matter', owner_id = 'aaaaaaaaaaaaaaa', stage = (SELECT CASE nth WHEN 1 THEN 'after' WHEN 2 THEN 'before' ELSE '' END FROM
		(SELECT id AS e, row_number() OVER (ORDER BY id) AS nth FROM evidence) WHERE e = evidence.id)`)
	query(t, dir, "UPDATE evidence SET status = 'erased' WHERE stage = 'after'")
	out := filepath.Join(t.TempDir(), "sheet.html")
	o := gridwalk(t, "evidence", "sheet", "--matter", "20261123-0001", "--out", out, "--dir", dir)
	count := query(t, dir, "SELECT count(*) FROM evidence")
	if o.Code != 0 || !strings.Contains(o.Out, "20261123-0001 with "+count+" photographs") {
		t.Fatalf("%+v", o)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for _, want := range []string{"data:image/jpeg;base64,/9j/", "处理前", "处理后", "其他", "已到期删除", "&lt;script&gt;路灯", "结案", "桥头", "仅自报", "已核实"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the sheet", want)
		}
	}
	if strings.Index(page, "处理前") > strings.Index(page, "处理后") || strings.Contains(page, "<script>路灯") {
		t.Errorf("%.2000s", page)
	}
	refuses(t, "find matter", "evidence", "sheet", "--matter", "x", "--out", out, "--dir", dir)
	refuses(t, "--matter NUMBER", "evidence", "sheet", "--out", out, "--dir", dir)
}
