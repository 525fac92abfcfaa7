package sim

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"gridwalk/phone"
)

// handset is a phone with its owner.
type handset struct {
	w       *world
	officer int
	install int
	device  string
	store   *phone.Memory
	net     *network
	client  *phone.Client
	token   string
	skew    time.Duration // of its clock
	offline bool
	erased  bool
	seen    map[string]int64 // newest seq of each record that an answer named
}

// newHandset gives an officer a phone on which nothing is.
func (w *world) newHandset(officer int) *handset {
	p := &handset{w: w, officer: officer, device: deviceID(officer, 0)}
	p.setUp()
	return p
}

func (p *handset) setUp() {
	p.store, p.erased, p.seen = phone.NewMemory(), false, map[string]int64{}
	p.net = &network{w: p.w, p: p}
	p.signIn()
	p.open()
}

// open starts the app on what its store holds.
func (p *handset) open() {
	var store phone.Store = p.store
	if p.w.c.BreakStore != nil {
		store = p.w.c.BreakStore(store)
	}
	p.client = phone.New(phone.Options{URL: "http://sim", Device: p.device, Token: func() string { return p.token }, Store: store,
		BatchSize: 4, PageSize: 40, ChunkSize: 1000, Attempts: 2, Transport: p.net,
		Now:    func() time.Time { return p.w.now.Add(p.skew) },
		Random: p.w.rng.Float64,
		NewID:  p.w.newID,
		Sleep: func(_ context.Context, d time.Duration) error {
			p.w.now = p.w.now.Add(d)
			return nil
		},
	})
}

func (w *world) newID() string {
	raw := make([]byte, 15)
	for i := range raw {
		raw[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[w.rng.IntN(36)]
	}
	return string(raw)
}

func (p *handset) name() string { return fmt.Sprintf("phone %d.%d", p.officer, p.install) }

func (p *handset) sync() { _ = p.syncOnce() }

// syncOnce syncs, and does what an app does when it fails.
func (p *handset) syncOnce() error {
	p.w.counts["sync"]++
	err := p.client.Sync(context.Background())
	if err != nil {
		p.net.last = nil // it may not have been applied
	}
	p.w.trace("%s syncs: %v", p.name(), err)
	var refused *phone.Refused
	switch {
	case err == nil:
		p.w.checkHeld(p)
		p.w.checkSafe(p)
	case errors.Is(err, phone.ErrErased):
		p.erased = true
		if left, err := p.client.Outbox(); err != nil || len(left) > 0 {
			p.w.fail(4, "%s was erased and still holds %d mutations (%v)", p.name(), len(left), err)
		}
		p.replace()
	case errors.Is(err, errCrash):
		p.w.counts["crash"]++
		p.store.BeforeCommit = nil
		p.open()
	case errors.Is(err, phone.ErrSignIn):
		p.signIn()
	case errors.As(err, &refused) && refused.Code == "device_unknown":
		p.enrol()
	case errors.Is(err, phone.ErrNetwork), errors.Is(err, phone.ErrBusy):
	default:
		p.w.fail(2, "%s: an unexpected end of a sync: %v", p.name(), err)
	}
	return err
}

// enrol makes the device known to the server.
func (p *handset) enrol() {
	status, body := p.w.request("POST", "/api/collections/devices/records", p.w.admin, fields{"id": p.device, "officer": officerID(p.officer), "status": "active"})
	if status >= ok2xx {
		p.w.fail(2, "%s cannot enrol: %s", p.name(), body)
	}
}

// replace gives the officer a new phone; what only the old one knew is lost.
func (p *handset) replace() {
	for _, m := range p.w.order {
		m.lost = m.lost || m.device == p.device && m.said == ""
	}
	p.install++
	p.device = deviceID(p.officer, p.install)
	p.w.trace("%s is new", p.name())
	p.setUp()
	p.enrol()
}

func (p *handset) reinstall() {
	p.w.counts["reinstall"]++
	p.replace()
}

// revoke has the office revoke the device: it is erased when it next syncs.
func (p *handset) revoke() {
	p.w.counts["revoke"]++
	status, _ := p.w.request("PATCH", "/api/collections/devices/records/"+p.device, p.w.admin, fields{"status": "revoked"})
	p.w.trace("%s is revoked: %d", p.name(), status)
}

// setClock gives the phone a clock that is a little, much or very wrong.
func (p *handset) setClock() {
	switch p.w.rng.IntN(6) {
	case 0:
		p.skew = time.Duration(p.w.rng.IntN(80)-40) * time.Minute
	case 1:
		p.skew = time.Duration(p.w.rng.IntN(2*3650)-3650) * 24 * time.Hour
	default:
		p.skew = time.Duration(p.w.rng.NormFloat64() * float64(20*time.Second))
	}
	p.w.trace("the clock of %s is %v off", p.name(), p.skew)
}

// move takes the phone out of the network or back.
func (p *handset) move() {
	p.offline = !p.offline
	p.w.trace("%s offline: %v", p.name(), p.offline)
}

func (p *handset) expire() {
	p.w.trace("the token of %s expires", p.name())
	p.token = "expired"
}

// arm lets the phone die at one of its next commits.
func (p *handset) arm() {
	left := p.w.rng.IntN(6)
	p.w.trace("%s dies in %d commits", p.name(), left)
	p.store.BeforeCommit = func() error {
		if left--; left < 0 {
			return errCrash
		}
		return nil
	}
}

// repeat delivers the last page once more.
func (p *handset) repeat() {
	waiting, err := p.client.Outbox()
	p.w.must(err)
	if len(waiting) > 0 || p.net.last == nil || p.store.BeforeCommit != nil || !isLastPage(bodyOf(p.net.last)) {
		return
	}
	before, err := p.client.Replica()
	p.w.must(err)
	p.net.again = true
	err = p.client.Sync(context.Background())
	after, err2 := p.client.Replica()
	p.w.must(err2)
	p.w.trace("%s gets its last page again: %v", p.name(), err)
	p.w.counts["repeat"]++
	if err != nil || !reflect.DeepEqual(before, after) {
		p.w.fail(6, "%s: the same page twice changed the replica (%v)", p.name(), err)
	}
}

func (p *handset) checkDigests() {
	if p.offline {
		return
	}
	if err := p.syncOnce(); err != nil {
		return
	}
	different, err := p.client.Check(context.Background())
	p.w.trace("%s compares digests: %v %v", p.name(), different, err)
	p.w.counts["digest"]++
	if len(different) > 0 {
		p.w.fail(3, "%s: the digests of %v differ", p.name(), different)
	}
	if errors.Is(err, errCrash) {
		p.store.BeforeCommit = nil
		p.open()
	}
}
