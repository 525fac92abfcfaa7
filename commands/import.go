package commands

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	"gridwalk/geo"
	"gridwalk/maps"
)

func newImport(app *pocketbase.PocketBase) *cobra.Command {
	root := &cobra.Command{Use: "import", Short: "Import maps"}
	var order importOrder
	var asJSON bool
	var datum, mapping string
	grids := &cobra.Command{
		Use:   "grids FILE",
		Short: "Import grids and their boundaries from a map; a file with a fault changes nothing",
		Long: `Import grids from a map of polygons: GeoJSON, KML, KMZ, Shapefile (a zip, or
the .shp with its files beside it), GeoPackage, or CSV with a column of WKT.

Coordinates may be WGS-84 or CGCS2000, in degrees, Gauss-Krüger, UTM or Web
Mercator, as the file says; --crs says it where the file does not.

The code of a grid is taken from the attribute grid_code, code, adcode or
网格编码, or from the id of the feature; --mapping names others, see docs/maps.md.
15 or 17 digits are a grid code. 2, 4, 6, 9 or 12 digits are the code of a
division: the division is made, and one grid that covers it, whose code is the
division's filled up with zeros and 001. A grid that exists gets the new boundary
and what else the map says of it.`,
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(c, args); err != nil {
				return err
			}
			if _, err := os.Stat(args[0]); err != nil {
				return fmt.Errorf("open map: %w", err)
			}
			var err error
			if order.source.Datum, err = geo.ParseDatum(datum); err != nil {
				return err
			}
			order.mapping, err = readMapping(mapping)
			return err
		},
		RunE: migrated(app, func(c *cobra.Command, args []string) error {
			order.file, order.progress = args[0], c.ErrOrStderr()
			report, err := importGrids(app, order)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(report)
			} else {
				err = report.print(c.OutOrStdout())
			}
			if err != nil || len(report.Faults) == 0 {
				return err
			}
			if report.Partial {
				return fmt.Errorf("%s has %d faults; only what is good was imported", args[0], len(report.Faults))
			}
			return fmt.Errorf("%s has %d faults; nothing was imported", args[0], len(report.Faults))
		}),
	}
	f := grids.Flags()
	f.BoolVar(&order.dryRun, "dry-run", false, "check the file and say what would be done, change nothing")
	f.BoolVar(&order.partial, "partial", false, "import the features that are good, though others are not")
	f.BoolVar(&asJSON, "json", false, "print the report as JSON")
	f.StringVar(&datum, "datum", string(geo.WGS84), "datum of the file: wgs84, cgcs2000, gcj02 or bd09")
	f.StringVar(&order.source.CRS, "crs", "", "coordinate system of the file, as EPSG:4547, instead of what the file says")
	f.StringVar(&order.source.Layer, "layer", "", "layer of a file that has several")
	f.StringVar(&mapping, "mapping", "", "JSON file that says which attribute is which field")
	root.AddCommand(grids)
	return root
}

func readMapping(path string) (maps.Mapping, error) {
	if path == "" {
		return maps.DefaultMapping(), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open mapping: %w", err)
	}
	defer file.Close()
	return maps.ReadMapping(file)
}

// importReport tells what an import did, feature by feature.
type importReport struct {
	DryRun    bool             `json:"dry_run"`
	Partial   bool             `json:"partial"` // something was refused, and the rest taken
	Created   int              `json:"created"`
	Updated   int              `json:"updated"`
	Unchanged int              `json:"unchanged"`
	Grids     []importedGrid   `json:"grids"`
	Repairs   []importedRepair `json:"repairs"`
	Seams     []maps.Seam      `json:"seams"` // with grids of the file and of the database
	Faults    []importedFault  `json:"faults"`
}

type importedGrid struct {
	Feature  int    `json:"feature"`
	GridCode string `json:"grid_code"`
	Name     string `json:"name"`
	Vertices int    `json:"vertices"`
	Existed  bool   `json:"existed"`
	Change   string `json:"change"` // created, updated or unchanged
}

type importedRepair struct {
	Feature int    `json:"feature"`
	Code    string `json:"code"`
	Times   int    `json:"times"`
}

// importedFault is about one feature, or about the file when Feature is -1.
type importedFault struct {
	Feature int    `json:"feature"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// print writes the report for people.
func (r importReport) print(out io.Writer) error {
	w := &lines{w: out}
	for _, fault := range r.Faults {
		if fault.Feature < 0 {
			w.say("file: %s: %s", fault.Code, fault.Message)
		} else {
			w.say("feature %d: %s: %s", fault.Feature, fault.Code, fault.Message)
		}
	}
	for _, repair := range r.Repairs {
		w.say("feature %d: repaired %s, %d times", repair.Feature, repair.Code, repair.Times)
	}
	for _, grid := range r.Grids {
		w.say("feature %d: %s %s, %d vertices, %s", grid.Feature, grid.GridCode, grid.Name, grid.Vertices, grid.Change)
	}
	for _, seam := range r.Seams {
		w.say("%s and %s: %.0f m² overlap, %.0f m² of gaps", seam.Code, seam.Other, seam.OverlapM2, seam.GapM2)
	}
	switch {
	case len(r.Faults) > 0 && !r.Partial:
	case r.DryRun:
		w.say("dry run: %d grids would be new, %d updated, %d unchanged; nothing was changed", r.Created, r.Updated, r.Unchanged)
	default:
		w.say("imported: %d grids new, %d updated, %d unchanged", r.Created, r.Updated, r.Unchanged)
	}
	return w.err
}

// lines writes lines and keeps the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) say(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format+"\n", args...)
	}
}
