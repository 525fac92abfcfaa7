package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gridwalk/bench"
	"gridwalk/demo"
	"gridwalk/sim/load"
)

const (
	perPush = 50
	// batchers use the batch API, fewer than push: SQLite has one writer, so that
	// more of them only wait longer, past the timeout of a batch.
	batchers = 4
)

// push measures 64 phones that push 50 visits a request, and the same through
// PocketBase's batch API, by turns so that noise of the machine meets both.
func push(r *run) error {
	admin, err := r.allowBatches()
	if err != nil {
		return err
	}
	// A superuser is bound by no rule: what is left is PocketBase's own writing.
	admins := slices.Clone(r.phones[:batchers])
	for i := range admins {
		admins[i].Token = admin
	}
	var ours, theirs, bare rate
	for range 2 {
		if err := r.fill(&bare, admins, "/api/batch", (*bench.Outbox).Batch, batched); err != nil {
			return err
		}
		if err := r.fill(&theirs, r.phones[:batchers], "/api/batch", (*bench.Outbox).Batch, batched); err != nil {
			return err
		}
		if err := r.fill(&ours, r.phones[:pushers], "/api/sync/push", (*bench.Outbox).Push, bench.Applied); err != nil {
			return err
		}
	}
	r.add("push", "64 connections, 50 visits each", ours.perSecond(), "mutations/s", "at least 4,000", ours.perSecond() >= 4000)
	r.add("push", "p50", ours.took.At(50).Seconds(), "s", "", true)
	r.add("push", "p99", ours.took.At(99).Seconds(), "s", "", true)
	for _, batch := range []struct {
		name string
		rate *rate
	}{{"batch API, same rows and rules", &theirs}, {"batch API as superuser, no rules", &bare}} {
		r.add("push", "PocketBase's "+batch.name, batch.rate.perSecond(), "mutations/s", "", true)
		ratio := ours.perSecond() / batch.rate.perSecond()
		r.add("push", "push to "+batch.name, ratio, "times", "at least 2", ratio >= 2)
	}
	return nil
}

// rate counts what was done in a time.
type rate struct {
	done    atomic.Int64
	seconds float64
	took    load.Times
}

func (x *rate) perSecond() float64 { return float64(x.done.Load()) / x.seconds }

// fill has phones send requests for half of a measurement.
func (r *run) fill(x *rate, phones []bench.Phone, path string, body func(*bench.Outbox, int) []byte, count func([]byte) int) error {
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	began := time.Now()
	for _, p := range phones {
		all.Go(func() {
			for time.Since(began) < r.length/2 && failed.Load() == nil {
				a, err := r.ask(pooled, p, path, body(r.outboxes[p.Device], perPush))
				if err == nil && (a.status != http.StatusOK || count(a.body) != perPush) {
					err = fmt.Errorf("%s answers %d: %.300s", path, a.status, a.body)
				}
				if err != nil {
					failed.Store(&err)
					return
				}
				x.took.Add(a.took)
				x.done.Add(perPush)
				if path == "/api/sync/push" {
					r.said.note(p.Device, a.body)
				}
			}
		})
	}
	all.Wait()
	x.seconds += time.Since(began).Seconds()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func batched(answer []byte) int { return bytes.Count(answer, []byte(`"status":200`)) }

// allowBatches turns the batch API on, with room for all that will wait, and
// gives the superuser's token.
func (r *run) allowBatches() (token string, err error) {
	login, err := json.Marshal(map[string]string{"identity": demo.Superuser, "password": demo.Password})
	if err != nil {
		return "", err
	}
	a, err := r.ask(pooled, bench.Phone{}, "/api/collections/_superusers/auth-with-password", login)
	if err != nil {
		return "", err
	}
	var signed struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(a.body, &signed); err != nil || signed.Token == "" {
		return "", fmt.Errorf("sign in: %d %.300s", a.status, a.body)
	}
	settings := `{"batch":{"enabled":true,"maxRequests":50,"timeout":120,"maxBodySize":10000000}}`
	request, err := http.NewRequestWithContext(r.ctx, "PATCH", r.server.url+"/api/settings", bytes.NewReader([]byte(settings)))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", signed.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := pooled.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("allow batches: %s", response.Status)
	}
	return signed.Token, nil
}

// storm has the fleet come back within 2 minutes after an outage, each phone on
// a new connection with 20 visits in its outbox.
func storm(r *run) error {
	phones, window := r.phones, 2*time.Minute
	if !r.full {
		phones, window = phones[:len(phones)/10], window/10
	}
	var took, whole load.Times
	var again, failed, applied atomic.Int64
	var all sync.WaitGroup
	for _, p := range phones {
		wait := time.Duration(rand.Int64N(int64(window)))
		all.Go(func() {
			time.Sleep(wait)
			began := time.Now()
			a, repeats, err := r.patiently(fresh, p, "/api/sync/push", r.outboxes[p.Device].Push(20), &took)
			again.Add(int64(repeats))
			if n := bench.Applied(a.body); err != nil || n != 20 {
				fmt.Fprintf(r.log, "  %s: %v %d %.200s\n", p.Device, err, a.status, a.body)
				failed.Add(1)
				return
			}
			whole.Add(time.Since(began))
			applied.Add(20)
			r.said.note(p.Device, a.body)
		})
	}
	all.Wait()
	r.add("storm", "phones", float64(len(phones)), "", "", true)
	r.add("storm", "within", window.Seconds(), "s", "", true)
	r.add("storm", "mutations applied", float64(applied.Load()), "", "", true)
	r.add("storm", "p50 of push", took.At(50).Seconds(), "s", "", true)
	p99 := took.At(99).Seconds()
	r.add("storm", "p99 of push", p99, "s", "under 2", p99 < 2)
	r.add("storm", "p99 until applied, asking again included", whole.At(99).Seconds(), "s", "", true)
	r.add("storm", "answers «overloaded», asked again", float64(again.Load()), "", "", true)
	r.add("storm", "phones that did not recover", float64(failed.Load()), "", "0", failed.Load() == 0)
	return nil
}
