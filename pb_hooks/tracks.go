package hooks

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/paulmach/orb"

	"gridwalk/geo"
	"gridwalk/replica"
)

// tracks takes in what patrols leave behind: batches of points, and check-ins
// as far as they tell where a patrol is.
type tracks struct {
	fences *fences
	engine *replica.Engine
	s      Settings
}

// bindTracks checks and prepares every batch of points before it is saved, and
// draws from it what it says of the patrol and of the places that it passed.
func bindTracks(app core.App, fences *fences, engine *replica.Engine, s Settings) {
	t := &tracks{fences, engine, s}
	app.OnRecordCreate("track_batches").BindFunc(func(e *core.RecordEvent) error {
		points, err := sentPoints(e.Record)
		if err != nil {
			return err
		}
		return t.take(e, points)
	})
	app.OnRecordUpdate("track_batches").BindFunc(func(e *core.RecordEvent) error {
		points, err := pointsOf(e.Record.GetString("track"))
		if err != nil {
			return refuseTrack(err)
		}
		return t.take(e, points)
	})
	app.OnRecordCreate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		return t.checkedIn(e.App, e.Record)
	})
}

// sentPoints decodes the points of a new batch and shifts them to WGS-84. A
// batch that cannot be read is refused whole: through sync it is then kept in
// rejections for the time for which points are kept.
func sentPoints(batch *core.Record) ([]geo.TrackPoint, error) {
	if batch.GetString("track") == "" {
		return nil, refuse("track", "validation_required", "Cannot be blank.")
	}
	points, err := pointsOf(batch.GetString("track"))
	if err != nil {
		return nil, refuseTrack(err)
	}
	if batch.GetString("source") == "" {
		batch.Set("source", "app")
	}
	datum, err := geo.ParseDatum(batch.GetString("datum"))
	if err != nil {
		return points, nil // none is said, or one that its field refuses
	}
	for i, p := range points {
		if points[i], err = geo.NewTrackPoint(p.Time(), datum.ToWGS84(p.Point()), float64(p.Accuracy), p.Marks); err != nil {
			return nil, refuseTrack(err)
		}
	}
	return points, nil
}

// errNotBase64 is of text that is not even base64.
const errNotBase64 geo.TrackFault = "track_not_base64"

func pointsOf(text string) ([]geo.TrackPoint, error) {
	if text == "" {
		return nil, nil
	}
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errNotBase64
	}
	return geo.DecodeTrack(blob)
}

func refuseTrack(err error) error {
	var fault geo.TrackFault
	if errors.As(err, &fault) {
		return refuse("track", string(fault), "These are no points of a track: see docs/tracks.md.")
	}
	return err
}

// take saves a batch with the points that lie within its patrol. Others are not
// kept: officers are located on duty only, also when an app forgets to stop.
func (t *tracks) take(e *core.RecordEvent, points []geo.TrackPoint) error {
	app, batch := e.App, e.Record
	patrol, err := relatedRecord(app, batch, "patrol", "patrols")
	if err != nil {
		return err
	}
	if patrol == nil {
		return refuse("patrol", "validation_required", "Cannot be blank.")
	}
	if patrol.GetString("officer") != batch.GetString("officer") {
		return refuse("patrol", "not_your_patrol", "This patrol is another officer's.")
	}
	sent := len(points)
	from, to, err := onDuty(app, patrol, t.s)
	if err != nil {
		return err
	}
	points = within(points, from, to)
	left, hasLeft, err := t.exit(app, patrol, batch.Id, points)
	if err != nil {
		return err
	}
	if hasLeft = hasLeft && left.Before(to); hasLeft {
		points = within(points, from, left)
	}
	segments, jumps := geo.Segments(points, geo.TrackSettings{MaxGap: t.s.MaxGap, Fence: t.s.Fence})
	if err := writePoints(batch, points, len(jumps)); err != nil {
		return err
	}
	batch.Set("dropped", batch.Original().GetInt("dropped")+sent-len(points))
	if err := e.Next(); err != nil {
		return err
	}
	if hasLeft {
		if err := endPatrol(app, patrol, left, geo.EndExit); err != nil {
			return err
		}
	}
	return t.passed(app, patrol.GetString("grid"), slices.Concat(segments...), "patrol")
}

func within(points []geo.TrackPoint, from, to time.Time) []geo.TrackPoint {
	return slices.DeleteFunc(slices.Clone(points), func(p geo.TrackPoint) bool {
		return p.At < from.UnixMilli() || p.At > to.UnixMilli()
	})
}

// writePoints writes the points into a batch with what follows from them.
func writePoints(batch *core.Record, points []geo.TrackPoint, jumps int) error {
	text, first, last := "", types.DateTime{}, types.DateTime{}
	if len(points) > 0 {
		blob, err := geo.EncodeTrack(points)
		if err != nil {
			return refuseTrack(err)
		}
		text = base64.StdEncoding.EncodeToString(blob)
		first, _ = types.ParseDateTime(points[0].Time())
		last, _ = types.ParseDateTime(points[len(points)-1].Time())
	}
	batch.Set("track", text)
	batch.Set("count", len(points))
	batch.Set("jumps", jumps)
	batch.Set("started_at", first)
	batch.Set("ended_at", last)
	return nil
}

