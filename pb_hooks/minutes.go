package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// perCommit is how many records are looked at in one transaction.
const perCommit = 200

// plan notes when a record must be looked at next, zero for never.
func (d *desk) plan(tx core.App, collection, record string, next time.Time) error {
	params := dbx.Params{"collection": collection, "record": record}
	text := "DELETE FROM _deadlines WHERE collection = {:collection} AND record = {:record}"
	if !next.IsZero() {
		params["next"] = asDate(next)
		text = `INSERT INTO _deadlines (collection, record, next) VALUES ({:collection}, {:record}, {:next})
			ON CONFLICT (collection, record) DO UPDATE SET next = excluded.next`
	}
	if _, err := d.engine.Execute(tx, text, params); err != nil {
		return fmt.Errorf("plan %s %s: %w", collection, record, err)
	}
	return nil
}

func asDate(at time.Time) string {
	date, _ := types.ParseDateTime(at)
	return date.String()
}

// reviewAll has everything with a running clock looked at by the next tick: its
// limits or the calendar have changed.
func reviewAll(app core.App) error {
	_, err := app.NonconcurrentDB().NewQuery("UPDATE _deadlines SET next = ''").Execute()
	if err != nil {
		return fmt.Errorf("plan a review of all deadlines: %w", err)
	}
	return nil
}

// bindMinutes looks every minute for what has come due.
func bindMinutes(app core.App, d *desk) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := e.App.Cron().Add("gridwalk_deadlines", "* * * * *", func() {
			if _, err := d.tick(app); err != nil {
				app.Logger().Error("Looking for deadlines failed", "error", err)
			}
		}); err != nil {
			return fmt.Errorf("plan the look for deadlines: %w", err)
		}
		return e.Next()
	})
}

type planned struct{ Collection, Record string }

// tick looks at every record whose time has come, and tells how many there
// were. What fails is put off by an hour, so that it does not keep the others.
func (d *desk) tick(app core.App) (int, error) {
	now, done := d.now(), 0
	var failed error
	for {
		var due []planned
		err := app.DB().Select("collection", "record").From("_deadlines").
			Where(dbx.NewExp("next < {:now}", dbx.Params{"now": asDate(now)})).OrderBy("next").Limit(perCommit).All(&due)
		if err != nil {
			return done, fmt.Errorf("look for deadlines: %w", err)
		}
		if len(due) == 0 {
			return done, failed
		}
		err = app.RunInTransaction(func(tx core.App) error {
			for _, p := range due {
				if err := d.review(tx, p); err != nil {
					failed = errors.Join(failed, fmt.Errorf("%s %s: %w", p.Collection, p.Record, err))
					if err := d.plan(tx, p.Collection, p.Record, now.Add(time.Hour)); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(due)
	}
}

// review saves a record whose time has come, if that changes anything.
func (d *desk) review(tx core.App, p planned) error {
	r, err := tx.FindRecordById(p.Collection, p.Record)
	if errors.Is(err, sql.ErrNoRows) {
		return d.plan(tx, p.Collection, p.Record, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("find it: %w", err)
	}
	m := &moved{from: r.GetString("status"), to: r.GetString("status"), at: d.now(), byTime: true}
	next, err := flows[p.Collection].clocks(d, tx, r, m)
	if err != nil {
		return err
	}
	if sameFields(r) {
		return d.plan(tx, p.Collection, p.Record, next)
	}
	// Saved from what is stored: the hooks of the save set the same again, and
	// make what follows from it.
	again, err := tx.FindRecordById(p.Collection, p.Record)
	if err != nil {
		return fmt.Errorf("find it: %w", err)
	}
	if r.GetString("status") != again.GetString("status") {
		again.Set("status", r.GetString("status"))
	}
	return tx.Save(again)
}

// sameFields tells whether a record is as it was stored.
func sameFields(r *core.Record) bool {
	was := r.Original()
	for _, field := range r.Collection().Fields {
		if fmt.Sprint(r.Get(field.GetName())) != fmt.Sprint(was.Get(field.GetName())) {
			return false
		}
	}
	return true
}
