// Package day is the scripted day of an officer, from domain.md §6.4, on a
// simulated clock and a simulated network: the real server in this process, and
// the reference client for everybody who has a phone. The rows of the day stand
// in order in TestTheDayOfAnOfficer; what must hold at its end in evening_test.go.
package day

import (
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
	"gridwalk/geo"
	"gridwalk/meters"
)

// row is one line of the script: when, on which network, what 周明兰 does. What
// must hold is in does.
type row struct {
	at     string
	signal signal
	what   string
	does   func(*day)
}

var rows = []row{
	{"07:36", good, "the waterworks tells that the meter of an elder has not moved for two days", (*day).meterStandsStill},
	{"07:40", good, "she opens the app: a small delta, and what is to be done today", (*day).morning},
	{"08:05", good, "she starts her patrol", (*day).startsPatrol},
	{"08:12", weak, "she acknowledges the alert and calls: no answer", (*day).calls},
	{"08:31", none, "at the door a neighbour says that the elder is at her daughter's", (*day).findsHerAway},
	{"08:40", good, "her first points go up: the others learn that she walks, and not where", (*day).sendsPoints},
	{"08:50", none, "three visits: all well, medicine is needed, nobody at home", (*day).visits},
	{"09:30", none, "a cracked slope: check-in of ±180 m, two photographs, number 临-07", (*day).slopeCracks},
	{"09:52", flap, "the text gets through once though its answer is lost, a photograph goes on where it broke", (*day).slopeIsSent},
	{"10:15", good, "the time for the door is over: the word came in time, and nobody further was told", (*day).nobodyElseIsTold},
	{"10:20", good, "the town blows an emergency whistle: two units, each with its clock", (*day).whistle},
	{"11:00", good, "an elder at the hall lacks a paper: an errand with a list of what is handed over", (*day).errandAccepted},
	{"12:10", good, "she pauses: nothing after the four hours of a patrol is kept", (*day).pauses},
	{"13:50", good, "she walks on", (*day).walksOn},
	{"14:30", none, "at the pavilion two write without signal: 11 demands of 26 people", (*day).pavilion},
	{"15:50", weak, "she fetches the paper and hands it to the hall: both sides tap; no news comes through", (*day).handsOver},
	{"16:10", weak, "she corrects a telephone number that the office changed at 15:00: the later edit stands, the other can be put back", (*day).corrects},
	{"16:40", good, "two brothers quarrel about a pond", (*day).quarrel},
	{"17:05", good, "two volunteers want the one place of the grab rails", (*day).grabRails},
	{"17:30", good, "she ends her day: nothing waits on her phone", (*day).endsDay},
	{"20:40", good, "a resident asks for a visit at 21:15: it is taken, with the reason", (*day).lateVisit},
}

func TestTheDayOfAnOfficer(t *testing.T) {
	d := &day{t: t, rng: rand.New(rand.NewPCG(4, 0)), now: time.Date(2026, 11, 22, 15, 0, 0, 0, china)}
	d.start(t.TempDir())
	d.settle()
	d.eveningBefore()
	d.pass(16 * time.Hour) // it is Monday, 07:00
	for _, r := range rows {
		d.at(r.at)
		d.her.link.signal = r.signal
		ok := t.Run(r.at+" "+r.what, func(t *testing.T) {
			d.t = t
			r.does(d)
		})
		if d.t = t; !ok {
			t.FailNow() // what follows builds on it
		}
	}
	d.at("21:45")
	d.her.link.signal = good
	d.checkEvening()
}

// eveningBefore fills her phone, and lets the office change a little in the night.
func (d *day) eveningBefore() {
	for _, p := range d.handsets {
		p.syncs()
	}
	d.t.Logf("the first bundle takes %d bytes, of %d households and %d residents", d.her.link.got, households, residents)
	if d.her.link.got > 1_500_000 {
		d.t.Errorf("the first bundle takes %d bytes", d.her.link.got)
	}
	for i := range 20 {
		d.admin.patches("residents", d.residents[100+i].Id, fields{"phone": phoneNo(5000 + i)})
	}
}

