package replica

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/merge"
)

// Priorities of the hooks around a save: what needs no database comes first,
// then the transaction opens, then everything else.
const (
	BeforeTransaction = -100
	transaction       = -50
	validating        = 1000
)

// credit says by whom and why a record is saved. It travels with the record to
// the hook that writes the history; a save without it is the office's.
type credit struct {
	author, device, mutation string
	stamp                    merge.Stamp
	status                   string
	lines                    map[string]line // of the fields that the mutation speaks of
	seq                      int64           // given by the save
}

const creditKey = "@gridwalk.credit"

func creditOf(r *core.Record) *credit {
	c, _ := r.GetRaw(creditKey).(*credit)
	return c
}

// SavedBy tells hooks of a save who makes it and when he did: the id of an
// officer or superuser, "" for gridwalk itself, and the zero time for now.
func SavedBy(r *core.Record) (id string, at time.Time) {
	by := creditOf(r)
	switch {
	case by == nil:
		return "", time.Time{}
	case by.stamp == "":
		return by.author, time.Time{}
	}
	return by.author, by.stamp.Time()
}

// bindWrites has every save and delete of a replicated collection, by
// whichever door, write feed and history in its own transaction.
func (e *Engine) bindWrites() {
	for _, save := range []*hook.TaggedHook[*core.RecordEvent]{
		e.app.OnRecordCreate(Collections...), e.app.OnRecordUpdate(Collections...), e.app.OnRecordDelete(Collections...),
	} {
		save.Bind(&hook.Handler[*core.RecordEvent]{Priority: transaction, Func: inTransaction})
	}
	for _, save := range []*hook.TaggedHook[*core.RecordEvent]{e.app.OnRecordCreate(Collections...), e.app.OnRecordUpdate(Collections...)} {
		save.Bind(&hook.Handler[*core.RecordEvent]{Priority: validating, Func: validateChecked})
	}
	record := func(op string) func(*core.RecordEvent) error {
		return func(event *core.RecordEvent) error {
			var before []string
			if op != "create" {
				before = scopesOf(event.Record.Collection().Name, event.Record.Original().GetString)
			}
			lines := e.officeLines(event.Record, op)
			if err := event.Next(); err != nil {
				return err
			}
			return e.write(event.App, event.Record, op, before, lines)
		}
	}
	e.app.OnRecordCreateExecute(Collections...).BindFunc(record("create"))
	e.app.OnRecordUpdateExecute(Collections...).BindFunc(record("update"))
	e.app.OnRecordDeleteExecute(Collections...).BindFunc(record("delete"))

	// Saves through PocketBase's API are credited to whoever is signed in.
	byCaller := func(event *core.RecordRequestEvent) error {
		if event.Auth != nil {
			event.Record.SetRaw(creditKey, &credit{author: event.Auth.Id})
		}
		return event.Next()
	}
	e.app.OnRecordCreateRequest(Collections...).BindFunc(byCaller)
	e.app.OnRecordUpdateRequest(Collections...).BindFunc(byCaller)
	e.app.OnRecordDeleteRequest(Collections...).BindFunc(byCaller)
}

// inTransaction runs the rest of a save in one transaction.
func inTransaction(event *core.RecordEvent) error {
	if event.App.IsTransactional() {
		return event.Next()
	}
	outer := event.App
	defer func() { event.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		event.App = tx
		return event.Next()
	})
}

// write puts a saved record into feed and history.
func (e *Engine) write(app core.App, r *core.Record, op string, before []string, lines map[string]line) error {
	by := creditOf(r)
	if by == nil {
		by = &credit{}
	}
	// The credit is spent: another save of the same object is another change.
	r.SetRaw(creditKey, nil)
	if by.stamp == "" {
		by.stamp = e.clock.Tick()
	}
	for name, told := range by.lines {
		lines[name] = told
	}
	seq, err := e.nextSeq(app)
	if err != nil {
		return err
	}
	by.seq = seq
	collection := r.Collection().Name
	if err := e.addHistory(app, seq, collection, r.Id, op, *by, lines); err != nil {
		return err
	}
	after := scopesOf(collection, r.GetString)
	if op == "delete" {
		after, before = nil, append(before, after...)
	}
	changed := slices.Clone(after)
	for _, scope := range after {
		if err := e.putFeed(app, collection, r.Id, scope, seq, false); err != nil {
			return err
		}
	}
	for _, scope := range before {
		if slices.Contains(changed, scope) {
			continue
		}
		changed = append(changed, scope)
		if err := e.putFeed(app, collection, r.Id, scope, seq, true); err != nil {
			return err
		}
	}
	e.onCommit(app, changed, seq)
	return nil
}

// onCommit tells heads and online phones of a change once it is committed.
func (e *Engine) onCommit(app core.App, scopes []string, seq int64) {
	app.TxInfo().OnComplete(func(err error) error {
		if err != nil {
			return nil // rolled back: there was no change
		}
		e.noteCommitted(seq)
		for _, scope := range scopes {
			e.heads.committed(scope, seq)
		}
		e.poke(scopes, seq)
		return nil
	})
}

