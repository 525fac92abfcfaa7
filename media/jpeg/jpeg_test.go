package jpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// scene is a small picture with slopes, edges and grain, of no even size.
func scene() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 83, 61))
	noise := uint32(1)
	for i := range img.Pix {
		x, y := i/4%83, i/4/83
		noise = noise*1664525 + 1013904223
		v := 120 + 60*math.Sin(float64(x)/9+float64(i%4)) + 40*math.Cos(float64(y)/7) + float64(noise>>30)
		if (x-40)*(x-40)+(y-30)*(y-30) < 300 {
			v = 200 - float64(50*(i%4))
		}
		img.Pix[i] = uint8(max(0, min(255, v)))
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestDrawScene writes the scene for testdata/make.sh.
func TestDrawScene(t *testing.T) {
	file := os.Getenv("GRIDWALK_SCENE")
	if file == "" {
		t.Skip("testdata/make.sh did not ask")
	}
	img := scene()
	ppm := fmt.Appendf(nil, "P6 %d %d 255\n", img.Rect.Dx(), img.Rect.Dy())
	for i := 0; i < len(img.Pix); i += 4 {
		ppm = append(ppm, img.Pix[i:i+3]...)
	}
	if err := os.WriteFile(file, ppm, 0o644); err != nil {
		t.Fatal(err)
	}
}

// corpus is testdata by name.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func decode(file []byte, scale int) (*Picture, error) {
	return Decode(context.Background(), bytes.NewReader(file), Options{Scale: scale})
}

func mustDecode(t testing.TB, file []byte, scale int) *Picture {
	t.Helper()
	p, err := decode(file, scale)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *Picture) planes() []Plane {
	if p.Grey() {
		return []Plane{p.Y}
	}
	return []Plane{p.Y, p.Cb, p.Cr}
}

// planesOf are those of a picture of image/jpeg.
func planesOf(img image.Image) []Plane {
	switch m := img.(type) {
	case *image.Gray:
		return []Plane{{Pix: m.Pix, Stride: m.Stride, Width: m.Rect.Dx(), Height: m.Rect.Dy()}}
	case *image.YCbCr:
		c := m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1)
		w, h := c%m.CStride+1, c/m.CStride+1
		return []Plane{
			{Pix: m.Y, Stride: m.YStride, Width: m.Rect.Dx(), Height: m.Rect.Dy()},
			{Pix: m.Cb, Stride: m.CStride, Width: w, Height: h},
			{Pix: m.Cr, Stride: m.CStride, Width: w, Height: h},
		}
	}
	return nil
}

// failer is a test or a property.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// difference returns the likeness of two planes in dB, and how far two samples
// of theirs are apart at most.
func difference(t failer, a, b Plane) (psnr float64, most int) {
	t.Helper()
	if a.Width != b.Width || a.Height != b.Height {
		t.Fatalf("%d×%d and %d×%d", a.Width, a.Height, b.Width, b.Height)
	}
	sum := 0.0
	for y := range a.Height {
		for x := range a.Width {
			d := int(a.Pix[y*a.Stride+x]) - int(b.Pix[y*b.Stride+x])
			most = max(most, d, -d)
			sum += float64(d * d)
		}
	}
	return 10 * math.Log10(255*255*float64(a.Width*a.Height)/max(sum, 1e-9)), most
}

func TestFullScaleAgreesWithImageJPEG(t *testing.T) {
	for name, file := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			want, err := jpeg.Decode(bytes.NewReader(file))
			if strings.HasPrefix(name, "odd-") {
				if err == nil {
					t.Fatal("image/jpeg decodes it: compare with that")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := mustDecode(t, file, 8)
			if got.Truncated {
				t.Error("said to be truncated")
			}
			for i, plane := range planesOf(want) {
				if psnr, most := difference(t, got.planes()[i], plane); psnr < 60 || most > 2 {
					t.Errorf("plane %d: %.1f dB, at most %d apart", i, psnr, most)
				}
			}
		})
	}
}

