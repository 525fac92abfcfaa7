package hooks

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"golang.org/x/sync/singleflight"

	"gridwalk/access"
	"gridwalk/uploads"
)

// keeper gives uploaded photographs to the records of evidence that ask for
// them. In this order, so that a process may die anywhere: the bytes are stored
// and written to the disk; the record says so, in one transaction; the part is
// removed. What was not finished is done again from the part, and comes to the
// same names.
type keeper struct {
	app   core.App
	judge judge
	gifts *singleflight.Group // one at a time to each record
}

// photograph is a row of evidence as far as the keeper looks at it.
type photograph struct {
	ID     string `db:"id"`
	Grid   string `db:"grid"`
	Author string `db:"created_by"`
	File   string `db:"file"`
	State  string `db:"upload_state"`
	Status string `db:"status"`
	Reason string `db:"status_reason"`
}

// asks tells whether a record has not got its bytes. One that a form filled with
// others stays rejected.
func (p photograph) asks() bool { return p.State != "done" && p.Status != "rejected" }

func (p photograph) outcome() uploads.Outcome {
	if p.Status == "rejected" {
		return uploads.Outcome{State: uploads.Rejected, Reason: p.Reason}
	}
	return uploads.Outcome{State: uploads.Safe}
}

// named lists the evidence with a hash: what has its bytes first.
func (k keeper) named(sum string) (list []photograph, err error) {
	err = k.app.DB().NewQuery(`SELECT id, grid, created_by, file, upload_state, status, status_reason FROM evidence
		WHERE sha256 = {:sum} ORDER BY upload_state != 'done', rowid`).Bind(dbx.Params{"sum": sum}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("look for photograph: %w", err)
	}
	return list, nil
}

// Keep implements uploads.Keeper.
func (k keeper) Keep(part uploads.Part, path string) (uploads.Outcome, error) {
	return k.give(part.Officer, part.SHA256, func() (filesystem.FileReader, error) {
		return &filesystem.PathReader{Path: path}, nil
	})
}

// Known implements uploads.Keeper. A record of the caller that waits gets the
// bytes of another that he may see.
func (k keeper) Known(caller uploads.Caller, sum string) (uploads.Outcome, error) {
	list, err := k.named(sum)
	if err != nil {
		return uploads.Outcome{}, err
	}
	for _, p := range list {
		if p.File != "" && p.State == "done" && sees(caller, p) {
			return k.give(caller.ID, sum, func() (filesystem.FileReader, error) { return k.copyOf(p) })
		}
	}
	return uploads.Outcome{}, nil
}

// sees tells whether the caller may see evidence: his own, or what the access
// rules show him.
func sees(caller uploads.Caller, p photograph) bool {
	return p.Author == caller.ID || access.Collections["evidence"].Read.Allows(caller.Caller, func(field string) string {
		return map[string]string{"grid": p.Grid, "created_by": p.Author}[field]
	})
}

// copyOf reads the bytes of stored evidence into a file of its own: the storage
// may be far away.
func (k keeper) copyOf(p photograph) (filesystem.FileReader, error) {
	collection, err := k.app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return nil, fmt.Errorf("find evidence: %w", err)
	}
	fsys, err := k.app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	stored, err := fsys.GetReader(collection.BaseFilesPath() + "/" + p.ID + "/" + p.File)
	if err != nil {
		return nil, fmt.Errorf("open original: %w", err)
	}
	defer stored.Close()
	raw, err := io.ReadAll(stored)
	if err != nil {
		return nil, fmt.Errorf("read original: %w", err)
	}
	return &filesystem.BytesReader{Bytes: raw}, nil
}

// give gives bytes to every record of the officer that waits for them, and
// tells how his records with that hash stand then.
func (k keeper) give(officer, sum string, open func() (filesystem.FileReader, error)) (uploads.Outcome, error) {
	list, err := k.named(sum)
	if err != nil {
		return uploads.Outcome{}, err
	}
	outcome, waiting := uploads.Outcome{State: uploads.Waiting}, []string{}
	for _, p := range list {
		switch {
		case p.Author != officer:
		case p.asks():
			waiting = append(waiting, p.ID)
		case outcome.State != uploads.Safe:
			outcome = p.outcome()
		}
	}
	if len(waiting) == 0 {
		return outcome, nil
	}
	source, err := open()
	if err != nil {
		return uploads.Outcome{}, err
	}
	found, err := inspect(source, k.judge.limits)
	if err != nil {
		return uploads.Outcome{}, err
	}
	if found.SHA256 != sum {
		return uploads.Outcome{}, fmt.Errorf("the photograph %s has become %s", sum, found.SHA256)
	}
	for _, id := range waiting {
		gift, err, _ := k.gifts.Do(id, func() (any, error) { return k.attach(id, source, found) })
		if err != nil {
			return uploads.Outcome{}, err
		}
		if given := gift.(uploads.Outcome); given.State != "" && outcome.State != uploads.Safe {
			outcome = given
		}
	}
	return outcome, nil
}

