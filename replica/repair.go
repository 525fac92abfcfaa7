package replica

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Difference is one place where the feed does not say what the tables hold.
type Difference struct {
	Collection string `json:"collection"`
	Record     string `json:"record"`
	Scope      string `json:"scope"`
	Missing    bool   `json:"missing"` // the record is in the scope, the feed does not say so
}

// Check compares the feed with the tables. With repair it mends what differs,
// as changes of their own, so that phones hear of them.
func Check(app core.App, repair bool) ([]Difference, error) {
	var all []Difference
	err := app.RunInTransaction(func(tx core.App) error {
		for _, collection := range Collections {
			found, err := checkCollection(tx, collection)
			if err != nil {
				return err
			}
			if repair {
				if err := mend(tx, found); err != nil {
					return err
				}
			}
			all = append(all, found...)
		}
		return nil
	})
	return all, err
}

// scopeFields are the fields that scopes depend on.
var scopeFields = []string{"id", "grid", "officer", "user", "created_by", "lead_org", "org", "volunteer", "audience"}

func checkCollection(tx core.App, collection string) ([]Difference, error) {
	col, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("find collection %s: %w", collection, err)
	}
	var columns []string
	for _, field := range scopeFields {
		if col.Fields.GetByName(field) != nil {
			columns = append(columns, field)
		}
	}
	present, err := presentRows(tx.DB(), collection)
	if err != nil {
		return nil, err
	}
	rows, err := tx.DB().Select(columns...).From(collection).OrderBy("rowid").Rows()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", collection, err)
	}
	defer rows.Close()
	var found []Difference
	row := dbx.NullStringMap{}
	for rows.Next() {
		if err := rows.ScanMap(row); err != nil {
			return nil, fmt.Errorf("read %s: %w", collection, err)
		}
		id := row["id"].String
		for _, scope := range scopesOf(collection, func(field string) string { return row[field].String }) {
			if key := id + " " + scope; present[key] {
				delete(present, key)
			} else {
				found = append(found, Difference{collection, id, scope, true})
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", collection, err)
	}
	for _, key := range slices.Sorted(maps.Keys(present)) {
		found = append(found, Difference{collection, key[:15], key[16:], false})
	}
	return found, nil
}

// presentRows are the rows of the feed that are not gone, as «record scope».
func presentRows(db dbx.Builder, collection string) (map[string]bool, error) {
	rows, err := db.Select("record", "scope").From("_sync_feed").Where(dbx.HashExp{"collection": collection, "gone": 0}).Rows()
	if err != nil {
		return nil, fmt.Errorf("read feed of %s: %w", collection, err)
	}
	defer rows.Close()
	present := map[string]bool{}
	var record, scope string
	for rows.Next() {
		if err := rows.Scan(&record, &scope); err != nil {
			return nil, fmt.Errorf("read feed of %s: %w", collection, err)
		}
		present[record+" "+scope] = true
	}
	return present, rows.Err()
}

func mend(tx core.App, found []Difference) error {
	if len(found) == 0 {
		return nil
	}
	var seq int64
	err := tx.NonconcurrentDB().NewQuery("UPDATE _sync_state SET seq = seq + {:n} WHERE id = 1 RETURNING seq - {:n}").
		Bind(dbx.Params{"n": len(found)}).Row(&seq)
	if err != nil {
		return fmt.Errorf("take change numbers: %w", err)
	}
	put := tx.NonconcurrentDB().NewQuery(`INSERT INTO _sync_feed (collection, record, scope, seq, gone)
		VALUES ({:collection}, {:record}, {:scope}, {:seq}, {:gone})
		ON CONFLICT (collection, record, scope) DO UPDATE SET seq = excluded.seq, gone = excluded.gone`).Prepare()
	defer put.Close()
	for _, d := range found {
		seq++
		_, err := put.Bind(dbx.Params{"collection": d.Collection, "record": d.Record, "scope": d.Scope, "seq": seq, "gone": !d.Missing}).Execute()
		if err != nil {
			return fmt.Errorf("mend feed of %s %s: %w", d.Collection, d.Record, err)
		}
	}
	return nil
}

// Prune drops history before the given time, RFC 3339 in UTC. A mutation whose
// base lies before what is left is merged as if both sides had changed.
func Prune(app core.App, before string) (int64, error) {
	var dropped int64
	err := app.RunInTransaction(func(tx core.App) error {
		var last int64
		err := tx.DB().Select("COALESCE(MAX(seq), 0)").From("_sync_history").
			Where(dbx.NewExp("at < {:before}", dbx.Params{"before": before})).Row(&last)
		if err != nil || last == 0 {
			return err
		}
		result, err := tx.NonconcurrentDB().Delete("_sync_history", dbx.NewExp("seq <= {:last}", dbx.Params{"last": last})).Execute()
		if err != nil {
			return err
		}
		if dropped, err = result.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.NonconcurrentDB().Update("_sync_state", dbx.Params{"pruned": last}, dbx.HashExp{"id": 1}).Execute()
		if err != nil {
			return err
		}
		return noteErasure(tx, "history", last, "", pruned)
	})
	if err != nil {
		return 0, fmt.Errorf("prune history: %w", err)
	}
	return dropped, nil
}

// prune drops what is older than the history is kept.
func (e *Engine) prune() {
	before := e.s.Now().UTC().Add(-e.s.HistoryKeep).Format("2006-01-02 15:04:05.000Z")
	dropped, err := Prune(e.app, before)
	if err != nil {
		e.app.Logger().Error("Pruning history failed", "error", err)
		return
	}
	e.app.Logger().Info("History pruned", "before", before, "rows", dropped)
}
