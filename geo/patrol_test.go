package geo

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// field is a square of a kilometre around the place of step, so that 500 m
// north of it lies the edge.
func field(t interface{ Fatal(...any) }) *Boundary {
	east, north, _ := localPlane(28.105)
	x, y := 500/east, 500/north
	b, err := NewBoundary(orb.MultiPolygon{{{{124.105 - x, 28.105 - y}, {124.105 + x, 28.105 - y}, {124.105 + x, 28.105 + y}, {124.105 - x, 28.105 + y}, {124.105 - x, 28.105 - y}}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// at minutes, so many metres north.
func after(minutes, metres float64) TrackPoint { return step(60*minutes, metres, 0) }

func coarse(p TrackPoint) TrackPoint { p.Accuracy = 900; return p }

func TestPatrolExit(t *testing.T) {
	for _, c := range []struct {
		name  string
		track []TrackPoint
		end   float64 // minutes after the morning, 0 when it goes on
	}{
		{"inside goes on", []TrackPoint{after(0, 0), after(60, 100), after(120, 0)}, 0},
		{"29 minutes outside go on", []TrackPoint{after(0, 0), after(10, 900), after(39, 900)}, 0},
		{"30 minutes outside end it", []TrackPoint{after(0, 0), after(10, 900), after(25, 900), after(40, 900)}, 40},
		{"it ends after 30 minutes, not when it is noticed", []TrackPoint{after(10, 900), after(35, 900), after(55, 900)}, 40},
		{"who comes back goes on", []TrackPoint{after(10, 900), after(30, 900), after(35, 400), after(50, 900), after(79, 900)}, 0},
		{"who comes to the edge is back", []TrackPoint{after(10, 900), after(30, 900), after(35, 520), after(50, 900)}, 0},
		{"a coarse fix says nothing", []TrackPoint{after(10, 900), after(25, 900), coarse(after(30, 0)), after(40, 900)}, 40},
		{"a coarse fix is not outside", []TrackPoint{coarse(after(10, 2000)), coarse(after(25, 2000)), coarse(after(41, 2000))}, 0},
		{"a silence says nothing", []TrackPoint{after(10, 900), after(41, 900)}, 0},
		{"after a silence it is counted anew", []TrackPoint{after(10, 900), after(41, 900), after(60, 900), after(71, 900)}, 71},
		{"nothing is not outside", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			end, ok := DefaultPatrolLimits().Exit(c.track, []*Boundary{field(t)}, DefaultSettings())
			want := morning.Add(time.Duration(c.end * float64(time.Minute)))
			if ok != (c.end > 0) || ok && !end.Equal(want) {
				t.Errorf("ends %v (%v), want %v", end, ok, want)
			}
		})
	}
	if _, ok := DefaultPatrolLimits().Exit([]TrackPoint{after(0, 900), after(20, 900), after(40, 900)}, nil, DefaultSettings()); ok {
		t.Error("ends outside of no grid")
	}
}

// However a track is cut into batches and in whichever order they come, the
// whole ends the patrol where it does: Exit sees only the merged track.
func TestPatrolExitDependsOnTimesOnly(t *testing.T) {
	b := []*Boundary{field(t)}
	rapid.Check(t, func(t *rapid.T) {
		var track []TrackPoint
		minutes := 0.0
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			minutes += float64(rapid.IntRange(1, 20).Draw(t, "minutes"))
			track = append(track, after(minutes, rapid.SampledFrom([]float64{0, 510, 900}).Draw(t, "metres")))
		}
		end, ok := DefaultPatrolLimits().Exit(track, b, DefaultSettings())
		shuffled := rapid.Permutation(track).Draw(t, "order")
		again, ok2 := DefaultPatrolLimits().Exit(MergeTracks(shuffled[:len(track)/2], shuffled[len(track)/2:], shuffled[:1]), b, DefaultSettings())
		if ok != ok2 || !end.Equal(again) {
			t.Fatalf("%v (%v) and %v (%v)", end, ok, again, ok2)
		}
		if !ok {
			return
		}
		// Points after the end do not move it.
		before := slices.DeleteFunc(slices.Clone(track), func(p TrackPoint) bool { return p.Time().After(end) && p != firstAfter(track, end) })
		if again, ok := DefaultPatrolLimits().Exit(before, b, DefaultSettings()); !ok || !again.Equal(end) {
			t.Fatalf("without what follows it ends %v (%v), not %v", again, ok, end)
		}
	})
}

// firstAfter is the first point after the end, by which it was noticed.
func firstAfter(track []TrackPoint, end time.Time) TrackPoint {
	for _, p := range track {
		if p.Time().After(end) {
			return p
		}
	}
	return TrackPoint{}
}

func TestPatrolScheduled(t *testing.T) {
	clock := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, china) }
	for _, c := range []struct {
		name    string
		started time.Time
		shift   string
		end     time.Time
		reason  EndReason
	}{
		{"four hours", clock(8, 0), "", clock(12, 0), EndTime},
		{"the end of the shift is earlier", clock(15, 0), "17:30", clock(17, 30), EndShift},
		{"the end of the shift is later", clock(8, 0), "17:30", clock(12, 0), EndTime},
		{"who starts after the end of the shift has four hours", clock(19, 0), "17:30", clock(23, 0), EndTime},
		{"a night shift ends in the morning", clock(23, 0), "02:00", clock(26, 0), EndShift},
		{"what is no time of day is no shift", clock(15, 0), "25:99", clock(19, 0), EndTime},
	} {
		end, reason := DefaultPatrolLimits().Scheduled(c.started, ShiftEnd(c.started, c.shift))
		if !end.Equal(c.end) || reason != c.reason {
			t.Errorf("%s: %v %s, want %v %s", c.name, end, reason, c.end, c.reason)
		}
	}
}
