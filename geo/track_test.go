package geo

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

var update = flag.Bool("update-tracks", false, "write testdata/tracks.json anew")

// trackVector is one blob that every client must write and read alike.
type trackVector struct {
	Name   string     `json:"name"`
	Points [][5]int64 `json:"points"` // ms, micro-degrees of latitude and longitude, metres, marks
	Blob   string     `json:"blob"`   // base64; null when it only says how to fail
	Fault  string     `json:"fault,omitempty"`
}

var morning = time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC)

func at(seconds float64, lat, lng, accuracy int32, marks Marks) TrackPoint {
	return TrackPoint{morning.UnixMilli() + int64(seconds*1000), lat, lng, accuracy, marks}
}

var good = []struct {
	name   string
	points []TrackPoint
}{
	{"one point, whole seconds", []TrackPoint{at(0, 28_105_000, 124_105_000, 8, 0)}},
	{"three steps of five seconds", []TrackPoint{at(0, 28_105_000, 124_105_000, 8, 0), at(5, 28_105_055, 124_105_012, 6, 0), at(10, 28_105_101, 124_104_990, 12, 0)}},
	{"milliseconds", []TrackPoint{at(0.25, 28_105_000, 124_105_000, 8, 0), at(5.301, 28_105_055, 124_105_012, 6, 0)}},
	{"unknown accuracy, a gap, a made-up place", []TrackPoint{at(0, 28_105_000, 124_105_000, 0, 0), at(900, 28_106_000, 124_106_000, 20, MarkGap), at(905, 28_106_100, 124_106_000, 5, MarkMock)}},
	{"south and west, across the antimeridian", []TrackPoint{at(0, -33_856_800, -179_999_999, 5, 0), at(1, -33_856_801, 179_999_999, 5, 0)}},
	{"the ends of the world and of the century", []TrackPoint{{minTrackTime, -90_000_000, -180_000_000, 0, 0}, {maxTrackTime - 1000, 90_000_000, 180_000_000, 100_000, MarkGap | MarkMock}}},
}

