package commands

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	_ "modernc.org/sqlite" // the driver of the server, to break things behind its back
)

// query reads or changes the database of dir past the program.
func query(t *testing.T, dir, statement string) string {
	t.Helper()
	db, err := dbx.Open("sqlite", filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !strings.HasPrefix(statement, "SELECT") {
		if _, err := db.NewQuery(statement).Execute(); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		return ""
	}
	var value string
	if err := db.NewQuery(statement).Row(&value); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

func gridCodes(t *testing.T, dir string) string {
	return query(t, dir, "SELECT COALESCE(GROUP_CONCAT(grid_code || boundary), '') FROM grids")
}

// demoData is a directory with the demo in it that no server uses.
func demoData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	p, _ := runDemo(t, dir)
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Fatalf("the demo ends with %d", code)
	}
	return dir
}

type diagnosis struct {
	Findings []finding
	Mended   int
}

func doctor(t *testing.T, dir string, flags ...string) (diagnosis, outcome) {
	t.Helper()
	o := gridwalk(t, append([]string{"doctor", "--dir", dir, "--json"}, flags...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(o.Out), &d); err != nil {
		t.Fatalf("%v: %+v", err, o)
	}
	return d, o
}

// Doctor names each thing that was broken, and what it can mend it mends.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	dir := demoData(t)
	grid := query(t, dir, "SELECT id FROM grids ORDER BY id LIMIT 1")
	photo := query(t, dir, "SELECT id FROM evidence ORDER BY id LIMIT 1")
	record := query(t, dir, "SELECT id FROM households ORDER BY id LIMIT 1")
	query(t, dir, "UPDATE grids SET path = '/nowhere/' WHERE id = '"+grid+"'")
	query(t, dir, "DELETE FROM _sync_feed WHERE collection = 'households' AND record = '"+record+"'")
	files, err := filepath.Glob(filepath.Join(dir, "storage", "*", photo, "*.jpg"))
	// The demo may have had the time to make previews beside it.
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasPrefix(filepath.Base(name), "thumbs_") })
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	bytesOfPhoto, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(filepath.Dir(filepath.Dir(files[0])), "aaaaaaaaaaaaaaa")
	if err := os.MkdirAll(stray, 0o700); err != nil {
		t.Fatal(err)
	}
	const young, old = time.Minute, 2 * time.Hour
	for name, age := range map[string]time.Duration{"running.jpg": young, "left.jpg": old} {
		file := filepath.Join(stray, name)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"grids " + grid: "path", "photographs " + photo: "row without bytes", "photographs aaaaaaaaaaaaaaa": "bytes without a row", "feed " + record: "missing in the feed"}

	d, o := doctor(t, dir)
	if o.Code != 1 || !strings.Contains(o.Err, "doctor found 4 faults") || len(d.Findings) != 4 {
		t.Errorf("%+v", o)
	}
	for _, f := range d.Findings {
		if what := want[f.Check+" "+f.Record]; what == "" || !strings.Contains(f.What, what) {
			t.Errorf("unexpected: %+v", f)
		}
	}
	d, _ = doctor(t, dir, "--repair")
	if d.Mended != 3 || len(d.Findings) != 1 {
		t.Errorf("after a repair: %+v", d)
	}
	if d, _ = doctor(t, dir); len(d.Findings) != 1 {
		t.Errorf("a repair does not last: %+v", d)
	}
	// The phones are asked for the photograph; and if the disk comes back with
	// it, it is taken.
	if state := query(t, dir, "SELECT upload_state || ' ' || status FROM evidence WHERE id = '"+photo+"'"); state != "local pending" {
		t.Errorf("the record of a lost photograph is %s", state)
	}
	if err := os.WriteFile(files[0], bytesOfPhoto, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, _ = doctor(t, dir, "--repair"); d.Mended != 1 || len(d.Findings) != 1 {
		t.Errorf("after the disk came back: %+v", d)
	}
	if state := query(t, dir, "SELECT upload_state || ' ' || status FROM evidence WHERE id = '"+photo+"'"); state != "done processing" {
		t.Errorf("the record of a photograph that came back is %s", state)
	}
	if _, err := os.Stat(filepath.Join(stray, "running.jpg")); err != nil {
		t.Errorf("an upload that still runs was touched: %v", err)
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "storage", "stray", "*", "*", "left.jpg")); len(aside) != 1 {
		t.Errorf("stray bytes were not kept: %v", aside)
	}
}

// A database that cannot be trusted is refused with what is wrong, by whatever
// would use it.
func TestDamagedAndNewerDatabases(t *testing.T) {
	healthy := demoData(t)
	whole, err := os.ReadFile(filepath.Join(healthy, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	middle := append([]byte(nil), whole...)
	for i := range 3 * 4096 {
		middle[len(middle)/2/4096*4096+i] = byte(i*7 + 1)
	}
	for _, c := range []struct {
		name, file string
		content    []byte
		says       string
	}{
		{"bytes overwritten in the middle", "data.db", middle, "the database is damaged"},
		{"garbage", "data.db", []byte(strings.Repeat("garbage!", 10_000)), "the database is damaged"},
		{"a file cut in half", "data.db", whole[:len(whole)/2], "the database is damaged"},
		{"a file cut by a page", "data.db", whole[:len(whole)-4096], "the database is damaged"},
		{"an empty file beside the uploads", "data.db", nil, "is empty or missing"},
		{"a damaged log", "auxiliary.db", []byte(strings.Repeat("garbage!", 10_000)), "move it away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copyOf(t, healthy)
			if err := os.WriteFile(filepath.Join(dir, c.file), c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			refuses(t, c.says, "serve", "--dir", dir, "--http", "127.0.0.1:0")
			refuses(t, c.says, "doctor", "--dir", dir)
			if kept, err := os.ReadFile(filepath.Join(dir, c.file)); err != nil || string(kept) != string(c.content) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a newer one", func(t *testing.T) {
		dir := copyOf(t, healthy)
		query(t, dir, "INSERT INTO _migrations (file, applied) VALUES ('9999999999_future.go', 1)")
		for _, line := range []string{"serve --http 127.0.0.1:0", "demo --http 127.0.0.1:0", "doctor"} {
			refuses(t, "newer gridwalk: it knows the migration 9999999999_future.go", append(strings.Fields(line), "--dir", dir)...)
		}
	})
}

func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
