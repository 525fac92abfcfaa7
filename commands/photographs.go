package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/filesystem/blob"
)

// settles is how long bytes may be without a row: they are stored before the
// row is, and the upload of a large photograph takes a while. After it, what
// sent them was cut off and was told nothing, so it has its copy still.
const settles = time.Hour

// strayPrefix is where bytes without a row are set aside. They are kept: after
// a database was restored without its storage, they may be the only copy.
const strayPrefix = "stray/"

// photographRow is a row that has or asks for bytes.
type photographRow struct {
	ID     string `db:"id"`
	File   string `db:"file"`
	SHA256 string `db:"sha256"`
	Bytes  int64  `db:"bytes"`
	State  string `db:"upload_state"`
	Status string `db:"status"`
}

// photographs are the rows of a collection beside the stored bytes.
type photographs struct {
	// Lost are rows that say that their bytes are on the disk, where they are not,
	// or not all of them: what is there instead.
	Lost map[string]string
	// Found are rows that ask for their bytes, which are on the disk.
	Found []photographRow
	// Stray is where bytes are without a row.
	Stray []string
}

// photographTables are the collections with bytes, and how their rows are read.
var photographTables = map[string]string{
	"evidence":        "SELECT id, file, sha256, bytes, upload_state, status FROM evidence",
	"refused_uploads": "SELECT id, file, found AS sha256, bytes, 'done' AS upload_state, '' AS status FROM refused_uploads",
}

// examinePhotographs compares the rows of a collection with the stored bytes.
func examinePhotographs(app core.App, fsys *filesystem.System, name string) (p photographs, err error) {
	collection, err := app.FindCachedCollectionByNameOrId(name)
	if err != nil {
		return p, fmt.Errorf("find %s: %w", name, err)
	}
	var rows []photographRow
	if err := app.DB().NewQuery(photographTables[name]).All(&rows); err != nil {
		return p, fmt.Errorf("read %s: %w", name, err)
	}
	prefix := collection.BaseFilesPath() + "/"
	stored, err := storedFiles(fsys, prefix)
	if err != nil {
		return p, err
	}
	p.Lost = map[string]string{}
	for _, row := range rows {
		key := prefix + row.ID + "/" + row.File
		object := stored[key]
		asks := row.State != "done" && row.Status == "pending"
		switch {
		case row.Status == "erased":
		case row.File == "" && row.State == "done":
			p.Lost[row.ID] = "row without bytes: it names no file"
		case row.File == "":
		case asks && object != nil:
			p.Found = append(p.Found, row)
		case asks:
		case object == nil:
			p.Lost[row.ID] = "row without bytes: " + row.File
		case row.Bytes > 0 && object.Size != row.Bytes:
			p.Lost[row.ID] = fmt.Sprintf("row with %d of %d bytes: %s", object.Size, row.Bytes, row.File)
		}
		if row.File != "" {
			delete(stored, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		if time.Since(stored[key].ModTime) > settles {
			p.Stray = append(p.Stray, key)
		}
	}
	return p, nil
}

// storedFiles lists the originals below prefix.
func storedFiles(fsys *filesystem.System, prefix string) (map[string]*blob.ListObject, error) {
	objects, err := fsys.List(prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", prefix, err)
	}
	stored := map[string]*blob.ListObject{}
	for _, object := range objects {
		key := strings.TrimPrefix(object.Key, prefix)
		if !strings.Contains(key, "/thumbs_") && strings.Count(key, "/") == 1 {
			stored[object.Key] = object
		}
	}
	return stored, nil
}

// eachPhotographs examines every collection with bytes.
func eachPhotographs(app core.App, do func(*filesystem.System, string, photographs) error) error {
	fsys, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	for _, name := range slices.Sorted(maps.Keys(photographTables)) {
		p, err := examinePhotographs(app, fsys, name)
		if err == nil {
			err = do(fsys, name, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPhotographs looks for rows without bytes and bytes without rows.
func checkPhotographs(app core.App) (found []finding, err error) {
	err = eachPhotographs(app, func(_ *filesystem.System, _ string, p photographs) error {
		for _, id := range slices.Sorted(maps.Keys(p.Lost)) {
			found = append(found, finding{"photographs", id, p.Lost[id]})
		}
		for _, row := range p.Found {
			found = append(found, finding{"photographs", row.ID, "row that asks for bytes, which are there: " + row.File})
		}
		for _, key := range p.Stray {
			found = append(found, finding{"photographs", strings.Split(key, "/")[1], "bytes without a row: " + key})
		}
		return nil
	})
	return found, err
}

// mendPhotographs moves bytes without a row out of the way, has evidence without
// bytes ask the phones for them, and evidence whose bytes came back take them.
// It deletes nothing, and each can be undone by the next. It gives how many.
func mendPhotographs(app core.App) (mended int, err error) {
	err = eachPhotographs(app, func(fsys *filesystem.System, name string, p photographs) error {
		for _, key := range p.Stray {
			if err := fsys.Copy(key, strayPrefix+key); err != nil {
				return fmt.Errorf("set %s aside: %w", key, err)
			}
			if err := fsys.Delete(key); err != nil {
				return fmt.Errorf("set %s aside: %w", key, err)
			}
			mended++
		}
		if name != "evidence" {
			return nil
		}
		for _, id := range slices.Sorted(maps.Keys(p.Lost)) {
			if err := setState(app, id, "local", "pending"); err != nil {
				return err
			}
			mended++
		}
		for _, row := range p.Found {
			whole, err := hasItsBytes(app, fsys, row)
			if err != nil {
				return err
			}
			if whole {
				if err := setState(app, row.ID, "done", "processing"); err != nil {
					return err
				}
				mended++
			}
		}
		return nil
	})
	return mended, err
}

func setState(app core.App, id, state, status string) error {
	r, err := app.FindRecordById("evidence", id)
	if err != nil {
		return fmt.Errorf("find evidence %s: %w", id, err)
	}
	r.Load(map[string]any{"upload_state": state, "status": status, "status_reason": ""})
	if err := app.SaveNoValidate(r); err != nil {
		return fmt.Errorf("mend evidence %s: %w", id, err)
	}
	return nil
}

// hasItsBytes tells whether the stored file of evidence is the one it names.
func hasItsBytes(app core.App, fsys *filesystem.System, row photographRow) (bool, error) {
	collection, err := app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return false, fmt.Errorf("find evidence: %w", err)
	}
	file, err := fsys.GetReader(collection.BaseFilesPath() + "/" + row.ID + "/" + row.File)
	if err != nil {
		return false, fmt.Errorf("open photograph of %s: %w", row.ID, err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return false, fmt.Errorf("read photograph of %s: %w", row.ID, err)
	}
	return hex.EncodeToString(sum.Sum(nil)) == row.SHA256, nil
}