// What image/jpeg cannot decode is compared with what was drawn.
func TestOddSubsamplingsShowTheScene(t *testing.T) {
	img := scene()
	for name, file := range corpus(t) {
		if !strings.HasPrefix(name, "odd-") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			p := mustDecode(t, file, 8)
			sum, n := [3]float64{}, 0
			for y := range 61 {
				for x := range 83 {
					c := img.NRGBAAt(x, y)
					want := [3]uint8{}
					want[0], want[1], want[2] = color.RGBToYCbCr(c.R, c.G, c.B)
					for i, q := range p.planes() {
						sx, sy := int((float64(x)+0.5)*q.SpanX/83), int((float64(y)+0.5)*q.SpanY/61)
						d := float64(q.Pix[sy*q.Stride+sx]) - float64(want[i])
						sum[i] += d * d
					}
					n++
				}
			}
			for i, s := range sum {
				if psnr := 10 * math.Log10(255*255*float64(n)/s); psnr < 22 {
					t.Errorf("plane %d: %.1f dB", i, psnr)
				}
			}
		})
	}
}

// A scaled picture is what its low frequencies say: those are computed here
// from the full one, by the definition of the DCT.
func TestScalesAreTheLowFrequencies(t *testing.T) {
	for _, name := range []string{"2x2-baseline.jpg", "2x2-progressive.jpg", "grey-baseline.jpg", "odd-3x1.jpg"} {
		file := corpus(t)[name]
		whole := mustDecode(t, file, 8)
		for _, n := range scales {
			got := mustDecode(t, file, n)
			for i, plane := range got.planes() {
				full := whole.planes()[i]
				worst := 0.0
				for by := range full.Height / 8 {
					for bx := range full.Width / 8 {
						want := lowFrequencies(full.Pix[by*8*full.Stride+bx*8:], full.Stride, n)
						for j, w := range want {
							at := (by*n+j/n)*plane.Stride + bx*n + j%n
							worst = max(worst, math.Abs(w-float64(plane.Pix[at])))
						}
					}
				}
				if worst > 2 { // the full picture is rounded to whole levels
					t.Errorf("%s at %d/8, plane %d: a sample is %.1f off", name, n, i, worst)
				}
			}
		}
	}
}

// lowFrequencies shrinks 8×8 samples to n×n, clamped as a picture is.
func lowFrequencies(pix []uint8, stride, n int) []float64 {
	basis := func(size, k, x int) float64 {
		scale := math.Sqrt(2 / float64(size))
		if k == 0 {
			scale = math.Sqrt(1 / float64(size))
		}
		return scale * math.Cos(float64(2*x+1)*float64(k)*math.Pi/float64(2*size))
	}
	out := make([]float64, n*n)
	for v := range n {
		for u := range n {
			c := 0.0
			for i := range 64 {
				c += (float64(pix[i/8*stride+i%8]) - 128) * basis(8, u, i%8) * basis(8, v, i/8)
			}
			for i := range out {
				out[i] += c * basis(n, u, i%n) * basis(n, v, i/n) * float64(n) / 8
			}
		}
	}
	for i := range out {
		out[i] = max(0, min(255, out[i]+128))
	}
	return out
}

func TestAPictureIsAsLargeAsItsScaleSays(t *testing.T) {
	p := mustDecode(t, corpus(t)["2x2-baseline.jpg"], 3) // 83 × 61
	if y := p.Y; y.Width != 32 || y.Height != 23 || y.SpanX != 31.125 || y.SpanY != 22.875 {
		t.Errorf("luma: %d×%d, covered %v×%v", y.Width, y.Height, y.SpanX, y.SpanY)
	}
	if c := p.Cb; c.Width != 16 || c.Height != 12 || c.SpanX != 15.5625 || c.SpanY != 11.4375 {
		t.Errorf("chroma: %d×%d, covered %v×%v", c.Width, c.Height, c.SpanX, c.SpanY)
	}
}

