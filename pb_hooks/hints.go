package hooks

import (
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
)

// A photograph that is used again, or was taken at another time or place than
// its record, is shown to the reviewer as such. It is never refused for it:
// cameras have wrong clocks, and a document is photographed once for two
// matters.
const (
	sameDays   = 180            // how far back the grid is searched for the same picture
	farInTime  = 24 * time.Hour // between the EXIF time and the record's
	farInSpace = 1000           // metres between the EXIF place and the record's
)

// hints writes the reasons of evidence.
type hints struct {
	now func() time.Time
}

// write finds all reasons of a photograph whose bytes were just inspected.
func (h hints) write(app core.App, r *core.Record) error {
	var reasons []string
	same, err := h.usedBefore(app, r)
	if err != nil {
		return err
	}
	for reason, holds := range map[string]bool{"same_picture": same, "exif_place_far": farAway(app, r), "exif_time_far": h.longAgo(r)} {
		if holds {
			reasons = append(reasons, reason)
		}
	}
	slices.Sort(reasons)
	r.Set("reasons", reasons)
	return h.consent(r)
}

// consent keeps the reason that a photograph taken indoors names no consent: it
// goes when one is named.
func (h hints) consent(r *core.Record) error {
	reasons := slices.DeleteFunc(r.GetStringSlice("reasons"), func(reason string) bool { return reason == "consent_missing" })
	if r.GetBool("indoor") && r.GetString("consent") == "" {
		reasons = append(reasons, "consent_missing")
	}
	r.Set("reasons", reasons)
	return nil
}

// usedBefore tells whether the very same picture is evidence in the grid
// already.
func (h hints) usedBefore(app core.App, r *core.Record) (bool, error) {
	since, err := types.ParseDateTime(h.now().AddDate(0, 0, -sameDays))
	if err != nil {
		return false, fmt.Errorf("look for the same picture: %w", err)
	}
	var n int
	err = app.DB().Select("COUNT(*)").From("evidence").Where(dbx.HashExp{"sha256": r.GetString("sha256"), "grid": r.GetString("grid"), "upload_state": "done"}).
		AndWhere(dbx.NewExp("id != {:id} AND received_at >= {:since}", dbx.Params{"id": r.Id, "since": since.String()})).Row(&n)
	if err != nil {
		return false, fmt.Errorf("look for the same picture: %w", err)
	}
	return n > 0, nil
}

// longAgo compares the camera's time with the one that the phone claims, or
// else with the one at which it was recorded.
func (h hints) longAgo(r *core.Record) bool {
	exif, said := r.GetDateTime("exif_taken_at"), r.GetDateTime("captured_at")
	if taken := r.GetDateTime("taken_at"); !taken.IsZero() && !taken.Equal(exif) {
		said = taken
	}
	at := said.Time()
	if said.IsZero() {
		at = h.now() // it is being recorded
	}
	return !exif.IsZero() && exif.Time().Sub(at).Abs() > farInTime
}

// farAway compares the camera's place with that of the check-in that the
// photograph belongs to, or else with the grid.
func farAway(app core.App, r *core.Record) bool {
	if !r.GetBool("exif_has_place") {
		return false
	}
	at := orb.Point{r.GetFloat("exif_lng"), r.GetFloat("exif_lat")}
	if r.GetString("owner_type") == "check_in" {
		if c, err := app.FindRecordById("check_ins", r.GetString("owner_id")); err == nil && c.GetFloat("lat") != 0 {
			return geo.Haversine(at, orb.Point{c.GetFloat("lng"), c.GetFloat("lat")}) > farInSpace
		}
	}
	boundary, err := readBoundary(app, "grids", r.GetString("grid"))
	// A grid that is not there or has no usable boundary gives no hint: a
	// photograph is not refused for it.
	return err == nil && boundary.Distance(at) > farInSpace
}
