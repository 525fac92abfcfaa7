package hooks

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/workflow"
)

// urgencyOf is the priority by which the time to report in is looked up.
var urgencyOf = map[string]string{"emergency": "p0_emergency", "joint_enforcement": "p1_urgent"}

// callUnits makes a row for each unit that a whistle calls and that has none,
// and tells the matter that a whistle was blown for it.
func callUnits(d *desk, app core.App, whistle *core.Record, m *moved) error {
	collection, err := app.FindCachedCollectionByNameOrId("whistle_responses")
	if err != nil {
		return fmt.Errorf("find whistle_responses: %w", err)
	}
	var called []string
	err = app.DB().Select("org").From("whistle_responses").Where(dbx.HashExp{"whistle": whistle.Id}).Column(&called)
	if err != nil {
		return fmt.Errorf("read who was called: %w", err)
	}
	lead := whistle.GetString("lead_org")
	for _, unit := range append([]string{lead}, whistle.GetStringSlice("coop_orgs")...) {
		if slices.Contains(called, unit) {
			continue
		}
		called = append(called, unit)
		response := core.NewRecord(collection)
		response.Load(map[string]any{"whistle": whistle.Id, "org": unit, "lead": unit == lead, "captured_at": m.at,
			"subject": whistle.GetString("subject") + " " + whistle.GetString("place_zh")})
		if err := app.Save(response); err != nil {
			return fmt.Errorf("call unit %s: %w", unit, err)
		}
	}
	if !m.isNew {
		return nil
	}
	matter, err := relatedRecord(app, whistle, "matter", "matters")
	if err != nil || matter == nil {
		return err
	}
	return advance(app, matter, "whistled", workflow.Matter)
}

// advance moves a record by the server's own hand, if that leads on from where
// it is.
func advance(app core.App, r *core.Record, to string, table workflow.Table) error {
	if !table.Leads(r.GetString("status"), to) {
		return nil
	}
	r.Set("status", to)
	if err := app.Save(r); err != nil {
		return fmt.Errorf("move %s %s to %s: %w", table.Name, r.Id, to, err)
	}
	return nil
}

// prepareResponse takes who is on site for reported in.
func prepareResponse(_ *desk, _ core.App, r *core.Record, _ *moved) error {
	if r.GetDateTime("reported_at").IsZero() {
		r.Set("reported_at", r.GetDateTime("on_site_at"))
	}
	return nil
}

// responseClocks times how long a unit takes to report in. A no-show is brought
// before the next level, again and again.
func responseClocks(d *desk, app core.App, r *core.Record, _ *moved) (time.Time, error) {
	whistle, err := relatedRecord(app, r, "whistle", "whistles")
	if err != nil || whistle == nil {
		return time.Time{}, err
	}
	timing, calendar, ok, err := d.timing(app, r, "report_in", urgencyOf[whistle.GetString("kind")])
	if err != nil || !ok {
		return time.Time{}, err
	}
	ticks := []workflow.Tick{{At: r.GetDateTime("captured_at").Time(), Kind: workflow.Start}}
	first, err := workflow.Read(timing, calendar, ticks, ticks[0].At)
	if err != nil {
		return time.Time{}, fmt.Errorf("time a report-in: %w", err)
	}
	r.Set("due_at", first.Due)
	for _, end := range []time.Time{r.GetDateTime("reported_at").Time(), resolvedAt(whistle)} {
		if !end.IsZero() {
			ticks = append(ticks, workflow.Tick{At: end, Kind: workflow.Stop})
		}
	}
	reading, err := workflow.Read(timing, calendar, ticks, d.now())
	if err != nil {
		return time.Time{}, fmt.Errorf("time a report-in: %w", err)
	}
	r.Set("breached", !reading.Breached.IsZero())
	r.Set("overseen_level", overseer("l3_town", reading.Level))
	return reading.Next, nil
}

func resolvedAt(whistle *core.Record) time.Time {
	switch whistle.GetString("status") {
	case "resolved", "evaluated":
		return whistle.GetDateTime("state_since").Time()
	}
	return time.Time{}
}

// moveWhistle moves a whistle on when a unit has reported in or come.
func moveWhistle(_ *desk, app core.App, r *core.Record, _ *moved) error {
	whistle, err := relatedRecord(app, r, "whistle", "whistles")
	if err != nil || whistle == nil {
		return err
	}
	was := r.Original()
	switch {
	case !r.GetDateTime("on_site_at").IsZero() && was.GetDateTime("on_site_at").IsZero():
		return advance(app, whistle, "on_site", workflow.Whistle)
	case !r.GetDateTime("reported_at").IsZero() && was.GetDateTime("reported_at").IsZero():
		return advance(app, whistle, "reported_in", workflow.Whistle)
	}
	return nil
}
