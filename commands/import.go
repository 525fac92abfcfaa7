package commands

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	"gridwalk/geo"
)

func newImport(app *pocketbase.PocketBase) *cobra.Command {
	root := &cobra.Command{Use: "import", Short: "Import maps"}
	var dryRun, asJSON bool
	var datum string
	grids := &cobra.Command{
		Use:   "grids FILE.geojson",
		Short: "Import grids and their boundaries from GeoJSON; a file with a fault changes nothing",
		Long: `Import grids from a GeoJSON FeatureCollection of polygons.

The code of a grid is taken from the property grid_code, code or adcode, or from
the id of the feature. 15 or 17 digits are a grid code. 2, 4, 6, 9 or 12 digits
are the code of a division: the division is made, and one grid that covers it,
whose code is the division's filled up with zeros and 001. The name is taken from
name_zh, name or 名称. A grid that exists gets the new boundary and name.`,
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(c, args); err != nil {
				return err
			}
			if _, err := os.Stat(args[0]); err != nil {
				return fmt.Errorf("open map: %w", err)
			}
			_, err := geo.ParseDatum(datum)
			return err
		},
		RunE: migrated(app, func(c *cobra.Command, args []string) error {
			report, err := importFile(app, args[0], geo.Datum(datum), dryRun)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(report)
			} else {
				err = report.print(c.OutOrStdout())
			}
			if err == nil && len(report.Faults) > 0 {
				err = fmt.Errorf("%s has %d faults; nothing was imported", args[0], len(report.Faults))
			}
			return err
		}),
	}
	grids.Flags().BoolVar(&dryRun, "dry-run", false, "check the file and say what would be done, change nothing")
	grids.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	grids.Flags().StringVar(&datum, "datum", string(geo.WGS84), "datum of the file: wgs84, cgcs2000, gcj02 or bd09")
	root.AddCommand(grids)
	return root
}

func importFile(app *pocketbase.PocketBase, path string, datum geo.Datum, dryRun bool) (importReport, error) {
	file, err := os.Open(path)
	if err != nil {
		return importReport{}, fmt.Errorf("open map: %w", err)
	}
	defer file.Close()
	return importGrids(app, file, datum, dryRun)
}

// importReport tells what an import did, feature by feature.
type importReport struct {
	DryRun  bool             `json:"dry_run"`
	Created int              `json:"created"`
	Updated int              `json:"updated"`
	Grids   []importedGrid   `json:"grids"`
	Repairs []importedRepair `json:"repairs"`
	Faults  []importedFault  `json:"faults"`
}

type importedGrid struct {
	Feature  int    `json:"feature"`
	GridCode string `json:"grid_code"`
	Name     string `json:"name"`
	Vertices int    `json:"vertices"`
	Existed  bool   `json:"existed"`
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
func (r importReport) print(w io.Writer) error {
	for _, fault := range r.Faults {
		where := "file"
		if fault.Feature >= 0 {
			where = fmt.Sprintf("feature %d", fault.Feature)
		}
		if _, err := fmt.Fprintf(w, "%s: %s: %s\n", where, fault.Code, fault.Message); err != nil {
			return err
		}
	}
	for _, repair := range r.Repairs {
		if _, err := fmt.Fprintf(w, "feature %d: repaired %s, %d times\n", repair.Feature, repair.Code, repair.Times); err != nil {
			return err
		}
	}
	for _, grid := range r.Grids {
		if _, err := fmt.Fprintf(w, "feature %d: %s %s, %d vertices\n", grid.Feature, grid.GridCode, grid.Name, grid.Vertices); err != nil {
			return err
		}
	}
	if len(r.Faults) > 0 {
		return nil
	}
	said := "imported: %d grids new, %d updated\n"
	if r.DryRun {
		said = "dry run: %d grids would be new, %d updated; nothing was changed\n"
	}
	_, err := fmt.Fprintf(w, said, r.Created, r.Updated)
	return err
}
