package hooks

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
	"gridwalk/sealed"
)

// maxDay bounds how many check-ins of an officer's day are compared with each
// other; a busy day has twenty.
const maxDay = 200

// day is what an officer recorded on one day in China, in the order of its own
// time. What follows from check-ins near in time follows from the day as a
// whole, so that it is the same in whatever order they arrived.
type day struct {
	checkIns []dayCheckIn
	follows  [][]geo.Reason // beside checkIns
	suspects []geo.Datum    // beside checkIns
	s        Settings
}

// dayCheckIn is a check-in as far as others are compared with it.
type dayCheckIn struct {
	ID       string         `db:"id"`
	At       types.DateTime `db:"captured_at"`
	Lat      string         `db:"lat"` // as stored
	Lng      string         `db:"lng"`
	Place    orb.Point      `db:"-"` // WGS-84
	Accuracy float64        `db:"acc_m"`
	Datum    string         `db:"datum"`
	Source   string         `db:"loc_src"`
	Verdict  string         `db:"verdict_server"`
	Grid     string         `db:"grid"`
	Device   string         `db:"device"`
	Reasons  types.JSONRaw  `db:"reasons"`
}

// neighbourly are the reasons that follow from other check-ins. They are found
// anew when one arrives.
var neighbourly = []geo.Reason{geo.ReasonImpossibleSpeed, geo.ReasonLoneOutside, geo.ReasonDatumSuspect}

// dayOf compares a check-in, as it is in r, with the others of its day.
func dayOf(app core.App, r *core.Record, fences *fences, s Settings) (*day, error) {
	d := &day{s: s}
	err := app.DB().Select("id", "captured_at", "lat", "lng", "acc_m", "datum", "loc_src", "verdict_server", "grid", "device", "reasons").
		From("check_ins").
		Where(dbx.NewExp("officer = {:officer} AND id != {:id} AND captured_at >= {:from} AND captured_at < {:to}", dayBounds(r))).
		OrderBy("captured_at", "id").Limit(maxDay).All(&d.checkIns)
	if err != nil {
		return nil, fmt.Errorf("read the day of a check-in: %w", err)
	}
	for i := range d.checkIns {
		if err := d.checkIns[i].unseal(app); err != nil {
			return nil, err
		}
	}
	d.checkIns = append(d.checkIns, dayCheckIn{ID: r.Id, At: r.GetDateTime("captured_at"), Place: orb.Point{r.GetFloat("lng"), r.GetFloat("lat")},
		Accuracy: r.GetFloat("acc_m"), Datum: r.GetString("datum"), Source: r.GetString("loc_src"), Verdict: r.GetString("verdict_server"),
		Grid: r.GetString("grid"), Device: r.GetString("device")})
	slices.SortFunc(d.checkIns, func(a, b dayCheckIn) int { return cmp.Or(a.At.Time().Compare(b.At.Time()), cmp.Compare(a.ID, b.ID)) })
	judged := make([]geo.Judged, len(d.checkIns))
	for i, c := range d.checkIns {
		judged[i] = c.judged()
	}
	d.follows = geo.Neighbours(judged, s.Fence)
	d.suspects = make([]geo.Datum, len(d.checkIns))
	if err := d.suspect(app, fences); err != nil {
		return nil, err
	}
	return d, nil
}

// unseal opens where a check-in was made.
func (c *dayCheckIn) unseal(app core.App) (err error) {
	c.Place, err = checkInPlace(app, c.ID, c.Lat, c.Lng)
	return err
}

// checkInPlace opens the place of a check-in, in WGS-84 degrees, as its columns
// lat and lng hold it.
func checkInPlace(app core.App, id, lat, lng string) (orb.Point, error) {
	return sealed.RingOf(app).OpenPoint("check_ins", id, [2]string{"lat", "lng"}, [2]string{lat, lng})
}

// dayBounds are the officer of a check-in and its day in China, without itself.
func dayBounds(r *core.Record) dbx.Params {
	const day, ahead = 24 * time.Hour, 8 * time.Hour // of UTC, all year
	from := r.GetDateTime("captured_at").Time().UTC().Add(ahead).Truncate(day).Add(-ahead)
	start, _ := types.ParseDateTime(from)
	end, _ := types.ParseDateTime(from.Add(day))
	return dbx.Params{"officer": r.GetString("officer"), "id": r.Id, "from": start.String(), "to": end.String()}
}

func (c dayCheckIn) judged() geo.Judged {
	return geo.Judged{ID: c.ID, At: c.At.Time(), Place: c.Place, Accuracy: max(c.Accuracy, 0), Verdict: geo.Verdict(c.Verdict)}
}

