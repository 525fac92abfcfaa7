package maps

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"gridwalk/geo"
)

// unpack does what a phone does with a map.
func unpack(origin [2]int64, packed [][][]int64) orb.MultiPolygon {
	var shape orb.MultiPolygon
	for _, rings := range packed {
		var polygon orb.Polygon
		for _, steps := range rings {
			var ring orb.Ring
			at := origin
			for i := 0; i < len(steps); i += 2 {
				at[0], at[1] = at[0]+steps[i], at[1]+steps[i+1]
				ring = append(ring, orb.Point{float64(at[0]) / phoneUnit, float64(at[1]) / phoneUnit})
			}
			polygon = append(polygon, append(ring, ring[0]))
		}
		shape = append(shape, polygon)
	}
	return shape
}

// The border on the phone is never further than 1.3 m from the real one: 1 m
// left out, and 11 cm of rounding on either axis.
func TestThePhonesBorderIsTheBorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 200).Draw(t, "corners")
		var r []float64
		for i := range n {
			far := rapid.Float64Range(300, 320).Draw(t, "radius")
			turn := 2 * math.Pi * float64(i) / float64(n)
			r = append(r, far*math.Cos(turn), far*math.Sin(turn))
		}
		shape := orb.MultiPolygon{{ring(r...)}}
		m := NewPhoneMap(SubGrid{Shape: shape}, 1, nil, nil)
		got := unpack(m.Origin, m.Boundary)
		boundary, err := geo.NewBoundary(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range shape[0][0] {
			if d := math.Abs(boundary.Distance(p)); d > 1.3 {
				t.Fatalf("%v is %.2f m from the phone's border", p, d)
			}
		}
	})
}

func TestPhoneMap(t *testing.T) {
	at := orb.Point{124.0001, 28.0002}
	later := orb.Point{124.0003, 28.0001}
	m := NewPhoneMap(SubGrid{"g1", "990101103201001", "一", rectangle(0, 0, 1000, 1000)}, 3,
		[]SubGrid{{"g2", "99010110320100101", "二", rectangle(0, 0, 500, 1000)}},
		[]Site{{ID: "a", Name: "1栋", Kind: "apartment", Homes: 12, Care: true, At: &at}, {ID: "b", Name: "2栋"}, {ID: "c", Hazards: []string{"gas"}, At: &later}})
	if got := unpack(m.Origin, m.Boundary); len(got) != 1 || len(got[0][0]) != 5 {
		t.Errorf("%v", got)
	}
	if got := unpack(m.Origin, m.Below[0].Boundary); m.Below[0].ID != "g2" || math.Abs(got.Bound().Max[0]-124-500/98_365.0) > 1e-5 {
		t.Errorf("%v", got.Bound())
	}
	b := m.Buildings
	if b.Place[0]+m.Origin[0] != 124_000_100 || b.Place[1]+m.Origin[1] != 28_000_200 || b.Place[2] != 200 || b.Place[3] != -100 ||
		b.Unplaced[0] != 1 || b.Care[0] != 0 || b.Hazards["gas"][0] != 2 || b.Homes[0] != 12 {
		t.Errorf("%+v", b)
	}
}

// A hole of a metre is drawn whole, not lost, and a comb of thin teeth that
// would cross itself is left alone.
func TestSimplifyingLosesNoRing(t *testing.T) {
	shape := orb.MultiPolygon{{rectangle(0, 0, 100, 100)[0][0], ring(50, 50, 50, 50.8, 50.8, 50.8, 50.8, 50)}}
	m := NewPhoneMap(SubGrid{Shape: shape}, 1, nil, nil)
	if len(m.Boundary[0]) != 2 || len(m.Boundary[0][1]) < 6 {
		t.Errorf("%v", m.Boundary)
	}
}
