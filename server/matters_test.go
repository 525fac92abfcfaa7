package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/replica"
)

// at sets the clock to a time in China, the first Monday of the tests being the
// 23rd of November 2026.
func (w *world) at(text string) {
	w.t.Helper()
	now, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("", 8*3600))
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = now.UTC()
}

// minute runs what the server runs every minute.
func (w *world) minute() {
	w.t.Helper()
	for _, job := range w.app.Cron().Jobs() {
		if job.Id() == "gridwalk_deadlines" {
			job.Run()
			return
		}
	}
	w.t.Fatal("nothing looks for deadlines")
}

// again reads a record anew.
func (w *world) again(r *core.Record) *core.Record {
	w.t.Helper()
	stored, err := w.app.FindRecordById(r.Collection(), r.Id)
	if err != nil {
		w.t.Fatal(err)
	}
	return stored
}

// china is a stored time as it is read in China.
func china(r *core.Record, field string) string {
	at := r.GetDateTime(field).Time()
	if at.IsZero() {
		return ""
	}
	return at.In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04")
}

// events are what happened to a matter, as «action» or «action stage».
func (w *world) events(matter string) []string {
	w.t.Helper()
	var rows []struct{ Action, Stage string }
	err := w.app.DB().Select("action", "stage").From("matter_events").Where(dbx.HashExp{"matter": matter}).OrderBy("rowid").All(&rows)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		out = append(out, strings.TrimSpace(row.Action+" "+row.Stage))
	}
	return out
}

// lamp is a street lamp that is out, as an officer reports it.
func lamp(grid *core.Record) row {
	return row{"grid": grid.Id, "title": "路灯不亮", "category": "public_facility", "subcategory": "street_lamp", "source": "officer",
		"priority": "p2_normal", "status": "reported"}
}

func (w *world) set(r *core.Record, values row) error {
	stored := w.again(r)
	stored.Load(values)
	return w.app.Save(stored)
}

func (w *world) mustSet(r *core.Record, values row) {
	w.t.Helper()
	if err := w.set(r, values); err != nil {
		w.t.Fatalf("set %v: %v", values, err)
	}
}

func TestAMatterRunsToItsEndWithAClockOnEveryStage(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 10:00") // a Monday
	v := w.newVillage("990101103201", 124.10, 28.10)
	m := w.save("matters", lamp(v.grid))
	if m.GetString("no") != "SX261123-0001" || m.GetString("level") != "l1_grid" {
		t.Errorf("number %q at level %q", m.GetString("no"), m.GetString("level"))
	}
	for _, step := range []struct {
		at   string
		set  row
		want row
	}{
		{"2026-11-23 10:00", row{}, row{"due_accept": "2026-11-24 10:00", "due_close": "2026-12-07 10:00", "due_feedback": ""}},
		{"2026-11-23 11:00", row{"status": "accepted"}, row{"due_first_contact": "2026-11-24 11:00", "due_feedback": "2026-12-02 11:00"}},
		{"2026-11-23 15:00", row{"status": "in_progress"}, row{"due_close": "2026-12-07 10:00"}},
		{"2026-11-24 09:00", row{"status": "suspended", "reason": "等材料"}, row{"paused": "true", "due_close": "", "due_feedback": ""}},
		{"2026-11-26 09:00", row{"status": "in_progress"}, row{"paused": "false", "due_close": "2026-12-09 10:00"}},
		{"2026-11-26 10:00", row{"status": "extended", "reason": "雨天", "extend_days": 2}, row{"due_close": "2026-12-11 10:00"}},
		{"2026-11-27 10:00", row{"status": "handled", "result": "已换灯"}, row{"breached": ""}},
		{"2026-11-27 11:00", row{"status": "verifying"}, row{}},
		{"2026-11-27 12:00", row{"status": "closed"}, row{"due_close": "2026-12-11 10:00", "breached": ""}},
	} {
		w.at(step.at)
		w.mustSet(m, step.set)
		stored := w.again(m)
		for field, want := range step.want {
			got := stored.GetString(field)
			if strings.HasPrefix(field, "due_") {
				got = china(stored, field)
			}
			if field == "breached" {
				got = strings.Join(stored.GetStringSlice(field), " ")
			}
			if got != want {
				t.Errorf("%s %v: %s is %q, want %q", step.at, step.set, field, got, want)
			}
		}
	}
	want := []string{"report", "accept", "begin", "suspend", "go_on", "extend", "handle", "verify", "close"}
	if got := w.events(m.Id); !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
	w.at("2026-12-27 11:59")
	w.minute()
	if got := w.events(m.Id); !slices.Equal(got, want) {
		t.Errorf("a closed matter is timed: %v", got)
	}
	w.at("2026-12-27 12:01")
	w.minute()
	if got := w.events(m.Id); !slices.Equal(got, append(want, "archive")) || w.again(m).GetString("status") != "archived" {
		t.Errorf("after a month: %v", got)
	}
}

