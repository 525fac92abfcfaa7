package hooks

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"rsc.io/qr"

	"gridwalk/proof"
	"gridwalk/replica"
	"gridwalk/sealed"
)

// bindDevices enrols phones, gives them tokens for their keys, and ends the
// sessions of one that is revoked.
func bindDevices(app core.App, s Settings) {
	app.OnRecordCreateRequest("devices").BindFunc(func(e *core.RecordRequestEvent) error { return enrol(e, s) })
	app.OnRecordCreate("devices").BindFunc(func(e *core.RecordEvent) error {
		if err := checkDeviceKey(e.Record); err != nil {
			return err
		}
		return approvedAt(e, s.Now())
	})
	app.OnRecordUpdate("devices").BindFunc(func(e *core.RecordEvent) error {
		was := e.Record.Original()
		if key := was.GetString("public_key"); key != "" && e.Record.GetString("public_key") != key {
			return refuse("public_key", "key_is_set", "A device keeps its key: enrol the phone anew.")
		}
		if err := checkDeviceKey(e.Record); err != nil {
			return err
		}
		if e.Record.GetString("status") == "revoked" && was.GetString("status") != "revoked" {
			if err := endSessions(e.App, e.Record.GetString("officer")); err != nil {
				return err
			}
		}
		return approvedAt(e, s.Now())
	})
	hangUp := func(e *core.RecordEvent) error {
		officer := e.Record.Id
		if e.Record.Collection().Name == "devices" {
			officer = e.Record.GetString("officer")
		}
		if e.Record.GetString("status") == "revoked" || e.Record.GetBool("disabled") {
			closeStreams(e.App, officer)
		}
		return e.Next()
	}
	app.OnRecordAfterUpdateSuccess("devices", "officers").BindFunc(hangUp)
	serve(app, deviceRoutes(&challenges{now: s.Now, secret: newSecret(), used: map[string]time.Time{}}, s.Now))
}

func deviceRoutes(c *challenges, now func() time.Time) []Route {
	return []Route{
		{"POST", "/api/devices/challenge", func(e *core.RequestEvent) error { return giveChallenge(e, c) }},
		{"POST", "/api/devices/token", func(e *core.RequestEvent) error { return giveToken(e, c) }},
		{"POST", "/api/office/enrolment-codes", forSuperusers(func(e *core.RequestEvent) error { return makeCode(e, now()) })},
	}
}

// enrol lets a phone in at once where enrolment is open or it brings a code
// that is valid; else it waits until somebody approves it.
func enrol(e *core.RecordRequestEvent, s Settings) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	if s.OpenEnrolment {
		e.Record.Set("status", "active")
		return e.Next()
	}
	sent, err := bodyAsSent(e)
	if err != nil {
		return err
	}
	text, _ := sent["enrolment_code"].(string)
	if text == "" {
		e.Record.Set("status", "pending")
		return e.Next()
	}
	return e.App.RunInTransaction(func(tx core.App) error {
		code, err := validCode(tx, text, e.Record.GetString("officer"), s.Now())
		if err != nil {
			return err
		}
		e.Record.Set("status", "active")
		outer := e.App
		e.App = tx
		err = e.Next()
		e.App = outer
		if err != nil {
			return err
		}
		code.Set("used_at", asDate(s.Now()))
		code.Set("device", e.Record.Id)
		if err := tx.Save(code); err != nil {
			return fmt.Errorf("use an enrolment code: %w", err)
		}
		return nil
	})
}

const codeKind = "enrolment code"

// codeText is a code as it is looked up: people type it with spaces and dashes.
func codeText(text string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
}

