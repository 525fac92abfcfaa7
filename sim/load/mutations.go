package load

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// mutation is one write of a phone, as docs/protocol.md has it.
type mutation struct {
	ID         string         `json:"id"`
	N          int64          `json:"n"`
	At         string         `json:"at"`
	Collection string         `json:"collection"`
	Record     string         `json:"record"`
	Op         string         `json:"op"`
	Base       int64          `json:"base"`
	Set        map[string]any `json:"set"`
}

// write puts one write into the outbox, in the mix of domain.md §6.5 as far as
// the server has collections for it: 8 visits, 6 check-ins, 3 on patrols, 4
// edits of households.
func (p *phone) write() {
	switch x := p.rng.IntN(21); {
	case len(p.homes) == 0 || x < 6:
		p.checkIn()
	case x < 14:
		p.visit()
	case x < 17:
		p.walk()
	default:
		p.mend()
	}
}

func (p *phone) put(collection, record, op string, base int64, set map[string]any) {
	p.n++
	p.outbox = append(p.outbox, mutation{ID: fmt.Sprintf("%s-%d", p.device, p.n), N: p.n, Collection: collection, Record: record, Op: op, Base: base, Set: set,
		At: fmt.Sprintf("%012x-0000-%s", time.Now().UnixMilli(), p.device)})
}

func (p *phone) visit() {
	p.put("visits", newID(), "create", 0, map[string]any{"household": p.homes[p.rng.IntN(len(p.homes))].id, "purpose": "routine", "mode": "door",
		"result": "met_ok", "wellbeing": "well", "needs": []string{}, "note": "近来平安，提醒用电安全。", "minutes": 5 + p.rng.IntN(20)})
}

// checkIn is at most some 100 m from the middle of the grid.
func (p *phone) checkIn() {
	p.put("check_ins", newID(), "create", 0, map[string]any{"grid": p.grid.id, "target_type": "point", "datum": "wgs84", "loc_src": "gps",
		"lat": p.grid.lat + p.rng.NormFloat64()*3e-4, "lng": p.grid.lng + p.rng.NormFloat64()*3e-4,
		"acc_m": math.Round(5 + p.rng.ExpFloat64()*15), "fix_age_s": p.rng.IntN(10)})
}

// walk begins a patrol or ends the one that runs.
func (p *phone) walk() {
	now := time.Now().UTC().Format("2006-01-02 15:04:05.000Z")
	if p.patrol == "" {
		p.patrol = newID()
		p.put("patrols", p.patrol, "create", 0, map[string]any{"grid": p.grid.id, "template": "日常巡查", "status": "active", "started_at": now})
		return
	}
	p.put("patrols", p.patrol, "update", p.seqs[p.patrol], map[string]any{"status": "ended", "ended_at": now, "end_reason": "manual", "distance_m": 1200 + p.rng.IntN(3000)})
	p.patrol = ""
}

// mend corrects what is written of a household.
func (p *phone) mend() {
	home := p.homes[p.rng.IntN(len(p.homes))]
	set := map[string]any{"door_no": fmt.Sprint(100 + p.rng.IntN(900))}
	if p.rng.IntN(2) == 0 {
		set = map[string]any{"resident_count": 1 + p.rng.IntN(6)}
	}
	p.put("households", home.id, "update", home.seq, set)
}

// newID makes an id that no other run made, whatever the seed.
func newID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 15)
	for i := range b {
		b[i] = alphabet[rand.IntN(len(alphabet))]
	}
	return string(b)
}