func TestNothingIsSuspendedForLongerThanAMonth(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	m := w.save("matters", lamp(v.grid))
	for _, values := range []row{{"status": "accepted"}, {"status": "in_progress"}, {"status": "suspended", "reason": "等材料"}} {
		w.mustSet(m, values)
	}
	w.now = w.now.Add(30 * 24 * time.Hour)
	w.minute()
	if got := w.again(m).GetString("status"); got != "suspended" {
		t.Errorf("after 30 days it is %s", got)
	}
	w.now = w.now.Add(time.Minute)
	w.minute()
	if got := w.again(m); got.GetString("status") != "in_progress" || got.GetBool("paused") || china(got, "due_close") == "" {
		t.Errorf("after a minute more it is %s, paused %v", got.GetString("status"), got.GetBool("paused"))
	}
}

// Work goes on when somebody has emptied the calendar.
func TestWithoutACalendarNothingIsDueByWorkingTime(t *testing.T) {
	w := newWorld(t)
	if _, err := w.app.NonconcurrentDB().Delete("work_calendar", nil).Execute(); err != nil {
		t.Fatal(err)
	}
	v := w.newVillage("990101103201", 124.10, 28.10)
	if m := w.save("matters", lamp(v.grid)); china(m, "due_accept") != "" {
		t.Errorf("due at %s", china(m, "due_accept"))
	}
	urgent := lamp(v.grid)
	urgent["priority"] = "p1_urgent"
	if m := w.save("matters", urgent); china(m, "due_accept") == "" {
		t.Error("what is urgent has no clock")
	}
}

// A phone that lives in 1970 reports nothing overdue.
func TestAWrongDateMakesNothingOverdue(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	values := lamp(tm.village.grid)
	values["captured_at"] = "1970-01-02 00:00:00.000Z"
	m := w.save("matters", values)
	if len(m.GetStringSlice("breached")) > 0 || m.GetDateTime("captured_at").Time().Year() != 1970 {
		t.Errorf("breached %v, captured %v", m.GetStringSlice("breached"), m.GetDateTime("captured_at"))
	}
}

func TestWhatIsLateIsBroughtBeforeTheNextLevel(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 10:00")
	v := w.newVillage("990101103201", 124.10, 28.10)
	m := w.save("matters", lamp(v.grid))
	for _, step := range []struct{ at, breached, overseen string }{
		{"2026-11-24 10:00", "", ""},
		{"2026-11-24 10:01", "accept", "l2_village"},
		{"2026-11-25 09:59", "accept", "l2_village"},
		{"2026-11-25 10:01", "accept", "l3_town"},
	} {
		w.at(step.at)
		w.minute()
		stored := w.again(m)
		if got := strings.Join(stored.GetStringSlice("breached"), " "); got != step.breached || stored.GetString("overseen_level") != step.overseen {
			t.Errorf("%s: breached %q, before %q", step.at, got, stored.GetString("overseen_level"))
		}
	}
	rev := w.again(m).GetInt("rev")
	w.minute()
	if w.again(m).GetInt("rev") != rev {
		t.Error("a minute in which nothing is due saves the matter")
	}
	if got := w.events(m.Id); !slices.Equal(got, []string{"report", "overdue accept"}) {
		t.Errorf("events %v", got)
	}
	w.mustSet(m, row{"status": "accepted"})
	if stored := w.again(m); stored.GetString("overseen_level") != "" || len(stored.GetStringSlice("breached")) != 1 {
		t.Errorf("accepted at last: %v, %q", stored.GetStringSlice("breached"), stored.GetString("overseen_level"))
	}
}

