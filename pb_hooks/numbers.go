package hooks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/care"
	"gridwalk/numbers"
	"gridwalk/workflow"
)

func bindNumbers(app core.App, s Settings, c *carer) { serve(app, numberRoutes(s, c)) }

func numberRoutes(s Settings, c *carer) []Route {
	return []Route{
		{"GET", "/api/numbers/{grid}", func(e *core.RequestEvent) error { return gridNumbers(e, s, c) }},
		{"GET", "/api/numbers/region/{region}", func(e *core.RequestEvent) error { return regionNumbers(e, s, c) }},
		{"POST", "/api/effort", func(e *core.RequestEvent) error { return takeEffort(e, s) }},
	}
}

// monthSpan is a whole month in China. Months do not overlap, so that nobody learns
// of a day by taking one answer from another.
type monthSpan struct {
	Name     string // such as 2026-10
	from, to time.Time
}

func monthOf(t time.Time) monthSpan {
	t = t.In(workflow.China)
	from := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, workflow.China)
	return monthSpan{from.Format("2006-01"), from, from.AddDate(0, 1, 0)}
}

func (m monthSpan) params(region string) dbx.Params {
	return dbx.Params{"region": region, "from": asDate(m.from), "to": asDate(m.to.Add(-time.Millisecond))}
}

// monthAsked reads which month a question is about: one that is over, the last
// unless said.
func monthAsked(e *core.RequestEvent, now time.Time) (monthSpan, error) {
	m := monthOf(monthOf(now).from.Add(-time.Hour))
	if text := e.Request.URL.Query().Get("month"); text != "" {
		t, err := time.ParseInLocation("2006-01", text, workflow.China)
		if err != nil || monthOf(t).to.After(now) {
			return monthSpan{}, e.BadRequestError("month is one that is over, such as 2026-10.", nil)
		}
		m = monthOf(t)
	}
	return m, nil
}

// villageNumbers are the counts of a village by grid: of those with codes of 15
// digits, with all that is below them.
type villageNumbers struct {
	grids  []numberedGrid
	counts []numbers.Counts
}

type numberedGrid struct {
	ID   string `db:"id"`
	Name string `db:"name_zh"`
}

// gridNumbers answers GET /api/numbers/{grid}?month=.
func gridNumbers(e *core.RequestEvent, s Settings, c *carer) error {
	works, err := workplacesOf(e)
	if err != nil {
		return err
	}
	m, err := monthAsked(e, s.Now())
	if err != nil {
		return err
	}
	id := e.Request.PathValue("grid")
	grid, err := e.App.FindRecordById("grids", id)
	if err != nil || works != nil && !slices.Contains(works, id) {
		return e.NotFoundError("There is no such grid among yours.", nil)
	}
	v, err := c.count(e.App, grid.GetString("region"), m)
	if err != nil {
		return err
	}
	_, cells := numbers.Publish(v.counts)
	for i, g := range v.grids {
		if g.ID == id {
			return e.JSON(http.StatusOK, struct {
				Grid    string        `json:"grid"`
				Month   string        `json:"month"`
				Numbers numbers.Cells `json:"numbers"`
			}{id, m.Name, cells[i]})
		}
	}
	return e.NotFoundError("A part of a grid has no numbers of its own.", nil)
}

// numbersOfGrid are the cells of one grid of a village.
type numbersOfGrid struct {
	Grid    string        `json:"grid"`
	Name    string        `json:"name"`
	Numbers numbers.Cells `json:"numbers"`
}

// regionNumbers answers GET /api/numbers/region/{region}?month= for a village or
// community: of all of it, and of the grids in it that the caller works in.
func regionNumbers(e *core.RequestEvent, s Settings, c *carer) error {
	works, err := workplacesOf(e)
	if err != nil {
		return err
	}
	m, err := monthAsked(e, s.Now())
	if err != nil {
		return err
	}
	region, err := e.App.FindRecordById("regions", e.Request.PathValue("region"))
	if err != nil || region.GetString("level") != "village" {
		return e.NotFoundError("There is no such village.", nil)
	}
	v, err := c.count(e.App, region.Id, m)
	if err != nil {
		return err
	}
	whole, cells := numbers.Publish(v.counts)
	grids := []numbersOfGrid{}
	for i, g := range v.grids {
		if works == nil || slices.Contains(works, g.ID) {
			grids = append(grids, numbersOfGrid{g.ID, g.Name, cells[i]})
		}
	}
	if works != nil && len(grids) == 0 {
		return e.NotFoundError("You work in no grid of this village.", nil)
	}
	efforts, err := effortOf(e.App, region.Id, m)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, struct {
		Region  string            `json:"region"`
		Month   string            `json:"month"`
		Numbers numbers.Cells     `json:"numbers"`
		Grids   []numbersOfGrid   `json:"grids"`
		Effort  map[string]effort `json:"effort"`
	}{region.Id, m.Name, whole, grids, efforts})
}

