package geo

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// labelled is a fix so many metres north and east of the middle of field that a
// phone gives in the datum really under the name label.
func labelled(t interface{ Fatal(...any) }, label, really Datum, north, east float64) Labelled {
	kx, ky, _ := localPlane(28.105)
	p := really.FromWGS84(orb.Point{124.105 + east/kx, 28.105 + north/ky})
	return Labelled{Fix{Lat: p.Lat(), Lng: p.Lon(), HasPoint: true, Accuracy: 8, HasAccuracy: true, Source: SourceGPS}, label, []*Boundary{field(t)}}
}

// In the village of these tests GCJ-02 lies 456 m east and 335 m south, so that
// a field of 500 m around its middle is left only by what is in the east of it.
func TestSuspectDatums(t *testing.T) {
	fix := func(label, really Datum, north, east float64) Labelled {
		return labelled(t, label, really, north, east)
	}
	shifted := func(north float64) Labelled { return fix(WGS84, GCJ02, north, 200) }
	right := func(north float64) Labelled { return fix(WGS84, WGS84, north, 200) }
	for _, c := range []struct {
		name  string
		fixes []Labelled
		want  []Datum
	}{
		{"nothing is not suspect", nil, nil},
		{"two fixes are not suspect", []Labelled{shifted(0), shifted(10)}, []Datum{"", ""}},
		{"three in a row are", []Labelled{shifted(0), shifted(10), shifted(20)}, []Datum{GCJ02, GCJ02, GCJ02}},
		{"three in a row after a right one are", []Labelled{right(0), shifted(0), shifted(10), shifted(20)}, []Datum{"", GCJ02, GCJ02, GCJ02}},
		{"a right one between parts them", []Labelled{shifted(0), shifted(10), right(0), shifted(20), shifted(30)}, []Datum{"", "", "", "", ""}},
		{"four in a row are all", []Labelled{shifted(0), shifted(10), shifted(20), shifted(30)}, []Datum{GCJ02, GCJ02, GCJ02, GCJ02}},
		{"under the name of CGCS2000 too", []Labelled{fix(CGCS2000, GCJ02, 0, 200), fix(CGCS2000, GCJ02, 5, 200), fix(CGCS2000, GCJ02, 9, 200)}, []Datum{GCJ02, GCJ02, GCJ02}},
		{"WGS-84 under the name of GCJ-02", []Labelled{fix(GCJ02, WGS84, 0, -200), fix(GCJ02, WGS84, 5, -200), fix(GCJ02, WGS84, 9, -200)}, []Datum{WGS84, WGS84, WGS84}},
		{"who is really outside is not suspect", []Labelled{fix(WGS84, WGS84, 3000, 0), fix(WGS84, WGS84, 3010, 0), fix(WGS84, WGS84, 3020, 0)}, []Datum{"", "", ""}},
		{"who is inside by either reading is not suspect", []Labelled{fix(WGS84, WGS84, -200, 400), fix(WGS84, WGS84, -200, 410), fix(WGS84, WGS84, -200, 420)}, []Datum{"", "", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := SuspectDatums(c.fixes, DefaultSettings()); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What is rightly labelled is suspect only where it is outside.
func TestRightDatumsAreNotSuspect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fixes []Labelled
		for range rapid.IntRange(3, 6).Draw(t, "n") {
			d := rapid.SampledFrom([]Datum{WGS84, GCJ02, BD09, CGCS2000}).Draw(t, "datum")
			fixes = append(fixes, labelled(t, d, d, rapid.Float64Range(-490, 490).Draw(t, "north"), rapid.Float64Range(-490, 490).Draw(t, "east")))
		}
		for _, d := range SuspectDatums(fixes, DefaultSettings()) {
			if d != "" {
				t.Fatalf("suspects %s", d)
			}
		}
	})
}

// A device whose fixes are all shifted betrays it by its median offset anywhere
// that the shift can be noticed, and one that is right does not, whatever noise
// of up to 30 m there is and if two in five fixes are astray.
func TestResidualDatum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := orb.Point{rapid.Float64Range(75, 130).Draw(t, "lng"), rapid.Float64Range(5, 50).Draw(t, "lat")}
		label := rapid.SampledFrom([]Datum{WGS84, GCJ02, CGCS2000, BD09}).Draw(t, "label")
		really := rapid.SampledFrom([]Datum{WGS84, GCJ02, BD09}).Draw(t, "really")
		wrong := OffsetOf(label.ToWGS84(really.FromWGS84(place)), place)
		if length := wrong.Length(); length > 1 && length < 150 {
			t.Skip("the shift is hardly noticed here")
		}
		kx, ky, _ := localPlane(place[1])
		var offsets []Offset
		for i := range 20 {
			noise, toward := rapid.Float64Range(0, 30).Draw(t, "noise"), rapid.Float64Range(0, 2*math.Pi).Draw(t, "toward")
			if i%5 == 4 {
				noise *= 100
			}
			p := orb.Point{place[0] + noise*math.Sin(toward)/kx, place[1] + noise*math.Cos(toward)/ky}
			offsets = append(offsets, OffsetOf(label.ToWGS84(really.FromWGS84(p)), place))
		}
		want := really
		if wrong.Length() < 1 {
			want = ""
		}
		if got := ResidualDatum(MedianOffset(offsets), label, place); got != want {
			t.Fatalf("%s under the name of %s at %v, %v off: got %q", really, label, place, wrong, got)
		}
	})
	here := orb.Point{124.105, 28.105} // where GCJ-02 lies 456 m east and 335 m south
	for _, c := range []struct {
		name   string
		median Offset
		want   Datum
	}{
		{"the shift itself", Offset{456, -335}, GCJ02},
		{"the shift and 100 m", Offset{456, -235}, GCJ02},
		{"half of the shift is another matter", Offset{228, -167}, ""},
		{"as far in another direction", Offset{-456, 335}, ""},
		{"nothing", Offset{3, -4}, ""},
		{"not a number", Offset{math.NaN(), 0}, ""},
	} {
		if got := ResidualDatum(c.median, WGS84, here); got != c.want {
			t.Errorf("%s is %q", c.name, got)
		}
	}
	qinghai := orb.Point{96.5, 37} // where the shift is 41 m
	if got := ResidualDatum(OffsetOf(GCJ02.FromWGS84(qinghai), qinghai), WGS84, qinghai); got != "" {
		t.Errorf("a shift that cannot be told from noise is %s", got)
	}
	if MedianOffset(nil) != (Offset{}) || ResidualDatum(Offset{}, WGS84, orb.Point{118, 31}) != "" {
		t.Error("nothing is suspect")
	}
}