func (d *day) morning() {
	before := d.her.link.got
	d.her.syncs()
	d.t.Logf("the delta takes %d bytes", d.her.link.got-before)
	if delta := d.her.link.got - before; delta > 30_000 {
		d.t.Errorf("the delta takes %d bytes", delta)
	}
	if got := d.her.holds("residents", d.residents[100].Id)["phone"]; got != phoneNo(5000) {
		d.t.Errorf("her phone shows %v", got)
	}
	want := []string{"alert", "care", "care", "care", "errand", "matter", "matter"}
	if got := d.her.today(); !slices.Equal(got, want) {
		d.t.Errorf("today: %q, want %q", got, want)
	}
}

func (d *day) meterStandsStill() {
	elder := d.residents[30]
	source := d.newID()
	token, hash := meters.Token(source, "secret-of-the-waterworks")
	d.save("sensor_sources", fields{"id": source, "name": "演示水务", "secret_hash": hash})
	consent := d.save("consents", fields{"grid": d.grid.Id, "subject": elder.Id, "purpose": "sensor", "given_by": "self", "given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
	d.save("sensors", fields{"source": source, "meter": "YS-0007", "kind": "water_meter", "household": elder.GetString("household"), "consent": consent.Id})
	var readings []fields
	for hours := range 9 {
		at := d.clock().Add(-time.Duration(8-hours) * 6 * time.Hour)
		readings = append(readings, fields{"meter": "YS-0007", "at": at.UTC().Format(time.RFC3339), "litres": 34_000})
	}
	for range 2 { // the answer to the first was lost
		status, answer := d.asks("Bearer "+token, "POST", "/api/sensors/readings", fields{"batch": "monday", "readings": readings})
		if status != http.StatusOK || answer["stored"] != 9.0 {
			d.t.Fatalf("readings: %d %v", status, answer)
		}
	}
}

// alert is the one of the elder's home, as it stands on the server.
func (d *day) alert() *core.Record {
	d.t.Helper()
	found, err := d.app.FindRecordsByFilter("alerts", "household = {:home}", "", 0, 0, dbx.Params{"home": d.residents[30].GetString("household")})
	d.must(err)
	if len(found) != 1 {
		d.t.Fatalf("%d alerts", len(found))
	}
	return found[0]
}

func (d *day) calls() {
	alert := d.alert().Id
	if held := d.her.holds("alerts", alert); held["status"] != "raised" || held["kind"] != "water_no_flow" {
		d.t.Fatalf("her phone shows %v", held)
	}
	d.her.changes("alerts", alert, fields{"status": "acked"})
	d.her.changes("alerts", alert, fields{"status": "contacting"})
	d.her.syncs()
	stored := d.alert()
	if stored.GetString("status") != "contacting" || stored.GetDateTime("due_door").Time().In(china).Format("15:04") != "10:12" || len(stored.GetStringSlice("breached")) > 0 {
		d.t.Errorf("the server has %v", stored.PublicExport())
	}
}

func (d *day) findsHerAway() {
	d.her.changes("alerts", d.alert().Id, fields{"status": "resolved", "cause": "away", "away_until": "2026-11-25 10:00:00.000Z"})
}

func (d *day) nobodyElseIsTold() {
	d.her.syncs()
	stored := d.alert()
	if stored.GetString("status") != "resolved" || stored.GetString("cause") != "away" || len(stored.GetStringSlice("breached")) > 0 {
		d.t.Errorf("the server has %v", stored.PublicExport())
	}
	if sensor := d.stored("sensors", stored.GetString("sensor")); sensor.GetDateTime("away_until").String() != "2026-11-25 10:00:00.000Z" {
		d.t.Errorf("the meter is watched again from %s", sensor.GetDateTime("away_until"))
	}
}

func (d *day) startsPatrol() {
	d.patrol = d.her.creates("patrols", fields{"grid": d.grid.Id, "officer": d.her.officer.Id, "started_at": utc("08:05"), "status": "active"})
	d.her.syncs()
}

func (d *day) sendsPoints() {
	d.walked(d.patrol, "08:05", "08:40")
	d.her.syncs()
	if status, answer := d.asks(d.admin.token, "GET", "/api/collections/patrols/records/"+d.patrol, nil); status != http.StatusOK || answer["status"] != "active" {
		d.t.Errorf("the office sees %d %v", status, answer)
	}
	d.scribe.syncs()
	if len(d.scribe.listed("track_batches", "patrol", d.patrol)) > 0 || d.scribe.holds("patrols", d.patrol) != nil {
		d.t.Error("a colleague sees where she walks")
	}
	if _, answer := d.asks(d.admin.token, "GET", "/api/collections/track_batches/records", nil); answer["totalItems"] != 0.0 {
		d.t.Errorf("the office sees where she walks: %v", answer)
	}
}

// walked keeps a point for every half minute of a walk about the grid.
func (d *day) walked(patrol, from, to string) {
	d.t.Helper()
	begin, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+from, china)
	d.must(err)
	end, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+to, china)
	d.must(err)
	var points []geo.TrackPoint
	for at := begin; at.Before(end); at = at.Add(30 * time.Second) {
		aside := at.Sub(begin).Minutes() / 400 * side
		p, err := geo.NewTrackPoint(at, orb.Point{west + side/4 + aside, south + side/4 + aside/2}, 12, 0)
		d.must(err)
		points = append(points, p)
	}
	blob, err := geo.EncodeTrack(points)
	d.must(err)
	d.her.creates("track_batches", fields{"patrol": patrol, "track": base64.StdEncoding.EncodeToString(blob)})
}

