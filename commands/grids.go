package commands

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// storedGrid is a grid as the commands read it from the database.
type storedGrid struct {
	ID         string `db:"id"`
	Code       string `db:"grid_code"`
	Name       string `db:"name_zh"`
	Kind       string `db:"kind"`
	Level      string `db:"level"`
	Region     string `db:"region"` // its code
	Parent     string `db:"parent"` // its grid code
	Path       string `db:"path"`
	Households int    `db:"household_est"`
	Version    int    `db:"boundary_version"`
	Active     bool   `db:"active"`
	Boundary   string `db:"boundary"`
}

// shape parses the boundary, in degrees WGS-84.
func (g storedGrid) shape() (orb.MultiPolygon, error) {
	shape, _, faults := geo.ParseGeometry([]byte(g.Boundary), geo.ReadLimits{})
	if len(faults) > 0 {
		return nil, fmt.Errorf("boundary of grid %s: %w", g.Code, faults[0])
	}
	return shape, nil
}

// eachGrid visits the grids that a condition on the table grids selects, in
// order of their codes, one at a time.
func eachGrid(app core.App, condition string, params dbx.Params, visit func(storedGrid) error) (err error) {
	rows, err := app.DB().NewQuery(`SELECT grids.id, grids.grid_code, grids.name_zh, grids.kind, grids.level, grids.path,
			grids.household_est, grids.boundary_version, grids.active, grids.boundary,
			coalesce(regions.code, '') AS region, coalesce(above.grid_code, '') AS parent
		FROM (SELECT * FROM grids WHERE ` + condition + `) AS grids
		LEFT JOIN regions ON regions.id = grids.region
		LEFT JOIN grids AS above ON above.id = grids.parent
		ORDER BY grids.grid_code`).Bind(params).Rows()
	if err != nil {
		return fmt.Errorf("read grids: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var g storedGrid
		if err := rows.ScanStruct(&g); err != nil {
			return fmt.Errorf("read grid: %w", err)
		}
		if err := visit(g); err != nil {
			return err
		}
	}
	return rows.Err()
}

var errNoSuchGrid = errors.New("there is no such grid")

// findGrid finds a grid by its code or its id.
func findGrid(app core.App, name string) (storedGrid, error) {
	var found storedGrid
	err := eachGrid(app, "id = {:name} OR grid_code = {:name}", dbx.Params{"name": name}, func(g storedGrid) error {
		found = g
		return nil
	})
	if err == nil && found.ID == "" {
		err = fmt.Errorf("grid %q: %w", name, errNoSuchGrid)
	}
	return found, err
}
