package commands

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
	"gridwalk/geo"
	"gridwalk/maps"
)

var (
	gridCode     = regexp.MustCompile(`^\d{15}(\d{2})?$`)
	divisionCode = regexp.MustCompile(`^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$`)
)

// divisionLevels names the level of a division by the length of its code.
var divisionLevels = map[int]string{2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}

// importMemory is when the collector of garbage begins to work harder, in bytes:
// with SQLite's pages and what is in use for a moment, the process stays below
// 512 MB for a file of 100 MB.
const importMemory = 360 << 20

// importOrder is what an import is told to do.
type importOrder struct {
	file     string
	source   maps.Options
	mapping  maps.Mapping
	dryRun   bool
	partial  bool
	progress io.Writer
}

// mapGrid is one feature of a map, understood as a grid.
type mapGrid struct {
	feature  int
	code     string // grid code
	division string // code of the division it belongs to
	region   string // name of that division, if it has to be made
	name     string // of the grid, if it has to be made and the map does not say
	parent   string // grid code of the grid above, if the map says it
	// fields are the values of other fields that the map says.
	fields map[string]any
	shape  orb.MultiPolygon
}

// importGrids reads a map and saves its grids in one transaction. With a fault
// nothing is saved, unless the order is to take the rest; with a fault of the
// file as a whole, or on a dry run, never.
func importGrids(app core.App, order importOrder) (importReport, error) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(importMemory))
	i := &importer{order: order, seen: map[string]int{}, report: importReport{DryRun: order.dryRun,
		Grids: []importedGrid{}, Repairs: []importedRepair{}, Seams: []maps.Seam{}, Faults: []importedFault{}}}
	if err := i.read(); err != nil {
		return i.report, err
	}
	if i.broken || len(i.report.Faults) > 0 && !order.partial {
		return i.report, nil
	}
	var err error
	if i.report.Seams, err = seamsOf(app, i.grids); err != nil {
		return i.report, err
	}
	err = app.RunInTransaction(i.save)
	if errors.Is(err, errNotKept) {
		err = nil
	}
	return i.report, err
}

// errNotKept rolls back what was only tried.
var errNotKept = errors.New("not kept")

type importer struct {
	order  importOrder
	report importReport
	grids  []mapGrid
	seen   map[string]int // feature by code
	broken bool           // the file as a whole has a fault
}

func (i *importer) fault(feature int, code, message string) {
	i.report.Faults = append(i.report.Faults, importedFault{feature, code, message})
}

