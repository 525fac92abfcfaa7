package hooks

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/access"
	"gridwalk/geo"
	"gridwalk/replica"
)

// bindCoverage notes which places check-ins and visits came near, and answers
// what was neglected. Tracks are noted in tracks.go.
func bindCoverage(app core.App, fences *fences, engine *replica.Engine, s Settings) {
	t := &tracks{fences, engine, s}
	app.OnRecordCreate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return t.checkInPassed(e.App, e.Record)
	})
	app.OnRecordCreate("visits").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if mode := e.Record.GetString("mode"); mode != "door" && mode != "neighbour" {
			return nil // by telephone, or met on the way
		}
		return t.passedHome(e.App, e.Record.GetString("household"), e.Record.GetDateTime("captured_at").Time(), "visit")
	})
	serve(app, coverageRoutes(s))
}

func coverageRoutes(s Settings) []Route {
	return []Route{
		{"GET", "/api/coverage/{grid}", func(e *core.RequestEvent) error { return gridCoverage(e, s) }},
		{"GET", "/api/coverage/region/{region}", func(e *core.RequestEvent) error { return regionCoverage(e, s) }},
	}
}

// passed notes the places of a grid's subtree that points came near.
func (t *tracks) passed(app core.App, grid string, points []geo.TrackPoint, source string) error {
	if grid == "" || len(points) == 0 {
		return nil
	}
	var rows []struct {
		ID  string  `db:"id"`
		Lat float64 `db:"lat"`
		Lng float64 `db:"lng"`
	}
	err := app.DB().NewQuery(`SELECT buildings.id, json_extract(buildings.point, '$.lat') AS lat, json_extract(buildings.point, '$.lon') AS lng
		FROM grids JOIN buildings ON buildings.grid = grids.id
		WHERE ` + subtree + ` AND buildings.deleted_at = '' AND (lat != 0 OR lng != 0)`).Bind(dbx.Params{"grid": grid}).All(&rows)
	if err != nil {
		return fmt.Errorf("read places of grid %s: %w", grid, err)
	}
	places := make([]orb.Point, len(rows))
	for i, row := range rows {
		places[i] = orb.Point{row.Lng, row.Lat}
	}
	for i, at := range geo.LastNear(points, places, t.s.Near) {
		if at == 0 {
			continue
		}
		if err := t.note(app, rows[i].ID, time.UnixMilli(at), source); err != nil {
			return err
		}
	}
	return nil
}

// checkInPassed notes what a check-in came near: by its place, and by the home
// or building that it names unless its place speaks against it.
func (t *tracks) checkInPassed(app core.App, r *core.Record) error {
	at, verdict := r.GetDateTime("captured_at").Time(), geo.Verdict(r.GetString("verdict_server"))
	if verdict != geo.NoFix && (r.GetFloat("lat") != 0 || r.GetFloat("lng") != 0) && !r.GetBool("mock") {
		p, err := geo.NewTrackPoint(at, orb.Point{r.GetFloat("lng"), r.GetFloat("lat")}, r.GetFloat("acc_m"), 0)
		if err == nil {
			if err := t.passed(app, r.GetString("grid"), []geo.TrackPoint{p}, "check_in"); err != nil {
				return err
			}
		}
	}
	if verdict == geo.Outside {
		return nil
	}
	named := namedPlaces[r.GetString("target_type")]
	if named == "" {
		return nil
	}
	var places []string
	err := app.DB().NewQuery(`SELECT id FROM buildings WHERE id = ` + named + ` AND grid IN (SELECT grid FROM _workplaces WHERE officer = {:officer})`).
		Bind(dbx.Params{"target": r.GetString("target"), "officer": r.GetString("officer")}).Column(&places)
	if err != nil {
		return fmt.Errorf("read the place of check-in %s: %w", r.Id, err)
	}
	if len(places) == 0 {
		return nil // words for a place, or one in which the officer does not work
	}
	return t.note(app, places[0], at, "check_in")
}

// namedPlaces tell of which building a check-in speaks, by its target_type.
var namedPlaces = map[string]string{
	"household": "(SELECT building FROM households WHERE id = {:target})",
	"building":  "{:target}",
}

// noted moves the last day on which somebody was near a place forward, never
// back. It keeps neither who nor when on that day.
const noted = ` ON CONFLICT (place) DO UPDATE SET last_near = excluded.last_near, source = excluded.source WHERE excluded.last_near > last_near`

