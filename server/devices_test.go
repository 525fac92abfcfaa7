package server

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
	"gridwalk/proof"
)

// enrolled is a phone with a key, as it enrols through the API.
type enrolled struct {
	*phone
	key *ecdsa.PrivateKey
	jwk string
}

func newEnrolled(w *world, officer *core.Record, token string, more row) (*enrolled, answer) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	jwk, err := proof.FormatKey(&key.PublicKey)
	if err != nil {
		w.t.Fatal(err)
	}
	body := row{"officer": officer.Id, "status": "pending", "platform": "web", "public_key": string(jwk)}
	for k, v := range more {
		body[k] = v
	}
	answer := w.call("POST", records("devices"), token, body)
	p := &phone{w: w, officer: officer, token: token}
	p.device, _ = answer.Body["id"].(string)
	return &enrolled{p, key, string(jwk)}, answer
}

func (e *enrolled) challenge() string {
	answer := e.w.call("POST", "/api/devices/challenge", "", row{"device": e.device})
	challenge, _ := answer.Body["challenge"].(string)
	return challenge
}

func (e *enrolled) claims() jwt.MapClaims {
	return jwt.MapClaims{"sub": e.device, "aud": "gridwalk token", "challenge": e.challenge()}
}

func (e *enrolled) signed(method jwt.SigningMethod, key any, claims jwt.MapClaims) answer {
	e.w.t.Helper()
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		e.w.t.Fatal(err)
	}
	return e.w.call("POST", "/api/devices/token", "", row{"assertion": text})
}

