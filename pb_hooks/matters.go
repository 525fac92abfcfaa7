package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
	"gridwalk/geo"
	"gridwalk/workflow"
)

var matterFlow = flow{table: workflow.Matter, supply: supplyLead, prepare: prepareMatter, clocks: matterClocks, follow: recordMove}

// prepareMatter fills in what the server knows of a matter.
func prepareMatter(d *desk, app core.App, r *core.Record, m *moved) error {
	if err := checkSubcategory(r); err != nil {
		return err
	}
	if m.isNew {
		no, err := d.nextNo(app)
		if err != nil {
			return err
		}
		r.Set("no", no)
		if r.GetString("level") == "" {
			r.Set("level", "l1_grid")
		}
		similar, err := d.similarMatters(app, r)
		if err != nil {
			return err
		}
		r.Set("similar", similar)
		if r.GetString("suggested_org") == "" {
			unit, err := leadFor(app, r)
			if err != nil {
				return err
			}
			r.Set("suggested_org", unit)
		}
	}
	r.Set("scale", scaleOf(r.GetInt("involved_count")))
	switch m.action {
	case "accept", "begin":
		if r.GetString("owner") == "" && m.officer != nil {
			r.Set("owner", m.officer.Id)
		}
	case "escalate":
		r.Set("level", above(r.GetString("level"), 1))
	case "reopen":
		r.Set("reopen_suggested", false)
	}
	return nil
}

// supplyLead names the unit that leads when a matter is dispatched to none.
func supplyLead(app core.App, r *core.Record) error {
	if r.GetString("status") != "dispatched" || r.GetString("lead_org") != "" {
		return nil
	}
	unit, err := leadFor(app, r)
	r.Set("lead_org", unit)
	return err
}

// leadFor is the unit that handles the category of a matter in its grid, the one
// nearest to it where there are several; empty when there is none.
func leadFor(app core.App, r *core.Record) (string, error) {
	var units []string
	err := app.DB().NewQuery(`SELECT organizations.id FROM organizations JOIN regions ON regions.id = organizations.region
		WHERE EXISTS (SELECT 1 FROM json_each(organizations.categories) WHERE value = {:category})
		AND substr((SELECT grid_code FROM grids WHERE id = {:grid}), 1, length(regions.code)) = regions.code
		ORDER BY length(regions.code) DESC, organizations.id LIMIT 1`).
		Bind(dbx.Params{"category": r.GetString("category"), "grid": r.GetString("grid")}).Column(&units)
	if err != nil {
		return "", fmt.Errorf("look for the unit of %s: %w", r.GetString("category"), err)
	}
	if len(units) == 0 {
		return "", nil
	}
	return units[0], nil
}

// handOn gives the parties of a merged matter to the one it was merged into, so
// that they hear what became of it.
func handOn(app core.App, r *core.Record) error {
	parties, err := app.FindRecordsByFilter("matter_parties", "matter = {:matter}", "created", 0, 0, dbx.Params{"matter": r.Id})
	if err != nil {
		return fmt.Errorf("read the parties of matter %s: %w", r.Id, err)
	}
	into, err := relatedRecord(app, r, "merged_into", "matters")
	if err != nil || into == nil {
		return err
	}
	for _, p := range parties {
		heir := core.NewRecord(p.Collection())
		for _, field := range []string{"part", "resident", "name", "phone", "anonymous", "wants_answer", "answered_at", "created_by"} {
			heir.Set(field, p.Get(field))
		}
		heir.Set("matter", into.Id)
		if err := app.Save(heir); err != nil {
			return fmt.Errorf("hand a party of matter %s on: %w", r.Id, err)
		}
	}
	return nil
}

// subcategoriesOf are the subcategories of each category, by its name.
var subcategoriesOf = func() map[string][]string {
	of := map[string][]string{}
	for _, enum := range dict.All() {
		if category, ok := strings.CutPrefix(enum.Name, "matter.subcategory."); ok {
			of[category] = enum.Values()
		}
	}
	return of
}()

