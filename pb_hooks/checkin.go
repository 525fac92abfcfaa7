package hooks

import (
	"database/sql"
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
		if err := judgeCheckIn(e.App, e.Record, fences, s); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordUpdate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		for _, field := range append([]string{"lat", "lng", "acc_m", "datum"}, access.ServerFields["check_ins"]...) {
			e.Record.Set(field, e.Record.Original().Get(field))
		}
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

// judgeCheckIn converts the fix to WGS-84, judges it against the assigned
// grids, and writes verdict, distance and reasons into the record.
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
		found = index.At(place)
	}
	fence, assigned, err := fenceFor(app, r, index, place, found)
	if err != nil {
		return err
	}
	judged := geo.Judge(fix, boundaries(index, fence), s.Fence)
	reasons = append(reasons, judged.Reasons...)
	if !assigned {
		reasons = append(reasons, geo.ReasonNoAssignedGrid)
	}
	if fast, err := tooFast(app, r, fix, s.Fence); err != nil {
		return err
	} else if fast {
		reasons = append(reasons, geo.ReasonImpossibleSpeed)
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
		r.Set("grid", fence)
	}
	r.Set("verdict_server", string(judged.Verdict))
	r.Set("boundary_version", fences.versionOf(fence))
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
func fenceFor(app core.App, r *core.Record, index *geo.Index, place orb.Point, found []string) (id string, assigned bool, err error) {
	if grid := r.GetString("grid"); grid != "" {
		return grid, true, nil
	}
	grids, err := assignedGrids(app, r.GetString("officer"), r.GetDateTime("captured_at"))
	if err != nil {
		return "", false, err
	}
	best := math.Inf(1)
	for _, grid := range grids {
		boundary, ok := index.Boundary(grid)
		if !ok {
			continue
		}
		if d := boundary.Distance(place); id == "" || d < best {
			id, best = grid, d
		}
	}
	if id != "" {
		return id, true, nil
	}
	if len(found) > 0 {
		return found[0], false, nil
	}
	return "", false, nil
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

func boundaries(index *geo.Index, id string) []*geo.Boundary {
	if boundary, ok := index.Boundary(id); ok {
		return []*geo.Boundary{boundary}
	}
	return nil
}

// tooFast tells whether the officer would have had to move faster than
// anything he has since the check-in before this one.
func tooFast(app core.App, r *core.Record, fix geo.Fix, s geo.Settings) (bool, error) {
	if !fix.HasPoint || fix.Source == geo.SourceQR {
		return false, nil
	}
	var before struct {
		Lat float64        `db:"lat"`
		Lng float64        `db:"lng"`
		Acc float64        `db:"acc_m"`
		At  types.DateTime `db:"captured_at"`
	}
	at := r.GetDateTime("captured_at")
	err := app.DB().Select("lat", "lng", "acc_m", "captured_at").From("check_ins").
		Where(dbx.HashExp{"officer": r.GetString("officer")}).
		AndWhere(dbx.NewExp("captured_at <= {:at} AND verdict_server NOT IN ('no_fix', 'qr_confirmed')", dbx.Params{"at": at.String()})).
		OrderBy("captured_at DESC").Limit(1).One(&before)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the check-in before: %w", err)
	}
	a, b := orb.Point{before.Lng, before.Lat}, orb.Point{fix.Lng, fix.Lat}
	if !(geo.Haversine(a, b) > max(before.Acc, 0)+max(finite(fix.Accuracy), 0)+minJump) {
		return false, nil
	}
	return s.TooFast(a, b, at.Time().Sub(before.At.Time())), nil
}

// reasonIncompleteFix names a latitude without a longitude, or the other way
// round: geo never sees such a fix.
const reasonIncompleteFix geo.Reason = "incomplete_fix"

// minJump is the distance in metres below which a jump says nothing: two fixes
// of a phone that lies still can differ so much.
const minJump = 50

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
