package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/access"
	"gridwalk/replica"
)

// gridParents name, for each collection, the relation from which a record
// takes its grid, and the collection that it leads to.
var gridParents = map[string][2]string{
	"households": {"building", "buildings"},
	"residents":  {"household", "households"},
	"consents":   {"subject", "residents"},
	"care_plans": {"resident", "residents"},
	"visits":     {"household", "households"},

	"matter_parties":    {"matter", "matters"},
	"survey_responses":  {"matter", "matters"},
	"whistles":          {"matter", "matters"},
	"whistle_responses": {"whistle", "whistles"},
	"agenda_items":      {"meeting", "meetings"},
	"minutes":           {"meeting", "meetings"},
	"demands":           {"meeting", "meetings"},
	"commitments":       {"meeting", "meetings"},
	"errands":           {"resident", "residents"},
	"alerts":            {"household", "households"},
	"errand_items":      {"errand", "errands"},
	"custody_steps":     {"errand", "errands"},
	"order_recipients":  {"order", "service_orders"},
	"order_claims":      {"order", "service_orders"},
	"track_batches":     {"patrol", "patrols"},
}

// bindSynced keeps what all records that phones make have in common.
func bindSynced(app core.App, engine *replica.Engine, now func() time.Time) {
	app.OnRecordCreateRequest().BindFunc(func(e *core.RecordRequestEvent) error {
		if err := fromClient(e); err != nil {
			return err
		}
		if isSynced(e.Record) && isOfficer(e.Auth) {
			e.Record.Set("created_by", e.Auth.Id)
		}
		return e.Next()
	})
	app.OnRecordUpdateRequest().BindFunc(func(e *core.RecordRequestEvent) error {
		if err := fromClient(e); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordCreate().BindFunc(func(e *core.RecordEvent) error {
		if isSynced(e.Record) {
			stamp(e.Record, now())
			if err := takeGrid(e.App, e.Record, engine); err != nil {
				return err
			}
		}
		return e.Next()
	})
	app.OnRecordUpdate().BindFunc(func(e *core.RecordEvent) error {
		if isSynced(e.Record) {
			e.Record.Set("rev", e.Record.Original().GetInt("rev")+1)
			if err := takeGrid(e.App, e.Record, engine); err != nil {
				return err
			}
			was := e.Record.Original().GetString("grid")
			if err := e.Next(); err != nil {
				return err
			}
			if e.Record.GetString("grid") != was {
				return moveAlong(e.App, e.Record)
			}
			return nil
		}
		return e.Next()
	})
}

// moveAlong saves what hangs on a record that moved to another grid, so that it
// takes its grid anew: who works in the old one shall not keep seeing it.
func moveAlong(app core.App, moved *core.Record) error {
	for collection, parent := range gridParents {
		if parent[1] != moved.Collection().Name {
			continue
		}
		below, err := app.FindAllRecords(collection, dbx.HashExp{parent[0]: moved.Id})
		if err != nil {
			return fmt.Errorf("find %s of %s: %w", collection, moved.Id, err)
		}
		for _, r := range below {
			if err := app.Save(r); err != nil {
				return fmt.Errorf("move %s %s along: %w", collection, r.Id, err)
			}
		}
	}
	return nil
}

// fromClient refuses values of a wrong type, takes back what a client may not
// write, and refuses references to records that the client may not see. By the
// latter two superusers are not bound.
func fromClient(e *core.RecordRequestEvent) error {
	if err := refuseWrongTypes(e); err != nil {
		return err
	}
	if !e.Record.IsNew() {
		restoreMasked(e.App, e.Record)
	}
	if e.HasSuperuserAuth() {
		return nil
	}
	r := e.Record
	kept := access.ServerFields[r.Collection().Name]
	if isSynced(r) {
		kept = append(slices.Clone(kept), access.SyncedServerFields...)
	}
	for _, field := range kept {
		r.Set(field, r.Original().Get(field))
	}
	return refuseHiddenReferences(e)
}

// refuseHiddenReferences refuses a changed relation to a record that the
// caller cannot view: nobody writes into what he may not read.
func refuseHiddenReferences(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	for _, field := range e.Collection.Fields {
		relation, ok := field.(*core.RelationField)
		if !ok {
			continue
		}
		known := e.Record.Original().GetStringSlice(relation.Name)
		for _, id := range e.Record.GetStringSlice(relation.Name) {
			if slices.Contains(known, id) || id == e.Auth.Id {
				continue
			}
			target, err := e.App.FindRecordById(relation.CollectionId, id)
			if err != nil {
				return refuse(relation.Name, "out_of_scope", "There is no such record in your grids.")
			}
			if ok, err := e.App.CanAccessRecord(target, info, target.Collection().ViewRule); err != nil {
				return fmt.Errorf("check reference %s: %w", relation.Name, err)
			} else if !ok {
				return refuse(relation.Name, "out_of_scope", "There is no such record in your grids.")
			}
		}
	}
	return nil
}

// isSynced tells whether phones make and hold records of this collection.
func isSynced(r *core.Record) bool {
	return r.Collection().Fields.GetByName("client_updated_at") != nil
}

func isOfficer(auth *core.Record) bool {
	return auth != nil && auth.Collection().Name == "officers"
}

// stamp sets when a new record arrived, and how far the phone's clock was off.
// A phone sends the time of its request in clock_skew_ms' stead only later; a
// record made offline says nothing about the clock, so the skew is left 0 then.
func stamp(r *core.Record, now time.Time) {
	received, _ := types.ParseDateTime(now)
	r.Set("received_at", received)
	r.Set("rev", 1)
	if r.GetDateTime("captured_at").IsZero() {
		r.Set("captured_at", received)
	}
}

// takeGrid gives a record the grid of the household, building or resident it
// hangs on.
func takeGrid(app core.App, r *core.Record, engine *replica.Engine) error {
	if parent, ok := gridParents[r.Collection().Name]; ok && r.GetString(parent[0]) != "" {
		var grid string
		err := engine.Row(app, "SELECT grid FROM `"+parent[1]+"` WHERE id = {:id}", dbx.Params{"id": r.GetString(parent[0])}, &grid)
		if errors.Is(err, sql.ErrNoRows) {
			return refuse(parent[0], "missing_record", "There is no such record in "+parent[1]+".")
		}
		if err != nil {
			return fmt.Errorf("read the grid of %s: %w", parent[0], err)
		}
		r.Set("grid", grid)
		return nil
	}
	if r.GetString("grid") == "" && !gridMayBeEmpty[r.Collection().Name] {
		return refuse("grid", "validation_required", "Cannot be blank.")
	}
	return nil
}

// gridMayBeEmpty lists the collections whose records can be outside any grid.
var gridMayBeEmpty = map[string]bool{"check_ins": true, "evidence": true}
