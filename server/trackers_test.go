package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// secret asks for the secret of the phone's tracking app.
func (p *phone) secret() string {
	p.w.t.Helper()
	request, err := http.NewRequest("POST", p.w.url+"/api/tracker/token", nil)
	if err != nil {
		p.w.t.Fatal(err)
	}
	request.Header.Set("Authorization", p.token)
	request.Header.Set("X-Gridwalk-Device", p.device)
	a := p.w.answerTo(request)
	secret, _ := a.Body["secret"].(string)
	if a.Status != 200 || a.Body["device"] != p.device || len(secret) < 20 {
		p.w.t.Fatalf("%s", a)
	}
	return secret
}

const owntracksPath, osmandPath = "/api/tracker/owntracks", "/api/tracker/osmand"

// ownTracksAt is what OwnTracks on Android sends.
func ownTracksAt(p geo.TrackPoint) string {
	return fmt.Sprintf(`{"_type":"location","BSSID":"b4:b0:24:00:00:00","SSID":"yanshi","acc":%d,"alt":45,"batt":83,"bs":1,"conn":"m","created_at":%d,"lat":%f,"lon":%f,"m":1,"t":"u","tid":"wg","tst":%d,"vac":3,"vel":4}`,
		p.Accuracy, p.At/1000+2, p.Point().Lat(), p.Point().Lon(), p.At/1000)
}

// traccarAt is what Traccar Client sends from version 9 on.
func traccarAt(secret string, p geo.TrackPoint) string {
	return fmt.Sprintf(`{"location":{"timestamp":"%s","coords":{"latitude":%f,"longitude":%f,"accuracy":%d,"speed":1.2,"heading":90.5,"altitude":45.1},"is_moving":true,"odometer":12,"event":"motionchange","battery":{"level":0.83,"is_charging":false},"activity":{"type":"walking"},"extras":{}},"device_id":"%s"}`,
		p.Time().Format("2006-01-02T15:04:05.000Z"), p.Point().Lat(), p.Point().Lon(), p.Accuracy, secret)
}

// stored is the track of a patrol, and in how many batches it lies.
func (k walk) stored(w *world) (points []geo.TrackPoint, batches int) {
	w.t.Helper()
	all, err := w.app.FindAllRecords("track_batches")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range all {
		if r.GetString("patrol") == k.patrol.Id {
			points = geo.MergeTracks(points, pointsIn(w.t, r))
			batches++
		}
	}
	return points, batches
}

// Both apps fill the track of the running patrol, late and twice as well, and
// it reaches the officer's phone as any other.
func TestTrackingAppsFillTheTrack(t *testing.T) {
	points := []geo.TrackPoint{t0(1, 0, 0), t0(2, 30, 0), t0(4, 60, 0), t0(6, 90, 0), t0(11, 120, 0)}
	order := []int{2, 0, 1, 2, 4, 3, 0, 4}
	report := map[string]func(*world, *phone, string, geo.TrackPoint) answer{
		"owntracks": func(w *world, p *phone, secret string, at geo.TrackPoint) answer {
			return w.basic(owntracksPath, p.device, secret, ownTracksAt(at))
		},
		"osmand query": func(w *world, p *phone, secret string, at geo.TrackPoint) answer {
			return w.call("GET", fmt.Sprintf("%s?id=%s&timestamp=%d&lat=%f&lon=%f&speed=2.1&bearing=10.0&altitude=45.0&accuracy=8.0&batt=83.0", osmandPath, secret, at.At/1000, at.Point().Lat(), at.Point().Lon()), "", nil)
		},
		"osmand form": func(w *world, p *phone, secret string, at geo.TrackPoint) answer {
			return w.do("POST", osmandPath, "", "application/x-www-form-urlencoded", strings.NewReader(
				fmt.Sprintf("id=%s&timestamp=%d&lat=%f&lon=%f&accuracy=8", secret, at.At/1000, at.Point().Lat(), at.Point().Lon())))
		},
		"osmand json": func(w *world, p *phone, secret string, at geo.TrackPoint) answer {
			return w.call("POST", osmandPath, "", traccarAt(secret, at))
		},
	}
	for name, send := range report {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			k := newWalk(w)
			secret := k.phone.secret()
			for _, i := range order {
				a := send(w, k.phone, secret, points[i])
				if want := map[bool]string{true: "[]\n", false: ""}[name == "owntracks"]; a.Status != 200 || string(a.Raw) != want {
					t.Fatalf("%s", a)
				}
			}
			if got, batches := k.stored(w); !slices.Equal(got, points) || batches != 3 {
				t.Errorf("stored %v in %d batches", got, batches)
			}
			k.phone.pull(0)
			held := 0
			for _, c := range k.phone.held {
				if c.Collection == "track_batches" {
					held++
				}
			}
			if held != 3 {
				t.Errorf("the phone holds %d batches", held)
			}
			if w.lastNear(k.near) == "" {
				t.Error("no coverage")
			}
		})
	}
}