func (d *day) visits() {
	visit := func(home int, set fields) string {
		set["household"], set["residents"], set["purpose"], set["mode"], set["patrol"] = d.homes[home].Id, []string{d.residents[home].Id}, "care", "door", d.patrol
		d.pass(8 * time.Minute)
		return d.her.creates("visits", set)
	}
	visit(0, fields{"result": "met_ok", "wellbeing": "well"})
	visit(1, fields{"result": "met_needs", "needs": []string{"medicine"}, "note": "降压药剩三天"})
	errand := d.her.creates("errands", fields{"resident": d.residents[1].Id, "what": "取药", "status": "requested"}, d.her.last())
	visit(2, fields{"result": "not_home"})
	d.her.failsToSync()
	if d.her.holds("errands", errand)["status"] != "requested" {
		d.t.Error("the errand does not show on her phone")
	}
}

// edge is a place so many metres inside of the western boundary.
func edge(metres float64) (lat, lng float64) { return south + side/2, west + metres/98_200 }

func (d *day) slopeCracks() {
	lat, lng := edge(60)
	d.her.creates("check_ins", fields{"patrol": d.patrol, "target_type": "point", "target": "后山", "lat": lat, "lng": lng, "acc_m": 180,
		"datum": "wgs84", "loc_src": "gps", "fix_at": utc("09:30")})
	values := d.matter("后山坡体开裂", "disaster", "landslide")
	values["priority"], values["temp_no"], values["point"] = "p1_urgent", "临-07", fields{"lat": lat, "lon": lng}
	d.slope = d.her.creates("matters", values)
	slope := d.her.last()
	for i := range 2 {
		d.her.takes(demo.Photo(9, i), fields{"owner_type": "matter", "owner_id": d.slope, "grid": d.grid.Id, "stage": "before", "taken_at": utc("09:30")}, slope)
	}
	d.her.failsToSync()
}

func (d *day) slopeIsSent() {
	const sent = 30_001 // bytes of the second piece that arrive
	d.her.link.accidents = []accident{{"POST /api/sync/push", -1}, {"PATCH /api/uploads/", sent}}
	d.her.link.offsets = nil
	before := d.her.link.sent
	d.her.syncs()
	if left := d.her.link.accidents; len(left) > 0 {
		d.t.Errorf("these accidents did not happen: %v", left)
	}
	if want := strconv.Itoa(64<<10 + sent); len(d.her.link.offsets) < 2 || d.her.link.offsets[1] != want {
		d.t.Errorf("the photograph goes on at %v, want %s", d.her.link.offsets, want)
	}
	total := 0
	photos, err := d.her.Photos()
	d.must(err)
	for _, p := range photos {
		if total += int(p.Size); p.State != "safe" {
			d.t.Errorf("a photograph is %s %s", p.State, p.Code)
		}
	}
	if sent := d.her.link.sent - before; sent > total+20_000 {
		d.t.Errorf("%d bytes went out for photographs of %d", sent, total)
	}
	m := d.stored("matters", d.slope)
	if no := m.GetString("no"); no != "SX261123-0001" || d.her.holds("matters", d.slope)["no"] != no || m.GetString("temp_no") != "临-07" {
		d.t.Errorf("临-07 became %q", no)
	}
	if got := d.her.listed("check_ins", "target", "后山"); len(got) != 1 || got[0]["verdict_server"] != "uncertain" {
		d.t.Errorf("the check-in: %v", got)
	}
	if status, answer := d.asks(d.dispatcher.token, "GET", "/api/collections/matters/records?filter=(temp_no='临-07')", nil); status != http.StatusOK || answer["totalItems"] != 1.0 {
		d.t.Errorf("the town sees %d %v", status, answer)
	}
}