var bad = []struct {
	name  string
	blob  []byte
	fault TrackFault
}{
	{"nothing", nil, TrackTruncated},
	{"version 2", []byte{2, 1, 1}, TrackBadVersion},
	{"an unknown flag", []byte{1, 2, 1}, TrackBadVersion},
	{"no points", []byte{1, 1, 0}, TrackEmpty},
	{"5001 points", []byte{1, 1, 0x89, 0x27}, TrackTooLarge},
	{"more points than bytes", []byte{1, 1, 3, 0, 0, 0, 0}, TrackTruncated},
	{"a number without an end", []byte{1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, TrackBadNumber},
	{"a time of 1970", []byte{1, 1, 1, 2, 0, 0, 0}, TrackBadTime},
	{"latitude 91", []byte{1, 1, 1, 0x80, 0xbc, 0xec, 0xb0, 0x0d, 0x80, 0xfe, 0xe4, 0x56, 0, 0}, TrackBadPlace},
	{"a byte too many", append(must(EncodeTrack(good[0].points)), 0), TrackTrailing},
	{"a byte too few", cut(must(EncodeTrack(good[1].points))), TrackTruncated},
	{"two points at one time", []byte{1, 1, 2, 0x80, 0xbc, 0xec, 0xb0, 0x0d, 0, 0, 0, 0, 0, 0, 0}, TrackBadTime},
	{"101 km", []byte{1, 1, 1, 0x80, 0xbc, 0xec, 0xb0, 0x0d, 0, 0, 0x88, 0x95, 0x06}, TrackBadAccuracy},
	{"unknown marks", []byte{1, 1, 1, 0x81, 0xbc, 0xec, 0xb0, 0x0d, 0, 0, 0, 4}, TrackBadMarks},
}

func must(blob []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return blob
}

func cut(blob []byte) []byte { return blob[:len(blob)-1] }

func TestTrackBlobs(t *testing.T) {
	for _, c := range good {
		got, err := DecodeTrack(must(EncodeTrack(c.points)))
		if err != nil || !slices.Equal(got, c.points) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	for _, c := range bad {
		if got, err := DecodeTrack(c.blob); !errors.Is(err, c.fault) {
			t.Errorf("%s: %v, %v, want %s", c.name, got, err, c.fault)
		}
	}
}

// The vectors are the contract with clients: a change of them is a new version
// of the format.
func TestTrackVectors(t *testing.T) {
	var want []trackVector
	for _, c := range good {
		v := trackVector{Name: c.name, Blob: base64.StdEncoding.EncodeToString(must(EncodeTrack(c.points)))}
		for _, p := range c.points {
			v.Points = append(v.Points, [5]int64{p.At, int64(p.Lat), int64(p.Lng), int64(p.Accuracy), int64(p.Marks)})
		}
		want = append(want, v)
	}
	for _, c := range bad {
		want = append(want, trackVector{Name: c.name, Blob: base64.StdEncoding.EncodeToString(c.blob), Fault: string(c.fault)})
	}
	raw, err := json.MarshalIndent(want, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/tracks.json"
	if *update {
		if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != string(raw)+"\n" {
		t.Errorf("%s differs from what is written now (%v)", path, err)
	}
}

func TestEncodeTrackRefuses(t *testing.T) {
	p := good[0].points[0]
	for name, c := range map[string]struct {
		points []TrackPoint
		fault  TrackFault
	}{
		"nothing":         {nil, TrackEmpty},
		"too many":        {make([]TrackPoint, MaxTrackPoints+1), TrackTooLarge},
		"back in time":    {[]TrackPoint{p, at(-1, 0, 0, 0, 0)}, TrackBadTime},
		"twice":           {[]TrackPoint{p, p}, TrackBadTime},
		"latitude 91":     {[]TrackPoint{at(0, 91_000_000, 0, 0, 0)}, TrackBadPlace},
		"before the time": {[]TrackPoint{{}}, TrackBadTime},
	} {
		if _, err := EncodeTrack(c.points); !errors.Is(err, c.fault) {
			t.Errorf("%s: %v, want %s", name, err, c.fault)
		}
	}
	for _, p := range []orb.Point{{0, 91}, {181, 0}, {math.NaN(), 0}, {0, math.Inf(1)}} {
		if _, err := NewTrackPoint(morning, p, 5, 0); !errors.Is(err, TrackBadPlace) {
			t.Errorf("%v: %v", p, err)
		}
	}
	if p, err := NewTrackPoint(morning, orb.Point{124.1, 28.1}, math.NaN(), 0); err != nil || p.Accuracy != 0 {
		t.Errorf("an accuracy that is no number: %v, %v", p, err)
	}
}

// drawTrack draws an ordered track, with its times close together so that
// batches of one meet those of another.
func drawTrack(t *rapid.T, most int) []TrackPoint {
	var track []TrackPoint
	unit := rapid.SampledFrom([]int64{1, 1000}).Draw(t, "unit")
	for range rapid.IntRange(0, most).Draw(t, "n") {
		track = append(track, TrackPoint{
			At:       morning.UnixMilli() + unit*rapid.Int64Range(0, 60).Draw(t, "at"),
			Lat:      rapid.Int32Range(-maxLat, maxLat).Draw(t, "lat"),
			Lng:      rapid.Int32Range(-maxLng, maxLng).Draw(t, "lng"),
			Accuracy: rapid.Int32Range(0, 30).Draw(t, "accuracy"),
			Marks:    Marks(rapid.Uint8Range(0, uint8(knownMarks)).Draw(t, "marks")),
		})
	}
	return MergeTracks(track)
}

func TestTrackRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		track := drawTrack(t, 50)
		blob, err := EncodeTrack(track)
		if len(track) == 0 {
			if !errors.Is(err, TrackEmpty) {
				t.Fatal(err)
			}
			return
		}
		if got, derr := DecodeTrack(blob); err != nil || derr != nil || !slices.Equal(got, track) {
			t.Fatalf("%v (%v, %v), want %v", got, err, derr, track)
		}
	})
}

// Batches may come in any order, twice, and overlap: the track is the same, and
// holds a point for every time that any of them has.
func TestMergeTracksIsAUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawTrack(t, 20), drawTrack(t, 20), drawTrack(t, 20)
		same := func(law string, x, y []TrackPoint) {
			if !slices.Equal(x, y) {
				t.Fatalf("%s: %v is not %v", law, x, y)
			}
		}
		all := MergeTracks(a, b, c)
		same("commutative", MergeTracks(a, b), MergeTracks(b, a))
		same("associative", MergeTracks(MergeTracks(a, b), c), MergeTracks(a, MergeTracks(b, c)))
		same("idempotent", MergeTracks(all, b, all), all)
		times := map[int64]bool{}
		for _, p := range slices.Concat(a, b, c) {
			times[p.At] = true
		}
		if len(times) != len(all) || !slices.IsSortedFunc(all, TrackPoint.compare) {
			t.Fatalf("%d times became %d points: %v", len(times), len(all), all)
		}
		for _, p := range all {
			if !slices.Contains(a, p) && !slices.Contains(b, p) && !slices.Contains(c, p) {
				t.Fatalf("%v was made up", p)
			}
		}
	})
}

