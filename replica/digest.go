package replica

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/pocketbase/dbx"
)

// Digest is a count and an order-independent sum over what a scope holds.
type Digest struct {
	Count int    `json:"count"`
	Sum   string `json:"sum"` // 16 hex digits
}

// RecordHash is the share of one record in a digest: FNV-1a, 64 bit, over
// «collection/id/seq».
func RecordHash(collection, id string, seq int64) uint64 {
	h := fnv.New64a()
	h.Write([]byte(collection + "/" + id + "/" + strconv.FormatInt(seq, 10)))
	return h.Sum64()
}

// Digests sums up scopes of the caller, all of them when none is named. They
// are computed when asked for: a phone asks once a day, and what is not stored
// cannot be wrong.
func (e *Engine) Digests(caller Caller, scopes []string) (map[string]Digest, error) {
	if len(scopes) == 0 {
		scopes = caller.Scopes
	}
	out := make(map[string]Digest, len(scopes))
	for _, scope := range scopes {
		if !caller.holds(scope) {
			return nil, &Error{Status: 403, Code: "out_of_scope", Message: "You do not hold this scope.", Fields: map[string]string{"scopes": clip(scope, 100)}}
		}
		var rows []feedRow
		err := e.app.DB().Select("collection", "record", "seq").From("_sync_feed").Where(dbx.HashExp{"scope": scope, "gone": 0}).All(&rows)
		if err != nil {
			return nil, fmt.Errorf("sum up %s: %w", scope, err)
		}
		var sum uint64
		for _, row := range rows {
			sum += RecordHash(row.Collection, row.Record, row.Seq)
		}
		out[scope] = Digest{Count: len(rows), Sum: fmt.Sprintf("%016x", sum)}
	}
	return out, nil
}