func TestAHolidayMovesWhatIsOpen(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 10:00")
	v := w.newVillage("990101103201", 124.10, 28.10)
	m := w.save("matters", lamp(v.grid))
	w.save("work_calendar", row{"kind": "holiday", "day": "2026-11-24", "name": "演示节"})
	w.save("work_calendar", row{"kind": "makeup", "day": "2026-11-29", "hours": "08:00-12:00,14:00-18:00", "name": "调休"})
	w.minute()
	if stored := w.again(m); china(stored, "due_accept") != "2026-11-25 10:00" || china(stored, "due_close") != "2026-12-07 10:00" {
		t.Errorf("accept by %s, close by %s", china(stored, "due_accept"), china(stored, "due_close"))
	}
	w.save("deadline_rules", row{"region": v.region.Id, "subcategory": "street_lamp", "stage": "accept", "limit_minutes": 240, "clock_kind": "working"})
	w.minute()
	if stored := w.again(m); china(stored, "due_accept") != "2026-11-23 16:00" {
		t.Errorf("by the rule of the village accept by %s", china(stored, "due_accept"))
	}
	for _, bad := range []row{
		{"kind": "holiday", "day": "2026-02-30"}, {"kind": "makeup", "day": "2026-11-28", "hours": "12:00-08:00"}, {"kind": "week", "day": "8"},
	} {
		if a := w.call("POST", records("work_calendar"), w.admin(), bad); a.Status != 400 {
			t.Errorf("%v: %s", bad, a)
		}
	}
}

func TestAnIllegalMoveAnswersTheStateAndWhatIsAllowed(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	m := w.save("matters", lamp(tm.village.grid))
	patch := func(values row) answer { return w.call("PATCH", records("matters")+"/"+m.Id, tm.a.token, values) }
	for _, c := range []struct {
		name, code string
		set        row
	}{
		{"nothing leads there", "illegal_transition", row{"status": "evaluating"}},
		{"it is for a lead to do", "not_permitted", row{"status": "dispatched", "lead_org": ""}},
		{"a result is missing", "missing_fields", row{"status": "solved_on_spot"}},
	} {
		a := patch(c.set)
		data, _ := a.Body["data"].(map[string]any)
		status, _ := data["status"].(map[string]any)
		params, _ := status["params"].(map[string]any)
		if a.Status != 409 || status["code"] != c.code || params["state"] != "reported" || !strings.Contains(fmt.Sprint(params["allowed"]), "accept") {
			t.Errorf("%s: %s", c.name, a)
		}
	}
	if a := patch(row{"status": "solved_on_spot", "result": "已换灯"}); a.Status != 200 {
		t.Errorf("on the spot: %s", a)
	}
	if a := patch(row{"no": "SX1", "due_close": "2030-01-01 00:00:00.000Z"}); a.Status != 200 || a.Body["no"] == "SX1" || strings.HasPrefix(a.Body["due_close"].(string), "2030") {
		t.Errorf("a client wrote what the server keeps: %s", a)
	}
	if a := w.call("POST", records("matters"), tm.a.token, row{"grid": tm.village.grid.Id, "title": "x", "category": "ecology", "subcategory": "street_lamp",
		"source": "officer", "priority": "p2_normal", "status": "reported"}); a.Status != 400 {
		t.Errorf("a lamp is no ecology: %s", a)
	}
	if a := w.call("POST", records("matters"), tm.a.token, row{"grid": tm.village.grid.Id, "title": "x", "category": "ecology",
		"source": "officer", "priority": "p2_normal", "status": "closed"}); a.Status != 409 {
		t.Errorf("born closed: %s", a)
	}
}

func TestOnTheSpotWithoutSignal(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	p := tm.a
	p.pull(1000)
	id, captured := newID(), w.now.Add(-3*time.Hour)
	values := lamp(tm.village.grid)
	values["temp_no"], values["captured_at"] = "临-07", captured.Format("2006-01-02 15:04:05.000Z")
	first := p.mutation("create", "matters", id, 0, values)
	second := p.mutation("update", "matters", id, 0, row{"status": "solved_on_spot", "result": "已换灯"})
	second["after"] = []any{first["id"]}
	third := p.mutation("update", "matters", id, 0, row{"status": "closed"})
	for _, r := range p.push(first, second, third) {
		if r.Status != "applied" {
			t.Errorf("%+v", r)
		}
	}
	m := w.first("matters", "temp_no", "临-07")
	if m.GetString("no") != "SX261123-0001" || m.GetString("status") != "closed" {
		t.Errorf("%s is %s", m.GetString("no"), m.GetString("status"))
	}
	if got := w.events(id); !slices.Equal(got, []string{"report", "solve", "close"}) {
		t.Errorf("events %v", got)
	}
	if e := w.first("matter_events", "action", "report"); !e.GetDateTime("at").Time().Equal(captured) || e.GetString("actor") != tm.a.officer.Id {
		t.Errorf("reported at %v by %s", e.GetDateTime("at"), e.GetString("actor"))
	}
	p.pull(1000)
	if held, ok := p.holds(m); !ok || held["no"] != "SX261123-0001" {
		t.Errorf("the phone holds %v", held)
	}
}

