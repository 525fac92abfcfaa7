package hooks

import (
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// prepareErrand keeps who goes once somebody has accepted.
func prepareErrand(_ *desk, _ core.App, r *core.Record, m *moved) error {
	if m.action == "reopen" {
		r.Set("runner", "")
		r.Set("promise_at", "")
	}
	return nil
}

// errandClocks times the acceptance by its limit, and the pick-up by what was
// promised.
func errandClocks(d *desk, app core.App, r *core.Record, m *moved) (time.Time, error) {
	stage, due := "", time.Time{}
	switch r.GetString("status") {
	case "requested":
		since := r.GetDateTime("state_since").Time()
		var err error
		if due, err = d.dueAfter(app, r, "accept", "", since); err != nil {
			return time.Time{}, err
		}
		stage = "accept"
	case "accepted":
		stage, due = "pick_up", r.GetDateTime("promise_at").Time()
	}
	if due.IsZero() {
		return time.Time{}, nil
	}
	r.Set("due_"+stage, due)
	if breached := r.GetStringSlice("breached"); d.now().After(due) {
		if !slices.Contains(breached, stage) {
			r.Set("breached", append(breached, stage))
		}
		return time.Time{}, nil
	}
	return due, nil
}

// numberReceipt gives a hand-over the number on the receipt of both sides.
func numberReceipt(_ *desk, _ core.App, r *core.Record, m *moved) error {
	if m.isNew {
		r.Set("receipt_no", "JC"+m.at.UTC().Format("060102")+"-"+r.Id[max(0, len(r.Id)-6):])
	}
	return nil
}
