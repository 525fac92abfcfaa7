package replica

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// PullRequest is the body of a pull.
type PullRequest struct {
	Cursor      string   `json:"cursor"`
	Limit       int      `json:"limit"`
	Schema      int      `json:"schema"`
	Collections []string `json:"collections"`
}

// Change is one record that a phone should hold, or no longer hold.
type Change struct {
	Collection string          `json:"collection"`
	ID         string          `json:"id"`
	Seq        int64           `json:"seq"`
	Scopes     []string        `json:"scopes,omitempty"` // of the caller's, those that hold it
	Record     json.RawMessage `json:"record,omitempty"`
	Gone       bool            `json:"gone,omitempty"`
}

// Page is the answer to a pull.
type Page struct {
	Changes []Change `json:"changes"`
	Drop    []string `json:"drop"`
	Scopes  []string `json:"scopes"`
	Cursor  string   `json:"cursor"`
	Epoch   string   `json:"epoch"`
	More    bool     `json:"more"`
	Now     string   `json:"now"`
	Poll    int      `json:"poll"`
	Nonce   string   `json:"nonce,omitempty"`

	// What a phone keeps for the day when it is lost.
	ParcelKey string `json:"parcel_key,omitempty"` // seals what was not sent: a point of P-256 in base64
	WipeAfter int    `json:"wipe_after,omitempty"` // days without contact after which the phone erases itself
}

// Pull gives the caller what changed in his scopes since his cursor, at most
// one page. Its cost depends on that alone: a scope in which nothing happened
// is not read.
func (e *Engine) Pull(ctx context.Context, caller Caller, request PullRequest) (Page, error) {
	if request.Schema != 0 && request.Schema < e.s.MinSchema {
		return Page{}, &Error{Status: 426, Code: "upgrade_required", Message: "This app is too old to read from this server; it may still push.", More: map[string]any{"min": e.s.MinSchema}}
	}
	slices.Sort(request.Collections)
	for _, name := range request.Collections {
		if !replicated(name) {
			return Page{}, badRequest("unknown_collection", "There is no collection %.60q to pull.", name)
		}
	}
	now := e.current()
	from, err := decodeCursor(request.Cursor, now.Key, now.Epoch, caller.Device, request.Collections)
	if err != nil {
		return Page{}, e.withResume(err, caller)
	}
	page := Page{Changes: []Change{}, Drop: []string{}, Scopes: caller.Scopes, Epoch: now.Epoch, Now: e.now(), Poll: e.s.Poll}
	if e.nonce != nil {
		page.Nonce = e.nonce(caller.Device)
	}
	next := cursor{epoch: now.Epoch, device: caller.Device, filter: from.filter, seqs: map[string]int64{}}
	var behind []string
	for scope := range from.seqs {
		if !caller.holds(scope) {
			page.Drop = append(page.Drop, scope)
		}
	}
	slices.Sort(page.Drop)
	for _, scope := range caller.Scopes {
		next.seqs[scope] = from.seqs[scope]
		head, err := e.heads.of(scope)
		if err != nil {
			return Page{}, err
		}
		// A cursor ahead of all that this process knows of is read too: it may
		// prove a restored file.
		if head > from.seqs[scope] || from.seqs[scope] > e.committed.Load() {
			behind = append(behind, scope)
		}
	}
	if len(behind) > 0 {
		limit := e.s.PageLimit
		if request.Limit > 0 {
			limit = min(limit, request.Limit)
		}
		// A few readers at a time are faster in all than a hundred, and each
		// holds a connection with a cache of its own.
		select {
		case e.readers <- struct{}{}:
		case <-ctx.Done():
			return Page{}, ctxErr(ctx)
		}
		defer func() { <-e.readers }()
		if err := e.readPage(ctx, caller, request.Collections, behind, next.seqs, limit, &page); err != nil {
			return Page{}, e.withResume(err, caller)
		}
	}
	page.Cursor = next.encode(now.Key)
	if e.fill != nil {
		e.fill(&page)
	}
	return page, nil
}

func (e *Engine) now() string { return e.s.Now().UTC().Format("2006-01-02T15:04:05.000Z") }

// withResume adds to a change of epoch the number up to which this server has
// the caller's outbox.
func (e *Engine) withResume(err error, caller Caller) error {
	if refused, ok := err.(*Error); ok && refused.Code == "epoch_changed" {
		box, readErr := readOutbox(e.app.DB(), caller)
		if readErr != nil {
			return readErr
		}
		refused.More = map[string]any{"resume_from": box.N}
	}
	return err
}

// readPage fills a page from the feed within one read transaction, and moves
// the cursor over what it read.
func (e *Engine) readPage(ctx context.Context, caller Caller, collections, behind []string, seqs map[string]int64, limit int, page *Page) error {
	db, ok := e.app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return fmt.Errorf("pull needs a database, not a transaction")
	}
	tx, err := db.WithContext(ctx).Begin()
	if err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer tx.Rollback()
	var head int64
	if err := tx.Select("seq").From("_sync_state").Row(&head); err != nil {
		return fmt.Errorf("read the head: %w", err)
	}
	for _, scope := range behind {
		if seqs[scope] > head {
			// Only a file older than the one that handed out the cursor can say so.
			return e.rolledBack()
		}
		if page.More {
			break
		}
		rows, err := readFeed(tx, scope, seqs[scope], limit-len(page.Changes)+1, collections)
		if err != nil {
			return err
		}
		if room := limit - len(page.Changes); len(rows) > room {
			rows, page.More = rows[:room], true
		}
		if page.More && len(rows) > 0 {
			seqs[scope] = rows[len(rows)-1].Seq
		} else if !page.More {
			seqs[scope] = head
		}
		if page.Changes, err = e.addRows(tx, caller, page.Changes, rows); err != nil {
			return err
		}
	}
	return e.fillRecords(tx, page)
}

