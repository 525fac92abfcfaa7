package maps

import (
	"testing"

	"github.com/paulmach/orb"
)

func TestSame(t *testing.T) {
	square := orb.MultiPolygon{{orb.Ring{{124, 28}, {124.01, 28}, {124.01, 28.01}, {124, 28.01}, {124, 28}}}}
	for _, c := range []struct {
		name  string
		other orb.MultiPolygon
		want  bool
	}{
		{"itself", square, true},
		{"begun elsewhere", orb.MultiPolygon{{orb.Ring{{124.01, 28.01}, {124, 28.01}, {124, 28}, {124.01, 28}, {124.01, 28.01}}}}, true},
		{"rounded", orb.MultiPolygon{{orb.Ring{{124, 28.0000001}, {124.01, 28}, {124.0100001, 28.01}, {124, 28.01}, {124, 28.0000001}}}}, true},
		{"a corner moved by 5 cm", orb.MultiPolygon{{orb.Ring{{124, 28.0000005}, {124.01, 28}, {124.01, 28.01}, {124, 28.01}, {124, 28.0000005}}}}, false},
		{"the other way round", orb.MultiPolygon{{orb.Ring{{124, 28}, {124, 28.01}, {124.01, 28.01}, {124.01, 28}, {124, 28}}}}, false},
		{"a point more", orb.MultiPolygon{{orb.Ring{{124, 28}, {124.005, 28}, {124.01, 28}, {124.01, 28.01}, {124, 28.01}, {124, 28}}}}, false},
		{"a hole more", orb.MultiPolygon{append(square[0][:1:1], orb.Ring{{124.001, 28.001}, {124.001, 28.002}, {124.002, 28.002}, {124.001, 28.001}})}, false},
		{"a part more", append(square[:1:1], square[0]), false},
		{"nothing", nil, false},
	} {
		if got := Same(square, c.other); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
