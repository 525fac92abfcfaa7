package commands

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
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
	var asJSON, repair bool
	c := &cobra.Command{
		Use:         "doctor",
		Short:       "Check the database, the grids, the photographs and the sync feed, and report every fault",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "yes"},
		RunE: migrated(app, func(c *cobra.Command, _ []string) error {
			mended := 0
			if repair {
				differences, err := replica.Check(app, true)
				if err != nil {
					return err
				}
				mended = len(differences)
			}
			found, err := examine(app)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"findings": found, "mended": mended})
			} else {
				if mended > 0 {
					if _, err := fmt.Fprintf(c.OutOrStdout(), "feed: mended %d rows\n", mended); err != nil {
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
				_, err = fmt.Fprintln(c.OutOrStdout(), "doctor: nothing wrong")
			}
			return err
		}),
	}
	c.Flags().BoolVar(&repair, "repair", false, "mend the sync feed from the tables; phones hear of it as of any change")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
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

// checkPhotographs looks for rows without bytes and bytes without rows.
func checkPhotographs(app core.App) ([]finding, error) {
	collection, err := app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return nil, fmt.Errorf("find evidence: %w", err)
	}
	var rows []struct {
		ID   string `db:"id"`
		File string `db:"file"`
	}
	if err := app.DB().Select("id", "file").From("evidence").All(&rows); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	stored, err := storedFiles(fsys, collection.BaseFilesPath()+"/")
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, row := range rows {
		if row.File == "" {
			continue
		}
		if key := row.ID + "/" + row.File; stored[key] {
			delete(stored, key)
		} else {
			found = append(found, finding{"photographs", row.ID, "row without bytes: " + row.File})
		}
	}
	for key := range stored {
		found = append(found, finding{"photographs", strings.Split(key, "/")[0], "bytes without a row: " + key})
	}
	return found, nil
}

// storedFiles lists the originals below prefix as record/file.
func storedFiles(fsys *filesystem.System, prefix string) (map[string]bool, error) {
	objects, err := fsys.List(prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	stored := map[string]bool{}
	for _, object := range objects {
		if key := strings.TrimPrefix(object.Key, prefix); !strings.Contains(key, "/thumbs_") && strings.Count(key, "/") == 1 {
			stored[key] = true
		}
	}
	return stored, nil
}
