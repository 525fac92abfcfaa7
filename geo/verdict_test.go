package geo

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// testGrid is a square of about 1 km; fixAt is so many metres north of it.
var testGrid = orb.MultiPolygon{{{{118.33, 30.91}, {118.34, 30.91}, {118.34, 30.92}, {118.33, 30.92}, {118.33, 30.91}}}}

func fixAt(metres, accuracy float64) Fix {
	_, north, _ := localPlane(30.92)
	return Fix{Lat: 30.92 + metres/north, Lng: 118.335, HasPoint: true, Accuracy: accuracy, HasAccuracy: true, Source: SourceGPS}
}

func with(f Fix, change func(*Fix)) Fix { change(&f); return f }

func TestJudge(t *testing.T) {
	grid, err := NewBoundary(testGrid)
	if err != nil {
		t.Fatal(err)
	}
	at := func(lat, lng float64) Fix {
		return Fix{Lat: lat, Lng: lng, HasPoint: true, Accuracy: 5, HasAccuracy: true}
	}
	for _, c := range []struct {
		name    string
		fix     Fix
		want    Verdict
		reasons []Reason
	}{
		{"a fix in the grid is inside", fixAt(-100, 20), Inside, nil},
		{"a fix on the edge is inside", fixAt(0, 20), Inside, nil},
		{"a fix 12 m outside with ±20 m is near the edge, not outside", fixAt(12, 20), NearEdge, nil},
		{"a fix 29 m outside with ±5 m is within the buffer", fixAt(29, 5), NearEdge, nil},
		{"a fix 33 m outside with ±5 m is neither near nor surely outside", fixAt(33, 5), Uncertain, nil},
		{"a fix 36 m outside with ±5 m is outside", fixAt(36, 5), Outside, nil},
		{"a fix 90 m outside with ±100 m is near the edge", fixAt(90, 100), NearEdge, nil},
		{"a fix 120 m outside with ±100 m is uncertain", fixAt(120, 100), Uncertain, nil},
		{"a fix 400 m outside with ±20 m is outside", fixAt(400, 20), Outside, nil},
		{"a fix with ±3000 m is uncertain wherever it is", fixAt(-100, 3000), Uncertain, []Reason{ReasonCoarseFix}},
		{"a fix with ±150 m still counts", fixAt(-100, 150), Inside, nil},
		{"a fix without accuracy is judged as exact, and says so", with(fixAt(36, 0), func(f *Fix) { f.HasAccuracy = false }), Outside, []Reason{ReasonAccuracyUnknown}},
		{"an accuracy of 0 is no accuracy", fixAt(-100, 0), Uncertain, []Reason{ReasonBadAccuracy}},
		{"a negative accuracy is no accuracy", fixAt(-100, -1), Uncertain, []Reason{ReasonBadAccuracy}},
		{"an accuracy that is no number is no accuracy", fixAt(-100, math.NaN()), Uncertain, []Reason{ReasonBadAccuracy}},
		{"an infinite accuracy is no accuracy", fixAt(-100, math.Inf(1)), Uncertain, []Reason{ReasonBadAccuracy}},
		{"an old fix is uncertain", with(fixAt(-100, 20), func(f *Fix) { f.Age = 301 * time.Second }), Uncertain, []Reason{ReasonStaleFix}},
		{"a fix of five minutes counts", with(fixAt(-100, 20), func(f *Fix) { f.Age = 5 * time.Minute }), Inside, nil},
		{"a fix from the future is uncertain", with(fixAt(-100, 20), func(f *Fix) { f.Age = -61 * time.Second }), Uncertain, []Reason{ReasonFixFromFuture}},
		{"a clock a minute ahead is forgiven", with(fixAt(-100, 20), func(f *Fix) { f.Age = -time.Minute }), Inside, nil},
		{"a mock location is named, not judged", with(fixAt(-100, 20), func(f *Fix) { f.Mock = true }), Inside, []Reason{ReasonMockLocation}},
		{"a QR code decides over everything", with(fixAt(400, 3000), func(f *Fix) { f.Source = SourceQR }), QRConfirmed, nil},
		{"a QR code needs no point", Fix{Source: SourceQR}, QRConfirmed, nil},
		{"no point is no fix", Fix{}, NoFix, nil},
		{"the source none is no fix", with(fixAt(0, 20), func(f *Fix) { f.Source = SourceNone }), NoFix, nil},
		{"a latitude that is no number is no fix", at(math.NaN(), 118), NoFix, []Reason{ReasonNotANumber}},
		{"an infinite longitude is no fix", at(31, math.Inf(-1)), NoFix, []Reason{ReasonNotANumber}},
		{"swapped coordinates are no fix", at(118, 31), NoFix, []Reason{ReasonLatitudeOutOfRange}},
		{"a longitude of 200 is no fix", at(31, 200), NoFix, []Reason{ReasonLongitudeOutOfRange}},
		{"null island is no fix", at(0, 0), NoFix, []Reason{ReasonNullIsland}},
		{"all doubts are named", with(fixAt(0, 300), func(f *Fix) { f.Mock, f.Age = true, time.Hour }), Uncertain, []Reason{ReasonMockLocation, ReasonCoarseFix, ReasonStaleFix}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(c.fix, []*Boundary{nil, grid}, DefaultSettings())
			if got.Verdict != c.want || !slices.Equal(got.Reasons, c.reasons) {
				t.Errorf("got %+v, want %s %v", got, c.want, c.reasons)
			}
			valid := c.fix.HasPoint && c.fix.Source != SourceNone && c.want != NoFix
			if got.HasDistance != valid {
				t.Errorf("distance given: %v, want %v", got.HasDistance, valid)
			}
		})
	}
}

func TestJudgeTakesTheBestOfSeveralGrids(t *testing.T) {
	near, _ := NewBoundary(testGrid)
	far, _ := NewBoundary(orb.MultiPolygon{{{{117, 30}, {117.1, 30}, {117.1, 30.1}, {117, 30}}}})
	if got := Judge(fixAt(-100, 20), []*Boundary{far, near}, DefaultSettings()); got.Verdict != Inside || math.Abs(got.Distance+100) > 0.05 {
		t.Errorf("got %+v", got)
	}
}

func TestJudgeWithoutAssignedGrid(t *testing.T) {
	got := Judge(fixAt(0, 20), nil, DefaultSettings())
	if got.Verdict != Uncertain || got.HasDistance || !slices.Equal(got.Reasons, []Reason{ReasonNoAssignedGrid}) {
		t.Errorf("got %+v", got)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add(30.915, 118.335, true, 20.0, true, int64(0), "gps", false)
	f.Add(math.NaN(), math.Inf(1), true, -1.0, true, int64(math.MinInt64), "qr", true)
	f.Add(-90.0, 180.0, true, 1.0, true, int64(math.MaxInt64), "", true)
	grid, _ := NewBoundary(testGrid)
	f.Fuzz(func(t *testing.T, lat, lng float64, point bool, acc float64, hasAcc bool, age int64, src string, mock bool) {
		j := Judge(Fix{lat, lng, point, acc, hasAcc, time.Duration(age), Source(src), mock}, []*Boundary{grid}, DefaultSettings())
		if j.Verdict == "" || math.IsNaN(j.Distance) || math.IsInf(j.Distance, 0) || (j.Verdict == Inside && j.Distance > 0) {
			t.Errorf("%+v", j)
		}
	})
}
