package hooks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/media"
)

// dashboardThumb is the size that PocketBase serves for every picture, and its
// dashboard asks for.
var dashboardThumb = media.Size{Width: 100, Height: 100}

// maxAttempts is how often the previews of a photograph are tried. An attempt
// counts from its beginning, so that a photograph over which the process dies
// is not tried for ever.
const maxAttempts = 5

// backoff is how long a photograph waits after so many attempts.
func backoff(attempts int) time.Duration { return time.Minute << (2 * (attempts - 1)) }

// previews makes the derived pictures of photographs after they were stored, a
// few at a time, within a budget of memory. Its queue is the table _previews
// with at most one row a photograph; in memory is only what is worked on.
type previews struct {
	app    core.App
	s      Settings
	budget *media.Budget
	wake   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	taking sync.Mutex
}

func newPreviews(app core.App, s Settings) *previews {
	ctx, cancel := context.WithCancel(context.Background())
	return &previews{app: app, s: s, budget: media.NewBudget(s.Pixels), ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, max(s.Workers, 1))}
}

// enqueue puts a photograph that is processing into the queue, in the
// transaction in which it is saved.
func (p *previews) enqueue(tx core.App, r *core.Record) error {
	if r.GetString("status") != "processing" {
		return nil
	}
	_, err := tx.NonconcurrentDB().NewQuery("INSERT INTO _previews (evidence) VALUES ({:id}) ON CONFLICT DO NOTHING").
		Bind(dbx.Params{"id": r.Id}).Execute()
	if err != nil {
		return fmt.Errorf("queue previews: %w", err)
	}
	return nil
}

// want puts a photograph before all others: somebody waits for it.
func (p *previews) want(r *core.Record) error {
	if r.Collection().Name != "evidence" || r.GetString("status") != "processing" {
		return nil
	}
	_, err := p.app.NonconcurrentDB().NewQuery("UPDATE _previews SET wanted = 1 WHERE evidence = {:id} AND wanted = 0").
		Bind(dbx.Params{"id": r.Id}).Execute()
	if err != nil {
		return fmt.Errorf("prefer previews: %w", err)
	}
	return nil
}

// start takes up what an earlier run left, at once, and runs the workers.
func (p *previews) start() error {
	for _, statement := range []string{
		"INSERT INTO _previews (evidence) SELECT id FROM evidence WHERE status = 'processing' ON CONFLICT DO NOTHING",
		"UPDATE _previews SET due = 0 WHERE due > 0",
	} {
		if _, err := p.app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			return fmt.Errorf("take up photographs without previews: %w", err)
		}
	}
	for range p.s.Workers {
		p.done.Go(p.work)
	}
	p.wakeUp()
	return nil
}

// stop lets the workers finish the photograph in hand.
func (p *previews) stop() {
	p.cancel()
	p.done.Wait()
}

// wakeUp tells one worker that there may be work; it tells the next.
func (p *previews) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// work makes previews until stop. What waits for another attempt is looked for
// once a minute.
func (p *previews) work() {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-p.wake:
		case <-ticker.C:
		}
		for p.ctx.Err() == nil {
			id, attempt, err := p.take()
			if err != nil {
				p.app.Logger().Error("Reading the queue of previews failed", "error", err)
			}
			if id == "" {
				break
			}
			p.wakeUp()
			if err := p.derive(id, attempt); err != nil && p.ctx.Err() == nil {
				p.app.Logger().Error("Making previews failed", "evidence", id, "attempt", attempt, "error", err)
			}
		}
	}
}

