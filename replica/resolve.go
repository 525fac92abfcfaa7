package replica

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"gridwalk/merge"
)

// bindResolutions carries out what an admin chooses in the dashboard: to put a
// lost value back, or to try a rejected mutation again. Both go through the
// normal save, so that history and feed know of it.
func (e *Engine) bindResolutions() {
	e.onChoice("conflicts", "restored", restore)
	e.onChoice("rejections", "reapplied", e.reapply)
}

// onChoice carries out a choice in the transaction in which it is saved.
func (e *Engine) onChoice(collection, choice string, carryOut func(core.App, *core.Record) error) {
	update := e.app.OnRecordUpdate(collection)
	update.Bind(&hook.Handler[*core.RecordEvent]{Priority: transaction, Func: inTransaction})
	update.BindFunc(func(event *core.RecordEvent) error {
		if becomes(event.Record, choice) {
			if err := carryOut(event.App, event.Record); err != nil {
				return err
			}
		}
		return event.Next()
	})
}

func becomes(r *core.Record, status string) bool {
	return r.GetString("status") == status && r.Original().GetString("status") != status
}

// restore writes a lost value back into its record.
func restore(app core.App, conflict *core.Record) error {
	target, err := app.FindRecordById(conflict.GetString("collection"), conflict.GetString("record"))
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("the record was deleted: make it anew by hand from the lost values")
	}
	if err != nil {
		return fmt.Errorf("find the record of the conflict: %w", err)
	}
	var lost any
	if err := json.Unmarshal([]byte(conflict.GetString("lost")), &lost); err != nil {
		return fmt.Errorf("read the lost value: %w", err)
	}
	target.Set(conflict.GetString("field"), lost)
	return app.Save(target)
}

// reapply applies a rejected mutation again, with the rights that its author
// has now.
func (e *Engine) reapply(app core.App, rejection *core.Record) error {
	var m Mutation
	if err := json.Unmarshal([]byte(rejection.GetString("payload")), &m); err != nil {
		return fmt.Errorf("read the rejected mutation: %w", err)
	}
	officer, err := app.FindRecordById("officers", rejection.GetString("officer"))
	if err != nil {
		return fmt.Errorf("find its author: %w", err)
	}
	caller, err := e.callers.read(officer, rejection.GetString("device"))
	if err != nil {
		return err
	}
	if m.stamp, err = merge.ParseStamp(m.At); err != nil {
		return fmt.Errorf("read the stamp of the rejected mutation: %w", err)
	}
	m.stamp = merge.Clamp(m.stamp, e.s.Now(), merge.MaxAhead)
	_, err = e.apply(app, caller, m)
	return err
}
