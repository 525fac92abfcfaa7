package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/parcel"
	hooks "gridwalk/pb_hooks"
	client "gridwalk/phone"
)

// lostPhone is the reference client of an officer of a new village.
type lostPhone struct {
	*client.Client
	w      *world
	v      village
	device string
	token  string
	now    time.Time
	down   bool // no route to the server
}

func (p *lostPhone) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.down {
		return nil, errors.New("no route")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func newLostPhone(w *world) *lostPhone {
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	device := w.save("devices", row{"officer": officer.Id, "status": "active"})
	p := &lostPhone{w: w, v: v, device: device.Id, token: token, now: w.now}
	p.Client = client.New(client.Options{URL: w.url, Device: p.device, Token: func() string { return p.token }, Store: client.NewMemory(),
		Transport: p, Attempts: 1, Now: func() time.Time { return p.now }})
	if err := p.Sync(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// record makes visits and one photograph without signal.
func (p *lostPhone) record(visits int) (ids []string, photo string) {
	p.w.t.Helper()
	for range visits {
		m, err := p.Write("visits", newID(), "create", row{"grid": p.v.grid.Id, "household": p.v.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok", "note": "小王说的话"})
		if err != nil {
			p.w.t.Fatal(err)
		}
		ids = append(ids, m.Record)
	}
	m, err := p.Capture(oriented(p.w.t, 1), row{"owner_type": "visit", "owner_id": ids[0], "grid": p.v.grid.Id})
	if err != nil {
		p.w.t.Fatal(err)
	}
	return ids, m.Record
}

func (p *lostPhone) revoke() {
	device := p.w.read("devices", p.device)
	device.Set("status", "revoked")
	if err := p.w.app.Save(device); err != nil {
		p.w.t.Fatal(err)
	}
}

func (p *lostPhone) open(look bool) map[string]int {
	p.w.t.Helper()
	opened, err := hooks.ParcelsOf(p.w.app).Open(p.device, look)
	if err != nil {
		p.w.t.Fatal(err)
	}
	counts := map[string]int{}
	for _, o := range opened {
		if o.Error != "" {
			p.w.t.Errorf("parcel %s: %s", o.Parcel, o.Error)
		}
		for what, n := range o.Counts {
			counts[what] += n
		}
		if o.State != "" {
			counts[o.State]++
		}
	}
	return counts
}

// A lost phone erases itself, and what it had not sent is on the server once:
// whether the phone hears of it signed in, or with a token that expired long ago.
func TestALostPhoneErasesItselfAndItsWorkIsNotLost(t *testing.T) {
	for name, token := range map[string]string{"signed in": "", "token expired": "expired"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := newLostPhone(w)
			ids, photo := p.record(3)
			p.revoke()
			if token != "" {
				p.token = token
			}
			if err := p.Sync(t.Context()); !errors.Is(err, client.ErrErased) || errors.Is(err, client.ErrNetwork) {
				t.Fatalf("the sync ended with %v", err)
			}
			if held, err := p.Replica(); err != nil || len(held) != 0 {
				t.Errorf("holds %d records (%v)", len(held), err)
			}
			if rows, err := w.app.FindAllRecords("visits"); err != nil || slices.ContainsFunc(rows, func(r *core.Record) bool { return slices.Contains(ids, r.Id) }) {
				t.Errorf("the server has read a parcel that nobody opened (%v)", err)
			}
			if counts := p.open(true); counts["create visits"] != 3 || counts["create evidence"] != 1 {
				t.Errorf("looked at: %v", counts)
			}
			if counts := p.open(false); counts["applied"] != 4 || counts["safe"] != 1 || len(counts) != 2 {
				t.Errorf("opened: %v", counts)
			}
			for _, id := range ids {
				if r := w.read("visits", id); r.GetString("device") != p.device || r.GetString("note") != "小王说的话" {
					t.Errorf("visit %s is %v", id, r)
				}
			}
			if r := w.read("evidence", photo); r.GetString("upload_state") != "done" {
				t.Errorf("the photograph is %s", r.GetString("upload_state"))
			}
			if counts := p.open(false); len(counts) != 0 {
				t.Errorf("opened twice: %v", counts)
			}
		})
	}
}

// What the server had taken before its answer was lost is not done again.
func TestAParcelDoublesNothing(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	p := team.a
	p.pull(0)
	mutation := p.mutation("create", "visits", newID(), 0, row{"grid": team.village.grid.Id, "household": team.village.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok"})
	second := p.mutation("create", "visits", newID(), 0, row{"grid": team.village.grid.Id, "household": team.village.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok"})
	p.push(mutation)
	sealed := sealFor(p, parcel.Head{Kind: parcel.Push}, row{"mutations": []row{mutation, second}})
	for range 2 {
		if a := sendParcel(p, sealed); a.Status != 200 {
			t.Fatal(a)
		}
	}
	opened, err := hooks.ParcelsOf(w.app).Open(p.device, false)
	if err != nil || len(opened) != 1 || opened[0].Counts["duplicate"] != 1 || opened[0].Counts["applied"] != 1 {
		t.Errorf("opened %+v (%v)", opened, err)
	}
	if a := sendParcel(p, sealed); a.Status != 200 {
		t.Error(a)
	}
	if opened, err := hooks.ParcelsOf(w.app).Open(p.device, false); err != nil || len(opened) != 0 {
		t.Errorf("sent again, it is opened again: %+v (%v)", opened, err)
	}
}

// A parcel of another device, or of nobody, opens nothing and stays.
func TestAParcelIsOfItsDevice(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	mutation := team.a.mutation("create", "visits", newID(), 0, row{"grid": team.village.grid.Id})
	sealed := sealFor(team.a, parcel.Head{Kind: parcel.Push}, row{"mutations": []row{mutation}})
	if a := sendParcel(team.b, sealed); a.Status != 200 {
		t.Fatal(a)
	}
	opened, err := hooks.ParcelsOf(w.app).Open(team.b.device, false)
	if err != nil || len(opened) != 1 || opened[0].Error == "" {
		t.Errorf("opened %+v (%v)", opened, err)
	}
	unknown := *team.a
	unknown.device = "nobody000000000"
	if a := sendParcel(&unknown, sealed); a.Status != 403 || a.Body["error"] != "device_unknown" {
		t.Error(a)
	}
	if list, err := hooks.ParcelsOf(w.app).List(); err != nil || len(list) != 1 || list[0].Device != team.b.device {
		t.Errorf("listed %+v (%v)", list, err)
	}
}

func TestParcelsAreBounded(t *testing.T) {
	w := newWorld(t)
	p := newTeam(w).a
	if a := sendParcel(p, make([]byte, parcel.MaxSize+1)); a.Status != 413 || a.Body["error"] != "too_large" {
		t.Error(a)
	}
	for i := range parcel.MaxParcels {
		if a := sendParcel(p, []byte{byte(i)}); a.Status != 200 {
			t.Fatal(a)
		}
	}
	if a := sendParcel(p, []byte("one more")); a.Status != 429 || a.Body["error"] != "quota" {
		t.Error(a)
	}
	if a := sendParcel(p, []byte{0}); a.Status != 200 {
		t.Errorf("one that is there already: %s", a)
	}
}

// Without contact for two weeks a phone takes itself for lost, whatever its
// clock is set to, unless the server answers after all.
func TestAPhoneWithoutContactErasesItself(t *testing.T) {
	w := newWorld(t)
	p := newLostPhone(w)
	ids, _ := p.record(1)
	p.down = true
	sync := func(after time.Duration) error {
		p.now = w.now.Add(after)
		return p.Sync(t.Context())
	}
	for _, after := range []time.Duration{time.Hour, 14*24*time.Hour - time.Minute, 0} {
		if err := sync(after); !errors.Is(err, client.ErrNetwork) || errors.Is(err, client.ErrErased) {
			t.Fatalf("after %v: %v", after, err)
		}
	}
	p.down = false
	if err := sync(30 * 24 * time.Hour); err != nil {
		t.Fatalf("with contact: %v", err)
	}
	w.read("visits", ids[0])
	ids, _ = p.record(1)
	p.down = true
	if err := sync(44 * 24 * time.Hour); !errors.Is(err, client.ErrErased) {
		t.Fatalf("two weeks later: %v", err)
	}
	if held, err := p.Replica(); err != nil || len(held) != 0 {
		t.Errorf("holds %d records (%v)", len(held), err)
	}
	p.down = false
	if err := p.Sync(t.Context()); !errors.Is(err, client.ErrErased) {
		t.Error(err)
	}
	if counts := p.open(false); counts["applied"] != 2 {
		t.Errorf("opened: %v", counts)
	}
	w.read("visits", ids[0])
}

func sealFor(p *phone, head parcel.Head, content row) []byte {
	p.w.t.Helper()
	key, err := base64.StdEncoding.DecodeString(p.pull(0)[0].ParcelKey)
	if err != nil {
		p.w.t.Fatal(err)
	}
	raw, err := json.Marshal(content)
	if err != nil {
		p.w.t.Fatal(err)
	}
	sealed, err := parcel.Seal(key, p.device, head, raw)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return sealed
}

func sendParcel(p *phone, sealed []byte) answer {
	p.w.t.Helper()
	request, err := http.NewRequest("POST", p.w.url+"/api/parcels", bytes.NewReader(sealed))
	if err != nil {
		p.w.t.Fatal(err)
	}
	request.Header.Set("X-Gridwalk-Device", p.device)
	return p.w.answerTo(request)
}