// take gives the photograph whose turn it is, "" when there is none: one that
// somebody waits for, else the newest. Until it is done it counts as failed.
func (p *previews) take() (id string, attempt int, err error) {
	p.taking.Lock()
	defer p.taking.Unlock()
	now := p.s.Now()
	var next struct {
		Evidence string `db:"evidence"`
		Attempts int    `db:"attempts"`
	}
	err = p.app.DB().Select("evidence", "attempts").From("_previews").Where(dbx.NewExp("due <= {:now}", dbx.Params{"now": now.UnixMilli()})).
		OrderBy("wanted DESC", "n DESC").Limit(1).One(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	if err == nil {
		attempt = next.Attempts + 1
		_, err = p.app.NonconcurrentDB().Update("_previews", dbx.Params{"attempts": attempt, "due": now.Add(backoff(attempt)).UnixMilli()},
			dbx.HashExp{"evidence": next.Evidence}).Execute()
	}
	return next.Evidence, attempt, err
}

// derive makes and stores the previews of one photograph and notes the outcome
// on its record. After the last attempt that is that there are none.
func (p *previews) derive(id string, attempt int) error {
	record, err := p.app.FindRecordById("evidence", id)
	if errors.Is(err, sql.ErrNoRows) {
		return p.conclude(id, nil, nil)
	}
	if err != nil {
		return fmt.Errorf("find photograph: %w", err)
	}
	order, err := orderOf(p.app, record, p.s)
	if err != nil {
		return err
	}
	made, err := p.decode(record, order)
	if err == nil {
		err = p.store(record, made.Pictures)
	}
	var refused media.Error
	switch {
	case err == nil:
		return p.conclude(id, order.Blur, map[string]any{"status": "ready", "status_reason": "", "truncated": made.Truncated, "exif_stripped": true,
			"likeness": made.Fingerprint.String()})
	case errors.As(err, &refused) && refused.Code == media.UnsupportedFormat:
		return p.conclude(id, order.Blur, map[string]any{"status": "preview_unavailable", "status_reason": refused.Code})
	case errors.As(err, &refused):
		return p.conclude(id, order.Blur, map[string]any{"status": "rejected", "status_reason": refused.Code})
	case attempt >= maxAttempts && p.ctx.Err() == nil:
		return errors.Join(err, p.conclude(id, order.Blur, map[string]any{"status": "preview_unavailable", "status_reason": "preview_failed"}))
	}
	return err
}

// conclude takes a photograph out of the queue and writes what became of it
// into its record, as it stands by now. One in which other parts than hidden are
// marked by now stays in the queue.
func (p *previews) conclude(id string, hidden []media.Region, outcome map[string]any) error {
	return p.app.RunInTransaction(func(tx core.App) error {
		if changed, err := markedSince(tx, id, hidden); err != nil || changed {
			return err
		}
		if _, err := tx.NonconcurrentDB().Delete("_previews", dbx.HashExp{"evidence": id}).Execute(); err != nil {
			return fmt.Errorf("leave the queue: %w", err)
		}
		record, err := tx.FindRecordById("evidence", id)
		if errors.Is(err, sql.ErrNoRows) {
			return p.sweep(id)
		}
		if err != nil {
			return fmt.Errorf("find photograph: %w", err)
		}
		if record.GetString("status") != "processing" {
			return nil
		}
		for field, value := range outcome {
			record.Set(field, value)
		}
		if err := similar(tx, record, p.s.Now()); err != nil {
			return err
		}
		if err := tx.SaveNoValidate(record); err != nil {
			return fmt.Errorf("save outcome: %w", err)
		}
		return p.showOriginal(tx, record)
	})
}

// markedSince tells whether other parts of a photograph are marked by now, and
// if so has its previews begun anew.
func markedSince(tx core.App, id string, hidden []media.Region) (bool, error) {
	record, err := tx.FindRecordById("evidence", id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find photograph: %w", err)
	}
	now, err := hiddenIn(tx, record)
	if err != nil || slices.Equal(now, hidden) {
		return false, err
	}
	if _, err := tx.NonconcurrentDB().Update("_previews", dbx.Params{"attempts": 0, "due": 0}, dbx.HashExp{"evidence": id}).Execute(); err != nil {
		return false, fmt.Errorf("begin previews anew: %w", err)
	}
	return true, nil
}

// showOriginal has the previews of a HEIC made of the JPEG that stands for it
// and has just been seen to be one. Both are of the same officer.
func (p *previews) showOriginal(tx core.App, preview *core.Record) error {
	if preview.GetString("preview_of") == "" || preview.GetString("status") != "ready" {
		return nil
	}
	original, err := tx.FindFirstRecordByFilter("evidence", "id = {:id} && created_by = {:by} && status = 'preview_unavailable' && status_reason = 'unsupported_format'",
		dbx.Params{"id": preview.GetString("preview_of"), "by": preview.GetString("created_by")})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the original of a preview: %w", err)
	}
	original.Set("status", "processing")
	if err := tx.SaveNoValidate(original); err != nil {
		return fmt.Errorf("show the original of a preview: %w", err)
	}
	return nil
}

// previewOf finds the JPEG that stands for a photograph that is not decoded.
func (p *previews) previewOf(original *core.Record) (*core.Record, error) {
	return p.app.FindFirstRecordByFilter("evidence", "preview_of = {:id} && created_by = {:by} && upload_state = 'done' && status != 'rejected' && file != ''",
		dbx.Params{"id": original.Id, "by": original.GetString("created_by")})
}

// sweep removes the previews of a photograph that was deleted while they were
// made.
func (p *previews) sweep(id string) error {
	collection, err := p.app.FindCachedCollectionByNameOrId("evidence")
	if err != nil {
		return fmt.Errorf("find evidence: %w", err)
	}
	fsys, err := p.app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	return errors.Join(fsys.DeletePrefix(collection.BaseFilesPath() + "/" + id + "/")...)
}

// decode makes the previews of a record from its original, or from the JPEG that
// stands for it.
func (p *previews) decode(record *core.Record, order media.Order) (media.Made, error) {
	made, err := p.make(record, order)
	var refused media.Error
	if !errors.As(err, &refused) || refused.Code != media.UnsupportedFormat {
		return made, err
	}
	preview, missing := p.previewOf(record)
	if errors.Is(missing, sql.ErrNoRows) {
		return made, err
	}
	if missing != nil {
		return made, fmt.Errorf("find preview of %s: %w", record.Id, missing)
	}
	return p.make(preview, order)
}

// make decodes the file of a record, waiting until there is memory.
func (p *previews) make(record *core.Record, order media.Order) (media.Made, error) {
	fsys, err := p.app.NewFilesystem()
	if err != nil {
		return media.Made{}, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	original, err := fsys.GetReader(record.BaseFilesPath() + "/" + record.GetString("file"))
	if err != nil {
		return media.Made{}, fmt.Errorf("open original: %w", err)
	}
	defer original.Close()
	info, err := media.Inspect(original, p.s.Media)
	if err != nil {
		return media.Made{}, err
	}
	release, err := p.budget.Acquire(p.ctx, info)
	if err != nil {
		return media.Made{}, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(p.ctx, p.s.Derive)
	defer cancel()
	return media.Make(ctx, original, info, order)
}

// store puts the previews where PocketBase's own ?thumb= looks for them.
func (p *previews) store(record *core.Record, made []media.Derived) error {
	fsys, err := p.app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	if err := removeTorn(p.app, thumbFolder(record)); err != nil {
		return err
	}
	for _, d := range made {
		if err := fsys.Upload(d.Data, thumbPath(record, d.Size.Name())); err != nil {
			return fmt.Errorf("store preview %s: %w", d.Size.Name(), err)
		}
	}
	return nil
}
