package bench

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/proof"
)

// signer is a phone that pushes visits and check-ins by turns.
type signer struct {
	*Outbox
	key         *ecdsa.PrivateKey // nil for one that does not sign
	nonce, prev string
	pulled      time.Time
}

// push is the body of a push of so many mutations.
func (s *signer) push(tb testing.TB, count int) []byte {
	tb.Helper()
	mutations := make([]map[string]any, count)
	for i := range mutations {
		id, now := s.RecordID(), time.Now().UTC().Truncate(time.Millisecond)
		if i%2 == 0 {
			mutations[i] = s.create("visits", id, now, s.Visit())
		} else {
			mutations[i] = s.create("check_ins", id, now, s.checkIn(tb, id, now))
		}
	}
	return mustJSON(map[string]any{"mutations": mutations})
}

func (s *signer) checkIn(tb testing.TB, id string, at time.Time) map[string]any {
	tb.Helper()
	set := map[string]any{"target_type": "point", "datum": "gcj02", "loc_src": "gps", "lat": 28.105, "lng": 124.105, "acc_m": 12.5,
		"officer": s.Phone.Officer, "captured_at": at.Format("2006-01-02 15:04:05.000Z")}
	if s.key == nil {
		return set
	}
	text, err := proof.Sign(proof.Content{Record: id, Officer: s.Phone.Officer, Device: s.Phone.Device, Captured: at.UnixMilli(), Mono: at.Sub(s.pulled).Milliseconds(), Previous: s.prev,
		Nonce: s.nonce, Fix: &proof.Fix{Lat: 28.105, Lng: 124.105, Accuracy: 12.5, Datum: "gcj02", Source: "gps"}}, s.key)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := proof.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	s.prev, set["proof"] = p.Hash(), text
	return set
}

// trusted is a server with all of it, or none, and its phones.
type trusted struct {
	app     core.App
	handler http.Handler
	phones  []*signer
}

func newTrusted(tb testing.TB, phones int, plain bool) trusted {
	tb.Helper()
	dir := tb.TempDir()
	made, err := Make(dir, Spec{Preset: "town", Phones: phones, Grids: func(int) int { return 4 }, Plain: plain}, io.Discard)
	if err != nil {
		tb.Fatal(err)
	}
	t := trusted{}
	t.app, t.handler = open(tb, dir, plain)
	for i, p := range made {
		s := &signer{Outbox: NewOutbox(p, uint64(i))}
		if !plain {
			s.enrol(tb, t)
		}
		t.phones = append(t.phones, s)
		if a := ask(t.handler, p, "/api/sync/push", s.push(tb, 2)); Applied(a.Body.Bytes()) != 2 {
			tb.Fatalf("push: %d %s", a.Code, a.Body)
		}
	}
	var verified int
	if err := t.app.DB().NewQuery("SELECT COUNT(*) FROM check_ins WHERE proof_status = 'verified'").Row(&verified); err != nil || !plain && verified < phones {
		tb.Fatalf("%d of %d check-ins are verified (%v)", verified, phones, err)
	}
	return t
}

// enrol gives the phone a key, and the nonce of a pull.
func (s *signer) enrol(tb testing.TB, t trusted) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	jwk, err := proof.FormatKey(&key.PublicKey)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := t.app.NonconcurrentDB().Update("devices", dbx.Params{"public_key": string(jwk), "approved_at": "2026-01-01 00:00:00.000Z"}, dbx.HashExp{"id": s.Phone.Device}).Execute(); err != nil {
		tb.Fatal(err)
	}
	var page struct{ Nonce string }
	if err := json.Unmarshal(ask(t.handler, s.Phone, "/api/sync/pull", pullBody("")).Body.Bytes(), &page); err != nil || page.Nonce == "" {
		tb.Fatalf("no nonce: %v", err)
	}
	s.key, s.nonce, s.pulled = key, page.Nonce, time.Now()
}

// settle seals history and read audit into the chain, which a server does each
// minute. The read audit itself is written beside, each second.
func (t trusted) settle() { runJob(t.app, "gridwalk_seals") }

// BenchmarkTrust measures what sealing, audit, chain and proofs cost: two
// servers with the same data, one with all of it and one with none, push 25
// visits and 25 check-ins a request and hydrate phones, by turns in one run.
func BenchmarkTrust(b *testing.B) {
	const connections, perPush = 32, 50
	both := map[bool]trusted{true: newTrusted(b, connections, true), false: newTrusted(b, connections, false)}
	pushing, hydrating := map[bool]time.Duration{}, map[bool]time.Duration{}
	rows := 0
	end := measure(b)
	for i := range b.N {
		for _, plain := range []bool{i%2 == 0, i%2 == 1} {
			t := both[plain]
			bodies := make([][]byte, connections) // signing is the phones' work
			for n, s := range t.phones {
				bodies[n] = s.push(b, perPush)
			}
			began := time.Now()
			var all sync.WaitGroup
			for n, s := range t.phones {
				all.Go(func() {
					if a := ask(t.handler, s.Phone, "/api/sync/push", bodies[n]); Applied(a.Body.Bytes()) != perPush {
						b.Errorf("push: %d %.300s", a.Code, a.Body)
					}
				})
			}
			all.Wait()
			if !plain {
				t.settle()
			}
			pushing[plain] += time.Since(began)
			began = time.Now()
			for _, s := range t.phones[:8] {
				rows += hydrate(b, t.handler, s.Phone).rows
			}
			if !plain {
				t.settle()
			}
			hydrating[plain] += time.Since(began)
		}
	}
	end()
	mutations := float64(b.N * connections * perPush)
	b.ReportMetric(mutations/pushing[true].Seconds(), "push-off/s")
	b.ReportMetric(mutations/pushing[false].Seconds(), "push-on/s")
	b.ReportMetric(100*(1-pushing[true].Seconds()/pushing[false].Seconds()), "push-cost-%")
	b.ReportMetric(float64(rows)/2/hydrating[true].Seconds(), "rows-off/s")
	b.ReportMetric(float64(rows)/2/hydrating[false].Seconds(), "rows-on/s")
	b.ReportMetric(100*(1-hydrating[true].Seconds()/hydrating[false].Seconds()), "hydrate-cost-%")
}
