package sim

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"gridwalk/phone"
)

// quiet is a world in which nothing happens by chance.
func quiet(t *testing.T) *world {
	t.Helper()
	source, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "0")
	if err := copyData(source, dir); err != nil {
		t.Fatal(err)
	}
	w := &world{c: DefaultConfig(), rng: rand.New(rand.NewPCG(1, 1)), now: begin, root: os.TempDir(), dir: dir,
		ledger: map[string]*written{}, counts: map[string]int{}}
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.server.stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// before calls a function before each request.
type before struct {
	http.RoundTripper
	do func()
}

func (b before) RoundTrip(r *http.Request) (*http.Response, error) {
	b.do()
	return b.RoundTripper.RoundTrip(r)
}

// A household moves to another of the officer's grids. Between the page that
// tells of the one grid and the page that tells of the other he loses the
// other: the household must not stay behind.
func TestARecordThatMovesIntoALostScopeDoesNotStay(t *testing.T) {
	for at := range 5 {
		w := quiet(t)
		p := w.newHandset(0)
		assigned := w.newID()
		status, body := w.request("POST", "/api/collections/grid_assignments/records", w.admin,
			fields{"id": assigned, "grid": gridID(1), "user": officerID(0), "duty": "officer", "from_date": "2020-01-01 00:00:00.000Z"})
		if status >= ok2xx {
			t.Fatalf("assign: %s", body)
		}
		p.sync()
		w.edit("households", householdID(0), fields{"building": id("building", 1)})
		w.edit("residents", id("resident", 1), fields{"phone": "1"})
		requests := 0
		slow := phone.New(phone.Options{URL: "http://sim", Device: p.device, Token: func() string { return p.token }, Store: p.store, PageSize: 1,
			Transport: before{p.net, func() {
				if requests++; requests == at+1 {
					w.send("DELETE", "grid_assignments", assigned, nil)
				}
			}}})
		if err := slow.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		if w.checkHeld(p); w.broken != nil {
			t.Errorf("the grid is lost before page %d: %v", at+1, w.broken)
		}
	}
}
