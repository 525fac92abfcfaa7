package hooks

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/keep"
)

// bindPurgeLog has nobody change or delete what proves that something was
// erased, by whichever door.
func bindPurgeLog(app core.App) {
	refused := func(*core.RecordEvent) error {
		return refuse("digest", "append_only", "What was erased is written once.")
	}
	app.OnRecordUpdate("purge_log").BindFunc(refused)
	app.OnRecordDelete("purge_log").BindFunc(refused)
}

// logErased adds to the proof log, in the transaction that erased.
func logErased(tx core.App, entries []keep.Entry, why, by string) error {
	if len(entries) == 0 {
		return nil
	}
	collection, err := tx.FindCachedCollectionByNameOrId("purge_log")
	if err != nil {
		return fmt.Errorf("find purge_log: %w", err)
	}
	var last []struct {
		N      int64  `db:"n"`
		Digest string `db:"digest"`
	}
	if err := tx.DB().Select("n", "digest").From("purge_log").OrderBy("n DESC").Limit(1).All(&last); err != nil {
		return fmt.Errorf("read the proof log: %w", err)
	}
	n, before := int64(0), ""
	if len(last) > 0 {
		n, before = last[0].N, last[0].Digest
	}
	for _, e := range entries {
		n, before = n+1, e.Sum(before)
		r := core.NewRecord(collection)
		r.Load(map[string]any{"n": n, "at": e.At, "collection": e.Collection, "field": e.Field, "record": e.Record, "rule": e.Rule,
			"days": e.Days, "count": e.Count, "why": why, "by": by, "digest": before})
		if err := tx.Save(r); err != nil {
			return fmt.Errorf("write the proof log: %w", err)
		}
	}
	return nil
}

// ProofLog gives the proof log in order, for keep.FirstBroken.
func ProofLog(app core.App) ([]keep.Entry, error) {
	var rows []struct {
		At         string `db:"at"`
		Collection string `db:"collection"`
		Field      string `db:"field"`
		Record     string `db:"record"`
		Rule       string `db:"rule"`
		Days       int    `db:"days"`
		Count      int    `db:"count"`
		Digest     string `db:"digest"`
	}
	err := app.DB().Select("at", "collection", "field", "record", "rule", "days", "count", "digest").From("purge_log").OrderBy("n").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the proof log: %w", err)
	}
	entries := make([]keep.Entry, len(rows))
	for i, row := range rows {
		entries[i] = keep.Entry(row)
	}
	return entries, nil
}

// forgotten tells which of the records with the given ids were forgotten.
func forgotten(app core.App, ids []any) (n int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	err = app.DB().Select("count(*)").From("purge_log").Where(dbx.HashExp{"rule": ruleForget, "record": ids}).Row(&n)
	if err != nil {
		return 0, fmt.Errorf("look for who was forgotten: %w", err)
	}
	return n, nil
}
