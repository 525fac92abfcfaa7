package hooks

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/access"
	"gridwalk/geo"
)

// bindCheckIns judges every new check-in against the map. The verdict is
// advice: no check-in is ever refused for where it was made.
func bindCheckIns(app core.App, fences *fences, s Settings) {
	app.OnRecordCreateRequest("check_ins").BindFunc(func(e *core.RecordRequestEvent) error {
		sent, err := bodyAsSent(e)
		if err != nil {
			return err
		}
		raw, err := rawFix(sent)
		if err != nil {
			return err
		}
		e.Record.Set("raw", raw)
		if e.Record.GetString("officer") == "" && isOfficer(e.Auth) {
			e.Record.Set("officer", e.Auth.Id)
		}
		return e.Next()
	})
	app.OnRecordCreate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Id == "" {
			e.Record.Id = core.GenerateDefaultRandomId()
		}
		if err := judgeCheckIn(e.App, e.Record, fences, s); err != nil {
			return err
		}
		day, err := dayOf(e.App, e.Record, fences, s)
		if err != nil {
			return err
		}
		e.Record.Set("reasons", day.reasons(e.Record))
		if err := e.Next(); err != nil {
			return err
		}
		if err := day.arrived(e.App, e.Record); err != nil {
			return err
		}
		return noteDatum(e.App, e.Record, day)
	})
	// What was judged stays, but for what follows from check-ins that came later.
	app.OnRecordUpdate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		for _, field := range append([]string{"lat", "lng", "acc_m", "datum"}, access.ServerFields["check_ins"]...) {
			e.Record.Set(field, e.Record.Original().Get(field))
		}
		day, err := dayOf(e.App, e.Record, fences, s)
		if err != nil {
			return err
		}
		e.Record.Set("reasons", day.reasons(e.Record))
		return e.Next()
	})
}

// fixFields are the numbers of a fix as a client sends them.
var fixFields = []string{"lat", "lng", "acc_m"}

// rawFix keeps the numbers of a fix and their datum exactly as they were sent.
// A number may be sent as text, as forms do; anything else is refused.
func rawFix(body map[string]any) (map[string]any, error) {
	raw := map[string]any{}
	for _, field := range fixFields {
		switch v := body[field].(type) {
		case nil:
		case float64, int, int64:
			raw[field] = v
		case string:
			if v == "" {
				continue
			}
			if _, err := strconv.ParseFloat(v, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
				return nil, refuse(field, "not_a_number", "Must be a number.")
			}
			raw[field] = v
		default:
			return nil, refuse(field, "not_a_number", "Must be a number.")
		}
	}
	if datum, ok := body["datum"].(string); ok {
		raw["datum"] = datum
	}
	return raw, nil
}

// judgeCheckIn converts the fix to WGS-84, judges it against the grids assigned
// when it was made by the boundaries that they had then, and writes verdict,
// distance and reasons into the record.
func judgeCheckIn(app core.App, r *core.Record, fences *fences, s Settings) error {
	index, err := fences.current()
	if err != nil {
		return err
	}
	fix, reasons := fixOf(r)
	r.Set("lat", fix.Lat)
	r.Set("lng", fix.Lng)
	if fix.HasAccuracy {
		r.Set("acc_m", finite(fix.Accuracy))
	}
	place := orb.Point{fix.Lng, fix.Lat}
	var found []string
	if fix.HasPoint {
		if found, err = fences.around(app, index, place, r.GetDateTime("captured_at").Time()); err != nil {
			return err
		}
	}
	fence, assigned, err := fenceFor(app, r, fences, index, place, found)
	if err != nil {
		return err
	}
	judged := geo.Judge(fix, []*geo.Boundary{fence.boundary}, s.Fence)
	reasons = append(reasons, judged.Reasons...)
	if !assigned {
		reasons = append(reasons, geo.ReasonNoAssignedGrid)
	}
	if judged.Verdict == geo.NoFix {
		r.Set("lat", 0)
		r.Set("lng", 0)
		found = nil
	}
	if len(found) > 0 {
		r.Set("grid_found", found[0])
	}
	if r.GetString("grid") == "" {
		r.Set("grid", fence.grid)
	}
	r.Set("verdict_server", string(judged.Verdict))
	r.Set("boundary_version", fence.version)
	r.Set("reasons", texts(reasons))
	if judged.HasDistance {
		r.Set("distance_m", math.Round(judged.Distance*100)/100)
	}
	return nil
}