// passedHome notes the building of a household.
func (t *tracks) passedHome(app core.App, household string, at time.Time, source string) error {
	return t.noteBy(app, `INSERT INTO coverage (id, place, last_near, source)
		SELECT {:id}, building, {:day}, {:source} FROM households WHERE id = {:of} AND building != ''`+noted, household, at, source)
}

// note notes a place.
func (t *tracks) note(app core.App, place string, at time.Time, source string) error {
	return t.noteBy(app, `INSERT INTO coverage (id, place, last_near, source) VALUES ({:id}, {:of}, {:day}, {:source})`+noted, place, at, source)
}

// noteBy runs a statement that notes something. A time to come is a wrong clock
// and says nothing.
func (t *tracks) noteBy(app core.App, statement, of string, at time.Time, source string) error {
	if at.After(t.s.Now().Add(clockSlack)) {
		return nil
	}
	_, err := t.engine.Execute(app, statement, dbx.Params{"id": core.GenerateDefaultRandomId(), "of": of, "day": dayInChina(at), "source": source})
	if err != nil {
		return fmt.Errorf("note that %s was passed: %w", of, err)
	}
	return nil
}

// clockSlack is how far a phone's clock may run ahead.
const clockSlack = 5 * time.Minute

func dayInChina(at time.Time) string { return at.UTC().Add(8 * time.Hour).Format(time.DateOnly) }

// share is how many of some places somebody came near.
type share struct {
	Total int     `json:"total"`
	Near  int     `json:"near"`
	Share float64 `json:"share"` // 0 to 1; 1 where there is nothing to pass
}

func (s *share) add(near bool) {
	s.Total++
	if near {
		s.Near++
	}
	s.Share = float64(s.Near) / float64(s.Total)
}

// shares are those of all places, of those where somebody is cared for, and of
// those with a hazard.
type shares struct {
	Places share `json:"places"`
	Care   share `json:"care"`
	Hazard share `json:"hazard"`
}

func newShares() shares { return shares{share{Share: 1}, share{Share: 1}, share{Share: 1}} }

func (s *shares) add(p passedPlace, since string) {
	near := p.LastNear >= since
	s.Places.add(near)
	if p.Care {
		s.Care.add(near)
	}
	if p.Hazard {
		s.Hazard.add(near)
	}
}

// passedPlace is a building with the day on which somebody was last near.
type passedPlace struct {
	ID       string `db:"id" json:"place"`
	Name     string `db:"name" json:"name"`
	LastNear string `db:"last_near" json:"last_near"` // day in China, empty for never
	Care     bool   `db:"care" json:"care"`
	Hazard   bool   `db:"hazard" json:"hazard"`
	Grid     string `db:"grid" json:"-"`
	GridName string `db:"grid_name" json:"-"`
}

// careHere tells whether somebody living in a building has a care plan.
const careHere = `EXISTS (SELECT 1 FROM households AS h JOIN residents AS r ON r.household = h.id AND r.life_status = 'living' AND r.deleted_at = ''
	JOIN care_plans AS p ON p.resident = r.id AND p.grid = buildings.grid AND p.deleted_at = ''
	WHERE h.building = buildings.id AND h.grid = buildings.grid AND h.deleted_at = '')`

// passedPlaces lists the places of the grids that a condition on them selects.
// A place belongs to the grid of 15 digits in whose code its own begins.
func passedPlaces(app core.App, where string, params dbx.Params) ([]passedPlace, error) {
	var places []passedPlace
	err := app.DB().NewQuery(`SELECT buildings.id, buildings.name, COALESCE(coverage.last_near, '') AS last_near,
			COALESCE(basic.id, grids.id) AS grid, COALESCE(basic.name_zh, grids.name_zh) AS grid_name,
			COALESCE(json_array_length(buildings.hazard_tags), 0) > 0 AS hazard,
			` + careHere + ` AS care
		FROM grids JOIN buildings ON buildings.grid = grids.id
		LEFT JOIN grids AS basic ON basic.grid_code = substr(grids.grid_code, 1, 15)
		LEFT JOIN coverage ON coverage.place = buildings.id
		WHERE buildings.deleted_at = '' AND ` + where + ` ORDER BY last_near, buildings.name, buildings.id`).Bind(params).All(&places)
	if err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	return places, nil
}

// subtree selects a grid and those below it.
const subtree = `grids.id IN (SELECT below.id FROM grids AS top JOIN grids AS below
	ON below.path >= top.path AND below.path < (top.path || '~') WHERE top.id = {:grid})`

