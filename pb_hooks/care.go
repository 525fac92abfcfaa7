package hooks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/care"
)

// carer keeps for every care plan in force one row that says when the next
// visit is due. What it writes follows from the plan, its consent, the resident,
// the visits and the calendar alone, so that it may be computed again at any
// time.
type carer struct {
	*desk
	stale atomic.Bool // the calendar has changed, or was not looked at since the start
}

// bindCare renews what is due with every save that may change it; after a
// change of the calendar within a minute; and every night all of it.
func bindCare(app core.App, d *desk) *carer {
	c := &carer{desk: d}
	c.stale.Store(true)
	for collection, renew := range map[string]func(core.App, *core.Record) error{
		"visits":     c.visited,
		"care_plans": func(app core.App, r *core.Record) error { return c.renew(app, "care_plans.id", r.Id) },
		"residents":  c.residentChanged,
		"consents":   func(app core.App, r *core.Record) error { return c.renew(app, "care_plans.consent", r.Id) },
	} {
		after := func(e *core.RecordEvent) error {
			if err := e.Next(); err != nil {
				return err
			}
			return renew(e.App, e.Record)
		}
		app.OnRecordCreate(collection).BindFunc(after)
		app.OnRecordUpdate(collection).BindFunc(after)
	}
	app.OnRecordDelete("visits").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return c.visited(e.App, e.Record)
	})
	calendarChanged := func(e *core.RecordEvent) error {
		c.stale.Store(true)
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("work_calendar").BindFunc(calendarChanged)
	app.OnRecordAfterUpdateSuccess("work_calendar").BindFunc(calendarChanged)
	app.OnRecordAfterDeleteSuccess("work_calendar").BindFunc(calendarChanged)
	d.engine.OnForeignWrite(func() { c.stale.Store(true) })
	c.schedule(app)
	return c
}

// schedule has the minute and the night look at what is due.
func (c *carer) schedule(app core.App) {
	jobs := []struct {
		name, when string
		run        func(core.App) (int, error)
	}{{"gridwalk_care", "* * * * *", c.minute}, {"gridwalk_care_night", "53 2 * * *", c.renewAll}}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for _, job := range jobs {
			err := e.App.Cron().Add(job.name, job.when, func() {
				if _, err := job.run(app); err != nil {
					app.Logger().Error("Renewing what care is due failed", "job", job.name, "error", err)
				}
			})
			if err != nil {
				return fmt.Errorf("plan %s: %w", job.name, err)
			}
		}
		return e.Next()
	})
}

// visited renews what is due in the home of a visit, in that where it was said
// to be before, and in that of a visit which it corrects.
func (c *carer) visited(app core.App, visit *core.Record) error {
	homes := []string{visit.GetString("household"), visit.Original().GetString("household")}
	if corrected := visit.GetString("corrects"); corrected != "" {
		var home string
		if err := c.engine.Row(app, "SELECT household FROM visits WHERE id = {:id}", dbx.Params{"id": corrected}, &home); err == nil {
			homes = append(homes, home)
		}
	}
	slices.Sort(homes)
	for _, home := range slices.Compact(homes) {
		if home == "" {
			continue
		}
		// In most homes nobody has a plan, and no visit brings one into force.
		var due int
		err := c.engine.Row(app, "SELECT 1 FROM due_visits WHERE household = {:household} LIMIT 1", dbx.Params{"household": home}, &due)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			err = c.renew(app, "residents.household", home)
		}
		if err != nil {
			return fmt.Errorf("renew what is due in %s: %w", home, err)
		}
	}
	return nil
}

func (c *carer) residentChanged(app core.App, r *core.Record) error {
	for _, field := range []string{"household", "life_status", "deleted_at", "grid"} {
		if r.GetString(field) != r.Original().GetString(field) {
			return c.renew(app, "residents.id", r.Id)
		}
	}
	return nil
}

// planRow is a care plan with what is known to be due by it.
type planRow struct {
	ID        string         `db:"id"`
	Resident  string         `db:"resident"`
	Household string         `db:"household"`
	Grid      string         `db:"grid"`
	Tier      string         `db:"tier"`
	Cadence   int            `db:"cadence_days"`
	Methods   textList       `db:"methods"`
	Since     types.DateTime `db:"captured_at"`
	InForce   bool           `db:"in_force"`
	Known     bool           `db:"known"`
}

// textList is a column that holds a list of texts, or one of them.
type textList []string

// Scan implements sql.Scanner.
func (t *textList) Scan(value any) error {
	text, _ := value.(string)
	switch {
	case text == "":
		*t = nil
	case text[0] != '[':
		*t = textList{text}
	default:
		return json.Unmarshal([]byte(text), (*[]string)(t))
	}
	return nil
}

// inForce is what a plan rests on: somebody who lives here and agrees.
const inForce = `residents.life_status = 'living' AND residents.deleted_at = '' AND care_plans.deleted_at = ''
	AND COALESCE(consents.withdrawn_at, '') = '' AND care_plans.grid != ''`