func checkSubcategory(r *core.Record) error {
	if sub := r.GetString("subcategory"); sub != "" && !slices.Contains(subcategoriesOf[r.GetString("category")], sub) {
		return refuse("subcategory", "wrong_category", "It is not a subcategory of that category.")
	}
	return nil
}

// nextNo is the next number of the day in China, such as SX261123-0007: short
// enough to be told on the telephone.
func (d *desk) nextNo(app core.App) (string, error) {
	prefix := "SX" + d.now().In(workflow.China).Format("060102") + "-"
	var last string
	err := d.engine.Row(app, "SELECT no FROM matters WHERE no > {:from} AND no < {:to} ORDER BY LENGTH(no) DESC, no DESC LIMIT 1",
		dbx.Params{"from": prefix, "to": prefix + "~"}, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find the last number of the day: %w", err)
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(last, prefix)) // 0 on a new day
	return fmt.Sprintf("%s%04d", prefix, n+1), nil
}

// scaleOf is the scale of a matter that so many people are involved in.
func scaleOf(people int) string {
	switch {
	case people <= 0:
		return ""
	case people < 5:
		return "individual"
	case people < 30:
		return "small_group"
	case people < 100:
		return "group"
	}
	return "large"
}

var levels = []string{"l1_grid", "l2_village", "l3_town", "l4_county", "l5_city"}

// above is the level so many steps above another, the city at most.
func above(level string, steps int) string {
	return levels[min(max(slices.Index(levels, level), 0)+steps, len(levels)-1)]
}

// Matters that may be the same: of one subcategory, at most so far apart in
// place and time, and not done with.
const (
	similarMetres = 30
	similarTime   = 7 * 24 * time.Hour
	similarMost   = 20
)

// similarMatters suggests matters that may be the same; they are never merged
// by the server. The place is looked for in a square first.
func (d *desk) similarMatters(app core.App, r *core.Record) ([]string, error) {
	at := placeOf(r)
	if at == (orb.Point{}) || r.GetString("subcategory") == "" {
		return nil, nil
	}
	seen := r.GetDateTime("captured_at").Time()
	var rows []struct{ ID, Point string }
	err := app.DB().Select("id", "point").From("matters").
		Where(dbx.HashExp{"subcategory": r.GetString("subcategory")}).
		AndWhere(dbx.NewExp("captured_at BETWEEN {:from} AND {:to} AND id != {:id} AND status NOT IN ('merged', 'withdrawn', 'draft')",
			dbx.Params{"from": asDate(seen.Add(-similarTime)), "to": asDate(seen.Add(similarTime)), "id": r.Id})).
		OrderBy("captured_at DESC").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("look for similar matters: %w", err)
	}
	var similar []string
	for _, row := range rows {
		var there types.GeoPoint
		if err := there.Scan(row.Point); err != nil {
			return nil, fmt.Errorf("read the place of matter %s: %w", row.ID, err)
		}
		p := orb.Point{there.Lon, there.Lat}
		if p != (orb.Point{}) && geo.Haversine(at, p) <= similarMetres && len(similar) < similarMost {
			similar = append(similar, row.ID)
		}
	}
	return similar, nil
}

func placeOf(r *core.Record) orb.Point {
	p, _ := r.Get("point").(types.GeoPoint)
	return orb.Point{p.Lon, p.Lat}
}

// month is how long a matter may be suspended, and how long it can be reopened
// after it was closed.
const month = 30 * 24 * time.Hour

// afterAMonth are the states that end by themselves, and what follows them.
var afterAMonth = map[string]string{"suspended": "in_progress", "closed": "archived"}