// maxNeglected bounds the list in an answer.
const maxNeglected = 500

// gridCoverage answers GET /api/coverage/{grid}?days=N.
func gridCoverage(e *core.RequestEvent, s Settings) error {
	days, since, err := period(e, s)
	if err != nil {
		return err
	}
	grid := e.Request.PathValue("grid")
	works, err := workplacesOf(e)
	if err != nil {
		return err
	}
	if works != nil && !slices.Contains(works, grid) {
		return e.NotFoundError("There is no such grid among yours.", nil)
	}
	places, err := passedPlaces(e.App, subtree, dbx.Params{"grid": grid})
	if err != nil {
		return err
	}
	all, neglected := newShares(), []passedPlace{}
	for _, p := range places {
		all.add(p, since)
		if p.LastNear < since {
			neglected = append(neglected, p)
		}
	}
	more := len(neglected) > maxNeglected
	return e.JSON(http.StatusOK, struct {
		Grid  string `json:"grid"`
		Days  int    `json:"days"`
		Since string `json:"since"`
		shares
		Neglected []passedPlace `json:"neglected"` // the longest neglected first
		More      bool          `json:"more"`
	}{grid, days, since, all, neglected[:min(len(neglected), maxNeglected)], more})
}

// gridShares are the shares of one grid of a region.
type gridShares struct {
	Grid string `json:"grid"`
	Name string `json:"name"`
	shares
}

// regionCoverage answers GET /api/coverage/region/{region}?days=N for a village
// or community: of the grids in it that the caller works in.
func regionCoverage(e *core.RequestEvent, s Settings) error {
	days, since, err := period(e, s)
	if err != nil {
		return err
	}
	works, err := workplacesOf(e)
	if err != nil {
		return err
	}
	region, err := e.App.FindRecordById("regions", e.Request.PathValue("region"))
	if err != nil || region.GetString("level") != "village" {
		return e.NotFoundError("There is no such village.", nil)
	}
	where, params := "grids.region = {:region}", dbx.Params{"region": region.Id}
	if works != nil {
		where += " AND grids.id IN (SELECT grid FROM _workplaces WHERE officer = {:officer})"
		params["officer"] = e.Auth.Id
	}
	places, err := passedPlaces(e.App, where, params)
	if err != nil {
		return err
	}
	all, grids := newShares(), []*gridShares{}
	byID := map[string]*gridShares{}
	for _, p := range places {
		g := byID[p.Grid]
		if g == nil {
			g = &gridShares{p.Grid, p.GridName, newShares()}
			byID[p.Grid], grids = g, append(grids, g)
		}
		all.add(p, since)
		g.add(p, since)
	}
	slices.SortFunc(grids, func(a, b *gridShares) int { return strings.Compare(a.Name+a.Grid, b.Name+b.Grid) })
	return e.JSON(http.StatusOK, struct {
		Region string `json:"region"`
		Days   int    `json:"days"`
		Since  string `json:"since"`
		shares
		Grids []*gridShares `json:"grids"`
	}{region.Id, days, since, all, grids})
}

// period reads the days that a question is about, today included: 30 unless
// said, at most a year.
func period(e *core.RequestEvent, s Settings) (days int, since string, err error) {
	days = 30
	if text := e.Request.URL.Query().Get("days"); text != "" {
		if days, err = strconv.Atoi(text); err != nil || days < 1 || days > 366 {
			return 0, "", e.BadRequestError("days is a number from 1 to 366.", nil)
		}
	}
	return days, dayInChina(s.Now().AddDate(0, 0, 1-days)), nil
}

// workplacesOf are the grids in which the caller works, nil for a superuser,
// who sees all.
func workplacesOf(e *core.RequestEvent) ([]string, error) {
	if e.HasSuperuserAuth() {
		return nil, nil
	}
	if !isOfficer(e.Auth) || e.Auth.GetBool("disabled") {
		return nil, e.UnauthorizedError("Sign in first.", nil)
	}
	grids := []string{}
	if !slices.Contains(access.Field, e.Auth.GetString("role")) {
		return grids, nil
	}
	err := e.App.DB().Select("grid").Distinct(true).From("_workplaces").Where(dbx.HashExp{"officer": e.Auth.Id}).Column(&grids)
	if err != nil {
		return nil, fmt.Errorf("read the grids of %s: %w", e.Auth.Id, err)
	}
	return grids, nil
}
