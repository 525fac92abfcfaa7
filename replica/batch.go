package replica

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// batch is one transaction of the engine: its statements are prepared once,
// and its change numbers are counted in memory and written at the end.
type batch struct {
	app        core.App
	statements map[string]*dbx.Query
	inserts    map[string]*insert // by table
	seq        int64
	counted    bool
}

// insert adds a row to a table; columns are all that it has.
type insert struct {
	statement *dbx.Query
	columns   int
}

// last is the priority of a hook after all others.
const last = 1 << 20

// bindInserts has new records of a batch written by a statement that is
// prepared once for all of them: making and parsing its text anew for each
// took a fifth of a push. Every hook around the writing is called as ever.
func (e *Engine) bindInserts() {
	e.app.OnModelCreateExecute(Collections...).Bind(&hook.Handler[*core.ModelEvent]{Priority: last, Func: func(event *core.ModelEvent) error {
		b := e.batchOf(event.App)
		r, ok := event.Model.(*core.Record)
		if b == nil || !ok {
			return event.Next()
		}
		row, err := r.DBExport(event.App)
		if err != nil {
			return fmt.Errorf("export %s %s: %w", r.TableName(), r.Id, err)
		}
		in := b.insertInto(r.TableName(), row)
		if in.columns != len(row) {
			return event.Next()
		}
		if _, err := in.statement.Bind(row).Execute(); err != nil {
			return err
		}
		r.MarkAsNotNew()
		return nil
	}})
}

// insertInto gives the statement that adds rows like the given one.
func (b *batch) insertInto(table string, row map[string]any) *insert {
	if in, ok := b.inserts[table]; ok {
		return in
	}
	columns := slices.Sorted(maps.Keys(row))
	text := "INSERT INTO {{" + table + "}} ([[" + strings.Join(columns, "]], [[") + "]]) VALUES ({:" + strings.Join(columns, "}, {:") + "})"
	in := &insert{statement: b.app.NonconcurrentDB().NewQuery(text).Prepare(), columns: len(columns)}
	b.inserts[table] = in
	return in
}

// InBatch runs a transaction in which many records are saved or touched.
func (e *Engine) InBatch(run func(tx core.App) error) error { return e.inBatch(run) }

// inBatch runs a transaction whose writes, by hooks too, share a batch.
func (e *Engine) inBatch(run func(tx core.App) error) error {
	return e.app.RunInTransaction(func(tx core.App) error {
		b := &batch{app: tx, statements: map[string]*dbx.Query{}, inserts: map[string]*insert{}}
		e.batch.Store(b)
		defer e.batch.Store(nil)
		err := run(tx)
		if err == nil && b.counted {
			_, err = tx.NonconcurrentDB().Update("_sync_state", dbx.Params{"seq": b.seq}, dbx.HashExp{"id": 1}).Execute()
		}
		for _, statement := range b.statements {
			statement.Close()
		}
		for _, in := range b.inserts {
			in.statement.Close()
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

// Rows reads all rows that a statement finds within a transaction.
func (e *Engine) Rows(tx core.App, text string, params dbx.Params, into any) error {
	return e.query(tx, text).Bind(params).All(into)
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
