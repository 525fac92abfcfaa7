package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
	"gridwalk/meters"
	"gridwalk/replica"
)

// watchSensor looks at a meter when its time has come, and raises what there is
// to tell. It writes past the save, within the tick: an alert and the note that
// it was raised are there together. A save by hand is looked at within a minute.
func watchSensor(d *desk, app core.App, r *core.Record, m *moved) (time.Time, error) {
	if !m.byTime {
		return d.now().Add(-time.Second), nil
	}
	if agreed, err := d.agreed(app, r.Id); err != nil || !agreed {
		return time.Time{}, err
	}
	now := d.now()
	f := d.watchOf(r).Look(now)
	told := r.GetDateTime("told_at").Time()
	if f.NoWater {
		if err := d.raise(app, r, "water_no_flow", f.To, map[string]any{"flat_from": f.From, "flat_to": f.To}); err != nil {
			return time.Time{}, err
		}
		told = f.To
	} else if err := d.relent(app, r, told, now); err != nil {
		return time.Time{}, err
	}
	if silent := r.GetBool("silent"); f.Silent && !silent {
		if err := d.raise(app, r, "sensor_offline", now, nil); err != nil {
			return time.Time{}, err
		}
	} else if !f.Silent && silent {
		if err := suppress(app, r.Id, "sensor_offline", "又有读数 · heard again"); err != nil {
			return time.Time{}, err
		}
	}
	_, err := d.engine.Execute(app, "UPDATE sensors SET told_at = {:told}, silent = {:silent} WHERE id = {:id}",
		dbx.Params{"told": asDate(told), "silent": f.Silent, "id": r.Id})
	if err != nil {
		return time.Time{}, fmt.Errorf("note what was told of meter %s: %w", r.Id, err)
	}
	return f.Next, nil
}

func (d *desk) watchOf(r *core.Record) meters.Watch {
	hours := func(field string, otherwise time.Duration) time.Duration {
		if n := r.GetInt(field); n > 0 {
			return time.Duration(n) * time.Hour
		}
		return otherwise
	}
	return meters.Watch{
		State: stateOf(r), Flat: hours("flat_hours", d.meters.Flat), Silence: hours("silent_hours", d.meters.Silence),
		Since: r.GetDateTime("created").Time(), AwayUntil: r.GetDateTime("away_until").Time(), Told: r.GetDateTime("told_at").Time(),
	}
}

func stateOf(r *core.Record) meters.State {
	return meters.State{LastAt: r.GetDateTime("last_seen").Time(), Litres: r.GetFloat("litres"),
		FlatSince: r.GetDateTime("flat_since").Time(), FlatLitres: r.GetFloat("flat_litres"), Unsettled: r.GetBool("unsettled")}
}

// agreement holds for a sensor that somebody of the household agrees to.
const agreement = `EXISTS (SELECT 1 FROM consents WHERE consents.id = sensors.consent AND consents.withdrawn_at = '' AND consents.deleted_at = '')`

func (d *desk) agreed(app core.App, sensor string) (agreed bool, err error) {
	err = d.engine.Row(app, "SELECT "+agreement+" FROM sensors WHERE id = {:id}", dbx.Params{"id": sensor}, &agreed)
	if err != nil {
		return false, fmt.Errorf("read the consent to meter %s: %w", sensor, err)
	}
	return agreed, nil
}

// raise raises an alert for a meter. Its id follows from what it tells, so that
// it is never there twice.
func (d *desk) raise(app core.App, sensor *core.Record, kind string, by time.Time, values map[string]any) error {
	id := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", sensor.Id, kind, by.UnixMilli()))
	switch _, err := app.FindRecordById("alerts", hex.EncodeToString(id[:])[:15]); {
	case err == nil:
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("look for the alert of meter %s: %w", sensor.Id, err)
	}
	collection, err := app.FindCachedCollectionByNameOrId("alerts")
	if err != nil {
		return fmt.Errorf("find alerts: %w", err)
	}
	r := core.NewRecord(collection)
	r.Id = hex.EncodeToString(id[:])[:15]
	r.Load(values)
	r.Load(map[string]any{"kind": kind, "sensor": sensor.Id, "household": sensor.GetString("household"), "status": "raised", "captured_at": d.now()})
	if err := app.Save(r); err != nil {
		return fmt.Errorf("raise an alert for meter %s: %w", sensor.Id, err)
	}
	return nil
}

// relent takes back what was told by a reading when somebody is known to be
// away, and notes that water runs again. Once water runs nobody further is told,
// but that all is well people say.
func (d *desk) relent(app core.App, sensor *core.Record, told, now time.Time) error {
	if told.IsZero() {
		return nil
	}
	if sensor.GetDateTime("away_until").Time().After(now) {
		return suppress(app, sensor.Id, "water_no_flow", "外出 · away")
	}
	moved := sensor.GetDateTime("flat_since")
	if !moved.Time().After(told) {
		return nil
	}
	return eachAlert(app, sensor.Id, "water_no_flow", "moved_at = '' && flat_to < {:moved} && status != 'resolved' && status != 'suppressed'",
		dbx.Params{"moved": moved.String()}, func(r *core.Record) { r.Set("moved_at", moved) })
}

// suppress ends alerts of a meter that nobody has taken up yet.
func suppress(app core.App, sensor, kind, why string) error {
	return eachAlert(app, sensor, kind, "status = 'raised' || status = 'escalated'", dbx.Params{}, func(r *core.Record) {
		r.Set("status", "suppressed")
		r.Set("reason", why)
	})
}

