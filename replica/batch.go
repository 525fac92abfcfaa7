package replica

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// batch is one transaction of the engine: its statements are prepared once,
// and its change numbers are counted in memory and written at the end.
type batch struct {
	app        core.App
	statements map[string]*dbx.Query
	seq        int64
	counted    bool
}

// inBatch runs a transaction whose writes, by hooks too, share a batch.
func (e *Engine) inBatch(run func(tx core.App) error) error {
	return e.app.RunInTransaction(func(tx core.App) error {
		b := &batch{app: tx, statements: map[string]*dbx.Query{}}
		e.batch.Store(b)
		defer e.batch.Store(nil)
		err := run(tx)
		if err == nil && b.counted {
			_, err = tx.NonconcurrentDB().Update("_sync_state", dbx.Params{"seq": b.seq}, dbx.HashExp{"id": 1}).Execute()
		}
		for _, statement := range b.statements {
			statement.Close()
		}
		return err
	})
}

// batchOf gives the batch that a transaction belongs to, nil for a save of its
// own.
func (e *Engine) batchOf(tx core.App) *batch {
	if b := e.batch.Load(); b != nil && b.app == tx {
		return b
	}
	return nil
}

// query gives a statement of the transaction, prepared when it is used again.
func (e *Engine) query(tx core.App, text string) *dbx.Query {
	b := e.batchOf(tx)
	if b == nil {
		return tx.NonconcurrentDB().NewQuery(text)
	}
	statement, ok := b.statements[text]
	if !ok {
		statement = tx.NonconcurrentDB().NewQuery(text).Prepare()
		b.statements[text] = statement
	}
	return statement
}

// nextSeq takes the next change number. SQLite has one writer, so the order of
// the numbers is the order of the commits.
func (e *Engine) nextSeq(tx core.App) (int64, error) {
	if b := e.batchOf(tx); b != nil {
		if !b.counted {
			head, err := headOf(tx)
			if err != nil {
				return 0, err
			}
			b.seq, b.counted = head, true
		}
		b.seq++
		return b.seq, nil
	}
	var seq int64
	err := tx.NonconcurrentDB().NewQuery("UPDATE _sync_state SET seq = seq + 1 WHERE id = 1 RETURNING seq").Row(&seq)
	if err != nil {
		return 0, fmt.Errorf("take a change number: %w", err)
	}
	return seq, nil
}

// head gives the newest change number within a transaction.
func (e *Engine) head(tx core.App) (int64, error) {
	if b := e.batchOf(tx); b != nil && b.counted {
		return b.seq, nil
	}
	return headOf(tx)
}

// Row reads the first column of the first row that a statement finds within a
// transaction, for hooks that run with every save. It is sql.ErrNoRows when
// there is none.
func (e *Engine) Row(tx core.App, text string, params dbx.Params, into any) error {
	return e.query(tx, text).Bind(params).Row(into)
}

// Execute runs a statement within a transaction, and tells how many rows it
// changed.
func (e *Engine) Execute(tx core.App, text string, params dbx.Params) (int64, error) {
	result, err := e.query(tx, text).Bind(params).Execute()
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// column collects the first column of all rows of a statement.
func column[T any](query *dbx.Query, params dbx.Params) ([]T, error) {
	var out []T
	err := query.Bind(params).Column(&out)
	return out, err
}
