package media

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"gridwalk/media/stamp"
)

// photograph is a picture with structure at every scale, different for each seed.
func photograph(w, h int, seed uint64) *image.NRGBA {
	rng := rand.New(rand.NewPCG(seed, 7))
	disc := image.Pt(rng.IntN(w), rng.IntN(h))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for c := range 3 {
		levels := make([]float64, w*h)
		for i := range 24 {
			f := 6 * math.Pow(1.25, float64(i)) / float64(w)
			across, down := wave(rng, w, f), wave(rng, h, f)
			strength := 60 / (1 + 0.35*float64(i)) * rng.NormFloat64()
			for j := range levels {
				levels[j] += strength * across[j%w] * down[j/w]
			}
		}
		for j, v := range levels {
			v += 120 + rng.NormFloat64()
			if math.Hypot(float64(j%w-disc.X), float64(j/w-disc.Y)) < float64(h)/5 {
				v += 50
			}
			img.Pix[4*j+c], img.Pix[4*j+3] = uint8(max(0, min(255, v))), 255
		}
	}
	return img
}

// wave is a sine of up to so many radians a sample.
func wave(rng *rand.Rand, n int, most float64) []float64 {
	f, phase := most*rng.Float64(), rng.Float64()*6
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sin(f*float64(i) + phase)
	}
	return out
}

func compressed(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func fingerprintOf(t testing.TB, file []byte) Fingerprint {
	t.Helper()
	made, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), Order{Sizes: []Size{{160, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	return made.Fingerprint
}

// The preview is as near to one shrunk by Lanczos in full precision as
// compression lets it be, at each scale at which a JPEG is decoded.
func TestPreviewsAreAsGoodAsLanczos(t *testing.T) {
	img := photograph(960, 720, 1)
	file := compressed(img, 95)
	decoded, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{120, 180, 240, 330, 360, 480, 600, 720, 960} {
		d := derive(t, file, Size{width, 0})[0]
		reference := imaging.Resize(decoded, d.Width, d.Height, imaging.Lanczos)
		got, want := planar(imaging.Clone(pixels(t, d))), planar(reference)
		sum := 0.0
		for y := range d.Height {
			for x := range d.Width {
				e := float64(got.Y.Pix[y*got.Y.Stride+x]) - float64(want.Y.Pix[y*want.Y.Stride+x])
				sum += e * e
			}
		}
		if psnr := 10 * math.Log10(255*255*float64(d.Width*d.Height)/sum); psnr < 38 {
			t.Errorf("%d wide: %.1f dB", width, psnr)
		}
	}
}

func TestAPhotographIsKnownAgain(t *testing.T) {
	for seed := range uint64(6) {
		img := photograph(320, 240, seed)
		original := fingerprintOf(t, compressed(img, 92))
		bar := imaging.Clone(img)
		for i := 220 * bar.Stride; i < len(bar.Pix); i++ {
			if i%4 != 3 {
				bar.Pix[i] = 20
			}
		}
		for says, again := range map[string]image.Image{
			"compressed again":           img,
			"shrunk":                     imaging.Resize(img, 200, 0, imaging.Box),
			"brighter, with contrast":    imaging.AdjustContrast(imaging.AdjustBrightness(img, 8), 12),
			"blurred":                    imaging.Blur(img, 1),
			"cut by 1 % on each side":    imaging.CropCenter(img, 313, 235),
			"with a bar at the foot":     bar,
			"mirrored":                   imaging.FlipH(img),
			"mirrored, shrunk and brown": imaging.AdjustSaturation(imaging.Resize(imaging.FlipH(img), 250, 0, imaging.Box), -60),
		} {
			if f := fingerprintOf(t, compressed(again, 60)); !original.Near(f) {
				p, d := original.Distance(f)
				t.Errorf("photograph %d %s: %d bits of P and %d of D apart", seed, says, p, d)
			}
		}
	}
}

func TestDifferentPhotographsAreNotNear(t *testing.T) {
	var all []Fingerprint
	for seed := range uint64(40) {
		all = append(all, fingerprint(planar(photograph(200, 150, seed))))
	}
	for i, a := range all {
		for j, b := range all[:i] {
			if a.Near(b) {
				p, d := a.Distance(b)
				t.Errorf("%d and %d: %d bits of P and %d of D apart", i, j, p, d)
			}
		}
	}
}

func TestMirroringTwiceIsNothing(t *testing.T) {
	f := fingerprint(planar(photograph(200, 150, 3)))
	if f.mirrored().mirrored() != f {
		t.Error("it is something")
	}
}

func TestFingerprintsAsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Fingerprint{D: rapid.Uint64().Draw(t, "D")}
		copy(f.P[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "P"))
		back, err := ParseFingerprint(f.String())
		if err != nil || back != f {
			t.Fatal(back, err)
		}
	})
	for _, s := range []string{"", "00", "zz", string(make([]byte, 80))} {
		if _, err := ParseFingerprint(s); err == nil {
			t.Errorf("%q is taken", s)
		}
	}
}