// endState moves a matter on whose state has lasted as long as it may, and tells
// when that will be; zero is never.
func endState(d *desk, r *core.Record, m *moved) time.Time {
	next, ends := afterAMonth[r.GetString("status")]
	if !ends {
		return time.Time{}
	}
	end := r.GetDateTime("state_since").Time().Add(month)
	if m.byTime && d.now().After(end) {
		r.Set("status", next)
		return time.Time{}
	}
	return end
}

// matterClocks reads the clocks of a matter from all that happened to it: what
// is due when, what ran out of time, and before whom it is brought therefore.
func matterClocks(d *desk, app core.App, r *core.Record, m *moved) (time.Time, error) {
	moves, err := d.happened(app, r)
	if err != nil {
		return time.Time{}, err
	}
	if m.action != "" {
		moves = append(moves, workflow.Happened{From: m.from, To: m.to, At: m.at, Days: r.GetInt("extend_days")})
	}
	next := endState(d, r, m)
	level, paused := 0, false
	breached := r.GetStringSlice("breached")
	for _, stage := range workflow.Matter.Stages() {
		timing, calendar, ok, err := d.timing(app, r, stage, r.GetString("priority"))
		if err != nil {
			return time.Time{}, err
		}
		if !ok {
			r.Set("due_"+stage, "")
			continue
		}
		reading, err := workflow.Read(timing, calendar, workflow.Matter.Ticks(stage, moves, timing, calendar), d.now())
		if err != nil {
			return time.Time{}, fmt.Errorf("read the clock of %s: %w", stage, err)
		}
		if reading.Phase != workflow.Stopped {
			r.Set("due_"+stage, reading.Due)
		}
		if !reading.Breached.IsZero() && !slices.Contains(breached, stage) {
			breached = append(breached, stage)
		}
		if reading.Phase == workflow.Running {
			level = max(level, reading.Level)
		}
		if !reading.Next.IsZero() && (next.IsZero() || reading.Next.Before(next)) {
			next = reading.Next
		}
		paused = paused || reading.Phase == workflow.Paused
		if stage == "close" {
			r.Set("clock_kind", timing.Kind)
		}
	}
	slices.Sort(breached)
	r.Set("breached", breached)
	r.Set("paused", paused)
	r.Set("overseen_level", overseer(r.GetString("level"), level))
	return next, nil
}

// overseer is the level before which something is brought that is overdue, ""
// when it is in time.
func overseer(level string, steps int) string {
	if steps == 0 {
		return ""
	}
	return above(level, steps)
}

// happened are the moves that were made with a matter so far.
func (d *desk) happened(app core.App, r *core.Record) ([]workflow.Happened, error) {
	if r.IsNew() {
		return nil, nil
	}
	var rows []struct {
		From string         `db:"from_status"`
		To   string         `db:"to_status"`
		Days int            `db:"extend_days"`
		At   types.DateTime `db:"at"`
	}
	err := app.DB().Select("from_status", "to_status", "extend_days", "at").From("matter_events").
		Where(dbx.HashExp{"matter": r.Id}).AndWhere(dbx.NewExp("to_status != ''")).OrderBy("at", "rowid").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read what happened to matter %s: %w", r.Id, err)
	}
	moves := make([]workflow.Happened, len(rows))
	for i, row := range rows {
		moves[i] = workflow.Happened{From: row.From, To: row.To, At: row.At.Time(), Days: row.Days}
	}
	return moves, nil
}

// recordMove adds to the events of a matter what was done and what ran out of
// time.
func recordMove(d *desk, app core.App, r *core.Record, m *moved) error {
	if m.action != "" {
		event := map[string]any{"action": m.action, "from_status": m.from, "to_status": m.to, "at": m.at}
		if workflow.Matter.NeedsReason(m.action) {
			event["reason"] = r.GetString("reason")
		}
		if m.action == "extend" {
			event["extend_days"] = r.GetInt("extend_days")
		}
		if err := addEvent(app, r, m.officer, event); err != nil {
			return err
		}
	}
	if m.action == "merge" {
		if err := handOn(app, r); err != nil {
			return err
		}
	}
	if m.action == "close" || m.action == "solve" {
		if err := answerDemand(app, r); err != nil {
			return err
		}
	}
	return recordBreaches(d, app, r)
}

