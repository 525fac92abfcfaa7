package demo

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"

	"gridwalk/meters"
	"gridwalk/sealed"
)

// The source of the readings. Its token is MeterSource + "." + Password.
const MeterSource = "demowaterworks0"

// alone is an elder who lives alone.
type alone struct {
	ID        string `db:"id"`
	Household string `db:"household"`
}

// meters puts meters into the homes of elders who live alone. Of the first one
// no water has run for two days, and nobody has looked yet.
func (c *cases) meters(n int) {
	if c.err != nil || n == 0 {
		return
	}
	var elders []alone
	// Tags are sealed, so the elders are picked from those who may be looked after.
	var residents []struct {
		alone
		Tags string `db:"care_tags"`
	}
	c.err = c.tx.DB().NewQuery(`SELECT r.id, r.household, r.care_tags FROM residents AS r JOIN grids AS g ON g.id = r.grid
		WHERE r.care_tags != '[]' ORDER BY g.grid_code, r.id`).All(&residents)
	for _, r := range residents {
		tags, err := sealed.RingOf(c.tx).OpenField("residents", "care_tags", r.ID, r.Tags)
		if err != nil {
			c.err = err
			return
		}
		if strings.Contains(tags, "lives_alone_elder") && len(elders) < n {
			elders = append(elders, r.alone)
		}
	}
	_, hash := meters.Token(MeterSource, Password)
	c.save("sensor_sources", row{"id": MeterSource, "name": "演示水务" + mark, "secret_hash": hash})
	for i, elder := range elders {
		c.meter(fmt.Sprintf("YS-%04d", i+1), elder, i == 0)
	}
}

// meter makes one with four days of readings, six hours apart.
func (c *cases) meter(number string, elder alone, dry bool) {
	consent := c.save("consents", row{"subject": elder.ID, "purpose": "sensor", "scope": "水表用水", "given_by": "self", "method": "paper",
		"given_at": c.ago(200 * 24 * time.Hour), "notice_version": "2026-01"})
	settings := meters.DefaultSettings()
	var readings []meters.Reading
	litres := 30_000 + float64(c.rng.IntN(1_000))
	for ago := 96 * time.Hour; ago >= 0; ago -= 6 * time.Hour {
		if !dry || ago > 2*24*time.Hour {
			litres += 5 + float64(c.rng.IntN(60))
		}
		readings = append(readings, meters.Reading{At: c.now.Add(-ago - time.Minute).Truncate(time.Millisecond), Litres: litres})
	}
	state, _ := settings.Replay(readings)
	values := row{"source": MeterSource, "meter": number, "meter_word": sealed.RingOf(c.tx).Word(sealed.MeterKind, number), "kind": "water_meter", "household": elder.Household, "consent": consent, "silent_hours": 720,
		"last_seen": stamp(state.LastAt), "litres": state.Litres, "flat_since": stamp(state.FlatSince), "flat_litres": state.FlatLitres}
	if dry {
		values["told_at"] = stamp(state.LastAt)
	}
	sensor := c.save("sensors", values)
	for _, r := range readings {
		if c.err != nil {
			return
		}
		_, c.err = c.tx.DB().Insert("sensor_readings", dbx.Params{"id": (&world{rng: c.rng}).id(), "sensor": sensor, "at": stamp(r.At), "litres": r.Litres,
			"received_at": stamp(r.At), "batch": "demo", "oddities": "[]", "created": stamp(r.At), "updated": stamp(r.At)}).Execute()
	}
	if dry {
		c.save("alerts", row{"kind": "water_no_flow", "household": elder.Household, "sensor": sensor, "status": "raised",
			"flat_from": stamp(state.FlatSince), "flat_to": stamp(state.LastAt)})
	}
}
