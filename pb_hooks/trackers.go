package hooks

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
	"gridwalk/replica"
	"gridwalk/tracker"
)

// bridge lets a free native app record the track of a patrol in the background,
// which a page in a browser cannot. Its points go where all others go.
type bridge struct {
	s     Settings
	rates rates
}

// bindTrackers serves the bridge: docs/tracks.md.
func bindTrackers(app core.App, engine *replica.Engine, s Settings) {
	b := &bridge{s: s, rates: rates{buckets: map[string]bucket{}}}
	serve(app, b.routes(engine))
}

func (b *bridge) routes(engine *replica.Engine) []Route {
	return []Route{
		{"POST", "/api/tracker/token", withCaller(engine, func(e *core.RequestEvent, caller replica.Caller) (any, error) {
			return newTracker(e.App, caller.Device)
		})},
		{"POST", "/api/tracker/owntracks", b.owntracks},
		{"POST", "/api/tracker/osmand", b.osmand},
		{"GET", "/api/tracker/osmand", b.osmand}, // OsmAnd itself, and Traccar Client before 9
	}
}

// newTracker gives the device a password for its tracking app. It is shown
// once; one given before no longer works.
func newTracker(app core.App, device string) (any, error) {
	secret := rand.Text()
	found, err := app.FindFirstRecordByData("trackers", "device", device)
	if errors.Is(err, sql.ErrNoRows) {
		var collection *core.Collection
		if collection, err = app.FindCachedCollectionByNameOrId("trackers"); err == nil {
			found = core.NewRecord(collection)
			found.Set("device", device)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("find the tracker of %s: %w", device, err)
	}
	found.Set("secret_hash", secretHash(secret))
	if err := app.Save(found); err != nil {
		return nil, fmt.Errorf("save the tracker of %s: %w", device, err)
	}
	return map[string]string{"device": device, "secret": secret}, nil
}

// secretHash needs no salt and no work factor: a secret has 130 random bits.
func secretHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// owntracks answers OwnTracks with a list of what it is to show, which is
// nothing, whatever became of the points: what is refused, the app would send
// for ever.
func (b *bridge) owntracks(e *core.RequestEvent) error {
	user, secret, _ := e.Request.BasicAuth()
	device, err := b.deviceOf(e.App, secret)
	if err != nil {
		return err
	}
	if device == nil || user != device.Id {
		e.Response.Header().Set("WWW-Authenticate", `Basic realm="gridwalk"`)
		return e.UnauthorizedError("The user is the id of the device, the password that of its tracker.", nil)
	}
	body, err := smallBody(e)
	if err != nil {
		return err
	}
	report, err := tracker.OwnTracks(body)
	if err != nil {
		return e.BadRequestError("The body is not JSON.", nil)
	}
	if err := b.take(e, device, report.Points, "owntracks"); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, []any{})
}

// osmand answers Traccar Client and OsmAnd, which name themselves by an
// identifier that anybody can choose: here it is the secret.
func (b *bridge) osmand(e *core.RequestEvent) error {
	body, err := smallBody(e)
	if err != nil {
		return err
	}
	params := e.Request.URL.Query()
	if kind, _, _ := mime.ParseMediaType(e.Request.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return e.BadRequestError("The body is not a form.", nil)
		}
		for name, values := range form {
			params[name] = append(params[name], values...)
		}
		body = nil
	}
	report, err := tracker.OsmAnd(params, body, b.s.Now())
	if err != nil {
		return e.BadRequestError("The body is not JSON.", nil)
	}
	device, err := b.deviceOf(e.App, report.ID)
	if err != nil {
		return err
	}
	if device == nil {
		return e.UnauthorizedError("The device identifier is the secret of the tracker.", nil)
	}
	if err := b.take(e, device, report.Points, "osmand"); err != nil {
		return err
	}
	return e.NoContent(http.StatusOK)
}

const maxTrackerBody = 64 << 10

func smallBody(e *core.RequestEvent) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(e.Request.Body, maxTrackerBody+1))
	if err != nil {
		return nil, e.BadRequestError("The body ends early.", nil)
	}
	if len(body) > maxTrackerBody {
		return nil, e.Error(http.StatusRequestEntityTooLarge, "The body is too large.", nil)
	}
	return body, nil
}

// deviceOf gives the device whose tracker has the secret, nil when there is
// none that may still be used.
func (b *bridge) deviceOf(app core.App, secret string) (*core.Record, error) {
	if secret == "" {
		return nil, nil
	}
	found, err := app.FindFirstRecordByData("trackers", "secret_hash", secretHash(secret))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a tracker: %w", err)
	}
	device, err := app.FindRecordById("devices", found.GetString("device"))
	if err != nil {
		return nil, fmt.Errorf("find the device of tracker %s: %w", found.Id, err)
	}
	officer, err := app.FindRecordById("officers", device.GetString("officer"))
	if err != nil {
		return nil, fmt.Errorf("find the officer of tracker %s: %w", found.Id, err)
	}
	if device.GetString("status") != "active" || officer.GetBool("disabled") {
		return nil, nil
	}
	return device, nil
}

