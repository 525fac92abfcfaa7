package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/meters"
	"gridwalk/replica"
	"gridwalk/sealed"
)

// Bounds of one batch: an hour of 5,000 meters.
const (
	maxBatchBody = 1 << 20
	maxReadings  = 5000
	maxMeter     = 40
	maxLitres    = 1e10 // ten million cubic metres: no home has used so much
)

// bindMeters takes the readings of meters, and lets go of them.
func bindMeters(app core.App, d *desk) {
	serve(app, meterRoutes(d))
	check := func(e *core.RecordEvent) error {
		if err := checkConsent(e.App, e.Record); err != nil {
			return err
		}
		return e.Next()
	}
	app.OnRecordCreate("sensors").BindFunc(check)
	app.OnRecordUpdate("sensors").BindFunc(check)
	app.OnRecordUpdate("consents").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if e.Record.GetDateTime("withdrawn_at").IsZero() {
			return nil
		}
		return d.forget(e.App, e.Record.Id)
	})
}

func meterRoutes(d *desk) []Route {
	return []Route{{"POST", "/api/sensors/readings", func(e *core.RequestEvent) error { return d.takeBatch(e) }}}
}

// checkConsent refuses a meter that nobody of the household agreed to.
func checkConsent(app core.App, sensor *core.Record) error {
	consent, err := relatedRecord(app, sensor, "consent", "consents")
	if err != nil {
		return err
	}
	var resident *core.Record
	if consent != nil {
		if resident, err = relatedRecord(app, consent, "subject", "residents"); err != nil {
			return err
		}
	}
	if resident == nil || consent.GetString("purpose") != "sensor" || resident.GetString("household") != sensor.GetString("household") {
		return refuse("consent", "wrong_consent", "It takes the consent of a resident of the household, for the purpose «sensor».")
	}
	return nil
}

// forget deletes what a meter told once the consent to it is withdrawn.
func (d *desk) forget(app core.App, consent string) error {
	params := dbx.Params{"consent": consent}
	_, err := d.engine.Execute(app, "DELETE FROM sensor_readings WHERE sensor IN (SELECT id FROM sensors WHERE consent = {:consent})", params)
	if err == nil {
		_, err = d.engine.Execute(app, `UPDATE sensors SET last_seen = '', litres = 0, flat_since = '', flat_litres = 0, unsettled = FALSE,
			told_at = '', silent = FALSE, away_until = '' WHERE consent = {:consent}`, params)
	}
	if err != nil {
		return fmt.Errorf("forget what a meter told: %w", err)
	}
	return nil
}

// sourceOf gives the source whose token a request bears, nil without one.
func sourceOf(e *core.RequestEvent) (*core.Record, error) {
	token, _ := strings.CutPrefix(e.Request.Header.Get("Authorization"), "Bearer ")
	source, err := e.App.FindRecordById("sensor_sources", meters.SourceOf(token))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a source of readings: %w", err)
	}
	if !meters.Proves(token, source.GetString("secret_hash")) || source.GetBool("disabled") {
		return nil, nil
	}
	return source, nil
}

// batchRequest is what a source sends.
type batchRequest struct {
	Batch    string            `json:"batch"`
	Readings []json.RawMessage `json:"readings"`
}

// batchAnswer says what became of a batch: what is not in Odd is stored and
// nothing is wrong with it.
type batchAnswer struct {
	Batch    string       `json:"batch"`
	Received int          `json:"received"`
	Stored   int          `json:"stored"`
	Odd      []oddReading `json:"odd"`
}

type oddReading struct {
	Index    int             `json:"index"` // in the batch, from 0
	Meter    string          `json:"meter,omitempty"`
	Oddities []meters.Oddity `json:"oddities"`
	Stored   bool            `json:"stored"`
}

// arrival is a reading on its way.
type arrival struct {
	index  int
	meter  string
	odd    []meters.Oddity
	counts bool
	stored bool
	meters.Reading
}