// An officer without signal handles what the desk has closed meanwhile: his
// words are kept, the matter stays closed, and both are seen.
func TestAMoveThatComesTooLateIsKeptAsAProposal(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	m := w.save("matters", lamp(tm.village.grid))
	w.mustSet(m, row{"status": "accepted"})
	w.mustSet(m, row{"status": "in_progress"})
	p := tm.a
	p.pull(1000)
	w.mustSet(m, row{"status": "handled", "result": "电力公司已换"})
	w.mustSet(m, row{"status": "verifying"})
	w.mustSet(m, row{"status": "closed"})
	result := p.one("update", "matters", m.Id, p.seen(m), row{"status": "handled", "result": "我也换了一只"})
	if result.Status != "merged" || len(result.Conflicts) != 1 || result.Conflicts[0].Field != "status" || result.Conflicts[0].Kept != "closed" {
		t.Errorf("%+v", result)
	}
	stored := w.again(m)
	if stored.GetString("status") != "closed" || !strings.Contains(stored.GetString("result"), "我也换了一只") || !strings.Contains(stored.GetString("result"), "电力公司已换") {
		t.Errorf("%s: %s", stored.GetString("status"), stored.GetString("result"))
	}
	if e := w.first("matter_events", "action", "propose"); e.GetString("actor") != tm.a.officer.Id || e.GetString("reason") != "handled" {
		t.Errorf("the proposal is %v", e.FieldsData())
	}
	proof := w.upload(records("evidence"), tm.a.token, map[string]string{"owner_type": "matter", "owner_id": m.Id, "grid": tm.village.grid.Id, "sha256": strings.Repeat("a", 64)}, "a.txt", []byte("x"))
	if proof.Status != 200 {
		t.Fatalf("proof: %s", proof)
	}
	if stored := w.again(m); stored.GetString("status") != "closed" || !stored.GetBool("reopen_suggested") {
		t.Errorf("after late proof %s, suggested %v", stored.GetString("status"), stored.GetBool("reopen_suggested"))
	}
}

// A phone is refused by name what is not its officer's to do.
func TestAPushedMoveOfSomebodyElseIsRejected(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	unit := w.save("organizations", row{"name": "供电所", "kind": "utility"})
	m := w.save("matters", lamp(tm.village.grid))
	p := tm.a
	p.pull(1000)
	result := p.one("update", "matters", m.Id, p.seen(m), row{"status": "withdrawn", "reason": "误报", "suggested_org": unit.Id})
	fields, _ := result.Error["fields"].(map[string]any)
	if result.Status != "rejected" || result.Error["code"] != "not_permitted" || fields["status"] != "reported" || !strings.Contains(fmt.Sprint(fields["allowed"]), "accept") {
		t.Errorf("%+v", result)
	}
	if rejection := w.first("rejections", "record", m.Id); rejection.GetString("code") != "not_permitted" {
		t.Errorf("kept as %v", rejection.FieldsData())
	}
}

func TestDepartmentsHandleWhatTheyLeadAndSeeNoResident(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	unit := w.save("organizations", row{"name": "供电所", "kind": "utility"})
	handler, token := w.officer("dept_handler", row{"organization": unit.Id})
	p := newPhone(w, handler, token)
	m := w.save("matters", lamp(tm.village.grid))
	party := w.save("matter_parties", row{"matter": m.Id, "part": "reporter", "name": "演示张三", "phone": "10012345678"})
	p.pull(1000)
	if _, ok := p.holds(m); ok {
		t.Error("a department holds what it was not asked to handle")
	}
	w.mustSet(m, row{"status": "dispatched", "lead_org": unit.Id})
	p.pull(1000)
	if _, ok := p.holds(m); !ok {
		t.Error("a department does not hold what it leads")
	}
	if _, ok := p.holds(party); ok {
		t.Error("a department holds who reported")
	}
	if r := p.one("update", "matters", m.Id, p.seen(m), row{"status": "in_progress"}); r.Status != "applied" {
		t.Errorf("%+v", r)
	}
	if r := p.one("update", "matters", m.Id, p.seen(m), row{"status": "returned", "reason": "不属本单位"}); r.Status != "applied" {
		t.Errorf("%+v", r)
	}
	w.mustSet(m, row{"lead_org": "", "status": "accepted"})
	p.pull(1000)
	if _, ok := p.holds(m); ok {
		t.Error("a department still holds what it gave back")
	}
}