func (i *importer) read() error {
	percent := progressLine(i.order.progress, "reading the map: %d of %d %%")
	i.order.source.Progress = func(done, total int64) {
		if total > 0 {
			percent(int(min(done*100/total, 99)), 100)
		}
	}
	features := 0
	faults, err := maps.Read(i.order.file, i.order.source, func(f maps.Feature) error {
		features++
		i.understand(f)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read map: %w", err)
	}
	percent(100, 100)
	i.broken = len(faults) > 0
	for _, f := range faults {
		i.fault(f.Feature, string(f.Code), f.Message)
	}
	if features == 0 && !i.broken {
		i.broken = true
		i.fault(-1, "empty", "The file holds no features.")
	}
	return nil
}

// understand turns a feature into a grid, and notes repairs and faults.
func (i *importer) understand(f maps.Feature) {
	for _, fault := range f.Faults {
		i.fault(f.Index, string(fault.Code), fault.Message)
	}
	i.report.Repairs = append(i.report.Repairs, countRepairs(f)...)
	values := i.order.mapping.Apply(f)
	grid, ok := gridOf(f, values)
	if !ok {
		i.fault(f.Index, "missing_code", "There is no code of 2, 4, 6, 9, 12, 15 or 17 digits in "+
			strings.Join(i.order.mapping["grid_code"].From, ", ")+" or the feature's id.")
		return
	}
	if first, twice := i.seen[grid.code]; twice {
		i.fault(f.Index, "duplicate_code", fmt.Sprintf("Feature %d has the code %s too.", first, grid.code))
		return
	}
	if message := grid.describe(values); message != "" {
		i.fault(f.Index, "bad_value", message)
		return
	}
	i.seen[grid.code] = f.Index
	if len(f.Faults) == 0 {
		i.grids = append(i.grids, grid)
	}
}

// countRepairs sums up what was repaired in a feature, in order of appearance.
func countRepairs(feature maps.Feature) []importedRepair {
	var out []importedRepair
	at := map[geo.RepairCode]int{}
	for _, repair := range feature.Repairs {
		i, ok := at[repair.Code]
		if !ok {
			i = len(out)
			at[repair.Code] = i
			out = append(out, importedRepair{Feature: feature.Index, Code: string(repair.Code)})
		}
		out[i].Times++
	}
	return out
}

func gridOf(feature maps.Feature, values map[string]string) (mapGrid, bool) {
	code := values["grid_code"]
	grid := mapGrid{feature: feature.Index, name: code, shape: feature.Geometry, parent: values["parent"], fields: map[string]any{}}
	switch {
	case gridCode.MatchString(code):
		grid.code, grid.division, grid.region = code, code[:12], code[:12]
	case divisionCode.MatchString(code):
		grid.code, grid.division, grid.region = code+strings.Repeat("0", 12-len(code))+"001", code, code
		if name := values["name_zh"]; name != "" {
			grid.region = name
		}
	default:
		return grid, false
	}
	return grid, true
}

// describe takes the other fields that the map says, or tells which value is not
// understood.
func (g *mapGrid) describe(values map[string]string) string {
	if name := values["name_zh"]; name != "" {
		g.fields["name_zh"] = name
	}
	for _, field := range []string{"kind", "level"} {
		text := values[field]
		if text == "" {
			continue
		}
		value, ok := valueOf("grid."+field, text)
		if !ok {
			return fmt.Sprintf("%s is %.40q: want one of %s, or say what it means in the mapping.", field, text, strings.Join(dict.Values("grid."+field), ", "))
		}
		g.fields[field] = value
	}
	if text := values["household_est"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Sprintf("household_est is %.40q: want a number of households.", text)
		}
		g.fields["household_est"] = n
	}
	return ""
}

// valueOf finds the machine name of a value that is written as such, or in
// either language.
func valueOf(enum, text string) (string, bool) {
	found, _ := dict.Lookup(enum)
	for _, e := range found.Entries {
		if text == e.Value || text == e.ZH || strings.EqualFold(text, e.EN) {
			return e.Value, true
		}
	}
	return "", false
}

// save saves all grids, those above before those below.
func (i *importer) save(tx core.App) error {
	progress := progressLine(i.order.progress, "saving grids: %d of %d")
	i.grids = parentsFirst(i.grids)
	for n, grid := range i.grids {
		i.grids[n].shape = nil // what is saved needs no second place in memory
		err := i.saveGrid(tx, grid)
		if invalid := (validation.Errors{}); errors.As(err, &invalid) {
			i.fault(grid.feature, "invalid", invalid.Error())
		} else if err != nil {
			return err
		}
		progress(n+1, len(i.grids))
	}
	if len(i.report.Faults) > 0 && !i.order.partial {
		i.report.Created, i.report.Updated, i.report.Unchanged = 0, 0, 0
		i.report.Grids, i.report.Seams = []importedGrid{}, []maps.Seam{}
		return errNotKept
	}
	i.report.Partial = len(i.report.Faults) > 0
	if i.order.dryRun {
		return errNotKept
	}
	return nil
}

// parentsFirst orders grids so that each comes after the one above it, and
// otherwise as they were. In a circle one parent is missing, which is found when
// it is saved.
func parentsFirst(grids []mapGrid) []mapGrid {
	at := make(map[string]int, len(grids))
	for i, g := range grids {
		at[g.code] = i
	}
	ordered := make([]mapGrid, 0, len(grids))
	visited := make([]bool, len(grids))
	var visit func(i int)
	visit = func(i int) {
		if visited[i] {
			return
		}
		visited[i] = true
		if above, ok := at[grids[i].parent]; ok {
			visit(above)
		}
		ordered = append(ordered, grids[i])
	}
	for i := range grids {
		visit(i)
	}
	return ordered
}

