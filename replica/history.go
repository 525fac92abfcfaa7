package replica

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/merge"
	"gridwalk/sealed"
)

// historyRow is one change of one record.
type historyRow struct {
	Seq      int64       `db:"seq"`
	Op       string      `db:"op"`
	Author   string      `db:"author"`
	Mutation string      `db:"mutation"`
	Stamp    merge.Stamp `db:"stamp"`
	Fields   string      `db:"fields"`
}

var historyColumns = []string{"seq", "op", "author", "mutation", "stamp", "fields"}

// version is what a line made of the field.
func (row historyRow) version(l line) merge.Version {
	if l.Present != nil {
		return *l.Present
	}
	return row.asked(l)
}

// asked is what the mutation of a line asked for.
func (row historyRow) asked(l line) merge.Version {
	stamp := row.Stamp
	if l.Stamp != "" {
		stamp = l.Stamp
	}
	return merge.Version{Value: l.Asked, Stamp: stamp, Author: row.Author, Mutation: row.Mutation}
}

// HistoryFields gives the fields of a row of the history as they were before
// they were sealed: JSON, see line.
func HistoryFields(app core.App, seq int64, stored string) (string, error) {
	plain, err := sealed.RingOf(app).OpenField("_sync_history", "fields", strconv.FormatInt(seq, 10), stored)
	if err != nil {
		return "", fmt.Errorf("read history at %d: %w", seq, err)
	}
	return plain, nil
}

func linesAt(app core.App, seq int64, stored string) (lines map[string]line, err error) {
	plain, err := HistoryFields(app, seq, stored)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(plain), &lines); err != nil {
		return nil, fmt.Errorf("read history at %d: %w", seq, err)
	}
	return lines, nil
}

// sealedLines are lines as the history stores them.
func sealedLines(app core.App, seq int64, lines map[string]line) (string, error) {
	fields, err := json.Marshal(lines)
	if err != nil || len(lines) == 0 {
		return string(fields), err
	}
	return sealed.RingOf(app).Seal(fields, sealed.Place("_sync_history", "fields", strconv.FormatInt(seq, 10)))
}

// linesOf is what the history keeps of a merge.
func linesOf(m Mutation, merged merge.Result) map[string]line {
	lines := map[string]line{}
	for field, outcome := range merged.Fields {
		if outcome.Line == nil {
			continue
		}
		l := line{Asked: outcome.Line.Value, Saw: outcome.Line.Saw}
		if outcome.Line.Stamp != m.stamp {
			l.Stamp = outcome.Line.Stamp
		}
		if !sameVersion(outcome.Present, outcome.Line.Version) {
			present := outcome.Present
			l.Present = &present
		}
		lines[field] = l
	}
	return lines
}

func sameVersion(a, b merge.Version) bool {
	return a.Stamp == b.Stamp && a.Author == b.Author && a.Mutation == b.Mutation && merge.Equal(a.Value, b.Value)
}

// askedLines is what the history keeps of an edit that met a deleted record.
func askedLines(m Mutation) map[string]line {
	lines := map[string]line{}
	for field, value := range settable(m) {
		lines[field] = line{Asked: value}
	}
	return lines
}

// serverSide gives the server's side of the fields that a mutation speaks of:
// how each stands, how it stood at the mutation's base, and what was asked of
// it since. Rows are read from the newest back, as far as they are needed.
func (e *Engine) serverSide(tx core.App, r *core.Record, m Mutation) (merge.Record, error) {
	names := make([]string, 0, len(m.Set))
	for field := range settable(m) {
		names = append(names, field)
	}
	if m.Op == "delete" {
		names = names[:0]
		for field := range merge.Collections[m.Collection] {
			if r.Collection().Fields.GetByName(field) != nil {
				names = append(names, field)
			}
		}
	}
	var pruned int64
	if err := tx.DB().Select("pruned").From("_sync_state").Row(&pruned); err != nil {
		return merge.Record{}, fmt.Errorf("read how far history goes back: %w", err)
	}
	var rows []historyRow
	err := tx.DB().Select(historyColumns...).From("_sync_history").
		Where(dbx.HashExp{"collection": m.Collection, "record": m.Record}).OrderBy("seq DESC").All(&rows)
	if err != nil {
		return merge.Record{}, fmt.Errorf("read history of %s %s: %w", m.Collection, m.Record, err)
	}
	sides := make(map[string]*side, len(names))
	open := len(names)
	for _, name := range names {
		sides[name] = &side{}
	}
	for _, row := range rows {
		if open == 0 {
			break
		}
		lines, err := linesAt(tx, row.Seq, row.Fields)
		if err != nil {
			return merge.Record{}, fmt.Errorf("read history of %s %s: %w", m.Collection, m.Record, err)
		}
		for name, s := range sides {
			if l, ok := lines[name]; ok && s.base == nil {
				if s.add(row, l, m.Base) {
					open--
				}
			}
		}
	}
	out := merge.Record{Fields: make(map[string]merge.Field, len(names))}
	for _, name := range names {
		out.Fields[name] = sides[name].field(normal(r, name), m.Base >= pruned)
	}
	return out, nil
}

// side gathers what the history says of one field, newest first.
type side struct {
	present, base *merge.Version
	since         []merge.Change // newest first
}

// add takes one line of history, and tells whether it was the last needed.
func (s *side) add(row historyRow, l line, base int64) bool {
	version := row.version(l)
	if s.present == nil {
		s.present = &version
	}
	if row.Seq <= base {
		s.base = &version
		return true
	}
	s.since = append(s.since, merge.Change{Version: row.asked(l), Saw: l.Saw})
	return false
}

// field is the side as merge wants it. complete says that history reaches back
// to the base: then a field without a line at base stood as it was first made.
func (s *side) field(stored any, complete bool) merge.Field {
	f := merge.Field{Present: merge.Version{Value: stored}, Base: s.base}
	if s.present != nil {
		f.Present = *s.present
		f.Present.Value = stored
	}
	for i := len(s.since) - 1; i >= 0; i-- {
		f.Since = append(f.Since, s.since[i])
	}
	if f.Base == nil && complete {
		first := merge.Version{Value: stored}
		if len(f.Since) > 0 {
			first.Value = f.Since[0].Saw
		}
		f.Base = &first
	}
	return f
}
