package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Boundaries that grids had, so that what was recorded yesterday keeps
// yesterday's fence; and what devices show of the datum of their fixes.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids", "devices", "check_ins")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeGridBoundaries(app, c) },
			func() error { return addDatumSuspicion(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// makeGridBoundaries makes what is kept of a boundary once it is valid no more.
// The present one is in grids.
func makeGridBoundaries(app core.App, c schema) error {
	grid := relation("grid", c["grids"], label("网格", "Grid whose boundary it was"))
	grid.CascadeDelete = true
	return inOrder(
		func() error {
			return c.collection(app, "grid_boundaries",
				presentable(required(grid)),
				presentable(required(integer("version", 1, 1<<31, label("边界版本", "Version of the boundary, as check-ins name it")))),
				date("valid_from", label("生效时间", "Since when it was valid; empty means ever since")),
				presentable(required(date("valid_until", label("失效时间", "When another took its place, or the grid was put out of use")))),
				required(jsonValue("boundary", maxBoundaryBytes, label("边界", "GeoJSON Polygon or MultiPolygon, WGS-84 degrees"))),
				free("west", label("西", "Westernmost longitude, WGS-84 degrees")),
				free("south", label("南", "Southernmost latitude, WGS-84 degrees")),
				free("east", label("东", "Easternmost longitude, WGS-84 degrees")),
				free("north", label("北", "Northernmost latitude, WGS-84 degrees")),
			)
		},
		func() error { return c.index(app, "grid_boundaries", "grid", "valid_until") },
	)
}

func addDatumSuspicion(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.addFields(app, "devices",
				choice("datum_suspect", "datum", label("疑似坐标系", "Datum that its fixes seem to be of instead of the one they name: look into its app; nothing is shifted; set by the server")),
				date("datum_suspect_at", label("疑似时间", "Time of the newest check-in that bears on it; set by the server")),
				number("residual_m", 0, 1e8, label("中位偏差（米）", "Median offset in tens of metres between its last fixes and the buildings that it checked in at; set by the server")),
			)
		},
		func() error { return c.index(app, "check_ins", "device, captured_at") },
	)
}