func (i *importer) saveGrid(app core.App, grid mapGrid) error {
	region, err := divisionOf(app, grid)
	if err != nil {
		return err
	}
	record, err := app.FindFirstRecordByData("grids", "grid_code", grid.code)
	existed := err == nil
	if errors.Is(err, sql.ErrNoRows) {
		record, err = newRecord(app, "grids")
	}
	if err != nil {
		return fmt.Errorf("find grid %s: %w", grid.code, err)
	}
	if !existed {
		record.Load(map[string]any{"grid_code": grid.code, "region": region.Id, "active": true,
			"name_zh": grid.name, "kind": "basic", "level": levelOf(grid.code)})
		if len(grid.code) == 17 {
			record.Set("kind", "micro")
		}
	}
	record.Load(grid.fields)
	if grid.parent != "" {
		above, err := app.FindFirstRecordByData("grids", "grid_code", grid.parent)
		if err != nil {
			return validation.Errors{"parent": validation.NewError("missing_record", fmt.Sprintf("there is no grid %.20s", grid.parent))}
		}
		record.Set("parent", above.Id)
	}
	if !existed || !hasShape(record, grid.shape) {
		record.Set("boundary", types.JSONRaw(geo.MarshalGeometry(grid.shape)))
	}
	change := "unchanged"
	if !existed || differs(record) {
		if err := app.Save(record); err != nil {
			return fmt.Errorf("feature %d: save grid %s: %w", grid.feature, grid.code, err)
		}
		change = "updated"
	}
	switch {
	case !existed:
		change = "created"
		i.report.Created++
	case change == "updated":
		i.report.Updated++
	default:
		i.report.Unchanged++
	}
	i.report.Grids = append(i.report.Grids, importedGrid{grid.feature, grid.code, record.GetString("name_zh"), vertices(grid.shape), existed, change})
	return nil
}

// levelOf is the level of a grid whose map does not say it.
func levelOf(code string) string {
	if len(code) == 17 {
		return "building_zone"
	}
	return "community"
}

// hasShape tells whether a grid has this boundary already; one that cannot be
// read is another.
func hasShape(r *core.Record, shape orb.MultiPolygon) bool {
	stored, _, faults := geo.ParseGeometry([]byte(r.GetString("boundary")), geo.ReadLimits{})
	return len(faults) == 0 && maps.Same(stored, shape)
}

// differs tells whether an existing grid would change.
func differs(r *core.Record) bool {
	was := r.Original()
	for _, field := range maps.Fields {
		if r.GetString(field) != was.GetString(field) {
			return true
		}
	}
	return r.GetString("boundary") != was.GetString("boundary")
}

// divisionOf finds the division of a grid, or makes it.
func divisionOf(app core.App, grid mapGrid) (*core.Record, error) {
	region, err := app.FindFirstRecordByData("regions", "code", grid.division)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return region, err
	}
	if region, err = newRecord(app, "regions"); err != nil {
		return nil, err
	}
	region.Load(map[string]any{"code": grid.division, "name_zh": grid.region, "level": divisionLevels[len(grid.division)]})
	if err := app.Save(region); err != nil {
		return nil, fmt.Errorf("make division %s: %w", grid.division, err)
	}
	return region, nil
}

func newRecord(app core.App, collection string) (*core.Record, error) {
	col, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("find collection %s: %w", collection, err)
	}
	return core.NewRecord(col), nil
}

func vertices(shape orb.MultiPolygon) int {
	n := 0
	for _, polygon := range shape {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// seamsOf compares grids of a map with each other and with those grids of the
// database, in use and not in the map, that lie near them.
func seamsOf(app core.App, grids []mapGrid) ([]maps.Seam, error) {
	var areas []maps.Area
	at := map[string]int{}
	var around orb.Bound
	for i, g := range grids {
		level, ok := g.fields["level"].(string)
		if !ok {
			level = levelOf(g.code)
		}
		if i == 0 {
			around = g.shape.Bound()
		}
		around = around.Union(g.shape.Bound())
		at[g.code] = i
		areas = append(areas, maps.Area{Code: g.code, Level: level, New: true, Shape: g.shape})
	}
	err := eachGrid(app, "active = true", nil, func(stored storedGrid) error {
		if i, ok := at[stored.Code]; ok {
			if _, said := grids[i].fields["level"]; !said {
				areas[i].Level = stored.Level
			}
			return nil
		}
		shape, err := stored.shape()
		if err == nil && shape.Bound().Intersects(around.Pad(0.001)) {
			areas = append(areas, maps.Area{Code: stored.Code, Level: stored.Level, Shape: shape})
		}
		return err
	})
	return append([]maps.Seam{}, maps.Compare(areas)...), err
}
