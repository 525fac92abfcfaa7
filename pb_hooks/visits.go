package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/replica"
)

// bindVisits numbers the receipts, and notes on the household when it was last
// visited.
func bindVisits(app core.App, engine *replica.Engine) {
	app.OnRecordCreate("visits").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Id == "" {
			e.Record.Id = core.GenerateDefaultRandomId()
		}
		if utf8.RuneCountInString(e.Record.GetString("note")) > maxNote {
			return refuse("note", "validation_max_text_constraint", fmt.Sprintf("Must be no more than %d character(s).", maxNote))
		}
		e.Record.Set("receipt_no", receiptNo(e.Record))
		if err := e.Next(); err != nil {
			return err
		}
		return noteVisit(e.App, e.Record, engine)
	})
}

// maxNote is the length of a note as one author writes it. The field holds more:
// notes of two phones that were offline are joined.
const maxNote = 300

// receiptNo is the number that a household can name: the day of the visit and
// the end of the record's id, so that a phone can print it without signal.
func receiptNo(visit *core.Record) string {
	id := visit.Id
	return "ZF" + visit.GetDateTime("captured_at").Time().Format("060102") + "-" + id[max(0, len(id)-6):]
}

// noteVisit moves last_visit_at of the household forward, never back: visits
// arrive late and out of order. It writes past PocketBase's save, which would
// cost as much as the visit itself.
func noteVisit(app core.App, visit *core.Record, engine *replica.Engine) error {
	household, at := visit.GetString("household"), visit.GetDateTime("captured_at").String()
	var grid string
	err := engine.Row(app, `UPDATE households SET last_visit_at = {:at}, rev = rev + 1, updated = {:now}
		WHERE id = {:id} AND last_visit_at < {:at} RETURNING grid`, dbx.Params{"id": household, "at": at, "now": types.NowDateTime().String()}, &grid)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note visit on household %s: %w", household, err)
	}
	return engine.Touch(app, "households", household, func(string) string { return grid }, "last_visit_at", at)
}
