package phone

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"
)

// The keys of the store:
//
//	meta                        where this client stands
//	log/<n>                     every mutation: the outbox, and what was sent
//	attention/<n>               mutations that were rejected
//	row/<set>/<collection>/<id> the replica
const metaKey = "meta"

// meta says where this client stands. The mutations up to Handled are the sent
// log, those after it the outbox.
type meta struct {
	Made    int64  `json:"made"`    // number of the newest mutation
	Handled int64  `json:"handled"` // the newest that the server has answered for
	Shown   int64  `json:"shown"`   // the newest whose effect was pulled
	Stamp   string `json:"stamp"`   // the newest stamp made or seen

	Set       int       `json:"set"`       // which set of rows is the replica
	Hydrating bool      `json:"hydrating"` // the set after it is being filled
	Cursor    string    `json:"cursor"`    // of the set being filled, else of the replica
	Scopes    []string  `json:"scopes"`    // as the last page told them
	Server    time.Time `json:"server"`    // its clock, when it last answered
	Erased    bool      `json:"erased"`
	Nonce     string    `json:"nonce"` // handed out by the last pull
	Proof     string    `json:"proof"` // hash of the newest proof that was made

	ParcelKey []byte    `json:"parcel_key,omitempty"` // what is not sent is sealed to it when the phone is lost
	WipeAfter int       `json:"wipe_after,omitempty"` // days without contact, after which it is taken for lost
	ContactAt time.Time `json:"contact_at"`           // by the phone's clock: the last contact
	LatestAt  time.Time `json:"latest_at"`            // and the latest time that it has shown since
}

// filling is the set of rows into which pages go.
func (m meta) filling() int {
	if m.Hydrating {
		return m.Set + 1
	}
	return m.Set
}

// entry is a mutation in the log.
type entry struct {
	Mutation
	Handled time.Time `json:"handled"` // when the server answered for it, by its clock
	Settled bool      `json:"settled"` // the answer is in the replica: show it no longer on top
}

// row is a record of the replica.
type row struct {
	Seq    int64           `json:"seq"`    // as pulled: digests are made of it
	Base   int64           `json:"base"`   // as last seen: edits name it
	Epoch  string          `json:"epoch"`  // in which that was
	Merge  int64           `json:"merge"`  // seq of the newest merge of ours, which a pull may leave out
	Scopes []string        `json:"scopes"` // through which we hold it
	Record json.RawMessage `json:"record"`
}

func logKey(n int64) string       { return fmt.Sprintf("log/%016x", n) }
func attentionKey(n int64) string { return fmt.Sprintf("attention/%016x", n) }

const lastNumber = 1<<62 - 1

func setKey(set int) string                  { return fmt.Sprintf("row/%08x/", set) }
func collectionKey(set int, c string) string { return setKey(set) + c + "/" }
func rowKey(set int, c, id string) string    { return collectionKey(set, c) + id }

// end is a key after all that begin with prefix.
func end(prefix string) string { return prefix + "\x7f" }

func (c *Client) meta() (m meta, err error) {
	err = c.o.Store.View(func(tx Tx) error {
		m, err = readMeta(tx)
		return err
	})
	return m, err
}

func readMeta(tx Tx) (m meta, err error) {
	_, err = getJSON(tx, metaKey, &m)
	return m, err
}

func getJSON(tx Tx, key string, into any) (found bool, err error) {
	raw, err := tx.Get(key)
	if err != nil || raw == nil {
		return false, err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("read %s of the store: %w", key, err)
	}
	return true, nil
}

func putJSON(tx Tx, key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write %s to the store: %w", key, err)
	}
	return tx.Put(key, raw)
}

func clearRange(tx Tx, from, to string) error {
	return tx.Scan(from, to, func(key string, _ []byte) error { return tx.Delete(key) })
}

// scanLog calls each for the mutations after number «after», in order.
func scanLog(tx Tx, after int64, each func(entry) error) error {
	return tx.Scan(logKey(after+1), logKey(lastNumber), func(key string, raw []byte) error {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("read %s of the store: %w", key, err)
		}
		return each(e)
	})
}

// newID makes a record id with 77 random bits.
func newID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	id := make([]byte, 0, 15)
	for b := make([]byte, 1); len(id) < cap(id); {
		rand.Read(b)
		if int(b[0]) < 256/len(alphabet)*len(alphabet) {
			id = append(id, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(id)
}