// rolledBack begins a new epoch after a phone proved that this database is
// older than it was.
func (e *Engine) rolledBack() error {
	if err := newEpoch(e.app); err != nil {
		return err
	}
	if err := e.load(); err != nil {
		return err
	}
	e.app.Logger().Warn("A phone knows changes that this database does not have: a new sync epoch begins")
	return epochChanged()
}

type feedRow struct {
	Collection string `db:"collection"`
	Record     string `db:"record"`
	Seq        int64  `db:"seq"`
	Gone       bool   `db:"gone"`
}

func readFeed(tx dbx.Builder, scope string, after int64, limit int, collections []string) ([]feedRow, error) {
	query := tx.Select("collection", "record", "seq", "gone").From("_sync_feed").
		Where(dbx.NewExp("scope = {:scope} AND seq > {:after}", dbx.Params{"scope": scope, "after": after})).
		OrderBy("seq").Limit(int64(limit))
	if len(collections) > 0 {
		names := make([]any, len(collections))
		for i, name := range collections {
			names[i] = name
		}
		query.AndWhere(dbx.In("collection", names...))
	}
	var rows []feedRow
	if err := query.All(&rows); err != nil {
		return nil, fmt.Errorf("read feed of %s: %w", scope, err)
	}
	return rows, nil
}

// addRows appends feed rows to a page. What is gone from one scope and still
// held through another is sent as it stands: the scope through which the phone
// knows it may be lost before the other one is read.
func (e *Engine) addRows(tx dbx.Builder, caller Caller, changes []Change, rows []feedRow) ([]Change, error) {
	byCollection := map[string][]string{}
	for _, row := range rows {
		byCollection[row.Collection] = append(byCollection[row.Collection], row.Record)
	}
	held := make(map[string]Change, len(rows))
	for collection, ids := range byCollection {
		if err := readHeld(tx, caller, collection, ids, held); err != nil {
			return nil, err
		}
	}
	for _, row := range rows {
		change := held[row.Collection+"/"+row.Record]
		change.Collection, change.ID, change.Seq = row.Collection, row.Record, max(row.Seq, change.Seq)
		change.Gone = len(change.Scopes) == 0
		changes = append(changes, change)
	}
	return changes, nil
}

// readHeld finds through which scopes the caller holds records, and their
// newest change, by «collection/id».
func readHeld(tx dbx.Builder, caller Caller, collection string, ids []string, held map[string]Change) error {
	for len(ids) > 0 {
		n := min(len(ids), idsPerQuery)
		// Ids come from our own feed and hold letters and digits only.
		rows, err := tx.NewQuery("SELECT record, scope, seq FROM _sync_feed WHERE collection = {:collection} AND record IN ('" +
			strings.Join(ids[:n], "','") + "') AND gone = 0").Bind(dbx.Params{"collection": collection}).Rows()
		if err != nil {
			return fmt.Errorf("read scopes of %s: %w", collection, err)
		}
		if err := addHeld(rows, caller, collection, held); err != nil {
			return fmt.Errorf("read scopes of %s: %w", collection, err)
		}
		ids = ids[n:]
	}
	return nil
}

func addHeld(rows *dbx.Rows, caller Caller, collection string, held map[string]Change) error {
	defer rows.Close()
	var record, scope string
	var seq int64
	for rows.Next() {
		if err := rows.Scan(&record, &scope, &seq); err != nil {
			return err
		}
		if caller.holds(scope) {
			change := held[collection+"/"+record]
			change.Scopes, change.Seq = append(change.Scopes, scope), max(change.Seq, seq)
			held[collection+"/"+record] = change
		}
	}
	return rows.Err()
}

const presentScopes = "SELECT scope FROM _sync_feed WHERE collection = {:collection} AND record = {:record} AND gone = 0"

// presentScopes are the scopes in which a record is within a transaction.
func (e *Engine) presentScopes(tx core.App, collection, record string) ([]string, error) {
	scopes, err := column[string](e.query(tx, presentScopes), dbx.Params{"collection": collection, "record": record})
	if err != nil {
		return nil, fmt.Errorf("read scopes of %s %s: %w", collection, record, err)
	}
	return scopes, nil
}

// fillRecords reads the records of a page, collection by collection.
func (e *Engine) fillRecords(tx dbx.Builder, page *Page) error {
	wanted := map[string][]int{}
	for i, change := range page.Changes {
		if !change.Gone {
			wanted[change.Collection] = append(wanted[change.Collection], i)
		}
	}
	for collection, at := range wanted {
		encoder, err := e.encoderOf(collection)
		if err != nil {
			return err
		}
		ids := make([]string, len(at))
		for i, index := range at {
			ids[i] = page.Changes[index].ID
		}
		records, err := encoder.read(tx, ids)
		if err != nil {
			return err
		}
		for _, index := range at {
			record, ok := records[page.Changes[index].ID]
			if !ok {
				// The feed speaks of a record that is not there: doctor's concern;
				// the phone is told the truth.
				page.Changes[index].Gone = true
				continue
			}
			page.Changes[index].Record = record
		}
	}
	return nil
}
