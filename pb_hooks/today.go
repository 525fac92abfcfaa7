package hooks

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/care"
	"gridwalk/workflow"
)

// duties are what an officer's day is made of, each read from its collections.
// Another kind is one more function here.
var duties = []func(core.App, officerDay) ([]duty, error){careDuties, matterDuties, alertDuties, errandDuties, meetingDuties}

// officerDay is whose day it is, and when.
type officerDay struct {
	officer string
	grids   string // ids as a JSON list
	now     time.Time
}

func (d officerDay) params() dbx.Params {
	today := care.DayOf(d.now)
	return dbx.Params{"officer": d.officer, "grids": d.grids, "today": today.String(), "from": asDate(today.Start()),
		"to": asDate((today + 1).Start()), "limit": mostDuties}
}

// duty is one thing to do, with where and until when.
type duty struct {
	care.Task `json:"-"`

	Kind      string         `json:"kind"`
	ID        string         `json:"id"`
	Grid      string         `json:"grid"`
	Subject   string         `json:"subject"`
	Household string         `json:"household,omitempty"`
	Resident  string         `json:"resident,omitempty"`
	Urgency   care.Urgency   `json:"urgency"`
	Due       types.DateTime `json:"due,omitzero"`        // of what has a clock
	DueOn     string         `json:"due_on,omitempty"`    // of a visit, a day in China
	Metres    *int           `json:"distance_m,omitzero"` // from where the officer says he is
}

// mostDuties bounds how many of each kind are read: a county's desk has no
// list, it has numbers.
const mostDuties = 300

func bindToday(app core.App, s Settings) { serve(app, todayRoutes(s)) }

func todayRoutes(s Settings) []Route {
	return []Route{{"GET", "/api/today", func(e *core.RequestEvent) error { return today(e, s.Now()) }}}
}

// today answers GET /api/today?lat=&lng=: what the caller may do today in his
// grids, the most urgent and then the nearest first.
func today(e *core.RequestEvent, now time.Time) error {
	grids, err := workplacesOf(e)
	if err != nil {
		return err
	}
	here, err := placeAsked(e)
	if err != nil {
		return err
	}
	list, err := json.Marshal(grids)
	if err != nil {
		return fmt.Errorf("write the grids: %w", err)
	}
	day := officerDay{officer: e.Auth.Id, grids: string(list), now: now}
	all, more := []duty{}, false
	for _, read := range duties {
		found, err := read(e.App, day)
		if err != nil {
			return err
		}
		more = more || len(found) == mostDuties
		all = append(all, found...)
	}
	return e.JSON(http.StatusOK, struct {
		Now   types.DateTime `json:"now"`
		Items []duty         `json:"items"`
		More  bool           `json:"more"` // there is more than can be done in a day
	}{dateOf(now), inOrder(all, now, here), more})
}

// placeAsked reads where the caller says he is: nowhere, or WGS-84 degrees. It
// is not kept.
func placeAsked(e *core.RequestEvent) (care.Place, error) {
	lat, lng := e.Request.URL.Query().Get("lat"), e.Request.URL.Query().Get("lng")
	if lat == "" && lng == "" {
		return care.Place{}, nil
	}
	y, err1 := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(lng, 64)
	if err1 != nil || err2 != nil || !(math.Abs(y) <= 90) || !(math.Abs(x) <= 180) {
		return care.Place{}, e.BadRequestError("lat and lng are degrees, both or none.", nil)
	}
	return care.Place{Lat: y, Lng: x}, nil
}

// inOrder orders duties as package care says.
func inOrder(all []duty, now time.Time, here care.Place) []duty {
	tasks, byID := make([]care.Task, len(all)), make(map[string]duty, len(all))
	for i, d := range all {
		d.Task.Kind, d.Task.ID, d.Task.Due = d.Kind, d.ID, d.Due.Time()
		d.Urgency = d.Task.Urgency(now)
		if m := care.Metres(here, d.Place); m >= 0 {
			rounded := int(math.Round(m))
			d.Metres = &rounded
		}
		tasks[i], byID[d.Kind+d.ID] = d.Task, d
	}
	care.Order(tasks, now, here)
	for i, task := range tasks {
		all[i] = byID[task.Kind+task.ID]
	}
	return all
}

