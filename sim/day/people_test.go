package day

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/phone"
)

type fields = map[string]any

// day is the 23rd of November 2026, a Monday, with a server and everybody who
// has a part in it.
type day struct {
	t       *testing.T
	mu      sync.Mutex
	now     time.Time
	rng     *rand.Rand
	app     *pocketbase.PocketBase
	handler http.Handler

	grid, village, town *core.Record
	homes, residents    []*core.Record // of her grid
	idCard              *core.Record   // a paper that a service needs

	her, scribe             *handset // of 周明兰, and of who writes with her at the pavilion
	water, land             *handset // of the units that a whistle calls
	volunteer, late         *handset
	admin, dispatcher       desk
	waterBureau, landBureau *core.Record
	handsets                []*handset
	// Ids of what the day makes.
	patrol, slope, meeting, errand, paper, order string
}

// desk is somebody who works at a browser.
type desk struct {
	d       *day
	officer *core.Record
	token   string
}

// handset is somebody with a phone, on which the reference client runs.
type handset struct {
	*phone.Client
	desk
	link   *link
	device string
	made   []phone.Mutation
}

func (d *day) must(err error) {
	if err != nil {
		d.t.Helper()
		d.t.Fatal(err)
	}
}

// save makes a record past the access rules, as it was there before the day.
func (d *day) save(collection string, values fields) *core.Record {
	d.t.Helper()
	col, err := d.app.FindCachedCollectionByNameOrId(collection)
	d.must(err)
	record := core.NewRecord(col)
	record.Load(values)
	if err := d.app.Save(record); err != nil {
		d.t.Fatalf("save %s %v: %v", collection, values, err)
	}
	return record
}

// stored reads a record from the database.
func (d *day) stored(collection, id string) *core.Record {
	d.t.Helper()
	record, err := d.app.FindRecordById(collection, id)
	d.must(err)
	return record
}

func (d *day) person(role, name string, values fields) desk {
	d.t.Helper()
	all := fields{"email": fmt.Sprintf("p%d@test.invalid", d.rng.IntN(1e9)), "password": "walk-the-grid", "name": name, "role": role, "verified": true}
	for field, value := range values {
		all[field] = value
	}
	officer := d.save("officers", all)
	token, err := officer.NewAuthToken()
	d.must(err)
	return desk{d, officer, token}
}

// phoneOf gives somebody an enrolled phone on which nothing is yet.
func (d *day) phoneOf(owner desk) *handset {
	d.t.Helper()
	p := &handset{desk: owner, link: &link{d: d, signal: good}}
	p.device = d.save("devices", fields{"officer": owner.officer.Id, "status": "active"}).Id
	p.Client = phone.New(phone.Options{URL: "http://day", Device: p.device, Token: func() string { return owner.token }, Store: phone.NewMemory(),
		ChunkSize: 64 << 10, Transport: p.link, Now: d.clock, Random: d.rng.Float64, NewID: d.newID,
		Sleep: func(_ context.Context, wait time.Duration) error { d.pass(wait); return nil }})
	d.handsets = append(d.handsets, p)
	return p
}

func (d *day) newID() string {
	raw := make([]byte, 15)
	for i := range raw {
		raw[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[d.rng.IntN(36)]
	}
	return string(raw)
}

// creates makes a record on the phone; it is durable there at once.
func (p *handset) creates(collection string, set fields, after ...string) string {
	p.d.t.Helper()
	id := p.NewID()
	p.write(collection, id, "create", set, after...)
	return id
}

func (p *handset) changes(collection, id string, set fields) { p.write(collection, id, "update", set) }

func (p *handset) write(collection, id, op string, set fields, after ...string) {
	p.d.t.Helper()
	made, err := p.Write(collection, id, op, set, after...)
	p.d.must(err)
	p.made = append(p.made, made)
}

// takes takes a photograph.
func (p *handset) takes(photo []byte, set fields, after string) {
	p.d.t.Helper()
	made, err := p.Capture(photo, set, after)
	p.d.must(err)
	p.made = append(p.made, made)
}

// last is the id of the newest mutation, for what makes no sense without it.
func (p *handset) last() string { return p.made[len(p.made)-1].ID }

func (p *handset) syncs() {
	p.d.t.Helper()
	if err := p.Sync(context.Background()); err != nil {
		p.d.t.Fatalf("%s cannot sync: %v", p.officer.GetString("name"), err)
	}
}

// failsToSync tries in vain, and loses nothing by it.
func (p *handset) failsToSync() {
	p.d.t.Helper()
	if err := p.Sync(context.Background()); !errors.Is(err, phone.ErrNetwork) {
		p.d.t.Fatalf("%s syncs without a network: %v", p.officer.GetString("name"), err)
	}
}

// holds gives a record as the phone shows it, nil when it has none.
func (p *handset) holds(collection, id string) fields {
	p.d.t.Helper()
	record, err := p.Get(collection, id)
	p.d.must(err)
	return record
}

// listed are the records of a collection on the phone whose field has a value.
func (p *handset) listed(collection, field string, value any) (found []fields) {
	p.d.t.Helper()
	all, err := p.List(collection)
	p.d.must(err)
	for _, record := range all {
		if record[field] == value {
			found = append(found, record)
		}
	}
	return found
}

// today is what the server says that is to be done, as kinds.
func (p desk) today() (kinds []string) {
	p.d.t.Helper()
	status, answer := p.d.asks(p.token, "GET", "/api/today", nil)
	if status != http.StatusOK {
		p.d.t.Fatalf("today: %d %v", status, answer)
	}
	items, _ := answer["items"].([]any)
	for _, item := range items {
		kinds = append(kinds, item.(fields)["kind"].(string))
	}
	slices.Sort(kinds)
	return kinds
}

// posts makes a record at the desk, and gives its id.
func (p desk) posts(collection string, values fields) string {
	p.d.t.Helper()
	status, answer := p.d.asks(p.token, "POST", "/api/collections/"+collection+"/records", values)
	if status != http.StatusOK {
		p.d.t.Fatalf("%s makes %s: %d %v", p.officer.GetString("name"), collection, status, answer)
	}
	return answer["id"].(string)
}

func (p desk) patches(collection, id string, values fields) {
	p.d.t.Helper()
	if status, answer := p.d.asks(p.token, "PATCH", "/api/collections/"+collection+"/records/"+id, values); status != http.StatusOK {
		p.d.t.Fatalf("%s changes %s: %d %v", p.officer.GetString("name"), collection, status, answer)
	}
}
