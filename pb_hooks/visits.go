package hooks

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// bindVisits numbers the receipts, and notes on the household when it was last
// visited.
func bindVisits(app core.App) {
	app.OnRecordCreate("visits").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Id == "" {
			e.Record.Id = core.GenerateDefaultRandomId()
		}
		e.Record.Set("receipt_no", receiptNo(e.Record))
		if err := e.Next(); err != nil {
			return err
		}
		return noteVisit(e.App, e.Record)
	})
}

// receiptNo is the number that a household can name: the day of the visit and
// the end of the record's id, so that a phone can print it without signal.
func receiptNo(visit *core.Record) string {
	id := visit.Id
	return "ZF" + visit.GetDateTime("captured_at").Time().Format("060102") + "-" + id[max(0, len(id)-6):]
}

// noteVisit moves last_visit_at of the household forward, never back: visits
// arrive late and out of order.
func noteVisit(app core.App, visit *core.Record) error {
	household, err := relatedRecord(app, visit, "household", "households")
	if err != nil || household == nil {
		return err
	}
	if !household.GetDateTime("last_visit_at").Before(visit.GetDateTime("captured_at")) {
		return nil
	}
	household.Set("last_visit_at", visit.GetDateTime("captured_at"))
	if err := app.Save(household); err != nil {
		return fmt.Errorf("note visit on household %s: %w", household.Id, err)
	}
	return nil
}
