// Package demo makes a fictional county in the open sea, with grids, officers,
// homes and what was done there in the last days, for trying out and testing.
//
// Nothing in it can be taken for real: division codes begin with 9901, which is
// not assigned, telephone numbers cannot be dialled, places are marked 演示, and
// mail addresses end in .invalid. The same preset, seed and time make the same
// bytes, ids included.
//
//	spec, err := demo.Preset("tiny")
//	err = demo.Generate(spec, 1, now, func(collection string, row map[string]any) error { … })
//	err = demo.Load(app, spec, 1, now, progress)
package demo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"gridwalk/geo"
)

// Password of every login of the demo, and the login that may do everything.
const (
	Password = "walk-the-grid-demo"
	// MailHost is of every account of the demo: no mail reaches it.
	MailHost  = "demo.gridwalk.invalid"
	Superuser = "admin@" + MailHost
)

// Spec says how much to make. All counts are exact.
type Spec struct {
	Name                         string
	Towns, Communities, Villages int
	Grids                        int // with codes of 15 digits, the exclusive ones included
	Exclusive                    int
	Zones                        int // building zones, with codes of 17 digits, inside the grids
	Households, Residents        int
	Care                         int // residents with care tags
	PartTime                     int // officers beside the one full-time officer of every grid
	Visits, CheckIns, Photos     int
	Meetings, Matters            int
	Errands, Orders              int
	Meters                       int     // water meters of elders who live alone
	Spacing                      float64 // metres from the middle of one grid to the next
}

// Preset gives the spec called tiny (one village), town or county.
func Preset(name string) (Spec, error) {
	for _, s := range []Spec{
		{Name: "tiny", Towns: 1, Villages: 1, Grids: 6, Households: 238, Residents: 620, Care: 43,
			Visits: 60, CheckIns: 40, Photos: 6, Meetings: 2, Matters: 28, Errands: 3, Orders: 2, Meters: 4, Spacing: 600},
		{Name: "town", Towns: 1, Communities: 4, Villages: 18, Grids: 110, Exclusive: 6,
			Households: 20_300, Residents: 53_000, Care: 3_700, PartTime: 232,
			Visits: 4_000, CheckIns: 3_000, Photos: 12, Meetings: 20, Matters: 200, Errands: 30, Orders: 12, Meters: 60, Spacing: 1000},
		{Name: "county", Towns: 8, Communities: 30, Villages: 155, Grids: 900, Exclusive: 50, Zones: 2_300,
			Households: 165_000, Residents: 431_000, Care: 30_000, PartTime: 1_900,
			Visits: 30_000, CheckIns: 22_000, Photos: 12, Meetings: 150, Matters: 1_800, Errands: 200, Orders: 80, Meters: 1_200, Spacing: 1000},
	} {
		if s.Name == name {
			return s, nil
		}
	}
	return Spec{}, fmt.Errorf("unknown preset %q: want tiny, town or county", name)
}

// File is the value of a file field.
type File struct {
	Name  string
	Bytes []byte
}

// Generate makes the rows of the demo and hands them to emit, each after those
// it refers to. Values are as PocketBase's API takes them: dates are text in
// UTC, relations are ids, and a photograph is a File. All rows of a collection
// have the same keys; what a hook would compute is filled in. Generate stops at
// the first error of emit and returns it.
func Generate(spec Spec, seed uint64, now time.Time, emit func(collection string, row map[string]any) error) error {
	w := newWorld(spec, seed, now, emit)
	w.settle()
	w.employ()
	for _, g := range w.grids {
		w.inhabit(g)
		w.walk(g)
		w.owe(g)
	}
	return w.err
}

// Account is a login of the demo.
type Account struct {
	Email, Role, GridCode, GridID, Name, ID string
}

