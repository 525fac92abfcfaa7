package hooks

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/access"
	"gridwalk/meters"
	"gridwalk/replica"
	"gridwalk/sealed"
	"gridwalk/workflow"
)

// flow is a collection that is worked on: how it moves from state to state, and
// what its records bring about.
type flow struct {
	table workflow.Table // without a name for a collection that has no states
	// supply fills in what a move needs and the office has settled, before the move.
	supply func(core.App, *core.Record) error
	// prepare fills in what the server knows, before the save.
	prepare func(*desk, core.App, *core.Record, *moved) error
	// clocks sets what is due when, and tells when to look again; zero is never.
	clocks func(*desk, core.App, *core.Record, *moved) (time.Time, error)
	// follow makes what follows, after the save.
	follow func(*desk, core.App, *core.Record, *moved) error
}

// flows are the collections that are worked on.
var flows = map[string]flow{
	"matters":           matterFlow,
	"whistles":          {table: workflow.Whistle, follow: callUnits},
	"whistle_responses": {prepare: prepareResponse, clocks: responseClocks, follow: moveWhistle},
	"meetings":          {table: workflow.Meeting, prepare: countQuorum},
	"demands":           {table: workflow.Demand, prepare: prepareDemand, clocks: demandClocks},
	"commitments":       {table: workflow.Commitment, prepare: prepareCommitment, clocks: commitmentClocks},
	"errands":           {table: workflow.Errand, prepare: prepareErrand, clocks: errandClocks},
	"custody_steps":     {prepare: numberReceipt},
	"sensors":           {clocks: watchSensor},
	"alerts":            {table: workflow.Alert, prepare: prepareAlert, clocks: alertClocks, follow: noteAway},
	"service_orders":    {table: workflow.ServiceOrder, prepare: prepareOrder, clocks: orderClocks, follow: refill},
	"order_recipients":  {follow: refillOrder},
	"order_claims":      {prepare: prepareClaim, follow: refillOrder},
}

// moved is a save of a record of a flow: who makes it, when, and which move it
// is. Action is empty when the state stays.
type moved struct {
	action   string
	from, to string
	clocks   workflow.Clocks
	at       time.Time
	officer  *core.Record // nil for the office and the server
	isNew    bool
	byTime   bool // nobody asks for it: time has passed
}

// desk is what hooks of flows share.
type desk struct {
	limits *limits
	engine *replica.Engine
	now    func() time.Time
	meters meters.Settings
}

// bindFlows moves records by the tables of package workflow, whichever door a
// save comes through, and looks every minute for what time has brought about.
func bindFlows(app core.App, engine *replica.Engine, now func() time.Time) *desk {
	d := &desk{limits: newLimits(app, engine), engine: engine, now: now, meters: meters.DefaultSettings()}
	for name, f := range flows {
		save := func(e *core.RecordEvent) error { return d.save(e, f) }
		app.OnRecordCreate(name).BindFunc(save)
		app.OnRecordUpdate(name).BindFunc(save)
		app.OnRecordAfterDeleteSuccess(name).BindFunc(func(e *core.RecordEvent) error {
			if err := d.plan(e.App, name, e.Record.Id, time.Time{}); err != nil {
				return err
			}
			return e.Next()
		})
	}
	bindMatters(app, d)
	bindMeters(app, d)
	bindCalendar(app)
	serve(app, meetingRoutes())
	bindMinutes(app, d)
	return d
}

func (d *desk) save(e *core.RecordEvent, f flow) error {
	r := e.Record
	if r.Id == "" {
		r.Id = core.GenerateDefaultRandomId()
	}
	if f.supply != nil {
		if err := f.supply(e.App, r); err != nil {
			return err
		}
	}
	m, err := d.move(e.App, r, f.table)
	if err != nil {
		return err
	}
	if f.prepare != nil {
		if err := f.prepare(d, e.App, r, m); err != nil {
			return err
		}
	}
	var next time.Time
	if f.clocks != nil {
		if next, err = f.clocks(d, e.App, r, m); err != nil {
			return err
		}
	}
	if err := e.Next(); err != nil {
		return err
	}
	if f.clocks != nil {
		if err := d.plan(e.App, r.Collection().Name, r.Id, next); err != nil {
			return err
		}
	}
	if f.follow != nil {
		return f.follow(d, e.App, r, m)
	}
	return nil
}

