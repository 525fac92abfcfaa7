package day

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/pocketbase/dbx"

	"gridwalk/geo"
)

// checkEvening is what must hold when everybody has synced.
func (d *day) checkEvening() {
	for _, p := range d.handsets {
		p.link.signal = good
		p.syncs()
	}
	for _, check := range []struct {
		what string
		does func(*day)
	}{
		{"nothing is lost, and nothing doubled", (*day).checkMutations},
		{"both phones of the grid hold what the server does", (*day).checkPhones},
		{"all previews are there", (*day).checkPreviews},
		{"she was located on patrol only", (*day).checkTrack},
		{"every demand has an outcome or a day by which it is answered", (*day).checkDemands},
		{"doctor finds nothing", (*day).checkDoctor},
	} {
		check.does(d)
		if d.t.Failed() {
			d.t.Fatalf("at the end of the day: %s", check.what)
		}
	}
}

// checkMutations: what anybody did is in the history once, and nothing was rejected.
func (d *day) checkMutations() {
	records := map[string]bool{}
	for _, p := range d.handsets {
		if waiting, err := p.Outbox(); err != nil || len(waiting) > 0 {
			d.t.Errorf("%s still has %d changes to send, %v", p.officer.GetString("name"), len(waiting), err)
		}
		if rejected, err := p.NeedsAttention(); err != nil || len(rejected) > 0 {
			d.t.Errorf("%s has rejected changes: %+v, %v", p.officer.GetString("name"), rejected, err)
		}
		for _, m := range p.made {
			var times int
			d.must(d.app.DB().Select("COUNT(*)").From("_sync_history").Where(dbx.HashExp{"device": p.device, "mutation": m.ID}).Row(&times))
			if times != 1 {
				d.t.Errorf("%s %s %s is %d times in the history", m.Op, m.Collection, m.Record, times)
			}
			if m.Op == "create" {
				d.stored(m.Collection, m.Record)
				records[m.Record] = true
			}
		}
	}
	for _, collection := range []string{"visits", "check_ins", "patrols", "track_batches", "evidence", "demands", "minutes", "custody_steps", "order_claims"} {
		var ids []string
		d.must(d.app.DB().Select("id").From(collection).Column(&ids))
		for _, id := range ids {
			if !records[id] {
				d.t.Errorf("nobody made %s %s", collection, id)
			}
		}
	}
}

// checkPhones: the digests agree, and what both hold is the same.
func (d *day) checkPhones() {
	for _, p := range []*handset{d.her, d.scribe} {
		if different, err := p.Check(context.Background()); err != nil || len(different) > 0 {
			d.t.Errorf("%s: the digests of %v differ, %v", p.officer.GetString("name"), different, err)
		}
	}
	hers, err := d.her.Replica()
	d.must(err)
	scribes, err := d.scribe.Replica()
	d.must(err)
	both := 0
	for key, held := range hers {
		other, ok := scribes[key]
		if ok && (held.Seq != other.Seq || string(held.Record) != string(other.Record)) {
			d.t.Errorf("%s differs:\n%s\n%s", key, held.Record, other.Record)
		}
		if ok {
			both++
		}
		own := strings.HasPrefix(key, "patrols/") || strings.HasPrefix(key, "track_batches/") || strings.HasPrefix(key, "check_ins/") ||
			strings.HasPrefix(key, "officers/") || strings.HasPrefix(key, "devices/")
		if !ok && !own {
			d.t.Errorf("the scribe does not hold %s", key)
		}
	}
	if both < households+residents {
		d.t.Errorf("both hold %d records only", both)
	}
}

// checkPreviews waits for the previews that are made after the answer, and looks
// at each as her app does.
func (d *day) checkPreviews() {
	photos, err := d.app.FindAllRecords("evidence")
	d.must(err)
	if len(photos) != 2 {
		d.t.Errorf("%d photographs", len(photos))
	}
	_, answer := d.asks(d.her.token, "POST", "/api/files/token", nil)
	for _, photo := range photos {
		for deadline := time.Now().Add(30 * time.Second); photo.GetString("status") != "ready"; photo = d.stored("evidence", photo.Id) {
			if time.Now().After(deadline) {
				d.t.Fatalf("photograph %s is %s %s", photo.Id, photo.GetString("status"), photo.GetString("status_reason"))
			}
			time.Sleep(5 * time.Millisecond)
		}
		for _, size := range []string{"160x160", "480x0", "1600x0"} {
			path := fmt.Sprintf("http://day/api/files/evidence/%s/%s?token=%v&thumb=%s", photo.Id, photo.GetString("file"), answer["token"], size)
			got := d.serve(httptest.NewRequest("GET", path, nil))
			if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "image/jpeg" {
				d.t.Errorf("preview %s of %s: %d %s", size, photo.Id, got.Code, got.Header().Get("Content-Type"))
			}
		}
	}
}

// checkTrack: no point lies outside of 08:05–12:10 and 13:50–17:30.
func (d *day) checkTrack() {
	batches, err := d.app.FindAllRecords("track_batches")
	d.must(err)
	points := 0
	for _, batch := range batches {
		blob, err := base64.StdEncoding.DecodeString(batch.GetString("track"))
		d.must(err)
		track, err := geo.DecodeTrack(blob)
		d.must(err)
		points += len(track)
		for _, p := range track {
			clock := p.Time().In(china).Format("15:04")
			if !(clock >= "08:05" && clock < "12:10" || clock >= "13:50" && clock < "17:30") {
				d.t.Errorf("she was located at %s", clock)
			}
		}
	}
	// Four hours and 3 hours 40 minutes at two points a minute; the first ends
	// with the patrol's last moment.
	if points != 2*60*4+1+2*220 {
		d.t.Errorf("%d points", points)
	}
}

func (d *day) checkDemands() {
	demands, err := d.app.FindAllRecords("demands")
	d.must(err)
	for _, demand := range demands {
		if demand.GetString("outcome") == "" && demand.GetDateTime("due_at").IsZero() {
			d.t.Errorf("nothing becomes of «%s»", demand.GetString("text"))
		}
	}
}

// checkDoctor stops the server, as for the night.
func (d *day) checkDoctor() {
	d.stop()
	if said := d.doctor(); said != "doctor: nothing wrong\n" {
		d.t.Error(said)
	}
}