func TestNeighbours(t *testing.T) {
	at := func(id string, minutes float64, verdict Verdict, north float64) Judged {
		return Judged{ID: id, At: morning.Add(time.Duration(minutes * float64(time.Minute))), Place: orb.Point{124.105, 28.105 + north/110850}, Accuracy: 10, Verdict: verdict}
	}
	for _, c := range []struct {
		name string
		days []Judged
		want [][]Reason
	}{
		{"nothing follows of nothing", nil, nil},
		{"nothing follows of one", []Judged{at("a", 0, Outside, 900)}, [][]Reason{nil}},
		{"a walk is possible", []Judged{at("a", 0, Inside, 0), at("b", 10, Inside, 400)}, [][]Reason{nil, nil}},
		{"10 km in a minute are not", []Judged{at("a", 0, Inside, 0), at("b", 1, Outside, 10000)}, [][]Reason{nil, {ReasonImpossibleSpeed}}},
		{"two places at one time: the second by its id", []Judged{at("b", 0, Inside, 0), at("a", 0, Outside, 10000)}, [][]Reason{{ReasonImpossibleSpeed}, nil}},
		{"a door plate says nothing about speed", []Judged{at("a", 0, QRConfirmed, 50000), at("b", 1, Inside, 0)}, [][]Reason{nil, nil}},
		{"the one before counts, not the first", []Judged{at("a", 0, Inside, 0), at("b", 20, Outside, 9000), at("c", 21, Outside, 9100)}, [][]Reason{nil, nil, nil}},
		{"alone outside", []Judged{at("a", 0, Inside, 0), at("b", 10, Outside, 700), at("c", 20, Inside, 0)}, [][]Reason{nil, {ReasonLoneOutside}, nil}},
		{"alone outside, whichever came first", []Judged{at("c", 20, Inside, 0), at("b", 10, Outside, 700), at("a", 0, Inside, 0)}, [][]Reason{nil, {ReasonLoneOutside}, nil}},
		{"nobody knows without one after it", []Judged{at("a", 0, Inside, 0), at("b", 10, Outside, 700)}, [][]Reason{nil, nil}},
		{"three outside are left", []Judged{at("a", 0, Inside, 0), at("b", 10, Outside, 700), at("c", 12, Outside, 700), at("d", 14, Outside, 700), at("e", 25, Inside, 0)}, [][]Reason{nil, nil, nil, nil, nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Neighbours(c.days, DefaultSettings())
			if !slices.EqualFunc(got, c.want, slices.Equal[[]Reason]) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Whatever the order in which check-ins arrive, the same follows.
func TestNeighboursGoByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Judged
		for i := range rapid.IntRange(0, 12).Draw(t, "n") {
			all = append(all, Judged{ID: string(rune('a' + i)), At: morning.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "minutes")) * time.Minute),
				Place:   orb.Point{124.105, 28.105 + rapid.SampledFrom([]float64{0, 0.003, 0.05}).Draw(t, "north")},
				Verdict: rapid.SampledFrom([]Verdict{Inside, NearEdge, Outside, Uncertain, NoFix, QRConfirmed}).Draw(t, "verdict")})
		}
		late := rapid.Permutation(all).Draw(t, "order")
		want, got := Neighbours(all, DefaultSettings()), Neighbours(late, DefaultSettings())
		for i, c := range late {
			if !slices.Equal(got[i], want[slices.IndexFunc(all, func(a Judged) bool { return a.ID == c.ID })]) {
				t.Fatalf("%v: %v", c, got[i])
			}
		}
	})
}
