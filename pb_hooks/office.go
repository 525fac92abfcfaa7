package hooks

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/care"
	"gridwalk/geo"
	"gridwalk/office"
)

// bindOffice adds gridwalk's pages to the dashboard, and serves what they show.
func bindOffice(app core.App, s Settings) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.UIExtensions = append(e.UIExtensions, core.UIExtension{Name: "gridwalk", FS: fs.FS(office.Pages)})
		return e.Next()
	})
	serve(app, officeRoutes(s))
}

func officeRoutes(s Settings) []Route {
	return []Route{
		{"GET", "/api/office/overview", forSuperusers(func(e *core.RequestEvent) error {
			seen, err := overviewOf(e.App, s.Now())
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, seen)
		})},
		{"GET", "/api/office/grids/{id}/boundary", forSuperusers(func(e *core.RequestEvent) error {
			grid, err := e.App.FindRecordById("grids", e.Request.PathValue("id"))
			if err != nil {
				return e.NotFoundError("There is no such grid.", nil)
			}
			places, err := placesAround(e.App, grid)
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, map[string]any{"places": places})
		})},
		{"POST", "/api/office/grids/{id}/boundary", forSuperusers(previewBoundary)},
	}
}

// forSuperusers lets nobody else in.
func forSuperusers(serve func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		switch {
		case e.Auth == nil:
			return e.UnauthorizedError("Sign in first.", nil)
		case !e.Auth.IsSuperuser():
			return e.ForbiddenError("This is for the office.", nil)
		}
		return serve(e)
	}
}

// silentAfter is how long a device may be without contact before the office
// asks after it. It says nothing of its officer: valleys have no signal.
const silentAfter = 24 * time.Hour

// overview is what the office looks at first. No number is about a person.
type overview struct {
	MattersOpen    int          `json:"matters_open" db:"matters_open"`
	MattersOverdue int          `json:"matters_overdue" db:"matters_overdue"`
	VisitsDue      int          `json:"visits_due" db:"visits_due"`
	VisitsOverdue  int          `json:"visits_overdue" db:"visits_overdue"`
	Conflicts      int          `json:"conflicts" db:"conflicts"`
	Rejections     int          `json:"rejections" db:"rejections"`
	DevicesPending int          `json:"devices_pending" db:"devices_pending"`
	DevicesSilent  int          `json:"devices_silent" db:"devices_silent"`
	Devices        []heldDevice `json:"devices" db:"-"`
}

// heldDevice is a device that has not been heard of, or has something to send.
type heldDevice struct {
	Model         string         `json:"model" db:"model"`
	Officer       string         `json:"officer" db:"officer"`
	LastContactAt types.DateTime `json:"last_contact_at" db:"last_contact_at"`
	OutboxSize    int            `json:"outbox_size" db:"outbox_size"`
}

func overviewOf(app core.App, now time.Time) (overview, error) {
	seen := overview{Devices: []heldDevice{}}
	since := asDate(now.Add(-silentAfter))
	params := dbx.Params{"today": care.DayOf(now).String(), "since": since}
	err := app.DB().NewQuery(`SELECT
		(SELECT count(*) FROM matters WHERE deleted_at = '' AND status NOT IN ('draft', 'closed', 'archived', 'merged', 'withdrawn')) AS matters_open,
		(SELECT count(*) FROM matters WHERE deleted_at = '' AND status NOT IN ('draft', 'closed', 'archived', 'merged', 'withdrawn')
			AND breached NOT IN ('', '[]', 'null')) AS matters_overdue,
		(SELECT count(*) FROM due_visits WHERE due_on = {:today}) AS visits_due,
		(SELECT count(*) FROM due_visits WHERE due_on != '' AND due_on < {:today}) AS visits_overdue,
		(SELECT count(*) FROM conflicts WHERE status = 'open') AS conflicts,
		(SELECT count(*) FROM rejections WHERE status = 'open') AS rejections,
		(SELECT count(*) FROM devices WHERE status = 'pending') AS devices_pending,
		(SELECT count(*) FROM devices WHERE status = 'active' AND last_contact_at < {:since}) AS devices_silent`).Bind(params).One(&seen)
	if err != nil {
		return seen, fmt.Errorf("read the overview: %w", err)
	}
	err = app.DB().NewQuery(`SELECT devices.model, COALESCE(officers.name, '') AS officer, devices.last_contact_at, devices.outbox_size
		FROM devices LEFT JOIN officers ON officers.id = devices.officer
		WHERE devices.status = 'active' AND (devices.last_contact_at < {:since} OR devices.outbox_size > 0)
		ORDER BY devices.last_contact_at LIMIT 100`).Bind(params).All(&seen.Devices)
	if err != nil {
		return seen, fmt.Errorf("read silent devices: %w", err)
	}
	return seen, nil
}

