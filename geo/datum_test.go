package geo

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func TestPublishedVectors(t *testing.T) {
	for _, c := range []struct{ wgs, gcj, bd orb.Point }{ // lat, lng
		{orb.Point{31.1774276, 121.5272106}, orb.Point{31.17530398364597, 121.531541859215}, orb.Point{31.181328607, 121.538015686}},
		{orb.Point{22.543847, 113.912316}, orb.Point{22.540796131694766, 113.9171764808363}, orb.Point{22.546667438, 113.923684729}},
		{orb.Point{39.911954, 116.377817}, orb.Point{39.91334545536069, 116.38404722455657}, orb.Point{39.919575551, 116.390454713}},
		{orb.Point{29.56, 106.55}, orb.Point{29.557153429, 106.553720337}, orb.Point{}},
		{orb.Point{43.8, 87.6}, orb.Point{43.801212030, 87.602838972}, orb.Point{}},
		{orb.Point{45.75, 126.63}, orb.Point{45.751935205, 126.635942390}, orb.Point{}},
	} {
		wgs := orb.Point{c.wgs[1], c.wgs[0]}
		for datum, want := range map[Datum]orb.Point{GCJ02: c.gcj, BD09: c.bd} {
			got := datum.FromWGS84(wgs)
			if want != (orb.Point{}) && max(math.Abs(got[0]-want[1]), math.Abs(got[1]-want[0])) > 1e-9 {
				t.Errorf("%s of %v is %v, want %v", datum, wgs, got, want)
			}
		}
	}
}

// What is shifted and shifted back is where it was, in the whole box: the law
// that a map in another datum can be read once and written again.
func TestDatumsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]Datum{WGS84, GCJ02, BD09, CGCS2000}).Draw(t, "datum")
		p := orb.Point{rapid.Float64Range(72.004, 137.8347).Draw(t, "lng"), rapid.Float64Range(0.8293, 55.8271).Draw(t, "lat")}
		if off := vincenty(p, d.ToWGS84(d.FromWGS84(p))); !(off < 1e-4) {
			t.Fatalf("%s moves %v by %v m", d, p, off)
		}
	})
}

// Both readings of a point are possible only near the edge of the box.
func TestBorderOfTheShiftIsNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]Datum{GCJ02, BD09}).Draw(t, "datum")
		out := rapid.Float64Range(0.02, 5).Draw(t, "degrees outside")
		p := orb.Point{rapid.Float64Range(67, 142).Draw(t, "lng"), rapid.Float64Range(-4, 60).Draw(t, "lat")}
		switch rapid.IntRange(0, 3).Draw(t, "side") {
		case 0:
			p[0] = 72.004 - out
		case 1:
			p[0] = 137.8347 + out
		case 2:
			p[1] = 0.8293 - out
		case 3:
			p[1] = 55.8271 + out
		}
		if got := d.ToWGS84(p); got != p {
			t.Fatalf("%s: %v, %v degrees outside, becomes %v", d, p, out, got)
		}
	})
}

func TestNoShiftOutsideChina(t *testing.T) {
	for _, p := range []orb.Point{{2.35, 48.85}, {72.0039, 31}, {150, 31}, {110, 0.8292}, {110, 56}, {math.Inf(1), 1e300}} {
		for _, d := range []Datum{WGS84, GCJ02, BD09, CGCS2000, "other"} {
			if got := d.FromWGS84(p); got != p {
				t.Errorf("%s moves %v to %v", d, p, got)
			}
		}
	}
	for _, p := range []orb.Point{{2.35, 48.85}, {71.9, 31}, {150, 31}, {math.Inf(1), 1e300}} {
		if got := BD09.ToWGS84(p); got != p {
			t.Errorf("%v becomes %v", p, got)
		}
	}
}

func FuzzParseDatum(f *testing.F) {
	f.Add("gcj02")
	f.Add("GCJ-02")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDatum(s)
		if err == nil && string(d) != s || err != nil && d != "" {
			t.Errorf("%q: %q, %v", s, d, err)
		}
	})
}

func TestSpeed(t *testing.T) {
	a, b := orb.Point{118, 31}, orb.Point{118, 31.01}
	if got := Speed(a, b, time.Minute); math.Abs(got-18.53) > 0.01 {
		t.Errorf("got %v m/s", got)
	}
	if !math.IsInf(Speed(a, b, 0), 1) || !math.IsInf(Speed(a, b, -time.Second), 1) || Speed(a, a, 0) != 0 {
		t.Error("no time")
	}
	if s := DefaultSettings(); s.TooFast(a, b, time.Minute) || !s.TooFast(a, b, 10*time.Second) {
		t.Error("40 m/s is not the limit")
	}
}

func BenchmarkToWGS84(b *testing.B) {
	for _, d := range []Datum{GCJ02, BD09} {
		b.Run(string(d), func(b *testing.B) {
			for b.Loop() {
				d.ToWGS84(orb.Point{118.334, 30.9149})
			}
		})
	}
}
