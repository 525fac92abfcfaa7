package commands

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// The demo tells a program all that it needs: every login works, and every
// officer can check in at the middle of his grid.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	p, r := runDemo(t, dir)
	if r.Dashboard != r.URL+"/_/" || len(r.Officers) == 0 {
		t.Fatalf("%+v", r)
	}
	if a := p.call("GET", "/_/", "", nil); a.Status != 200 {
		t.Errorf("the dashboard: %d", a.Status)
	}
	admin := p.signIn("_superusers", r.Superuser.Email, r.Superuser.Password)
	inGrids := 0
	for _, o := range r.Officers {
		token := p.signIn("officers", o.Email, o.Password)
		if o.GridID == "" {
			continue
		}
		inGrids++
		grid := p.call("GET", records("grids")+"/"+o.GridID, admin, nil).Body
		center := grid["center"].(row)
		a := p.call("POST", records("check_ins"), token, row{"target_type": "point", "datum": "wgs84", "loc_src": "gps",
			"lat": center["lat"], "lng": center["lon"], "acc_m": 8})
		if grid["grid_code"] != o.GridCode || a.Body["verdict_server"] != "inside" || a.Body["grid_found"] != o.GridID {
			t.Errorf("%s at the middle of %s: %d %s", o.Email, o.GridCode, a.Status, a.Raw)
		}
	}
	if inGrids < 6 {
		t.Errorf("%d officers have a grid", inGrids)
	}
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("SIGTERM ends it with %d: %s", code, p.log.String())
	}

	started := time.Now()
	again, r2 := runDemo(t, dir)
	t.Logf("the second start was ready after %v", time.Since(started))
	token := again.signIn("officers", r2.Officers[0].Email, r2.Officers[0].Password)
	admin = again.signIn("_superusers", r2.Superuser.Email, r2.Superuser.Password)
	if a := again.call("GET", records("check_ins"), admin, nil); a.Body["totalItems"] != float64(40+inGrids) || token == "" {
		t.Errorf("after the second start: %s check-ins", a.Raw)
	}
	if code := again.end(syscall.SIGINT); code != 0 {
		t.Errorf("SIGINT ends it with %d", code)
	}
	for line := range again.rest {
		t.Errorf("prints more than one line: %s", line)
	}
	if o := gridwalk(t, "doctor", "--dir", dir); o.Code != 0 || o.Out != "doctor: nothing wrong\n" {
		t.Errorf("doctor on the demo: %+v", o)
	}
}

func TestDemoRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	refuses(t, "address already in use", "demo", "--http", taken.Addr().String())
	refuses(t, "address already in use", "serve", "--http", taken.Addr().String())
	refuses(t, "want tiny, town or county", "demo", "--preset", "galaxy")

	dir := t.TempDir()
	if o := gridwalk(t, "superuser", "upsert", "me@example.org", "a-long-password", "--dir", dir); o.Code != 0 {
		t.Fatal(o)
	}
	refuses(t, "holds data that is not the demo", "demo", "--dir", dir, "--http", "127.0.0.1:0")
}

// A demo that is told to stop while it loads leaves nothing that looks whole.
func TestDemoCutShort(t *testing.T) {
	dir := t.TempDir()
	p := launch(t, "demo", "--dir", dir, "--http", "127.0.0.1:0", "--json", "--preset", "town")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(filepath.Join(dir, "data.db-wal")); err == nil && info.Size() > 4<<20 {
			break
		}
	}
	if code := p.end(syscall.SIGTERM); code == 0 || !strings.Contains(p.log.String(), "interrupted") {
		t.Errorf("exit %d: %s", code, p.log.String())
	}
	whole, r := runDemo(t, dir)
	if len(r.Officers) == 0 {
		t.Error("no officers")
	}
	whole.end(syscall.SIGTERM)
	if o := gridwalk(t, "doctor", "--dir", dir); o.Code != 0 {
		t.Errorf("doctor: %+v", o)
	}
}