func TestTheOwnerExtendsOnce(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	m := w.save("matters", lamp(tm.village.grid))
	patch := func(values row) answer { return w.call("PATCH", records("matters")+"/"+m.Id, tm.a.token, values) }
	for i, values := range []row{{"status": "accepted"}, {"status": "in_progress"}, {"status": "extended", "reason": "雨", "extend_days": 2}, {"status": "in_progress"}} {
		if a := patch(values); a.Status != 200 {
			t.Fatalf("step %d: %s", i, a)
		}
	}
	if a := patch(row{"status": "extended"}); a.Status != 409 {
		t.Errorf("twice: %s", a)
	}
	if a := w.call("PATCH", records("matters")+"/"+m.Id, w.admin(), row{"status": "extended"}); a.Status != 200 {
		t.Errorf("the office: %s", a)
	}
}

func TestSimilarMattersAreSuggested(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	at := func(metres float64, day int, changes row) *core.Record {
		values := lamp(v.grid)
		values["point"] = row{"lon": 124.105, "lat": 28.105 + metres/111_000}
		values["captured_at"] = w.now.AddDate(0, 0, day).Format("2006-01-02 15:04:05.000Z")
		for k, val := range changes {
			values[k] = val
		}
		return w.save("matters", values)
	}
	near := at(25, -6, nil)
	at(40, 0, nil)
	at(5, -8, nil)
	at(5, 0, row{"subcategory": "manhole"})
	gone := at(5, 0, nil)
	w.mustSet(gone, row{"status": "withdrawn", "reason": "误报"})
	if m := at(0, 0, nil); !slices.Equal(m.GetStringSlice("similar"), []string{near.Id}) || m.GetString("status") != "reported" {
		t.Errorf("similar %v, want %s", m.GetStringSlice("similar"), near.Id)
	}
}

func TestWhistle(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 10:00")
	v := w.newVillage("990101103201", 124.10, 28.10)
	water, roads := w.save("organizations", row{"name": "水务局", "kind": "dept"}), w.save("organizations", row{"name": "交通局", "kind": "dept"})
	handler, token := w.officer("dept_handler", row{"organization": water.Id})
	m := w.save("matters", lamp(v.grid))
	w.mustSet(m, row{"status": "accepted"})
	blown := w.save("whistles", row{"matter": m.Id, "kind": "emergency", "subject": "管道爆裂", "place_zh": "村口", "lead_org": water.Id, "coop_orgs": []string{roads.Id}, "status": "blown"})
	if got := w.again(m).GetString("status"); got != "whistled" {
		t.Errorf("the matter is %s", got)
	}
	lead, coop := w.first("whistle_responses", "org", water.Id), w.first("whistle_responses", "org", roads.Id)
	if !lead.GetBool("lead") || coop.GetBool("lead") || china(lead, "due_at") != "2026-11-23 10:30" {
		t.Errorf("lead %v by %s, coop %v", lead.GetBool("lead"), china(lead, "due_at"), coop.GetBool("lead"))
	}
	p := newPhone(w, handler, token)
	p.pull(1000)
	if _, ok := p.holds(coop); ok {
		t.Error("a unit holds the response of another")
	}
	w.at("2026-11-23 10:20")
	if r := p.one("update", "whistle_responses", lead.Id, p.seen(lead), row{"reported_at": "2026-11-23 02:15:00.000Z"}); r.Status != "applied" {
		t.Fatalf("%+v", r)
	}
	if got := w.again(blown).GetString("status"); got != "reported_in" {
		t.Errorf("the whistle is %s", got)
	}
	w.at("2026-11-23 11:01")
	w.minute()
	lead, coop = w.again(lead), w.again(coop)
	if lead.GetBool("breached") || !coop.GetBool("breached") || coop.GetString("overseen_level") != "l5_city" {
		t.Errorf("lead late %v, coop late %v before %s", lead.GetBool("breached"), coop.GetBool("breached"), coop.GetString("overseen_level"))
	}
	w.mustSet(blown, row{"status": "resolved", "result": "已修好"})
	w.at("2026-11-24 11:01")
	w.minute()
	w.mustSet(coop, row{"town_says": "dissatisfied", "unit_says": "basic"})
}

