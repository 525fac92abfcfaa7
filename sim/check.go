package sim

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/pocketbase/dbx"

	"gridwalk/phone"

	"gridwalk/replica"
)

// toldConflict is a lost value of which a phone was told.
type toldConflict struct {
	collection, record, field, mutation string
	lost                                json.RawMessage
}

// checkHeld compares what a phone holds after a sync with what its officer may
// hold: nothing is missing, and nothing is left of what he lost.
func (w *world) checkHeld(p *handset) {
	held, err := p.client.Replica()
	w.must(err)
	may := w.visible(officerID(p.officer))
	for key := range held {
		if !may[key] {
			w.fail(4, "%s still holds %s after the pull that should have told", p.name(), key)
		}
	}
	for key := range may {
		if _, ok := held[key]; !ok {
			w.fail(8, "%s does not hold %s", p.name(), key)
		}
	}
}

// check runs all invariants after everybody has synced.
func (w *world) check() {
	if w.broken != nil {
		return
	}
	for _, p := range w.phones {
		if left, err := p.client.Outbox(); err != nil || len(left) > 0 {
			w.fail(2, "%s still has %d mutations to send (%v)", p.name(), len(left), err)
		}
		w.checkReplica(p)
	}
	for _, m := range w.order {
		w.checkMutation(m)
	}
	w.checkOrder()
	for _, c := range w.told {
		w.checkConflict(c)
	}
	w.checkContests()
	w.checkHolders()
	w.checkPhotos()
}

// checkHolders: an errand is run by the first who took it while nobody had,
// unless the office gave it to him who lost, and no order has more helpers than places, nor one who waits beside a free place.
func (w *world) checkHolders() {
	var errands []struct{ ID, Runner string }
	w.must(w.server.app.DB().NewQuery(`SELECT id, runner FROM errands
		WHERE id NOT IN (SELECT record FROM conflicts WHERE field = 'runner' AND status = 'restored')`).All(&errands))
	for _, e := range errands {
		if first := w.firstRunner(e.ID); e.Runner != first {
			w.fail(10, "errand %s is run by %q, the first was %q", e.ID, e.Runner, first)
		}
	}
	var orders []struct {
		ID                           string
		Slots, Held, Helpers, Places int
		Waiting                      int
	}
	const placed = "status IN ('held', 'confirmed', 'done')"
	w.must(w.server.app.DB().NewQuery(`SELECT id, slots, held,
		(SELECT COUNT(DISTINCT volunteer) FROM order_claims WHERE "order" = o.id AND ` + placed + `) AS helpers,
		(SELECT COUNT(*) FROM order_claims WHERE "order" = o.id AND ` + placed + `) AS places,
		(SELECT COUNT(*) FROM order_claims AS c WHERE "order" = o.id AND status = 'backup' AND volunteer NOT IN
			(SELECT volunteer FROM order_claims WHERE "order" = o.id AND ` + placed + `)) AS waiting
		FROM service_orders AS o`).All(&orders))
	for _, o := range orders {
		if o.Places > o.Slots || o.Places != o.Helpers || o.Places != o.Held || o.Waiting > 0 && o.Places < o.Slots {
			w.fail(10, "order %s: %+v", o.ID, o)
		}
	}
}

// firstRunner is who first took an errand, as the history says.
func (w *world) firstRunner(errand string) string {
	var rows []struct {
		Seq    int64
		Fields string
	}
	w.must(w.server.app.DB().Select("seq", "fields").From("_sync_history").
		Where(dbx.HashExp{"collection": "errands", "record": errand}).OrderBy("seq").All(&rows))
	for _, row := range rows {
		var lines struct {
			Runner struct {
				Asked string `json:"a"`
			}
		}
		plain, err := replica.HistoryFields(w.server.app, row.Seq, row.Fields)
		w.must(err)
		w.must(json.Unmarshal([]byte(plain), &lines))
		if lines.Runner.Asked != "" {
			return lines.Runner.Asked
		}
	}
	return ""
}

