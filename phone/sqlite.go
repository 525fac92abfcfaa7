package phone

import (
	"database/sql"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // the driver
)

// SQLite is a Store in one file.
type SQLite struct{ db *sql.DB }

// OpenSQLite opens or makes the store in the file path. A write that was
// confirmed survives a loss of power.
func OpenSQLite(path string) (*SQLite, error) {
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS store (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return &SQLite{db}, nil
}

// Close closes the file.
func (s *SQLite) Close() error { return s.db.Close() }

// Update implements Store.
func (s *SQLite) Update(change func(Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := change(sqliteTx{tx}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// View implements Store.
func (s *SQLite) View(read func(Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	return read(sqliteTx{tx})
}

type sqliteTx struct{ tx *sql.Tx }

func (t sqliteTx) Get(key string) ([]byte, error) {
	var value []byte
	err := t.tx.QueryRow("SELECT value FROM store WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

func (t sqliteTx) Put(key string, value []byte) error {
	_, err := t.tx.Exec("INSERT INTO store (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}

func (t sqliteTx) Delete(key string) error {
	_, err := t.tx.Exec("DELETE FROM store WHERE key = ?", key)
	return err
}

func (t sqliteTx) Scan(from, to string, each func(string, []byte) error) error {
	type entry struct {
		key   string
		value []byte
	}
	rows, err := t.tx.Query("SELECT key, value FROM store WHERE key >= ? AND key < ? ORDER BY key", from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []entry // each may write, which needs the one connection
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.key, &e.value); err != nil {
			return err
		}
		found = append(found, e)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, e := range found {
		if err := each(e.key, e.value); err != nil {
			return err
		}
	}
	return nil
}