func TestPavilionMeeting(t *testing.T) {
	w := newWorld(t)
	w.at("2026-11-23 14:30")
	tm := newTeam(w)
	grid := tm.village.grid
	scribe, other := tm.a, tm.b
	meeting := w.save("meetings", row{"grid": grid.Id, "place": "柳溪议事亭", "type": "pavilion_talk", "held_at": "2026-11-23 06:30:00.000Z", "status": "open",
		"expected": 30, "present_count": 20, "quorum_rule": "two_thirds"})
	if !meeting.GetBool("quorum_ok") {
		t.Error("20 of 30 are two thirds")
	}
	scribe.pull(1000)
	other.pull(1000)
	demand := func(p *phone, text string) string {
		id := newID()
		if r := p.one("create", "demands", id, 0, row{"meeting": meeting.Id, "text": text, "status": "raised", "support_count": 3}); r.Status != "applied" {
			t.Fatalf("%+v", r)
		}
		return id
	}
	lamps, same := demand(scribe, "村口到小学的路灯坏了三盏"), demand(other, "村口到小学的路灯不亮")
	road := demand(scribe, "硬化东塘的路二百八十米")
	stored, err := w.app.FindRecordById("demands", same)
	if err != nil || !slices.Equal(stored.GetStringSlice("similar"), []string{lamps}) || china(stored, "due_at") != "2026-12-08 14:30" {
		t.Errorf("similar %v, due %s, %v", stored.GetStringSlice("similar"), china(stored, "due_at"), err)
	}
	// Both count hands, both close.
	for _, p := range []*phone{scribe, other} {
		p.one("update", "demands", lamps, 0, row{"support_count": 5})
	}
	scribe.pull(1000)
	other.pull(1000)
	for i, p := range []*phone{scribe, other} {
		r := p.one("update", "meetings", meeting.Id, p.seen(meeting), row{"status": "closed", "closed_by": p.officer.Id})
		if r.Status == "rejected" {
			t.Errorf("scribe %d: %+v", i, r)
		}
	}
	if m := w.again(meeting); m.GetString("status") != "closed" || m.GetString("closed_by") != tm.a.officer.Id {
		t.Errorf("the meeting is %s by %s", m.GetString("status"), m.GetString("closed_by"))
	}
	w.mustSet(w.first("demands", "id", same), row{"status": "merged", "merged_into": lamps})
	w.mustSet(w.first("demands", "id", road), row{"status": "done", "outcome": "declined", "answer": "不，因为明年统一改造"})
	m := w.save("matters", func() row { v := lamp(grid); v["demand"], v["source"] = lamps, "meeting"; return v }())
	w.mustSet(w.first("demands", "id", lamps), row{"status": "accepted", "outcome": "accepted", "matter": m.Id})
	promise := w.save("commitments", row{"meeting": meeting.Id, "demand": lamps, "who": "村委会", "what": "修好路灯", "due": "2026-12-01 00:00:00.000Z", "status": "open"})
	w.mustSet(m, row{"status": "solved_on_spot", "result": "三盏已换"})
	if d := w.first("demands", "id", lamps); d.GetString("status") != "done" || d.GetString("answer") != "三盏已换" {
		t.Errorf("the demand is %s: %s", d.GetString("status"), d.GetString("answer"))
	}
	w.at("2026-12-02 10:00")
	w.minute()
	if got := w.again(promise).GetString("status"); got != "late" {
		t.Errorf("the promise is %s", got)
	}
	next := w.save("meetings", row{"grid": grid.Id, "place": "柳溪议事亭", "type": "pavilion_talk", "held_at": "2026-12-23 06:30:00.000Z", "status": "planned"})
	path := "/api/meetings/" + next.Id + "/read-back"
	a := w.call("GET", path, tm.a.token, nil)
	if demands, _ := a.Body["demands"].([]any); a.Status != 200 || len(demands) != 2 || len(a.Body["commitments"].([]any)) != 1 {
		t.Errorf("read back: %s", a)
	}
	if _, stranger := w.officer("grid_officer", nil); w.call("GET", path, stranger, nil).Status != 404 || w.call("GET", path, "", nil).Status != 401 {
		t.Error("a stranger reads back")
	}

	// Both meetings to print: the first with what was asked, the next with what
	// became of it. The wall does not name who asked.
	w.mustSet(w.first("demands", "id", lamps), row{"raised_by": "演示王五"})
	w.save("minutes", row{"meeting": meeting.Id, "text": "<b>第一位</b>发言"})
	token := w.call("POST", "/api/files/token", tm.a.token, nil).Body["token"].(string)
	now := string(w.call("GET", "/api/meetings/"+meeting.Id+"/minutes?token="+token, "", nil).Raw)
	later := string(w.call("GET", "/api/meetings/"+next.Id+"/minutes", tm.a.token, nil).Raw)
	for _, want := range []string{"柳溪议事亭", "修好路灯", "2026-12-01", "&lt;b&gt;第一位", "三盏已换", "明年统一改造"} {
		if !strings.Contains(now, want) {
			t.Errorf("the minutes do not say %q", want)
		}
	}
	if !strings.Contains(later, "三盏已换") || !strings.Contains(later, "修好路灯") || strings.Contains(now+later, "演示王五") {
		t.Errorf("the next minutes: %s", later)
	}
	for _, path := range []string{"/api/meetings/" + meeting.Id + "/minutes", "/api/meetings/" + meeting.Id + "/minutes?token=x"} {
		if a := w.call("GET", path, "", nil); a.Status != 401 {
			t.Errorf("a stranger prints: %s", a)
		}
	}
}

