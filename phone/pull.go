package phone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// pull fetches pages until there is no more.
func (c *Client) pull(ctx context.Context) error {
	restarted := false
	for {
		m, err := c.meta()
		if err != nil {
			return err
		}
		var p page
		request := pullRequest{m.Cursor, c.o.PageSize, c.o.Schema, c.o.Collections}
		err = c.ask(ctx, "/api/sync/pull", request, &p)
		var r *Refused
		switch {
		case err == nil && p.More && p.Cursor == m.Cursor:
			return fmt.Errorf("%w: a page that leads to itself", ErrNetwork)
		case err == nil:
			if err := c.take(p); err != nil || !p.More {
				return err
			}
		case restarted:
			return err
		case isCode(err, "epoch_changed") && errors.As(err, &r):
			// The server was restored from a backup: what we know of it is no longer
			// true, and what it lost of ours is sent again.
			// Both in one transaction: a phone that dies between them would hydrate
			// and never send again.
			err := c.change(func(tx Tx, m *meta) error {
				if r.ResumeFrom != nil {
					if err := resumeFrom(tx, m, *r.ResumeFrom); err != nil {
						return err
					}
				}
				if err := doubtPhotos(tx); err != nil {
					return err
				}
				return hydrate(tx, m)
			})
			if err != nil {
				return err
			}
			return errAgain
		case isCode(err, "cursor_invalid", "cursor_of_other_device", "cursor_of_other_filter"):
			if err := c.change(hydrate); err != nil {
				return err
			}
			restarted = true
		default:
			return err
		}
	}
}

// hydrate begins with an empty cursor and an empty set of rows. The old set is
// shown until the new one is complete: a phone without signal is not empty.
func hydrate(tx Tx, m *meta) error {
	m.Hydrating, m.Cursor = true, ""
	return clearRange(tx, setKey(m.filling()), end(setKey(m.filling())))
}

// take stores a page and its cursor in one transaction.
func (c *Client) take(p page) error {
	now, err := time.Parse(time.RFC3339, p.Now)
	if err != nil {
		return fmt.Errorf("%w: a page without a time", ErrNetwork)
	}
	return c.change(func(tx Tx, m *meta) error {
		m.Server = now
		if p.Nonce != "" {
			m.Nonce = p.Nonce
			c.mu.Lock()
			c.pulled = c.o.Now()
			c.mu.Unlock()
		}
		c.contact(m, p)
		// What is held through a lost scope goes before anything else, from the
		// set that is shown, too.
		for set := m.Set; set <= m.filling() && !slices.Equal(m.Scopes, p.Scopes); set++ {
			if err := dropScopes(tx, set, p.Scopes); err != nil {
				return err
			}
		}
		for _, change := range p.Changes {
			if err := takeChange(tx, m, p.Epoch, change); err != nil {
				return err
			}
		}
		m.Cursor, m.Scopes = p.Cursor, p.Scopes
		if !p.More {
			return complete(tx, m)
		}
		return nil
	})
}

// dropScopes forgets the scopes that are not held any more, and the records
// that are held through no other. The page names them in drop, too; going by
// what is held needs no memory of which drop was missed.
func dropScopes(tx Tx, set int, held []string) error {
	return tx.Scan(setKey(set), end(setKey(set)), func(key string, raw []byte) error {
		var r row
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(r.Scopes), func(scope string) bool { return !slices.Contains(held, scope) })
		switch {
		case len(left) == len(r.Scopes):
			return nil
		case len(left) == 0:
			return tx.Delete(key)
		}
		r.Scopes = left
		return putJSON(tx, key, r)
	})
}

func takeChange(tx Tx, m *meta, epoch string, ch change) error {
	key := rowKey(m.filling(), ch.Collection, ch.ID)
	if ch.Gone {
		return errors.Join(tx.Delete(key), tx.Delete(rowKey(m.Set, ch.Collection, ch.ID)))
	}
	// An edit made from now on was made in sight of this one.
	var edited struct {
		Stamp string `json:"client_updated_at"`
	}
	if err := json.Unmarshal(ch.Record, &edited); err != nil {
		return fmt.Errorf("%w: a record that is none", ErrNetwork)
	}
	if m.Made > m.Handled || !wrong(edited.Stamp, m.Server) {
		m.Stamp = max(m.Stamp, edited.Stamp)
	}
	next := row{Seq: ch.Seq, Base: ch.Seq, Epoch: epoch, Scopes: ch.Scopes, Record: ch.Record}
	// A merge in which ours lost leaves the record and its seq in the feed as they
	// were. An edit made in sight of it must name it, or the server takes the lost
	// value for one that still stands here.
	var last row
	if _, err := getJSON(tx, rowKey(m.Set, ch.Collection, ch.ID), &last); err != nil {
		return err
	}
	if last.Epoch == epoch {
		next.Merge, next.Base = last.Merge, max(ch.Seq, last.Merge)
	}
	return putJSON(tx, key, next)
}

// complete ends a pull: the replica is what the server has.
func complete(tx Tx, m *meta) error {
	if m.Hydrating {
		if err := clearRange(tx, setKey(m.Set), end(setKey(m.Set))); err != nil {
			return err
		}
		m.Set, m.Hydrating = m.Set+1, false
	}
	m.Shown = m.Handled
	if m.Made == m.Handled && wrong(m.Stamp, m.Server) {
		m.Stamp = "" // the phone's date was wrong; the server keeps the order of the outbox
	}
	if err := trim(tx, *m); err != nil && !errors.Is(err, errFull) {
		return err
	}
	return trimPhotos(tx, *m)
}
