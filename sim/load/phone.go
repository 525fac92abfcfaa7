package load

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// phone is one device with its outbox. Of its replica it keeps only what it
// needs to make up further writes.
type phone struct {
	client        *client
	meter         *meter
	token, device string
	rng           *rand.Rand

	cursor string
	grid   place
	homes  []home
	known  map[string]int   // id of a household → its place in homes
	seqs   map[string]int64 // of patrols

	n      int64
	outbox []mutation
	patrol string // the one that runs
}

type home struct {
	id  string
	seq int64
}

type place struct {
	id       string
	lat, lng float64
}

// maxHomes is how many households a phone remembers.
const maxHomes = 100

func newPhone(c *client, token, device string, rng *rand.Rand) *phone {
	return &phone{client: c, token: token, device: device, rng: rng, known: map[string]int{}, seqs: map[string]int64{}}
}

// work does what the profile says within the time given. At the end every phone
// has signal for long enough to empty its outbox.
func (p *phone) work(ctx context.Context, profile profile, length time.Duration) {
	began := time.Now()
	slot := length / time.Duration(profile.rounds)
	left := profile.writes
	for round := range profile.rounds {
		due := slot*time.Duration(round) + time.Duration(p.rng.Float64()*float64(slot))
		if !pause(ctx, time.Until(began.Add(due))) {
			return
		}
		if round == 0 {
			// It was in the office in the morning: it knows its grid.
			p.synchronise(ctx, 0)
		}
		last := round == profile.rounds-1
		now := p.rng.IntN(2*left/(profile.rounds-round) + 1)
		if last {
			now = left
		}
		for range min(now, left) {
			p.write()
			left--
		}
		switch x := p.rng.Float64(); {
		case last || x < profile.link.good:
			p.synchronise(ctx, 0)
		case x < profile.link.good+profile.link.weak:
			if !pause(ctx, min(weakDelay, slot)) {
				return
			}
			p.synchronise(ctx, weakLoss)
		case x < profile.link.good+profile.link.weak+profile.link.none:
			// No network: what was written waits.
		default:
			p.synchronise(ctx, flapLoss)
		}
	}
}

// pause waits, and tells whether there is still time.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// perPush is how many mutations a phone sends at once.
const perPush = 50

// synchronise pushes the outbox and pulls what is new. With the given
// probability the answer to a push is lost on its way.
func (p *phone) synchronise(ctx context.Context, loss float64) {
	for len(p.outbox) > 0 {
		batch := p.outbox[:min(len(p.outbox), perPush)]
		r, ok := p.ask(ctx, "push", map[string]any{"mutations": batch})
		if !ok {
			return
		}
		if p.rng.Float64() < loss {
			p.meter.lost()
			return // it sends the same again next time
		}
		if !p.acknowledge(r) {
			return
		}
	}
	for {
		r, ok := p.ask(ctx, "pull", map[string]any{"cursor": p.cursor, "schema": 1})
		if !ok {
			return
		}
		var page page
		if err := json.Unmarshal(r.body, &page); err != nil {
			p.meter.failed("bad_page")
			return
		}
		p.take(page)
		if !page.More {
			return
		}
	}
}

// acknowledge takes out of the outbox what the server has handled.
func (p *phone) acknowledge(r reply) bool {
	var answer struct {
		Results []struct {
			Status string `json:"status"`
			Error  struct {
				Code string `json:"code"`
			} `json:"error"`
		} `json:"results"`
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || len(answer.Results) == 0 || len(answer.Results) > len(p.outbox) {
		p.meter.failed("bad_answer")
		return false
	}
	for _, result := range answer.Results {
		p.meter.handled(result.Status, result.Error.Code)
	}
	p.outbox = p.outbox[len(answer.Results):]
	return true
}

// page is what a phone of this package reads of a pull.
type page struct {
	Changes []struct {
		Collection string          `json:"collection"`
		ID         string          `json:"id"`
		Seq        int64           `json:"seq"`
		Gone       bool            `json:"gone"`
		Record     json.RawMessage `json:"record"`
	} `json:"changes"`
	Cursor string `json:"cursor"`
	More   bool   `json:"more"`
}

func (p *phone) take(page page) {
	p.cursor = page.Cursor
	p.meter.pulled(len(page.Changes))
	for _, c := range page.Changes {
		switch c.Collection {
		case "households":
			if at, ok := p.known[c.ID]; ok {
				p.homes[at].seq = c.Seq
			} else if !c.Gone && len(p.homes) < maxHomes {
				p.known[c.ID] = len(p.homes)
				p.homes = append(p.homes, home{c.ID, c.Seq})
			}
		case "patrols":
			if c.ID == p.patrol {
				p.seqs[c.ID] = c.Seq
			}
		case "grids":
			var grid struct {
				Center struct{ Lat, Lon float64 } `json:"center"`
			}
			if err := json.Unmarshal(c.Record, &grid); err == nil && p.grid.id == "" {
				p.grid = place{c.ID, grid.Center.Lat, grid.Center.Lon}
			}
		}
	}
}

// maxAsking is how often a phone asks again when the server has no room.
const maxAsking = 10

// ask sends a request, again after the time that the server asks for when it is
// busy.
func (p *phone) ask(ctx context.Context, route string, body any) (reply, bool) {
	for range maxAsking {
		r, err := p.client.do(ctx, "POST", "/api/sync/"+route, p.token, p.device, body)
		switch {
		case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
			p.meter.failed("timeout")
			return r, false
		case err != nil:
			p.meter.failed("transport")
			return r, false
		}
		p.meter.asked(route, r.took)
		if r.status == http.StatusOK {
			return r, true
		}
		p.meter.failed(r.code())
		if r.status != http.StatusServiceUnavailable && r.status != http.StatusTooManyRequests {
			return r, false
		}
		seconds, err := strconv.Atoi(r.retryAfter)
		if err != nil {
			seconds = 1
		}
		if !pause(ctx, time.Duration(float64(seconds)*(0.5+p.rng.Float64())*float64(time.Second))) {
			return r, false
		}
	}
	return reply{}, false
}