func (d *day) whistle() {
	d.dispatcher.patches("matters", d.slope, fields{"status": "accepted"})
	whistle := d.dispatcher.posts("whistles", fields{"matter": d.slope, "kind": "emergency", "subject": "坡体开裂", "place_zh": "后山",
		"lead_org": d.landBureau.Id, "coop_orgs": []string{d.waterBureau.Id}, "status": "blown"})
	d.at("10:31")
	d.reportsIn(d.land, whistle)
	d.at("10:44")
	d.reportsIn(d.water, whistle)
	d.her.syncs()
	coming := d.her.listed("whistle_responses", "whistle", whistle)
	if len(coming) != 2 || coming[0]["reported_at"] == "" || coming[1]["reported_at"] == "" {
		d.t.Errorf("she sees coming %v", coming)
	}
	d.at("11:00")
	for _, r := range coming {
		stored := d.stored("whistle_responses", r["id"].(string))
		if due := stored.GetDateTime("due_at").Time(); !due.After(d.clock().Add(-30*time.Minute)) || due.After(d.clock()) || stored.GetBool("breached") {
			d.t.Errorf("%s is due %s, late %v", stored.GetString("org"), due.In(china), stored.GetBool("breached"))
		}
	}
	if got := d.stored("whistles", whistle).GetString("status"); got != "reported_in" {
		d.t.Errorf("the whistle is %s", got)
	}
}

func (d *day) reportsIn(unit *handset, whistle string) {
	d.t.Helper()
	unit.syncs()
	called := unit.listed("whistle_responses", "whistle", whistle)
	if len(called) != 1 {
		d.t.Fatalf("a unit holds the calls %v", called)
	}
	if people := unit.listed("residents", "life_status", "living"); len(people) > 0 {
		d.t.Error("a unit holds residents")
	}
	unit.changes("whistle_responses", called[0]["id"].(string), fields{"reported_at": d.clock().UTC().Format("2006-01-02 15:04:05.000Z")})
	unit.syncs()
}

func (d *day) errandAccepted() {
	d.errand = d.her.creates("errands", fields{"resident": d.residents[30].Id, "service_item": d.idCard.GetString("service_item"), "what": "高龄津贴",
		"status": "accepted", "runner": d.her.officer.Id, "promise_at": utc("15:30")})
	d.paper = d.her.creates("errand_items", fields{"errand": d.errand, "material": d.idCard.Id, "name": "户口簿", "missing": true}, d.her.last())
	d.her.syncs()
	if got := d.her.listed("errand_items", "errand", d.errand); len(got) != 1 || got[0]["missing"] != true {
		d.t.Errorf("the list is %v", got)
	}
}

// pauses at 12:10, when the patrol has ended by itself: nobody is located for
// longer than four hours. What an app goes on sending is not kept.
func (d *day) pauses() {
	d.walked(d.patrol, "08:40", "12:30")
	d.her.changes("patrols", d.patrol, fields{"status": "paused"})
	d.her.syncs()
	p := d.her.holds("patrols", d.patrol)
	if p["status"] != "ended" || p["ended_at"] != utc("12:05") || p["end_reason"] != "auto_time" {
		d.t.Errorf("the patrol is %v", p)
	}
}