// boundaryPlace is a building near a grid, in degrees WGS-84.
type boundaryPlace struct {
	Lat  float64 `json:"lat" db:"lat"`
	Lng  float64 `json:"lng" db:"lng"`
	Here bool    `json:"here" db:"here"` // it belongs to the grid
}

// mostPlaces bounds what is drawn and counted around one grid.
const mostPlaces = 20000

// placesAround are the buildings of a grid and of those that share its parent.
func placesAround(app core.App, grid *core.Record) ([]boundaryPlace, error) {
	places := []boundaryPlace{}
	err := app.DB().NewQuery(`SELECT json_extract(b.point, '$.lat') AS lat, json_extract(b.point, '$.lon') AS lng, b.grid = {:grid} AS here
		FROM buildings AS b JOIN grids AS g ON g.id = b.grid
		WHERE b.deleted_at = '' AND (b.grid = {:grid} OR g.region = {:region} AND g.parent = {:parent})
			AND json_extract(b.point, '$.lat') != 0 ORDER BY b.id LIMIT {:limit}`).
		Bind(dbx.Params{"grid": grid.Id, "region": grid.GetString("region"), "parent": grid.GetString("parent"), "limit": mostPlaces}).All(&places)
	if err != nil {
		return nil, fmt.Errorf("read buildings around grid %s: %w", grid.Id, err)
	}
	return places, nil
}

// previewBoundary says what another boundary of a grid would do; nothing is
// saved. The boundary is read as saving reads it.
func previewBoundary(e *core.RequestEvent) error {
	grid, err := e.App.FindRecordById("grids", e.Request.PathValue("id"))
	if err != nil {
		return e.NotFoundError("There is no such grid.", nil)
	}
	var asked struct{ Boundary json.RawMessage }
	if err := e.BindBody(&asked); err != nil {
		return e.BadRequestError("The body is no JSON with a boundary.", nil)
	}
	after, fault := boundaryFrom(asked.Boundary)
	if fault != nil {
		return refuse("boundary", string(fault.Code), fault.Message)
	}
	before, fault := boundaryFrom([]byte(grid.GetString("boundary")))
	if fault != nil {
		return fmt.Errorf("boundary of grid %s: %w", grid.Id, fault)
	}
	places, err := placesAround(e.App, grid)
	if err != nil {
		return err
	}
	leave, enter := 0, 0
	for _, p := range places {
		at := orb.Point{p.Lng, p.Lat}
		switch was, is := before.Contains(at), after.Contains(at); {
		case was && !is:
			leave++
		case !was && is:
			enter++
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"area_before_m2": before.Area(), "area_m2": after.Area(), "leave": leave, "enter": enter})
}

func boundaryFrom(raw []byte) (*geo.Boundary, *geo.Fault) {
	shape, _, faults := geo.ParseGeometry(raw, geo.ReadLimits{})
	if len(faults) > 0 {
		return nil, &faults[0]
	}
	b, err := geo.NewBoundary(shape)
	if err != nil {
		return nil, &geo.Fault{Code: "unusable", Message: err.Error()}
	}
	return b, nil
}
