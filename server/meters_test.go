package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/meters"
)

// metered is a home with a meter of a source.
type metered struct {
	village
	sensor *core.Record
	token  string
}

// sourceToken makes a source of readings.
func (w *world) sourceToken() (id, token string) {
	id = core.GenerateDefaultRandomId()
	token, hash := meters.Token(id, "secret-"+id)
	w.save("sensor_sources", row{"id": id, "name": "演示水务", "secret_hash": hash})
	return id, token
}

// sensorConsent is the consent of a resident to a meter.
func (w *world) sensorConsent(v village) *core.Record {
	return w.save("consents", row{"grid": v.grid.Id, "subject": v.resident.Id, "purpose": "sensor", "given_by": "self",
		"given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
}

func (w *world) metered(v village, meter string) metered {
	source, token := w.sourceToken()
	sensor := w.save("sensors", row{"source": source, "meter": meter, "kind": "water_meter", "household": v.household.Id, "consent": w.sensorConsent(v).Id})
	return metered{v, sensor, token}
}

// readings sends readings of one meter, at times relative to now.
func (w *world) readings(m metered, batch string, litres map[time.Duration]float64) answer {
	w.t.Helper()
	var list []row
	for ago, l := range litres {
		list = append(list, row{"meter": m.sensor.GetString("meter"), "at": w.now.Add(-ago).Format(time.RFC3339), "litres": l})
	}
	return w.call("POST", "/api/sensors/readings", "Bearer "+m.token, row{"batch": batch, "readings": list})
}

func (w *world) alerts(filter string) []*core.Record {
	w.t.Helper()
	found, err := w.app.FindRecordsByFilter("alerts", filter, "created", 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// addMeterSamples adds samples of meters and alerts to the access tables.
func addMeterSamples(w *world, v village, made func(string, func() row) sample, samples map[string]sample) {
	source, _ := w.sourceToken()
	consent := w.sensorConsent(v)
	n := 0
	sensor := func() row {
		n++
		return row{"source": source, "meter": fmt.Sprintf("M%d", n), "kind": "water_meter", "household": v.household.Id, "consent": consent.Id}
	}
	for name, values := range map[string]func() row{
		"sensor_sources": func() row { return row{"name": "水务", "secret_hash": strings.Repeat("a", 64)} },
		"sensors":        sensor,
		"sensor_batches": func() row {
			n++
			return row{"source": source, "batch": fmt.Sprint(n), "digest": strings.Repeat("a", 64)}
		},
		"sensor_readings": func() row {
			return row{"sensor": w.save("sensors", sensor()).Id, "at": "2026-11-23 00:00:00.000Z", "litres": 1}
		},
		"alerts": func() row { return row{"kind": "visit_overdue", "household": v.household.Id, "status": "raised"} },
	} {
		samples[name] = made(name, values)
	}
	change := samples["sensors"]
	change.change = row{"flat_hours": 24}
	samples["sensors"] = change
}

// Somebody whose water has not run for 48 hours is looked for, once; readings
// that are missing say nothing.
func TestNoWaterRaisesOneAlert(t *testing.T) {
	w := newWorld(t)
	m := w.metered(w.newVillage("990101103201", 124.10, 28.10), "WM-1")
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, m.grid)

	a := w.readings(m, "b1", map[time.Duration]float64{60 * time.Hour: 490, 48*time.Hour + time.Minute: 500, 47 * time.Hour: 500})
	if a.Status != 200 || a.Body["stored"] != 3.0 {
		t.Fatalf("%s", a)
	}
	w.minute()
	if found := w.alerts("kind = 'water_no_flow'"); len(found) != 0 {
		t.Fatalf("missing data were taken for flat data: %d alerts", len(found))
	}
	if found := w.alerts("kind = 'sensor_offline'"); len(found) != 1 || found[0].GetString("level") != "notice" || !found[0].GetDateTime("due_ack").IsZero() {
		t.Fatalf("silence of 47 hours: %v", found)
	}
	w.readings(m, "b2", map[time.Duration]float64{time.Minute: 500})
	w.readings(m, "b3", map[time.Duration]float64{0: 500})
	for range 3 {
		w.minute()
	}
	found := w.alerts("kind = 'water_no_flow'")
	if len(found) != 1 {
		t.Fatalf("%d alerts", len(found))
	}
	if r := found[0]; r.GetString("status") != "raised" || r.GetString("grid") != m.grid.Id || !r.GetDateTime("due_ack").Time().Equal(w.now.Add(30*time.Minute)) {
		t.Errorf("%v", r)
	}
	if found := w.alerts("kind = 'sensor_offline' && status = 'suppressed'"); len(found) != 1 {
		t.Error("a meter that is heard again is still told to be silent")
	}
	if got := w.todayOf(token, ""); !slices.Contains(got, "alert "+m.household.GetString("address_zh")+" now") {
		t.Errorf("today: %q", got)
	}
	w.now = w.now.Add(24 * time.Hour)
	w.readings(m, "b4", map[time.Duration]float64{0: 500})
	w.minute()
	if found := w.alerts("kind = 'water_no_flow'"); len(found) != 1 || found[0].GetString("status") != "escalated" || found[0].GetString("told") != "rescue" {
		t.Errorf("a day later: %v", found)
	}
	w.readings(m, "b5", map[time.Duration]float64{0: 505, time.Second: 500})
	w.minute()
}