// move makes the move that a changed state asks for.
func (d *desk) move(app core.App, r *core.Record, table workflow.Table) (*moved, error) {
	m := &moved{from: r.Original().GetString("status"), to: r.GetString("status"), isNew: r.IsNew()}
	if table.Name != "" && !m.isNew && m.from == "" {
		// What was just made does not know what it was.
		err := d.engine.Row(app, "SELECT status FROM "+r.Collection().Name+" WHERE id = {:id}", dbx.Params{"id": r.Id}, &m.from)
		if err != nil {
			return nil, fmt.Errorf("read the state of %s: %w", r.Id, err)
		}
	}
	id, at := replica.SavedBy(r)
	if m.at = d.momentOf(r, at, m.isNew); id != "" {
		// A superuser is no officer, and nobody to be named.
		if officer, err := app.FindRecordById("officers", id); err == nil {
			m.officer = officer
		}
	}
	if table.Name == "" || m.from == m.to || m.to == "" {
		return m, nil
	}
	actor, err := d.actor(r, m)
	if err != nil {
		return nil, err
	}
	given := workflow.Given{Filled: func(field string) bool { return filled(r, field) }, Since: r.GetDateTime("state_since").Time(), Now: m.at}
	if given.Times, err = d.timesDone(app, r, table); err != nil {
		return nil, err
	}
	next, err := table.StepTo(m.from, m.to, actor, given)
	if err != nil {
		return nil, refuseMove(err)
	}
	m.action, m.clocks = next.Action, next.Clocks
	r.Set("state_since", m.at)
	return m, nil
}

// longestOffline is how far back a phone's word is taken for when something was
// done. A phone whose date is wrong would have everything overdue at once.
const longestOffline = 31 * 24 * time.Hour

// momentOf is when a save was meant: what was done without signal counts from
// then, but not before what it follows, not from the future, and not from
// longer ago than a phone can have been away.
func (d *desk) momentOf(r *core.Record, at time.Time, isNew bool) time.Time {
	now := d.now()
	switch {
	case isNew:
		at = r.GetDateTime("captured_at").Time()
	case at.IsZero():
		return now
	}
	if since := r.GetDateTime("state_since").Time(); at.Before(since) {
		at = since
	}
	if at.After(now) || now.Sub(at) > longestOffline {
		return now
	}
	return at
}

// everyone are all relations: gridwalk itself and the dashboard stand for
// whoever is needed.
var everyone = []string{workflow.Server, workflow.Maker, workflow.Owner, workflow.Unit, workflow.Claimant, workflow.Recipient}

// actor is whoever makes a move, and how he stands to the record.
func (d *desk) actor(r *core.Record, m *moved) (workflow.Actor, error) {
	if m.officer == nil {
		return workflow.Actor{Role: access.County[0], Relations: everyone}, nil
	}
	actor := workflow.Actor{Role: m.officer.GetString("role")}
	if m.isNew || r.GetString("created_by") == m.officer.Id {
		actor.Relations = append(actor.Relations, workflow.Maker)
	}
	for _, field := range []string{"owner", "runner", "scribe"} {
		if r.Collection().Fields.GetByName(field) != nil && r.GetString(field) == m.officer.Id {
			actor.Relations = append(actor.Relations, workflow.Owner)
		}
	}
	if unit := m.officer.GetString("organization"); unit != "" && r.GetString("lead_org") == unit {
		actor.Relations = append(actor.Relations, workflow.Unit)
	}
	return actor, nil
}

// timesDone counts the moves of a record that may be made only so often.
func (d *desk) timesDone(app core.App, r *core.Record, table workflow.Table) (map[string]int, error) {
	if table.Name != workflow.Matter.Name || r.GetString("status") != "extended" {
		return nil, nil
	}
	var n int
	err := d.engine.Row(app, "SELECT COUNT(*) FROM matter_events WHERE matter = {:matter} AND action = 'extend'", dbx.Params{"matter": r.Id}, &n)
	if err != nil {
		return nil, fmt.Errorf("count the extensions of %s: %w", r.Id, err)
	}
	return map[string]int{"extend": n}, nil
}

// filled tells whether a field of a record holds anything.
func filled(r *core.Record, field string) bool {
	switch sealed.Plain(r.Collection().Fields.GetByName(field)).(type) {
	case *core.NumberField:
		return r.GetFloat(field) != 0
	case *core.DateField:
		return !r.GetDateTime(field).IsZero()
	case nil:
		return false
	}
	return len(r.GetStringSlice(field)) > 0 && r.GetString(field) != ""
}
