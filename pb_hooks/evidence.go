package hooks

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/media"
	"gridwalk/replica"
	"gridwalk/uploads"
)

// bindEvidence inspects every photograph before anything is decoded, makes its
// bytes durable before its record says so, and has the previews made after the
// answer.
func bindEvidence(app core.App, judge judge, previews *previews) {
	app.OnRecordCreateRequest("evidence").BindFunc(func(e *core.RecordRequestEvent) error {
		if len(e.Record.GetUnsavedFiles("file")) == 0 {
			return refuse("file", "validation_required", "Cannot be blank.")
		}
		return e.Next()
	})
	// Hashing a large file takes a while: it comes before the transaction.
	early := &hook.Handler[*core.RecordEvent]{Priority: replica.BeforeTransaction, Func: func(e *core.RecordEvent) error {
		if err := judge.sent(e.App, e.Record); err != nil {
			return err
		}
		return e.Next()
	}}
	app.OnRecordCreate("evidence").Bind(early)
	app.OnRecordUpdate("evidence").Bind(early)
	app.OnRecordCreate("evidence").BindFunc(checkBlur)
	app.OnRecordUpdate("evidence").BindFunc(checkBlur)
	// Both happen in the transaction of the record: what is committed is on the
	// disk and in the queue.
	within := func(e *core.RecordEvent) error {
		uploads := len(e.Record.GetUnsavedFiles("file")) > 0
		if err := e.Next(); err != nil {
			return err
		}
		if uploads {
			if err := flush(e.App, e.Record.BaseFilesPath(), e.Record.GetString("file")); err != nil {
				return err
			}
		}
		return previews.enqueue(e.App, e.Record)
	}
	app.OnRecordCreateExecute("evidence").BindFunc(within)
	app.OnRecordUpdateExecute("evidence").BindFunc(within)
	committed := func(e *core.RecordEvent) error {
		previews.wakeUp()
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("evidence").BindFunc(committed)
	app.OnRecordAfterUpdateSuccess("evidence").BindFunc(committed)
	// PocketBase serves the original of what it cannot shrink itself, a HEIC, in
	// place of its preview.
	app.OnFileDownloadRequest("evidence").BindFunc(func(e *core.FileDownloadRequestEvent) error {
		if size := e.Request.URL.Query().Get("thumb"); size != "" {
			e.ServedPath, e.ServedName = thumbPath(e.Record, size), size+"_"+e.ServedName
		}
		return e.Next()
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.BindFunc(func(e *core.RequestEvent) error { return onlyMadePreviews(e, previews) })
		if err := previews.start(); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		previews.stop()
		return e.Next()
	})
}

// flush has the operating system write a stored file to the disk: a phone that
// is told that it is safe deletes its only copy. folder is below the storage.
// Remote storage keeps its own promises.
func flush(app core.App, folder, name string) error {
	if app.Settings().S3.Enabled {
		return nil
	}
	dir := filepath.Join(app.DataDir(), core.LocalStorageDirName, filepath.FromSlash(folder))
	for _, name := range []string{filepath.Join(dir, name), dir, filepath.Dir(dir)} {
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("flush photograph: %w", err)
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return fmt.Errorf("flush photograph: %w", err)
		}
	}
	return nil
}

// removeTorn removes what a process that died in the midst of storing a file
// left in a folder: PocketBase writes under a temporary name beside it. Nobody
// else may store there meanwhile.
func removeTorn(app core.App, folder string) error {
	if app.Settings().S3.Enabled {
		return nil
	}
	torn, err := filepath.Glob(filepath.Join(app.DataDir(), core.LocalStorageDirName, filepath.FromSlash(folder), "*.tmp"))
	if err != nil {
		return fmt.Errorf("look for torn files: %w", err)
	}
	for _, path := range torn {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove torn file: %w", err)
		}
	}
	return nil
}

// judge writes into records what their photographs say of themselves.
type judge struct {
	limits media.Limits
	hints  hints
}

