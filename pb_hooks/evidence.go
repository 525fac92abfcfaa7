package hooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/types"
	"golang.org/x/sync/semaphore"

	"gridwalk/media"
	"gridwalk/replica"
)

// dashboardThumb is the size that PocketBase serves for every picture, and its
// dashboard asks for.
var dashboardThumb = media.Size{Width: 100, Height: 100}

// bindEvidence inspects every photograph before anything is decoded, and has
// the previews made after the answer.
func bindEvidence(app core.App, s Settings) {
	previews := newPreviews(app, s)
	app.OnRecordCreateRequest("evidence").BindFunc(func(e *core.RecordRequestEvent) error {
		if len(e.Record.GetUnsavedFiles("file")) == 0 {
			return refuse("file", "validation_required", "Cannot be blank.")
		}
		return e.Next()
	})
	inspect := func(e *core.RecordEvent) error {
		if err := inspectEvidence(e.Record, s.Media); err != nil {
			return err
		}
		return e.Next()
	}
	// Hashing a large file takes a while: it comes before the transaction.
	early := &hook.Handler[*core.RecordEvent]{Priority: replica.BeforeTransaction, Func: func(e *core.RecordEvent) error {
		uploads := len(e.Record.GetUnsavedFiles("file")) > 0
		if err := inspect(e); err != nil || !uploads {
			return err
		}
		return flush(e.App, e.Record)
	}}
	app.OnRecordCreate("evidence").Bind(early)
	app.OnRecordUpdate("evidence").Bind(early)
	enqueue := func(e *core.RecordEvent) error {
		if e.Record.GetString("status") == "processing" {
			previews.add(e.Record.Id)
		}
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess("evidence").BindFunc(enqueue)
	app.OnRecordAfterUpdateSuccess("evidence").BindFunc(enqueue)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.BindFunc(onlyMadePreviews)
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

// flush has the operating system write the bytes of a photograph to the disk,
// as SQLite has done with its row by now: a phone that is told that they are
// safe deletes its only copy. Remote storage keeps its own promises.
func flush(app core.App, r *core.Record) error {
	if app.Settings().S3.Enabled {
		return nil
	}
	folder := filepath.Join(app.DataDir(), core.LocalStorageDirName, filepath.FromSlash(r.BaseFilesPath()))
	for _, name := range []string{filepath.Join(folder, r.GetString("file")), folder, filepath.Dir(folder)} {
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

// inspectEvidence writes into the record what the bytes say of themselves, and
// rejects what no decoder may touch. The bytes are kept in either case: they
// may be the only copy.
func inspectEvidence(r *core.Record, limits media.Limits) error {
	files := r.GetUnsavedFiles("file")
	if len(files) == 0 {
		if r.GetString("file") == "" {
			r.Set("status", "pending")
			r.Set("upload_state", "local")
		}
		return nil
	}
	if files[0].Size > limits.MaxBytes {
		return refuse("file", "too_large", fmt.Sprintf("The file must be at most %d bytes.", limits.MaxBytes))
	}
	info, err := inspectFile(files[0], limits)
	r.Set("upload_state", "done")
	r.Set("bytes", files[0].Size)
	var refused media.Error
	switch {
	case errors.As(err, &refused):
		reject(r, refused.Code)
	case err != nil:
		return fmt.Errorf("inspect photograph: %w", err)
	case !strings.EqualFold(info.SHA256, r.GetString("sha256")):
		reject(r, media.HashMismatch)
	default:
		describe(r, info)
	}
	return nil
}

func inspectFile(file *filesystem.File, limits media.Limits) (media.Info, error) {
	reader, err := file.Reader.Open()
	if err != nil {
		return media.Info{}, fmt.Errorf("open upload: %w", err)
	}
	defer reader.Close()
	return media.Inspect(reader, limits)
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

// previews makes the derived pictures of photographs after they were stored,
// a few at a time, within a budget of memory. Its queue is the collection
// itself: what is «processing» when the server starts is taken up again.
type previews struct {
	app    core.App
	s      Settings
	memory *semaphore.Weighted
	wake   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	mu     sync.Mutex
	queue  []string
	queued map[string]bool
}

func newPreviews(app core.App, s Settings) *previews {
	ctx, cancel := context.WithCancel(context.Background())
	return &previews{app: app, s: s, memory: semaphore.NewWeighted(s.Memory), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, s.Workers), queued: map[string]bool{}}
}

// start runs the workers and takes up what an earlier run left.
func (p *previews) start() error {
	var waiting []string
	err := p.app.DB().Select("id").From("evidence").Where(dbx.HashExp{"status": "processing"}).
		OrderBy("created DESC").Column(&waiting)
	if err != nil {
		return fmt.Errorf("read photographs without previews: %w", err)
	}
	for range p.s.Workers {
		p.done.Add(1)
		go p.work()
	}
	for _, id := range waiting {
		p.add(id)
	}
	return nil
}

// stop lets the workers finish the photograph in hand.
func (p *previews) stop() {
	p.cancel()
	p.done.Wait()
}

func (p *previews) add(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.queued[id] {
		return
	}
	p.queued[id] = true
	p.queue = append(p.queue, id)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *previews) next() (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return "", false
	}
	id := p.queue[0]
	p.queue = p.queue[1:]
	delete(p.queued, id)
	return id, true
}

func (p *previews) work() {
	defer p.done.Done()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.wake:
		}
		for p.ctx.Err() == nil {
			id, ok := p.next()
			if !ok {
				break
			}
			if err := p.derive(id); err != nil && p.ctx.Err() == nil {
				p.app.Logger().Error("Making previews failed", "evidence", id, "error", err)
			}
		}
	}
}

// derive makes and stores the previews of one photograph and notes the outcome
// on its record.
func (p *previews) derive(id string) error {
	record, err := p.app.FindRecordById("evidence", id)
	if err != nil {
		return fmt.Errorf("find photograph: %w", err)
	}
	made, truncated, err := p.decode(record)
	var refused media.Error
	switch {
	case errors.As(err, &refused) && refused.Code == media.UnsupportedFormat:
		record.Set("status", "preview_unavailable")
		record.Set("status_reason", refused.Code)
	case errors.As(err, &refused):
		reject(record, refused.Code)
	case err != nil:
		return err
	default:
		if err := p.store(record, made); err != nil {
			return err
		}
		record.Set("status", "ready")
		record.Set("truncated", truncated)
		record.Set("exif_stripped", true)
	}
	if err := p.app.Save(record); err != nil {
		return fmt.Errorf("save outcome: %w", err)
	}
	return nil
}

// decode makes the previews of the original, waiting until there is memory.
func (p *previews) decode(record *core.Record) ([]media.Derived, bool, error) {
	fsys, err := p.app.NewFilesystem()
	if err != nil {
		return nil, false, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	original, err := fsys.GetReader(record.BaseFilesPath() + "/" + record.GetString("file"))
	if err != nil {
		return nil, false, fmt.Errorf("open original: %w", err)
	}
	defer original.Close()
	info, err := media.Inspect(original, p.s.Media)
	if err != nil {
		return nil, false, err
	}
	cost := min(media.DecodeCost(info), p.s.Memory)
	if err := p.memory.Acquire(p.ctx, cost); err != nil {
		return nil, false, err
	}
	defer p.memory.Release(cost)
	ctx, cancel := context.WithTimeout(p.ctx, p.s.Derive)
	defer cancel()
	return media.Derive(ctx, original, info, append(media.EvidenceSizes(), dashboardThumb))
}

// store puts the previews where PocketBase's own ?thumb= looks for them.
func (p *previews) store(record *core.Record, made []media.Derived) error {
	fsys, err := p.app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	for _, d := range made {
		if err := fsys.Upload(d.Data, thumbPath(record, d.Size.Name())); err != nil {
			return fmt.Errorf("store preview %s: %w", d.Size.Name(), err)
		}
	}
	return nil
}

func thumbPath(record *core.Record, size string) string {
	file := record.GetString("file")
	return record.BaseFilesPath() + "/thumbs_" + file + "/" + size + "_" + file
}

// onlyMadePreviews keeps PocketBase from decoding an original of evidence by
// itself: its thumb route knows no limits. A preview that was not made yet, or
// never will be, is not found.
func onlyMadePreviews(e *core.RequestEvent) error {
	size := e.Request.URL.Query().Get("thumb")
	if size == "" || !strings.HasPrefix(e.Request.URL.Path, "/api/files/") {
		return e.Next()
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	if err != nil || collection.Name != "evidence" {
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
	if made, _ := fsys.Exists(thumbPath(record, size)); made {
		return e.Next()
	}
	// The answer is the one for a record that is not there: whoever asks has not
	// shown yet that he may know of it.
	return apis.NewNotFoundError("", nil)
}
