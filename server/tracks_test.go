package server

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// dawn is when patrols of these tests start; the server's clock says 02:00.
var dawn = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// t0 is a point so many minutes after dawn and metres north and east of the
// middle of a patch.
func t0(minutes, toNorth, toEast float64) geo.TrackPoint {
	p, err := geo.NewTrackPoint(dawn.Add(time.Duration(minutes*60)*time.Second), orb.Point{124.105 + toEast/98200, 28.105 + north(toNorth)}, 8, 0)
	if err != nil {
		panic(err)
	}
	return p
}

func trackOf(points ...geo.TrackPoint) string {
	blob, err := geo.EncodeTrack(points)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(blob)
}

func pointsIn(t *testing.T, r *core.Record) []geo.TrackPoint {
	t.Helper()
	if r.GetString("track") == "" {
		return nil
	}
	blob, err := base64.StdEncoding.DecodeString(r.GetString("track"))
	if err != nil {
		t.Fatal(err)
	}
	points, err := geo.DecodeTrack(blob)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// walk is an officer on a patrol that began at dawn, in a patch with a house in
// the middle, one 300 m north of it, and one that has no place.
type walk struct {
	village
	phone       *phone
	patrol      *core.Record
	near, north *core.Record
}

func newWalk(w *world) walk { return newWalkIn(w, "990101103201") }

func newWalkIn(w *world, code string) walk {
	v := w.newVillage(code, 124.10, 28.10)
	v.building.Set("point", row{"lon": 124.105, "lat": 28.105})
	if err := w.app.Save(v.building); err != nil {
		w.t.Fatal(err)
	}
	far := w.save("buildings", row{"grid": v.grid.Id, "name": "2栋", "kind": "shop", "hazard_tags": []string{"fire_lane_blocked"}, "point": row{"lon": 124.105, "lat": 28.105 + north(300)}})
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	patrol := w.save("patrols", row{"grid": v.grid.Id, "officer": officer.Id, "started_at": dawn, "status": "active"})
	p := newPhone(w, officer, token)
	p.pull(0)
	return walk{v, p, patrol, v.building, far}
}

// send pushes a batch of points and gives the record that became of it.
func (k walk) send(w *world, points ...geo.TrackPoint) *core.Record {
	w.t.Helper()
	id := newID()
	if result := k.phone.one("create", "track_batches", id, 0, row{"patrol": k.patrol.Id, "track": trackOf(points...)}); result.Status != "applied" {
		w.t.Fatalf("push: %+v", result)
	}
	return w.read("track_batches", id)
}

func (w *world) read(collection, id string) *core.Record {
	w.t.Helper()
	r, err := w.app.FindRecordById(collection, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// run runs a job of the server's plan, as the cron would.
func (w *world) run(job string) {
	w.t.Helper()
	for _, j := range w.app.Cron().Jobs() {
		if j.Id() == job {
			j.Run()
			return
		}
	}
	w.t.Fatalf("no job %s", job)
}

func (k walk) wantEnd(w *world, end time.Time, reason string) {
	w.t.Helper()
	p := w.read("patrols", k.patrol.Id)
	if got := p.GetDateTime("ended_at").Time(); !got.Equal(end) || p.GetString("end_reason") != reason || (p.GetString("status") == "ended") != !end.IsZero() {
		w.t.Errorf("patrol is %s, ended %v by %q; want %v by %q", p.GetString("status"), got, p.GetString("end_reason"), end, reason)
	}
}

func TestTrackBatchIsDescribed(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	points := []geo.TrackPoint{t0(10, 0, 0), t0(11, 50, 0), t0(11.1, 40_000, 0), t0(12, 100, 0)}
	r := k.send(w, points...)
	if r.GetInt("count") != 4 || r.GetInt("jumps") != 1 || r.GetInt("dropped") != 0 || r.GetString("source") != "app" || r.GetString("grid") != k.grid.Id ||
		!r.GetDateTime("started_at").Time().Equal(dawn.Add(10*time.Minute)) || !r.GetDateTime("ended_at").Time().Equal(dawn.Add(12*time.Minute)) {
		t.Errorf("%v", r.PublicExport())
	}
	if got := pointsIn(t, r); !slices.Equal(got, points) {
		t.Errorf("stored %v", got)
	}
	var fields []string
	if err := w.app.DB().Select("fields").From("_sync_history").Where(dbx.HashExp{"collection": "track_batches"}).Column(&fields); err != nil || len(fields) != 1 || strings.Contains(fields[0], `"track"`) {
		t.Errorf("history repeats the points: %v, %v", fields, err)
	}
}

// A batch in GCJ-02 is stored in WGS-84.
func TestTrackBatchIsShifted(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	want := t0(10, 0, 0)
	shifted, err := geo.NewTrackPoint(want.Time(), geo.GCJ02.FromWGS84(want.Point()), 8, 0)
	if err != nil {
		t.Fatal(err)
	}
	id := newID()
	k.phone.one("create", "track_batches", id, 0, row{"patrol": k.patrol.Id, "datum": "gcj02", "track": trackOf(shifted)})
	r := w.read("track_batches", id)
	if err := w.app.Save(r); err != nil { // shifted once only
		t.Fatal(err)
	}
	got := pointsIn(t, w.read("track_batches", id))
	if len(got) != 1 || geo.Haversine(got[0].Point(), want.Point()) > 0.3 {
		t.Errorf("stored %v, want %v", got, want)
	}
}

// What is no track is refused by name, and kept among the rejections.
func TestMalformedTracksAreRejected(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	other, _ := w.officer("grid_officer", nil)
	theirs := w.save("patrols", row{"grid": k.grid.Id, "officer": other.Id, "started_at": dawn})
	for _, c := range []struct {
		name, field, code string
		set               row
	}{
		{"no base64", "track", "track_not_base64", row{"track": "%%%"}},
		{"version 9", "track", "track_bad_version", row{"track": base64.StdEncoding.EncodeToString([]byte{9, 1, 1})}},
		{"cut short", "track", "track_truncated", row{"track": trackOf(t0(1, 0, 0))[:8]}},
		{"nothing", "track", "validation_required", row{"track": ""}},
		{"a foreign patrol", "patrol", "out_of_scope", row{"patrol": theirs.Id}},
	} {
		set := row{"patrol": k.patrol.Id, "track": trackOf(t0(1, 0, 0))}
		for field, value := range c.set {
			set[field] = value
		}
		result := k.phone.one("create", "track_batches", newID(), 0, set)
		if body := fmt.Sprint(result.Error); result.Status != "rejected" || !strings.Contains(body, c.code) || !strings.Contains(body, c.field) {
			t.Errorf("%s: %+v", c.name, result)
		}
	}
	if n, err := w.app.CountRecords("rejections"); err != nil || n != 5 {
		t.Errorf("%d rejections kept (%v)", n, err)
	}
	// A lead sees the patrols of his officers, but walks none of them.
	lead, token := w.officer("grid_lead", nil)
	w.assign(lead, k.grid)
	a := w.call("POST", records("track_batches"), token, row{"officer": lead.Id, "patrol": k.patrol.Id, "track": trackOf(t0(1, 0, 0))})
	if a.Status != 400 || !strings.Contains(string(a.Raw), "not_your_patrol") {
		t.Errorf("%s", a)
	}
}

// A track goes to the phones of its officer and to nobody else, not even to
// those who see his patrol.
func TestOnlyTheOfficerSeesHisTrack(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	r := k.send(w, t0(10, 0, 0))
	second := newPhone(w, k.phone.officer, k.phone.token)
	if second.pull(0); second.held["track_batches/"+r.Id].ID == "" {
		t.Error("the officer's second phone has no track")
	}
	for _, role := range []string{"grid_officer", "grid_lead", "county_admin"} {
		values := row{}
		if role == "county_admin" {
			values["region"] = w.save("regions", row{"code": "990101", "name_zh": "县", "level": "county"}).Id
		}
		o, token := w.officer(role, values)
		if role != "county_admin" {
			w.assign(o, k.grid)
		}
		p := newPhone(w, o, token)
		p.pull(0)
		if _, ok := p.held["track_batches/"+r.Id]; ok {
			t.Errorf("a %s holds the track", role)
		}
		if _, ok := p.held["patrols/"+k.patrol.Id]; ok != (role != "grid_officer") {
			t.Errorf("a %s holds the patrol: %v", role, ok)
		}
		if a := w.call("GET", records("track_batches")+"/"+r.Id, token, nil); a.Status != 404 {
			t.Errorf("a %s reads the track: %s", role, a)
		}
	}
}

func TestPatrolEndsAfterFourHours(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	w.now = dawn.Add(4*time.Hour - time.Second)
	w.run("gridwalk_patrols")
	k.wantEnd(w, time.Time{}, "")
	w.now = dawn.Add(4*time.Hour + 50*time.Second)
	w.run("gridwalk_patrols")
	k.wantEnd(w, dawn.Add(4*time.Hour), "auto_time")
}

// One patrol that cannot be saved does not keep others running.
func TestABrokenPatrolHoldsNoOtherUp(t *testing.T) {
	w := newWorld(t)
	broken, k := newWalk(w), newWalkIn(w, "990101103202")
	if _, err := w.app.DB().NewQuery("UPDATE patrols SET distance_m = -1, id = '000000000000000' WHERE id = {:id}").Bind(dbx.Params{"id": broken.patrol.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	w.now = dawn.Add(5 * time.Hour)
	w.run("gridwalk_patrols")
	k.wantEnd(w, dawn.Add(4*time.Hour), "auto_time")
}

// The shift is the officer's own, else that of the innermost division.
func TestPatrolEndsWithTheShift(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	w.save("regions", row{"code": "990101", "name_zh": "县", "level": "county", "shift_end": "09:00"})
	set := func(r *core.Record, clock string) {
		r.Set("shift_end", clock)
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	set(k.region, "10:30") // 02:30 UTC
	w.now = dawn.Add(2 * time.Hour)
	w.run("gridwalk_patrols")
	k.wantEnd(w, time.Time{}, "")
	w.now = dawn.Add(3 * time.Hour)
	w.run("gridwalk_patrols")
	k.wantEnd(w, dawn.Add(150*time.Minute), "shift_end")

	officer := w.read("officers", k.phone.officer.Id)
	set(officer, "09:30")
	second := w.save("patrols", row{"grid": k.grid.Id, "officer": officer.Id, "started_at": dawn, "status": "active"})
	w.run("gridwalk_patrols")
	walk{patrol: second}.wantEnd(w, dawn.Add(90*time.Minute), "shift_end")
	if a := w.call("PATCH", records("regions")+"/"+k.region.Id, w.admin(), row{"shift_end": "25:00"}); a.Status != 400 {
		t.Errorf("25:00 is no time of day: %s", a)
	}
}

// Whoever says when a patrol ended, the earliest stands with its reason, and it
// does not begin again.
func TestPatrolEndsOnce(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	base := k.phone.seen(k.patrol)
	w.now = dawn.Add(5 * time.Hour)
	w.run("gridwalk_patrols")
	k.wantEnd(w, dawn.Add(4*time.Hour), "auto_time")
	// The phone was offline; its officer had ended the patrol after two hours.
	result := k.phone.one("update", "patrols", k.patrol.Id, base, row{"status": "ended", "ended_at": "2026-11-23 02:00:00.000Z", "end_reason": "manual"})
	if result.Status != "merged" && result.Status != "applied" {
		t.Fatalf("%+v", result)
	}
	k.wantEnd(w, dawn.Add(2*time.Hour), "manual")
	for _, set := range []row{
		{"ended_at": "2026-11-23 03:00:00.000Z", "end_reason": "auto_exit"}, {"ended_at": nil, "status": "active"}, {"status": "paused"}, {"end_reason": "shift_end"},
	} {
		if a := w.call("PATCH", records("patrols")+"/"+k.patrol.Id, k.phone.token, set); a.Status != 200 {
			t.Errorf("%v: %s", set, a)
		}
		k.wantEnd(w, dawn.Add(2*time.Hour), "manual")
	}
	for _, c := range []struct {
		set    row
		end    time.Time
		reason string
	}{
		{row{"status": "ended", "ended_at": "2026-11-23 06:00:00.000Z", "end_reason": "manual"}, dawn.Add(4 * time.Hour), "auto_time"},
		{row{"status": "active", "ended_at": "2026-11-23 01:00:00.000Z"}, dawn.Add(time.Hour), "manual"},
		{row{"status": "ended"}, dawn.Add(4 * time.Hour), "auto_time"},
		{row{"status": "active"}, time.Time{}, ""},
	} {
		values := row{"grid": k.grid.Id, "officer": k.phone.officer.Id, "started_at": dawn}
		for field, value := range c.set {
			values[field] = value
		}
		walk{patrol: w.save("patrols", values)}.wantEnd(w, c.end, c.reason)
	}
}

// Half an hour outside ends a patrol by the points' own times, in whichever
// order the batches come, and no point of the time after is kept.
func TestPatrolEndsOutsideOfTheGrid(t *testing.T) {
	batches := [][]geo.TrackPoint{
		{t0(10, 0, 0), t0(20, 900, 0)}, // leaves
		{t0(30, 1200, 0), t0(40, 1200, 0)},
		{t0(50, 1200, 0), t0(60, 2000, 0)}, // 30 minutes are over at 50
		{t0(70, 2000, 0), t0(80, 0, 0)},    // home, and back
	}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 1, 0, 2, 0, 3}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := newWorld(t)
			k := newWalk(w)
			for _, i := range order {
				k.send(w, batches[i]...)
			}
			k.wantEnd(w, dawn.Add(50*time.Minute), "auto_exit")
			var kept []geo.TrackPoint
			all, err := w.app.FindAllRecords("track_batches")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range all {
				points := pointsIn(t, r)
				if r.GetInt("count") != len(points) {
					t.Errorf("%d points are counted as %d", len(points), r.GetInt("count"))
				}
				kept = geo.MergeTracks(kept, points)
			}
			if want := geo.MergeTracks(batches[0], batches[1], batches[2][:1]); !slices.Equal(kept, want) {
				t.Errorf("kept %v, want %v", kept, want)
			}
		})
	}
}

// A check-in tells where a patrol is as well as a point does.
func TestPatrolEndsByCheckIns(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, at := range []string{"00:10", "00:30", "00:45"} {
		k.phone.one("create", "check_ins", newID(), 0, row{"patrol": k.patrol.Id, "target_type": "point", "datum": "wgs84", "loc_src": "gps",
			"lat": 28.2, "lng": 124.105, "acc_m": 10, "captured_at": "2026-11-23 " + at + ":00.000Z"})
	}
	k.wantEnd(w, dawn.Add(40*time.Minute), "auto_exit")
}

// Who works in the grid next door as well has not left.
func TestPatrolInAnotherOwnGridGoesOn(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	next := w.newVillage("990101103202", 124.11, 28.10)
	w.assign(k.phone.officer, next.grid)
	k.send(w, t0(10, 0, 900), t0(30, 0, 900), t0(50, 0, 900))
	k.wantEnd(w, time.Time{}, "")
}

// An app that forgets to stop is not refused, and what it sends is not kept.
func TestPointsOffDutyAreNotKept(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.patrol.Set("ended_at", dawn.Add(time.Hour))
	if err := w.app.Save(k.patrol); err != nil {
		t.Fatal(err)
	}
	r := k.send(w, t0(-5, 0, 0), t0(0, 0, 0), t0(60, 0, 0), t0(61, 300, 0), t0(90, 300, 0))
	if points := pointsIn(t, r); len(points) != 2 || r.GetInt("dropped") != 3 || r.GetInt("count") != 2 {
		t.Errorf("kept %v, dropped %d", points, r.GetInt("dropped"))
	}
	if late := k.send(w, t0(100, 300, 0)); late.GetInt("count") != 0 || late.GetString("track") != "" || !late.GetDateTime("started_at").IsZero() {
		t.Errorf("%v", late.PublicExport())
	}
	if seen := w.lastNear(k.north); seen != "" {
		t.Errorf("coverage by points off duty: %s", seen)
	}
	if w.lastNear(k.near) == "" {
		t.Error("no coverage by points on duty")
	}
}

// Points reach the officer's second phone, and are gone from it after 30 days;
// what they showed of places stays.
func TestPointsAreDeletedAndCoverageStays(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	old := k.send(w, t0(10, 0, 0))
	held := w.save("patrols", row{"grid": k.grid.Id, "officer": k.phone.officer.Id, "started_at": dawn, "status": "active", "keep_points": true})
	kept := w.save("track_batches", row{"officer": k.phone.officer.Id, "patrol": held.Id, "track": trackOf(t0(10, 0, 0))})
	k.phone.one("create", "track_batches", newID(), 0, row{"patrol": k.patrol.Id, "track": "%%%"})
	k.phone.pull(0)
	exists := func(r *core.Record) bool {
		_, err := w.app.FindRecordById("track_batches", r.Id)
		_, ok := k.phone.held["track_batches/"+r.Id]
		if (err == nil) != ok {
			t.Errorf("on the server: %v, on the phone: %v", err, ok)
		}
		return ok
	}
	for _, c := range []struct {
		days      int
		old, kept bool
	}{{0, true, true}, {30, true, true}, {31, false, true}, {364, false, true}, {367, false, false}} {
		w.now = dawn.Add(9*time.Minute).AddDate(0, 0, c.days)
		w.run("gridwalk_purge")
		k.phone.pull(0)
		if exists(old) != c.old || exists(kept) != c.kept {
			t.Errorf("after %d days: %v, %v", c.days, exists(old), exists(kept))
		}
	}
	if got := w.lastNear(k.near); got != "2026-11-23" {
		t.Errorf("coverage after the deletion: %q", got)
	}
	var payloads []string
	if err := w.app.DB().Select("payload").From("rejections").Where(dbx.NewExp("payload IS NOT NULL")).Column(&payloads); err != nil || len(payloads) > 0 {
		t.Errorf("rejected tracks are kept: %v, %v", payloads, err)
	}
	if result := k.phone.one("update", "track_batches", old.Id, 1, row{"track": trackOf(t0(10, 0, 0))}); result.Status == "applied" {
		t.Errorf("a deleted batch is edited: %+v", result)
	}
}

// lastNear is the day on which somebody was last near a place.
func (w *world) lastNear(place *core.Record) string {
	w.t.Helper()
	var days []string
	if err := w.app.DB().Select("last_near").From("coverage").Where(dbx.HashExp{"place": place.Id}).Column(&days); err != nil || len(days) > 1 {
		w.t.Fatalf("%v, %v", days, err)
	}
	return strings.Join(days, "")
}

// call with basic authentication, as OwnTracks does.
func (w *world) basic(path, user, password, body string) answer {
	w.t.Helper()
	request, err := http.NewRequest("POST", w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.SetBasicAuth(user, password)
	request.Header.Set("Content-Type", "application/json")
	return w.answerTo(request)
}