func validCode(app core.App, text, officer string, now time.Time) (*core.Record, error) {
	invalid := refuse("enrolment_code", "bad_code", "This code is not valid, or was used before.")
	code, err := app.FindFirstRecordByData("enrolment_codes", "code_word", sealed.RingOf(app).Word(codeKind, codeText(text)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, invalid
	}
	if err != nil {
		return nil, fmt.Errorf("look for an enrolment code: %w", err)
	}
	owner := code.GetString("officer")
	if !code.GetDateTime("used_at").IsZero() || !code.GetDateTime("expires_at").Time().After(now) || owner != "" && owner != officer {
		return nil, invalid
	}
	return code, nil
}

// Validity of a code.
const (
	codeMinutes    = 30
	maxCodeMinutes = 7 * 24 * 60
	codeLength     = 12
)

// makeCode makes a one-time code, for one officer or any, and shows it once.
func makeCode(e *core.RequestEvent, now time.Time) error {
	var ask struct {
		Officer string `json:"officer"`
		Minutes int    `json:"minutes"`
		Origin  string `json:"origin"` // of the server, as the phone reaches it
	}
	if err := readJSON(e, &ask); err != nil {
		return refusal(e, err)
	}
	if ask.Minutes == 0 {
		ask.Minutes = codeMinutes
	}
	if ask.Minutes < 1 || ask.Minutes > maxCodeMinutes {
		return refuse("minutes", "out_of_range", fmt.Sprintf("A code is valid for 1 to %d minutes.", maxCodeMinutes))
	}
	collection, err := e.App.FindCachedCollectionByNameOrId("enrolment_codes")
	if err != nil {
		return fmt.Errorf("find enrolment_codes: %w", err)
	}
	code := rand.Text()[:codeLength]
	expires := now.Add(time.Duration(ask.Minutes) * time.Minute)
	r := core.NewRecord(collection)
	r.Load(map[string]any{"code_word": sealed.RingOf(e.App).Word(codeKind, code), "officer": ask.Officer, "expires_at": asDate(expires)})
	if err := e.App.Save(r); err != nil {
		return fmt.Errorf("keep an enrolment code: %w", err)
	}
	shown := code[:4] + "-" + code[4:8] + "-" + code[8:]
	made := map[string]any{"code": shown, "expires_at": asDate(expires), "path": "/app/#code=" + code}
	if origin, err := url.Parse(ask.Origin); err == nil && (origin.Scheme == "https" || origin.Scheme == "http") && len(ask.Origin) <= 200 {
		picture, err := qr.Encode(strings.TrimSuffix(ask.Origin, "/")+"/app/#code="+code, qr.M)
		if err != nil {
			return fmt.Errorf("draw a QR code: %w", err)
		}
		made["qr"] = "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.PNG())
	}
	return e.JSON(http.StatusOK, made)
}

func checkDeviceKey(r *core.Record) error {
	key := r.GetString("public_key")
	if key == "" {
		return nil
	}
	if _, err := proof.ParseKey([]byte(key)); err != nil {
		return refuse("public_key", "bad_key", "Must be a public P-256 key as JWK.")
	}
	return nil
}

func approvedAt(e *core.RecordEvent, now time.Time) error {
	if e.Record.GetString("status") == "active" && e.Record.GetDateTime("approved_at").IsZero() {
		e.Record.Set("approved_at", asDate(now))
	}
	return e.Next()
}

// endSessions makes all tokens of an officer invalid. His other phones get new
// ones with their keys.
func endSessions(app core.App, officer string) error {
	r, err := app.FindRecordById("officers", officer)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the officer of a device: %w", err)
	}
	r.RefreshTokenKey()
	if err := app.Save(r); err != nil {
		return fmt.Errorf("end the sessions of %s: %w", officer, err)
	}
	return nil
}

// closeStreams ends the event streams of an officer.
func closeStreams(app core.App, officer string) {
	broker := app.SubscriptionsBroker()
	for id, client := range broker.Clients() {
		auth, _ := client.Get(apis.RealtimeClientAuthKey).(*core.Record)
		if auth == nil || auth.Id == officer {
			broker.Unregister(id)
		}
	}
}