func TestScaleFor(t *testing.T) {
	for _, c := range []struct{ w, h, toW, toH, want int }{
		{4032, 3024, 1600, 1200, 4},
		{4032, 3024, 2133, 1600, 5},
		{6000, 4000, 1600, 1067, 3},
		{8064, 6048, 1600, 1200, 2},
		{12000, 9000, 1500, 1125, 1},
		{1600, 1200, 1600, 1200, 8},
		{100, 100, 1600, 1200, 8},
	} {
		if got := ScaleFor(c.w, c.h, c.toW, c.toH); got != c.want {
			t.Errorf("%d×%d to %d×%d: %d/8, want %d/8", c.w, c.h, c.toW, c.toH, got, c.want)
		}
	}
}

// A file cut anywhere shows what it has, and says that something is missing.
func TestCutAnywhere(t *testing.T) {
	for name, file := range corpus(t) {
		whole := mustDecode(t, file, 8)
		step := max(1, len(file)/300)
		for n := 0; n < len(file)-1; n += step {
			p, err := decode(file[:n], 8)
			switch {
			case err == nil && !p.Truncated:
				t.Fatalf("%s cut at %d is said to be whole", name, n)
			case err != nil && err != ErrTruncated:
				t.Fatalf("%s cut at %d: %v", name, n, err)
			case err == nil && (p.Y.Width != whole.Y.Width || p.Y.Height != whole.Y.Height):
				t.Fatalf("%s cut at %d: %d×%d", name, n, p.Y.Width, p.Y.Height)
			}
		}
	}
}

func TestWhatIsBeforeACutIsShown(t *testing.T) {
	file := corpus(t)["2x2-baseline.jpg"]
	whole, half := mustDecode(t, file, 8), mustDecode(t, file[:len(file)*2/3], 8)
	for _, p := range []*Picture{whole, half} {
		p.Y.Height = 16
	}
	if _, most := difference(t, whole.Y, half.Y); most > 0 {
		t.Error("the first lines are lost")
	}
	last := half.Y.Pix[60*half.Y.Stride:][:half.Y.Width]
	if !bytes.Equal(last, bytes.Repeat([]byte{128}, len(last))) {
		t.Error("what is missing is not grey")
	}
}

func TestDamageEndsAtTheNextRestart(t *testing.T) {
	file := bytes.Clone(corpus(t)["2x2-restart.jpg"])
	whole := mustDecode(t, file, 8)
	at := bytes.Index(file, []byte{0xff, 0xd1})
	copy(file[at+2:], "\x00\x00\x00\x00\xff\x00\xff\x00") // within the third interval
	p := mustDecode(t, file, 8)
	if !p.Truncated {
		t.Error("not said to be damaged")
	}
	same := func(x, y int) bool { return whole.Y.Pix[y*whole.Y.Stride+x] == p.Y.Pix[y*p.Y.Stride+x] }
	different := 0
	for y := range 61 {
		for x := range 83 {
			unit := y/16*6 + x/16
			if !same(x, y) {
				different++
				if unit/3 != 2 {
					t.Fatalf("unit %d is damaged", unit)
				}
			}
		}
	}
	if different == 0 {
		t.Error("the test damaged nothing")
	}
}

func TestARestartIntervalThatIsMissingLeavesAGap(t *testing.T) {
	file := corpus(t)["2x2-restart.jpg"]
	whole := mustDecode(t, file, 8)
	from, to := bytes.Index(file, []byte{0xff, 0xd1}), bytes.Index(file, []byte{0xff, 0xd2})
	p := mustDecode(t, append(bytes.Clone(file[:from]), file[to:]...), 8)
	if !p.Truncated {
		t.Error("not said to be damaged")
	}
	if whole.Y.Pix[50*whole.Y.Stride+50] != p.Y.Pix[50*p.Y.Stride+50] {
		t.Error("what follows the gap is not in its place")
	}
}

