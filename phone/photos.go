package phone

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// States of a photograph on the phone.
const (
	OnPhone = "on_phone" // only here, as far as is known
	Safe    = "safe"     // the server has said that it is on its disk, with its record
	Stuck   = "stuck"    // it cannot become evidence: Code says why. The bytes stay
)

// Photo is a photograph on the phone.
type Photo struct {
	Record string `json:"record"` // of evidence
	N      int64  `json:"n"`      // of the mutation that makes the record
	SHA256 string `json:"sha256"` // of the bytes as they were captured
	Size   int64  `json:"size"`   // bytes
	State  string `json:"state"`
	Code   string `json:"code,omitempty"` // of what is stuck

	Sent   int64     `json:"sent"`            // bytes that the server has, when it last said so
	Tried  bool      `json:"tried"`           // it may know more than it said
	Path   string    `json:"path,omitempty"`  // of the upload that was begun
	Wrong  int       `json:"wrong,omitempty"` // times that the server got other bytes
	SafeAt time.Time `json:"safe_at"`         // since when, by the server's clock
}

func photoKey(record string) string { return "photo/" + record }
func bytesKey(record string) string { return "bytes/" + record + "/" }

// pieceSize is how many bytes of a photograph are one value of the store.
const pieceSize = 256 << 10

// Capture stores a photograph and the mutation that makes its record of
// evidence, both or neither. The record's sha256 is set here. From then on Sync
// brings it to the server; the bytes leave the phone a week after it is safe.
func (c *Client) Capture(photo []byte, set map[string]any, after ...string) (Mutation, error) {
	sum := sha256.Sum256(photo)
	p := Photo{Record: c.o.NewID(), SHA256: hex.EncodeToString(sum[:]), Size: int64(len(photo)), State: OnPhone}
	set = maps.Clone(set)
	set["sha256"] = p.SHA256
	var made Mutation
	err := c.change(func(tx Tx, m *meta) (err error) {
		if made, err = c.write(tx, m, "evidence", p.Record, "create", set, after); err != nil {
			return err
		}
		p.N = made.N
		n := 0
		for piece := range slices.Chunk(photo, pieceSize) {
			if err := tx.Put(fmt.Sprintf("%s%08x", bytesKey(p.Record), n), slices.Clone(piece)); err != nil {
				return err
			}
			n++
		}
		return putJSON(tx, photoKey(p.Record), p)
	})
	return made, err
}

// Photos lists the photographs on the phone, the oldest first.
func (c *Client) Photos() (list []Photo, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		return scanPhotos(tx, func(p Photo) error {
			list = append(list, p)
			return nil
		})
	})
	slices.SortFunc(list, func(a, b Photo) int { return cmp.Compare(a.N, b.N) })
	return list, err
}

// PhotoBytes gives the bytes of a photograph on the phone.
func (c *Client) PhotoBytes(record string) (data []byte, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		data, err = photoBytes(tx, record)
		return err
	})
	return data, err
}

func photoBytes(tx Tx, record string) (data []byte, err error) {
	err = tx.Scan(bytesKey(record), end(bytesKey(record)), func(_ string, piece []byte) error {
		data = append(data, piece...)
		return nil
	})
	return data, err
}

// DismissPhoto forgets a photograph that is stuck, and its bytes.
func (c *Client) DismissPhoto(record string) error {
	return c.o.Store.Update(func(tx Tx) error {
		var p Photo
		if found, err := getJSON(tx, photoKey(record), &p); err != nil || !found || p.State != Stuck {
			return err
		}
		return forgetPhoto(tx, record)
	})
}

func forgetPhoto(tx Tx, record string) error {
	return errors.Join(clearRange(tx, bytesKey(record), end(bytesKey(record))), tx.Delete(photoKey(record)))
}

func scanPhotos(tx Tx, each func(Photo) error) error {
	return tx.Scan("photo/", end("photo/"), func(key string, raw []byte) error {
		var p Photo
		if err := json.Unmarshal(raw, &p); err != nil {
			return fmt.Errorf("read %s of the store: %w", key, err)
		}
		return each(p)
	})
}

// doubtPhotos has every photograph asked for again: the server was restored
// from a backup, and may have lost what was safe.
func doubtPhotos(tx Tx) error {
	return scanPhotos(tx, func(p Photo) error {
		p.State, p.Code, p.Path, p.Sent, p.Wrong, p.Tried = OnPhone, "", "", 0, 0, true
		return putJSON(tx, photoKey(p.Record), p)
	})
}

// trimPhotos drops what has been safe for long, by the server's clock.
func trimPhotos(tx Tx, m meta) error {
	return scanPhotos(tx, func(p Photo) error {
		if p.State != Safe || m.Server.Sub(p.SafeAt) <= keepSent {
			return nil
		}
		return forgetPhoto(tx, p.Record)
	})
}

// asks tells whether a record, as it was just pulled, has no bytes: a server
// that has lost them from its disk says so, and only the phone can help.
func asks(held []byte) bool {
	var r struct {
		Record struct {
			State  string `json:"upload_state"`
			Status string `json:"status"`
		} `json:"record"`
	}
	return json.Unmarshal(held, &r) == nil && r.Record.State != "done" && r.Record.Status == "pending"
}

// toSend lists the photographs that are only here and whose records the server
// has. The bytes of a record that was rejected wait until an admin has applied
// it after all.
func (c *Client) toSend() (list []Photo, err error) {
	all, err := c.Photos()
	if err != nil {
		return nil, err
	}
	err = c.o.Store.View(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		for _, p := range all {
			rejected, err := tx.Get(attentionKey(p.N))
			if err != nil {
				return err
			}
			held, err := tx.Get(rowKey(m.Set, "evidence", p.Record))
			if err != nil {
				return err
			}
			if p.State == Safe && held != nil && asks(held) {
				p.State, p.Sent = OnPhone, 0
			}
			if p.State == OnPhone && p.N <= m.Handled && (rejected == nil || held != nil) {
				list = append(list, p)
			}
		}
		return nil
	})
	return list, err
}
