package replica

import (
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/chain"
)

// source is a table whose rows are sealed in the order of a key that only grows.
type source struct {
	name, table, key string
	said             []string
	body             string
}

// sources are what cannot be rewritten unnoticed. Erasures come first, so that
// one that was made is sealed no later than what it erased.
var sources = []source{
	{"erasures", "_sync_erasures", "n", []string{"source", "row", "digest", "why", "at"}, "''"},
	{"history", "_sync_history", "seq", []string{"collection", "record", "op", "status", "author", "device", "mutation", "stamp", "at"}, "fields"},
	{"reads", "read_audit", "n", []string{"at", "reader", "reader_kind", "role", "collection", "record", "resident", "household", "grid", "device", "how", "why", "count"}, "fields"},
}

// rowsInBlock bounds a block, and so the memory that verifying takes.
const rowsInBlock = 10_000

const pruned = "pruned"

// Redact takes the content out of the history of a record: that it was changed,
// by whom and when, stays. A hash of what was taken out is kept, so that the
// chain still shows that nothing else was changed.
func Redact(tx core.App, collection, record, why string) error {
	var rows []struct {
		Seq    int64  `db:"seq"`
		Fields string `db:"fields"`
	}
	err := tx.DB().Select("seq", "fields").From("_sync_history").
		Where(dbx.HashExp{"collection": collection, "record": record}).AndWhere(dbx.NewExp("fields NOT IN ('{}', 'null')")).All(&rows)
	if err != nil {
		return fmt.Errorf("read history of %s %s: %w", collection, record, err)
	}
	for _, row := range rows {
		if err := noteErasure(tx, "history", row.Seq, chain.BodyHash(row.Fields), why); err != nil {
			return err
		}
		_, err := tx.NonconcurrentDB().Update("_sync_history", dbx.Params{"fields": "{}"}, dbx.HashExp{"seq": row.Seq}).Execute()
		if err != nil {
			return fmt.Errorf("redact history of %s %s: %w", collection, record, err)
		}
	}
	return nil
}

func noteErasure(tx core.App, source string, row int64, digest, why string) error {
	_, err := tx.NonconcurrentDB().Insert("_sync_erasures", dbx.Params{"source": source, "row": row, "digest": digest, "why": why,
		"at": types.NowDateTime().String()}).Execute()
	if err != nil {
		return fmt.Errorf("note an erasure: %w", err)
	}
	return nil
}

// SealChain seals what was written since it was last called, and gives the
// number of rows. at is RFC 3339 in UTC.
func SealChain(app core.App, at string) (int, error) {
	sealed := 0
	for _, s := range sources {
		for {
			n, err := s.sealSome(app, at)
			if err != nil {
				return sealed, fmt.Errorf("seal %s: %w", s.name, err)
			}
			if sealed += n; n < rowsInBlock {
				break
			}
		}
	}
	return sealed, nil
}

func (s source) sealSome(app core.App, at string) (int, error) {
	if !app.HasTable(s.table) {
		return 0, nil
	}
	before, err := s.last(app)
	if err != nil {
		return 0, err
	}
	rows, err := s.rows(app, before.UpTo, 0)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	b := chain.Seal(s.name, before, rows, at)
	_, err = app.NonconcurrentDB().Insert("_sync_seals", dbx.Params{"source": b.Source, "n": b.N, "up_to": b.UpTo, "at": b.At, "rows": b.Rows, "head": b.Head}).Execute()
	return len(rows), err
}

