package replica

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/access"
	"gridwalk/merge"
)

// apply does what one mutation asks for, as far as its author may and the
// record's present state allows.
func (e *Engine) apply(tx core.App, caller Caller, m Mutation) (Result, error) {
	policies, ok := merge.Collections[m.Collection]
	if !ok {
		return Result{}, rejected("unknown_collection", "There is no collection %.60q that phones write.", m.Collection)
	}
	if !recordID.MatchString(m.Record) {
		return Result{}, rejected("bad_record_id", "A record id is 15 letters and digits.")
	}
	if len(m.After) > maxAfter {
		return Result{}, rejected("too_many_dependencies", "A mutation depends on at most %d others.", maxAfter)
	}
	if err := e.checkDependencies(tx, caller, m); err != nil {
		return Result{}, err
	}
	for _, field := range slices.Sorted(maps.Keys(m.Set)) {
		if _, ok := policies[field]; !ok {
			return Result{}, &Error{Code: "unknown_field", Message: fmt.Sprintf("%s has no field %.60q that phones set.", m.Collection, field),
				Fields: map[string]string{clip(field, 60): "unknown"}}
		}
	}
	collection, err := tx.FindCachedCollectionByNameOrId(m.Collection)
	if err != nil {
		return Result{}, fmt.Errorf("find collection %s: %w", m.Collection, err)
	}
	if e.check != nil {
		if err := e.check(collection, m.Set); err != nil {
			return Result{}, err
		}
	}
	switch m.Op {
	case "create":
		return e.create(tx, caller, m, collection)
	case "update", "delete":
		return e.change(tx, caller, m, collection, policies)
	}
	return Result{}, rejected("unknown_op", "An op is create, update or delete, not %.20q.", m.Op)
}

// checkDependencies refuses a mutation that makes no sense without one that
// was rejected.
func (e *Engine) checkDependencies(tx core.App, caller Caller, m Mutation) error {
	for _, id := range m.After {
		var n int
		err := tx.DB().Select("(1)").From("rejections").Where(dbx.HashExp{"device": caller.Device, "mutation": id}).Limit(1).Row(&n)
		if err == nil {
			return rejected("depends_on_rejected", "It depends on %.64s, which was rejected.", id)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for rejected %s: %w", id, err)
		}
	}
	return nil
}

func (e *Engine) create(tx core.App, caller Caller, m Mutation, collection *core.Collection) (Result, error) {
	if m.Base != 0 {
		return Result{}, rejected("bad_base", "A create has the base 0.")
	}
	if known, err := e.exists(tx, m.Collection, m.Record); err != nil {
		return Result{}, err
	} else if known {
		return Result{}, rejected("id_taken", "There is a record %s already.", m.Record)
	}
	r := core.NewRecord(collection)
	r.Id = m.Record
	r.Load(settable(m))
	r.Set("created_by", caller.ID)
	r.Set("device", caller.Device)
	r.Set("client_updated_at", string(m.stamp))
	if r.GetDateTime("captured_at").IsZero() {
		made, _ := types.ParseDateTime(m.stamp.Time())
		r.Set("captured_at", made)
	}
	if officer := collection.Fields.GetByName("officer"); officer != nil && r.GetString("officer") == "" {
		r.Set("officer", caller.ID)
	}
	if !access.Collections[m.Collection].Create.Allows(caller.Caller, r.GetString) {
		return Result{}, outOfScope("grid")
	}
	if err := e.checkReferences(tx, caller, r); err != nil {
		return Result{}, err
	}
	if prepare := e.prepare[m.Collection]; prepare != nil {
		if err := prepare(r, m.Set); err != nil {
			return Result{}, err
		}
	}
	by := &credit{author: caller.ID, device: caller.Device, mutation: m.ID, stamp: m.stamp, status: "applied"}
	r.SetRaw(creditKey, by)
	if err := saveChecked(tx, r); err != nil {
		return Result{}, err
	}
	return Result{ID: m.ID, Status: "applied", Seq: by.seq}, nil
}

// settable are the values of a mutation without those that only the server
// writes.
func settable(m Mutation) map[string]any {
	set := maps.Clone(m.Set)
	for _, field := range slices.Concat(access.ServerFields[m.Collection], access.SyncedServerFields, []string{"id", "device"}) {
		delete(set, field)
	}
	return set
}

func outOfScope(field string) *Error {
	return &Error{Code: "out_of_scope", Message: "It lies outside of what you work on.", Fields: map[string]string{field: "out_of_scope"}}
}