// Before and after a patrol, and while it is paused, the app is thanked and
// nothing is stored, not even an empty batch.
func TestTrackingAppsStoreNothingOffDuty(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	secret := k.phone.secret()
	send := func(at geo.TrackPoint) {
		t.Helper()
		if a := w.basic(owntracksPath, k.phone.device, secret, ownTracksAt(at)); a.Status != 200 || string(a.Raw) != "[]\n" {
			t.Fatalf("%s", a)
		}
	}
	nothing := func(when string) {
		t.Helper()
		if n, err := w.app.CountRecords("track_batches"); err != nil || n != 0 {
			t.Errorf("%s: %d batches (%v)", when, n, err)
		}
	}
	set := func(values row) {
		t.Helper()
		k.patrol = w.read("patrols", k.patrol.Id)
		k.patrol.Load(values)
		if err := w.app.Save(k.patrol); err != nil {
			t.Fatal(err)
		}
	}
	send(t0(-1, 0, 0))
	nothing("before the start")
	send(t0(500, 0, 0))
	nothing("in the future")
	w.now = dawn.Add(10 * time.Hour)
	send(t0(241, 0, 0))
	nothing("after four hours, though nobody noticed yet")
	set(row{"status": "paused"})
	send(t0(10, 0, 0))
	nothing("while paused")
	set(row{"status": "ended", "ended_at": dawn.Add(time.Hour)})
	send(t0(61, 0, 0))
	nothing("after the end")
	w.now = dawn.AddDate(0, 0, 31)
	send(t0(10, 0, 0))
	nothing("when it would be deleted the same night")
	w.now = dawn.Add(10 * time.Hour)
	send(t0(10, 0, 0))
	if got, _ := k.stored(w); len(got) != 1 {
		t.Errorf("a point of the patrol that comes late: %v", got)
	}
}