func TestBlurLeavesAFewLevelsInsideAndTheRestAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 90).Draw(t, "h")
		p := planar(photograph(w, h, rapid.Uint64Range(0, 3).Draw(t, "seed")))
		before := p.Clone()
		edge := func(name string, from float64) float64 { return rapid.Float64Range(from, 1).Draw(t, name) }
		r := Region{Left: edge("left", 0), Top: edge("top", 0)}
		r.Right, r.Bottom = edge("right", r.Left), edge("bottom", r.Top)
		if !r.Valid() {
			t.Skip("empty")
		}
		blur(p, r)
		cell := max(8, max((r.Right-r.Left)*float64(w), (r.Bottom-r.Top)*float64(h))/cells+2)
		seen := map[uint8]bool{}
		for y := range h {
			for x := range w {
				fx, fy := (float64(x)+0.5)/float64(w), (float64(y)+0.5)/float64(h)
				at := y*p.Y.Stride + x
				inside := fx > r.Left && fx < r.Right && fy > r.Top && fy < r.Bottom
				outside := float64(x) < r.Left*float64(w)-2 || float64(x) > r.Right*float64(w)+cell ||
					float64(y) < r.Top*float64(h)-2 || float64(y) > r.Bottom*float64(h)+cell
				switch {
				case inside:
					seen[p.Y.Pix[at]] = true
				case outside && p.Y.Pix[at] != before.Y.Pix[at]:
					t.Fatalf("%d,%d changed", x, y)
				}
			}
		}
		if len(seen) > (cells+1)*(cells+1) {
			t.Fatalf("%d levels are left", len(seen))
		}
	})
}

func TestMakeBlursEveryPictureAndStampsTheLargest(t *testing.T) {
	file := withEXIF(jpegOf(storedAs(corners(800, 400), 6)), orientation(6))
	order := Order{
		Sizes: []Size{{80, 80}, {400, 0}, {640, 0}},
		Blur:  []Region{{0.3, 0, 0.75, 0.5}}, // red and green above
		Stamp: []stamp.Line{{Text: "时间 2026-11-23 10:20", Verified: true}},
	}
	made, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), order)
	if err != nil || made.Truncated || !made.Stamped {
		t.Fatal(err, made.Truncated, made.Stamped)
	}
	for _, d := range made.Pictures {
		img := pixels(t, d)
		if d.Size.Height == 0 { // halfway, where a square covers both colours
			if got := img.At(d.Width/2-2, d.Height/4); near(got, red) || near(got, green) {
				t.Errorf("%s is sharp: %v", d.Size.Name(), got)
			}
		}
		foot := img.At(2, d.Height-3)
		if stamped := !near(foot, blue); stamped != (d.Size.Width == 640) {
			t.Errorf("%s: the foot is %v", d.Size.Name(), foot)
		}
	}
}

func TestTheFingerprintIsOfThePhotographAsItCame(t *testing.T) {
	file := compressed(photograph(320, 240, 1), 90)
	order := Order{Sizes: []Size{{160, 0}}}
	plain, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), order)
	if err != nil {
		t.Fatal(err)
	}
	order.Blur, order.Stamp = []Region{{0, 0, 1, 1}}, []stamp.Line{{Text: "时间"}}
	changed, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), order)
	if err != nil || !changed.Stamped || changed.Fingerprint != plain.Fingerprint {
		t.Error(err, changed.Stamped, changed.Fingerprint, plain.Fingerprint)
	}
}

func TestMakeSaysThatAStampHasNoRoom(t *testing.T) {
	file := jpegOf(corners(40, 20))
	made, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), Order{Sizes: EvidenceSizes(), Stamp: []stamp.Line{{Text: "时间"}}})
	if err != nil || made.Stamped || len(made.Pictures) != 3 {
		t.Error(err, made.Stamped)
	}
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	file := jpegOf(corners(40, 20))
	for _, o := range []Order{
		{},
		{Sizes: []Size{{0, 10}}},
		{Sizes: []Size{{10, 0}}, Blur: []Region{{0.5, 0, 0.5, 1}}},
		{Sizes: []Size{{10, 0}}, Blur: []Region{{0, 0, 1.5, 1}}},
		{Sizes: []Size{{10, 0}}, Blur: []Region{{math.NaN(), 0, 1, 1}}},
	} {
		if _, err := Make(t.Context(), bytes.NewReader(file), inspect(t, file), o); err == nil {
			t.Errorf("%+v is made", o)
		}
	}
}
