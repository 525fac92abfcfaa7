package geo

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// A drifting walk models a phone in a pocket. In the open the error is a
// first-order Gauss-Markov process of 4 m in each direction with a minute's
// memory. In an urban canyon, in which a third of the way lies, it has 11 m, and
// reflections add a bias of 10 to 45 m that stays for the length of the canyon;
// one fix in fifty is thrown 40 to 150 m. The phone tells the radius of 68 %, in
// a canyon only half to all of what it should be; and some fixes tell nothing,
// are coarse or old.
type driftWalk struct {
	random       *rand.Rand
	errX, errY   float64 // metres
	biasX, biasY float64
	canyon       bool
	left         int     // steps until canyon changes
	x, y         float64 // the true place, metres east and north of the middle of the field
	heading      float64
}

const (
	driftStep  = 5 * time.Second
	driftSteps = 240 // 20 minutes
	farthest   = 495 // the true way stays within this many metres, of 500, of the middle
)

func newDriftWalk(seed uint64) *driftWalk {
	r := rand.New(rand.NewPCG(seed, 4))
	return &driftWalk{random: r, x: (r.Float64()*2 - 1) * farthest, y: (r.Float64()*2 - 1) * farthest, heading: r.Float64() * 2 * math.Pi}
}

// walk goes a step of 1.2 m/s; at the fence it turns along it, as officers do.
func (w *driftWalk) walk() {
	w.heading += w.random.NormFloat64() * 0.2
	metres := 1.2 * driftStep.Seconds()
	w.x = max(-farthest, min(farthest, w.x+metres*math.Sin(w.heading)))
	w.y = max(-farthest, min(farthest, w.y+metres*math.Cos(w.heading)))
}

func (w *driftWalk) drift() (sigma float64) {
	if w.left--; w.left < 0 {
		w.canyon = !w.canyon
		w.biasX, w.biasY = 0, 0
		w.left = 20 + w.random.IntN(61)
		if w.canyon {
			w.left = 10 + w.random.IntN(31)
			bias, toward := 10+w.random.Float64()*35, w.random.Float64()*2*math.Pi
			w.biasX, w.biasY = bias*math.Sin(toward), bias*math.Cos(toward)
		}
	}
	sigma = 4
	if w.canyon {
		sigma = 11
	}
	memory := math.Exp(-driftStep.Seconds() / 60)
	fresh := sigma * math.Sqrt(1-memory*memory)
	w.errX = w.errX*memory + fresh*w.random.NormFloat64()
	w.errY = w.errY*memory + fresh*w.random.NormFloat64()
	return sigma
}

// fix is what the phone says of the place.
func (w *driftWalk) fix() Fix {
	sigma := w.drift()
	dx, dy := w.errX+w.biasX, w.errY+w.biasY
	accuracy := 1.51 * sigma * (0.8 + 0.4*w.random.Float64()) // 68 % of a circular normal error lie within 1.51 σ
	if w.canyon {
		accuracy = math.Hypot(1.51*sigma, math.Hypot(w.biasX, w.biasY)) * (0.5 + 0.5*w.random.Float64())
		if w.random.IntN(50) == 0 {
			throw, toward := 40+w.random.Float64()*110, w.random.Float64()*2*math.Pi
			dx, dy = dx+throw*math.Sin(toward), dy+throw*math.Cos(toward)
		}
	}
	east, north, _ := localPlane(28.105)
	fix := Fix{Lng: 124.105 + (w.x+dx)/east, Lat: 28.105 + (w.y+dy)/north, HasPoint: true, Accuracy: accuracy, HasAccuracy: true, Source: SourceGPS}
	switch w.random.IntN(200) {
	case 0:
		fix.HasAccuracy = false
	case 1:
		fix.Accuracy, fix.Source = 500+w.random.Float64()*2500, SourceNetwork
	case 2:
		fix.Age = time.Hour
	case 3:
		fix.Lat = math.NaN()
	case 4:
		fix = Fix{Source: SourceNone}
	}
	return fix
}

// 500 walks within a grid, along its fence too, with drift and canyons: every
// fix gets a verdict, at most one in a hundred is wrongly outside, and nobody is
// said to have left but by a canyon at the fence.
func TestDriftIsNotOutside(t *testing.T) {
	const walks = 500
	grid := []*Boundary{field(t)}
	fixes, wrong, near, wrongNear, left := 0, 0, 0, 0, 0
	for seed := range uint64(walks) {
		w := newDriftWalk(seed)
		var seen []Sighting
		for step := range driftSteps {
			w.walk()
			verdict := Judge(w.fix(), grid, DefaultSettings()).Verdict
			if verdict == "" {
				t.Fatal("a check-in without a verdict")
			}
			atFence := max(math.Abs(w.x), math.Abs(w.y)) > 450
			fixes++
			if atFence {
				near++
			}
			if verdict == Outside {
				wrong++
				if atFence {
					wrongNear++
				}
			}
			seen = append(seen, Sighting{morning.Add(time.Duration(step) * driftStep), verdict})
		}
		for _, c := range DefaultPresenceLimits().Follow(seen).Crossings {
			if c.To == Absent {
				left++
			}
		}
	}
	t.Logf("%d fixes, %d (%.2f %%) wrongly outside; of %d within 50 m of the fence %.2f %%; %d wrong leavings in %d walks",
		fixes, wrong, percent(wrong, fixes), near, percent(wrongNear, near), left, walks)
	if percent(wrong, fixes) > 1 {
		t.Errorf("%.2f %% wrongly outside", percent(wrong, fixes))
	}
	if left > walks/100 {
		t.Errorf("%d wrong leavings in %d walks", left, walks)
	}
}

// The same drift does not hide who is really away: of those 250 m and more
// outside nearly all fixes are outside, and every one has left.
func TestDriftDoesNotHideLeaving(t *testing.T) {
	east, _, _ := localPlane(28.105)
	west := 124.105 + (farthest+250)/east
	far, err := NewBoundary(orb.MultiPolygon{{{{west, 28.09}, {west + 0.01, 28.09}, {west + 0.01, 28.12}, {west, 28.12}, {west, 28.09}}}})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(50) {
		w := newDriftWalk(seed)
		var seen []Sighting
		outside := 0
		for step := range driftSteps {
			w.walk()
			verdict := Judge(w.fix(), []*Boundary{far}, DefaultSettings()).Verdict
			if verdict == Outside {
				outside++
			}
			seen = append(seen, Sighting{morning.Add(time.Duration(step) * driftStep), verdict})
		}
		if now := DefaultPresenceLimits().Follow(seen).Now; now != Absent || percent(outside, driftSteps) < 90 {
			t.Errorf("walk %d: %s with %.0f %% outside", seed, now, percent(outside, driftSteps))
		}
	}
}

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(of, 1)) }
