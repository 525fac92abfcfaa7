package server

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"gridwalk/keep"
	hooks "gridwalk/pb_hooks"
	migrations "gridwalk/pb_migrations"
)

// purge runs the nightly purge at the world's time.
func (w *world) purge() int {
	w.t.Helper()
	s := hooks.DefaultSettings()
	s.Now = func() time.Time { return w.now }
	n, err := hooks.Purge(w.app, s, redacted)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// days changes the register, as an admin would.
func (w *world) keptDays(collection, field string, days int) {
	w.t.Helper()
	condition := dbx.HashExp{"collection": collection}
	if field != "" {
		condition["field"] = field
	}
	rows, err := w.app.FindAllRecords("field_registry", condition)
	if err != nil || len(rows) == 0 {
		w.t.Fatalf("%s.%s is not registered: %v", collection, field, err)
	}
	for _, r := range rows {
		r.Set("retention_days", days)
		if err := w.app.Save(r); err != nil {
			w.t.Fatal(err)
		}
	}
}

// The days of the register count, as an admin changes them: a field goes before
// its record, on phones too, and its history with it; what is held stays.
func TestPurgeFollowsTheRegister(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	phone := newPhone(w, p.officer, p.token)
	visit := func(note string) string {
		return w.save("visits", row{"household": p.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok", "note": note, "created_by": p.officer.Id,
			"captured_at": w.now}).Id
	}
	old, held := visit("zqoldnoteqz"), visit("held")
	w.save("legal_holds", row{"collection": "visits", "record": held, "reason": "案号"})
	w.keptDays("visits", "note", 10)
	phone.pull(0)
	w.now = w.now.Add(9 * 24 * time.Hour)
	if n := w.purge(); n != 0 {
		t.Fatalf("%d were erased too early", n)
	}
	w.now = w.now.Add(2 * 24 * time.Hour)
	fresh := visit("fresh")
	if n := w.purge(); n != 1 {
		t.Errorf("%d were erased", n)
	}
	if n := w.purge(); n != 0 {
		t.Errorf("%d were erased again", n)
	}
	for id, want := range map[string]string{old: "", held: "held", fresh: "fresh"} {
		if got := w.read("visits", id).GetString("note"); got != want {
			t.Errorf("the note is %q, want %q", got, want)
		}
	}
	phone.pull(0)
	if got, ok := phone.holds(w.read("visits", old)); !ok || got["note"] != "" {
		t.Errorf("the phone has %v", got)
	}
	var history []string
	if err := w.app.DB().Select("fields").From("_sync_history").Where(dbx.HashExp{"record": old}).Column(&history); err != nil || strings.Contains(strings.Join(history, ""), "zqoldnoteqz") {
		t.Errorf("history still has it (%v): %v", err, history)
	}
	entry := w.first("purge_log", "record", old)
	if entry.GetString("field") != "note" || entry.GetInt("days") != 10 || entry.GetString("rule") != "retention" {
		t.Errorf("the proof log says %v", entry.PublicExport())
	}
	gone := w.read("visits", old)
	w.keptDays("visits", "", 11)
	w.now = w.now.Add(24 * time.Hour)
	w.purge()
	if _, err := w.app.FindRecordById("visits", old); err == nil {
		t.Error("a record that is past its time stays")
	}
	phone.pull(0)
	if _, ok := phone.holds(gone); ok {
		t.Error("it is still on the phone")
	}
	if w.read("visits", held).GetString("note") != "held" {
		t.Error("what is held went")
	}
	if log, err := hooks.ProofLog(w.app); err != nil || keep.FirstBroken(log) != -1 {
		t.Errorf("the proof log is broken at %d (%v)", keep.FirstBroken(log), err)
	}
}

// A hundred years on, nothing of a person is left, whose care and cases ended
// long ago; every query of the purge runs.
func TestAfterACenturyNobodyIsLeft(t *testing.T) {
	w := newWorld(t)
	s := newTold(w)
	for _, query := range []string{
		"UPDATE matters SET status = 'closed'", "UPDATE errands SET status = 'confirmed'", "UPDATE service_orders SET status = 'rated'", "UPDATE alerts SET status = 'resolved'",
		"UPDATE residents SET life_status = 'moved_away'", "UPDATE consents SET withdrawn_at = '2026-11-23 00:00:00.000Z'",
	} {
		if _, err := w.app.DB().NewQuery(query).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	w.now = w.now.AddDate(100, 0, 0)
	w.purge()
	if err := hooks.FinishForgetting(w.app); err != nil {
		t.Fatal(err)
	}
	for word, where := range s.standing() {
		if strings.TrimSpace(where) != "part00000000001" {
			t.Errorf("%s still stands in%s", s.words[word], where)
		}
	}
	for _, collection := range []string{"residents", "visits", "matters", "matter_parties", "check_ins", "care_plans", "sensors"} {
		if n, err := w.app.CountRecords(collection); err != nil || n != 0 {
			t.Errorf("%d %s are left (%v)", n, collection, err)
		}
	}
}

// Every collection of the register has a date from which its time runs, or a
// reason why it does not.
func TestEveryRegisteredCollectionAges(t *testing.T) {
	ages := map[string]bool{}
	for _, age := range keep.Ages() {
		if ages[age.Collection] || age.Why == "" {
			t.Errorf("%s stands twice or without a reason", age.Collection)
		}
		ages[age.Collection] = true
	}
	for _, p := range migrations.PersonalFields() {
		if _, ageless := keep.Ageless[p.Collection]; ages[p.Collection] == ageless {
			t.Errorf("%s: nobody says when its time runs out, or two say so", p.Collection)
		}
	}
}