// suspect looks, device by device, for fixes that seem to be of another datum
// than they say.
func (d *day) suspect(app core.App, fences *fences) error {
	byDevice := map[string][]int{}
	for i, c := range d.checkIns {
		if c.Device != "" && c.measured() {
			byDevice[c.Device] = append(byDevice[c.Device], i)
		}
	}
	for _, of := range byDevice {
		if !d.mayBeAstray(of) {
			continue
		}
		fixes, err := d.labelled(app, fences, of)
		if err != nil {
			return err
		}
		for k, datum := range geo.SuspectDatums(fixes, d.s.Fence) {
			if d.suspects[of[k]] = datum; datum != "" {
				d.follows[of[k]] = append(d.follows[of[k]], geo.ReasonDatumSuspect)
			}
		}
	}
	return nil
}

// mayBeAstray tells whether enough check-ins of a device in a row are outside, so
// that it is worth looking up fences.
func (d *day) mayBeAstray(of []int) bool {
	run := 0
	for _, i := range of {
		if run++; d.checkIns[i].Verdict != string(geo.Outside) {
			run = 0
		}
		if run == geo.SuspectRun {
			return true
		}
	}
	return false
}

// labelled gives check-ins of the day as their phone sent them.
func (d *day) labelled(app core.App, fences *fences, of []int) ([]geo.Labelled, error) {
	index, err := fences.current()
	if err != nil {
		return nil, err
	}
	fixes := make([]geo.Labelled, len(of))
	for k, i := range of {
		c := d.checkIns[i]
		then, err := fences.at(app, index, c.Grid, c.At.Time())
		if err != nil {
			return nil, err
		}
		datum := geo.Datum(c.Datum)
		sent := datum.FromWGS84(c.Place)
		fixes[k] = geo.Labelled{Datum: datum, Assigned: []*geo.Boundary{then.boundary},
			Fix: geo.Fix{Lat: sent.Lat(), Lng: sent.Lon(), HasPoint: true, Accuracy: c.Accuracy, HasAccuracy: c.Accuracy > 0}}
	}
	return fixes, nil
}

// measured tells whether a phone measured the place, and well enough to tell.
// Where somebody put a pin on a map says nothing about the phone.
func (c dayCheckIn) measured() bool {
	tells := c.Verdict == string(geo.Inside) || c.Verdict == string(geo.NearEdge) || c.Verdict == string(geo.Outside)
	return tells && c.Source != string(geo.SourceManual)
}

// reasons gives the reasons of a check-in of the day: those it has by itself,
// and what follows from the others.
func (d *day) reasons(r *core.Record) []string {
	i := slices.IndexFunc(d.checkIns, func(c dayCheckIn) bool { return c.ID == r.Id })
	return d.with(i, r.GetStringSlice("reasons"))
}

// with gives reasons with those that follow from others put right.
func (d *day) with(i int, reasons []string) []string {
	own := slices.DeleteFunc(slices.Clone(reasons), func(reason string) bool { return slices.Contains(neighbourly, geo.Reason(reason)) })
	return append(own, texts(d.follows[i])...)
}

// arrived judges the others of the day again after r was saved. They are saved
// as ever, so that phones hear of it.
func (d *day) arrived(app core.App, r *core.Record) error {
	for i, c := range d.checkIns {
		if c.ID == r.Id {
			continue
		}
		var stored []string
		if len(c.Reasons) > 0 {
			if err := json.Unmarshal(c.Reasons, &stored); err != nil {
				return fmt.Errorf("read the reasons of check-in %s: %w", c.ID, err)
			}
		}
		if slices.Equal(stored, d.with(i, stored)) {
			continue
		}
		other, err := app.FindRecordById("check_ins", c.ID)
		if err != nil {
			return fmt.Errorf("judge check-in %s again: %w", c.ID, err)
		}
		if err := saveAside(app, other); err != nil {
			return fmt.Errorf("judge check-in %s again: %w", c.ID, err)
		}
	}
	return nil
}

// saveAside saves a record that changes because another was saved. One that is
// not valid any more for reasons of its own stays as it was: the other is not
// refused for that.
func saveAside(app core.App, r *core.Record) error {
	err := app.Save(r)
	var invalid validation.Errors
	if errors.As(err, &invalid) {
		app.Logger().Error("Could not bring a record up to date", "collection", r.Collection().Name, "record", r.Id, "error", err)
		return nil
	}
	return err
}
