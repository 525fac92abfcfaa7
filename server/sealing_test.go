package server

import (
	archive "archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
	"gridwalk/seal"
	"gridwalk/sealed"
)

// secrets are what nobody finds who has the disk.
type secrets struct{ phone, contact, scope, notes, note, lost, refused, place, meter string }

var seeded = secrets{"13812345678", "女儿密语一", "同意密语二", "方案密语三", "走访密语四", "13987654321", "退回密语六", "128.1070123", "水表密语八"}

func (s secrets) all() []string {
	return []string{s.phone, s.contact, s.scope, s.notes, s.note, s.lost, s.refused, s.place, s.meter}
}

// seed puts the secrets wherever such things are kept: in records, the history,
// a conflict, a rejection, and addresses that are logged.
func seed(w *world) team {
	w.t.Helper()
	team := newTeam(w)
	v, a, b := team.village, team.a, team.b
	a.pull(500)
	b.pull(500)
	if r := a.one("update", "residents", v.resident.Id, a.seen(v.resident), row{"phone": seeded.phone, "emergency_contact": seeded.contact, "care_tags": []string{"disability"}}); r.Status != "applied" {
		w.t.Fatalf("edit: %+v", r)
	}
	if r := b.one("update", "residents", v.resident.Id, b.seen(v.resident), row{"phone": seeded.lost}); len(r.Conflicts) != 1 {
		w.t.Fatalf("no conflict: %+v", r)
	}
	consent := newID()
	a.push(a.mutation("create", "consents", consent, 0, row{"subject": v.resident.Id, "purpose": "sensor", "scope": seeded.scope, "given_by": "self",
		"given_at": "2026-11-01 00:00:00.000Z", "notice_version": "1"}),
		a.mutation("update", "care_plans", v.carePlan.Id, a.seen(v.carePlan), row{"notes": seeded.notes}),
		a.mutation("create", "visits", newID(), 0, row{"household": v.household.Id, "purpose": "care", "mode": "door", "result": "met_needs", "wellbeing": "unwell", "note": seeded.note}),
		a.mutation("create", "check_ins", newID(), 0, row{"target_type": "point", "datum": "wgs84", "loc_src": "gps", "lat": 28.1070123, "lng": 128.1070123, "acc_m": 8}))
	if r := a.one("create", "visits", newID(), 0, row{"household": v.household.Id, "purpose": "no such purpose", "note": seeded.refused}); r.Status != "rejected" {
		w.t.Fatalf("not rejected: %+v", r)
	}
	source, _ := w.sourceToken()
	w.save("sensors", row{"source": source, "meter": seeded.meter, "kind": "water_meter", "household": v.household.Id, "consent": consent})
	w.call("GET", records("residents")+"?filter=(phone='"+seeded.phone+"')", a.token, nil)
	return team
}

// Whoever has the disk, or a backup, finds nothing of what is sealed: neither in
// the database and its log of changes, nor in the history, nor in logs.
func TestTheDiskHoldsNoPlaintext(t *testing.T) {
	w := newWorld(t)
	seed(w)
	if err := w.app.CreateBackup(t.Context(), "all.zip"); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var logged int
		if err := w.app.AuxDB().NewQuery("SELECT COUNT(*) FROM _logs WHERE data LIKE '%filter%'").Row(&logged); err != nil {
			t.Fatal(err)
		}
		if logged > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the request was not logged")
		}
	}
	searched := 0
	err := filepath.WalkDir(w.app.DataDir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files := map[string][]byte{path: raw}
		if strings.HasSuffix(path, ".zip") {
			files = unzip(t, raw)
		}
		for name, content := range files {
			searched++
			for _, secret := range seeded.all() {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s holds %s", name, secret)
				}
			}
		}
		return nil
	})
	if err != nil || searched < 4 {
		t.Fatalf("searched %d files: %v", searched, err)
	}
}