// attach stores bytes for one record and then has the record say so. A record
// that was deleted meanwhile has no outcome.
func (k keeper) attach(id string, source filesystem.FileReader, found inspection) (uploads.Outcome, error) {
	collection, err := k.app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return uploads.Outcome{}, fmt.Errorf("find evidence: %w", err)
	}
	folder, name := collection.BaseFilesPath()+"/"+id, fileName(found)
	fsys, err := k.app.NewFilesystem()
	if err != nil {
		return uploads.Outcome{}, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	if err := removeTorn(k.app, folder); err != nil {
		return uploads.Outcome{}, err
	}
	if err := fsys.UploadFile(&filesystem.File{Reader: source, Name: name, OriginalName: name, Size: found.Bytes}, folder+"/"+name); err != nil {
		return uploads.Outcome{}, fmt.Errorf("store photograph: %w", err)
	}
	if err := flush(k.app, folder, name); err != nil {
		return uploads.Outcome{}, err
	}
	var p photograph
	err = k.app.RunInTransaction(func(tx core.App) error {
		r, err := tx.FindRecordById(collection, id)
		if err != nil {
			return err
		}
		if r.GetString("upload_state") != "done" {
			r.Set("file", name)
			if err := k.judge.stored(tx, r, found); err != nil {
				return err
			}
			// Validation takes no file that was stored already.
			if err := tx.SaveNoValidate(r); err != nil {
				return err
			}
		}
		p = photograph{Status: r.GetString("status"), Reason: r.GetString("status_reason")}
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return uploads.Outcome{}, errors.Join(fsys.DeletePrefix(folder + "/")...)
	}
	if err != nil {
		return uploads.Outcome{}, fmt.Errorf("attach photograph: %w", err)
	}
	return p.outcome(), nil
}

// fileName is the same whenever the same bytes are stored for a record.
func fileName(found inspection) string {
	ext := string(found.Format)
	if ext == "" {
		ext = "bin"
	}
	return found.SHA256 + "." + ext
}

// Refuse implements uploads.Keeper. The record has the id of the part: a server
// that died in between stores it in the same place.
func (k keeper) Refuse(part uploads.Part, path, found string) error {
	if _, err := k.app.FindRecordById("refused_uploads", part.ID); err == nil {
		return nil
	}
	collection, err := k.app.FindCachedCollectionByNameOrId("refused_uploads")
	if err != nil {
		return fmt.Errorf("find refused_uploads: %w", err)
	}
	if err := k.makeRoom(part.Device); err != nil {
		return err
	}
	r := core.NewRecord(collection)
	r.Id = part.ID
	name := found + ".bin"
	r.Load(map[string]any{"officer": part.Officer, "device": part.Device, "sha256": part.SHA256, "found": found, "bytes": part.Size,
		"reason": uploads.HashMismatch, "file": &filesystem.File{Reader: &filesystem.PathReader{Path: path}, Name: name, OriginalName: name, Size: part.Size}})
	if err := k.app.Save(r); err != nil {
		return fmt.Errorf("keep refused upload: %w", err)
	}
	return nil
}

// maxRefused is how many refused uploads of a device are kept: a broken phone
// does not fill the disk.
const maxRefused = 50

func (k keeper) makeRoom(device string) error {
	kept, err := k.app.FindRecordsByFilter("refused_uploads", "device = {:device}", "-created", 0, maxRefused-1, dbx.Params{"device": device})
	if err != nil {
		return fmt.Errorf("find refused uploads: %w", err)
	}
	return k.deleteAll(kept)
}

func (k keeper) deleteAll(records []*core.Record) error {
	for _, r := range records {
		if err := k.app.Delete(r); err != nil {
			return fmt.Errorf("delete refused upload: %w", err)
		}
	}
	return nil
}

// hashOf reads a file from its beginning.
func hashOf(r io.ReadSeeker) (sum string, size int64, err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", 0, fmt.Errorf("hash photograph: %w", err)
	}
	h := sha256.New()
	size, err = io.Copy(h, r)
	if err != nil {
		return "", 0, fmt.Errorf("hash photograph: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}