// fixOf reads the fix of a check-in. The reasons name what the numbers lack
// before anything is judged.
func fixOf(r *core.Record) (geo.Fix, []geo.Reason) {
	raw := rawOf(r)
	fix := geo.Fix{Source: geo.Source(r.GetString("loc_src")), Mock: r.GetBool("mock"), Age: ageOf(r)}
	fix.Accuracy, fix.HasAccuracy = raw["acc_m"]
	lat, hasLat := raw["lat"]
	lng, hasLng := raw["lng"]
	if hasLat != hasLng {
		return fix, []geo.Reason{reasonIncompleteFix}
	}
	fix.HasPoint = hasLat && fix.Source != geo.SourceNone
	if !fix.HasPoint {
		return fix, nil
	}
	at := orb.Point{lng, lat}
	if datum, err := geo.ParseDatum(r.GetString("datum")); err == nil {
		at = datum.ToWGS84(at)
	}
	fix.Lng, fix.Lat = at.Lon(), at.Lat()
	return fix, nil
}

// rawOf gives the numbers of the fix as they were sent. A record that was made
// without a request, by an import or a test, has them in its own fields.
func rawOf(r *core.Record) map[string]float64 {
	var sent map[string]any
	if err := json.Unmarshal([]byte(rawJSON(r)), &sent); err != nil || sent == nil {
		sent = map[string]any{"datum": r.GetString("datum")}
		if r.GetFloat("lat") != 0 || r.GetFloat("lng") != 0 {
			sent["lat"], sent["lng"] = r.GetFloat("lat"), r.GetFloat("lng")
		}
		if r.GetFloat("acc_m") != 0 {
			sent["acc_m"] = r.GetFloat("acc_m")
		}
		r.Set("raw", sent)
	}
	numbers := map[string]float64{}
	for _, field := range fixFields {
		switch v := sent[field].(type) {
		case float64:
			numbers[field] = v
		case string:
			// A number out of range parses as infinity, which is judged as no fix.
			numbers[field], _ = strconv.ParseFloat(v, 64)
		}
	}
	return numbers
}

func rawJSON(r *core.Record) string {
	raw, _ := r.GetRaw("raw").(types.JSONRaw)
	return raw.String()
}

// ageOf is how old the fix was when the check-in was recorded.
func ageOf(r *core.Record) time.Duration {
	if at := r.GetDateTime("fix_at"); !at.IsZero() {
		return r.GetDateTime("captured_at").Time().Sub(at.Time())
	}
	return time.Duration(r.GetFloat("fix_age_s") * float64(time.Second))
}

// fenceFor gives the grid that the check-in is judged by: the one it names, or
// the nearest of those assigned to the officer that day. Without either it is
// the smallest grid that contains the place, and assigned is false.
func fenceFor(app core.App, r *core.Record, fences *fences, index *geo.Index, place orb.Point, found []string) (chosen fence, assigned bool, err error) {
	captured := r.GetDateTime("captured_at")
	if grid := r.GetString("grid"); grid != "" {
		chosen, err = fences.at(app, index, grid, captured.Time())
		return chosen, true, err
	}
	grids, err := assignedGrids(app, r.GetString("officer"), captured)
	if err != nil {
		return fence{}, false, err
	}
	best := math.Inf(1)
	for _, grid := range grids {
		candidate, err := fences.at(app, index, grid, captured.Time())
		if err != nil {
			return fence{}, false, err
		}
		if candidate.boundary == nil {
			continue
		}
		if d := candidate.boundary.Distance(place); chosen.grid == "" || d < best {
			chosen, best = candidate, d
		}
	}
	if chosen.grid == "" && len(found) > 0 {
		chosen, err = fences.at(app, index, found[0], captured.Time())
		return chosen, false, err
	}
	return chosen, chosen.grid != "", err
}

// assignedGrids are the grids assigned to an officer on the day of at, counted
// in China.
func assignedGrids(app core.App, officer string, at types.DateTime) ([]string, error) {
	var grids []string
	err := app.DB().Select("grid").From("grid_assignments").
		Where(dbx.NewExp(`user = {:user} AND date(from_date, '+8 hours') <= date({:at}, '+8 hours')
			AND (to_date = '' OR date(to_date, '+8 hours') >= date({:at}, '+8 hours'))`,
			dbx.Params{"user": officer, "at": at.String()})).
		OrderBy("grid").Column(&grids)
	if err != nil {
		return nil, fmt.Errorf("read assignments of %s: %w", officer, err)
	}
	return grids, nil
}

// reasonIncompleteFix names a latitude without a longitude, or the other way
// round: geo never sees such a fix.
const reasonIncompleteFix geo.Reason = "incomplete_fix"

// finite replaces what JSON cannot hold by 0; raw keeps what was sent.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

func texts(reasons []geo.Reason) []string {
	out := make([]string, 0, len(reasons))
	for _, reason := range reasons {
		if text := string(reason); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