func (d *desk) takeBatch(e *core.RequestEvent) error {
	source, err := sourceOf(e)
	if err != nil {
		return refusal(e, err)
	}
	if source == nil {
		return refusal(e, &replica.Error{Status: http.StatusUnauthorized, Code: "unknown_source", Message: "The bearer token is of no source."})
	}
	request, digest, err := readBatch(e.Request.Body)
	if err != nil {
		return refusal(e, err)
	}
	var answer json.RawMessage
	err = d.engine.InBatch(func(tx core.App) error {
		var err error
		answer, err = d.answerTo(tx, source, request, digest)
		return err
	})
	if err != nil {
		return refusal(e, err)
	}
	return e.Blob(http.StatusOK, "application/json", answer)
}

var batchName = regexp.MustCompile(`^[\w.:+-]{1,64}$`)

func readBatch(from io.Reader) (request batchRequest, digest string, err error) {
	bad := func(status int, code, message string) (batchRequest, string, error) {
		return request, "", &replica.Error{Status: status, Code: code, Message: message}
	}
	body, err := io.ReadAll(io.LimitReader(from, maxBatchBody+1))
	switch {
	case err != nil:
		return bad(http.StatusBadRequest, "malformed", "The body ends early.")
	case len(body) > maxBatchBody:
		return bad(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("A batch has at most %d bytes.", maxBatchBody))
	case json.Unmarshal(body, &request) != nil:
		return bad(http.StatusBadRequest, "malformed", "The body is not a batch: {\"batch\": …, \"readings\": […]}.")
	case !batchName.MatchString(request.Batch):
		return bad(http.StatusBadRequest, "bad_batch", "The id of a batch has 1 to 64 letters, digits and . : + - _.")
	case len(request.Readings) == 0:
		return bad(http.StatusBadRequest, "no_readings", "A batch has at least one reading.")
	case len(request.Readings) > maxReadings:
		return bad(http.StatusRequestEntityTooLarge, "too_many_readings", fmt.Sprintf("A batch has at most %d readings.", maxReadings))
	}
	sum := sha256.Sum256(body)
	return request, hex.EncodeToString(sum[:]), nil
}

// answerTo takes a batch, or gives the answer that it had before.
func (d *desk) answerTo(tx core.App, source *core.Record, request batchRequest, digest string) (json.RawMessage, error) {
	var known struct {
		Digest string        `db:"digest"`
		Answer types.JSONRaw `db:"answer"`
	}
	key := dbx.HashExp{"source": source.Id, "batch": request.Batch}
	err := tx.DB().Select("digest", "answer").From("sensor_batches").Where(key).One(&known)
	switch {
	case err == nil && known.Digest == digest:
		return json.RawMessage(known.Answer), nil
	case err == nil:
		return nil, &replica.Error{Status: http.StatusConflict, Code: "batch_reused", Message: "Another batch had this id. Give every batch an id of its own."}
	case !errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("look for batch %s: %w", request.Batch, err)
	}
	answer, err := d.takeReadings(tx, source, request)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("write the answer to batch %s: %w", request.Batch, err)
	}
	collection, err := tx.FindCachedCollectionByNameOrId("sensor_batches")
	if err != nil {
		return nil, fmt.Errorf("find sensor_batches: %w", err)
	}
	r := core.NewRecord(collection)
	r.Load(map[string]any{"source": source.Id, "batch": request.Batch, "digest": digest, "answer": string(text)})
	if err := tx.Save(r); err != nil {
		return nil, fmt.Errorf("save batch %s: %w", request.Batch, err)
	}
	_, err = d.engine.Execute(tx, "UPDATE sensor_sources SET last_seen = {:now} WHERE id = {:id}", dbx.Params{"now": asDate(d.now()), "id": source.Id})
	if err != nil {
		return nil, fmt.Errorf("note when source %s was heard: %w", source.Id, err)
	}
	return text, nil
}