func TestADeviceWaitsForApproval(t *testing.T) {
	w := newWorld(t)
	officer, token := w.officer("grid_officer", nil)
	e, _ := newEnrolled(w, officer, token, row{"status": "pending"})
	if a := e.post("pull", row{}); a.Status != 403 || a.Body["error"] != "device_pending" {
		t.Fatalf("before it is approved: %s", a)
	}
	if a := e.signed(jwt.SigningMethodES256, e.key, e.claims()); a.Status != 403 || a.Body["error"] != "device_pending" {
		t.Errorf("a token before it is approved: %s", a)
	}
	if a := w.call("PATCH", records("devices")+"/"+e.device, w.admin(), row{"status": "active"}); a.Status != 200 || a.Body["approved_at"] == "" {
		t.Fatalf("approve: %s", a)
	}
	if a := e.post("pull", row{}); a.Status != 200 {
		t.Errorf("after it was approved: %s", a)
	}
	if a := w.call("PATCH", records("devices")+"/"+e.device, w.admin(), row{"public_key": strings.Replace(e.jwk, "kty", "kty ", 1)}); a.Status != 400 {
		t.Errorf("another key for the same device: %s", a)
	}
	for _, bad := range []string{"no key", `{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, strings.TrimSuffix(e.jwk, "}") + `,"d":"AA"}`} {
		if a := w.call("POST", records("devices"), token, row{"officer": officer.Id, "status": "pending", "public_key": bad}); a.Status != 400 {
			t.Errorf("%s is taken: %s", bad, a)
		}
	}
}

func TestEnrolmentCodes(t *testing.T) {
	w := newWorld(t)
	officer, token := w.officer("grid_officer", nil)
	other, otherToken := w.officer("grid_officer", nil)
	code := func(body row) string {
		a := w.call("POST", "/api/office/enrolment-codes", w.admin(), body)
		text, _ := a.Body["code"].(string)
		if a.Status != 200 || text == "" {
			t.Fatalf("make a code: %s", a)
		}
		return text
	}
	if a := w.call("POST", "/api/office/enrolment-codes", token, row{}); a.Status != 403 {
		t.Errorf("an officer makes a code: %s", a)
	}
	try := func(officer *core.Record, token, code string) answer {
		e, a := newEnrolled(w, officer, token, row{"enrolment_code": code})
		if a.Status == 200 {
			if p := e.post("pull", row{}); p.Status != 200 {
				t.Errorf("enrolled by a code: %s", p)
			}
		}
		return a
	}
	mine := code(row{"officer": officer.Id})
	if a := try(other, otherToken, mine); a.Status != 400 {
		t.Errorf("another officer's code: %s", a)
	}
	if a := try(officer, token, strings.ToLower(mine)); a.Status != 200 || a.Body["status"] != "active" {
		t.Errorf("my code: %s", a)
	}
	if a := try(officer, token, mine); a.Status != 400 {
		t.Errorf("the same code twice: %s", a)
	}
	if a := try(other, otherToken, code(row{})); a.Status != 200 {
		t.Errorf("a code for anybody: %s", a)
	}
	old := code(row{"minutes": 5})
	w.now = w.now.Add(6 * time.Minute)
	if a := try(officer, token, old); a.Status != 400 {
		t.Errorf("an expired code: %s", a)
	}
	if a := try(officer, token, "AAAA-BBBB-CCCC"); a.Status != 400 {
		t.Errorf("a guessed code: %s", a)
	}
	if a := w.call("POST", "/api/office/enrolment-codes", w.admin(), row{"minutes": 1 << 30}); a.Status != 400 {
		t.Errorf("a code for ever: %s", a)
	}
	w.restartWith(func(s *hooks.Settings) { s.OpenEnrolment = true })
	if _, a := newEnrolled(w, officer, token, nil); a.Body["status"] != "active" {
		t.Errorf("open enrolment: %s", a)
	}
}

// A phone gets new tokens for its key after whatever time, and nobody else does.
func TestSilentRefresh(t *testing.T) {
	w := newWorld(t)
	officer, token := w.officer("grid_officer", nil)
	w.settings = func(s *hooks.Settings) { s.OpenEnrolment = true }
	w.restart()
	e, _ := newEnrolled(w, officer, token, nil)
	thief, _ := newEnrolled(w, officer, token, nil)
	claims := e.claims()
	a := e.signed(jwt.SigningMethodES256, e.key, claims)
	fresh, _ := a.Body["token"].(string)
	if a.Status != 200 || fresh == "" {
		t.Fatalf("refresh: %s", a)
	}
	e.token = fresh
	if a := e.post("pull", row{}); a.Status != 200 {
		t.Errorf("with the new token: %s", a)
	}
	refused := func(name string, a answer) {
		t.Helper()
		if a.Status != 401 {
			t.Errorf("%s: %s", name, a)
		}
	}
	refused("the same challenge twice", e.signed(jwt.SigningMethodES256, e.key, claims))
	refused("no algorithm", e.signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, e.claims()))
	refused("HS256 with the public key", e.signed(jwt.SigningMethodHS256, []byte(e.jwk), e.claims()))
	refused("another phone's key", e.signed(jwt.SigningMethodES256, thief.key, e.claims()))
	foreign := e.claims()
	foreign["challenge"] = thief.challenge()
	refused("another phone's challenge", e.signed(jwt.SigningMethodES256, e.key, foreign))
	elsewhere := e.claims()
	elsewhere["aud"] = "somewhere else"
	refused("for somebody else", e.signed(jwt.SigningMethodES256, e.key, elsewhere))
	made := e.claims()
	made["challenge"] = "AAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	refused("a challenge of its own", e.signed(jwt.SigningMethodES256, e.key, made))
	late := e.claims()
	w.now = w.now.Add(6 * time.Minute)
	refused("a challenge of six minutes ago", e.signed(jwt.SigningMethodES256, e.key, late))
	stale := e.claims()
	w.restart()
	refused("a challenge from before a restart", e.signed(jwt.SigningMethodES256, e.key, stale))
	for _, text := range []string{"", "a.b.c", strings.Repeat("a", 5000)} {
		refused("nonsense", w.call("POST", "/api/devices/token", "", row{"assertion": text}))
	}
}

// Revoking takes effect on the next request of any kind, and ends the stream
// that is open; the officer's other phone goes on by its key.
func TestRevokingADevice(t *testing.T) {
	w := newWorld(t)
	w.settings = func(s *hooks.Settings) { s.OpenEnrolment = true }
	w.restart()
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	lost, _ := newEnrolled(w, officer, token, nil)
	kept, _ := newEnrolled(w, officer, token, nil)
	stream, err := http.Get(w.url + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	var id string
	for id == "" && lines.Scan() {
		id, _ = strings.CutPrefix(lines.Text(), "id:")
		if id == lines.Text() {
			id = ""
		}
	}
	subscribe, err := http.NewRequest("POST", w.url+"/api/realtime", strings.NewReader(`{"clientId":"`+id+`","subscriptions":["sync/grid:`+v.grid.Id+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	subscribe.Header.Set("Content-Type", "application/json")
	subscribe.Header.Set("Authorization", token)
	subscribe.Header.Set("X-Gridwalk-Device", lost.device)
	if a := w.answerTo(subscribe); a.Status != 204 {
		t.Fatalf("subscribe: %s", a)
	}
	if a := w.call("PATCH", records("devices")+"/"+lost.device, w.admin(), row{"status": "revoked"}); a.Status != 200 {
		t.Fatalf("revoke: %s", a)
	}
	ended := make(chan struct{})
	go func() {
		for lines.Scan() {
		}
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the stream goes on")
	}
	for _, path := range []string{"pull", "push", "digest"} {
		if a := lost.post(path, row{}); a.Status != 403 || a.Body["error"] != "device_revoked" || a.Body["wipe"] != true {
			t.Errorf("%s: %s", path, a)
		}
	}
	if a := w.call("GET", records("residents"), token, nil); a.Body["totalItems"] != 0.0 {
		t.Errorf("the record API: %s", a)
	}
	if a := lost.signed(jwt.SigningMethodES256, lost.key, lost.claims()); a.Status != 403 || a.Body["wipe"] != true {
		t.Errorf("a new token: %s", a)
	}
	if a := kept.post("pull", row{}); a.Status != 401 {
		t.Errorf("the other phone with the old token: %s", a)
	}
	a := kept.signed(jwt.SigningMethodES256, kept.key, kept.claims())
	if kept.token, _ = a.Body["token"].(string); a.Status != 200 || kept.post("pull", row{}).Status != 200 {
		t.Errorf("the other phone by its key: %s", a)
	}
}

// The office sees when a phone was last in contact, how far it is, and what
// still waits on it.
func TestTheOfficeSeesContacts(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	raw := strings.NewReader("{}")
	if a := team.a.send("pull", raw, map[string]string{"X-Gridwalk-Outbox": "7"}); a.Status != 200 {
		t.Fatalf("pull: %s", a)
	}
	w.stop() // writes what waits
	w.start(w.app.DataDir())
	d := w.read("devices", team.a.device)
	if d.GetDateTime("last_contact_at").Time().Unix() != w.now.Unix() || d.GetInt("outbox_size") != 7 || d.GetInt("seq") == 0 {
		t.Errorf("the office sees %v", d.FieldsData())
	}
	if pull := w.first("read_audit", "how", "pull"); pull.GetString("reader") != team.a.officer.Id || pull.GetInt("count") == 0 || pull.GetString("device") != team.a.device {
		t.Errorf("the pull is written down as %v", pull.FieldsData())
	}
}