func dateOf(t time.Time) types.DateTime {
	date, _ := types.ParseDateTime(t)
	return date
}

// dutyRow is what most kinds of duties are read into.
type dutyRow struct {
	ID        string  `db:"id"`
	Grid      string  `db:"grid"`
	Subject   string  `db:"subject"`
	Household string  `db:"household"`
	Resident  string  `db:"resident"`
	Status    string  `db:"status"`
	Grade     string  `db:"grade"` // priority of a matter, kind of an alert
	DueOn     string  `db:"due_on"`
	Dues      string  `db:"dues"` // JSON: due times by stage
	Promised  string  `db:"promised"`
	Lat       float64 `db:"lat"`
	Lng       float64 `db:"lng"`
}

// where is the place of a home.
const where = `COALESCE(json_extract(buildings.point, '$.lat'), 0) AS lat, COALESCE(json_extract(buildings.point, '$.lon'), 0) AS lng`

// own selects what lies in the officer's grids; SQLite starts at the grids.
const own = `.grid IN (SELECT value FROM json_each({:grids}))`

// readDuties makes duties of one kind of the rows of a statement.
func readDuties(app core.App, day officerDay, kind, text string, fill func(*duty, dutyRow) error) ([]duty, error) {
	var rows []dutyRow
	if err := app.DB().NewQuery(text + " LIMIT {:limit}").Bind(day.params()).All(&rows); err != nil {
		return nil, fmt.Errorf("read what is to do of kind %s: %w", kind, err)
	}
	found := make([]duty, len(rows))
	for i, row := range rows {
		found[i] = duty{Kind: kind, ID: row.ID, Grid: row.Grid, Subject: row.Subject, Household: row.Household, Resident: row.Resident}
		found[i].Place = care.Place{Lat: row.Lat, Lng: row.Lng}
		if err := fill(&found[i], row); err != nil {
			return nil, fmt.Errorf("read %s %s: %w", kind, row.ID, err)
		}
	}
	return found, nil
}

// careDuties are visits that are due today or were before.
func careDuties(app core.App, day officerDay) ([]duty, error) {
	return readDuties(app, day, "care", `SELECT due_visits.id, due_visits.grid, households.address_zh AS subject, due_visits.household, due_visits.resident,
			due_visits.due_on, `+where+`
		FROM due_visits JOIN households ON households.id = due_visits.household LEFT JOIN buildings ON buildings.id = households.building
		WHERE due_visits`+own+` AND due_visits.due_on <= {:today} ORDER BY due_visits.due_on`,
		func(d *duty, row dutyRow) (err error) {
			d.DueOn = row.DueOn
			d.DueDay, err = care.ParseDay(row.DueOn)
			return err
		})
}

// matterDuties are matters with a running clock that are the officer's, or
// nobody's yet.
func matterDuties(app core.App, day officerDay) ([]duty, error) {
	return readDuties(app, day, "matter", `SELECT id, grid, title AS subject, status, priority AS grade,
			json_object('accept', due_accept, 'first_contact', due_first_contact, 'feedback', due_feedback, 'close', due_close) AS dues,
			COALESCE(json_extract(point, '$.lat'), 0) AS lat, COALESCE(json_extract(point, '$.lon'), 0) AS lng
		FROM matters WHERE matters`+own+` AND status NOT IN ('draft', 'closed', 'archived', 'merged', 'withdrawn') AND paused = FALSE
			AND owner IN ('', {:officer}) AND deleted_at = '' ORDER BY due_close`,
		func(d *duty, row dutyRow) (err error) {
			d.Danger = row.Grade == "p0_emergency"
			d.Due, err = earliest(workflow.Matter, row)
			return err
		})
}