// trimTracks takes the points away that lie outside of a patrol whose end or
// start has moved: saving a batch does it.
func trimTracks(app core.App, patrol *core.Record) error {
	end := patrol.GetDateTime("ended_at")
	if end.IsZero() {
		return nil
	}
	batches, err := app.FindRecordsByFilter("track_batches", "patrol = {:patrol} && count > 0 && (started_at < {:start} || ended_at > {:end})", "", 0, 0,
		dbx.Params{"patrol": patrol.Id, "start": patrol.GetDateTime("started_at").String(), "end": end.String()})
	if err != nil {
		return fmt.Errorf("find tracks of patrol %s: %w", patrol.Id, err)
	}
	for _, batch := range batches {
		if err := app.Save(batch); err != nil {
			return fmt.Errorf("trim track %s: %w", batch.Id, err)
		}
	}
	return nil
}

// exit tells when a patrol had been away from its officer's grids for too long,
// judged by new points with those before and after them. Whatever they say of
// a time farther off was judged when it came.
func (t *tracks) exit(app core.App, patrol *core.Record, batch string, points []geo.TrackPoint) (left time.Time, ok bool, err error) {
	if len(points) == 0 {
		return time.Time{}, false, nil
	}
	around := 2 * t.s.Patrol.Away
	from, _ := types.ParseDateTime(points[0].Time().Add(-around))
	to, _ := types.ParseDateTime(points[len(points)-1].Time().Add(around))
	var batches []*core.Record
	err = app.RecordQuery("track_batches").
		AndWhere(dbx.NewExp("patrol = {:patrol} AND id != {:batch} AND started_at <= {:to} AND ended_at >= {:from} AND track != ''",
			dbx.Params{"patrol": patrol.Id, "batch": batch, "from": from.String(), "to": to.String()})).All(&batches)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("read tracks of patrol %s: %w", patrol.Id, err)
	}
	known, err := t.checkIns(app, patrol.Id, from, to)
	if err != nil {
		return time.Time{}, false, err
	}
	all := [][]geo.TrackPoint{points, known}
	for _, batch := range batches {
		stored, err := pointsOf(batch.GetString("track"))
		if err != nil {
			return time.Time{}, false, fmt.Errorf("read track of patrol %s: %w", patrol.Id, err)
		}
		all = append(all, stored)
	}
	assigned, err := t.boundariesOf(app, patrol)
	if err != nil {
		return time.Time{}, false, err
	}
	left, ok = t.s.Patrol.Exit(geo.MergeTracks(all...), assigned, t.s.Fence)
	return left, ok, nil
}

// checkIns gives the check-ins of a patrol as points.
func (t *tracks) checkIns(app core.App, patrol string, from, to types.DateTime) ([]geo.TrackPoint, error) {
	var rows []*core.Record
	err := app.RecordQuery("check_ins").AndWhere(dbx.NewExp("patrol = {:patrol} AND captured_at BETWEEN {:from} AND {:to} AND verdict_server IN ('inside', 'near_edge', 'outside')",
		dbx.Params{"patrol": patrol, "from": from.String(), "to": to.String()})).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read check-ins of patrol %s: %w", patrol, err)
	}
	var points []geo.TrackPoint
	for _, row := range rows {
		at := orb.Point{row.GetFloat("lng"), row.GetFloat("lat")}
		if p, err := geo.NewTrackPoint(row.GetDateTime("captured_at").Time(), at, row.GetFloat("acc_m"), 0); err == nil {
			points = append(points, p)
		}
	}
	return points, nil
}

// boundariesOf are those of the patrol's grid and of all grids assigned to its
// officer that day, as they were when it started: who crosses into his other
// grid has not left.
func (t *tracks) boundariesOf(app core.App, patrol *core.Record) ([]*geo.Boundary, error) {
	index, err := t.fences.current()
	if err != nil {
		return nil, err
	}
	started := patrol.GetDateTime("started_at")
	grids, err := assignedGrids(app, patrol.GetString("officer"), started)
	if err != nil {
		return nil, err
	}
	var found []*geo.Boundary
	for _, grid := range append(grids, patrol.GetString("grid")) {
		then, err := t.fences.at(app, index, grid, started.Time())
		if err != nil {
			return nil, err
		}
		found = append(found, then.boundary)
	}
	return found, nil
}

// checkedIn ends a patrol by a check-in that shows it had been away too long.
func (t *tracks) checkedIn(app core.App, checkIn *core.Record) error {
	if checkIn.GetString("verdict_server") != string(geo.Outside) {
		return nil
	}
	patrol, err := relatedRecord(app, checkIn, "patrol", "patrols")
	if err != nil || patrol == nil || patrol.GetString("officer") != checkIn.GetString("officer") {
		return err
	}
	from, to, err := onDuty(app, patrol, t.s)
	if err != nil {
		return err
	}
	at, err := geo.NewTrackPoint(checkIn.GetDateTime("captured_at").Time(), orb.Point{checkIn.GetFloat("lng"), checkIn.GetFloat("lat")}, checkIn.GetFloat("acc_m"), 0)
	if err != nil {
		return nil // a time or a place that says nothing
	}
	left, ok, err := t.exit(app, patrol, "", within([]geo.TrackPoint{at}, from, to))
	if err != nil || !ok || !left.Before(to) {
		return err
	}
	return endPatrol(app, patrol, left, geo.EndExit)
}