// rows reads the rows after a key, at most a block of them, or up to another key
// when it is not 0.
func (s source) rows(app core.App, after, upTo int64) ([]chain.Row, error) {
	columns := make([]string, len(s.said))
	for i, name := range s.said {
		columns[i] = "CAST([[" + name + "]] AS TEXT)"
	}
	query := "SELECT [[" + s.key + "]], CAST(" + s.body + " AS TEXT), " + strings.Join(columns, ", ") + " FROM {{" + s.table + "}} WHERE [[" + s.key + "]] > {:after}"
	params := dbx.Params{"after": after}
	if upTo > 0 {
		query += " AND [[" + s.key + "]] <= {:upto} ORDER BY [[" + s.key + "]]"
		params["upto"] = upTo
	} else {
		query += fmt.Sprintf(" ORDER BY [[%s]] LIMIT %d", s.key, rowsInBlock)
	}
	found, err := app.DB().NewQuery(query).Bind(params).Rows()
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var rows []chain.Row
	for found.Next() {
		row := chain.Row{Said: make([]string, len(s.said))}
		into := []any{&row.Key, &row.Body}
		for i := range row.Said {
			into = append(into, &row.Said[i])
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}

// blockRow is a block as it is stored.
type blockRow struct {
	Source string `db:"source"`
	N      int64  `db:"n"`
	UpTo   int64  `db:"up_to"`
	At     string `db:"at"`
	Rows   []byte `db:"rows"`
	Head   string `db:"head"`
}

func (s source) last(app core.App) (chain.Block, error) {
	var found []blockRow
	err := app.DB().Select("*").From("_sync_seals").Where(dbx.HashExp{"source": s.name}).OrderBy("n DESC").Limit(1).All(&found)
	if err != nil || len(found) == 0 {
		return chain.Block{}, err
	}
	return chain.Block(found[0]), nil
}

// Head is the newest block of a source.
type Head struct {
	Source string `json:"source"`
	Block  int64  `json:"block"`
	Head   string `json:"head"`
	At     string `json:"at"`
}

// Heads gives the newest block of every source that has one.
func Heads(app core.App) ([]Head, error) {
	var heads []Head
	for _, s := range sources {
		b, err := s.last(app)
		if err != nil {
			return nil, fmt.Errorf("read the head of %s: %w", s.name, err)
		}
		if b.N > 0 {
			heads = append(heads, Head{b.Source, b.N, b.Head, b.At})
		}
	}
	return heads, nil
}

// Break is the first place at which a source is not as it was sealed.
type Break struct {
	Source string `json:"source"`
	Block  int64  `json:"block"`
	Row    int64  `json:"row,omitempty"` // 0: the block itself
	At     string `json:"at,omitempty"`  // when the block was sealed
	What   string `json:"what"`
}

func (b Break) String() string {
	if b.Row == 0 {
		return fmt.Sprintf("%s, block %d of %s: %s", b.Source, b.Block, b.At, b.What)
	}
	return fmt.Sprintf("%s, row %d, in block %d of %s: %s", b.Source, b.Row, b.Block, b.At, b.What)
}

// Audit is what was found of the chain.
type Audit struct {
	Blocks   int     `json:"blocks"`
	Rows     int     `json:"rows"`
	Erased   int     `json:"erased"`   // bodies that were erased on purpose
	Unsealed int     `json:"unsealed"` // rows that are not sealed yet
	Breaks   []Break `json:"breaks"`   // the first of each source
}

// CheckChain verifies every source, and that heads which were exported before
// are still in it. Reads that were sealed before purgedBefore, RFC 3339 in UTC,
// may be gone: they are purged by their age.
func CheckChain(app core.App, exported []Head, purgedBefore string) (Audit, error) {
	var a Audit
	erased, horizon, err := erasures(app)
	if err != nil {
		return a, err
	}
	for _, s := range sources {
		if !app.HasTable(s.table) {
			continue
		}
		broken, err := s.check(app, &a, erased[s.name], horizon[s.name], purgedBefore, exported)
		if err != nil {
			return a, fmt.Errorf("verify %s: %w", s.name, err)
		}
		if broken != nil {
			a.Breaks = append(a.Breaks, *broken)
		}
	}
	return a, nil
}

func erasures(app core.App) (map[string]chain.Erased, map[string]int64, error) {
	var rows []struct {
		Source string `db:"source"`
		Row    int64  `db:"row"`
		Digest string `db:"digest"`
		Why    string `db:"why"`
	}
	if err := app.DB().Select("source", "row", "digest", "why").From("_sync_erasures").All(&rows); err != nil {
		return nil, nil, fmt.Errorf("read erasures: %w", err)
	}
	erased, horizon := map[string]chain.Erased{}, map[string]int64{}
	for _, row := range rows {
		if row.Why == pruned {
			horizon[row.Source] = max(horizon[row.Source], row.Row)
			continue
		}
		if erased[row.Source] == nil {
			erased[row.Source] = chain.Erased{}
		}
		erased[row.Source][row.Row] = row.Digest
	}
	return erased, horizon, nil
}

func (s source) check(app core.App, a *Audit, erased chain.Erased, horizon int64, purgedBefore string, exported []Head) (*Break, error) {
	var before chain.Block
	heads := map[int64]string{}
	for {
		var found []blockRow
		err := app.DB().Select("*").From("_sync_seals").Where(dbx.HashExp{"source": s.name}).
			AndWhere(dbx.NewExp("n > {:n}", dbx.Params{"n": before.N})).OrderBy("n").Limit(1).All(&found)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			break
		}
		b := chain.Block(found[0])
		a.Blocks++
		heads[b.N] = b.Head
		fault := func(row int64, what string) *Break { return &Break{s.name, b.N, row, b.At, what} }
		if !b.Follows(before) {
			return fault(0, "does not follow from the block before"), nil
		}
		sealed, err := b.Sealed(before.UpTo)
		if err != nil {
			return fault(0, err.Error()), nil
		}
		there, err := s.rows(app, before.UpTo, b.UpTo)
		if err != nil {
			return nil, err
		}
		gone := horizon
		if s.name == "reads" && b.At < purgedBefore {
			gone = b.UpTo
		}
		if f := chain.Compare(sealed, there, erased, gone); f != nil {
			return fault(f.Key, f.What), nil
		}
		a.Rows += len(there)
		before = b
	}
	a.Erased += len(erased)
	for _, head := range exported {
		if head.Source == s.name && heads[head.Block] != head.Head {
			return &Break{s.name, head.Block, 0, head.At, "is not the block whose head was exported"}, nil
		}
	}
	var unsealed int
	err := app.DB().NewQuery("SELECT COUNT(*) FROM {{" + s.table + "}} WHERE [[" + s.key + "]] > {:last}").Bind(dbx.Params{"last": before.UpTo}).Row(&unsealed)
	a.Unsealed += unsealed
	return nil, err
}
