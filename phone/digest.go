package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Check compares the replica with the server's digests, and hydrates anew when
// they differ. It gives the scopes that did: the app reports them, because they
// are a bug of somebody's. Call it when idle, at most once a day.
//
// The protocol would let a client hydrate the differing scopes alone. This one
// fills a new set of rows with everything and swaps: simpler, and it needs no
// trust in what it holds.
func (c *Client) Check(ctx context.Context) (different []string, err error) {
	c.sync.Lock()
	defer c.sync.Unlock()
	// A change between pull and digest looks like a difference, once.
	for range 2 {
		if err := c.pull(ctx); err != nil {
			return nil, err
		}
		if different, err = c.compare(ctx); err != nil || len(different) == 0 {
			return nil, err
		}
	}
	if err := c.change(hydrate); err != nil {
		return different, err
	}
	return different, c.pull(ctx)
}

// compare gives the scopes of which the server's digest is not ours.
func (c *Client) compare(ctx context.Context) (different []string, err error) {
	var answer digestAnswer
	if err := c.ask(ctx, "/api/sync/digest", digestRequest{}, &answer); err != nil {
		return nil, err
	}
	mine, err := c.digests()
	for scope, theirs := range answer.Scopes {
		ours, ok := mine[scope]
		if !ok {
			ours.Sum = fmt.Sprintf("%016x", 0)
		}
		if ours != theirs {
			different = append(different, scope)
		}
	}
	slices.Sort(different)
	return different, err
}

// digests sums up the replica, scope by scope.
func (c *Client) digests() (map[string]Digest, error) {
	counts, sums := map[string]int{}, map[string]uint64{}
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
			h := fnv.New64a()
			h.Write([]byte(strings.TrimPrefix(key, prefix) + "/" + strconv.FormatInt(r.Seq, 10)))
			for _, scope := range r.Scopes {
				counts[scope]++
				sums[scope] += h.Sum64()
			}
			return nil
		})
	})
	out := map[string]Digest{}
	for scope, n := range counts {
		out[scope] = Digest{n, fmt.Sprintf("%016x", sums[scope])}
	}
	return out, err
}
