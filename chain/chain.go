// Package chain makes a record of what happened that cannot be rewritten
// unnoticed: rows are hashed, hashes are gathered in blocks, and each block
// names the one before it. Whoever holds the newest head can tell whether
// anything before it was changed, taken out or put in.
package chain

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// Row is one row of a source: its key, which only grows, what it says, and a
// body that may be erased later without breaking the chain.
type Row struct {
	Key  int64
	Said []string
	Body string
}

// Hash is the SHA-256 of a row in its first 16 bytes.
type Hash [16]byte

// BodyHash is the hash of a body in hex: what an erasure leaves behind.
func BodyHash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// Sum is the hash of a row.
func (r Row) Sum() Hash { return r.sum(BodyHash(r.Body)) }

// sum is the hash of a row whose body has the given hash. Every part is written
// with its length, so that no two rows are written the same.
func (r Row) sum(body string) Hash {
	b := binary.BigEndian.AppendUint64(nil, uint64(r.Key))
	for _, part := range append(slices.Clone(r.Said), body) {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return Hash(sum[:16])
}

// Block seals rows that follow each other.
type Block struct {
	Source string
	N      int64  // 1 for the first
	UpTo   int64  // key of its last row
	At     string // when it was sealed, RFC 3339 in UTC
	Rows   []byte // for each row the step from the key before and its hash
	Head   string // hex, over all of this and the head before
}

// Seal makes the block of rows after the block before it, which is the zero
// Block for the first. Rows are in the order of their keys.
func Seal(source string, before Block, rows []Row, at string) Block {
	b := Block{Source: source, N: before.N + 1, UpTo: before.UpTo, At: at}
	for _, row := range rows {
		sum := row.Sum()
		b.Rows = append(binary.AppendUvarint(b.Rows, uint64(row.Key-b.UpTo)), sum[:]...)
		b.UpTo = row.Key
	}
	b.Head = b.head(before.Head)
	return b
}

func (b Block) head(before string) string {
	rows := sha256.Sum256(b.Rows)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %q %x", before, b.Source, b.N, b.UpTo, b.At, rows))
	return hex.EncodeToString(sum[:])
}

// Follows tells whether the block is whole and follows from the one before.
func (b Block) Follows(before Block) bool {
	return b.N == before.N+1 && b.Head == b.head(before.Head)
}

// Sealed is one row as a block knows it.
type Sealed struct {
	Key int64
	Sum Hash
}

var errBlock = errors.New("the block cannot be read")

// Sealed gives the rows of a block; before is the last key of the block before.
func (b Block) Sealed(before int64) ([]Sealed, error) {
	var out []Sealed
	for raw := b.Rows; len(raw) > 0; {
		step, n := binary.Uvarint(raw)
		if n <= 0 || len(raw) < n+len(Hash{}) || step == 0 || step > 1<<62 {
			return nil, errBlock
		}
		before += int64(step)
		out = append(out, Sealed{before, Hash(raw[n : n+len(Hash{})])})
		raw = raw[n+len(Hash{}):]
	}
	return out, nil
}

// Erased are the hashes of bodies that were erased, by the key of their row.
type Erased map[int64]string

// Fault is the first row of a block that is not as it was sealed.
type Fault struct {
	Key  int64
	What string // altered, missing or inserted
}

// Compare holds the rows of a block against those that are there. Rows with
// keys up to pruned may be gone. It gives nil when all is as it was sealed.
func Compare(sealed []Sealed, there []Row, erased Erased, pruned int64) *Fault {
	for len(sealed) > 0 || len(there) > 0 {
		switch {
		case len(there) == 0 || len(sealed) > 0 && sealed[0].Key < there[0].Key:
			if sealed[0].Key > pruned {
				return &Fault{sealed[0].Key, "missing"}
			}
			sealed = sealed[1:]
		case len(sealed) == 0 || there[0].Key < sealed[0].Key:
			return &Fault{there[0].Key, "inserted"}
		default:
			row := there[0]
			body, was := erased[row.Key]
			if row.Sum() != sealed[0].Sum && (!was || row.Body != "{}" || row.sum(body) != sealed[0].Sum) {
				return &Fault{row.Key, "altered"}
			}
			sealed, there = sealed[1:], there[1:]
		}
	}
	return nil
}
