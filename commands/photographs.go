package commands

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// settles is how long bytes may be without a row: they are stored before the
// row is, and the upload of a large photograph takes a while. After it, what
// sent them was cut off and was told nothing, so it has its copy still.
const settles = time.Hour

// strayPrefix is where bytes without a row are set aside. They are kept: after
// a database was restored without its storage, they may be the only copy.
const strayPrefix = "stray/"

// photographs compares the rows of evidence with the stored bytes. Lost are
// those without bytes, record to file; stray is where bytes are without a row.
func photographs(app core.App, fsys *filesystem.System) (lost map[string]string, stray []string, err error) {
	collection, err := app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return nil, nil, fmt.Errorf("find evidence: %w", err)
	}
	var rows []struct {
		ID   string `db:"id"`
		File string `db:"file"`
	}
	if err := app.DB().Select("id", "file").From("evidence").All(&rows); err != nil {
		return nil, nil, fmt.Errorf("read evidence: %w", err)
	}
	prefix := collection.BaseFilesPath() + "/"
	stored, err := storedFiles(fsys, prefix)
	if err != nil {
		return nil, nil, err
	}
	lost = map[string]string{}
	for _, row := range rows {
		key := prefix + row.ID + "/" + row.File
		if _, ok := stored[key]; !ok && row.File != "" {
			lost[row.ID] = row.File
		}
		delete(stored, key)
	}
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		if time.Since(stored[key]) > settles {
			stray = append(stray, key)
		}
	}
	return lost, stray, nil
}

// storedFiles lists the originals below prefix with the time they were stored.
func storedFiles(fsys *filesystem.System, prefix string) (map[string]time.Time, error) {
	objects, err := fsys.List(prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	stored := map[string]time.Time{}
	for _, object := range objects {
		key := strings.TrimPrefix(object.Key, prefix)
		if !strings.Contains(key, "/thumbs_") && strings.Count(key, "/") == 1 {
			stored[object.Key] = object.ModTime
		}
	}
	return stored, nil
}

// checkPhotographs looks for rows without bytes and bytes without rows.
func checkPhotographs(app core.App) ([]finding, error) {
	fsys, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	lost, stray, err := photographs(app, fsys)
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, id := range slices.Sorted(maps.Keys(lost)) {
		found = append(found, finding{"photographs", id, "row without bytes: " + lost[id]})
	}
	for _, key := range stray {
		found = append(found, finding{"photographs", strings.Split(key, "/")[1], "bytes without a row: " + key})
	}
	return found, nil
}

// setStrayAside moves bytes without a row out of the way, and gives how many.
func setStrayAside(app core.App) (int, error) {
	fsys, err := app.NewFilesystem()
	if err != nil {
		return 0, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	_, stray, err := photographs(app, fsys)
	if err != nil {
		return 0, err
	}
	for _, key := range stray {
		if err := fsys.Copy(key, strayPrefix+key); err != nil {
			return 0, fmt.Errorf("set %s aside: %w", key, err)
		}
		if err := fsys.Delete(key); err != nil {
			return 0, fmt.Errorf("set %s aside: %w", key, err)
		}
	}
	return len(stray), nil
}