func TestLimits(t *testing.T) {
	file := corpus(t)["2x2-progressive.jpg"]
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	huge := bytes.Clone(corpus(t)["1x1-baseline.jpg"])
	at := bytes.Index(huge, []byte{0xff, sof0})
	copy(huge[at+5:], "\xff\xff\xff\xff")
	var unsupported UnsupportedError
	var format FormatError
	for _, c := range []struct {
		says    string
		ctx     context.Context
		file    []byte
		options Options
		is      func(error) bool
	}{
		{"more pixels than allowed", t.Context(), file, Options{Scale: 8, MaxPixels: 83*61 - 1}, func(err error) bool { return errors.As(err, &unsupported) }},
		{"as many as allowed", t.Context(), file, Options{Scale: 8, MaxPixels: 83 * 61}, func(err error) bool { return err == nil }},
		{"4 gigapixels", t.Context(), huge, Options{Scale: 8}, func(err error) bool { return errors.As(err, &unsupported) }},
		{"more scans than allowed", t.Context(), file, Options{Scale: 8, MaxScans: 3}, func(err error) bool { return errors.As(err, &format) }},
		{"a context that is over", ctx, file, Options{Scale: 8}, func(err error) bool { return err == context.Canceled }},
		{"a scale there is not", t.Context(), file, Options{Scale: 7}, func(err error) bool { return errors.As(err, &unsupported) }},
	} {
		if _, err := Decode(c.ctx, bytes.NewReader(c.file), c.options); !c.is(err) {
			t.Errorf("%s: %v", c.says, err)
		}
	}
}

