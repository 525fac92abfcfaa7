package demo

import (
	"encoding/base64"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// trackEvery is how often the phones of the demo note where they are.
const trackEvery = 30 * time.Second

// near is the day on which somebody was last near a building.
type near struct{ building, day string }

// track emits the track of a patrol: from door to door, with stays at each.
func (w *world) track(g *grid, patrol string, start, end time.Time, visits []*visit) {
	at, lastVisit := visits[0].place, start
	var points []geo.TrackPoint
	var next int
	for t := start; !t.After(end); t = t.Add(trackEvery) {
		for next < len(visits) && !visits[next].at.After(t) {
			at, lastVisit = visits[next].place, visits[next].at
			next++
		}
		place := at
		if next < len(visits) {
			place = between(at, visits[next].place, lastVisit, visits[next].at, t)
		}
		const metre = 1.0 / 111_000
		place[0] += w.rng.NormFloat64() * 3 * metre
		place[1] += w.rng.NormFloat64() * 3 * metre
		p, err := geo.NewTrackPoint(t, place, float64(4+w.rng.IntN(12)), 0)
		if err != nil {
			w.err = fmt.Errorf("make a track: %w", err)
			return
		}
		points = append(points, p)
	}
	blob, err := geo.EncodeTrack(points)
	if err != nil {
		w.err = fmt.Errorf("make a track: %w", err)
		return
	}
	last := points[len(points)-1].Time()
	w.synced("track_batches", g.id, g.officer, last, row{"officer": g.officer, "patrol": patrol, "source": "app", "datum": "wgs84",
		"track": base64.StdEncoding.EncodeToString(blob), "count": len(points), "dropped": 0, "jumps": 0, "started_at": stamp(start), "ended_at": stamp(last)})
	w.pass(g, points)
}

// walking is how many metres an officer goes in a second.
const walking = 1.2

// between is where somebody is at t who leaves one place in time to be at the
// next by a certain time.
func between(from, to orb.Point, left, arrives, t time.Time) orb.Point {
	takes := max(1, geo.Haversine(from, to)/walking)
	done := 1 - math.Min(arrives.Sub(t).Seconds()/math.Min(takes, max(1, arrives.Sub(left).Seconds())), 1)
	return orb.Point{from[0] + (to[0]-from[0])*done, from[1] + (to[1]-from[1])*done}
}

// pass notes which buildings of the grid a track came near.
func (w *world) pass(g *grid, points []geo.TrackPoint) {
	for i, at := range geo.LastNear(points, g.places, 50) {
		if day := chinaDay(time.UnixMilli(at)); at > 0 && day > g.passed[i].day {
			g.passed[i].day = day
		}
	}
}

func chinaDay(t time.Time) string { return t.UTC().Add(8 * time.Hour).Format(time.DateOnly) }

// cover emits what is known of the buildings of a grid.
func (w *world) cover(g *grid) {
	for _, n := range g.passed {
		if n.day != "" && w.err == nil {
			w.err = w.emit("coverage", row{"id": w.id(), "place": n.building, "last_near": n.day, "source": "patrol"})
		}
	}
	g.places, g.passed = nil, nil
}