// count counts the rows of a table about a mutation.
func (w *world) count(table string, m *written) int {
	var n int
	w.must(w.server.app.DB().Select("COUNT(*)").From(table).Where(dbx.HashExp{"device": m.device, "mutation": m.ID}).Row(&n))
	return n
}

// checkMutation: every mutation is in the history or among the rejections,
// once. One that an admin applied again is in both.
func (w *world) checkMutation(m *written) {
	done, refused := w.count("_sync_history", m), w.count("rejections", m)
	var reapplied int
	if refused == 1 && done == 1 {
		w.must(w.server.app.DB().Select("COUNT(*)").From("rejections").
			Where(dbx.HashExp{"device": m.device, "mutation": m.ID, "status": "reapplied"}).Row(&reapplied))
	}
	switch total := done + refused - reapplied; {
	case total > 1:
		w.fail(1, "%s n %d of %s is %d times in the history and %d times rejected", m.ID, m.N, m.device, done, refused)
	case total == 0 && !m.lost:
		w.fail(2, "%s n %d of %s vanished; the server had said %q", m.ID, m.N, m.device, m.said)
	case (m.said == "applied" || m.said == "merged") && done != 1:
		w.fail(1, "%s of %s was %s, and is not in the history", m.ID, m.device, m.said)
	}
}

// checkReplica: what a phone holds is what a new phone would get, and what the
// tables say, field by field; and the digests agree.
func (w *world) checkReplica(p *handset) {
	held, err := p.client.Replica()
	w.must(err)
	w.checkHeld(p)
	fresh := phone.New(phone.Options{URL: "http://sim", Device: p.device, Token: func() string { return p.token }, Store: phone.NewMemory(),
		PageSize: 10, Transport: p.net, Random: w.rng.Float64, NewID: w.newID})
	if err := fresh.Sync(context.Background()); err != nil {
		w.fail(3, "a fresh phone of %s cannot sync: %v", p.name(), err)
		return
	}
	other, err := fresh.Replica()
	w.must(err)
	for key, h := range held {
		if !reflect.DeepEqual(h, other[key]) {
			w.fail(3, "%s holds of %s\n%d %v %s, a fresh phone gets\n%d %v %s", p.name(), key, h.Seq, h.Scopes, h.Record,
				other[key].Seq, other[key].Scopes, other[key].Record)
		}
	}
	w.checkFields(p, held)
	different, err := p.client.Check(context.Background())
	if err != nil || len(different) > 0 {
		w.fail(3, "%s: the digests of %v differ (%v)", p.name(), different, err)
	}
}

// checkFields compares a replica with the records as PocketBase reads them.
func (w *world) checkFields(p *handset, held map[string]phone.Held) {
	for collection := range replicated {
		records, err := w.server.app.FindAllRecords(collection)
		w.must(err)
		for _, r := range records {
			h, ok := held[collection+"/"+r.Id]
			if !ok {
				continue // checkHeld looked for what is missing
			}
			raw, err := json.Marshal(r.IgnoreEmailVisibility(true).PublicExport())
			w.must(err)
			var want, got map[string]any
			w.must(json.Unmarshal(raw, &want))
			w.must(json.Unmarshal(h.Record, &got))
			quiets := []string{"collectionId", "collectionName", "emailVisibility"}
			if collection == "devices" { // what is noted of contacts is no change
				quiets = append(quiets, "last_contact_at", "seq", "outbox_size")
			}
			for _, quiet := range quiets {
				delete(want, quiet)
			}
			if !reflect.DeepEqual(want, got) {
				w.fail(3, "%s holds %s/%s as\n%s, and stored is\n%s", p.name(), collection, r.Id, h.Record, raw)
			}
		}
	}
}