func TestReadersOfEveryKind(t *testing.T) {
	file := corpus(t)["4x1-progressive.jpg"]
	want := mustDecode(t, file, 8)
	for _, r := range []io.Reader{
		iotest.OneByteReader(bytes.NewReader(file)), iotest.HalfReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file)),
	} {
		p, err := Decode(t.Context(), r, Options{Scale: 8})
		if err != nil {
			t.Fatal(err)
		}
		if _, most := difference(t, want.Y, p.Y); most > 0 || p.Truncated {
			t.Error("read differently")
		}
	}
	broken := errors.New("disk failed")
	if _, err := Decode(t.Context(), io.MultiReader(bytes.NewReader(file[:500]), iotest.ErrReader(broken)), Options{Scale: 8}); err != broken {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	for name, file := range corpus(t) {
		c, err := DecodeConfig(bytes.NewReader(file))
		if err != nil || c.Width != 83 || c.Height != 61 || c.Unsupported != nil || c.Progressive != strings.Contains(name, "progressive") {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
	rgb := bytes.Clone(corpus(t)["1x1-baseline.jpg"])
	rgb = append(append(rgb[:2:2], 0xff, app14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 0, 0, 0, 0, 0, 0), rgb[20:]...) // instead of JFIF
	if c, err := DecodeConfig(bytes.NewReader(rgb)); err != nil || c.Unsupported == nil {
		t.Errorf("RGB: %+v %v", c, err)
	}
	if _, err := decode(rgb, 8); !errors.As(err, new(UnsupportedError)) {
		t.Error(err)
	}
}

func TestProfileInParts(t *testing.T) {
	segment := func(number byte, content string) []byte {
		s := append([]byte("ICC_PROFILE\x00"), number, 2)
		s = append(s, content...)
		return append([]byte{0xff, app2, 0, byte(len(s) + 2)}, s...)
	}
	file := corpus(t)["1x1-baseline.jpg"]
	with := func(segments ...[]byte) []byte {
		return append(append(file[:2:2], bytes.Join(segments, nil)...), file[2:]...)
	}
	for _, c := range []struct {
		says string
		file []byte
		want string
	}{
		{"both parts", with(segment(1, "one "), segment(2, "two")), "one two"},
		{"both in the wrong order", with(segment(2, "two"), segment(1, "one ")), "one two"},
		{"the second alone", with(segment(2, "two")), ""},
		{"none", file, ""},
	} {
		got, err := DecodeConfig(bytes.NewReader(c.file))
		if err != nil || string(got.ICC) != c.want {
			t.Errorf("%s: %q %v", c.says, got.ICC, err)
		}
	}
}

// random draws planes in 4:2:0, or grey, smooth with some grain.
func random(t *rapid.T) *Picture {
	w, h := rapid.IntRange(1, 70).Draw(t, "w"), rapid.IntRange(1, 70).Draw(t, "h")
	wave, grain := rapid.Float64Range(0, 1).Draw(t, "wave"), rapid.IntRange(0, 40).Draw(t, "grain")
	p := &Picture{Y: NewPlane(w, h)}
	if rapid.Bool().Draw(t, "colour") {
		p.Cb, p.Cr = NewPlane((w+1)/2, (h+1)/2), NewPlane((w+1)/2, (h+1)/2)
	}
	noise := uint32(rapid.Uint16().Draw(t, "seed"))
	for i, q := range p.planes() {
		for j := range q.Pix {
			noise = noise*1664525 + 1013904223
			v := 128 + 80*math.Sin(wave*float64(j%q.Stride+i)+wave*float64(j/q.Stride)/2) + float64(int(noise>>16)%(grain+1))
			q.Pix[j] = uint8(max(0, min(255, v)))
		}
	}
	return p
}

// image/jpeg reads what Encode writes, and finds it as good as what it would
// have written itself.
func TestEncodeAgreesWithImageJPEG(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := random(t)
		quality := rapid.IntRange(1, 100).Draw(t, "quality")
		var ours, theirs bytes.Buffer
		if err := Encode(&ours, p, quality); err != nil {
			t.Fatal(err)
		}
		var source image.Image = &image.Gray{Pix: p.Y.Pix, Stride: p.Y.Stride, Rect: image.Rect(0, 0, p.Y.Width, p.Y.Height)}
		if !p.Grey() {
			source = &image.YCbCr{Y: p.Y.Pix, Cb: p.Cb.Pix, Cr: p.Cr.Pix, YStride: p.Y.Stride, CStride: p.Cb.Stride, Rect: source.Bounds(), SubsampleRatio: image.YCbCrSubsampleRatio420}
		}
		if err := jpeg.Encode(&theirs, source, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		a, err := jpeg.Decode(&ours)
		if err != nil {
			t.Fatal(err)
		}
		b, err := jpeg.Decode(&theirs)
		if err != nil {
			t.Fatal(err)
		}
		for i, plane := range p.planes() {
			own, _ := difference(t, planesOf(a)[i], plane)
			std, _ := difference(t, planesOf(b)[i], plane)
			// A plane of few samples is lucky or not by some dB; at 42 dB one is off
			// by two levels, which nobody sees.
			if len(plane.Pix) > 1000 && own < min(std, 42)-2 {
				t.Fatalf("plane %d: %.1f dB, image/jpeg %.1f dB", i, own, std)
			}
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	for says, p := range map[string]*Picture{
		"nothing":         {},
		"too wide":        {Y: Plane{Width: 65536, Height: 1}},
		"chroma of 4:4:4": {Y: NewPlane(8, 8), Cb: NewPlane(8, 8), Cr: NewPlane(8, 8)},
	} {
		if Encode(io.Discard, p, 80) == nil {
			t.Error(says)
		}
	}
}

// The same frequencies, coded in different ways, are the same picture.
func TestEveryCodingOfAPictureIsThatPicture(t *testing.T) {
	files := corpus(t)
	for _, name := range []string{"2x2-progressive", "2x2-restart", "2x2-optimized", "2x2-apart", "odd-progressive-restart"} {
		for _, n := range scales {
			want, got := mustDecode(t, files["2x2-baseline.jpg"], n), mustDecode(t, files[name+".jpg"], n)
			for i := range 3 {
				if _, most := difference(t, want.planes()[i], got.planes()[i]); most > 0 || got.Truncated {
					t.Errorf("%s at %d/8, plane %d: up to %d apart", name, n, i, most)
				}
			}
		}
	}
}