// Officers gives the logins that Generate makes from spec and seed, whatever
// the time. GridCode and GridID are of the first grid assigned, or empty.
func Officers(spec Spec, seed uint64) ([]Account, error) {
	var accounts []Account
	codes, place := map[string]string{}, map[string]int{}
	text := func(v any) string { s, _ := v.(string); return s }
	done := errors.New("all officers are known")
	err := Generate(spec, seed, time.Unix(0, 0), func(collection string, r map[string]any) error {
		switch collection {
		case "grids":
			codes[text(r["id"])] = text(r["grid_code"])
		case "officers":
			place[text(r["id"])] = len(accounts)
			accounts = append(accounts, Account{Email: text(r["email"]), Role: text(r["role"]), Name: text(r["name"]), ID: text(r["id"])})
		case "grid_assignments":
			if a := &accounts[place[text(r["user"])]]; a.GridID == "" {
				a.GridID, a.GridCode = text(r["grid"]), codes[text(r["grid"])]
			}
		case "buildings":
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		return nil, err
	}
	return accounts, nil
}

// row is one record on its way to emit.
type row = map[string]any

// world is the state of one run of Generate.
type world struct {
	spec  Spec
	seed  uint64
	rng   *rand.Rand
	now   time.Time
	today time.Time // midnight in China
	since time.Time // when the county began to use the system
	emit  func(string, row) error
	err   error

	county string // id of its region
	fences []geo.Fence
	index  func() *geo.Index // over the fences, once they are known
	towns  []*town
	units  []*unit
	grids  []*grid

	homes, people, care, visits, checkIns *quota
	photos                                int // made so far
	checked                               int // check-ins made so far
}

func newWorld(spec Spec, seed uint64, now time.Time, emit func(string, row) error) *world {
	const china = 8 * time.Hour
	today := now.UTC().Add(china).Truncate(24 * time.Hour).Add(-china)
	w := &world{
		spec: spec, seed: seed, rng: rand.New(rand.NewPCG(seed, 990101)), emit: emit,
		now: now.UTC(), today: today, since: today.AddDate(0, 0, -400),
		homes: &quota{spec.Households, spec.Grids}, people: &quota{spec.Residents, spec.Households},
		care: &quota{spec.Care, spec.Residents}, visits: &quota{spec.Visits, spec.Households},
		checkIns: &quota{spec.CheckIns, spec.Visits},
	}
	w.index = sync.OnceValue(func() *geo.Index { return geo.NewIndex(w.fences) })
	return w
}

// put emits a row made at the given time and returns its id. After an error it
// does nothing, so that only loops need to look.
func (w *world) put(collection string, at time.Time, r row) string {
	id, _ := r["id"].(string)
	if id == "" {
		id = w.id()
		r["id"] = id
	}
	r["created"], r["updated"] = stamp(at), stamp(at)
	if w.err == nil {
		w.err = w.emit(collection, r)
	}
	return id
}

// synced emits a row of what phones make: recorded by an officer in a grid at
// some time, and received a little later.
func (w *world) synced(collection, grid, officer string, at time.Time, r row) string {
	received := at.Add(time.Duration(20+w.rng.IntN(3600)) * time.Second)
	if received.After(w.now) {
		received = w.now
	}
	r["grid"], r["created_by"], r["rev"] = grid, officer, 1
	r["captured_at"], r["received_at"] = stamp(at), stamp(received)
	return w.put(collection, received, r)
}

// stamp writes a time as PocketBase stores it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000Z") }

// id makes a record id of 15 characters.
func (w *world) id() string { return w.text(15) }

func (w *world) text(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[w.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// chance is true once in 1/p times.
func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

// between gives a whole number from lo to hi, both included.
func (w *world) between(lo, hi int) int { return lo + w.rng.IntN(hi-lo+1) }

func pick[T any](w *world, from ...T) T { return from[w.rng.IntN(len(from))] }

// phone makes a number that cannot be dialled.
func (w *world) phone() string { return fmt.Sprintf("100%08d", w.rng.IntN(1e8)) }

// quota spreads exactly left things over the next of places.
type quota struct{ left, of int }

// take says whether the next place gets a thing: about weight times as often as
// the average, and in the end exactly as often as there are things.
func (q *quota) take(w *world, weight float64) bool {
	got := q.left >= q.of || w.chance(weight*float64(q.left)/float64(q.of))
	if q.left == 0 {
		got = false
	}
	q.of--
	if got {
		q.left--
	}
	return got
}

// draw gives the next place a number of things near the average times weight.
// Every place gets at least one.
func (q *quota) draw(w *world, weight float64) int {
	q.of--
	mean := float64(q.left) / float64(q.of+1) * weight
	n := int(mean)
	if w.chance(mean - float64(n)) {
		n++
	}
	if q.of == 0 {
		n = q.left
	}
	n = max(1, min(n, q.left-q.of))
	q.left -= n
	return n
}