func (d *desk) takeReadings(tx core.App, source *core.Record, request batchRequest) (batchAnswer, error) {
	byMeter, all := map[string][]*arrival{}, make([]*arrival, len(request.Readings))
	for i, raw := range request.Readings {
		all[i] = arrivalOf(i, raw)
		if all[i].counts {
			byMeter[all[i].meter] = append(byMeter[all[i].meter], all[i])
		}
	}
	sensors, err := d.sensorsOf(tx, source, byMeter)
	if err != nil {
		return batchAnswer{}, err
	}
	for meter, arrivals := range byMeter {
		sensor, known := sensors[meter]
		if known && sensor.agreed {
			if err := d.takeFrom(tx, sensor.Record, request.Batch, arrivals); err != nil {
				return batchAnswer{}, err
			}
			continue
		}
		for _, a := range arrivals {
			a.odd = []meters.Oddity{meters.UnknownMeter}
			if known {
				a.odd = []meters.Oddity{meters.NotAgreed}
			}
		}
	}
	answer := batchAnswer{Batch: request.Batch, Received: len(all), Odd: []oddReading{}}
	for _, a := range all {
		if a.stored {
			answer.Stored++
		}
		if len(a.odd) > 0 {
			answer.Odd = append(answer.Odd, oddReading{a.index, a.meter, a.odd, a.stored})
		}
	}
	return answer, nil
}

// arrivalOf reads one reading of a batch. Times are kept to the millisecond.
func arrivalOf(index int, raw json.RawMessage) *arrival {
	var sent struct {
		Meter  string    `json:"meter"`
		At     time.Time `json:"at"`
		Litres *float64  `json:"litres"`
	}
	err := json.Unmarshal(raw, &sent)
	a := &arrival{index: index, meter: sent.Meter}
	_, dateErr := types.ParseDateTime(sent.At)
	if err != nil || dateErr != nil || sent.Meter == "" || len(sent.Meter) > maxMeter || sent.At.Year() < 2000 || sent.At.Year() > 9999 ||
		sent.Litres == nil || *sent.Litres > maxLitres || *sent.Litres < -maxLitres {
		a.meter = strings.ToValidUTF8(a.meter[:min(len(a.meter), maxMeter)], "")
		a.odd = []meters.Oddity{meters.Malformed}
		return a
	}
	a.counts, a.Reading = true, meters.Reading{At: sent.At.UTC().Truncate(time.Millisecond), Litres: *sent.Litres}
	return a
}

// knownSensor is a meter, and whether somebody agrees to its being read.
type knownSensor struct {
	*core.Record
	agreed bool
}

func (d *desk) sensorsOf(tx core.App, source *core.Record, byMeter map[string][]*arrival) (map[string]knownSensor, error) {
	words := make([]string, 0, len(byMeter))
	for meter := range byMeter {
		words = append(words, sealed.RingOf(tx).Word(sealed.MeterKind, meter))
	}
	found := []*core.Record{}
	list, err := json.Marshal(words)
	if err != nil {
		return nil, fmt.Errorf("write the meters: %w", err)
	}
	err = tx.RecordQuery("sensors").AndWhere(dbx.NewExp("source = {:source} AND kind = 'water_meter' AND meter_word IN (SELECT value FROM json_each({:words}))",
		dbx.Params{"source": source.Id, "words": string(list)})).All(&found)
	if err != nil {
		return nil, fmt.Errorf("find the meters of source %s: %w", source.Id, err)
	}
	sensors := make(map[string]knownSensor, len(found))
	for _, r := range found {
		agreed, err := d.agreed(tx, r.Id)
		if err != nil {
			return nil, err
		}
		sensors[r.GetString("meter")] = knownSensor{r, agreed}
	}
	return sensors, nil
}

// takeFrom stores the readings of one meter, and what they amount to.
func (d *desk) takeFrom(tx core.App, sensor *core.Record, batch string, arrivals []*arrival) error {
	now := d.now()
	slices.SortStableFunc(arrivals, func(a, b *arrival) int { return a.At.Compare(b.At) })
	state, whole := stateOf(sensor), true
	for _, a := range arrivals {
		a.odd, a.counts = d.meters.Judge(a.Reading, now)
		if slices.Contains(a.odd, meters.Stale) {
			continue
		}
		if err := d.store(tx, sensor.Id, batch, a); err != nil {
			return err
		}
		if !a.counts || !a.stored || !whole {
			continue
		}
		state, whole = d.meters.Next(state, a.Reading)
	}
	if !whole {
		var err error
		if state, err = d.replay(tx, sensor.Id, arrivals); err != nil {
			return err
		}
	}
	_, err := d.engine.Execute(tx, `UPDATE sensors SET last_seen = {:last}, litres = {:litres}, flat_since = {:since}, flat_litres = {:flat},
		unsettled = {:unsettled} WHERE id = {:id}`, dbx.Params{"last": asDate(state.LastAt), "litres": state.Litres, "since": asDate(state.FlatSince),
		"flat": state.FlatLitres, "unsettled": state.Unsettled, "id": sensor.Id})
	if err != nil {
		return fmt.Errorf("note what meter %s shows: %w", sensor.Id, err)
	}
	return d.planLook(tx, sensor, state)
}

