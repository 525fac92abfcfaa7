package commands

import (
	"encoding/json"
	"fmt"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/geo"
	"gridwalk/replica"
)

// finding is one thing that doctor found wrong.
type finding struct {
	Check  string `json:"check"`
	Record string `json:"record,omitempty"`
	What   string `json:"what"`
}

func newDoctor(app *pocketbase.PocketBase) *cobra.Command {
	var asJSON, repair, audit bool
	var headFile string
	c := &cobra.Command{
		Use:         "doctor",
		Short:       "Check the database, the grids, the photographs and the sync feed, and report every fault",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "yes"},
		RunE: migrated(app, func(c *cobra.Command, _ []string) error {
			mended, err := 0, error(nil)
			if repair {
				if mended, err = mend(app); err != nil {
					return err
				}
			}
			found, err := examine(app)
			if err != nil {
				return err
			}
			var chained replica.Audit
			if audit || headFile != "" {
				var broken []finding
				if broken, chained, err = auditChain(app, headFile); err != nil {
					return err
				}
				found = append(found, broken...)
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"findings": found, "mended": mended, "audit": chained})
			} else {
				if mended > 0 {
					if _, err := fmt.Fprintf(c.OutOrStdout(), "doctor: mended %d faults\n", mended); err != nil {
						return err
					}
				}
				for _, f := range found {
					if _, err = fmt.Fprintf(c.OutOrStdout(), "%s: %s %s\n", f.Check, f.Record, f.What); err != nil {
						break
					}
				}
			}
			if err == nil && len(found) > 0 {
				return fmt.Errorf("doctor found %d faults", len(found))
			}
			if err == nil && !asJSON {
				if audit || headFile != "" {
					_, err = fmt.Fprintf(c.OutOrStdout(), "doctor: %d rows in %d blocks are as they were sealed; %d were erased on purpose, %d are not sealed yet\n",
						chained.Rows, chained.Blocks, chained.Erased, chained.Unsealed)
				}
				if err == nil {
					_, err = fmt.Fprintln(c.OutOrStdout(), "doctor: nothing wrong")
				}
			}
			return err
		}),
	}
	c.Flags().BoolVar(&repair, "repair", false, "mend the sync feed from the tables, set bytes without a row aside in storage/stray, and ask the phones again for lost photographs; nothing is deleted")
	c.Flags().BoolVar(&audit, "audit", false, "verify that history and read audit were not rewritten, and name the first row that was")
	c.Flags().StringVar(&headFile, "head", "", "file of heads that were exported before, with --audit: they must still be in the chain")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

// mend mends what can be mended without guessing, and gives how much it was.
func mend(app core.App) (int, error) {
	differences, err := replica.Check(app, true)
	if err != nil {
		return 0, err
	}
	photographs, err := mendPhotographs(app)
	return len(differences) + photographs, err
}

// examine runs all checks. It changes nothing.
func examine(app core.App) ([]finding, error) {
	found := []finding{}
	for _, check := range []func(core.App) ([]finding, error){checkPages, checkGrids, checkPhotographs, checkFeed} {
		more, err := check(app)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// checkPages asks SQLite to verify every page and index.
func checkPages(app core.App) ([]finding, error) {
	var said []string
	if err := app.DB().NewQuery("PRAGMA integrity_check(100)").Column(&said); err != nil {
		return nil, fmt.Errorf("check the database: %w", err)
	}
	var found []finding
	for _, line := range said {
		if line != "ok" {
			found = append(found, finding{Check: "database", What: line})
		}
	}
	return found, nil
}

// checkGrids verifies that the path of each grid is what its parents say, and
// that its boundary can be judged by.
func checkGrids(app core.App) ([]finding, error) {
	var rows []struct {
		ID       string `db:"id"`
		Parent   string `db:"parent"`
		Path     string `db:"path"`
		Boundary string `db:"boundary"`
	}
	if err := app.DB().Select("id", "parent", "path", "boundary").From("grids").All(&rows); err != nil {
		return nil, fmt.Errorf("read grids: %w", err)
	}
	paths := map[string]string{"": "/"}
	for _, row := range rows {
		paths[row.ID] = row.Path
	}
	var found []finding
	for _, row := range rows {
		if want := paths[row.Parent] + row.ID + "/"; row.Path != want {
			found = append(found, finding{"grids", row.ID, fmt.Sprintf("path is %q, its parent says %q", row.Path, want)})
		}
		polygons, _, faults := geo.ParseGeometry([]byte(row.Boundary), geo.ReadLimits{})
		if len(faults) > 0 {
			found = append(found, finding{"grids", row.ID, "boundary: " + faults[0].Message})
		} else if _, err := geo.NewBoundary(polygons); err != nil {
			found = append(found, finding{"grids", row.ID, "boundary: " + err.Error()})
		}
	}
	return found, nil
}

// checkFeed compares what phones are told with what the tables hold.
func checkFeed(app core.App) ([]finding, error) {
	differences, err := replica.Check(app, false)
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, d := range differences {
		what := d.Collection + " is in the feed of " + d.Scope + ", but not in it"
		if d.Missing {
			what = d.Collection + " is missing in the feed of " + d.Scope
		}
		found = append(found, finding{"feed", d.Record, what})
	}
	return found, nil
}
