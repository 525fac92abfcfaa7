package phone

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// NewID makes the id of a record that is to be created.
func (c *Client) NewID() string { return c.o.NewID() }

// Write puts one intended change into the outbox: op is create, update or
// delete, set are the fields that change. When it returns nil, the change is
// durable and shows in Get and List.
func (c *Client) Write(collection, record, op string, set map[string]any, after ...string) (Mutation, error) {
	var made Mutation
	err := c.change(func(tx Tx, m *meta) (err error) {
		made, err = c.write(tx, m, collection, record, op, set, after)
		return err
	})
	return made, err
}

func (c *Client) write(tx Tx, m *meta, collection, record, op string, set map[string]any, after []string) (Mutation, error) {
	if m.Erased {
		return Mutation{}, ErrErased
	}
	// The base is the record as it was last seen; a record that only this
	// phone knows has none.
	var seen row
	if _, err := getJSON(tx, rowKey(m.Set, collection, record), &seen); err != nil {
		return Mutation{}, err
	}
	if collection == "check_ins" && op == "create" {
		var err error
		if set, err = c.signed(m, record, set); err != nil {
			return Mutation{}, err
		}
	}
	m.Made++
	m.Stamp = nextStamp(m.Stamp, c.o.Now(), c.o.Device)
	made := Mutation{ID: fmt.Sprintf("%s-%d", c.o.NewID(), m.Made), N: m.Made, At: m.Stamp, Collection: collection,
		Record: record, Op: op, Base: seen.Base, Epoch: seen.Epoch, Set: set, After: after}
	if op == "create" {
		made.Base, made.Epoch = 0, ""
	}
	return made, putJSON(tx, logKey(made.N), entry{Mutation: made})
}

// Outbox gives the mutations that the server has not answered for yet.
func (c *Client) Outbox() (waiting []Mutation, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		return scanLog(tx, m.Handled, func(e entry) error {
			waiting = append(waiting, e.Mutation)
			return nil
		})
	})
	return waiting, err
}

// Attention is a mutation that the server rejected. It is kept, here and there.
type Attention struct {
	Mutation Mutation `json:"mutation"`
	Problem  Problem  `json:"problem"`
}

// NeedsAttention gives what was rejected and not dismissed.
func (c *Client) NeedsAttention() (list []Attention, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		return tx.Scan("attention/", end("attention/"), func(_ string, raw []byte) error {
			var a Attention
			if err := json.Unmarshal(raw, &a); err != nil {
				return err
			}
			list = append(list, a)
			return nil
		})
	})
	return list, err
}

// Dismiss takes mutation n from what needs attention.
func (c *Client) Dismiss(n int64) error {
	return c.o.Store.Update(func(tx Tx) error { return tx.Delete(attentionKey(n)) })
}

// Get gives a record with the writes that wait on top, nil when there is none.
func (c *Client) Get(collection, id string) (map[string]any, error) {
	all, err := c.read(collection, id)
	return all[id], err
}

// List gives all records of a collection by id, with the writes that wait on
// top.
func (c *Client) List(collection string) (map[string]map[string]any, error) {
	return c.read(collection, "")
}

func (c *Client) read(collection, id string) (map[string]map[string]any, error) {
	out := map[string]map[string]any{}
	err := c.o.Store.View(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		from := collectionKey(m.Set, collection) + id
		err = tx.Scan(from, end(from), func(key string, raw []byte) error {
			var r row
			var record map[string]any
			if err := errors.Join(json.Unmarshal(raw, &r), json.Unmarshal(r.Record, &record)); err != nil {
				return err
			}
			out[key[len(collectionKey(m.Set, collection)):]] = record
			return nil
		})
		if err != nil {
			return err
		}
		return scanLog(tx, min(m.Shown, m.Handled), func(e entry) error {
			if e.Collection == collection && (id == "" || e.Record == id) && !e.Settled {
				show(out, e.Mutation)
			}
			return nil
		})
	})
	return out, err
}

// show applies a mutation to what is shown, hoping for the best.
func show(records map[string]map[string]any, m Mutation) {
	record, ok := records[m.Record]
	switch {
	case m.Op == "delete":
		delete(records, m.Record)
	case m.Op == "create" && !ok:
		record = map[string]any{"id": m.Record}
		records[m.Record] = record
		ok = true
		fallthrough
	case ok:
		maps.Copy(record, m.Set)
	}
}

// Replica tells what this phone holds as the server gave it: for every record,
// as «collection/id», its newest seq and the scopes through which it is held.
func (c *Client) Replica() (map[string]Held, error) {
	out := map[string]Held{}
	err := c.o.Store.View(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		prefix := setKey(m.Set)
		return tx.Scan(prefix, end(prefix), func(key string, raw []byte) error {
			var r row
			if err := json.Unmarshal(raw, &r); err != nil {
				return err
			}
			out[key[len(prefix):]] = Held{r.Seq, slices.Clone(r.Scopes), slices.Clone(r.Record)}
			return nil
		})
	})
	return out, err
}

// Held is a record of the replica.
type Held struct {
	Seq    int64
	Scopes []string
	Record json.RawMessage
}