func (e *Engine) putFeed(app core.App, collection, record, scope string, seq int64, gone bool) error {
	_, err := e.query(app, `INSERT INTO _sync_feed (collection, record, scope, seq, gone)
		VALUES ({:collection}, {:record}, {:scope}, {:seq}, {:gone})
		ON CONFLICT (collection, record, scope) DO UPDATE SET seq = excluded.seq, gone = excluded.gone`).
		Bind(dbx.Params{"collection": collection, "record": record, "scope": scope, "seq": seq, "gone": gone}).Execute()
	if err != nil {
		return fmt.Errorf("write feed of %s: %w", scope, err)
	}
	return nil
}

// line is what the history says of one field: what was asked for, what the
// editor saw, and what stands when that is another value.
type line struct {
	Asked   any            `json:"a"`
	Saw     any            `json:"w,omitempty"`
	Stamp   merge.Stamp    `json:"s,omitempty"` // when it is not the mutation's
	Present *merge.Version `json:"p,omitempty"`
}

// quiet are fields whose change says nothing: they follow from every save.
var quiet = map[string]bool{"id": true, "created": true, "updated": true, "rev": true, "client_updated_at": true,
	"received_at": true, "password": true, "tokenKey": true, "collectionId": true, "collectionName": true}

// unwritten are fields that history does not repeat: they never change, and
// where an officer walked is not to outlive the record that holds it.
var unwritten = map[string]bool{"track_batches.track": true}

// officeLines compares a record with what is stored of it, or for a new one
// with an empty record.
func (e *Engine) officeLines(r *core.Record, op string) map[string]line {
	lines := map[string]line{}
	var before func(field string) any
	switch op {
	case "delete":
		return lines
	case "create":
		empty := e.emptyOf(r.Collection())
		before = func(field string) any { return empty[field] }
	default:
		was := r.Original()
		before = func(field string) any { return normal(was, field) }
	}
	for _, field := range r.Collection().Fields {
		name := field.GetName()
		if quiet[name] || unwritten[r.Collection().Name+"."+name] {
			continue
		}
		now, was := normal(r, name), before(name)
		if merge.Equal(now, was) {
			continue
		}
		if op == "create" {
			was = nil
		}
		lines[name] = line{Asked: now, Saw: was}
	}
	return lines
}

// emptyOf are the values of a record of a collection in which nothing was set.
func (e *Engine) emptyOf(collection *core.Collection) map[string]any {
	key := collection.Id + " " + collection.Updated.String()
	if known, ok := e.empties.Load(key); ok {
		return known.(map[string]any)
	}
	r, values := core.NewRecord(collection), map[string]any{}
	for _, field := range collection.Fields {
		values[field.GetName()] = normal(r, field.GetName())
	}
	e.empties.Store(key, values)
	return values
}

// normal gives a field of a record in the types that package merge compares.
func normal(r *core.Record, field string) any {
	switch v := r.Get(field).(type) {
	case nil, string, float64, bool:
		return v
	case types.DateTime:
		return v.String()
	case []string:
		list := make([]any, len(v))
		for i, text := range v {
			list[i] = text
		}
		return list
	default:
		normalised, err := merge.Normalize(v)
		if err != nil {
			return nil
		}
		return normalised
	}
}

// Touch notes in feed and history that one field of a record was changed past
// PocketBase's save, by a hook that keeps it; get gives the fields by which the
// record is in its scopes. tx must be a transaction.
func (e *Engine) Touch(tx core.App, collection, record string, get func(field string) string, field string, value any) error {
	seq, err := e.nextSeq(tx)
	if err != nil {
		return err
	}
	scopes := scopesOf(collection, get)
	for _, scope := range scopes {
		if err := e.putFeed(tx, collection, record, scope, seq, false); err != nil {
			return err
		}
	}
	by := credit{stamp: e.clock.Tick()}
	if err := e.addHistory(tx, seq, collection, record, "update", by, map[string]line{field: {Asked: value}}); err != nil {
		return err
	}
	e.onCommit(tx, scopes, seq)
	return nil
}

func (e *Engine) addHistory(app core.App, seq int64, collection, record, op string, by credit, lines map[string]line) error {
	fields, err := sealedLines(app, seq, lines)
	if err != nil {
		return fmt.Errorf("write history of %s %s: %w", collection, record, err)
	}
	if by.status == "" {
		by.status = "applied"
	}
	_, err = e.query(app, `INSERT INTO _sync_history
		(seq, collection, record, op, status, author, device, mutation, stamp, at, fields) VALUES
		({:seq}, {:collection}, {:record}, {:op}, {:status}, {:author}, {:device}, {:mutation}, {:stamp}, {:at}, {:fields})`).
		Bind(dbx.Params{"seq": seq, "collection": collection, "record": record, "op": op, "status": by.status, "author": by.author,
			"device": by.device, "mutation": by.mutation, "stamp": string(by.stamp), "at": e.s.Now().UTC().Format("2006-01-02 15:04:05.000Z"),
			"fields": fields}).Execute()
	if err != nil {
		return fmt.Errorf("write history of %s %s: %w", collection, record, err)
	}
	return nil
}