const plansWhere = `SELECT care_plans.id, care_plans.resident, residents.household, care_plans.grid, care_plans.tier, care_plans.cadence_days,
		care_plans.methods, care_plans.captured_at, ` + inForce + ` AS in_force, due_visits.id IS NOT NULL AS known
	FROM care_plans JOIN residents ON residents.id = care_plans.resident
	LEFT JOIN consents ON consents.id = care_plans.consent
	LEFT JOIN due_visits ON due_visits.plan = care_plans.id
	WHERE `

// renew computes anew what is due by the plans of which a column has a value.
func (c *carer) renew(app core.App, column, value string) error {
	if value == "" {
		return nil
	}
	var plans []planRow
	if err := c.engine.Rows(app, plansWhere+column+" = {:value} ORDER BY residents.household", dbx.Params{"value": value}, &plans); err != nil {
		return fmt.Errorf("read care plans: %w", err)
	}
	var contacts []contactRow
	for i, p := range plans {
		if i == 0 || p.Household != plans[i-1].Household {
			var err error
			if contacts, err = c.contacts(app, p.Household); err != nil {
				return err
			}
		}
		if err := c.write(app, p, contacts); err != nil {
			return fmt.Errorf("renew what is due by plan %s: %w", p.ID, err)
		}
	}
	return nil
}

// contactRow is a visit to a home.
type contactRow struct {
	ID        string         `db:"id"`
	Household string         `db:"household"`
	Residents textList       `db:"residents"`
	Mode      string         `db:"mode"`
	Result    string         `db:"result"`
	NextDue   types.DateTime `db:"next_due"`
	Captured  types.DateTime `db:"captured_at"`
	Received  types.DateTime `db:"received_at"`
	Corrects  string         `db:"corrects"`
	Corrected bool           `db:"corrected"`
}

const contactColumns = `visits.id, visits.household, visits.residents, visits.mode, visits.result, visits.next_due, visits.captured_at, visits.received_at,
	visits.corrects, EXISTS (SELECT 1 FROM visits AS later WHERE later.corrects = visits.id AND later.deleted_at = '') AS corrected`

// contacts are the visits to a home that stand, each on the day of the visit
// that it corrects.
func (c *carer) contacts(app core.App, household string) ([]contactRow, error) {
	var rows []contactRow
	err := c.engine.Rows(app, "SELECT "+contactColumns+" FROM visits WHERE visits.household = {:household} AND visits.deleted_at = ''",
		dbx.Params{"household": household}, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the visits to %s: %w", household, err)
	}
	return standing(rows), nil
}

