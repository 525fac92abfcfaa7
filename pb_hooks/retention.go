package hooks

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// bindRetention deletes every night what is old enough: the points of tracks,
// the readings of meters, and photographs with persons.
func bindRetention(app core.App, s Settings) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for name, job := range map[string]struct {
			at     string
			delete func(core.App, Settings) (int, error)
		}{"tracks": {"41 2 * * *", deleteTracks}, "readings": {"26 2 * * *", deleteReadings}, "photographs": {"11 3 * * *", erasePhotographs}} {
			err := e.App.Cron().Add("gridwalk_"+name, job.at, func() {
				deleted, err := job.delete(e.App, s)
				if err != nil {
					e.App.Logger().Error("Deleting what is old failed", "what", name, "error", err)
					return
				}
				e.App.Logger().Info("Deleted what is old", "what", name, "count", deleted)
			})
			if err != nil {
				return fmt.Errorf("plan the deletion of %s: %w", name, err)
			}
		}
		return e.Next()
	})
}

// erasePhotographs deletes the bytes of photographs with persons that arrived
// more than KeepPeople ago. The record stays and says so. What an admin holds,
// and what belongs to a matter that is not closed, is kept.
func erasePhotographs(app core.App, s Settings) (erased int, err error) {
	now, err := types.ParseDateTime(s.Now())
	if err != nil {
		return 0, fmt.Errorf("find old photographs: %w", err)
	}
	for {
		n := 0
		// What is held while others are erased is found in the same transaction.
		err := app.RunInTransaction(func(tx core.App) error {
			ids, err := oldPhotographs(tx, now.Add(-s.KeepPeople))
			n = len(ids)
			if err != nil {
				return err
			}
			for _, id := range ids {
				r, err := tx.FindRecordById("evidence", id)
				if err != nil {
					return fmt.Errorf("find photograph %s: %w", id, err)
				}
				r.Load(map[string]any{"file": nil, "status": "erased", "status_reason": "", "erased_at": now, "likeness": ""})
				if err := tx.SaveNoValidate(r); err != nil {
					return fmt.Errorf("erase photograph %s: %w", id, err)
				}
			}
			return nil
		})
		if err != nil || n == 0 {
			return erased, err
		}
		erased += n
	}
}

// oldPhotographs finds photographs with persons that may go, of a pair both: a
// JPEG shows whom the HEIC shows that it stands for, and is held with it.
func oldPhotographs(app core.App, before types.DateTime) (ids []string, err error) {
	err = app.DB().NewQuery(`SELECT e.id FROM evidence e
		WHERE e.erased_at = '' AND e.upload_state = 'done' AND e.status != 'processing' AND e.received_at < {:before}
		AND (e.contains_person OR EXISTS (SELECT 1 FROM evidence same WHERE ` + shownTogether + ` AND same.contains_person))
		AND NOT (e.legal_hold OR EXISTS (SELECT 1 FROM evidence same WHERE ` + shownTogether + ` AND same.legal_hold))
		AND NOT (e.owner_type = 'matter' AND EXISTS (SELECT 1 FROM matters WHERE matters.id = e.owner_id AND status NOT IN ('closed', 'archived', 'merged', 'withdrawn')))
		LIMIT {:most}`).Bind(dbx.Params{"before": before.String(), "most": deletedAtOnce}).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("find old photographs: %w", err)
	}
	return ids, nil
}

// shownTogether is pairOf in SQL, of e and same.
const shownTogether = `same.created_by = e.created_by AND (same.id = e.preview_of OR same.preview_of = e.id)`

// deleteTracks deletes batches of points that arrived or were recorded more
// than KeepPoints ago, of patrols whose officer wants to keep the track
// KeepMarked, on the phones too; and what was kept of batches that had been
// rejected. That somebody was near a place stays in coverage.
func deleteTracks(app core.App, s Settings) (deleted int, err error) {
	before, _ := types.ParseDateTime(s.Now().Add(-s.KeepPoints))
	marked, _ := types.ParseDateTime(s.Now().Add(-s.KeepMarked))
	for {
		old, err := app.FindRecordsByFilter("track_batches",
			`((started_at < {:before} && started_at != "") || received_at < {:before}) &&
			(patrol.keep_points = false || (started_at < {:marked} && started_at != "") || received_at < {:marked})`,
			"", deletedAtOnce, 0, dbx.Params{"before": before.String(), "marked": marked.String()})
		if err != nil {
			return deleted, fmt.Errorf("find old tracks: %w", err)
		}
		if len(old) == 0 {
			break
		}
		err = app.RunInTransaction(func(tx core.App) error {
			for _, batch := range old {
				if err := tx.Delete(batch); err != nil {
					return fmt.Errorf("delete track %s: %w", batch.Id, err)
				}
			}
			return nil
		})
		if err != nil {
			return deleted, err
		}
		deleted += len(old)
	}
	_, err = app.NonconcurrentDB().NewQuery(`UPDATE rejections SET payload = NULL
		WHERE collection = 'track_batches' AND created < {:before} AND payload IS NOT NULL`).Bind(dbx.Params{"before": before.String()}).Execute()
	if err == nil {
		_, err = app.NonconcurrentDB().NewQuery(`DELETE FROM conflicts WHERE collection = 'track_batches' AND created < {:before}`).
			Bind(dbx.Params{"before": before.String()}).Execute()
	}
	if err != nil {
		return deleted, fmt.Errorf("forget rejected tracks: %w", err)
	}
	return deleted, nil
}

// deletedAtOnce bounds how long phones wait for the database.
const deletedAtOnce = 200