// take stores the points that lie within a patrol of the device's officer. All
// others are forgotten: he is on duty between the start and the end of a patrol
// and at no other time, and not while it is paused.
func (b *bridge) take(e *core.RequestEvent, device *core.Record, points []geo.TrackPoint, source string) error {
	if wait := b.rates.wait(device.Id, b.s.Now()); wait > 0 {
		e.Response.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		return e.TooManyRequestsError("Send less often.", nil)
	}
	return e.App.RunInTransaction(func(tx core.App) error {
		known, err := tx.FindFirstRecordByData("trackers", "device", device.Id)
		if err != nil {
			return fmt.Errorf("find the tracker of %s: %w", device.Id, err)
		}
		type part struct {
			patrol *core.Record
			window int64
		}
		parts := map[string]part{}
		byPart := map[string][]geo.TrackPoint{}
		for _, p := range points {
			patrol, err := b.patrolAt(tx, device.GetString("officer"), p.Time())
			if err != nil {
				return err
			}
			if patrol == nil {
				continue
			}
			window := p.At / batchWindow.Milliseconds()
			id := batchID(patrol.Id, known.Id, source, window)
			parts[id], byPart[id] = part{patrol, window}, append(byPart[id], p)
		}
		for id, part := range parts {
			if err := b.append(tx, id, part.patrol, device, source, byPart[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// batchWindow is how much of a track goes into one batch: at a point a second,
// 300 points.
const batchWindow = 5 * time.Minute

// batchID names the batch of a patrol, a tracker and a window of time, so that a
// point that comes again comes into the same batch, whenever that is. Nobody may
// read the id of a tracker, so nobody can make the batch before it comes.
func batchID(patrol, tracker, source string, window int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", patrol, tracker, source, window))
	return hex.EncodeToString(sum[:])[:15]
}

// patrolAt gives the patrol of an officer at a time, nil when he is not on one
// that may be located then.
func (b *bridge) patrolAt(app core.App, officer string, at time.Time) (*core.Record, error) {
	if at.After(b.s.Now().Add(clockSlack)) || at.Before(b.s.Now().Add(-b.s.KeepPoints)) {
		return nil, nil
	}
	when, err := types.ParseDateTime(at)
	if err != nil {
		return nil, nil
	}
	found, err := app.FindRecordsByFilter("patrols", `officer = {:officer} && (status = 'active' || status = 'ended') &&
		started_at <= {:at} && (ended_at = '' || ended_at >= {:at})`, "-started_at", 1, 0, dbx.Params{"officer": officer, "at": when.String()})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	_, to, err := onDuty(app, found[0], b.s)
	if err != nil || at.After(to) {
		return nil, err
	}
	return found[0], nil
}

// append puts points into a batch, which is made when there is none.
func (b *bridge) append(tx core.App, id string, patrol, device *core.Record, source string, points []geo.TrackPoint) error {
	batch, err := tx.FindRecordById("track_batches", id)
	if errors.Is(err, sql.ErrNoRows) {
		var collection *core.Collection
		if collection, err = tx.FindCachedCollectionByNameOrId("track_batches"); err == nil {
			batch = core.NewRecord(collection)
			batch.Id = id
			batch.Load(map[string]any{"officer": patrol.GetString("officer"), "patrol": patrol.Id, "device": device.Id, "source": source})
		}
	}
	if err != nil {
		return fmt.Errorf("find track %s: %w", id, err)
	}
	known, err := pointsOf(batch.GetString("track"))
	if err != nil {
		return fmt.Errorf("read track %s: %w", id, err)
	}
	all := geo.MergeTracks(known, points)
	if len(all) == len(known) {
		return nil // nothing new
	}
	blob, err := geo.EncodeTrack(all)
	if err != nil {
		return fmt.Errorf("write track %s: %w", id, err)
	}
	batch.Set("track", base64.StdEncoding.EncodeToString(blob))
	if err := tx.Save(batch); err != nil {
		return fmt.Errorf("save track %s: %w", id, err)
	}
	return nil
}

// rates bound how often each device reports. An app that was offline sends its
// queue one point a request, so the burst is generous.
type rates struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

const (
	reportBurst   = 1000 // requests at once
	reportsSecond = 5    // and from then on
)

// wait takes one report from the device's bucket, or says for how long it is
// empty.
func (r *rates) wait(device string, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.buckets[device]
	if !ok {
		b = bucket{reportBurst, now}
	}
	b.left = min(reportBurst, b.left+max(0, now.Sub(b.at).Seconds())*reportsSecond)
	b.at = now
	if b.left < 1 {
		r.buckets[device] = b
		return time.Duration((1 - b.left) / reportsSecond * float64(time.Second))
	}
	b.left--
	r.buckets[device] = b
	return 0
}