// exists tells whether a record is or was there.
func (e *Engine) exists(tx core.App, collection, record string) (bool, error) {
	found, err := column[int](e.query(tx, "SELECT 1 FROM _sync_feed WHERE collection = {:collection} AND record = {:record} LIMIT 1"),
		dbx.Params{"collection": collection, "record": record})
	if err != nil {
		return false, fmt.Errorf("look for %s %s: %w", collection, record, err)
	}
	return len(found) > 0, nil
}

// checkReferences refuses relations to records that the caller does not hold.
func (e *Engine) checkReferences(tx core.App, caller Caller, r *core.Record) error {
	var before *core.Record
	if !r.IsNew() {
		before = r.Original()
	}
	for _, field := range r.Collection().Fields {
		relation, ok := field.(*core.RelationField)
		if !ok || relation.Name == "created_by" || relation.Name == "device" {
			continue
		}
		var known []string
		if before != nil {
			known = before.GetStringSlice(relation.Name)
		}
		for _, id := range r.GetStringSlice(relation.Name) {
			if slices.Contains(known, id) || id == caller.ID {
				continue
			}
			target, err := tx.FindCachedCollectionByNameOrId(relation.CollectionId)
			if err != nil {
				return fmt.Errorf("find collection of %s: %w", relation.Name, err)
			}
			scopes, err := e.presentScopes(tx, target.Name, id)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(scopes, caller.holds) {
				return outOfScope(relation.Name)
			}
		}
	}
	return nil
}

// checkedKey marks a record whose relations were checked against the feed:
// PocketBase would read every one of them again.
const checkedKey = "@gridwalk.checked"

// saveChecked saves a record whose relations were checked. All other fields are
// validated as ever, by validateChecked.
func saveChecked(tx core.App, r *core.Record) error {
	r.SetRaw(checkedKey, true)
	return tx.SaveNoValidate(r)
}

// validateChecked comes after all hooks that fill in fields.
func validateChecked(event *core.RecordEvent) error {
	if event.Record.GetRaw(checkedKey) == true {
		event.Record.SetRaw(checkedKey, nil)
		if err := validate(event.App, event.Record); err != nil {
			return err
		}
	}
	return event.Next()
}

// validate checks the fields of a record as PocketBase does, but for the
// existence of what its relations name.
func validate(tx core.App, r *core.Record) error {
	problems := validation.Errors{}
	for _, field := range r.Collection().Fields {
		name := field.GetName()
		relation, ok := field.(*core.RelationField)
		switch {
		case name == core.FieldNameId:
		case ok:
			named := r.GetStringSlice(name)
			if relation.Required && len(named) == 0 {
				problems[name] = validation.ErrRequired
			}
			if most := max(relation.MaxSelect, 1); len(named) > most {
				problems[name] = validation.NewError("validation_too_many_values", "Select no more than the allowed number.")
			}
		default:
			if err := field.ValidateValue(context.Background(), tx, r); err != nil {
				problems[name] = err
			}
		}
	}
	return problems.Filter()
}

// change merges an update or a delete into the record.
func (e *Engine) change(tx core.App, caller Caller, m Mutation, collection *core.Collection, policies merge.Policies) (Result, error) {
	if m.Base < 0 {
		return Result{}, rejected("bad_base", "A base is the seq of the record as it was seen.")
	}
	base, err := e.baseNow(tx, m.Base, m.Epoch)
	if err != nil {
		return Result{}, err
	}
	m.Base = base
	if head, err := e.head(tx); err != nil {
		return Result{}, err
	} else if m.Base > head {
		return Result{}, rejected("base_from_future", "The base %d is ahead of this server.", m.Base)
	}
	r, err := tx.FindRecordById(collection, m.Record)
	if errors.Is(err, sql.ErrNoRows) {
		return e.changeDeleted(tx, caller, m, policies)
	}
	if err != nil {
		return Result{}, fmt.Errorf("find %s %s: %w", m.Collection, m.Record, err)
	}
	rules := access.Collections[m.Collection]
	rule := rules.Update
	if m.Op == "delete" {
		rule = rules.Delete
	}
	if !rule.Allows(caller.Caller, r.GetString) {
		if rules.Read.Allows(caller.Caller, r.GetString) {
			return Result{}, rejected("not_allowed", "You may see this record, but not %s it.", m.Op)
		}
		return Result{}, outOfScope("grid")
	}
	side, err := e.serverSide(tx, r, m)
	if err != nil {
		return Result{}, err
	}
	merged, err := policies.Apply(m.merging(caller, r), side)
	if err != nil {
		return Result{}, rejected("bad_value", "%s", err.Error())
	}
	return e.save(tx, caller, m, r, merged)
}

