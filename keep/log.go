package keep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Entry is one line of the proof log: that something was erased, when and by
// which rule, without what it was.
type Entry struct {
	At         string // RFC 3339 in UTC, as PocketBase writes it
	Collection string
	Field      string // empty: the whole record
	Record     string
	Rule       string // "forget", or what the register says
	Days       int    // that it was kept, by the register
	Count      int    // of records, where a line stands for many
	Digest     string
}

// Sum is the digest of the entry after the one with digest before: each vouches
// for all that stand before it. It is made of what the entry says and never of
// what was erased, since a telephone number is found again from its hash.
func (e Entry) Sum(before string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q %q %d %d", before, e.At, e.Collection, e.Field, e.Record, e.Rule, e.Days, e.Count))
	return hex.EncodeToString(sum[:])
}

// FirstBroken gives the index of the first entry whose digest does not follow
// from those before it, -1 when all do.
func FirstBroken(entries []Entry) int {
	before := ""
	for i, e := range entries {
		if e.Digest != e.Sum(before) {
			return i
		}
		before = e.Digest
	}
	return -1
}
