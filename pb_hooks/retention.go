package hooks

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// bindRetention deletes every night the points that are old enough.
func bindRetention(app core.App, s Settings) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		err := e.App.Cron().Add("gridwalk_tracks", "41 2 * * *", func() {
			deleted, err := deleteTracks(e.App, s)
			if err != nil {
				e.App.Logger().Error("Deleting old tracks failed", "error", err)
				return
			}
			e.App.Logger().Info("Old tracks deleted", "batches", deleted)
		})
		if err != nil {
			return fmt.Errorf("plan the deletion of tracks: %w", err)
		}
		return e.Next()
	})
}

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