// The unit of a matter's category is suggested, and leads when a matter is
// dispatched to none; the nearest one where there are several.
func TestTheCategoryNamesTheUnit(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	county := w.save("regions", row{"code": "990101", "name_zh": "县", "level": "county"})
	far := w.save("regions", row{"code": "990199", "name_zh": "别县", "level": "county"})
	unit := func(name string, region *core.Record, categories ...string) *core.Record {
		return w.save("organizations", row{"name": name, "kind": "dept", "region": region.Id, "categories": categories})
	}
	unit("别县公用", far, "public_facility")
	upper := unit("县公用", county, "public_facility", "ecology")
	near := unit("村公用", v.region, "public_facility")
	matter := lamp(v.grid)
	matter["status"] = "reported"
	m := w.save("matters", matter)
	if got := m.GetString("suggested_org"); got != near.Id || m.GetString("lead_org") != "" {
		t.Errorf("suggested is %s, it leads %s", got, m.GetString("lead_org"))
	}
	w.mustSet(m, row{"status": "dispatched"})
	if got := w.again(m).GetString("lead_org"); got != near.Id {
		t.Errorf("it is led by %s", got)
	}
	other := lamp(v.grid)
	other["category"], other["subcategory"], other["status"] = "ecology", "", "reported"
	m = w.save("matters", other)
	w.mustSet(m, row{"status": "dispatched"})
	if got := w.again(m).GetString("lead_org"); got != upper.Id {
		t.Errorf("ecology is led by %s", got)
	}
	none := lamp(v.grid)
	none["category"], none["subcategory"], none["status"] = "dispute", "", "reported"
	if err := w.set(w.save("matters", none), row{"status": "dispatched"}); err == nil {
		t.Error("dispatched to nobody")
	}
}

// Who reported a matter that is merged hears of the one that goes on.
func TestPartiesOfAMergedMatterAreHandedOn(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	kept, merged := w.save("matters", lamp(v.grid)), w.save("matters", lamp(v.grid))
	w.save("matter_parties", row{"matter": merged.Id, "part": "reporter", "name": "演示王五", "wants_answer": true})
	w.mustSet(merged, row{"status": "merged", "merged_into": kept.Id})
	heir := w.first("matter_parties", "matter", kept.Id)
	if heir.GetString("name") != "演示王五" || !heir.GetBool("wants_answer") || heir.GetString("grid") != v.grid.Id {
		t.Errorf("%v", heir.PublicExport())
	}
	w.first("matter_parties", "matter", merged.Id)
}

