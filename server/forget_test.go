package server

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
	"gridwalk/keep"
	hooks "gridwalk/pb_hooks"
	handset "gridwalk/phone"
	"gridwalk/replica"
	"gridwalk/seal"
	"gridwalk/sealed"
)

// redacted is what takes the content out of history.
var redacted = replica.Redact

// told is a resident with everything that may relate to him, and the unique
// words that stand in it.
type told struct {
	patch
	w       *world
	words   map[string]string // word → collection.field that it stands in
	records []*core.Record
	photo   []byte
	hidden  int // words that are stored sealed
}

// sealed adds what is stored of the sealed fields and the history of everything
// that was seeded: that must be gone, too.
func (s *told) sealed() {
	s.w.t.Helper()
	add := func(where, query string, params dbx.Params) {
		var values []string
		if err := s.w.app.DB().NewQuery(query).Bind(params).Column(&values); err != nil {
			s.w.t.Fatal(err)
		}
		for _, value := range values {
			if seal.IsSealed(value) {
				s.words[value] = where
			}
		}
	}
	for _, r := range s.records {
		name := r.Collection().Name
		for _, field := range r.Collection().Fields {
			if text, ok := sealed.Plain(field).(*core.TextField); ok && sealed.Is(field) && text.Name != "proof" {
				add(name+"."+text.Name, "SELECT [["+text.Name+"]] FROM {{"+name+"}} WHERE id = {:id}", dbx.Params{"id": r.Id})
			}
		}
		add("history of "+name, "SELECT fields FROM _sync_history WHERE record = {:id}", dbx.Params{"id": r.Id})
	}
	add("conflicts.lost", "SELECT lost FROM conflicts", nil)
	add("rejections.payload", "SELECT payload FROM rejections", nil)
}

// keptTexts are texts that stay when a resident is forgotten: of places, and of
// what the office did.
var keptTexts = map[string]string{
	"households": "address_zh door_no",
	"matters":    "title place_zh result reason",
}

// seed puts a word of its own into every text of a record that may not stay,
// twice, so that the history has what stood before.
func (s *told) seed(r *core.Record) *core.Record {
	s.w.t.Helper()
	name := r.Collection().Name
	skip := strings.Fields(notPersonal["*"] + " " + notPersonal[name] + " " + keptTexts[name] + " target sha256 owner_id proof")
	for range 2 {
		fresh, err := s.w.app.FindRecordById(name, r.Id)
		if err != nil {
			s.w.t.Fatal(err)
		}
		for _, field := range fresh.Collection().Fields {
			text, ok := sealed.Plain(field).(*core.TextField)
			if !ok || text.Pattern != "" || text.Hidden || slices.Contains(skip, text.Name) {
				continue
			}
			word := fmt.Sprintf("zq%05dqz", len(s.words)+s.hidden)
			if sealed.Is(field) {
				s.hidden++ // what is stored of it is read in sealed
			} else {
				s.words[word] = name + "." + text.Name
			}
			fresh.Set(text.Name, word)
		}
		if err := s.w.app.SaveNoValidate(fresh); err != nil {
			s.w.t.Fatalf("seed %s: %v", name, err)
		}
		r = fresh
	}
	s.records = append(s.records, r)
	return r
}