// Of two points with one time the more exact one is kept; an unknown accuracy
// is the least exact.
func TestMergeTracksKeepsTheMoreExactPoint(t *testing.T) {
	sharp, coarse, unknown := at(0, 1, 1, 5, 0), at(0, 2, 2, 50, 0), at(0, 0, 0, 0, 0)
	for _, others := range [][]TrackPoint{{coarse}, {unknown}} {
		if got := MergeTracks(others, []TrackPoint{sharp}); !slices.Equal(got, []TrackPoint{sharp}) {
			t.Errorf("kept %v", got)
		}
	}
}

func FuzzDecodeTrack(f *testing.F) {
	for _, c := range good {
		f.Add(must(EncodeTrack(c.points)))
	}
	for _, c := range bad {
		f.Add(c.blob)
	}
	f.Fuzz(func(t *testing.T, blob []byte) {
		points, err := DecodeTrack(blob)
		if err != nil {
			var fault TrackFault
			if !errors.As(err, &fault) || fault == "" || points != nil {
				t.Fatalf("%v with %v", err, points)
			}
			return
		}
		again, err := DecodeTrack(must(EncodeTrack(points)))
		if err != nil || !slices.Equal(again, points) {
			t.Fatalf("%v became %v (%v)", points, again, err)
		}
	})
}

// walkFor makes the track of an officer who walks at 1.3 m/s with turns, stands
// at doors, and whose phone drifts by some metres.
func walkFor(minutes int, every time.Duration, rng *rand.Rand) []TrackPoint {
	var track []TrackPoint
	lat, lng, heading, drift, stands := 28.105, 124.105, 0.0, orb.Point{}, 0
	east, north, _ := localPlane(lat)
	for second := 0; second < minutes*60; second += int(every.Seconds()) {
		if stands == 0 && rng.Float64() < 0.01*every.Seconds() {
			stands = 60 + rng.IntN(240)
		}
		if stands > 0 {
			stands = max(0, stands-int(every.Seconds()))
		} else {
			heading += rng.NormFloat64() * 0.3
			lat += 1.3 * every.Seconds() * math.Cos(heading) / north
			lng += 1.3 * every.Seconds() * math.Sin(heading) / east
		}
		for i := range drift {
			drift[i] = 0.9*drift[i] + rng.NormFloat64()*1.5
		}
		p, err := NewTrackPoint(morning.Add(time.Duration(second)*time.Second), orb.Point{lng + drift[0]/east, lat + drift[1]/north}, 4+rng.Float64()*12, 0)
		if err != nil {
			panic(err)
		}
		track = append(track, p)
	}
	return track
}

// A point of a walk takes five bytes or so, and in text a third more; the same
// as JSON takes about ninety.
func TestTrackIsCompact(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second} {
		track := walkFor(60, every, rand.New(rand.NewPCG(1, 2)))
		perPoint := float64(len(must(EncodeTrack(track)))) / float64(len(track))
		t.Logf("a point each %v: %.2f bytes a point", every, perPoint)
		if perPoint > 6.5 {
			t.Errorf("a point each %v: %.2f bytes a point", every, perPoint)
		}
	}
}