func eachAlert(app core.App, sensor, kind, filter string, params dbx.Params, change func(*core.Record)) error {
	params["sensor"], params["kind"] = sensor, kind
	found, err := app.FindRecordsByFilter("alerts", "sensor = {:sensor} && kind = {:kind} && ("+filter+")", "created", 0, 0, params)
	if err != nil {
		return fmt.Errorf("find the alerts of meter %s: %w", sensor, err)
	}
	for _, r := range found {
		change(r)
		if err := app.Save(r); err != nil {
			return fmt.Errorf("change alert %s: %w", r.Id, err)
		}
	}
	return nil
}

// stepTimes are when each step was made, and the moves by which it is.
var stepTimes = []struct{ field, action string }{{"acked_at", "ack"}, {"contacted_at", "contact"}, {"arrived_at", "arrive"}}

// prepareAlert notes when each step was made: a phone's word counts, within what
// can be. What was done without signal counts from then, although the server may
// have gone further up meanwhile.
func prepareAlert(d *desk, _ core.App, r *core.Record, m *moved) error {
	if m.isNew || m.action == "reopen" {
		r.Load(map[string]any{"raised_at": m.at, "acked_at": "", "acked_by": "", "contacted_at": "", "arrived_at": "", "level": "urgent"})
		if r.GetString("kind") == "sensor_offline" {
			r.Set("level", "notice")
		}
	}
	raised, now := r.GetDateTime("raised_at").Time(), d.now()
	_, at := replica.SavedBy(r)
	if at.IsZero() {
		at = now
	}
	for _, step := range stepTimes {
		when := r.GetDateTime(step.field).Time()
		if when.IsZero() && m.action == step.action {
			when = at
		}
		if when.IsZero() {
			continue
		}
		if when.Before(raised) {
			when = raised
		} else if when.After(now) {
			when = now
		}
		r.Set(step.field, when)
	}
	if acts := m.action == "ack" || m.action == "contact" || m.action == "arrive"; acts && m.officer != nil && r.GetString("acked_by") == "" {
		r.Set("acked_by", m.officer.Id)
	}
	return nil
}

// chain are those who are told, one further with every stage that runs out.
var chain = dict.Values("alert.told")

// alertClocks reads the clocks of an alert from its steps alone: an
// acknowledgement that arrives late and was in time takes the escalation back.
// That a meter is silent has no clock, and neither has an alert since water runs
// again.
func alertClocks(d *desk, app core.App, r *core.Record, m *moved) (time.Time, error) {
	limits := meters.Limits{}
	if r.GetString("kind") != "sensor_offline" && r.GetDateTime("moved_at").IsZero() {
		for _, stage := range []string{meters.Ack, meters.Call, meters.Door} {
			timing, _, ok, err := d.timing(app, r, stage, "")
			if err != nil {
				return time.Time{}, err
			}
			if ok {
				limits[stage] = meters.Limit{Within: timing.Limit, Again: timing.Escalate}
			}
		}
	}
	course := meters.Course{Raised: r.GetDateTime("raised_at").Time(), Acked: r.GetDateTime("acked_at").Time(),
		Called: r.GetDateTime("contacted_at").Time(), AtDoor: r.GetDateTime("arrived_at").Time()}
	status := r.GetString("status")
	if status == "resolved" || status == "suppressed" {
		course.Ended = r.GetDateTime("state_since").Time()
	}
	s := limits.Stand(course, d.pace(r), d.now())
	for _, stage := range []string{meters.Ack, meters.Call, meters.Door} {
		r.Set("due_"+stage, s.Due[stage])
	}
	r.Set("breached", s.Missed)
	r.Set("told", chain[min(s.Steps, len(chain)-1)])
	if m.byTime && s.Overdue && slices.Contains([]string{"raised", "acked", "contacting"}, status) {
		r.Set("status", "escalated")
	}
	if s.Steps >= len(chain)-1 {
		return time.Time{}, nil // there is nobody further to tell
	}
	return s.Next, nil
}

// pace is how the time of an alert is counted: what a meter tells waits for the
// morning, unless no water ran for so long that it cannot; a fire does not wait.
func (d *desk) pace(r *core.Record) func(time.Time, time.Duration) time.Time {
	flat := r.GetDateTime("flat_to").Time().Sub(r.GetDateTime("flat_from").Time())
	if !strings.HasPrefix(r.GetString("kind"), "water_") || flat >= d.meters.Night {
		return meters.Plain
	}
	return d.meters.Quiet.Add
}

// noteAway has the meters of a home stand back while nobody is there.
func noteAway(d *desk, app core.App, r *core.Record, m *moved) error {
	away := r.GetDateTime("away_until").Time()
	if r.GetString("status") != "resolved" || r.GetString("cause") != "away" || away.IsZero() {
		return nil
	}
	if m.action != "resolve" && r.Original().GetDateTime("away_until").Equal(r.GetDateTime("away_until")) {
		return nil
	}
	if latest := m.at.Add(d.meters.MaxAway); away.After(latest) {
		away = latest
	}
	var sensors []string
	if err := app.DB().Select("id").From("sensors").Where(dbx.HashExp{"household": r.GetString("household")}).Column(&sensors); err != nil {
		return fmt.Errorf("find the meters of household %s: %w", r.GetString("household"), err)
	}
	for _, sensor := range sensors {
		_, err := d.engine.Execute(app, "UPDATE sensors SET away_until = {:away}, updated = {:now} WHERE id = {:id}",
			dbx.Params{"away": asDate(away), "now": types.NowDateTime().String(), "id": sensor})
		if err != nil {
			return fmt.Errorf("note who is away on meter %s: %w", sensor, err)
		}
		if err := d.plan(app, "sensors", sensor, d.now().Add(-time.Second)); err != nil {
			return err
		}
	}
	return nil
}
