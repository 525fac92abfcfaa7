package migrations

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/access"
)

// workplaces lists every grid that an officer may work in today: the subtrees
// of the grids assigned to him, and for desk staff all grids of their division.
// It is a view, so that nothing has to be kept up to date. Days are counted in
// China, eight hours ahead of UTC, on both ends inclusive.
const workplaces = `CREATE VIEW _workplaces AS
SELECT grid_assignments.user AS officer, grids.id AS grid
FROM grid_assignments
JOIN officers ON officers.id = grid_assignments.user AND officers.role IN ('grid_officer', 'grid_lead')
JOIN grids AS top ON top.id = grid_assignments.grid
JOIN grids ON grids.path >= top.path AND grids.path < (top.path || '~')
WHERE date(grid_assignments.from_date, '+8 hours') <= date('now', '+8 hours')
	AND (grid_assignments.to_date = '' OR date(grid_assignments.to_date, '+8 hours') >= date('now', '+8 hours'))
UNION ALL
SELECT officers.id AS officer, grids.id AS grid
FROM officers
JOIN regions ON regions.id = officers.region
JOIN grids ON grids.grid_code >= regions.code AND grids.grid_code < (regions.code || '~')
WHERE officers.role IN ('village_admin', 'town_dispatcher', 'county_admin')`

// gridAccess is the same for PocketBase, which reads no UNION and must know
// that the columns are relations.
const gridAccess = `SELECT
	(_workplaces.officer || _workplaces.grid) AS id,
	officers.id AS officer,
	grids.id AS grid
FROM _workplaces
JOIN officers ON officers.id = _workplaces.officer
JOIN grids ON grids.id = _workplaces.grid`

func makeGridAccess(app core.App, c schema) error {
	if _, err := app.DB().NewQuery(workplaces).Execute(); err != nil {
		return fmt.Errorf("make view _workplaces: %w", err)
	}
	view := core.NewViewCollection("grid_access")
	view.ViewQuery = gridAccess
	if err := app.Save(view); err != nil {
		return fmt.Errorf("make view grid_access: %w", err)
	}
	c["grid_access"] = view
	return nil
}

// openAccess writes the access rules into the collections that there are so
// far; a later migration calls it again for its own.
func openAccess(app core.App) error {
	for name, r := range access.Collections {
		col, err := app.FindCollectionByNameOrId(name)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("rules for %s: %w", name, err)
		}
		col.ListRule, col.ViewRule = ruleOf(r.Read), ruleOf(r.Read)
		if !col.IsView() {
			col.CreateRule, col.UpdateRule, col.DeleteRule = ruleOf(r.Create), ruleOf(r.Update), ruleOf(r.Delete)
		}
		if err := app.Save(col); err != nil {
			return fmt.Errorf("save rules of %s: %w", name, err)
		}
	}
	return nil
}

// ruleOf writes a rule for the API; nil denies everybody but superusers.
func ruleOf(r access.Rule) *string {
	if filter := r.Filter(); filter != "" {
		return &filter
	}
	return nil
}
