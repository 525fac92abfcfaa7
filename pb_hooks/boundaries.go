package hooks

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
)

// keepBoundary keeps the boundary that a grid had when another takes its place
// or the grid is put out of use.
func keepBoundary(app core.App, grid *core.Record, now time.Time) error {
	was := grid.Original()
	replaced := grid.GetInt("boundary_version") != was.GetInt("boundary_version")
	if !was.GetBool("active") || grid.GetBool("active") && !replaced {
		return nil
	}
	boundary, err := parseBoundary(boundaryJSON(was))
	if err != nil {
		app.Logger().Error("A grid had no usable boundary", "grid", grid.Id, "error", err)
		return nil // by which nothing was judged
	}
	col, err := app.FindCachedCollectionByNameOrId("grid_boundaries")
	if err != nil {
		return fmt.Errorf("keep the boundary of grid %s: %w", grid.Id, err)
	}
	until, _ := types.ParseDateTime(now)
	box := boundary.Bound()
	kept := core.NewRecord(col)
	kept.Load(map[string]any{"grid": grid.Id, "version": was.GetInt("boundary_version"),
		"valid_from": was.GetDateTime("boundary_from"), "valid_until": until, "boundary": was.Get("boundary"),
		"west": box.Min.Lon(), "south": box.Min.Lat(), "east": box.Max.Lon(), "north": box.Max.Lat()})
	if err := app.Save(kept); err != nil {
		return fmt.Errorf("keep the boundary of grid %s: %w", grid.Id, err)
	}
	return nil
}

// fence is the boundary of a grid at some time: without one, nothing is judged
// by it.
type fence struct {
	grid     string
	boundary *geo.Boundary
	version  int
}

// at gives the fence of a grid that was valid at a time.
func (f *fences) at(app core.App, index *geo.Index, grid string, at time.Time) (fence, error) {
	present, inUse := index.Fence(grid)
	if inUse && !at.Before(present.Since) {
		return fence{grid, present.Boundary, present.Version}, nil
	}
	var rows []struct {
		ID      string         `db:"id"`
		Version int            `db:"version"`
		From    types.DateTime `db:"valid_from"`
		Until   types.DateTime `db:"valid_until"`
	}
	err := app.DB().Select("id", "version", "valid_from", "valid_until").From("grid_boundaries").
		Where(dbx.HashExp{"grid": grid}).OrderBy("valid_from", "id").All(&rows)
	if err != nil {
		return fence{}, fmt.Errorf("read boundaries of grid %s: %w", grid, err)
	}
	var versions []geo.Version
	for _, row := range rows {
		versions = append(versions, geo.Version{Number: row.Version, From: row.From.Time(), Until: row.Until.Time()})
	}
	if inUse {
		versions = append(versions, geo.Version{Number: present.Version, From: present.Since})
	}
	valid, ok := geo.ValidAt(versions, at)
	if !ok {
		return fence{grid: grid}, nil
	}
	i := slices.Index(versions, valid)
	if i == len(rows) {
		return fence{grid, present.Boundary, present.Version}, nil
	}
	boundary, err := readBoundary(app, "grid_boundaries", rows[i].ID)
	if err != nil {
		return fence{}, fmt.Errorf("boundary %d of grid %s: %w", valid.Number, grid, err)
	}
	return fence{grid, boundary, valid.Number}, nil
}

// around gives the grids that contained a place at a time, deepest first.
func (f *fences) around(app core.App, index *geo.Index, place orb.Point, at time.Time) ([]string, error) {
	var grids []string
	for _, grid := range index.At(place) {
		if present, _ := index.Fence(grid); !at.Before(present.Since) {
			grids = append(grids, grid)
			continue
		}
		then, err := f.at(app, index, grid, at)
		if err != nil {
			return nil, err
		}
		if then.boundary != nil && then.boundary.Contains(place) {
			grids = append(grids, grid)
		}
	}
	var gone []struct {
		Grid string `db:"grid"`
		Path string `db:"path"`
	}
	when, _ := types.ParseDateTime(at)
	err := app.DB().Select("grid", "path").Distinct(true).From("grid_boundaries").InnerJoin("grids", dbx.NewExp("grids.id = grid")).
		Where(dbx.NewExp("valid_until > {:at} AND valid_from <= {:at} AND west <= {:lng} AND east >= {:lng} AND south <= {:lat} AND north >= {:lat}",
			dbx.Params{"at": when.String(), "lng": place.Lon(), "lat": place.Lat()})).All(&gone)
	if err != nil {
		return nil, fmt.Errorf("read boundaries of that time: %w", err)
	}
	depths := map[string]int{}
	for _, row := range gone {
		depths[row.Grid] = depthOf(row.Path)
		if slices.Contains(grids, row.Grid) {
			continue
		}
		then, err := f.at(app, index, row.Grid, at)
		if err != nil {
			return nil, err
		}
		if then.boundary != nil && then.boundary.Contains(place) {
			grids = append(grids, row.Grid)
		}
	}
	if len(gone) > 0 {
		for _, grid := range grids {
			if present, inUse := index.Fence(grid); inUse {
				depths[grid] = present.Depth
			}
		}
		slices.SortFunc(grids, func(a, b string) int { return cmp.Or(depths[b]-depths[a], cmp.Compare(a, b)) })
	}
	return grids, nil
}