// sent judges the file that comes with a record. One that must not be decoded
// is rejected, and kept nonetheless: it may be the only copy.
func (j judge) sent(app core.App, r *core.Record) error {
	files := r.GetUnsavedFiles("file")
	if len(files) == 0 {
		if r.GetString("file") == "" && r.GetDateTime("erased_at").IsZero() {
			r.Set("status", "pending")
			r.Set("upload_state", "local")
		}
		return j.hints.consent(r)
	}
	if files[0].Size > j.limits.MaxBytes {
		return refuse("file", uploads.TooLarge, fmt.Sprintf("The file must be at most %d bytes.", j.limits.MaxBytes))
	}
	found, err := inspect(files[0].Reader, j.limits)
	if err != nil {
		return err
	}
	if !strings.EqualFold(found.SHA256, r.GetString("sha256")) {
		found.Refused = media.HashMismatch
	}
	return j.stored(app, r, found)
}

// inspection is what is known of the bytes of a photograph.
type inspection struct {
	media.Info
	Refused string // why they are no evidence
}

// inspect reads a photograph without decoding it.
func inspect(source filesystem.FileReader, limits media.Limits) (inspection, error) {
	reader, err := source.Open()
	if err != nil {
		return inspection{}, fmt.Errorf("open photograph: %w", err)
	}
	defer reader.Close()
	info, err := media.Inspect(reader, limits)
	var refused media.Error
	if errors.As(err, &refused) {
		// An inspection that ends early has not come to the hash.
		info.SHA256, info.Bytes, err = hashOf(reader)
		return inspection{info, refused.Code}, err
	}
	if err != nil {
		return inspection{}, fmt.Errorf("inspect photograph: %w", err)
	}
	return inspection{Info: info}, nil
}

// stored writes the outcome of an inspection into the record whose bytes they
// are. upload_state is done when the record's own bytes are on the server: only
// then does a phone call a photograph safe.
func (j judge) stored(app core.App, r *core.Record, found inspection) error {
	r.Set("upload_state", "done")
	if found.Refused == media.HashMismatch {
		r.Set("upload_state", "local")
	}
	r.Set("bytes", found.Bytes)
	if found.Refused != "" {
		reject(r, found.Refused)
		return nil
	}
	describe(r, found.Info)
	return j.hints.write(app, r)
}

func reject(r *core.Record, code string) {
	r.Set("status", "rejected")
	r.Set("status_reason", code)
}

// describe writes what the inspection found.
func describe(r *core.Record, info media.Info) {
	r.Set("status", "processing")
	r.Set("status_reason", "")
	r.Set("width", info.Width)
	r.Set("height", info.Height)
	r.Set("exif_has_place", info.HasPlace)
	if info.HasPlace {
		r.Set("exif_lat", info.Lat)
		r.Set("exif_lng", info.Lng)
	}
	if taken, err := types.ParseDateTime(info.TakenAt); err == nil && !info.TakenAt.IsZero() {
		r.Set("exif_taken_at", taken)
		if r.GetDateTime("taken_at").IsZero() {
			r.Set("taken_at", taken)
		}
	}
}

func thumbFolder(record *core.Record) string {
	return record.BaseFilesPath() + "/thumbs_" + record.GetString("file")
}

func thumbPath(record *core.Record, size string) string {
	return thumbFolder(record) + "/" + size + "_" + record.GetString("file")
}

// onlyMadePreviews keeps PocketBase from decoding an original by itself: its
// thumb route knows no limits, and makes 100x100 of whatever a collection
// holds. A preview that was not made yet, or never will be, is not found; one
// that somebody waits for is made next.
func onlyMadePreviews(e *core.RequestEvent, previews *previews) error {
	size := e.Request.URL.Query().Get("thumb")
	if size == "" || !strings.HasPrefix(e.Request.URL.Path, "/api/files/") {
		return e.Next()
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	if err != nil {
		return e.Next()
	}
	record, err := e.App.FindRecordById(collection, e.Request.PathValue("recordId"))
	if err != nil {
		return e.Next()
	}
	fsys, err := e.App.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	// While a photograph is processed, what is stored may show what was marked since.
	shown := collection.Name != "evidence" || record.GetString("status") == "ready"
	if made, _ := fsys.Exists(thumbPath(record, size)); made && shown {
		return e.Next()
	}
	if err := previews.want(record); err != nil {
		return err
	}
	// The answer is the one for a record that is not there: whoever asks has not
	// shown yet that he may know of it.
	return apis.NewNotFoundError("", nil)
}
