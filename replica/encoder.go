package replica

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/sealed"
)

// encoder writes the stored rows of one collection as JSON, as PocketBase's
// own API does but without building a record of each: hydration is rows by the
// ten thousand.
type encoder struct {
	collection string
	ring       *sealed.Ring
	columns    []string
	keys       [][]byte // `"name":` for each column
	kinds      []kind
	sealed     []bool
}

type kind int

const (
	textual kind = iota
	numeric
	boolean
	verbatim // JSON already
)

// encoderOf gives the encoder of a collection, made anew when its fields
// changed.
func (e *Engine) encoderOf(collection string) (*encoder, error) {
	col, err := e.app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("find collection %s: %w", collection, err)
	}
	key := col.Id + " " + col.Updated.String()
	if known, ok := e.encoders.Load(key); ok {
		return known.(*encoder), nil
	}
	enc := &encoder{collection: collection, ring: sealed.RingOf(e.app)}
	for _, field := range col.Fields {
		if field.GetHidden() || quietOnWire[field.GetName()] || slices.Contains(besideFeed[collection], field.GetName()) {
			continue
		}
		enc.columns = append(enc.columns, field.GetName())
		name, err := json.Marshal(field.GetName())
		if err != nil {
			return nil, fmt.Errorf("name a column: %w", err)
		}
		enc.keys = append(enc.keys, append(name, ':'))
		enc.kinds = append(enc.kinds, kindOf(field))
		enc.sealed = append(enc.sealed, sealed.Is(field))
	}
	e.encoders.Store(key, enc)
	return enc, nil
}

// quietOnWire are columns that no phone needs.
var quietOnWire = map[string]bool{"password": true, "tokenKey": true, "emailVisibility": true}

// besideFeed are columns that are written without a word in the feed.
var besideFeed = map[string][]string{"devices": {"last_contact_at", "seq", "outbox_size"}}

func kindOf(field core.Field) kind {
	switch sealed.Plain(field).(type) {
	case *core.NumberField:
		return numeric
	case *core.BoolField:
		return boolean
	case *core.JSONField, *core.GeoPointField:
		return verbatim
	}
	if multi, ok := field.(core.MultiValuer); ok && multi.IsMultiple() {
		return verbatim
	}
	return textual
}

const idsPerQuery = 500

// read gives the records with the given ids by id.
func (enc *encoder) read(tx dbx.Builder, ids []string) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), idsPerQuery)
		if err := enc.readSome(tx, ids[:n], out); err != nil {
			return nil, fmt.Errorf("read %s: %w", enc.collection, err)
		}
		ids = ids[n:]
	}
	return out, nil
}

func (enc *encoder) readSome(tx dbx.Builder, ids []string, out map[string]json.RawMessage) error {
	// Ids come from our own feed and hold letters and digits only.
	query := "SELECT `" + strings.Join(enc.columns, "`,`") + "` FROM `" + enc.collection + "` WHERE id IN ('" + strings.Join(ids, "','") + "')"
	rows, err := tx.NewQuery(query).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]sql.RawBytes, len(enc.columns))
	targets := make([]any, len(values))
	idAt := -1
	for i := range values {
		targets[i] = &values[i]
		if enc.columns[i] == "id" {
			idAt = i
		}
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		id := string(values[idAt])
		if err := enc.unseal(id, values); err != nil {
			return err
		}
		out[id] = enc.encode(values)
	}
	return rows.Err()
}

// unseal puts what sealed columns of a row hold in their place.
func (enc *encoder) unseal(id string, values []sql.RawBytes) error {
	for i, v := range values {
		if !enc.sealed[i] || len(v) == 0 {
			continue
		}
		plain, err := enc.ring.OpenField(enc.collection, enc.columns[i], id, string(v))
		if err != nil {
			return err
		}
		values[i] = sql.RawBytes(plain)
	}
	return nil
}

func (enc *encoder) encode(values []sql.RawBytes) json.RawMessage {
	size := 2
	for i, v := range values {
		size += len(enc.keys[i]) + len(v) + 8
	}
	b := append(make([]byte, 0, size), '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, enc.keys[i]...)
		switch {
		case enc.kinds[i] == textual:
			b = appendText(b, v)
		case enc.kinds[i] == boolean:
			b = strconv.AppendBool(b, string(v) == "1" || string(v) == "true")
		case len(v) == 0:
			b = append(b, "null"...)
		default:
			b = append(b, v...)
		}
	}
	return append(b, '}')
}

// appendText writes a JSON string.
func appendText(b, v []byte) []byte {
	for _, ch := range v {
		if ch < 0x20 || ch == '"' || ch == '\\' || ch == 0x7f {
			quoted, err := json.Marshal(string(v))
			if err != nil {
				return append(b, `""`...) // no string fails to marshal
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, v...)
	return append(b, '"')
}