// challenges are what a phone signs to get a token: random, valid for minutes,
// for one device, once, and until the server stops.
type challenges struct {
	now    func() time.Time
	secret proof.Nonces
	mu     sync.Mutex
	used   map[string]time.Time
}

const challengeTime = 5 * time.Minute

func newSecret() proof.Nonces {
	secret := make([]byte, 32)
	rand.Read(secret)
	return secret
}

func (c *challenges) give(device string) string {
	salt := make([]byte, 8)
	rand.Read(salt)
	// The salt makes each its own: two in one millisecond would be one.
	text := base64.RawURLEncoding.EncodeToString(salt)
	return text + "." + c.secret.At(c.now(), device+text)
}

// take tells whether a challenge was given to the device and is still unused,
// and uses it up.
func (c *challenges) take(challenge, device string) bool {
	salt, nonce, _ := strings.Cut(challenge, ".")
	given, ok := c.secret.Time(nonce, device+salt)
	now := c.now()
	if !ok || now.Sub(given) > challengeTime || now.Before(given) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for old, at := range c.used {
		if now.Sub(at) > challengeTime {
			delete(c.used, old)
		}
	}
	if _, before := c.used[challenge]; before {
		return false
	}
	c.used[challenge] = given
	return true
}

func giveChallenge(e *core.RequestEvent, c *challenges) error {
	var ask struct {
		Device string `json:"device"`
	}
	if err := readJSON(e, &ask); err != nil {
		return refusal(e, err)
	}
	if len(ask.Device) != 15 {
		return refuse("device", "missing_record", "Name the device.")
	}
	return e.JSON(http.StatusOK, map[string]any{"challenge": c.give(ask.Device)})
}

// assertion is what a phone signs: who it is, for whom, and the challenge.
type assertion struct {
	jwt.RegisteredClaims
	Challenge string `json:"challenge"`
}

const assertionAudience = "gridwalk token"

// giveToken gives an officer a new token for the signature of his phone's key.
// The key that verifies is the one that was enrolled, whatever the header says.
func giveToken(e *core.RequestEvent, c *challenges) error {
	var ask struct {
		Assertion string `json:"assertion"`
	}
	if err := readJSON(e, &ask); err != nil {
		return refusal(e, err)
	}
	device, officer, err := assertedBy(e.App, ask.Assertion, c)
	if err != nil {
		return refusal(e, err)
	}
	switch {
	case device.GetString("status") == "revoked":
		return refusal(e, replica.Revoked())
	case officer.GetBool("disabled"):
		return refusal(e, &replica.Error{Status: 403, Code: "officer_disabled", Message: "This officer no longer works here."})
	case device.GetString("status") != "active":
		return refusal(e, &replica.Error{Status: 403, Code: "device_pending", Message: "This device was not approved yet."})
	}
	token, err := officer.NewAuthToken()
	if err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	return e.JSON(http.StatusOK, map[string]any{"token": token})
}

func assertedBy(app core.App, text string, c *challenges) (device, officer *core.Record, err error) {
	refused := &replica.Error{Status: 401, Code: "bad_assertion", Message: "This is no signature of an enrolled device over a challenge that is valid."}
	var said assertion
	if len(text) > proof.MaxLength {
		return nil, nil, refused
	}
	_, err = jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithoutClaimsValidation()).ParseWithClaims(text, &said, func(*jwt.Token) (any, error) {
		if device, err = app.FindRecordById("devices", said.Subject); err != nil {
			return nil, err
		}
		return proof.ParseKey([]byte(device.GetString("public_key")))
	})
	if err != nil || !slices.Contains(said.Audience, assertionAudience) || !c.take(said.Challenge, said.Subject) {
		return nil, nil, refused
	}
	if officer, err = app.FindRecordById("officers", device.GetString("officer")); err != nil {
		return nil, nil, refused
	}
	return device, officer, nil
}