// count counts what was done in a village in a month.
func (c *carer) count(app core.App, region string, m monthSpan) (villageNumbers, error) {
	var v villageNumbers
	err := app.DB().NewQuery(`SELECT id, name_zh FROM grids WHERE region = {:region} AND LENGTH(grid_code) = 15 ORDER BY grid_code`).
		Bind(dbx.Params{"region": region}).All(&v.grids)
	if err != nil {
		return v, fmt.Errorf("read the grids of %s: %w", region, err)
	}
	byID := map[string]numbers.Counts{}
	for _, g := range v.grids {
		counts := numbers.Counts{}
		byID[g.ID], v.counts = counts, append(v.counts, counts)
	}
	for _, t := range tallies {
		var rows []tallied
		if err := app.DB().NewQuery(t.query).Bind(m.params(region)).All(&rows); err != nil {
			return v, fmt.Errorf("count %s: %w", t.first, err)
		}
		for _, row := range rows {
			counts, ok := byID[row.Grid]
			if !ok {
				continue // of a grid without one of 15 digits
			}
			counts.Add(t.first, row.First, row.FirstOf)
			if t.second != "" {
				counts.Add(t.second, row.Second, row.SecondOf)
			}
		}
	}
	return v, c.countCare(app, region, m, byID)
}

// tallied are two counts of one grid.
type tallied struct {
	Grid     string `db:"grid"`
	First    int    `db:"first"`
	FirstOf  int    `db:"first_of"`
	Second   int    `db:"second"`
	SecondOf int    `db:"second_of"`
}

// basicOf is the grid of 15 digits to which a grid belongs.
const basicOf = `FROM grids JOIN grids AS basic ON basic.grid_code = SUBSTR(grids.grid_code, 1, 15) `

// tallies count two measures each, or one.
var tallies = []struct{ first, second, query string }{
	// Matters that were last closed in the month: by the grid itself, and, of
	// those with a limit for the whole case, within it.
	{"in_grid", "on_time", `SELECT basic.id AS grid, SUM(matters.level = 'l1_grid') AS first, COUNT(*) AS first_of,
			SUM(matters.due_close != '' AND matters.breached NOT LIKE '%"close"%') AS second, SUM(matters.due_close != '') AS second_of
		` + basicOf + `JOIN matters ON matters.grid = grids.id
		WHERE grids.region = {:region} AND matters.status IN ('closed', 'archived') AND matters.deleted_at = ''
			AND (SELECT MAX(at) FROM matter_events WHERE matter = matters.id AND to_status = 'closed') BETWEEN {:from} AND {:to}
		GROUP BY basic.id`},
	// Of all who were asked, also those who did not answer: they said neither.
	{"resolution", "satisfaction", `SELECT basic.id AS grid, SUM(said.solved = 'solved') AS first, COUNT(*) AS first_of,
			SUM(said.satisfaction = 'satisfied') AS second, COUNT(*) AS second_of
		` + basicOf + `JOIN survey_responses AS said ON said.grid = grids.id
		WHERE grids.region = {:region} AND said.captured_at BETWEEN {:from} AND {:to} AND said.deleted_at = ''
		GROUP BY basic.id`},
	{"read_back", "", `SELECT basic.id AS grid, SUM(demands.status = 'read_back') AS first, COUNT(*) AS first_of, 0 AS second, 0 AS second_of
		` + basicOf + `JOIN demands ON demands.grid = grids.id
		WHERE grids.region = {:region} AND demands.captured_at BETWEEN {:from} AND {:to} AND demands.status != 'merged'
			AND demands.deleted_at = ''
		GROUP BY basic.id`},
}

// longestCadence is how far back the contact can be that a contact in time
// follows: a year and the days off.
const longestCadence = 380 * 24 * time.Hour

// countCare counts the contacts of a month that came by the day on which they
// were due, of those and of what was still owed at its end.
func (c *carer) countCare(app core.App, region string, m monthSpan, byID map[string]numbers.Counts) error {
	var plans []struct {
		planRow
		Basic string `db:"basic"`
	}
	err := app.DB().NewQuery(`SELECT basic.id AS basic, care_plans.id, care_plans.resident, residents.household, care_plans.tier,
			care_plans.cadence_days, care_plans.methods, care_plans.captured_at
		` + basicOf + `JOIN care_plans ON care_plans.grid = grids.id
		JOIN residents ON residents.id = care_plans.resident LEFT JOIN consents ON consents.id = care_plans.consent
		WHERE grids.region = {:region} AND ` + inForce).Bind(dbx.Params{"region": region}).All(&plans)
	if err != nil {
		return fmt.Errorf("read the care plans of %s: %w", region, err)
	}
	homes := map[string][]contactRow{}
	ids := []string{}
	for _, p := range plans {
		ids = append(ids, p.Household)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("write the homes of %s: %w", region, err)
	}
	var visits []contactRow
	err = app.DB().NewQuery(`SELECT ` + contactColumns + ` FROM visits WHERE visits.household IN (SELECT value FROM json_each({:homes}))
		AND visits.captured_at >= {:from} AND visits.deleted_at = ''`).
		Bind(dbx.Params{"homes": string(list), "from": asDate(m.from.Add(-longestCadence))}).All(&visits)
	if err != nil {
		return fmt.Errorf("read the visits of %s: %w", region, err)
	}
	for _, visit := range standing(visits) {
		homes[visit.Household] = append(homes[visit.Household], visit)
	}
	works, err := c.workdays()
	if err != nil {
		return err
	}
	for _, p := range plans {
		if counts, ok := byID[p.Basic]; ok {
			inTime, all := p.plan().InTime(contactsWith(p.Resident, homes[p.Household]), care.DayOf(m.from), care.DayOf(m.to), works)
			counts.Add("care_on_time", inTime, all)
		}
	}
	return nil
}
