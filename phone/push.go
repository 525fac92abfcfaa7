package phone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// keepSent is how long an answered mutation stays in the log. A server that is
// restored from a younger backup loses nothing.
const keepSent = 7 * 24 * time.Hour

// push sends the outbox, batch after batch.
func (c *Client) push(ctx context.Context) error {
	size, resumed := c.o.BatchSize, false
	for {
		batch, err := c.nextBatch(size)
		if err != nil || len(batch) == 0 {
			return err
		}
		var answer pushAnswer
		err = c.ask(ctx, "/api/sync/push", pushRequest{batch}, &answer)
		var r *Refused
		switch {
		case err == nil:
			if err := c.settle(batch, answer); err != nil {
				return err
			}
		case errors.As(err, &r) && r.Status == http.StatusRequestEntityTooLarge && len(batch) > 1:
			size = max(len(batch)/2, 1)
		case isCode(err, "outbox_gap") && r.ResumeFrom != nil && !resumed:
			// The server knows less than it once did: it was restored.
			err := c.change(func(tx Tx, m *meta) error { return resumeFrom(tx, m, *r.ResumeFrom) })
			if err != nil {
				return err
			}
			resumed = true
		default:
			return err
		}
	}
}

var errFull = errors.New("the batch is full")

func (c *Client) nextBatch(size int) (batch []Mutation, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		return scanLog(tx, m.Handled, func(e entry) error {
			if batch = append(batch, e.Mutation); len(batch) == size {
				return errFull
			}
			return nil
		})
	})
	if errors.Is(err, errFull) {
		err = nil
	}
	return batch, err
}

// settle stores what the server answered for a batch.
func (c *Client) settle(batch []Mutation, answer pushAnswer) error {
	now, err := time.Parse(time.RFC3339, answer.Now)
	if err != nil || len(answer.Results) != len(batch) {
		return fmt.Errorf("%w: %d results for %d mutations", ErrNetwork, len(answer.Results), len(batch))
	}
	return c.change(func(tx Tx, m *meta) error {
		for i, result := range answer.Results {
			if result.ID != batch[i].ID {
				return fmt.Errorf("%w: an answer for %s in the place of %s", ErrNetwork, result.ID, batch[i].ID)
			}
			e := entry{Mutation: batch[i], Handled: now}
			if err := settleOne(tx, *m, &e, result); err != nil {
				return err
			}
			if err := putJSON(tx, logKey(e.N), e); err != nil {
				return err
			}
			m.Handled = e.N
		}
		m.Server = now
		return nil
	})
}

func settleOne(tx Tx, m meta, e *entry, result Result) error {
	status := result.Status
	if status == "duplicate" {
		status = result.Of
	}
	switch status {
	case "applied":
		return tx.Delete(attentionKey(e.N))
	case "merged":
		if err := takeMerged(tx, m, e, result); err != nil {
			return err
		}
		return tx.Delete(attentionKey(e.N))
	case "rejected":
		e.Settled = true
		return putJSON(tx, attentionKey(e.N), Attention{e.Mutation, result.Error})
	}
	return fmt.Errorf("%w: unknown status %q", ErrNetwork, result.Status)
}

// takeMerged shows at once what the server made of our edit and somebody
// else's. The pull that follows brings the same with its seq in the feed.
func takeMerged(tx Tx, m meta, e *entry, result Result) error {
	key := rowKey(m.Set, e.Collection, e.Record)
	var r row
	found, err := getJSON(tx, key, &r)
	if err != nil || !found {
		return err
	}
	r.Merge = result.Seq
	// The record of a duplicate is newer than its seq: the pull brings it.
	if result.Status == "merged" && len(result.Record) > 0 && string(result.Record) != "null" {
		r.Base, r.Record = result.Seq, result.Record
		e.Settled = true
	}
	return putJSON(tx, key, r)
}

// trim drops what was answered for long ago, by the server's clock.
func trim(tx Tx, m meta) error {
	return scanLog(tx, 0, func(e entry) error {
		if e.N > m.Handled || m.Server.Sub(e.Handled) <= keepSent {
			return errFull
		}
		return tx.Delete(logKey(e.N))
	})
}