// planLook has a meter looked at by the next tick if there may be something to
// tell, else when it will have been silent for too long.
func (d *desk) planLook(tx core.App, sensor *core.Record, state meters.State) error {
	w, now := d.watchOf(sensor), d.now()
	w.State = state
	f := w.Look(now)
	soon := f.NoWater || f.Silent != sensor.GetBool("silent") || !w.Told.IsZero() && state.FlatSince.After(w.Told)
	next := f.Next
	if soon {
		next = now.Add(-time.Second)
	}
	return d.plan(tx, "sensors", sensor.Id, next)
}

// store writes a reading down, once: what is there already is a duplicate.
func (d *desk) store(tx core.App, sensor, batch string, a *arrival) error {
	oddities, err := json.Marshal(append([]meters.Oddity{}, a.odd...))
	if err != nil {
		return fmt.Errorf("write oddities: %w", err)
	}
	now := asDate(d.now())
	n, err := d.engine.Execute(tx, `INSERT OR IGNORE INTO sensor_readings (id, sensor, at, litres, received_at, batch, oddities, created, updated)
		VALUES ({:id}, {:sensor}, {:at}, {:litres}, {:now}, {:batch}, {:oddities}, {:now}, {:now})`, dbx.Params{"id": core.GenerateDefaultRandomId(),
		"sensor": sensor, "at": asDate(a.At), "litres": a.Litres, "now": now, "batch": batch, "oddities": string(oddities)})
	if err != nil {
		return fmt.Errorf("store a reading of meter %s: %w", sensor, err)
	}
	if a.stored = n == 1; !a.stored {
		a.odd = append(a.odd, meters.Duplicate)
	}
	return nil
}

// replay reads all that counts of a meter, and names what is odd about those
// that have just come.
func (d *desk) replay(tx core.App, sensor string, arrivals []*arrival) (meters.State, error) {
	var rows []struct {
		At     types.DateTime `db:"at"`
		Litres float64        `db:"litres"`
	}
	err := d.engine.Rows(tx, `SELECT at, litres FROM sensor_readings WHERE sensor = {:sensor}
		AND NOT EXISTS (SELECT 1 FROM json_each(oddities) WHERE value IN ('future', 'negative'))`, dbx.Params{"sensor": sensor}, &rows)
	if err != nil {
		return meters.State{}, fmt.Errorf("read what meter %s showed: %w", sensor, err)
	}
	readings := make([]meters.Reading, len(rows))
	for i, row := range rows {
		readings[i] = meters.Reading{At: row.At.Time(), Litres: row.Litres}
	}
	state, odd := d.meters.Replay(readings)
	for _, a := range arrivals {
		i := slices.IndexFunc(readings, func(r meters.Reading) bool { return r.At.Equal(a.At) && r.Litres == a.Litres })
		if i < 0 || odd[i] == "" || !a.stored {
			continue
		}
		a.odd = append(a.odd, odd[i])
		oddities, err := json.Marshal(a.odd)
		if err != nil {
			return meters.State{}, fmt.Errorf("write oddities: %w", err)
		}
		_, err = d.engine.Execute(tx, "UPDATE sensor_readings SET oddities = {:oddities} WHERE sensor = {:sensor} AND at = {:at} AND litres = {:litres}",
			dbx.Params{"oddities": string(oddities), "sensor": sensor, "at": asDate(a.At), "litres": a.Litres})
		if err != nil {
			return meters.State{}, fmt.Errorf("name what is odd about a reading of meter %s: %w", sensor, err)
		}
	}
	return state, nil
}