// recordBreaches adds an event for each stage that ran out of time and has none
// yet.
func recordBreaches(d *desk, app core.App, r *core.Record) error {
	stages := r.GetStringSlice("breached")
	if len(stages) == 0 {
		return nil
	}
	var told []string
	err := app.DB().Select("stage").From("matter_events").Where(dbx.HashExp{"matter": r.Id, "action": "overdue"}).Column(&told)
	if err != nil {
		return fmt.Errorf("read the breaches of matter %s: %w", r.Id, err)
	}
	for _, stage := range stages {
		if slices.Contains(told, stage) {
			continue
		}
		at := r.GetDateTime("due_" + stage).Time()
		if at.IsZero() {
			at = d.now()
		}
		if err := addEvent(app, r, nil, map[string]any{"action": "overdue", "stage": stage, "at": at}); err != nil {
			return err
		}
	}
	return nil
}

func addEvent(app core.App, matter, officer *core.Record, values map[string]any) error {
	collection, err := app.FindCachedCollectionByNameOrId("matter_events")
	if err != nil {
		return fmt.Errorf("find matter_events: %w", err)
	}
	event := core.NewRecord(collection)
	event.Load(values)
	event.Set("matter", matter.Id)
	event.Set("grid", matter.GetString("grid"))
	event.Set("lead_org", matter.GetString("lead_org"))
	if officer != nil {
		event.Set("actor", officer.Id)
		event.Set("org", officer.GetString("organization"))
	}
	if err := app.Save(event); err != nil {
		return fmt.Errorf("record what happened to matter %s: %w", matter.Id, err)
	}
	return nil
}

// bindMatters keeps what comes too late where people see it: a move proposed
// offline that did not come to be, and proof for a matter that is closed.
func bindMatters(app core.App, d *desk) {
	app.OnRecordCreate("conflicts").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return noteProposal(d, e.App, e.Record)
	})
	app.OnRecordCreate("evidence").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if e.Record.GetString("owner_type") != "matter" {
			return nil
		}
		return suggestReopening(d, e.App, e.Record)
	})
}

// noteProposal makes a lost move of a matter visible on the matter.
func noteProposal(d *desk, app core.App, conflict *core.Record) error {
	if conflict.GetString("collection") != "matters" || conflict.GetString("field") != "status" {
		return nil
	}
	matter, err := app.FindRecordById("matters", conflict.GetString("record"))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("find matter: %w", err)
	}
	officer, err := relatedRecord(app, conflict, "lost_by", "officers")
	if err != nil {
		return err
	}
	return addEvent(app, matter, officer, map[string]any{"action": "propose", "at": d.now(),
		"reason": strings.Trim(conflict.GetString("lost"), `"`)})
}

// suggestReopening keeps late proof with a closed matter. Whether it is
// reopened a person decides.
func suggestReopening(d *desk, app core.App, proof *core.Record) error {
	matter, err := app.FindRecordById("matters", proof.GetString("owner_id"))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // proof that came before its matter
	}
	if err != nil {
		return fmt.Errorf("find matter: %w", err)
	}
	if status := matter.GetString("status"); status != "closed" && status != "archived" || matter.GetBool("reopen_suggested") {
		return nil
	}
	matter.Set("reopen_suggested", true)
	if err := app.Save(matter); err != nil {
		return fmt.Errorf("suggest to reopen matter %s: %w", matter.Id, err)
	}
	officer, err := relatedRecord(app, proof, "created_by", "officers")
	if err != nil {
		return err
	}
	return addEvent(app, matter, officer, map[string]any{"action": "suggest_reopen", "at": d.now()})
}
