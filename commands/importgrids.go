package commands

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/paulmach/orb"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
)

var (
	gridCode     = regexp.MustCompile(`^\d{15}(\d{2})?$`)
	divisionCode = regexp.MustCompile(`^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$`)
)

// divisionLevels names the level of a division by the length of its code.
var divisionLevels = map[int]string{2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}

// mapGrid is one feature of a map, understood as a grid.
type mapGrid struct {
	feature  int
	code     string // grid code
	division string // code of the division it belongs to
	region   string // name of that division, if it has to be made
	name     string
	shape    orb.MultiPolygon
}

// importGrids reads a GeoJSON map and saves its grids in one transaction. With
// any fault, or on a dry run, nothing is saved.
func importGrids(app core.App, r io.Reader, datum geo.Datum, dryRun bool) (importReport, error) {
	report := importReport{DryRun: dryRun, Grids: []importedGrid{}, Repairs: []importedRepair{}, Faults: []importedFault{}}
	read, err := geo.ReadFeatures(r, geo.ReadLimits{})
	if err != nil {
		return report, fmt.Errorf("read map: %w", err)
	}
	grids := understand(read, datum, &report)
	if len(report.Faults) > 0 {
		return report, nil
	}
	errDry := errors.New("dry run")
	err = app.RunInTransaction(func(tx core.App) error {
		for _, grid := range grids {
			err := saveGrid(tx, grid, &report)
			if invalid := (validation.Errors{}); errors.As(err, &invalid) {
				report.Faults = append(report.Faults, importedFault{grid.feature, "invalid", invalid.Error()})
			} else if err != nil {
				return err
			}
		}
		if dryRun || len(report.Faults) > 0 {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	if len(report.Faults) > 0 {
		report.Created, report.Updated, report.Grids = 0, 0, []importedGrid{}
	}
	return report, err
}

// understand turns features into grids, and notes repairs and faults.
func understand(read geo.Report, datum geo.Datum, report *importReport) []mapGrid {
	fault := func(feature int, code geo.FaultCode, message string) {
		report.Faults = append(report.Faults, importedFault{feature, string(code), message})
	}
	for _, f := range read.AllFaults() {
		fault(f.Feature, f.Code, f.Message)
	}
	seen := map[string]int{}
	var grids []mapGrid
	for _, feature := range read.Features {
		report.Repairs = append(report.Repairs, countRepairs(feature)...)
		grid, ok := gridOf(feature)
		if !ok {
			fault(feature.Index, "missing_code", "There is no code of 2, 4, 6, 9, 12, 15 or 17 digits in grid_code, code, adcode or the feature's id.")
			continue
		}
		if first, twice := seen[grid.code]; twice {
			fault(feature.Index, "duplicate_code", fmt.Sprintf("Feature %d has the code %s too.", first, grid.code))
			continue
		}
		seen[grid.code] = feature.Index
		grid.shape = inWGS84(grid.shape, datum)
		grids = append(grids, grid)
	}
	if len(read.Features) == 0 && len(report.Faults) == 0 {
		fault(-1, "empty", "The file holds no features.")
	}
	return grids
}

// countRepairs sums up what was repaired in a feature, in order of appearance.
func countRepairs(feature geo.Feature) []importedRepair {
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

func gridOf(feature geo.Feature) (mapGrid, bool) {
	grid := mapGrid{feature: feature.Index, shape: feature.Geometry, name: property(feature, "name_zh", "name", "名称")}
	code := property(feature, "grid_code", "code", "adcode")
	if code == "" {
		code = feature.ID
	}
	if grid.name == "" {
		grid.name = code
	}
	switch {
	case gridCode.MatchString(code):
		grid.code, grid.division, grid.region = code, code[:12], code[:12]
	case divisionCode.MatchString(code):
		grid.code, grid.division, grid.region = code+strings.Repeat("0", 12-len(code))+"001", code, grid.name
	default:
		return grid, false
	}
	return grid, true
}

// property gives the first of the named properties that is set, as text.
func property(feature geo.Feature, names ...string) string {
	for _, name := range names {
		switch v := feature.Properties[name].(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				return v
			}
		case json.Number:
			return v.String()
		}
	}
	return ""
}

func inWGS84(shape orb.MultiPolygon, datum geo.Datum) orb.MultiPolygon {
	out := shape.Clone()
	for _, polygon := range out {
		for _, ring := range polygon {
			for i := range ring {
				ring[i] = datum.ToWGS84(ring[i])
			}
		}
	}
	return out
}

func saveGrid(app core.App, grid mapGrid, report *importReport) error {
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
			"kind": "basic", "level": "community"})
		if len(grid.code) == 17 {
			record.Load(map[string]any{"kind": "micro", "level": "building_zone"})
		}
	}
	record.Set("name_zh", grid.name)
	record.Set("boundary", types.JSONRaw(geo.MarshalGeometry(grid.shape)))
	if err := app.Save(record); err != nil {
		return fmt.Errorf("feature %d: save grid %s: %w", grid.feature, grid.code, err)
	}
	if existed {
		report.Updated++
	} else {
		report.Created++
	}
	report.Grids = append(report.Grids, importedGrid{grid.feature, grid.code, grid.name, vertices(grid.shape), existed})
	return nil
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
