package sealed

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/seal"
)

// Refresh takes over keys that another process has made.
func Refresh(app core.App) error {
	if ring := RingOf(app); ring != nil {
		return ring.reload()
	}
	return nil
}

// Rotate makes a new data key and seals everything in collections under it
// anew, a few rows at a time, so that a server may go on serving. It gives the
// number of values that were sealed anew; one that is being changed meanwhile
// is left to who changes it. What is sealed elsewhere, such as the history,
// stays as it is, and so do its keys.
func Rotate(app core.App) (int, error) {
	if err := addKey(app, dataKind); err != nil {
		return 0, err
	}
	ring := RingOf(app)
	if err := ring.reload(); err != nil {
		return 0, err
	}
	collections, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return 0, fmt.Errorf("list collections: %w", err)
	}
	total := 0
	for _, collection := range collections {
		for _, field := range collection.Fields {
			if !Is(field) {
				continue
			}
			n, err := resealColumn(app, ring, collection.Name, field.GetName())
			if total += n; err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

const rowsAtOnce = 500

// resealColumn seals one column under the current key.
func resealColumn(app core.App, ring *Ring, table, column string) (int, error) {
	current, last, total := ring.Current(), "", 0
	for {
		var rows []struct {
			ID    string `db:"id"`
			Value string `db:"value"`
		}
		err := app.DB().NewQuery("SELECT id, [[" + column + "]] AS value FROM {{" + table + "}} WHERE id > {:last} AND [[" + column +
			"]] NOT IN ('', '[]', 'null', 0) ORDER BY id LIMIT {:n}").Bind(dbx.Params{"last": last, "n": rowsAtOnce}).All(&rows)
		if err != nil {
			return total, fmt.Errorf("read %s.%s: %w", table, column, err)
		}
		if len(rows) == 0 {
			return total, nil
		}
		err = app.RunInTransaction(func(tx core.App) error {
			for _, row := range rows {
				if seal.KeyOf(row.Value) == current {
					continue
				}
				plain, err := ring.OpenField(table, column, row.ID, row.Value)
				if err != nil {
					return err
				}
				anew, err := ring.Seal([]byte(plain), Place(table, column, row.ID))
				if err != nil {
					return err
				}
				result, err := tx.DB().NewQuery("UPDATE {{" + table + "}} SET [[" + column + "]] = {:anew} WHERE id = {:id} AND [[" + column + "]] = {:was}").
					Bind(dbx.Params{"anew": anew, "id": row.ID, "was": row.Value}).Execute()
				if err != nil {
					return fmt.Errorf("seal %s.%s of %s anew: %w", table, column, row.ID, err)
				}
				if n, err := result.RowsAffected(); err == nil {
					total += int(n)
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
		last = rows[len(rows)-1].ID
	}
}

// Rewrap wraps all data keys under another master key, and gives their number.
// A server that runs goes on; when it starts again it needs the new one.
func Rewrap(app core.App, to seal.Master) (int, error) {
	master, err := masterOf(app)
	if err != nil {
		return 0, err
	}
	done := 0
	err = app.RunInTransaction(func(tx core.App) error {
		rows, err := keyRows(tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Master != master.Name() {
				return fmt.Errorf("%w: %s, but %s was given", ErrOtherMaster, nameOf(row.Master), nameOf(master.Name()))
			}
			secret, err := master.Unwrap(row.ID, row.Wrapped)
			if err != nil {
				return err
			}
			wrapped, err := to.Wrap(row.ID, secret)
			if err != nil {
				return err
			}
			_, err = tx.DB().Update(keyTable, dbx.Params{"wrapped": wrapped, "master": to.Name()}, dbx.HashExp{"id": row.ID}).Execute()
			if err != nil {
				return fmt.Errorf("keep data key %s: %w", row.ID, err)
			}
			done++
		}
		return nil
	})
	return done, err
}

// Count tells how many data keys there are, by the master key that wraps them.
func Count(app core.App) (map[string]int, error) {
	rows, err := keyRows(app)
	out := map[string]int{}
	for _, row := range rows {
		out[nameOf(row.Master)]++
	}
	return out, err
}