func newTold(w *world) *told {
	w.t.Helper()
	s := &told{patch: newPatch(w), w: w, words: map[string]string{}}
	unit := w.save("organizations", row{"name": "单位", "kind": "dept"}).Id
	s.photo = append(demo.Photo(3, 1), []byte("zqphotobytesqz")...)
	s.words["zqphotobytesqz"] = "the bytes of the photograph"

	s.seed(s.household)
	s.resident = s.seed(s.resident)
	name := s.resident.GetString("name")
	s.seed(s.consent)
	s.seed(s.carePlan)
	visit := s.seed(w.save("visits", row{"household": s.household.Id, "residents": []string{s.resident.Id}, "purpose": "routine", "mode": "door", "result": "met_ok",
		"created_by": s.officer.Id}))
	a := s.send(w, "photo.jpg", s.photo, map[string]string{"owner_type": "visit", "owner_id": visit.Id})
	if a.Status != 200 {
		w.t.Fatal(a)
	}
	w.settled(a.Body["id"].(string))
	shown := w.first("evidence", "id", a.Body["id"])
	s.records = append(s.records, shown)
	if err := os.MkdirAll(filepath.Join(w.app.DataDir(), "uploads"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	part := filepath.Join(w.app.DataDir(), "uploads", "part00000000001")
	info := fmt.Sprintf(`{"id":"part00000000001","officer":%q,"sha256":%q,"size":9}`, s.officer.Id, shown.GetString("sha256"))
	if err := errors.Join(os.WriteFile(part, []byte("zqphotobytesqz"), 0o600), os.WriteFile(part+".info", []byte(info), 0o600)); err != nil {
		w.t.Fatal(err)
	}
	matter := w.save("matters", row{"grid": s.grid.Id, "title": name + "家的路灯", "category": "public_facility", "subcategory": "street_lamp", "source": "officer",
		"priority": "p2_normal", "status": "reported", "lead_org": unit, "created_by": s.officer.Id, "evidence": []string{shown.Id}})
	s.seed(w.save("matter_parties", row{"matter": matter.Id, "part": "reporter", "resident": s.resident.Id}))
	errand := s.seed(w.save("errands", row{"resident": s.resident.Id, "status": "requested"}))
	item := s.seed(w.save("errand_items", row{"errand": errand.Id, "name": "户口簿"}))
	s.seed(w.save("custody_steps", row{"errand": errand.Id, "item": item.Id, "giver": "resident", "taker": "officer"}))
	order := w.save("service_orders", row{"grid": s.grid.Id, "title": "装扶手", "kind": "chores", "slots": 2, "when_at": "2026-12-01 00:00:00.000Z", "status": "published"})
	claim := w.save("order_claims", row{"order": order.Id, "volunteer": s.officer.Id})
	s.seed(w.save("order_recipients", row{"order": order.Id, "resident": s.resident.Id}))
	s.seed(claim)
	source := w.save("sensor_sources", row{"name": "水厂", "secret_hash": strings.Repeat("a", 64)})
	agreed := s.seed(w.save("consents", row{"subject": s.resident.Id, "purpose": "sensor", "given_by": "self", "given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"}))
	sensor := s.seed(w.save("sensors", row{"source": source.Id, "meter": "77", "kind": "water_meter", "household": s.household.Id, "consent": agreed.Id}))
	s.records = append(s.records, w.save("sensor_readings", row{"sensor": sensor.Id, "at": "2026-11-23 00:00:00.000Z", "litres": 5}))
	s.seed(w.save("alerts", row{"household": s.household.Id, "kind": "water_no_flow", "status": "raised"}))
	s.seed(w.save("check_ins", row{"grid": s.grid.Id, "officer": s.officer.Id, "target_type": "household", "target": s.household.Id, "datum": "wgs84", "loc_src": "none"}))
	w.save("conflicts", row{"collection": "residents", "record": s.resident.Id, "field": "name", "kept": "zqconflictqz", "lost": "zqconflictqz", "grid": s.grid.Id, "status": "open"})
	s.words["zqrejectionqz"] = "rejections.payload"
	w.save("rejections", row{"mutation": "m1", "collection": "visits", "record": "aaaaaaaaaaaaaaa", "code": "out_of_scope", "status": "open", "message": "zqrejectionqz",
		"payload": row{"set": row{"residents": []string{s.resident.Id}, "note": "zqrejectionqz"}}})
	s.sealed()
	if s.hidden < 20 {
		w.t.Fatalf("%d words are sealed", s.hidden)
	}
	return s
}

// standing gives the words that stand anywhere in the data directory.
func (s *told) standing() map[string]string {
	s.w.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(s.w.app.DataDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for word := range s.words {
			if bytes.Contains(raw, []byte(word)) {
				found[word] += " " + filepath.Base(path)
			}
		}
		return nil
	})
	if err != nil {
		s.w.t.Fatal(err)
	}
	return found
}

// Who is forgotten stands nowhere any more: in no table, no history, no log, no
// file, no part of an upload, and on no phone after its next pull.
func TestForgottenStandsNowhere(t *testing.T) {
	w := newWorld(t)
	s := newTold(w)
	device := w.save("devices", row{"officer": s.officer.Id, "status": "active"})
	store := handset.NewMemory()
	held := handset.New(handset.Options{URL: w.url, Device: device.Id, Token: func() string { return s.token }, Store: store})
	if err := held.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := s.standing()
	for word, where := range s.words {
		if before[word] == "" {
			t.Errorf("%s of %s was not stored to begin with", word, where)
		}
	}
	plan, err := hooks.PlanForgetting(w.app, s.resident.Id, w.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.records {
		if !slices.ContainsFunc(plan.Items, func(f hooks.Fated) bool { return f.Record == r.Id && f.Fate != keep.Stays }) {
			t.Errorf("the plan leaves %s", r.Collection().Name)
		}
	}
	if now := s.standing(); len(now) != len(before) {
		t.Fatal("a plan changed something")
	}
	done, err := hooks.Forget(w.app, redacted, s.resident.Id, "asked for at the desk", "", w.now)
	if err != nil {
		t.Fatal(err)
	}
	if !done.Complete || !done.Done {
		t.Errorf("complete is %v", done.Complete)
	}
	if err := hooks.FinishForgetting(w.app); err != nil {
		t.Fatal(err)
	}
	for word, where := range s.standing() {
		t.Errorf("%s still stands in%s", s.words[word], where)
	}
	for _, r := range s.records {
		if r.Collection().Name == "evidence" {
			if left, _ := filepath.Glob(filepath.Join(w.app.DataDir(), "storage", r.BaseFilesPath(), "*")); len(left) > 0 {
				t.Errorf("files are left: %v", left)
			}
		}
	}
	if err := held.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := held.Get("residents", s.resident.Id); err == nil && r != nil {
		t.Errorf("the phone still holds the resident: %v", r)
	}
	var onPhone bytes.Buffer
	err = store.View(func(tx handset.Tx) error {
		return tx.Scan("", "\xff", func(key string, value []byte) error {
			fmt.Fprintln(&onPhone, key, string(value))
			return nil
		})
	})
	if err != nil || onPhone.Len() == 0 {
		t.Fatalf("read the phone: %v", err)
	}
	for word, where := range s.words {
		if bytes.Contains(onPhone.Bytes(), []byte(word)) {
			t.Errorf("%s is still on the phone", where)
		}
	}
	matter := w.first("matters", "category", "public_facility")
	if matter.GetString("title") != keep.Struck+"家的路灯" {
		t.Errorf("the matter is now called %q", matter.GetString("title"))
	}
	log, err := hooks.ProofLog(w.app)
	if err != nil || len(log) < len(s.records) || keep.FirstBroken(log) != -1 {
		t.Errorf("the proof log has %d entries (%v), the first broken is %d", len(log), err, keep.FirstBroken(log))
	}
}

// What a phone still says of who was forgotten is not kept.
func TestForgottenIsNotToldAgain(t *testing.T) {
	w := newWorld(t)
	s := newTold(w)
	p := newPhone(w, s.officer, s.token)
	p.pull(500)
	if _, err := hooks.Forget(w.app, redacted, s.resident.Id, "asked for", "", w.now); err != nil {
		t.Fatal(err)
	}
	s.words = map[string]string{"zqlateeditqz": "an edit", "zqlatevisitqz": "a visit"}
	p.push(p.mutation("update", "residents", s.resident.Id, p.seen(s.resident), row{"name": "zqlateeditqz"}),
		p.mutation("create", "visits", "latevisit000001", 0, row{"household": s.household.Id, "residents": []string{s.resident.Id}, "purpose": "routine", "mode": "door",
			"result": "met_ok", "note": "zqlatevisitqz"}))
	if err := hooks.FinishForgetting(w.app); err != nil {
		t.Fatal(err)
	}
	for word, where := range s.standing() {
		t.Errorf("%s was kept in%s", s.words[word], where)
	}
}

// A hold keeps the record, all that relates to it and whom it is about; the
// rest goes, and the answer says which stays why.
func TestHeldIsNotForgotten(t *testing.T) {
	w := newWorld(t)
	s := newTold(w)
	matter := w.first("matters", "category", "public_facility")
	hold := w.save("legal_holds", row{"collection": "matters", "record": matter.Id, "reason": "案号1"})
	done, err := hooks.Forget(w.app, redacted, s.resident.Id, "asked for", "", w.now)
	if err != nil {
		t.Fatal(err)
	}
	if done.Complete {
		t.Error("nothing is said to stay")
	}
	for _, item := range done.Items {
		wantHeld := slices.Contains([]string{"matters", "matter_parties", "matter_events", "residents", "households", "whistles", "survey_responses"}, item.Collection)
		if (item.Hold == hold.Id) != wantHeld {
			t.Errorf("%s %s: held by %q", item.Collection, item.Record, item.Hold)
		}
	}
	if party := w.first("matter_parties", "matter", matter.Id); party.GetString("name") == "" {
		t.Error("a held party lost its name")
	}
	if n, _ := w.app.CountRecords("consents", dbx.HashExp{"subject": s.resident.Id}); n != 0 {
		t.Error("what is not held stayed")
	}
	if a := w.call("DELETE", records("matter_parties")+"/"+w.first("matter_parties", "matter", matter.Id).Id, w.admin(), nil); a.Status < 400 || !strings.Contains(string(a.Raw), "legal_hold") {
		t.Errorf("an admin deleted what is held: %s", a)
	}
	desk, token := w.officer("village_admin", row{"region": s.region.Id})
	p := newPhone(w, desk, token)
	p.pull(0)
	if got := p.one("delete", "residents", s.resident.Id, p.seen(s.resident), nil); got.Status != "rejected" || fmt.Sprint(got.Error["code"]) != "legal_hold" {
		t.Errorf("a phone deleted what is held: %+v", got)
	}
	if a := w.call("DELETE", records("legal_holds")+"/"+hold.Id, w.admin(), nil); a.Status < 400 {
		t.Errorf("an admin deleted a hold: %s", a)
	}
	if a := w.call("PATCH", records("legal_holds")+"/"+hold.Id, w.admin(), row{"until": "2026-11-23 01:00:00.000Z"}); a.Status != 200 {
		t.Fatal(a)
	}
	done, err = hooks.Forget(w.app, redacted, s.resident.Id, "asked for", "", w.now)
	if err != nil || !done.Complete {
		t.Errorf("after the hold: %+v, %v", done, err)
	}
}

// A collection that relates to what is forgotten has a row that says what
// becomes of it.
func TestEveryRelationOfAResidentHasAFate(t *testing.T) {
	w := newWorld(t)
	reached := map[string]bool{"residents": true}
	rows := map[string]bool{}
	for _, link := range keep.Links() {
		rows[link.From+" "+link.Collection+"."+link.Field] = true
		if link.Fate == keep.Delete || link.Fate == keep.Reduce {
			reached[link.Collection] = true
		}
	}
	all := ours(t, w)
	names := map[string]string{}
	for _, c := range all {
		names[c.Id] = c.Name
	}
	for _, c := range all {
		for _, field := range c.Fields {
			relation, ok := field.(*core.RelationField)
			if !ok || !reached[names[relation.CollectionId]] {
				continue
			}
			if row := names[relation.CollectionId] + " " + c.Name + "." + relation.Name; !rows[row] {
				t.Errorf("nobody says what becomes of %s when a resident is forgotten", row)
			}
		}
	}
	for _, link := range keep.Links() {
		c, err := w.app.FindCollectionByNameOrId(link.Collection)
		if err != nil {
			continue
		}
		for _, name := range slices.Concat([]string{link.Field}, link.Empty, link.Texts) {
			if c.Fields.GetByName(name) == nil {
				t.Errorf("%s has no field %s", link.Collection, name)
			}
		}
	}
}

// Only superusers and whoever keeps watch over personal data may have somebody
// forgotten.
func TestWhoMayForget(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	_, steward := w.officer("data_steward", nil)
	_, county := w.officer("county_admin", row{"region": p.region.Id})
	path := "/api/residents/" + p.resident.Id + "/forget"
	for _, test := range []struct {
		name, token string
		want        int
	}{{"nobody", "", 401}, {"an officer of the grid", p.token, 403}, {"the county", county, 403}, {"the data steward", steward, 200}, {"a superuser", w.admin(), 200}} {
		if a := w.call("GET", path, test.token, nil); a.Status != test.want {
			t.Errorf("%s: %s", test.name, a)
		}
	}
	if a := w.call("POST", path, steward, row{"why": " "}); a.Status != 400 {
		t.Errorf("without a reason: %s", a)
	}
	if a := w.call("POST", path, steward, row{"why": "asked for at the desk"}); a.Status != 200 || a.Body["done"] != true {
		t.Errorf("the steward: %s", a)
	}
	if a := w.call("POST", path, steward, row{"why": "again"}); a.Status != 404 {
		t.Errorf("twice: %s", a)
	}
	entry := w.first("purge_log", "record", p.resident.Id)
	for _, method := range []string{"PATCH", "DELETE"} {
		if a := w.call(method, records("purge_log")+"/"+entry.Id, w.admin(), row{"why": "x"}); a.Status < 400 {
			t.Errorf("an admin could %s the proof log: %s", method, a)
		}
	}
}