func TestTrackingAppsMustBeKnown(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	first := k.phone.secret()
	secret := k.phone.secret()
	at := t0(1, 0, 0)
	refused := func(why string, a answer) {
		t.Helper()
		if a.Status != 401 {
			t.Errorf("%s: %s", why, a)
		}
	}
	refused("no sign-in", w.call("POST", owntracksPath, "", ownTracksAt(at)))
	refused("an officer's token", w.call("POST", owntracksPath, k.phone.token, ownTracksAt(at)))
	refused("a wrong secret", w.basic(owntracksPath, k.phone.device, "x", ownTracksAt(at)))
	refused("an empty secret", w.basic(owntracksPath, k.phone.device, "", ownTracksAt(at)))
	refused("another's device", w.basic(owntracksPath, "aaaaaaaaaaaaaaa", secret, ownTracksAt(at)))
	refused("a secret that was replaced", w.basic(owntracksPath, k.phone.device, first, ownTracksAt(at)))
	refused("a wrong id", w.call("GET", osmandPath+"?id=x&lat=28.105&lon=124.105", "", nil))
	refused("no id", w.call("POST", osmandPath, "", `{}`))
	refused("the device for an id", w.call("GET", osmandPath+"?id="+k.phone.device+"&lat=28.105&lon=124.105", "", nil))
	for _, change := range []struct {
		collection, id string
		values         row
	}{{"officers", k.phone.officer.Id, row{"disabled": true}}, {"officers", k.phone.officer.Id, row{"disabled": false}}, {"devices", k.phone.device, row{"status": "revoked"}}} {
		r := w.read(change.collection, change.id)
		r.Load(change.values)
		if err := w.app.Save(r); err != nil {
			t.Fatal(err)
		}
		a := w.basic(owntracksPath, k.phone.device, secret, ownTracksAt(at))
		if want := map[bool]int{true: 200, false: 401}[change.values["disabled"] == false]; a.Status != want {
			t.Errorf("%v: %s", change.values, a)
		}
	}
	var rows []string
	if err := w.app.DB().Select("secret_hash").From("trackers").Column(&rows); err != nil || len(rows) != 1 || strings.Contains(rows[0], secret) {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestTrackingAppsAreBounded(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	secret := k.phone.secret()
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"no JSON", "{", 400},
		{"100 kB", `{"_type":"location","x":"` + strings.Repeat("x", 100_000) + `"}`, 413},
		{"nothing", "", 200},
		{"a transition", `{"_type":"transition","lat":28.105,"lon":124.105,"tst":1795393800,"event":"leave","wtst":1}`, 200},
		{"waypoints", `{"_type":"waypoints","waypoints":[]}`, 200},
		{"a place that cannot be", `{"_type":"location","lat":95,"lon":124.105,"tst":1795393800}`, 200},
	} {
		if a := w.basic(owntracksPath, k.phone.device, secret, c.body); a.Status != c.status || a.Status == 200 && string(a.Raw) != "[]\n" {
			t.Errorf("%s: %s", c.name, a)
		}
	}
	if n, err := w.app.CountRecords("track_batches"); err != nil || n != 0 {
		t.Errorf("%d batches (%v)", n, err)
	}
	var a answer
	for range 1010 {
		if a = w.basic(owntracksPath, k.phone.device, secret, ""); a.Status != 200 {
			break
		}
	}
	if a.Status != 429 {
		t.Errorf("never too often: %s", a)
	}
	w.now = w.now.Add(time.Second)
	if a := w.basic(owntracksPath, k.phone.device, secret, ownTracksAt(t0(1, 0, 0))); a.Status != 200 {
		t.Errorf("a second later: %s", a)
	}
}

// The address that Traccar Client calls holds its secret and where it is.
func TestLogHoldsNoTracker(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	secret := k.phone.secret()
	for _, path := range []string{osmandPath, "/api/trackers/osmand"} {
		w.call("GET", path+"?id="+secret+"&lat=28.105&lon=124.105", "", nil)
		w.call("POST", path+"?deviceid="+secret+"&location=28.105,124.105", "", nil)
	}
	var logged []string
	for deadline := time.Now().Add(20 * time.Second); len(logged) < 4 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err := w.app.AuxDB().NewQuery("SELECT message || data FROM " + core.LogsTableName + " WHERE data LIKE '%osmand%'").Column(&logged); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range logged {
		if strings.Contains(line, secret) || strings.Contains(line, "28.105") {
			t.Errorf("logged: %s", line)
		}
	}
	if len(logged) < 4 {
		t.Errorf("%d requests are logged", len(logged))
	}
}

// A lead sees an officer's patrol and its device. If she could tell the ids of
// the batches to come, she would make them first, in a patrol of her own, and
// read his way in them.
func TestNobodyLiesInWaitForATrack(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	officer, token := w.officer("grid_lead", nil)
	w.assign(officer, k.grid)
	lead := newPhone(w, officer, token)
	lead.pull(0)
	mine := w.save("patrols", row{"grid": k.grid.Id, "officer": officer.Id, "started_at": dawn, "status": "active"})
	point := t0(10, 0, 0)
	id := sha256.Sum256(fmt.Appendf(nil, "%s %s owntracks %d", k.patrol.Id, k.phone.device, point.At/(5*time.Minute).Milliseconds()))
	trap := hex.EncodeToString(id[:])[:15]
	if result := lead.one("create", "track_batches", trap, 0, row{"patrol": mine.Id, "track": trackOf(t0(11, 0, 0))}); result.Status != "applied" {
		t.Fatalf("%+v", result)
	}
	if a := w.basic(owntracksPath, k.phone.device, k.phone.secret(), ownTracksAt(point)); a.Status != 200 {
		t.Fatalf("%s", a)
	}
	if n := len(pointsIn(t, w.read("track_batches", trap))); n != 1 {
		t.Errorf("the lead's batch holds %d points", n)
	}
	if points, _ := k.stored(w); !slices.Equal(points, []geo.TrackPoint{point}) {
		t.Errorf("the officer's track is %v", points)
	}
}