// merging is the mutation as package merge wants it: values cast to what the
// collection stores, so that equal ones compare equal.
func (m Mutation) merging(caller Caller, r *core.Record) merge.Mutation {
	out := merge.Mutation{ID: m.ID, Author: caller.ID, At: m.stamp, Delete: m.Op == "delete", Set: map[string]any{}}
	cast := core.NewRecord(r.Collection())
	for field, value := range settable(m) {
		cast.Set(field, value)
		out.Set[field] = normal(cast, field)
	}
	return out
}

// save stores what the merge led to.
func (e *Engine) save(tx core.App, caller Caller, m Mutation, r *core.Record, merged merge.Result) (Result, error) {
	by := &credit{author: caller.ID, device: caller.Device, mutation: m.ID, stamp: m.stamp, status: "applied", lines: linesOf(m, merged)}
	if merged.Merged || len(merged.Conflicts) > 0 {
		by.status = "merged"
	}
	grid := r.GetString("grid")
	switch {
	case merged.Deleted:
		r.SetRaw(creditKey, by)
		if err := tx.Delete(r); err != nil {
			if isStorage(err) {
				return Result{}, err
			}
			var refused *Error
			if errors.As(err, &refused) {
				return Result{}, refused
			}
			return Result{}, rejected("referenced", "Other records need it: %s", clip(err.Error(), 200))
		}
	case merged.Changed():
		for field, value := range merged.Values() {
			r.Set(field, value)
		}
		r.Set("client_updated_at", string(merged.Stamp()))
		if err := e.checkReferences(tx, caller, r); err != nil {
			return Result{}, err
		}
		r.SetRaw(creditKey, by)
		if err := saveChecked(tx, r); err != nil {
			return Result{}, err
		}
		if moved := r.GetString("grid"); moved != grid && !caller.Grids[moved] {
			return Result{}, outOfScope("grid")
		}
	default:
		// Nothing is to be stored, but the mutation was heard: history says so.
		seq, err := e.nextSeq(tx)
		if err != nil {
			return Result{}, err
		}
		by.seq = seq
		if err := e.addHistory(tx, seq, m.Collection, m.Record, m.Op, *by, by.lines); err != nil {
			return Result{}, err
		}
	}
	if err := keepConflicts(tx, m, caller, grid, merged.Conflicts); err != nil {
		return Result{}, err
	}
	result := Result{ID: m.ID, Status: by.status, Seq: by.seq, Conflicts: conflictsOf(merged.Conflicts)}
	if by.status == "merged" {
		var err error
		if result.Record, err = e.recordJSON(tx, m.Collection, m.Record); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// changeDeleted handles an edit of a record that is gone: the delete stands,
// the edit becomes a conflict. A record that never was is not found.
func (e *Engine) changeDeleted(tx core.App, caller Caller, m Mutation, policies merge.Policies) (Result, error) {
	var last historyRow
	err := tx.DB().Select(historyColumns...).From("_sync_history").
		Where(dbx.HashExp{"collection": m.Collection, "record": m.Record}).OrderBy("seq DESC").Limit(1).One(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return Result{}, rejected("not_found", "There is no record %s.", m.Record)
	}
	if err != nil {
		return Result{}, fmt.Errorf("read history of %s %s: %w", m.Collection, m.Record, err)
	}
	scopes, err := lastScopes(tx.DB(), m.Collection, m.Record)
	if err != nil {
		return Result{}, err
	}
	if !slices.ContainsFunc(scopes, caller.holds) {
		return Result{}, rejected("not_found", "There is no record %s.", m.Record)
	}
	merged, err := policies.Apply(merge.Mutation{ID: m.ID, Author: caller.ID, At: m.stamp, Delete: m.Op == "delete", Set: settable(m)},
		merge.Record{Deleted: &merge.Version{Stamp: last.Stamp, Author: last.Author, Mutation: last.Mutation}})
	if err != nil {
		return Result{}, rejected("bad_value", "%s", err.Error())
	}
	lines := askedLines(m)
	if gone, err := wasForgotten(tx, m.Record); err != nil {
		return Result{}, err
	} else if gone {
		lines, merged.Conflicts = nil, nil
	}
	seq, err := e.nextSeq(tx)
	if err != nil {
		return Result{}, err
	}
	by := credit{author: caller.ID, device: caller.Device, mutation: m.ID, stamp: m.stamp, status: "merged", seq: seq}
	if err := e.addHistory(tx, seq, m.Collection, m.Record, m.Op, by, lines); err != nil {
		return Result{}, err
	}
	grid := ""
	for _, scope := range scopes {
		if rest, ok := strings.CutPrefix(scope, "grid:"); ok {
			grid = rest
		}
	}
	if err := keepConflicts(tx, m, caller, grid, merged.Conflicts); err != nil {
		return Result{}, err
	}
	return Result{ID: m.ID, Status: "merged", Seq: seq, Conflicts: conflictsOf(merged.Conflicts)}, nil
}

// wasForgotten tells whether a record was erased because somebody was
// forgotten: what is still said of it is not kept.
func wasForgotten(tx core.App, record string) (bool, error) {
	var n int
	err := tx.DB().Select("count(*)").From("purge_log").Where(dbx.HashExp{"record": record, "rule": "forget"}).Row(&n)
	if err != nil {
		return false, fmt.Errorf("look whether %s was forgotten: %w", record, err)
	}
	return n > 0, nil
}

// lastScopes are all scopes in which a record is or was.
func lastScopes(db dbx.Builder, collection, record string) ([]string, error) {
	var scopes []string
	err := db.Select("scope").From("_sync_feed").Where(dbx.HashExp{"collection": collection, "record": record}).Column(&scopes)
	if err != nil {
		return nil, fmt.Errorf("read scopes of %s %s: %w", collection, record, err)
	}
	return scopes, nil
}

func headOf(app core.App) (int64, error) {
	var head int64
	if err := app.DB().Select("seq").From("_sync_state").Row(&head); err != nil {
		return 0, fmt.Errorf("read the head: %w", err)
	}
	return head, nil
}

// recordJSON gives a record as pull would, null when it is gone.
func (e *Engine) recordJSON(tx core.App, collection, id string) (json.RawMessage, error) {
	encoder, err := e.encoderOf(collection)
	if err != nil {
		return nil, err
	}
	found, err := encoder.read(tx.DB(), []string{id})
	if err != nil {
		return nil, err
	}
	return found[id], nil
}

func conflictsOf(list []merge.Conflict) []Conflict {
	var out []Conflict
	for _, c := range list {
		out = append(out, Conflict{Field: c.Field, Kept: c.Kept.Value, Lost: c.Lost.Value, By: c.By.String()})
	}
	return out
}

// keepConflicts keeps every value that lost where an admin finds it.
func keepConflicts(tx core.App, m Mutation, caller Caller, grid string, list []merge.Conflict) error {
	if len(list) == 0 {
		return nil
	}
	collection, err := tx.FindCachedCollectionByNameOrId("conflicts")
	if err != nil {
		return fmt.Errorf("find conflicts: %w", err)
	}
	for _, c := range list {
		r := core.NewRecord(collection)
		kept, err := json.Marshal(c.Kept.Value)
		if err != nil {
			return fmt.Errorf("keep conflict: %w", err)
		}
		lost, err := json.Marshal(c.Lost.Value)
		if err != nil {
			return fmt.Errorf("keep conflict: %w", err)
		}
		r.Load(map[string]any{"collection": m.Collection, "record": m.Record, "field": c.Field, "kept": types.JSONRaw(kept), "kept_by": c.Kept.Author,
			"lost": types.JSONRaw(lost), "lost_by": c.Lost.Author, "mutation": c.Lost.Mutation, "stamp": string(c.Lost.Stamp),
			"policy": clip(c.By.String(), 80), "grid": grid, "status": "open"})
		if err := tx.SaveNoValidate(r); err != nil {
			return fmt.Errorf("keep conflict of %s: %w", c.Field, err)
		}
	}
	return nil
}

// asRejection turns whatever kept a mutation from being saved into a code and a
// message.
func asRejection(err error) *Error {
	var refused *Error
	if errors.As(err, &refused) {
		return refused
	}
	var fields validation.Errors
	if errors.As(err, &fields) {
		out := &Error{Code: "invalid", Message: "Some values cannot be stored.", Fields: map[string]string{}}
		for name, problem := range fields {
			out.Fields[name] = problem.Error()
			var coded validation.Error
			if errors.As(problem, &coded) {
				out.Fields[name] = coded.Code() + ": " + coded.Message()
			}
		}
		return out
	}
	var api *router.ApiError
	if errors.As(err, &api) {
		return rejected("invalid", "%s", api.Message)
	}
	return rejected("failed", "It could not be stored: %s", clip(err.Error(), 300))
}
