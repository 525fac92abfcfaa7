package phone

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gridwalk/parcel"
)

// parcelKey is where a sealed parcel waits to be sent, all that an erased phone
// still holds.
func parcelKey(n int) string { return fmt.Sprintf("parcel/%04x", n) }

// pushSize is how many bytes of mutations one parcel holds: what a push may have.
const pushSize = 1 << 20

// contact notes that the server has answered, and what it says for the day on
// which this phone is lost.
func (c *Client) contact(m *meta, p page) {
	if key, err := base64.StdEncoding.DecodeString(p.ParcelKey); err == nil && len(key) > 0 {
		m.ParcelKey = key
	}
	m.WipeAfter = p.WipeAfter
	m.ContactAt, m.LatestAt = c.o.Now(), c.o.Now()
}

// overdue tells whether the phone has had no contact for so long that it is
// taken for lost. It goes by the latest time that its clock has shown since, so
// that setting it back gains nothing; a clock that stands still is not noticed.
// A phone that was told no key to seal to waits for the server's word: nothing
// unsent is thrown away on a guess.
func (c *Client) overdue() (overdue bool, err error) {
	err = c.change(func(_ Tx, m *meta) error {
		if now := c.o.Now(); now.After(m.LatestAt) {
			m.LatestAt = now
		}
		overdue = len(m.ParcelKey) > 0 && m.WipeAfter > 0 && !m.ContactAt.IsZero() && m.LatestAt.Sub(m.ContactAt) >= time.Duration(m.WipeAfter)*24*time.Hour
		return nil
	})
	return overdue, err
}

// erase seals what was not sent, and removes everything else, in one
// transaction. What it leaves is parcels that only the server can open, and a
// mark that this was done. A phone that was never told a key has nothing to
// seal to: what it has not sent is lost.
func (c *Client) erase() error {
	return c.o.Store.Update(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil || m.Erased {
			return err
		}
		var parcels [][]byte
		if len(m.ParcelKey) > 0 {
			if parcels, err = c.sealAll(tx, m); err != nil {
				return err
			}
		}
		if err := clearRange(tx, "", "\xff"); err != nil {
			return err
		}
		for i, sealed := range parcels {
			if err := tx.Put(parcelKey(i), sealed); err != nil {
				return err
			}
		}
		return putJSON(tx, metaKey, meta{Erased: true})
	})
}

// sealAll gives the parcels of what was not sent: mutations in their order, then
// photographs, the oldest first, as far as they are small and few enough.
func (c *Client) sealAll(tx Tx, m meta) (parcels [][]byte, err error) {
	seal := func(head parcel.Head, content []byte) error {
		sealed, err := parcel.Seal(m.ParcelKey, c.o.Device, head, content)
		if err == nil && len(sealed) <= parcel.MaxSize && len(parcels) < parcel.MaxParcels {
			parcels = append(parcels, sealed)
		}
		return err
	}
	var batch []json.RawMessage
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		body, err := json.Marshal(map[string]any{"mutations": batch})
		batch, size = nil, 0
		return errors.Join(err, seal(parcel.Head{Kind: parcel.Push}, body))
	}
	err = scanLog(tx, m.Handled, func(e entry) error {
		raw, err := json.Marshal(e.Mutation)
		if err != nil {
			return err
		}
		if len(batch) == maxBatch || size+len(raw) > pushSize {
			if err := flush(); err != nil {
				return err
			}
		}
		batch, size = append(batch, raw), size+len(raw)
		return nil
	})
	if err = errors.Join(err, flush()); err != nil {
		return nil, err
	}
	var photos []Photo
	err = scanPhotos(tx, func(p Photo) error {
		if p.State == OnPhone {
			photos = append(photos, p)
		}
		return nil
	})
	slices.SortFunc(photos, func(a, b Photo) int { return int(a.N - b.N) })
	for _, p := range photos {
		data, readErr := photoBytes(tx, p.Record)
		err = errors.Join(err, readErr, seal(parcel.Head{Kind: parcel.Photo, SHA256: p.SHA256}, data))
	}
	return parcels, err
}

// maxBatch is how many mutations a push may have.
const maxBatch = 500

// sendParcels brings the parcels of an erased phone to the server, which takes
// them from anybody. What it has is forgotten here.
func (c *Client) sendParcels(ctx context.Context) error {
	waiting := map[string][]byte{}
	err := c.o.Store.View(func(tx Tx) error {
		return tx.Scan("parcel/", end("parcel/"), func(key string, sealed []byte) error {
			waiting[key] = slices.Clone(sealed)
			return nil
		})
	})
	for key, sealed := range waiting {
		if err := c.sendParcel(ctx, sealed); err != nil {
			return err
		}
		if err := c.o.Store.Update(func(tx Tx) error { return tx.Delete(key) }); err != nil {
			return err
		}
	}
	return err
}

func (c *Client) sendParcel(ctx context.Context, sealed []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL+"/api/parcels", bytes.NewReader(sealed))
	if err != nil {
		return fmt.Errorf("send a parcel: %w", err)
	}
	request.Header.Set("X-Gridwalk-Device", c.o.Device)
	request.Header.Set("Content-Type", "application/octet-stream")
	response, err := c.o.Transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer response.Body.Close()
	raw, err := unpack(response)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if response.StatusCode != http.StatusOK {
		return refused(response, raw)
	}
	sum := sha256.Sum256(sealed)
	var answer struct{ Parcel string }
	if json.Unmarshal(raw, &answer) != nil || answer.Parcel != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("%w: the answer names another parcel", ErrNetwork)
	}
	return nil
}
