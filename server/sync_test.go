package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/merge"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
)

// phone speaks the protocol by hand, one request at a time.
type phone struct {
	w       *world
	officer *core.Record
	token   string
	device  string
	n       int64
	clock   *merge.Clock
	cursor  string
	held    map[string]replica.Change // "collection/id"
}

func newPhone(w *world, officer *core.Record, token string) *phone {
	w.t.Helper()
	device := w.save("devices", row{"officer": officer.Id, "status": "active"})
	clock, err := merge.NewClock(device.Id, func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	return &phone{w: w, officer: officer, token: token, device: device.Id, clock: clock, held: map[string]replica.Change{}}
}

func (p *phone) post(path string, body any) answer {
	p.w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return p.send(path, bytes.NewReader(raw), nil)
}

func (p *phone) send(path string, body io.Reader, headers map[string]string) answer {
	p.w.t.Helper()
	request, err := http.NewRequest("POST", p.w.url+"/api/sync/"+path, body)
	if err != nil {
		p.w.t.Fatal(err)
	}
	request.Header.Set("Authorization", p.token)
	request.Header.Set("X-Gridwalk-Device", p.device)
	for k, v := range headers {
		request.Header.Set(k, v)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{Status: response.StatusCode}
	if a.Raw, err = io.ReadAll(response.Body); err != nil {
		p.w.t.Fatal(err)
	}
	_ = json.Unmarshal(a.Raw, &a.Body)
	return a
}

// pull brings the replica up to date, and gives the pages it took.
func (p *phone) pull(limit int) []replica.Page {
	p.w.t.Helper()
	var pages []replica.Page
	for {
		a := p.post("pull", row{"cursor": p.cursor, "limit": limit})
		if a.Status != 200 {
			p.w.t.Fatalf("pull: %s", a)
		}
		var page replica.Page
		if err := json.Unmarshal(a.Raw, &page); err != nil {
			p.w.t.Fatal(err)
		}
		for _, c := range page.Changes {
			key := c.Collection + "/" + c.ID
			if p.held[key] = c; c.Gone {
				delete(p.held, key)
			}
		}
		p.cursor = page.Cursor
		pages = append(pages, page)
		if !page.More {
			return pages
		}
	}
}

// holds tells whether the phone holds a record, and what is in it.
func (p *phone) holds(r *core.Record) (row, bool) {
	c, ok := p.held[r.Collection().Name+"/"+r.Id]
	var fields row
	_ = json.Unmarshal(c.Record, &fields)
	return fields, ok
}

// mutation makes the next mutation of the phone's outbox.
func (p *phone) mutation(op, collection, record string, base int64, set row) row {
	p.n++
	return row{"id": fmt.Sprintf("m%s%d", p.device, p.n), "n": p.n, "at": p.clock.Tick(), "collection": collection,
		"record": record, "op": op, "base": base, "set": set}
}

func (p *phone) push(mutations ...row) []replica.Result {
	p.w.t.Helper()
	a := p.post("push", row{"mutations": mutations})
	var body replica.PushAnswer
	if err := json.Unmarshal(a.Raw, &body); err != nil || a.Status != 200 || len(body.Results) != len(mutations) {
		p.w.t.Fatalf("push: %s", a)
	}
	return body.Results
}

// one pushes one mutation.
func (p *phone) one(op, collection, record string, base int64, set row) replica.Result {
	p.w.t.Helper()
	return p.push(p.mutation(op, collection, record, base, set))[0]
}

// seen is the seq of a record as the phone holds it.
func (p *phone) seen(r *core.Record) int64 { return p.held[r.Collection().Name+"/"+r.Id].Seq }

func newID() string { return core.GenerateDefaultRandomId() }

// team is two officers with phones in one grid, and one in another.
type team struct {
	village, other village
	a, b, stranger *phone
}

func newTeam(w *world) team {
	v, o := w.newVillage("990101103201", 124.10, 28.10), w.newVillage("990101103202", 124.20, 28.20)
	phoneIn := func(grid *core.Record) *phone {
		officer, token := w.officer("grid_officer", nil)
		w.assign(officer, grid)
		return newPhone(w, officer, token)
	}
	return team{v, o, phoneIn(v.grid), phoneIn(v.grid), phoneIn(o.grid)}
}

func TestPullHydratesOnlyTheOwnGrids(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	pages := team.a.pull(50)
	if len(pages) < 3 {
		t.Errorf("%d pages of 50", len(pages))
	}
	if fields, ok := team.a.holds(team.village.resident); !ok || fields["name"] != "演示张三" {
		t.Errorf("the resident of the own grid is %v", fields)
	}
	for _, foreign := range []*core.Record{team.other.resident, team.other.household, team.other.grid, team.other.carePlan} {
		if _, ok := team.a.holds(foreign); ok {
			t.Errorf("holds %s of another grid", foreign.Collection().Name)
		}
	}
	for key, c := range team.a.held {
		if strings.Contains(string(c.Record), "tokenKey") || strings.Contains(string(c.Record), "password") {
			t.Errorf("%s carries a secret", key)
		}
	}
	if again := team.a.pull(50); len(again) != 1 || len(again[0].Changes) != 0 || again[0].More {
		t.Errorf("a second pull finds %d changes", len(again[0].Changes))
	}
}

// What pull sends is what PocketBase's own API shows.
func TestPullSendsWhatTheAPIShows(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	for _, r := range []*core.Record{team.village.resident, team.village.grid, team.village.household, team.village.carePlan, team.village.building} {
		api := w.call("GET", records(r.Collection().Name)+"/"+r.Id, team.a.token, nil).Body
		delete(api, "collectionId")
		delete(api, "collectionName")
		pulled, _ := team.a.holds(r)
		want, _ := json.Marshal(api)
		got, _ := json.Marshal(pulled)
		if !bytes.Equal(want, got) {
			t.Errorf("%s:\npull %s\napi  %s", r.Collection().Name, got, want)
		}
	}
}

// Whatever door a change comes through, phones hear of it.
func TestEveryDoorReachesTheFeed(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	visit := row{"household": team.village.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok"}
	for _, door := range []struct {
		name string
		use  func() string // gives collection/id
	}{
		{"the dashboard", func() string {
			a := w.call("PATCH", records("residents")+"/"+team.village.resident.Id, w.admin(), row{"dialect": "吴语"})
			return "residents/" + a.Body["id"].(string)
		}},
		{"the API of an officer", func() string {
			return "visits/" + w.call("POST", records("visits"), team.b.token, visit).Body["id"].(string)
		}},
		{"the push of another phone", func() string {
			id := newID()
			if r := team.b.one("create", "visits", id, 0, visit); r.Status != "applied" {
				t.Fatalf("%+v", r)
			}
			return "visits/" + id
		}},
		{"code of ours", func() string {
			return "buildings/" + w.save("buildings", row{"grid": team.village.grid.Id, "name": "2栋", "kind": "shop"}).Id
		}},
		{"a hook: the visit is noted on the household", func() string {
			w.now = w.now.Add(time.Hour)
			w.call("POST", records("visits"), team.b.token, visit)
			return "households/" + team.village.household.Id
		}},
	} {
		want := door.use()
		var got []string
		for _, page := range team.a.pull(0) {
			for _, c := range page.Changes {
				got = append(got, c.Collection+"/"+c.ID)
			}
		}
		if !slices.Contains(got, want) {
			t.Errorf("%s: pull has %v, not %s", door.name, got, want)
		}
	}
	if found, err := replica.Check(w.app, false); err != nil || len(found) > 0 {
		t.Errorf("the feed differs from the tables: %v %v", found, err)
	}
}

// A record that moves to another grid leaves one phone and reaches the other.
func TestRecordsLeaveAndEnterScopes(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	team.stranger.pull(0)
	team.village.resident.Set("household", team.other.household.Id)
	if err := w.app.Save(team.village.resident); err != nil {
		t.Fatal(err)
	}
	team.a.pull(0)
	team.stranger.pull(0)
	if _, ok := team.a.holds(team.village.resident); ok {
		t.Error("the resident is still on the phone of the old grid")
	}
	if _, ok := team.stranger.holds(team.village.resident); !ok {
		t.Error("the resident is not on the phone of the new grid")
	}
	if err := w.app.Delete(team.other.carePlan); err != nil {
		t.Fatal(err)
	}
	team.stranger.pull(0)
	if _, ok := team.stranger.holds(team.other.carePlan); ok {
		t.Error("a deleted record is still on the phone")
	}
}

// Who and what belongs to a household moves with it: nobody in the old grid
// keeps seeing them.
func TestWhatHangsOnAHouseholdMovesWithIt(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.one("create", "visits", newID(), 0, row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok"})
	team.a.pull(0)
	building := team.village.building
	building.Set("grid", team.other.grid.Id)
	if err := w.app.Save(building); err != nil {
		t.Fatal(err)
	}
	team.a.pull(0)
	team.stranger.pull(0)
	for key := range team.a.held {
		for _, collection := range []string{"buildings", "households", "residents", "consents", "care_plans", "visits"} {
			if strings.HasPrefix(key, collection+"/") {
				t.Errorf("%s is still on the phone of the old grid", key)
			}
		}
	}
	if _, ok := team.stranger.holds(team.village.carePlan); !ok {
		t.Error("the care plan did not reach the phone of the new grid")
	}
}

// Lost scopes come in drop, gained ones are hydrated by the same call.
func TestReassignmentDropsAndHydrates(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	assignment, err := w.app.FindFirstRecordByData("grid_assignments", "user", team.a.officer.Id)
	if err != nil {
		t.Fatal(err)
	}
	assignment.Set("grid", team.other.grid.Id)
	if err := w.app.Save(assignment); err != nil {
		t.Fatal(err)
	}
	pages := team.a.pull(0)
	if !slices.Contains(pages[0].Drop, "grid:"+team.village.grid.Id) {
		t.Errorf("drop is %v", pages[0].Drop)
	}
	if _, ok := team.a.holds(team.other.resident); !ok {
		t.Error("the new grid was not hydrated")
	}
	assignment.Set("to_date", "2026-01-02 00:00:00.000Z")
	if err := w.app.Save(assignment); err != nil {
		t.Fatal(err)
	}
	if pages := team.a.pull(0); !slices.Contains(pages[0].Drop, "grid:"+team.other.grid.Id) {
		t.Errorf("an ended assignment: drop is %v", pages[0].Drop)
	}
}

func TestPushAppliesOnceHoweverOftenItIsSent(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	id := newID()
	m := team.a.mutation("create", "visits", id, 0, row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok", "note": "平安"})
	first := team.a.push(m)[0]
	if first.Status != "applied" || first.Seq == 0 {
		t.Fatalf("%+v", first)
	}
	again := team.a.push(m)[0]
	if again.Status != "duplicate" || again.Of != "applied" || again.Seq != first.Seq {
		t.Errorf("%+v", again)
	}
	visit, err := w.app.FindRecordById("visits", id)
	if err != nil {
		t.Fatal(err)
	}
	if visit.GetString("created_by") != team.a.officer.Id || visit.GetString("device") != team.a.device || visit.GetString("grid") != team.village.grid.Id ||
		visit.GetString("receipt_no") == "" || visit.GetString("client_updated_at") != fmt.Sprint(m["at"]) {
		t.Errorf("%v", visit.PublicExport())
	}
	var rows int
	if err := w.app.DB().Select("COUNT(*)").From("_sync_history").Where(dbx.HashExp{"mutation": m["id"]}).Row(&rows); err != nil || rows != 1 {
		t.Errorf("history has it %d times: %v", rows, err)
	}
}

// A check-in by push is judged by the same hook as one through the API.
func TestPushedCheckInIsJudged(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	for _, c := range []struct {
		set  row
		want string
	}{
		{row{"lat": 28.105, "lng": 124.105, "acc_m": 10}, "inside"},
		{row{"lat": 29.0, "lng": 124.105, "acc_m": 10}, "outside"},
		{row{"lat": 28.105, "lng": 124.105, "acc_m": 0}, "uncertain"},
		{row{"lat": "NaN", "lng": 124.105}, "no_fix"},
	} {
		id := newID()
		set := row{"target_type": "point", "datum": "wgs84", "loc_src": "gps"}
		for k, v := range c.set {
			set[k] = v
		}
		if r := team.a.one("create", "check_ins", id, 0, set); r.Status != "applied" {
			t.Fatalf("%v: %+v", c.set, r)
		}
		stored, err := w.app.FindRecordById("check_ins", id)
		if err != nil || stored.GetString("verdict_server") != c.want {
			t.Errorf("%v: %v %v", c.set, stored.GetString("verdict_server"), err)
		}
	}
}

// One bad mutation never blocks the others, and is kept whole.
func TestRejectedMutationsAreKeptAndBlockNobody(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	good := row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok"}
	with := func(k string, v any) row {
		out := row{k: v}
		for name, value := range good {
			if name != k {
				out[name] = value
			}
		}
		return out
	}
	bad := team.a.mutation("create", "visits", newID(), 0, with("result", "exploded"))
	dependent := team.a.mutation("update", "residents", team.village.resident.Id, 0, row{"dialect": "x"})
	dependent["after"] = []any{bad["id"]}
	cases := []struct {
		m    row
		code string
	}{
		{bad, "invalid"},
		{dependent, "depends_on_rejected"},
		{team.a.mutation("create", "visits", newID(), 0, good), ""},
		{team.a.mutation("create", "visits", newID(), 0, with("household", team.other.household.Id)), "out_of_scope"},
		{team.a.mutation("update", "residents", team.other.resident.Id, 1, row{"name": "x"}), "out_of_scope"},
		{team.a.mutation("update", "residents", newID(), 1, row{"name": "x"}), "not_found"},
		{team.a.mutation("create", "weather", newID(), 0, good), "unknown_collection"},
		{team.a.mutation("create", "officers", newID(), 0, row{"role": "county_admin"}), "unknown_collection"},
		{team.a.mutation("create", "visits", newID(), 0, with("mood", "good")), "unknown_field"},
		{team.a.mutation("destroy", "visits", newID(), 0, good), "unknown_op"},
		{team.a.mutation("create", "visits", "short", 0, good), "bad_record_id"},
		{team.a.mutation("create", "visits", newID(), 7, good), "bad_base"},
		{team.a.mutation("update", "residents", team.village.resident.Id, 1<<40, row{"name": "x"}), "base_from_future"},
		{team.a.mutation("create", "residents", team.village.resident.Id, 0, row{"household": team.village.household.Id, "name": "x", "life_status": "living"}), "id_taken"},
		{team.a.mutation("delete", "residents", team.village.resident.Id, 1, nil), "not_allowed"},
		{team.a.mutation("create", "check_ins", newID(), 0, row{"target_type": "point", "datum": "wgs84", "loc_src": "gps", "lat": "north"}), "invalid"},
		{team.a.mutation("update", "residents", team.village.resident.Id, 1, row{"birth_year": "1946年"}), "invalid"},
		{team.a.mutation("update", "residents", team.village.resident.Id, 1, row{"care_tags": row{"a": 1}}), "invalid"},
		{team.a.mutation("create", "visits", newID(), 0, good), ""},
	}
	var all []row
	for _, c := range cases {
		all = append(all, c.m)
	}
	for i, r := range team.a.push(all...) {
		code, _ := r.Error["code"].(string)
		if code != cases[i].code || (r.Status == "rejected") != (code != "") {
			t.Errorf("mutation %d %v: %s %v, want %q", i, cases[i].m["collection"], r.Status, r.Error, cases[i].code)
		}
		if code == "" {
			continue
		}
		kept, err := w.app.FindFirstRecordByData("rejections", "mutation", cases[i].m["id"])
		if err != nil || kept.GetString("code") != code {
			t.Errorf("mutation %d is not kept: %v", i, err)
		}
	}
	if r := team.a.push(bad)[0]; r.Status != "duplicate" || r.Of != "rejected" {
		t.Errorf("a rejected mutation sent again: %+v", r)
	}
}

// What is wrong with a whole request has a code of its own.
func TestSyncRefusesBadRequests(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	p := team.a
	m := func(n int64, id string) row {
		return row{"id": id, "n": n, "at": p.clock.Tick(), "collection": "visits", "record": newID(), "op": "create"}
	}
	many := make([]row, 501)
	for i := range many {
		many[i] = m(int64(i+1), fmt.Sprint("x", i))
	}
	zipped := func(data []byte) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data)
		z.Close()
		return b.String()
	}
	text := func(v any) string {
		raw, _ := json.Marshal(v)
		return string(raw)
	}
	other := newPhone(w, p.officer, p.token)
	other.pull(0)
	gzipped := map[string]string{"Content-Encoding": "gzip"}
	for _, c := range []struct {
		name, path, body string
		headers          map[string]string
		status           int
		code             string
	}{
		{"no JSON", "push", "<html>", nil, 400, "bad_json"},
		{"half a JSON", "push", `{"mutations":[`, nil, 400, "bad_json"},
		{"two bodies", "push", `{"mutations":[]}{}`, nil, 400, "bad_json"},
		{"a wrong type", "push", `{"mutations":{"a":1}}`, nil, 400, "bad_json"},
		{"deep nesting", "push", `{"mutations":[{"set":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]}`, nil, 400, "bad_json"},
		{"2 MiB + 1", "push", strings.Repeat(" ", 2<<20) + "1", nil, 413, "too_large"},
		{"a gzip bomb", "push", zipped(make([]byte, 64<<20)), gzipped, 413, "too_large"},
		{"no gzip", "push", "plain", gzipped, 400, "bad_gzip"},
		{"brotli", "push", "x", map[string]string{"Content-Encoding": "br"}, 415, "unknown_encoding"},
		{"501 mutations", "push", text(row{"mutations": many}), nil, 413, "too_many_mutations"},
		{"a hole in n", "push", text(row{"mutations": []row{m(1, "a"), m(3, "b")}}), nil, 400, "outbox_gap"},
		{"a repeat in n", "push", text(row{"mutations": []row{m(1, "a"), m(1, "b")}}), nil, 400, "outbox_repeat"},
		{"n of 0", "push", text(row{"mutations": []row{m(0, "a")}}), nil, 400, "outbox_repeat"},
		{"a gap to what the server has", "push", text(row{"mutations": []row{m(9, "a")}}), nil, 409, "outbox_gap"},
		{"no id", "push", text(row{"mutations": []row{m(1, "")}}), nil, 400, "bad_mutation_id"},
		{"no stamp", "push", `{"mutations":[{"id":"a","n":1,"at":"now"}]}`, nil, 400, "bad_stamp"},
		{"a cursor that is garbage", "pull", `{"cursor":"garbage"}`, nil, 400, "cursor_invalid"},
		{"a cursor of another device", "pull", text(row{"cursor": other.cursor}), nil, 400, "cursor_of_other_device"},
		{"an unknown collection", "pull", `{"collections":["_superusers"]}`, nil, 400, "unknown_collection"},
		{"a scope of others", "digest", text(row{"scopes": []string{"grid:" + team.other.grid.Id}}), nil, 403, "out_of_scope"},
		{"a foreign device", "pull", "{}", map[string]string{"X-Gridwalk-Device": team.stranger.device}, 403, "device_unknown"},
		{"no device", "pull", "{}", map[string]string{"X-Gridwalk-Device": ""}, 403, "device_unknown"},
		{"no sign-in", "pull", "{}", map[string]string{"Authorization": ""}, 401, "unauthorized"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := p.send(c.path, strings.NewReader(c.body), c.headers)
			if a.Status != c.status || a.Body["error"] != c.code {
				t.Errorf("want %d %s, got %.300s", c.status, c.code, a)
			}
		})
	}
}

func TestRevokedDeviceIsToldToWipe(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	device, err := w.app.FindRecordById("devices", team.a.device)
	if err != nil {
		t.Fatal(err)
	}
	device.Set("status", "revoked")
	if err := w.app.Save(device); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"pull", "push", "digest"} {
		if a := team.a.post(path, row{}); a.Status != 403 || a.Body["error"] != "device_revoked" || a.Body["wipe"] != true {
			t.Errorf("%s: %s", path, a)
		}
	}
}

// Two officers offline: different fields are both kept, the same field goes by
// its policy, and the value that lost is in conflicts.
func TestConcurrentEditsMerge(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	team.b.pull(0)
	resident := team.village.resident
	first := team.a.mutation("update", "residents", resident.Id, team.a.seen(resident), row{"dialect": "吴语", "phone": "10011112222", "care_tags": []string{"lives_alone_elder"}})
	w.now = w.now.Add(time.Minute)
	second := team.b.mutation("update", "residents", resident.Id, team.b.seen(resident), row{"pinyin": "zs", "phone": "10033334444", "care_tags": []string{"disability"}, "life_status": "deceased"})
	later := team.b.push(second)[0]
	if later.Status != "applied" {
		t.Fatalf("%+v", later)
	}
	merged := team.a.push(first)[0]
	if merged.Status != "merged" || len(merged.Conflicts) != 1 || merged.Conflicts[0].Field != "phone" || merged.Conflicts[0].Kept != "10033334444" {
		t.Fatalf("%+v", merged)
	}
	stored, err := w.app.FindRecordById("residents", resident.Id)
	if err != nil {
		t.Fatal(err)
	}
	tags := stored.GetStringSlice("care_tags")
	slices.Sort(tags)
	if stored.GetString("dialect") != "吴语" || stored.GetString("phone") != "10033334444" || !slices.Equal(tags, []string{"disability", "lives_alone_elder"}) || stored.GetString("life_status") != "deceased" {
		t.Errorf("%v", stored.PublicExport())
	}
	conflict, err := w.app.FindFirstRecordByData("conflicts", "record", resident.Id)
	if err != nil || conflict.GetString("lost") != `"10011112222"` || conflict.GetString("lost_by") != team.a.officer.Id {
		t.Fatalf("%v %v", conflict, err)
	}
	// An admin puts the lost value back with one click; the phones hear of it.
	if a := w.call("PATCH", records("conflicts")+"/"+conflict.Id, w.admin(), row{"status": "restored"}); a.Status != 200 {
		t.Fatalf("%s", a)
	}
	team.b.pull(0)
	if fields, _ := team.b.holds(resident); fields["phone"] != "10011112222" {
		t.Errorf("after the conflict was resolved the phone has %v", fields["phone"])
	}
}

// Two long notes written offline are both kept, and neither author is refused.
func TestLongNotesOfTwoPhonesAreBothKept(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	id := newID()
	r := team.a.one("create", "visits", id, 0, row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok", "note": "甲"})
	second := newPhone(w, team.a.officer, team.a.token)
	one, two := "甲"+strings.Repeat("一", 299), "甲"+strings.Repeat("二", 299)
	first := team.a.one("update", "visits", id, r.Seq, row{"note": one})
	other := second.one("update", "visits", id, r.Seq, row{"note": two})
	if first.Status != "applied" || other.Status == "rejected" {
		t.Fatalf("%+v %+v", first, other)
	}
	visit, err := w.app.FindRecordById("visits", id)
	if err != nil || !strings.Contains(visit.GetString("note"), one[3:]) || !strings.Contains(visit.GetString("note"), two[3:]) {
		t.Errorf("%v %v", err, visit.GetString("note"))
	}
	if r := team.a.one("create", "visits", newID(), 0, row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok", "note": one + "一"}); r.Status != "rejected" {
		t.Errorf("a note of 301 characters: %+v", r)
	}
}

// Edit against delete: the delete stands, the edit is a conflict.
func TestEditOfADeletedRecordIsAConflict(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	base := team.a.seen(team.village.carePlan)
	if err := w.app.Delete(team.village.carePlan); err != nil {
		t.Fatal(err)
	}
	r := team.a.one("update", "care_plans", team.village.carePlan.Id, base, row{"notes": "she moved to her daughter"})
	if r.Status != "merged" || len(r.Conflicts) != 1 || r.Conflicts[0].Lost != "she moved to her daughter" {
		t.Errorf("%+v", r)
	}
	if _, err := w.app.FindFirstRecordByData("conflicts", "record", team.village.carePlan.Id); err != nil {
		t.Error(err)
	}
}

// A wrong clock decides nothing for longer than five minutes.
func TestStampFromTheFutureIsClamped(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	team.b.pull(0)
	resident := team.village.resident
	wrong := team.a.mutation("update", "residents", resident.Id, team.a.seen(resident), row{"dialect": "from 2031"})
	wrong["at"] = fmt.Sprintf("%012x-0000-%s", w.now.AddDate(5, 0, 0).UnixMilli(), team.a.device)
	team.a.push(wrong)
	w.now = w.now.Add(10 * time.Minute)
	r := team.b.one("update", "residents", resident.Id, team.b.seen(resident), row{"dialect": "later, with a right clock"})
	stored, err := w.app.FindRecordById("residents", resident.Id)
	if err != nil || stored.GetString("dialect") != "later, with a right clock" {
		t.Errorf("%v %v %+v", stored.GetString("dialect"), err, r)
	}
}

// A phone and the server agree on what a scope holds.
func TestDigest(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	scope := "grid:" + team.village.grid.Id
	a := team.a.post("digest", row{"scopes": []string{scope}})
	digest := a.Body["scopes"].(map[string]any)[scope].(map[string]any)
	var sum uint64
	count := 0
	for _, c := range team.a.held {
		var fields row
		_ = json.Unmarshal(c.Record, &fields)
		if fields["grid"] == team.village.grid.Id && c.Collection != "check_ins" && c.Collection != "patrols" || c.ID == team.village.grid.Id {
			sum += replica.RecordHash(c.Collection, c.ID, c.Seq)
			count++
		}
	}
	if digest["count"] != float64(count) || digest["sum"] != fmt.Sprintf("%016x", sum) {
		t.Errorf("server %v, phone %d %016x", digest, count, sum)
	}
}

// A server that starts on a backup begins a new epoch and says how far it has
// each outbox; a phone sends the rest again.
func TestRestoreFromBackupLosesNothingThatPhonesHold(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	visit := row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok"}
	team.a.one("create", "visits", newID(), 0, visit)
	if err := w.app.CreateBackup(t.Context(), "night.zip"); err != nil {
		t.Fatal(err)
	}
	lost := team.a.mutation("create", "visits", newID(), 0, visit)
	team.a.push(lost)
	team.a.pull(0)
	w.restoreBackup("night.zip")
	a := team.a.post("pull", row{"cursor": team.a.cursor})
	if a.Status != 409 || a.Body["error"] != "epoch_changed" || a.Body["resume_from"] != 1.0 {
		t.Fatalf("%s", a)
	}
	if r := team.a.push(lost)[0]; r.Status != "applied" {
		t.Errorf("sent again: %+v", r)
	}
	team.a.cursor, team.a.held = "", map[string]replica.Change{}
	team.a.pull(0)
	if _, ok := team.a.held["visits/"+lost["record"].(string)]; !ok {
		t.Error("the visit after the backup is lost")
	}
}

// A base that a phone learned in the time that was lost says nothing about what
// the restored server has under the same number.
func TestBaseOfALostEpochIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	w.admin() // is in the backup, too
	if err := w.app.CreateBackup(t.Context(), "night.zip"); err != nil {
		t.Fatal(err)
	}
	resident := team.village.resident
	w.call("PATCH", records("residents")+"/"+resident.Id, w.admin(), row{"phone": "10000000001"})
	epoch := team.a.pull(0)[0].Epoch
	seen := team.a.seen(resident)
	edit := team.a.mutation("update", "residents", resident.Id, seen, row{"phone": "10000000002"})
	edit["epoch"] = epoch
	w.restoreBackup("night.zip")
	w.now = w.now.Add(time.Minute)
	for range 3 { // the new timeline passes the number of the old one
		w.call("PATCH", records("residents")+"/"+resident.Id, w.admin(), row{"phone": "10000000003", "dialect": newID()})
	}
	r := team.a.push(edit)[0]
	if r.Status != "merged" || len(r.Conflicts) != 1 {
		t.Errorf("an edit that never saw the office's value overwrote it in silence: %+v", r)
	}
}

// A file that was put back by hand is found out by a cursor that is ahead.
func TestCursorAheadOfTheServerBeginsANewEpoch(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	if _, err := w.app.DB().NewQuery("UPDATE _sync_state SET seq = 3").Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.DB().NewQuery("DELETE FROM _sync_feed WHERE seq > 3").Execute(); err != nil {
		t.Fatal(err)
	}
	w.restart()
	if a := team.a.post("pull", row{"cursor": team.a.cursor}); a.Status != 409 || a.Body["error"] != "epoch_changed" {
		t.Errorf("%s", a)
	}
}

// Pruned history makes merging cautious, never wrong.
func TestPrunedHistoryCountsAsChangedOnBothSides(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	base := team.a.seen(team.village.resident)
	w.call("PATCH", records("residents")+"/"+team.village.resident.Id, w.admin(), row{"dialect": "office"})
	w.now = w.now.AddDate(4, 0, 0)
	if dropped, err := replica.Prune(w.app, w.now.AddDate(-3, 0, 0).Format("2006-01-02 15:04:05.000Z")); err != nil || dropped == 0 {
		t.Fatalf("%d %v", dropped, err)
	}
	r := team.a.one("update", "residents", team.village.resident.Id, base, row{"dialect": "phone"})
	if r.Status == "rejected" {
		t.Fatalf("%+v", r)
	}
	if _, err := w.app.FindFirstRecordByData("conflicts", "record", team.village.resident.Id); err != nil {
		t.Errorf("no conflict was kept: %+v", r)
	}
}

// The feed is mended from the tables.
func TestCheckFindsAndMendsTheFeed(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	for _, damage := range []string{
		"DELETE FROM _sync_feed WHERE record = '" + team.village.resident.Id + "'",
		"INSERT INTO _sync_feed VALUES ('residents', 'aaaaaaaaaaaaaaa', 'all', 1, 0)",
	} {
		if _, err := w.app.DB().NewQuery(damage).Execute(); err != nil {
			t.Fatal(err)
		}
		if found, err := replica.Check(w.app, true); err != nil || len(found) != 1 {
			t.Errorf("%s: %v %v", damage, found, err)
		}
		if found, err := replica.Check(w.app, false); err != nil || len(found) != 0 {
			t.Errorf("after mending: %v %v", found, err)
		}
	}
}

// A full disk is said plainly, nothing is lost, and reading goes on.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	team := newTeam(w)
	team.a.pull(0)
	var pages int
	if err := w.app.NonconcurrentDB().NewQuery("PRAGMA page_count").Row(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if err := w.app.NonconcurrentDB().NewQuery(fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Row(&pages); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	set := row{"household": team.village.household.Id, "purpose": "care", "mode": "door", "result": "met_ok", "note": strings.Repeat("长", 300)}
	batch := func() []row {
		var all []row
		for range 100 {
			all = append(all, team.a.mutation("create", "visits", newID(), 0, set))
		}
		return all
	}
	all := batch()
	a := team.a.post("push", row{"mutations": all})
	if a.Status != 507 && a.Status != 503 {
		t.Fatalf("%s", a)
	}
	team.a.pull(0)
	if n, err := w.app.CountRecords("visits"); err != nil || n != 0 {
		t.Errorf("%d visits were kept of a commit that failed: %v", n, err)
	}
	limit(1 << 30)
	for _, r := range team.a.push(all...) {
		if r.Status != "applied" {
			t.Fatalf("%+v", r)
		}
	}
}

// What another process changes while the server runs, such as an import from
// the shell, reaches phones and verdicts too.
func TestForeignWritesAreNoticed(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	phone := newPhone(w, p.officer, p.token)
	phone.pull(0)
	settings := hooks.DefaultSettings()
	settings.Now = func() time.Time { return w.now }
	other := newApp(w.app.DataDir(), settings)
	if err := other.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.ResetBootstrapState(); err != nil {
			t.Error(err)
		}
	}()
	grid, err := other.FindRecordById("grids", p.grid.Id)
	if err != nil {
		t.Fatal(err)
	}
	grid.Set("boundary", square(124.30, 28.30, 0.01))
	if err := other.Save(grid); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		phone.pull(0)
		fields, _ := phone.holds(p.grid)
		if fields["boundary_version"] == 2.0 && p.checkIn(w, row{}).Body["verdict_server"] == "outside" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the grid on the phone is still version %v", fields["boundary_version"])
		}
		time.Sleep(20 * time.Millisecond)
	}
}