func unzip(t *testing.T, raw []byte) map[string][]byte {
	t.Helper()
	zip, err := archive.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, file := range zip.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out["backup/"+file.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return out
}

// Who works with residents reads what is sealed; the dashboard shows masks, and
// saving a form with masks in it changes nothing.
func TestMasks(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	a := team.a
	a.pull(500)
	if fields, _ := a.holds(team.village.resident); fields["phone"] != seeded.phone && fields["phone"] != seeded.lost {
		t.Errorf("the phone of the officer holds %v", fields["phone"])
	}
	path := records("residents") + "/" + team.village.resident.Id
	if got := w.call("GET", path, a.token, nil).Body["emergency_contact"]; got != seeded.contact {
		t.Errorf("the officer reads %v", got)
	}
	admin := w.admin()
	for _, path := range []string{path, records("residents") + "?expand=household", records("consents") + "?expand=subject", records("conflicts"), records("rejections"), records("sensors"), records("check_ins"), records("visits"), records("care_plans")} {
		answer := w.call("GET", path, admin, nil)
		if answer.Status != 200 {
			t.Fatalf("%s: %s", path, answer)
		}
		for _, secret := range append(seeded.all(), "disability") {
			if bytes.Contains(answer.Raw, []byte(secret)) {
				t.Errorf("the dashboard shows %s: %s", secret, answer)
			}
		}
	}
	shown := w.call("GET", path, admin, nil).Body
	if shown["phone"] != "138****5678" && shown["phone"] != "139****4321" || shown["emergency_contact"] != "***" {
		t.Errorf("masks are %v and %v", shown["phone"], shown["emergency_contact"])
	}
	shown["dialect"] = "吴语"
	if answer := w.call("PATCH", path, admin, shown); answer.Status != 200 || answer.Body["dialect"] != "吴语" {
		t.Fatalf("save the form: %s", answer)
	}
	stored := w.read("residents", team.village.resident.Id)
	if stored.GetString("emergency_contact") != seeded.contact || len(stored.GetStringSlice("care_tags")) != 1 || !strings.HasPrefix(stored.GetString("phone"), "13") || strings.Contains(stored.GetString("phone"), "*") {
		t.Errorf("saving masks made it %v", stored.FieldsData())
	}
	if answer := w.call("PATCH", path, admin, row{"phone": "10000000009"}); answer.Status != 200 || w.read("residents", stored.Id).GetString("phone") != "10000000009" {
		t.Errorf("a new number: %s", answer)
	}
	var raw string
	if err := w.app.DB().NewQuery("SELECT phone FROM residents WHERE id = {:id}").Bind(dbx.Params{"id": stored.Id}).Row(&raw); err != nil || !seal.IsSealed(raw) {
		t.Fatalf("stored is %q, %v", raw, err)
	}
	if answer := w.call("PATCH", path, a.token, row{"dialect": raw}); answer.Status != 400 {
		t.Errorf("a sealed value is taken: %s", answer)
	}
}

// A sealed value opens in its place only: moved to another record it is found.
func TestAMovedValueIsFound(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	_, err := w.app.DB().NewQuery("UPDATE residents SET phone = (SELECT phone FROM residents WHERE id = {:from}) WHERE id = {:to}").
		Bind(dbx.Params{"from": team.village.resident.Id, "to": team.other.resident.Id}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.FindRecordById("residents", team.other.resident.Id); err == nil {
		t.Error("it opens in another record")
	}
}

// Unmasking needs a reason, and is written down before anything is shown.
func TestUnmasking(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	ask := row{"collection": "residents", "record": team.village.resident.Id, "fields": []string{"emergency_contact"}, "why": "本人来电核对"}
	if answer := w.call("POST", "/api/unmask", team.a.token, ask); answer.Status != 403 {
		t.Errorf("an officer: %s", answer)
	}
	if answer := w.call("POST", "/api/unmask", w.admin(), row{"collection": "residents", "record": team.village.resident.Id}); answer.Status != 400 {
		t.Errorf("without a reason: %s", answer)
	}
	if answer := w.call("POST", "/api/unmask", w.admin(), row{"collection": "residents", "record": "nobody", "why": "看看"}); answer.Status == 200 {
		t.Errorf("nobody: %s", answer)
	}
	answer := w.call("POST", "/api/unmask", w.admin(), ask)
	if values, _ := answer.Body["values"].(row); answer.Status != 200 || len(values) != 1 || values["emergency_contact"] != seeded.contact {
		t.Fatalf("unmask: %s", answer)
	}
	entry := w.first("read_audit", "how", "unmask")
	if entry.GetString("resident") != team.village.resident.Id || entry.GetString("why") != "本人来电核对" || entry.GetString("reader_kind") != "superuser" ||
		entry.GetString("fields") != `["emergency_contact"]` {
		t.Errorf("written down is %v", entry.FieldsData())
	}
}

func TestFindingATelephoneNumber(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	for _, v := range []village{team.village, team.other} {
		r := w.read("residents", v.resident.Id)
		r.Set("phone", "138 1234-5678")
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	find := func(token string, phone any) (ids []string) {
		answer := w.call("POST", "/api/find-phone", token, row{"phone": phone})
		var body struct{ Found []struct{ Record string } }
		if err := json.Unmarshal(answer.Raw, &body); err != nil || answer.Status != 200 {
			t.Fatalf("find: %s", answer)
		}
		for _, f := range body.Found {
			ids = append(ids, f.Record)
		}
		return ids
	}
	if got := find(team.a.token, "+8613812345678"); len(got) != 1 || got[0] != team.village.resident.Id {
		t.Errorf("the officer of one grid finds %v", got)
	}
	if got := find(w.admin(), "13812345678"); len(got) != 2 {
		t.Errorf("the office finds %v", got)
	}
	if got := find(team.a.token, "13812345679"); len(got) != 0 {
		t.Errorf("another number finds %v", got)
	}
	if answer := w.call("POST", "/api/find-phone", "", row{"phone": "13812345678"}); answer.Status != 401 {
		t.Errorf("a stranger: %s", answer)
	}
	if answer := w.call("POST", "/api/find-phone", team.a.token, row{"phone": "没有"}); answer.Status != 400 {
		t.Errorf("no number: %s", answer)
	}
}

// Keys are rotated by another process while the server serves: every record is
// under the new key then, and both read all of it.
func TestRotation(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	other := newApp(w.app.DataDir(), hooks.DefaultSettings())
	if err := other.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	was := sealed.RingOf(w.app).Current()
	n, err := sealed.Rotate(other)
	if err != nil || n < 9 {
		t.Fatalf("rotated %d: %v", n, err)
	}
	if err := other.OnTerminate().Trigger(&core.TerminateEvent{App: other}, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() }); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := w.app.DB().NewQuery("SELECT COUNT(*) FROM residents WHERE phone LIKE 'gws1:" + was + "%'").Row(&left); err != nil || left > 0 {
		t.Errorf("%d values are under the old key: %v", left, err)
	}
	team.b.cursor, team.b.held = "", map[string]replica.Change{}
	team.b.pull(500)
	if fields, _ := team.b.holds(team.village.resident); fields["emergency_contact"] != seeded.contact {
		t.Errorf("after the rotation a phone gets %v", fields["emergency_contact"])
	}
	if now := sealed.RingOf(w.app).Current(); now == was {
		t.Error("the server still seals under the old key")
	}
	if r := team.b.one("update", "residents", team.village.resident.Id, team.b.seen(team.village.resident), row{"phone": "10000000001"}); r.Status == "rejected" {
		t.Errorf("an edit after the rotation: %+v", r)
	}
	w.restart()
	if got := w.read("residents", team.village.resident.Id).GetString("phone"); got != "10000000001" {
		t.Errorf("after a restart it is %q", got)
	}
}

// A database does not open under another master key, and moves to a new one.
func TestMasterKeys(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	fresh, err := seal.NewMaster(bytes.Repeat([]byte{9}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	wrong := hooks.DefaultSettings()
	wrong.Master = fresh
	if err := newApp(w.app.DataDir(), wrong).Bootstrap(); err == nil || !strings.Contains(err.Error(), "another master key") {
		t.Errorf("another master key: %v", err)
	}
	if n, err := sealed.Rewrap(w.app, fresh); err != nil || n < 2 {
		t.Fatalf("rewrapped %d: %v", n, err)
	}
	if got := w.read("residents", team.village.resident.Id).GetString("emergency_contact"); got != seeded.contact {
		t.Errorf("the server that runs reads %q", got)
	}
	if known, err := sealed.UnderKnown(w.app); known || err != nil {
		t.Errorf("under the known key: %v, %v", known, err)
	}
	w.restartWith(func(s *hooks.Settings) { s.Master = fresh })
	if got := w.read("residents", team.village.resident.Id).GetString("emergency_contact"); got != seeded.contact {
		t.Errorf("under the new master key it reads %q", got)
	}
}
