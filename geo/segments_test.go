package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// step is a point so many seconds after the morning and metres north of its
// place.
func step(seconds, metres float64, marks Marks) TrackPoint {
	_, north, _ := localPlane(28.105)
	p, err := NewTrackPoint(morning.Add(time.Duration(seconds*1000)*time.Millisecond), orb.Point{124.105, 28.105 + metres/north}, 8, marks)
	if err != nil {
		panic(err)
	}
	return p
}

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		name     string
		track    []TrackPoint
		segments []int // their sizes
		jumps    []int
		metres   float64
	}{
		{"nothing is nothing", nil, nil, nil, 0},
		{"a walk is one segment", []TrackPoint{step(0, 0, 0), step(60, 80, 0), step(120, 160, 0)}, []int{3}, nil, 160},
		{"two minutes and a second are a gap, and nobody knows the way", []TrackPoint{step(0, 0, 0), step(60, 80, 0), step(181, 500, 0), step(200, 520, 0)}, []int{2, 2}, nil, 100},
		{"a gap that the app marks is one, however short", []TrackPoint{step(0, 0, 0), step(10, 10, MarkGap), step(20, 20, 0)}, []int{1, 2}, nil, 10},
		{"one wandering fix is marked and belongs to no segment", []TrackPoint{step(0, 0, 0), step(10, 10, 0), step(20, 5000, 0), step(30, 30, 0)}, []int{3}, []int{2}, 30},
		{"two wandering fixes are still wandering", []TrackPoint{step(0, 0, 0), step(10, 5000, 0), step(20, 5010, 0), step(30, 30, 0)}, []int{2}, []int{1, 2}, 30},
		{"a wrong first fix is outweighed by three", []TrackPoint{step(0, 5000, 0), step(5, 0, 0), step(10, 10, 0), step(15, 20, 0), step(20, 30, 0)}, []int{1, 2}, []int{1, 2}, 10},
		{"what the accuracy allows is no jump", []TrackPoint{step(0, 0, 0), step(1, 60, 0)}, []int{2}, nil, 60},
		{"a wandering first point after a gap ends the segment before it", []TrackPoint{step(0, 0, 0), step(130, 50_000, 0), step(140, 10, 0)}, []int{1, 1}, []int{1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			segments, jumps := Segments(c.track, DefaultTrackSettings())
			var sizes []int
			for _, s := range segments {
				sizes = append(sizes, len(s))
			}
			if !slices.Equal(sizes, c.segments) || !slices.Equal(jumps, c.jumps) {
				t.Errorf("segments of %v, jumps at %v", sizes, jumps)
			}
			if got := Length(segments); math.Abs(got-c.metres) > 0.01*c.metres+0.2 {
				t.Errorf("%f m long", got)
			}
		})
	}
}

// Every point is either in a segment or a jump, in its order; no segment holds
// a gap.
func TestSegmentsLoseNothing(t *testing.T) {
	s := DefaultTrackSettings()
	rapid.Check(t, func(t *rapid.T) {
		var track []TrackPoint
		seconds, metres := 0.0, 0.0
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			seconds += rapid.SampledFrom([]float64{1, 5, 119, 120, 121}).Draw(t, "seconds")
			metres += rapid.SampledFrom([]float64{-5000, -10, 0, 10, 200, 5000}).Draw(t, "metres")
			track = append(track, step(seconds, metres, Marks(rapid.Uint8Range(0, 1).Draw(t, "marks"))))
		}
		segments, jumps := Segments(track, s)
		all := slices.Concat(segments...)
		for _, i := range jumps {
			all = append(all, track[i])
		}
		if all = MergeTracks(all); !slices.Equal(all, track) {
			t.Fatalf("%d of %d points", len(all), len(track))
		}
		for _, segment := range segments {
			for i, p := range segment[1:] {
				if p.At-segment[i].At > s.MaxGap.Milliseconds()*int64(1+len(jumps)) || len(jumps) == 0 && p.Marks&MarkGap != 0 {
					t.Fatalf("a gap within %v", segment)
				}
			}
		}
	})
}

// An honest walk has no jump and one segment.
func TestAWalkDoesNotJump(t *testing.T) {
	for seed := range uint64(50) {
		track := walkFor(120, 5*time.Second, rand.New(rand.NewPCG(seed, 3)))
		if segments, jumps := Segments(track, DefaultTrackSettings()); len(segments) != 1 || len(jumps) > 0 {
			t.Errorf("seed %d: %d segments, jumps at %v", seed, len(segments), jumps)
		}
	}
}
