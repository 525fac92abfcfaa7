package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Outbox makes the mutations of one phone.
type Outbox struct {
	Phone Phone
	n     int64
	rng   *rand.Rand
}

// NewOutbox begins the outbox of a phone that never pushed.
func NewOutbox(p Phone, seed uint64) *Outbox {
	return &Outbox{Phone: p, rng: rand.New(rand.NewPCG(seed, 'o'))}
}

// RecordID makes an id as phones do.
func (o *Outbox) RecordID() string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 15)
	for i := range b {
		b[i] = alphabet[o.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// Visit is a visit to one of the phone's households.
func (o *Outbox) Visit() map[string]any {
	return map[string]any{"household": o.Phone.Households[o.rng.IntN(len(o.Phone.Households))], "purpose": "routine", "mode": "door",
		"result": "met_ok", "wellbeing": "well", "needs": []string{}, "note": "近来平安，提醒用电安全。", "minutes": 5 + o.rng.IntN(20)}
}

// Push is the body of a push that makes so many visits.
func (o *Outbox) Push(count int) []byte {
	mutations := make([]map[string]any, count)
	for i := range mutations {
		mutations[i] = o.create("visits", o.RecordID(), time.Now(), o.Visit())
	}
	return mustJSON(map[string]any{"mutations": mutations})
}

// create is the next mutation, which makes a record.
func (o *Outbox) create(collection, record string, at time.Time, set map[string]any) map[string]any {
	o.n++
	return map[string]any{"id": fmt.Sprintf("%s-%d", o.Phone.Device, o.n), "n": o.n, "collection": collection, "record": record,
		"at": fmt.Sprintf("%012x-0000-%s", at.UnixMilli(), o.Phone.Device), "op": "create", "base": 0, "set": set}
}

// Batch is the body of PocketBase's batch request for the same.
func (o *Outbox) Batch(count int) []byte {
	requests := make([]map[string]any, count)
	for i := range requests {
		row := o.Visit()
		row["id"], row["device"], row["captured_at"] = o.RecordID(), o.Phone.Device, time.Now().UTC().Format("2006-01-02 15:04:05.000Z")
		requests[i] = map[string]any{"method": "POST", "url": "/api/collections/visits/records", "body": row}
	}
	return mustJSON(map[string]any{"requests": requests})
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("bench: " + err.Error()) // maps of text and numbers always encode
	}
	return raw
}

// Applied counts the mutations that an answer to a push calls applied.
func Applied(answer []byte) int { return strings.Count(string(answer), `"status":"applied"`) }
