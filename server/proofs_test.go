package server

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	hooks "gridwalk/pb_hooks"
	client "gridwalk/phone"
	"gridwalk/proof"
)

// signer is a phone with a key whose nonce is at hand.
type signer struct {
	*enrolled
	nonce, prev string
}

func newSigner(w *world) *signer {
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	e, _ := newEnrolled(w, officer, token, nil)
	clock := newPhone(w, officer, token).clock
	e.clock = clock
	nonce, _ := e.post("pull", row{"limit": 1}).Body["nonce"].(string)
	if nonce == "" {
		w.t.Fatal("a pull hands out no nonce")
	}
	return &signer{e, nonce, ""}
}

// checkIn is a check-in and what its proof says, both right.
func (s *signer) checkIn() (id string, set row, said proof.Content) {
	id = newID()
	set = row{"target_type": "point", "datum": "gcj02", "loc_src": "gps", "lat": 28.105, "lng": 124.105, "acc_m": 12.5, "officer": s.officer.Id,
		"captured_at": s.w.now.UTC().Format("2006-01-02 15:04:05.000Z")}
	return id, set, proof.Content{Record: id, Officer: s.officer.Id, Device: s.device, Captured: s.w.now.UnixMilli(), Mono: 1000, Previous: s.prev,
		Nonce: s.nonce, Fix: &proof.Fix{Lat: 28.105, Lng: 124.105, Accuracy: 12.5, Datum: "gcj02", Source: "gps"}}
}

func (s *signer) sign(said proof.Content, key *ecdsa.PrivateKey) string {
	s.w.t.Helper()
	text, err := proof.Sign(said, key)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return text
}

// status pushes a check-in, which is always taken, and gives the outcome.
func (s *signer) status(id string, set row) string {
	s.w.t.Helper()
	if r := s.one("create", "check_ins", id, 0, set); r.Status != "applied" {
		s.w.t.Fatalf("a check-in is not taken: %+v", r)
	}
	return s.w.read("check_ins", id).GetString("proof_status")
}

func TestProofsOfCheckIns(t *testing.T) {
	w := newWorld(t)
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
	s := newSigner(w)
	thief, _ := newEnrolled(w, s.officer, s.token, nil)
	forge := func(said proof.Content, method jwt.SigningMethod, key any) string {
		raw, _ := json.Marshal(said)
		claims := jwt.MapClaims{}
		if err := json.Unmarshal(raw, &claims); err != nil {
			t.Fatal(err)
		}
		token := jwt.NewWithClaims(method, claims)
		token.Header["typ"] = "gridwalk-checkin"
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, c := range []struct {
		name, want string
		proof      func(said proof.Content, set row) any
	}{
		{"none", "unsigned", func(proof.Content, row) any { return "" }},
		{"nonsense", "altered", func(proof.Content, row) any { return "a.b.c" }},
		{"another key", "altered", func(said proof.Content, _ row) any { return s.sign(said, thief.key) }},
		{"another place", "altered", func(said proof.Content, set row) any { set["lat"] = 28.106; return s.sign(said, s.key) }},
		{"another time", "altered", func(said proof.Content, _ row) any { said.Captured--; return s.sign(said, s.key) }},
		{"another record", "altered", func(said proof.Content, _ row) any { said.Record = newID(); return s.sign(said, s.key) }},
		{"another officer", "altered", func(said proof.Content, _ row) any { said.Officer = newID(); return s.sign(said, s.key) }},
		{"a nonce of its own", "altered", func(said proof.Content, _ row) any { said.Nonce = "AAAA"; return s.sign(said, s.key) }},
		{"no algorithm", "altered", func(said proof.Content, _ row) any {
			return forge(said, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)
		}},
		{"HS256 with the public key", "altered", func(said proof.Content, _ row) any { return forge(said, jwt.SigningMethodHS256, []byte(s.jwk)) }},
		{"a nonce of 31 days ago", "broken_chain", func(said proof.Content, _ row) any { said.Mono = 31 * 24 * 3600_000; return s.sign(said, s.key) }},
	} {
		id, set, said := s.checkIn()
		set["proof"] = c.proof(said, set)
		if got := s.status(id, set); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}

// Proofs that arrive in the wrong order are judged again when what was missing
// comes, and a fork of the chain is seen.
func TestChainsOfProofs(t *testing.T) {
	w := newWorld(t)
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
	s := newSigner(w)
	type made struct {
		id  string
		set row
	}
	var list []made
	for range 3 {
		id, set, said := s.checkIn()
		text := s.sign(said, s.key)
		set["proof"] = text
		parsed, err := proof.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s.prev = parsed.Hash()
		list = append(list, made{id, set})
	}
	statuses := func() (out [3]string) {
		for i, m := range list {
			if r, err := w.app.FindRecordById("check_ins", m.id); err == nil {
				out[i] = r.GetString("proof_status")
			}
		}
		return out
	}
	s.status(list[2].id, list[2].set)
	s.status(list[1].id, list[1].set)
	if got := statuses(); got != [3]string{"", "broken_chain", "verified"} {
		t.Errorf("without the first: %v", got)
	}
	s.status(list[0].id, list[0].set)
	if got := statuses(); got != [3]string{"verified", "verified", "verified"} {
		t.Errorf("with the first: %v", got)
	}
	s.prev = ""
	id, set, said := s.checkIn()
	set["proof"] = s.sign(said, s.key)
	if got := s.status(id, set); got != "broken_chain" {
		t.Errorf("a second first one: %s", got)
	}
	wait := w.call("PATCH", records("devices")+"/"+s.device, w.admin(), row{"status": "revoked"})
	if wait.Status != 200 {
		t.Fatalf("revoke: %s", wait)
	}
}

// A device without a key that somebody approved proves nothing.
func TestProofsOfAnUnknownKey(t *testing.T) {
	w := newWorld(t)
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
	s := newSigner(w)
	bare, _ := newEnrolled(w, s.officer, s.token, row{"public_key": ""})
	bare.clock = s.clock
	id, set, said := s.checkIn()
	said.Device = bare.device
	set["proof"] = s.sign(said, s.key)
	if r := bare.one("create", "check_ins", id, 0, set); r.Status != "applied" {
		t.Fatalf("not taken: %+v", r)
	}
	if got := w.read("check_ins", id).GetString("proof_status"); got != "unknown_key" {
		t.Errorf("an unknown key: %s", got)
	}
}

// The reference client signs what it records, and renews its token by its key.
func TestTheReferenceClientSigns(t *testing.T) {
	w := newWorld(t)
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
	s := newSigner(w)
	token := "expired"
	c := client.New(client.Options{URL: w.url, Device: s.device, Officer: s.officer.Id, Key: s.key, Store: client.NewMemory(), Token: func() string { return token },
		Renew: func(ctx context.Context) (err error) {
			token, err = client.Renew(ctx, http.DefaultTransport, w.url, s.device, s.key)
			return err
		}, Now: func() time.Time { return w.now }})
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for range 3 {
		id := c.NewID()
		if _, err := c.Write("check_ins", id, "create", map[string]any{"target_type": "point", "datum": "wgs84", "loc_src": "gps", "lat": 28.105, "lng": 124.105, "acc_m": 8.0}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if got := w.read("check_ins", id).GetString("proof_status"); got != "verified" {
			t.Errorf("a check-in of the reference client is %s", got)
		}
	}
}
