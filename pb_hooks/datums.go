package hooks

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

const (
	// residualFixes is how many of a device's last fixes at buildings count, and
	// fewResiduals how many there must be.
	residualFixes, fewResiduals = 20, 5
	// residualStep is what their median is rounded to, in metres, so that a device
	// is not saved with every check-in.
	residualStep = 10
)

// noteDatum notes on the device of a check-in, for whoever looks after phones,
// whether its fixes seem to be of another datum than they say; nothing is
// shifted by it. Three fixes in a row decide, then the median offset from the
// buildings that it checked in at; a fix that is inside as labelled clears what
// the buildings do not uphold.
func noteDatum(app core.App, r *core.Record, d *day) error {
	newest, suspect := d.newest(r.GetString("device"))
	if newest == nil {
		return nil
	}
	device, err := relatedRecord(app, r, "device", "devices")
	if err != nil {
		return err
	}
	if newest.At.Time().Before(device.GetDateTime("datum_suspect_at").Time()) {
		return nil // what came later is known
	}
	metres := device.GetFloat("residual_m")
	residual, ok, err := residualOf(app, r)
	if err != nil {
		return err
	}
	if ok {
		metres = math.Round(residual.metres/residualStep) * residualStep
	}
	was := device.GetString("datum_suspect")
	switch {
	case suspect != "":
	case ok:
		suspect = residual.datum
	case newest.Verdict == string(geo.Inside) && metres < geo.Noticeable:
	default:
		suspect = geo.Datum(was)
	}
	if string(suspect) == was && metres == device.GetFloat("residual_m") {
		return nil
	}
	device.Set("datum_suspect", string(suspect))
	device.Set("datum_suspect_at", newest.At)
	device.Set("residual_m", metres)
	if err := saveAside(app, device); err != nil {
		return fmt.Errorf("note the datum of device %s: %w", device.Id, err)
	}
	return nil
}

// newest gives the last check-in of a day whose place a device measured, and the
// datum of which it and those before seem to be; nil when there is none.
func (d *day) newest(device string) (newest *dayCheckIn, suspect geo.Datum) {
	for i, c := range d.checkIns {
		if device != "" && c.Device == device && c.measured() {
			newest, suspect = &d.checkIns[i], d.suspects[i]
		}
	}
	return newest, suspect
}

// residual is the length of a device's median offset, and the datum that would
// explain it.
type residual struct {
	metres float64
	datum  geo.Datum
}

// residualOf compares the last fixes of a check-in's device with the buildings
// that it checked in at under the same label. ok is false when the check-in is
// at none, or there are too few.
func residualOf(app core.App, r *core.Record) (res residual, ok bool, err error) {
	if at := r.GetString("target_type"); at != "household" && at != "building" {
		return residual{}, false, nil
	}
	var rows []struct {
		ID  string  `db:"id"`
		Lat string  `db:"lat"` // as stored
		Lng string  `db:"lng"`
		ToN float64 `db:"to_lat"`
		ToE float64 `db:"to_lng"`
	}
	err = app.DB().NewQuery(`SELECT c.id, c.lat, c.lng, json_extract(b.point, '$.lat') AS to_lat, json_extract(b.point, '$.lon') AS to_lng
		FROM check_ins c LEFT JOIN households h ON c.target_type = 'household' AND h.id = c.target
		JOIN buildings b ON b.id = coalesce(h.building, c.target)
		WHERE c.device = {:device} AND c.datum = {:datum} AND c.target_type IN ('household', 'building')
			AND c.loc_src != 'manual' AND c.verdict_server IN ('inside', 'near_edge', 'outside') AND (to_lat != 0 OR to_lng != 0)
		ORDER BY c.captured_at DESC, c.id LIMIT {:limit}`).
		Bind(dbx.Params{"device": r.GetString("device"), "datum": r.GetString("datum"), "limit": residualFixes}).All(&rows)
	if err != nil {
		return residual{}, false, fmt.Errorf("read fixes at buildings: %w", err)
	}
	if len(rows) < fewResiduals {
		return residual{}, false, nil
	}
	offsets := make([]geo.Offset, len(rows))
	for i, row := range rows {
		at, err := checkInPlace(app, row.ID, row.Lat, row.Lng)
		if err != nil {
			return residual{}, false, err
		}
		offsets[i] = geo.OffsetOf(at, orb.Point{row.ToE, row.ToN})
	}
	median := geo.MedianOffset(offsets)
	return residual{median.Length(), geo.ResidualDatum(median, geo.Datum(r.GetString("datum")), orb.Point{rows[0].ToE, rows[0].ToN})}, true, nil
}