func (d *day) walksOn() {
	d.meeting = d.admin.posts("meetings", fields{"grid": d.grid.Id, "place": "澄桥议事亭", "type": "pavilion_talk", "held_at": utc("14:30"),
		"status": "planned", "expected": 30, "quorum_rule": "two_thirds"})
	d.patrol = d.her.creates("patrols", fields{"grid": d.grid.Id, "officer": d.her.officer.Id, "started_at": utc("13:50"), "status": "active"})
	d.her.syncs()
	d.scribe.syncs()
}

// demands are what is raised, and by which of the two it is written down; the
// second and third of the scribe are what she has too.
var demands = struct{ hers, scribes []string }{
	[]string{"村口到小学的路灯坏了三盏", "硬化东塘到周涝组的路二百八十米", "门前水塘发臭要清淤", "公交早班提前半小时", "广场舞晚上太吵", "老年食堂周末也开"},
	[]string{"村口公厕没有灯也没有水", "村口到小学的路灯不亮", "硬化东塘到周涝组的路", "垃圾桶离周涝组太远", "祠堂屋顶漏雨要修"},
}

func (d *day) pavilion() {
	d.scribe.link.signal = none
	d.her.changes("meetings", d.meeting, fields{"status": "open", "present_count": 26})
	d.scribe.changes("meetings", d.meeting, fields{"status": "open", "present_count": 26})
	for _, p := range []*handset{d.her, d.scribe} {
		texts := demands.hers
		if p == d.scribe {
			texts = demands.scribes
		}
		for _, text := range texts {
			p.creates("demands", fields{"meeting": d.meeting, "text": text, "support_count": 3, "status": "raised"})
		}
		p.creates("minutes", fields{"meeting": d.meeting, "text": p.officer.GetString("name") + "记：" + texts[0]})
		p.failsToSync()
	}
	d.at("15:00")
	d.admin.patches("residents", d.residents[40].Id, fields{"phone": phoneNo(1500)})
	d.at("15:30")
	for _, p := range []*handset{d.her, d.scribe} {
		p.changes("meetings", d.meeting, fields{"status": "closed", "closed_by": p.officer.Id})
	}
}

func (d *day) handsOver() {
	d.her.changes("errand_items", d.paper, fields{"missing": false})
	d.her.changes("errands", d.errand, fields{"status": "picked_up"})
	d.her.creates("custody_steps", fields{"errand": d.errand, "item": d.paper, "giver": "resident", "taker": "officer",
		"given_at": utc("15:40"), "taken_at": utc("15:40")})
	given := d.her.creates("custody_steps", fields{"errand": d.errand, "item": d.paper, "giver": "officer", "taker": "hall", "given_at": utc("15:50")})
	d.her.changes("errands", d.errand, fields{"status": "delivered"})
	d.her.link.accidents = slices.Repeat([]accident{{"POST /api/sync/pull", -1}}, 5)
	d.her.failsToSync()
	d.admin.patches("custody_steps", given, fields{"taken_at": utc("15:51")})
	step := d.stored("custody_steps", given)
	if step.GetDateTime("given_at").IsZero() || step.GetDateTime("taken_at").IsZero() || step.GetString("receipt_no") == "" {
		d.t.Errorf("the hand-over: %v", step.PublicExport())
	}
	d.scribe.link.signal = good
	d.scribe.syncs()
	d.checkMeeting()
}

// checkMeeting: both have written, nothing is lost, and two demands are pointed
// out as raised twice.
func (d *day) checkMeeting() {
	written, err := d.app.FindAllRecords("demands", dbx.HashExp{"meeting": d.meeting})
	d.must(err)
	twice := 0
	for _, r := range written {
		if len(r.GetStringSlice("similar")) > 0 {
			twice++
		}
	}
	if len(written) != 11 || twice != 2 {
		d.t.Errorf("%d demands, of which %d were raised twice", len(written), twice)
	}
	m := d.stored("meetings", d.meeting)
	if m.GetString("status") != "closed" || !m.GetBool("quorum_ok") || m.GetInt("present_count") != 26 || m.GetString("closed_by") != d.her.officer.Id {
		d.t.Errorf("the meeting: %v", m.PublicExport())
	}
	if blocks, err := d.app.CountRecords("minutes", dbx.HashExp{"meeting": d.meeting}); err != nil || blocks != 2 {
		d.t.Errorf("%d blocks of minutes, %v", blocks, err)
	}
}

