package hooks

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/access"
	"gridwalk/geo"
)

// bindGrids checks what is saved of a grid, computes what follows from its
// boundary and its place in the tree, and has the fences rebuilt.
func bindGrids(app core.App, fences *fences, now func() time.Time) {
	app.OnRecordCreateRequest("grids").BindFunc(func(e *core.RecordRequestEvent) error {
		info, err := e.RequestInfo()
		if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		if _, told := info.Body["active"]; !told {
			e.Record.Set("active", true)
		}
		return e.Next()
	})
	app.OnRecordCreate("grids").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Id == "" {
			e.Record.Id = core.GenerateDefaultRandomId()
		}
		if err := prepareGrid(e.App, e.Record, now()); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordUpdate("grids").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetString("grid_code") != e.Record.Original().GetString("grid_code") {
			return refuse("grid_code", "immutable", "A grid code never changes: make a new grid and name it in succeeded_by.")
		}
		if err := prepareGrid(e.App, e.Record, now()); err != nil {
			return err
		}
		if err := keepBoundary(e.App, e.Record, now()); err != nil {
			return err
		}
		was := e.Record.Original().GetString("path")
		if err := e.Next(); err != nil {
			return err
		}
		return moveSubtree(e.App, e.Record, was)
	})
	saved := func(e *core.RecordEvent) error {
		fences.change(e.Record, false)
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("grids").BindFunc(saved)
	app.OnRecordAfterUpdateSuccess("grids").BindFunc(saved)
	app.OnRecordAfterDeleteSuccess("grids").BindFunc(func(e *core.RecordEvent) error {
		fences.change(e.Record, true)
		return e.Next()
	})
}

// prepareGrid checks the code, repairs and measures the boundary, and derives
// the path.
func prepareGrid(app core.App, r *core.Record, now time.Time) error {
	region, err := relatedRecord(app, r, "region", "regions")
	if err != nil {
		return err
	}
	if region != nil && !strings.HasPrefix(r.GetString("grid_code"), region.GetString("code")) {
		return refuse("grid_code", "wrong_region", "The code must begin with the code of the region.")
	}
	if err := measureBoundary(r, now); err != nil {
		return err
	}
	return setPath(app, r)
}

// measureBoundary reads and repairs the boundary of r when it is new, and sets
// its version, centre and area. The same boundary drawn again is none.
func measureBoundary(r *core.Record, now time.Time) error {
	raw, was := boundaryJSON(r), boundaryJSON(r.Original())
	if !r.IsNew() && raw == was {
		keepMeasures(r, now)
		return nil
	}
	polygons, _, faults := geo.ParseGeometry([]byte(raw), geo.ReadLimits{})
	if len(faults) > 0 {
		return refuse("boundary", string(faults[0].Code), faults[0].Message)
	}
	boundary, err := geo.NewBoundary(polygons)
	if err != nil {
		return refuse("boundary", "invalid_boundary", err.Error())
	}
	drawn := types.JSONRaw(geo.MarshalGeometry(polygons))
	r.Set("boundary", drawn)
	if !r.IsNew() && drawn.String() == was {
		keepMeasures(r, now)
		return nil
	}
	center := boundary.Center()
	since, _ := types.ParseDateTime(now)
	r.Set("boundary_version", r.Original().GetInt("boundary_version")+1)
	r.Set("boundary_from", since)
	r.Set("center", types.GeoPoint{Lon: center.Lon(), Lat: center.Lat()})
	r.Set("area_m2", boundary.Area())
	return nil
}

// keepMeasures keeps what follows from a boundary that did not change. That of a
// grid that comes into use again is valid since then.
func keepMeasures(r *core.Record, now time.Time) {
	for _, kept := range access.ServerFields["grids"] {
		if kept != "path" {
			r.Set(kept, r.Original().Get(kept))
		}
	}
	if r.GetBool("active") && !r.Original().GetBool("active") {
		r.Set("boundary_from", now)
	}
}

func boundaryJSON(r *core.Record) string {
	raw, _ := r.GetRaw("boundary").(types.JSONRaw)
	return raw.String()
}

// setPath derives the path of ancestors, and refuses a parent that lies below
// the grid itself.
func setPath(app core.App, r *core.Record) error {
	parent, err := relatedRecord(app, r, "parent", "grids")
	if err != nil {
		return err
	}
	path := "/" + r.Id + "/"
	if parent != nil {
		if strings.Contains(parent.GetString("path"), path) {
			return refuse("parent", "circle", "A grid cannot lie below itself.")
		}
		path = parent.GetString("path") + r.Id + "/"
	}
	r.Set("path", path)
	return nil
}

// moveSubtree writes new paths below a grid that was moved in the tree.
func moveSubtree(app core.App, r *core.Record, was string) error {
	if r.GetString("path") == was {
		return nil
	}
	children, err := app.FindRecordsByFilter("grids", "parent = {:id}", "", 0, 0, dbx.Params{"id": r.Id})
	if err != nil {
		return fmt.Errorf("move grids below %s: %w", r.Id, err)
	}
	for _, child := range children {
		if err := app.Save(child); err != nil {
			return fmt.Errorf("move grid %s: %w", child.Id, err)
		}
	}
	return nil
}

// depthOf is the number of grids on the path, the grid itself included.
func depthOf(path string) int { return strings.Count(path, "/") - 1 }

// bindRegions refuses a code that does not fit its parent, and one that grids
// already carry.
func bindRegions(app core.App) {
	check := func(e *core.RecordEvent) error {
		parent, err := relatedRecord(e.App, e.Record, "parent", "regions")
		if err != nil {
			return err
		}
		if parent != nil && !strings.HasPrefix(e.Record.GetString("code"), parent.GetString("code")) {
			return refuse("code", "wrong_region", "The code must begin with the code of the division above.")
		}
		if was := e.Record.Original().GetString("code"); was != "" && was != e.Record.GetString("code") {
			return refuse("code", "immutable", "A division code never changes: grids carry it.")
		}
		return e.Next()
	}
	app.OnRecordCreate("regions").BindFunc(check)
	app.OnRecordUpdate("regions").BindFunc(check)
}