// checkOrder: what a device did took effect in the order in which it was done,
// and so did its stamps.
func (w *world) checkOrder() {
	var rows []struct {
		Seq      int64  `db:"seq"`
		Device   string `db:"device"`
		Mutation string `db:"mutation"`
		Stamp    string `db:"stamp"`
	}
	w.must(w.server.app.DB().Select("seq", "device", "mutation", "stamp").From("_sync_history").
		Where(dbx.NewExp("mutation != ''")).OrderBy("seq").All(&rows))
	type last struct {
		n     int64
		stamp string
	}
	latest := map[string]last{}
	for _, row := range rows {
		m := w.ledger[row.Mutation]
		if m == nil || m.said == "rejected" {
			continue // an admin applied it later
		}
		before := latest[row.Device]
		if m.N <= before.n || row.Stamp <= before.stamp {
			w.fail(9, "%s: number %d %s took effect at %d, after number %d %s", row.Device, m.N, row.Stamp, row.Seq, before.n, before.stamp)
		}
		latest[row.Device] = last{m.N, row.Stamp}
	}
}

// checkConflict: of what a phone was told that it lost, an admin finds the
// value.
func (w *world) checkConflict(c toldConflict) {
	for _, lost := range w.lost(c.collection, c.record, c.field) {
		if sameJSON([]byte(lost), c.lost) {
			return
		}
	}
	w.fail(5, "%s lost %s in %s of %s/%s, and it is not in conflicts", c.mutation, c.lost, c.field, c.collection, c.record)
}

func sameJSON(a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil {
		x = string(a)
	}
	if json.Unmarshal(b, &y) != nil {
		y = string(b)
	}
	return reflect.DeepEqual(x, y)
}

// contested are fields of which one of two values is lost when two people
// change them without seeing each other.
var contested = map[string][]string{"residents": {"phone", "dialect"}, "households": {"phone", "head_name"}}

// checkContests finds by itself, from the history, who changed such a field
// without seeing what another had made of it, and looks for the value that lost.
func (w *world) checkContests() {
	for collection, names := range contested {
		var rows []struct {
			Record   string `db:"record"`
			Seq      int64  `db:"seq"`
			Device   string `db:"device"`
			Mutation string `db:"mutation"`
			Fields   string `db:"fields"`
		}
		w.must(w.server.app.DB().Select("record", "seq", "device", "mutation", "fields").From("_sync_history").
			Where(dbx.HashExp{"collection": collection}).OrderBy("seq").All(&rows))
		type asked struct {
			seq    int64
			device string
			value  any
		}
		present := map[string]asked{} // record and field → as it stands
		for _, row := range rows {
			var lines map[string]struct {
				Asked   any                  `json:"a"`
				Present *struct{ Value any } `json:"p"`
			}
			plain, err := replica.HistoryFields(w.server.app, row.Seq, row.Fields)
			w.must(err)
			w.must(json.Unmarshal([]byte(plain), &lines))
			for _, name := range names {
				line, ok := lines[name]
				if !ok {
					continue
				}
				key := row.Record + " " + name
				was, known := present[key]
				m := w.ledger[row.Mutation]
				if known && m != nil && m.life == w.lived && m.Op == "update" && m.said != "rejected" && was.seq > m.Base && was.device != row.Device && !reflect.DeepEqual(was.value, line.Asked) {
					w.counts["contest"]++
					w.checkLost(collection, row.Record, name, m.ID, was.value, line.Asked)
				}
				if line.Present == nil {
					present[key] = asked{row.Seq, row.Device, line.Asked}
				}
			}
		}
	}
}

// checkLost: one of two values is in conflicts.
func (w *world) checkLost(collection, record, field, mutation string, values ...any) {
	for _, lost := range w.lost(collection, record, field) {
		for _, value := range values {
			raw, err := json.Marshal(value)
			w.must(err)
			if sameJSON([]byte(lost), raw) {
				return
			}
		}
	}
	w.fail(5, "%s changed %s of %s/%s unseen: of %v none is in conflicts", mutation, field, collection, record, values)
}

// lost are the values of a field that an admin finds among the conflicts.
func (w *world) lost(collection, record, field string) (values []string) {
	rows, err := w.server.app.FindAllRecords("conflicts", dbx.HashExp{"collection": collection, "record": record, "field": field})
	w.must(err)
	for _, r := range rows {
		values = append(values, r.GetString("lost"))
	}
	return values
}