// alertDuties are signs that somebody may need help. That a sensor is silent is no danger.
func alertDuties(app core.App, day officerDay) ([]duty, error) {
	return readDuties(app, day, "alert", `SELECT alerts.id, alerts.grid, COALESCE(households.address_zh, '') AS subject, alerts.household, alerts.status,
			alerts.kind AS grade, json_object('ack', due_ack, 'call', due_call, 'door', due_door) AS dues, `+where+`
		FROM alerts LEFT JOIN households ON households.id = alerts.household LEFT JOIN buildings ON buildings.id = households.building
		WHERE alerts`+own+` AND alerts.status NOT IN ('resolved', 'suppressed') AND alerts.deleted_at = '' ORDER BY alerts.created`,
		func(d *duty, row dutyRow) (err error) {
			d.Danger = row.Grade != "sensor_offline"
			d.Due, err = earliest(workflow.Alert, row)
			return err
		})
}

// errandDuties are errands that wait for somebody, and those that the officer
// runs.
func errandDuties(app core.App, day officerDay) ([]duty, error) {
	return readDuties(app, day, "errand", `SELECT errands.id, errands.grid, CASE errands.what WHEN '' THEN COALESCE(service_items.name, '') ELSE errands.what END AS subject,
			COALESCE(residents.household, '') AS household, errands.resident, errands.status, errands.promise_at AS promised,
			json_object('accept', errands.due_accept, 'pick_up', errands.due_pick_up) AS dues, `+where+`
		FROM errands LEFT JOIN service_items ON service_items.id = errands.service_item LEFT JOIN residents ON residents.id = errands.resident
		LEFT JOIN households ON households.id = residents.household LEFT JOIN buildings ON buildings.id = households.building
		WHERE errands`+own+` AND errands.status IN ('requested', 'accepted', 'picked_up', 'delivered', 'handled')
			AND errands.runner IN ('', {:officer}) AND errands.deleted_at = '' ORDER BY errands.created`,
		func(d *duty, row dutyRow) (err error) {
			d.Due, err = earliest(workflow.Errand, row)
			return err
		})
}

// meetingDuties are the meetings of today, and those that are open.
func meetingDuties(app core.App, day officerDay) ([]duty, error) {
	return readDuties(app, day, "meeting", `SELECT id, grid, place AS subject, held_at AS promised FROM meetings
		WHERE meetings`+own+` AND deleted_at = ''
			AND (status IN ('planned', 'notified') AND held_at >= {:from} AND held_at < {:to} OR status = 'open') ORDER BY held_at`,
		func(d *duty, row dutyRow) (err error) {
			d.Due, err = types.ParseDateTime(row.Promised)
			return err
		})
}

// runningStages remembers which clocks run in which state.
var runningStages = func() map[string]map[string][]string {
	stages := map[string]map[string][]string{}
	for _, table := range []workflow.Table{workflow.Matter, workflow.Alert, workflow.Errand} {
		stages[table.Name] = map[string][]string{}
		for _, m := range table.Moves {
			stages[table.Name][m.To] = table.Running(m.To)
		}
	}
	return stages
}()

// earliest is the first of what is due by the clocks that run and of what was
// promised; zero is never.
func earliest(table workflow.Table, row dutyRow) (types.DateTime, error) {
	var dues map[string]string
	if err := json.Unmarshal([]byte(row.Dues), &dues); err != nil {
		return types.DateTime{}, fmt.Errorf("read what is due: %w", err)
	}
	times := []string{row.Promised}
	for _, stage := range runningStages[table.Name][row.Status] {
		times = append(times, dues[stage])
	}
	times = slices.DeleteFunc(times, func(text string) bool { return text == "" })
	if len(times) == 0 {
		return types.DateTime{}, nil
	}
	return types.ParseDateTime(slices.Min(times))
}
