package migrations

import (
	"crypto/rand"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The feed and the history come first: every later save is written into them.
func init() { m.Register(makeSyncTables, nil) }

// syncTables are plain tables: they are written with every record, and nobody
// edits them.
var syncTables = []string{
	// The one row of _sync_state: the epoch of this database, the newest change
	// number, the newest that was pruned from the history, the key that signs
	// cursors, and whether this file is the copy in a backup.
	`CREATE TABLE _sync_state (
		id INTEGER PRIMARY KEY CHECK (id = 1),
		epoch TEXT NOT NULL,
		seq INTEGER NOT NULL,
		pruned INTEGER NOT NULL DEFAULT 0,
		key BLOB NOT NULL,
		in_backup INTEGER NOT NULL DEFAULT 0
	)`,
	// The epochs that led to this database, and the change number at which each
	// began: up to there it and the one before say the same.
	`CREATE TABLE _sync_epochs (
		n INTEGER PRIMARY KEY,
		epoch TEXT NOT NULL UNIQUE,
		began INTEGER NOT NULL
	)`,
	// For each record and scope the newest change, and whether the record is gone
	// from the scope. Its size is bounded by the number of records.
	`CREATE TABLE _sync_feed (
		collection TEXT NOT NULL,
		record TEXT NOT NULL,
		scope TEXT NOT NULL,
		seq INTEGER NOT NULL,
		gone INTEGER NOT NULL,
		PRIMARY KEY (collection, record, scope)
	) WITHOUT ROWID`,
	`CREATE INDEX _sync_feed_scope ON _sync_feed (scope, seq)`,
	// Who changed which fields of which record, by which mutation: append-only.
	`CREATE TABLE _sync_history (
		seq INTEGER PRIMARY KEY,
		collection TEXT NOT NULL,
		record TEXT NOT NULL,
		op TEXT NOT NULL,
		status TEXT NOT NULL,
		author TEXT NOT NULL,
		device TEXT NOT NULL,
		mutation TEXT NOT NULL,
		stamp TEXT NOT NULL,
		at TEXT NOT NULL,
		fields TEXT NOT NULL
	)`,
	`CREATE INDEX _sync_history_record ON _sync_history (collection, record, seq)`,
	`CREATE UNIQUE INDEX _sync_history_mutation ON _sync_history (device, mutation) WHERE mutation != ''`,
	// For each outbox, which is one officer on one device, the highest mutation
	// number that was handled and the stamp it was given.
	`CREATE TABLE _sync_outboxes (
		officer TEXT NOT NULL,
		device TEXT NOT NULL,
		n INTEGER NOT NULL,
		stamp TEXT NOT NULL,
		PRIMARY KEY (officer, device)
	) WITHOUT ROWID`,
}

func makeSyncTables(app core.App) error {
	for _, table := range syncTables {
		if _, err := app.DB().NewQuery(table).Execute(); err != nil {
			return fmt.Errorf("make sync tables: %w", err)
		}
	}
	key := make([]byte, 32)
	rand.Read(key)
	epoch := rand.Text()
	_, err := app.DB().Insert("_sync_state", dbx.Params{"id": 1, "epoch": epoch, "seq": 0, "key": key}).Execute()
	if err == nil {
		_, err = app.DB().Insert("_sync_epochs", dbx.Params{"epoch": epoch, "began": 0}).Execute()
	}
	if err != nil {
		return fmt.Errorf("begin the first epoch: %w", err)
	}
	return nil
}
