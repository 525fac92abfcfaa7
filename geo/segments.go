package geo

import (
	"time"
)

// TrackSettings are the limits by which a track is read.
type TrackSettings struct {
	MaxGap time.Duration // a longer silence is a gap, of which nothing is known
	Fence  Settings      // its MaxSpeed and MaxAccuracy
}

// DefaultTrackSettings are 2 minutes and the limits of the verdict.
func DefaultTrackSettings() TrackSettings { return TrackSettings{2 * time.Minute, DefaultSettings()} }

// Segments divides an ordered track into runs without a gap. Between two of
// them nothing is known: no line is to be drawn, and no length counted. Points
// to which nobody can have come in the time since the last credible one are
// in no segment; jumps gives their indices in the track.
//
// The first point is believed until three later ones that agree with each
// other speak against it: then it was the wrong one, and a segment begins.
func Segments(track []TrackPoint, s TrackSettings) (segments [][]TrackPoint, jumps []int) {
	var segment []TrackPoint
	end := func() {
		if len(segment) > 0 {
			segments, segment = append(segments, segment), nil
		}
	}
	suspects := 0 // jumps in a row that agree with each other
	for i, p := range track {
		if i > 0 && (p.Marks&MarkGap != 0 || p.At-track[i-1].At > s.MaxGap.Milliseconds()) {
			end()
		}
		if credible := lastCredible(segments, segment); credible != nil && s.jumps(*credible, p) {
			if suspects > 0 && !s.jumps(track[i-1], p) {
				suspects++
			} else {
				suspects = 1
			}
			if suspects < witnesses {
				jumps = append(jumps, i)
				continue
			}
			end()
		}
		suspects = 0
		segment = append(segment, p)
	}
	end()
	return segments, jumps
}

// witnesses are the points in a row that outweigh those before them.
const witnesses = 3

func lastCredible(segments [][]TrackPoint, segment []TrackPoint) *TrackPoint {
	if len(segment) == 0 && len(segments) > 0 {
		segment = segments[len(segments)-1]
	}
	if len(segment) == 0 {
		return nil
	}
	return &segment[len(segment)-1]
}

// minJump is the distance in metres below which a jump says nothing: two fixes
// of a phone that lies still can differ so much.
const minJump = 50

// jumps tells whether nobody can have come from p to q. What the circles of
// accuracy allow is no jump.
func (s TrackSettings) jumps(p, q TrackPoint) bool {
	a, b := p.Point(), q.Point()
	return s.Fence.jumped(a, b, float64(p.Accuracy)+float64(q.Accuracy), time.Duration(q.At-p.At)*time.Millisecond)
}

// Length is the length in metres of the ways within segments.
func Length(segments [][]TrackPoint) float64 {
	var metres float64
	for _, segment := range segments {
		for i := 1; i < len(segment); i++ {
			metres += Haversine(segment[i-1].Point(), segment[i].Point())
		}
	}
	return metres
}
