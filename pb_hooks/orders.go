package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/workflow"
)

// openStates are those in which volunteers see an order.
var openStates = []string{"published", "claimed", "in_service", "submitted"}

// prepareOrder shows an order to volunteers while it is open.
func prepareOrder(_ *desk, _ core.App, r *core.Record, _ *moved) error {
	audience := "grid"
	if slices.Contains(openStates, r.GetString("status")) {
		audience = "volunteers"
	}
	r.Set("audience", audience)
	return nil
}

// orderClocks marks an order that nobody claimed in time.
func orderClocks(d *desk, app core.App, r *core.Record, _ *moved) (time.Time, error) {
	if r.GetString("status") != "published" {
		return time.Time{}, nil
	}
	due, err := d.dueAfter(app, r, "claim", "", r.GetDateTime("state_since").Time())
	if err != nil {
		return time.Time{}, err
	}
	r.Set("due_claim", due)
	late := !due.IsZero() && d.now().After(due)
	r.Set("breached", late)
	if late {
		return time.Time{}, nil
	}
	return due, nil
}

// placedKey marks a claim that is saved because the places were given out.
const placedKey = "@gridwalk.placed"

// prepareClaim queues a new claim, and keeps a volunteer from confirming
// himself.
func prepareClaim(d *desk, app core.App, r *core.Record, m *moved) error {
	if r.GetRaw(placedKey) == true {
		return nil
	}
	if m.officer != nil && m.officer.GetString("role") == "volunteer" &&
		r.GetDateTime("confirmed_at") != r.Original().GetDateTime("confirmed_at") {
		return refuse("confirmed_at", "not_permitted", "Somebody who answers for the order confirms.")
	}
	if !m.isNew {
		return nil
	}
	if r.GetString("volunteer") == "" {
		r.Set("volunteer", r.GetString("created_by"))
	}
	var last int
	err := d.engine.Row(app, "SELECT COALESCE(MAX(place), 0) FROM order_claims WHERE `order` = {:order}", dbx.Params{"order": r.GetString("order")}, &last)
	if err != nil {
		return fmt.Errorf("queue a claim: %w", err)
	}
	r.Set("place", last+1)
	r.Set("status", "backup")
	return nil
}

// refillOrder gives out the places of the order that a claim or a recipient
// belongs to.
func refillOrder(d *desk, app core.App, r *core.Record, _ *moved) error {
	if r.GetRaw(placedKey) == true {
		r.SetRaw(placedKey, nil)
		return nil
	}
	order, err := relatedRecord(app, r, "order", "service_orders")
	if err != nil || order == nil {
		return err
	}
	return refill(d, app, order, nil)
}

// refill gives out the places of an order in the order in which claims arrived,
// tells those who were confirmed whom it is for, and moves the order on when it
// is full or has room again.
func refill(_ *desk, app core.App, order *core.Record, m *moved) error {
	var claims []*core.Record
	if err := app.RecordQuery("order_claims").AndWhere(dbx.HashExp{"order": order.Id}).OrderBy("place").All(&claims); err != nil {
		return fmt.Errorf("read the claims of order %s: %w", order.Id, err)
	}
	queue := make([]workflow.Claim, len(claims))
	for i, c := range claims {
		queue[i] = workflow.Claim{Who: c.GetString("volunteer"), Confirmed: !c.GetDateTime("confirmed_at").IsZero(),
			Done: !c.GetDateTime("done_at").IsZero(), Released: !c.GetDateTime("released_at").IsZero()}
	}
	recipient, err := recipientOf(app, order.Id)
	if err != nil {
		return err
	}
	held := 0
	for i, status := range workflow.Places(queue, order.GetInt("slots")) {
		told := ""
		switch status {
		case "confirmed", "done":
			told = recipient
			held++
		case "held":
			held++
		}
		c := claims[i]
		if c.GetString("status") == status && c.GetString("recipient") == told {
			continue
		}
		c.Set("status", status)
		c.Set("recipient", told)
		c.SetRaw(placedKey, true)
		if err := app.Save(c); err != nil {
			return fmt.Errorf("give out a place of order %s: %w", order.Id, err)
		}
	}
	return settle(app, order, held)
}

// settle writes how many places are taken, and moves the order accordingly.
func settle(app core.App, order *core.Record, held int) error {
	stored, err := app.FindRecordById("service_orders", order.Id)
	if err != nil {
		return fmt.Errorf("find order %s: %w", order.Id, err)
	}
	status, full := stored.GetString("status"), held >= stored.GetInt("slots")
	switch {
	case status == "published" && full:
		stored.Set("status", "claimed")
	case status == "claimed" && !full:
		stored.Set("status", "published")
	case stored.GetInt("held") == held:
		return nil
	}
	stored.Set("held", held)
	if err := app.Save(stored); err != nil {
		return fmt.Errorf("settle order %s: %w", order.Id, err)
	}
	return nil
}

// recipientOf is what a helper who was confirmed must know: whom to go to,
// where, and how to call.
func recipientOf(app core.App, order string) (string, error) {
	r, err := app.FindFirstRecordByData("order_recipients", "order", order)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find whom order %s is for: %w", order, err)
	}
	var parts []string
	for _, field := range []string{"name", "phone", "address"} {
		if part := r.GetString(field); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · "), nil
}
