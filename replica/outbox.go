package replica

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/merge"
)

// outbox is what the server knows of one officer on one device: the highest
// mutation number it handled, and the last stamp it gave to one.
type outbox struct {
	N     int64       `db:"n"`
	Stamp merge.Stamp `db:"stamp"`
}

func readOutbox(db dbx.Builder, caller Caller) (outbox, error) {
	var box outbox
	err := db.Select("n", "stamp").From("_sync_outboxes").Where(dbx.HashExp{"officer": caller.ID, "device": caller.Device}).One(&box)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return box, fmt.Errorf("read outbox of %s: %w", caller.ID, err)
	}
	return box, nil
}

func writeOutbox(db dbx.Builder, caller Caller, box outbox) error {
	_, err := db.NewQuery(`INSERT INTO _sync_outboxes (officer, device, n, stamp) VALUES ({:officer}, {:device}, {:n}, {:stamp})
		ON CONFLICT (officer, device) DO UPDATE SET n = excluded.n, stamp = excluded.stamp`).
		Bind(dbx.Params{"officer": caller.ID, "device": caller.Device, "n": box.N, "stamp": string(box.Stamp)}).Execute()
	if err != nil {
		return fmt.Errorf("write outbox of %s: %w", caller.ID, err)
	}
	return nil
}

// applyShare applies mutations of one outbox in order. An *Error refuses the
// whole push, any other error is the database's.
func (e *Engine) applyShare(tx core.App, caller Caller, mutations []Mutation) ([]Result, error) {
	box, err := readOutbox(tx.DB(), caller)
	if err != nil {
		return nil, err
	}
	if first := mutations[0].N; first > box.N+1 {
		return nil, &Error{Status: 409, Code: "outbox_gap", Message: fmt.Sprintf("The next number of this outbox is %d, the push begins with %d.", box.N+1, first),
			More: map[string]any{"resume_from": box.N}}
	}
	results := make([]Result, 0, len(mutations))
	for _, m := range mutations {
		var result Result
		if m.N <= box.N {
			result, err = e.repeated(tx, caller, m)
		} else {
			box.N = m.N
			box.Stamp = merge.Clamp(m.stamp, e.s.Now(), merge.MaxAhead).After(box.Stamp)
			m.stamp = box.Stamp
			result, err = e.applyOne(tx, caller, m)
		}
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, writeOutbox(tx.NonconcurrentDB(), caller, box)
}

// applyOne applies one mutation, or keeps it as rejected. Only the database's
// own errors come back.
func (e *Engine) applyOne(tx core.App, caller Caller, m Mutation) (Result, error) {
	if _, err := e.query(tx, "SAVEPOINT mutation").Execute(); err != nil {
		return Result{}, fmt.Errorf("begin mutation: %w", err)
	}
	result, failed := e.applySafely(tx, caller, m)
	if failed != nil {
		if isStorage(failed) {
			return Result{}, failed
		}
		if _, err := e.query(tx, "ROLLBACK TO mutation").Execute(); err != nil {
			return Result{}, fmt.Errorf("undo mutation: %w", err)
		}
	}
	if _, err := e.query(tx, "RELEASE mutation").Execute(); err != nil {
		return Result{}, fmt.Errorf("end mutation: %w", err)
	}
	if failed != nil {
		refused := asRejection(failed)
		return Result{ID: m.ID, Status: "rejected", Error: rejectionBody(refused)}, e.keepRejected(tx, caller, m, refused)
	}
	return result, nil
}

// applySafely keeps a fault of ours that one mutation brings to light from
// taking down everybody else.
func (e *Engine) applySafely(tx core.App, caller Caller, m Mutation) (result Result, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			e.app.Logger().Error("A mutation brought a fault to light", "mutation", m.ID, "fault", fault, "stack", string(debug.Stack()))
			err = rejected("failed", "The server could not handle it; it is kept for the admin.")
		}
	}()
	return e.apply(tx, caller, m)
}

func rejectionBody(refused *Error) map[string]any {
	body := map[string]any{"code": refused.Code, "message": refused.Message}
	if len(refused.Fields) > 0 {
		body["fields"] = refused.Fields
	}
	return body
}

// repeated gives the first answer again.
func (e *Engine) repeated(tx core.App, caller Caller, m Mutation) (Result, error) {
	var first struct {
		Seq        int64  `db:"seq"`
		Status     string `db:"status"`
		Collection string `db:"collection"`
		Record     string `db:"record"`
	}
	err := tx.DB().Select("seq", "status", "collection", "record").From("_sync_history").
		Where(dbx.HashExp{"device": caller.Device, "mutation": m.ID}).One(&first)
	if err == nil {
		result := Result{ID: m.ID, Status: "duplicate", Of: first.Status, Seq: first.Seq}
		if first.Status == "merged" {
			result.Record, err = e.recordJSON(tx, first.Collection, first.Record)
		}
		return result, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Result{}, fmt.Errorf("look for mutation %s: %w", m.ID, err)
	}
	var code, message string
	err = tx.DB().Select("code", "message").From("rejections").Where(dbx.HashExp{"device": caller.Device, "mutation": m.ID}).Row(&code, &message)
	if err == nil {
		return Result{ID: m.ID, Status: "duplicate", Of: "rejected", Error: map[string]any{"code": code, "message": message}}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Result{}, fmt.Errorf("look for mutation %s: %w", m.ID, err)
	}
	refused := rejected("n_reused", "Number %d of this outbox was another mutation.", m.N)
	return Result{ID: m.ID, Status: "rejected", Error: rejectionBody(refused)}, e.keepRejected(tx, caller, m, refused)
}

// keepRejected keeps the whole payload of a rejected mutation.
func (e *Engine) keepRejected(tx core.App, caller Caller, m Mutation, why *Error) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep rejected mutation %s: %w", m.ID, err)
	}
	collection, err := tx.FindCachedCollectionByNameOrId("rejections")
	if err != nil {
		return fmt.Errorf("find rejections: %w", err)
	}
	r := core.NewRecord(collection)
	r.Load(map[string]any{"officer": caller.ID, "device": caller.Device, "mutation": m.ID, "n": m.N, "collection": clip(m.Collection, 60),
		"record": clip(m.Record, 40), "op": clip(m.Op, 10), "code": why.Code, "message": clip(why.Message, 1000),
		"payload": string(payload), "status": "open"})
	// Without validation: whatever it is, it is kept.
	if err := tx.SaveNoValidate(r); err != nil {
		return fmt.Errorf("keep rejected mutation %s: %w", m.ID, err)
	}
	return nil
}

func clip(s string, max int) string {
	if runes := []rune(s); len(runes) > max {
		return string(runes[:max])
	}
	return s
}