func TestErrandIsRunByTheFirstWhoAccepts(t *testing.T) {
	w := newWorld(t)
	tm := newTeam(w)
	errand := w.save("errands", row{"resident": tm.village.resident.Id, "what": "取证明", "status": "requested"})
	a, b := tm.a, tm.b
	a.pull(1000)
	b.pull(1000)
	accept := func(p *phone) row {
		return p.mutation("update", "errands", errand.Id, p.seen(errand), row{"status": "accepted", "runner": p.officer.Id, "promise_at": "2026-11-23 08:00:00.000Z"})
	}
	if r := a.push(accept(a))[0]; r.Status != "applied" {
		t.Fatalf("%+v", r)
	}
	r := b.push(accept(b))[0]
	if r.Status != "merged" || !slices.ContainsFunc(r.Conflicts, func(c replica.Conflict) bool { return c.Field == "runner" }) {
		t.Errorf("%+v", r)
	}
	if got := w.again(errand).GetString("runner"); got != tm.a.officer.Id {
		t.Errorf("%s goes", got)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.minute()
	if got := w.again(errand).GetStringSlice("breached"); !slices.Equal(got, []string{"pick_up"}) {
		t.Errorf("late at %v", got)
	}
	item := w.save("errand_items", row{"errand": errand.Id, "name": "户口簿"})
	step := w.save("custody_steps", row{"errand": errand.Id, "item": item.Id, "giver": "resident", "taker": "officer", "given_at": "2026-11-23 08:00:00.000Z"})
	if !strings.HasPrefix(step.GetString("receipt_no"), "JC26112") {
		t.Errorf("receipt %q", step.GetString("receipt_no"))
	}
}

func TestPlacesOfAnOrderAreGivenOutOnce(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	order := w.save("service_orders", row{"grid": v.grid.Id, "title": "装扶手", "kind": "chores", "slots": 2, "when_at": "2026-12-01 00:00:00.000Z", "status": "published"})
	w.save("order_recipients", row{"order": order.Id, "name": "演示李四", "phone": "10012345678", "address": "1栋101室"})
	var phones []*phone
	var claims []string
	for range 4 {
		volunteer, token := w.officer("volunteer", nil)
		p := newPhone(w, volunteer, token)
		p.pull(1000)
		if _, ok := p.holds(order); !ok {
			t.Fatal("a volunteer does not see the order")
		}
		phones, claims = append(phones, p), append(claims, newID())
	}
	done := make(chan answer)
	for i, p := range phones {
		body := row{"mutations": []row{p.mutation("create", "order_claims", claims[i], 0, row{"order": order.Id})}}
		go func() { done <- p.post("push", body) }()
	}
	for range phones {
		if a := <-done; !strings.Contains(string(a.Raw), `"applied"`) {
			t.Errorf("claim: %s", a)
		}
	}
	count := func(status string) (n int) {
		for _, id := range claims {
			if w.first("order_claims", "id", id).GetString("status") == status {
				n++
			}
		}
		return n
	}
	if count("held") != 2 || count("backup") != 2 || w.again(order).GetString("status") != "claimed" || w.again(order).GetInt("held") != 2 {
		t.Errorf("%d hold, %d wait, the order is %s with %d", count("held"), count("backup"), w.again(order).GetString("status"), w.again(order).GetInt("held"))
	}
	holder := slices.IndexFunc(claims, func(id string) bool { return w.first("order_claims", "id", id).GetString("status") == "held" })
	p, claim := phones[holder], w.first("order_claims", "id", claims[holder])
	p.pull(1000)
	if r := p.one("update", "order_claims", claim.Id, p.seen(claim), row{"confirmed_at": "2026-11-23 02:00:00.000Z"}); r.Status != "rejected" {
		t.Errorf("a volunteer confirmed himself: %+v", r)
	}
	if held, _ := p.holds(claim); held["recipient"] != "" {
		t.Error("a claimant learns the recipient before he is confirmed")
	}
	w.mustSet(claim, row{"confirmed_at": "2026-11-23 02:00:00.000Z"})
	p.pull(1000)
	if held, _ := p.holds(claim); held["recipient"] != "演示李四 · 10012345678 · 1栋101室" {
		t.Errorf("the confirmed claimant reads %v", held["recipient"])
	}
	raw, _ := json.Marshal(phones[(holder+1)%4].held)
	phones[(holder+1)%4].pull(1000)
	if strings.Contains(string(raw), "10012345678") {
		t.Error("another volunteer learned the recipient")
	}
	if r := p.one("update", "order_claims", claim.Id, p.seen(claim), row{"released_at": "2026-11-23 03:00:00.000Z"}); r.Status != "applied" {
		t.Fatalf("%+v", r)
	}
	if count("held") != 2 || count("backup") != 1 || count("released") != 1 || w.again(claim).GetString("recipient") != "" {
		t.Errorf("after one gave up %d hold, %d wait", count("held"), count("backup"))
	}
}

func TestWorkflowsAreServedWithATag(t *testing.T) {
	w := newWorld(t)
	a := w.call("GET", "/api/workflows", "", nil)
	tables, _ := a.Body["workflows"].([]any)
	if a.Status != 200 || len(tables) != 8 {
		t.Errorf("%d tables: %d", len(tables), a.Status)
	}
}
