package hooks

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
)

// bindPatrols keeps the end of every patrol, and ends those whose time is up:
// every minute, and in between by the points' own time (tracks.go).
func bindPatrols(app core.App, s Settings) {
	app.OnRecordCreate("patrols").BindFunc(func(e *core.RecordEvent) error {
		if err := settleEnd(e.App, e.Record, s); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordUpdate("patrols").BindFunc(func(e *core.RecordEvent) error {
		if err := settleEnd(e.App, e.Record, s); err != nil {
			return err
		}
		if err := e.Next(); err != nil {
			return err
		}
		return trimTracks(e.App, e.Record)
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		err := e.App.Cron().Add("gridwalk_patrols", "* * * * *", func() {
			if err := endPatrols(e.App, s); err != nil {
				e.App.Logger().Error("Ending patrols failed", "error", err)
			}
		})
		if err != nil {
			return fmt.Errorf("plan the ending of patrols: %w", err)
		}
		return e.Next()
	})
}

// settleEnd keeps one true end of a patrol, however many say when it was: the
// earliest, never later than the clock allows; and once it has ended it stays
// so. The reason is that of the end that stands.
func settleEnd(app core.App, patrol *core.Record, s Settings) error {
	before, end := patrol.Original().GetDateTime("ended_at"), patrol.GetDateTime("ended_at")
	if end.IsZero() && patrol.GetString("status") == "ended" {
		end, _ = types.ParseDateTime(s.Now())
	}
	if !before.IsZero() && (end.IsZero() || !end.Before(before)) {
		end = before
		patrol.Set("end_reason", patrol.Original().GetString("end_reason"))
	}
	if end.IsZero() {
		return nil
	}
	latest, reason, err := scheduledEnd(app, patrol, s)
	if err != nil {
		return err
	}
	if end.Time().After(latest) {
		end, _ = types.ParseDateTime(latest)
		patrol.Set("end_reason", string(reason))
	}
	if patrol.GetString("end_reason") == "" {
		patrol.Set("end_reason", string(geo.EndManual))
	}
	patrol.Set("ended_at", end)
	patrol.Set("status", "ended")
	return nil
}

// scheduledEnd is when a patrol ends by the clock: after four hours, or with
// the officer's shift, which is that of the innermost division that has one
// when he has none of his own.
func scheduledEnd(app core.App, patrol *core.Record, s Settings) (time.Time, geo.EndReason, error) {
	var clocks []string
	err := app.DB().NewQuery(`SELECT shift_end FROM (
			SELECT shift_end, 99 AS depth FROM officers WHERE id = {:officer}
			UNION ALL
			SELECT regions.shift_end, length(regions.code) FROM grids JOIN regions ON grids.grid_code LIKE regions.code || '%' WHERE grids.id = {:grid}
		) WHERE shift_end != '' ORDER BY depth DESC LIMIT 1`).
		Bind(dbx.Params{"officer": patrol.GetString("officer"), "grid": patrol.GetString("grid")}).Column(&clocks)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("read the shift of patrol %s: %w", patrol.Id, err)
	}
	started, shift := patrol.GetDateTime("started_at").Time(), time.Time{}
	if len(clocks) > 0 {
		shift = geo.ShiftEnd(started, clocks[0])
	}
	end, reason := s.Patrol.Scheduled(started, shift)
	return end, reason, nil
}

// endPatrols ends the patrols whose time is up. One that cannot be ended keeps no
// other going.
func endPatrols(app core.App, s Settings) error {
	running, err := app.FindAllRecords("patrols", dbx.HashExp{"ended_at": "", "status": []any{"active", "paused", ""}})
	if err != nil {
		return fmt.Errorf("find running patrols: %w", err)
	}
	var failed []error
	for _, patrol := range running {
		end, reason, err := scheduledEnd(app, patrol, s)
		if err == nil && !s.Now().Before(end) {
			err = endPatrol(app, patrol, end, reason)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// endPatrol ends a patrol, or moves its end to an earlier time.
func endPatrol(app core.App, patrol *core.Record, end time.Time, reason geo.EndReason) error {
	at, err := types.ParseDateTime(end)
	if err != nil {
		return fmt.Errorf("end patrol %s: %w", patrol.Id, err)
	}
	patrol.Set("ended_at", at)
	patrol.Set("end_reason", string(reason))
	if err := app.Save(patrol); err != nil {
		return fmt.Errorf("end patrol %s: %w", patrol.Id, err)
	}
	return nil
}

// onDuty gives the times from and to which a patrol may be located.
func onDuty(app core.App, patrol *core.Record, s Settings) (from, to time.Time, err error) {
	from, to = patrol.GetDateTime("started_at").Time(), patrol.GetDateTime("ended_at").Time()
	if to.IsZero() {
		to, _, err = scheduledEnd(app, patrol, s)
	}
	return from, to, err
}
