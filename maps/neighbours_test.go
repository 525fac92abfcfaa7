package maps

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"gridwalk/geo"
)

// rectangle is a rectangle in metres east and north of 124° E, 28° N.
func rectangle(x, y, width, height float64) orb.MultiPolygon {
	return orb.MultiPolygon{{ring(x, y, x+width, y, x+width, y+height, x, y+height)}}
}

func ring(metres ...float64) orb.Ring {
	east, north := geo.MetresPerDegree(28)
	var r orb.Ring
	for i := 0; i < len(metres); i += 2 {
		r = append(r, orb.Point{124 + metres[i]/east, 28 + metres[i+1]/north})
	}
	return append(r, r[0])
}

func TestSeams(t *testing.T) {
	square := rectangle(0, 0, 1000, 1000)
	for _, c := range []struct {
		name         string
		other        orb.MultiPolygon
		overlap, gap float64
	}{
		{"side by side", rectangle(1000, 0, 1000, 1000), 0, 0},
		{"side by side with other corners", rectangle(1000, 250, 1000, 500), 0, 0},
		{"corner at corner", rectangle(1000, 1000, 1000, 1000), 0, 0},
		{"far away", rectangle(5000, 0, 1000, 1000), 0, 0},
		{"rounding", rectangle(1000.05, 0, 1000, 1000), 0, 0},
		{"3 m too far east", rectangle(1003, 0, 1000, 1000), 0, 3000},
		{"3 m too far north", rectangle(0, 1003, 1000, 1000), 0, 3000},
		{"half of a side", rectangle(1003, 0, 1000, 500), 0, 1500},
		{"a road of 20 m", rectangle(1020, 0, 1000, 1000), 0, 0},
		{"2 m too far west", rectangle(998, 0, 1000, 1000), 2000, 0},
		{"in the middle", rectangle(300, 300, 100, 100), 10_000, 0},
		{"the same", square, 1_000_000, 0},
		{"a wedge that opens", orb.MultiPolygon{{ring(1000, 0, 2000, 0, 2000, 1000, 1008, 1000)}}, 0, 4000},
		{"across a slant", orb.MultiPolygon{{ring(500, 500, 1500, 500, 1500, 1500, 500, 1500), ring(600, 600, 600, 700, 700, 700, 700, 600)}}, 240_000, 0},
		{"a triangle over a corner", orb.MultiPolygon{{ring(900, 1100, 900, 900, 1100, 1100)}}, 5000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			seams := Compare([]Area{{"a", "area", true, square}, {"b", "area", false, c.other}, {"c", "community", true, square}})
			var got Seam
			if len(seams) == 1 {
				got = seams[0]
			} else if len(seams) > 1 {
				t.Fatalf("%v", seams)
			}
			if math.Abs(got.OverlapM2-c.overlap) > 1+c.overlap*0.002 || math.Abs(got.GapM2-c.gap) > 1+c.gap*0.01 {
				t.Errorf("%+v, want overlap %v and gap %v", got, c.overlap, c.gap)
			}
		})
	}
}

// What two shapes share, and what the first shares with the rest of the world,
// is the first: |A∩B| + |A∩¬B| = |A|, and |A∩B| = |B∩A|.
func TestOverlapAddsUp(t *testing.T) {
	world := ring(-5000, -5000, 5000, -5000, 5000, 5000, -5000, 5000)
	rapid.Check(t, func(t *rapid.T) {
		triangle := func(name string) orb.Ring {
			n := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 6, 6).Draw(t, name)
			return ring(n...)
		}
		a, b := orb.MultiPolygon{{triangle("a")}}, triangle("b")
		outside := orb.MultiPolygon{{world, b}}
		whole := Overlap(a, orb.MultiPolygon{{world}})
		in, out, turned := Overlap(a, orb.MultiPolygon{{b}}), Overlap(a, outside), Overlap(orb.MultiPolygon{{b}}, a)
		if math.Abs(in+out-whole) > 1+whole*0.002 || math.Abs(in-turned) > 1 {
			t.Fatalf("%v + %v ≠ %v, or ≠ %v", in, out, whole, turned)
		}
	})
}