func (d *day) corrects() {
	resident := d.residents[40].Id
	d.her.changes("residents", resident, fields{"phone": phoneNo(1610)})
	d.her.syncs()
	if got := d.her.holds("residents", resident)["phone"]; got != phoneNo(1610) {
		d.t.Errorf("the later edit does not stand: %v", got)
	}
	lost, err := d.app.FindFirstRecordByFilter("conflicts", "record = {:record} && field = 'phone'", dbx.Params{"record": resident})
	d.must(err)
	if lost.GetString("lost") != strconv.Quote(phoneNo(1500)) {
		d.t.Errorf("kept is %s", lost.GetString("lost"))
	}
	lost.Set("status", "restored")
	d.must(d.app.Save(lost))
	d.her.syncs()
	if got := d.her.holds("residents", resident)["phone"]; got != phoneNo(1500) {
		d.t.Errorf("put back, her phone shows %v", got)
	}
}

func (d *day) quarrel() {
	values := d.matter("兄弟争水塘", "dispute", "")
	quarrel := d.her.creates("matters", values)
	d.her.changes("matters", quarrel, fields{"status": "accepted"})
	d.her.syncs()
	if m := d.stored("matters", quarrel); m.GetString("status") != "accepted" || m.GetDateTime("due_close").IsZero() || m.GetString("owner") != d.her.officer.Id {
		d.t.Errorf("the quarrel: %v", m.PublicExport())
	}
}

func (d *day) grabRails() {
	d.order = d.her.creates("service_orders", fields{"grid": d.grid.Id, "title": "装扶手", "kind": "chores", "slots": 1,
		"when_at": "2026-12-01 00:00:00.000Z", "status": "published"})
	d.her.creates("order_recipients", fields{"order": d.order, "name": "演示周41", "phone": phoneNo(1500), "address": "周涝组41号"}, d.her.last())
	d.her.syncs()
	claims := map[*handset]string{}
	for _, p := range []*handset{d.volunteer, d.late} {
		p.syncs()
		claims[p] = p.creates("order_claims", fields{"order": d.order})
	}
	// The second to write is the first to have signal.
	d.late.syncs()
	d.volunteer.syncs()
	d.her.syncs()
	if d.her.holds("order_claims", claims[d.late])["status"] != "held" || d.her.holds("order_claims", claims[d.volunteer])["status"] != "backup" {
		d.t.Errorf("claims: %v", d.her.listed("order_claims", "order", d.order))
	}
	d.late.syncs()
	if got := d.late.holds("order_claims", claims[d.late])["recipient"]; got != "" {
		d.t.Errorf("before he is confirmed he learns %v", got)
	}
	d.her.changes("order_claims", claims[d.late], fields{"confirmed_at": utc("17:05")})
	d.her.syncs()
	d.late.syncs()
	d.volunteer.syncs()
	if got := d.late.holds("order_claims", claims[d.late]); got["status"] != "confirmed" || got["recipient"] == "" {
		d.t.Errorf("confirmed he sees %v", got)
	}
	if got := d.volunteer.holds("order_claims", claims[d.volunteer]); got["status"] != "backup" || got["recipient"] != "" {
		d.t.Errorf("who waits sees %v", got)
	}
}

func (d *day) endsDay() {
	d.walked(d.patrol, "13:50", "17:30")
	d.her.changes("patrols", d.patrol, fields{"status": "ended", "ended_at": utc("17:30"), "end_reason": "manual"})
	d.her.syncs()
	waiting, err := d.her.Outbox()
	d.must(err)
	if len(waiting) > 0 {
		d.t.Errorf("%d changes wait on her phone", len(waiting))
	}
}

func (d *day) lateVisit() {
	d.at("21:15")
	visit := d.her.creates("visits", fields{"household": d.homes[3].Id, "residents": []string{d.residents[3].Id}, "purpose": "care", "mode": "door",
		"result": "met_ok", "quiet_hours_reason": "居民要求"})
	d.her.syncs()
	if v := d.stored("visits", visit); v.GetString("quiet_hours_reason") != "居民要求" || v.GetString("receipt_no") == "" {
		d.t.Errorf("the visit: %v", v.PublicExport())
	}
}