// standing leaves out what was corrected.
func standing(rows []contactRow) []contactRow {
	byID := map[string]contactRow{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	var stand []contactRow
	for _, row := range rows {
		if row.Corrected {
			continue
		}
		for first, ok := byID[row.Corrects]; ok; first, ok = byID[first.Corrects] {
			row.Captured, row.Received = first.Captured, first.Received
			delete(byID, first.ID) // nothing is corrected twice, and no circle ends otherwise
		}
		stand = append(stand, row)
	}
	return stand
}

// contactsWith are the contacts with one resident: visits that name him, or
// nobody. A visit that is yet to come, by a wrong clock, was when it arrived.
func contactsWith(resident string, rows []contactRow) []care.Contact {
	var contacts []care.Contact
	for _, row := range rows {
		if len(row.Residents) > 0 && !slices.Contains(row.Residents, resident) {
			continue
		}
		at := row.Captured.Time()
		if received := row.Received.Time(); !received.IsZero() && at.After(received) {
			at = received
		}
		contacts = append(contacts, care.Contact{On: care.DayOf(at), Mode: row.Mode, Result: row.Result, Agreed: care.DayOf(row.NextDue.Time())})
	}
	return contacts
}

func (p planRow) plan() care.Plan {
	return care.Plan{Since: care.DayOf(p.Since.Time()), Cadence: p.Cadence, Tier: p.Tier, Methods: p.Methods}
}

// write makes the row of a plan say what follows, or removes it when the plan
// is not in force. A row that says so already stays as it is.
func (c *carer) write(app core.App, p planRow, contacts []contactRow) error {
	collection, err := app.FindCachedCollectionByNameOrId("due_visits")
	if err != nil {
		return fmt.Errorf("find due_visits: %w", err)
	}
	if !p.InForce {
		if !p.Known {
			return nil
		}
		known, err := app.FindFirstRecordByData(collection, "plan", p.ID)
		if err != nil {
			return fmt.Errorf("find what is due: %w", err)
		}
		return app.Delete(known)
	}
	r := core.NewRecord(collection)
	r.Id = p.ID
	if p.Known {
		if r, err = app.FindFirstRecordByData(collection, "plan", p.ID); err != nil {
			return fmt.Errorf("find what is due: %w", err)
		}
	}
	works, err := c.workdays()
	if err != nil {
		return err
	}
	due := p.plan().Next(contactsWith(p.Resident, contacts))
	r.Load(map[string]any{"plan": p.ID, "resident": p.Resident, "household": p.Household, "grid": p.Grid, "tier": p.Tier,
		"last_contact_on": due.Last.String(), "wanted_on": due.Wanted.String(), "earliest_on": due.Earliest.String(),
		"fixed": due.Fixed, "due_on": due.On(works).String()})
	if p.Known && sameFields(r) {
		return nil
	}
	return app.Save(r)
}

// workdays tells on which days somebody works; nil when the calendar knows no
// working time, by which nothing can be moved.
func (c *carer) workdays() (func(care.Day) bool, error) {
	_, calendar, err := c.limits.get()
	if err != nil {
		return nil, err
	}
	if calendar.Day() == 0 {
		return nil, nil
	}
	return func(d care.Day) bool { return calendar.Works(d.Start().Add(12 * time.Hour)) }, nil
}

// minute moves what is due to other days after a change of the calendar, and
// renews what has no row yet. It tells how many rows changed.
func (c *carer) minute(app core.App) (int, error) {
	if !c.stale.Swap(false) {
		return 0, nil
	}
	moved, err := c.moveAll(app)
	if err == nil {
		var missing []string
		if missing, err = c.missing(app); err == nil {
			moved, err = moved+len(missing), c.renewPlans(app, missing)
		}
	}
	if err != nil {
		c.stale.Store(true)
	}
	return moved, err
}

// dueRow is what the calendar may move.
type dueRow struct {
	ID       string `db:"id"`
	Grid     string `db:"grid"`
	Wanted   string `db:"wanted_on"`
	Earliest string `db:"earliest_on"`
	Fixed    bool   `db:"fixed"`
	Due      string `db:"due_on"`
}

// moveAll moves every due day to where the calendar has it now.
func (c *carer) moveAll(app core.App) (int, error) {
	works, err := c.workdays()
	if err != nil {
		return 0, err
	}
	var rows, moved []dueRow
	err = app.DB().Select("id", "grid", "wanted_on", "earliest_on", "fixed", "due_on").From("due_visits").All(&rows)
	if err != nil {
		return 0, fmt.Errorf("read what is due: %w", err)
	}
	for _, row := range rows {
		wanted, err1 := care.ParseDay(row.Wanted)
		earliest, err2 := care.ParseDay(row.Earliest)
		if err1 != nil || err2 != nil {
			continue // a hand wrote it; the night renews it
		}
		if on := (care.Due{Wanted: wanted, Earliest: earliest, Fixed: row.Fixed}).On(works).String(); on != row.Due {
			row.Due = on
			moved = append(moved, row)
		}
	}
	for chunk := range slices.Chunk(moved, perCommit) {
		if err := c.engine.InBatch(func(tx core.App) error { return c.move(tx, chunk) }); err != nil {
			return 0, err
		}
	}
	return len(moved), nil
}

// move writes new days past PocketBase's save, which takes ten times as long. A
// row that a visit changed meanwhile has its day already.
func (c *carer) move(tx core.App, rows []dueRow) error {
	for _, row := range rows {
		n, err := c.engine.Execute(tx, "UPDATE due_visits SET due_on = {:due}, updated = {:now} WHERE id = {:id} AND wanted_on = {:wanted}",
			dbx.Params{"due": row.Due, "now": types.NowDateTime().String(), "id": row.ID, "wanted": row.Wanted})
		if err != nil {
			return fmt.Errorf("move what is due by plan %s: %w", row.ID, err)
		}
		if n == 0 {
			continue
		}
		if err := c.engine.Touch(tx, "due_visits", row.ID, func(string) string { return row.Grid }, "due_on", row.Due); err != nil {
			return err
		}
	}
	return nil
}

// missing are the plans in force that have no row: they came past the hooks.
func (c *carer) missing(app core.App) ([]string, error) {
	var plans []string
	err := app.DB().NewQuery(`SELECT care_plans.id FROM care_plans JOIN residents ON residents.id = care_plans.resident
		LEFT JOIN consents ON consents.id = care_plans.consent
		WHERE NOT EXISTS (SELECT 1 FROM due_visits WHERE due_visits.plan = care_plans.id) AND ` + inForce).Column(&plans)
	if err != nil {
		return nil, fmt.Errorf("look for plans without a due visit: %w", err)
	}
	return plans, nil
}

// renewAll renews everything, and tells of how many plans. It mends what a
// change past the hooks has left.
func (c *carer) renewAll(app core.App) (int, error) {
	var plans []string
	if err := app.DB().Select("id").From("care_plans").OrderBy("rowid").Column(&plans); err != nil {
		return 0, fmt.Errorf("read care plans: %w", err)
	}
	return len(plans), c.renewPlans(app, plans)
}

func (c *carer) renewPlans(app core.App, plans []string) error {
	for chunk := range slices.Chunk(plans, perCommit) {
		err := c.engine.InBatch(func(tx core.App) error {
			for _, plan := range chunk {
				if err := c.renew(tx, "care_plans.id", plan); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
