package geo

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestLastNear(t *testing.T) {
	_, north, _ := localPlane(28.105)
	place := func(metres float64) orb.Point { return orb.Point{124.105, 28.105 + metres/north} }
	for _, c := range []struct {
		name  string
		track []TrackPoint
		want  int // index of the point that counts, -1 for none
	}{
		{"49 m away is near", []TrackPoint{step(0, 49, 0)}, 0},
		{"51 m away is not", []TrackPoint{step(0, 51, 0)}, -1},
		{"the last one counts, in any order", []TrackPoint{step(10, 5, 0), step(0, 0, 0)}, 0},
		{"the way between two points is a guess", []TrackPoint{step(0, -60, 0), step(60, 60, 0)}, -1},
		{"a made-up place does not count", []TrackPoint{step(0, 0, MarkMock)}, -1},
		{"a fix coarser than the radius does not count", []TrackPoint{coarse(step(0, 0, 0))}, -1},
		{"a fix after a gap counts", []TrackPoint{step(0, 0, MarkGap)}, 0},
		{"nothing is near nothing", nil, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := int64(0)
			if c.want >= 0 {
				want = c.track[c.want].At
			}
			if got := LastNear(c.track, []orb.Point{place(0), place(5000)}, 50); got[0] != want || got[1] != 0 {
				t.Errorf("near at %v, want %d", got, want)
			}
		})
	}
}

// Across the pole is near, though the meridians are far apart.
func TestLastNearAtThePole(t *testing.T) {
	p, err := NewTrackPoint(morning, orb.Point{-150, 89.9998}, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := LastNear([]TrackPoint{p}, []orb.Point{{20, 89.9999}, {20, 89.99}}, 50); got[0] != p.At || got[1] != 0 {
		t.Errorf("near at %v", got)
	}
}

// The cells change nothing: every place is told what looking at all points
// tells.
func TestLastNearAgreesWithLookingAtAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lat0 := rapid.SampledFrom([]float64{0, 28, -45, 71, 89.9, -89.999}).Draw(t, "latitude")
		radius := rapid.SampledFrom([]float64{1, 50, 500}).Draw(t, "radius")
		spread := radius / 111_000 * 6
		draw := func(label string) orb.Point {
			return orb.Point{math.Remainder(124+rapid.Float64Range(-spread, spread).Draw(t, label)/math.Cos(lat0*radian), 360),
				max(-90, min(90, lat0+rapid.Float64Range(-spread, spread).Draw(t, label)))}
		}
		var places []orb.Point
		for range rapid.IntRange(0, 12).Draw(t, "places") {
			places = append(places, draw("place"))
		}
		var track []TrackPoint
		for i := range rapid.IntRange(0, 12).Draw(t, "points") {
			p, err := NewTrackPoint(morning.Add(1), draw("point"), 1, 0)
			if err != nil {
				continue
			}
			p.At += int64(i * 1000)
			track = append(track, p)
		}
		want := make([]int64, len(places))
		for i, place := range places {
			for _, p := range track {
				if Haversine(p.Point(), place) <= radius {
					want[i] = max(want[i], p.At)
				}
			}
		}
		if got := LastNear(track, places, radius); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
