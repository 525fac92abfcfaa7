// Package phone is the reference client of gridwalk's sync protocol
// (docs/protocol.md): a replica and an outbox on the phone, and a loop that
// brings both together with the server. It speaks HTTP only and knows nothing
// of the server's code; read it to write a client of your own.
//
// # What it promises
//
//   - A write is durable before Write returns, and shows at once.
//   - A mutation leaves the outbox only when the server has said that it is on
//     its disk, or why it is not taken. Then it stays in the log for 7 days, for
//     a server that is restored from a backup.
//   - A page of a pull and its cursor are stored in one transaction.
//   - A photograph is stored together with its record. It counts as safe only
//     when the server has said so, and its bytes leave the phone a week later.
package phone

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options configure a client. What has no default must be given.
type Options struct {
	URL         string                      // of the server, without a slash at the end
	Device      string                      // id of the enrolled device
	Token       func() string               // of the officer who is signed in
	Renew       func(context.Context) error // gets the token that Token gives from then on, see Renew; may be nil
	Key         *ecdsa.PrivateKey           // of the phone, by which check-ins are signed; may be nil
	Officer     string                      // id of the officer, if check-ins are signed
	Store       Store                       // one for each officer on each device
	Collections []string                    // narrow the pull; nil pulls everything
	Schema      int                         // newest schema that the app knows; 1 by default

	BatchSize int // mutations of one push, at most 500, which is the default
	PageSize  int // records of one page of a pull; 500 by default
	ChunkSize int // bytes of a photograph in one request; 1 MiB by default
	Attempts  int // at one request before a sync gives up; 5 by default

	// What a test or a simulation puts in the place of the world.
	Transport http.RoundTripper
	Now       func() time.Time
	Random    func() float64 // from 0 up to 1
	NewID     func() string  // 15 characters of a-z0-9
	Sleep     func(context.Context, time.Duration) error
}

// Client is the sync client of one officer on one device. It may be used by
// several goroutines; one sync runs at a time.
type Client struct {
	o    Options
	sync sync.Mutex

	mu     sync.Mutex
	pulled time.Time // when this process last pulled, by a clock that does not jump
}

// New makes a client.
func New(o Options) *Client {
	def(&o.Schema, 1)
	def(&o.BatchSize, 500)
	def(&o.PageSize, 500)
	def(&o.ChunkSize, 1<<20)
	def(&o.Attempts, 5)
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.NewID == nil {
		o.NewID = newID
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Client{o: o}
}

func def(n *int, value int) {
	if *n == 0 {
		*n = value
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sync sends what is in the outbox, then fetches what is new. It may be cut
// short at any moment and called again.
func (c *Client) Sync(ctx context.Context) error {
	c.sync.Lock()
	defer c.sync.Unlock()
	m, err := c.meta()
	if err != nil {
		return err
	}
	if m.Erased {
		return c.farewell(ctx)
	}
	err = c.pushAndPull(ctx)
	if errors.Is(err, errAgain) {
		// The server was restored: what it lost is in the outbox again.
		err = c.pushAndPull(ctx)
	}
	if err == nil {
		err = c.sendPhotos(ctx)
	}
	var r *Refused
	lost := errors.As(err, &r) && r.Code == "device_revoked" && r.Wipe
	if ctx.Err() == nil && (errors.Is(err, ErrNetwork) || errors.Is(err, ErrSignIn)) {
		late, lateErr := c.overdue()
		if lateErr != nil {
			return lateErr
		}
		lost = late
	}
	if !lost {
		return err
	}
	if err := c.erase(); err != nil {
		return err
	}
	return c.farewell(ctx)
}

// farewell sends the parcels of a phone that was erased.
func (c *Client) farewell(ctx context.Context) error {
	return errors.Join(ErrErased, c.sendParcels(ctx))
}

// errAgain asks for another push: the outbox has grown by what the server lost.
func (c *Client) pushAndPull(ctx context.Context) error {
	if err := c.push(ctx); err != nil {
		return err
	}
	return c.pull(ctx)
}

var errAgain = errors.New("push again")

// resumeFrom makes everything after number n outbox again.
func resumeFrom(tx Tx, m *meta, n int64) error {
	if n >= m.Handled {
		return nil
	}
	first, err := tx.Get(logKey(n + 1))
	if err != nil {
		return err
	}
	if first == nil {
		return fmt.Errorf("%w: number %d", ErrGap, n+1)
	}
	m.Handled = n
	return nil
}

// change runs a transaction that changes where this client stands.
func (c *Client) change(change func(Tx, *meta) error) error {
	return c.o.Store.Update(func(tx Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		if err := change(tx, &m); err != nil {
			return err
		}
		return putJSON(tx, metaKey, m)
	})
}
