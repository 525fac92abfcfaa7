package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"gridwalk/media/jpeg"
)

// storedAs turns an upright picture into what a camera stores with an orientation.
func storedAs(img image.Image, o int) *image.NRGBA {
	// Each orientation but 6 and 8 is its own inverse.
	return upright(imaging.Clone(img), [9]int{0, 1, 2, 3, 4, 5, 8, 7, 6}[o])
}

func TestEveryOrientationComesOutUpright(t *testing.T) {
	for o := 1; o <= 8; o++ {
		file := withEXIF(jpegOf(storedAs(corners(800, 400), o)), orientation(o))
		info := inspect(t, file)
		if info.Width != 800 || info.Height != 400 || info.Orientation != o {
			t.Errorf("orientation %d: %+v", o, info)
		}
		for _, d := range derive(t, file, EvidenceSizes()...) {
			img := pixels(t, d)
			w, h := d.Width, d.Height
			for _, c := range []struct {
				x, y int
				want color.Color
			}{{w / 8, h / 8, red}, {w * 7 / 8, h / 8, green}, {w / 8, h * 7 / 8, blue}, {w * 7 / 8, h * 7 / 8, yellow}} {
				if got := img.At(c.x, c.y); !near(got, c.want) {
					t.Errorf("orientation %d, %s at %d,%d: %v, want %v", o, d.Size.Name(), c.x, c.y, got, c.want)
				}
			}
		}
	}
}

// Rotating after shrinking gives what imaging gives by rotating first.
func TestOrientationLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 90).Draw(t, "h")
		o := rapid.IntRange(1, 8).Draw(t, "orientation")
		width := rapid.IntRange(1, 100).Draw(t, "width")
		fx, fy := rapid.Float64Range(0, 0.2).Draw(t, "fx"), rapid.Float64Range(0, 0.2).Draw(t, "fy")
		img := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				wave := func(by float64) uint8 { return uint8(128 + 100*math.Sin(by+fx*float64(x)+fy*float64(y))) }
				img.SetNRGBA(x, y, color.NRGBA{wave(0), wave(1), wave(2), 255})
			}
		}
		file := withEXIF(jpegOf(img), orientation(o))
		reference, err := imaging.Decode(bytes.NewReader(file), imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		info, err := Inspect(bytes.NewReader(file), DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if b := reference.Bounds(); info.Width != b.Dx() || info.Height != b.Dy() {
			t.Fatalf("%d×%d, want %v", info.Width, info.Height, b)
		}
		p := Size{width, 0}.plan(info.Width, info.Height)
		got, err := firstFrame(context.Background(), bytes.NewReader(file), info, p)
		if err != nil {
			t.Fatal(err)
		}
		want := planar(imaging.Resize(reference, p.frameW, p.frameH, imaging.Lanczos))
		if d := meanDifference(&got.Y, &want.Y); d > 3 {
			t.Fatalf("luma differs by %.1f of 255 on average", d)
		}
		// Chroma is sampled once here, but was spread over pixels for the reference.
		if d := max(meanDifference(&got.Cb, &want.Cb), meanDifference(&got.Cr, &want.Cr)); d > 30 {
			t.Fatalf("chroma differs by %.1f of 255 on average", d)
		}
	})
}

func meanDifference(a, b *jpeg.Plane) float64 {
	if a.Width != b.Width || a.Height != b.Height {
		return 255
	}
	sum := 0.0
	for y := range a.Height {
		for x := range a.Width {
			sum += math.Abs(float64(a.Pix[y*a.Stride+x]) - float64(b.Pix[y*b.Stride+x]))
		}
	}
	return sum / float64(a.Width*a.Height)
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		says string
		w, h int
		size Size
		want image.Point
	}{
		{"fit to a width", 4000, 3000, Size{1600, 0}, image.Pt(1600, 1200)},
		{"a small picture keeps its size", 400, 300, Size{480, 0}, image.Pt(400, 300)},
		{"a crop is full", 4000, 3000, Size{160, 160}, image.Pt(160, 160)},
		{"a crop of a small picture is its smaller side", 100, 300, Size{160, 160}, image.Pt(100, 100)},
		{"a crop keeps its shape", 100, 300, Size{200, 100}, image.Pt(100, 50)},
		{"a crop of a panorama is not enlarged from a thin frame", 3000, 160, Size{160, 160}, image.Pt(160, 160)},
		{"a line keeps a pixel of height", 3000, 1, Size{480, 0}, image.Pt(480, 1)},
		{"one pixel", 1, 1, Size{160, 160}, image.Pt(1, 1)},
	} {
		t.Run(c.says, func(t *testing.T) {
			p := c.size.plan(c.w, c.h)
			if got := image.Pt(p.cropW, p.cropH); got != c.want || p.frameW > c.w || p.frameH > c.h || p.cropW > p.frameW || p.cropH > p.frameH {
				t.Errorf("%+v, want %v", p, c.want)
			}
		})
	}
}

func TestPlansNeverEnlarge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40000).Draw(t, "w"), rapid.IntRange(1, 40000).Draw(t, "h")
		s := Size{rapid.IntRange(1, 3000).Draw(t, "sw"), rapid.IntRange(0, 3000).Draw(t, "sh")}
		p := s.plan(w, h)
		if p.frameW > w || p.frameH > h || p.cropW > p.frameW || p.cropH > p.frameH || p.cropW < 1 || p.cropH < 1 || p.cropW > s.Width || s.Height > 0 && p.cropH > s.Height {
			t.Fatalf("%v of %d×%d: %+v", s, w, h, p)
		}
	})
}

func TestNames(t *testing.T) {
	var names []string
	for _, s := range EvidenceSizes() {
		names = append(names, s.Name())
	}
	if !slices.Equal(names, []string{"160x160", "480x0", "1600x0"}) {
		t.Error(names)
	}
}

func TestEveryKindOfPixelIsShown(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 20, 20))
	half := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	palette := image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{green, red})
	for i := range 400 {
		deep.Set(i%20, i/20, blue)
		half.Set(i%20, i/20, color.NRGBA{255, 0, 0, 128})
	}
	for _, c := range []struct {
		says string
		file []byte
		want color.Color
	}{
		{"16 bits", pngOf(deep), blue},
		{"a palette", pngOf(palette), green},
		{"nothing but transparency is white", pngOf(image.NewNRGBA(image.Rect(0, 0, 20, 20))), color.White},
		{"half transparent red is pink", pngOf(half), color.NRGBA{255, 127, 127, 255}},
		{"grey", flatJPEG(20, 20, 0xc0, -28), color.Gray{100}},
		{"YCbCr", flatJPEG(20, 20, 0xc0, -52, -43, 127), color.NRGBA{255, 0, 15, 255}},
		{"progressive", flatJPEG(20, 20, 0xc2, -52, -43, 127), color.NRGBA{255, 0, 15, 255}},
		{"Adobe's inverted CMYK", flatJPEG(20, 20, 0xc0, 127, -128, 127, 127), color.NRGBA{255, 0, 255, 255}},
	} {
		t.Run(c.says, func(t *testing.T) {
			for _, d := range derive(t, c.file, Size{10, 10}, Size{20, 0}) {
				if got := pixels(t, d).At(d.Width/2, d.Height/2); !near(got, c.want) {
					t.Errorf("%v, want %v", got, c.want)
				}
			}
		})
	}
	for _, file := range [][]byte{webpLossy, webpLossless, webpAlpha} {
		pixels(t, derive(t, file, Size{160, 160})[0])
	}
}

func TestDerivedPicturesCarryNoMetadata(t *testing.T) {
	file := withEXIF(jpegOf(corners(640, 480)), shanghai(true))
	for _, d := range derive(t, file, EvidenceSizes()...) {
		for _, trace := range []string{"Exif", "ICC_PROFILE", "\xff\xe1", "\xff\xe2", "http://ns.adobe.com"} {
			if bytes.Contains(d.Data[:min(len(d.Data), 620)], []byte(trace)) || len(trace) > 2 && bytes.Contains(d.Data, []byte(trace)) {
				t.Errorf("%s holds %q", d.Size.Name(), trace)
			}
		}
	}
}

func TestATruncatedJPEGShowsWhatItHas(t *testing.T) {
	whole := jpegOf(corners(160, 160))
	file := whole[:len(whole)*3/4]
	out, truncated, err := Derive(t.Context(), bytes.NewReader(file), inspect(t, file), []Size{{160, 0}})
	if err != nil || !truncated {
		t.Fatal(truncated, err)
	}
	if img := pixels(t, out[0]); !near(img.At(20, 20), red) || !near(img.At(140, 20), green) {
		t.Error("the upper half is lost")
	}
}

func TestAJPEGCutAnywhere(t *testing.T) {
	for _, whole := range [][]byte{jpegOf(corners(24, 16)), flatJPEG(24, 16, 0xc2, 1, 2, 3), flatJPEG(24, 16, 0xc0, 1, 2, 3, 4)} {
		shown := 0
		for n := range whole {
			info, err := Inspect(bytes.NewReader(whole[:n]), DefaultLimits())
			if err != nil {
				if code := codeOf(err); code != Truncated && (n > 2 || code != NotAnImage) {
					t.Fatalf("%d bytes: %v", n, err)
				}
				continue
			}
			_, truncated, err := Derive(t.Context(), bytes.NewReader(whole[:n]), info, EvidenceSizes())
			switch {
			case err == nil && truncated:
				shown++
			case codeOf(err) != Truncated:
				t.Fatalf("%d bytes: truncated %v, %v", n, truncated, err)
			}
		}
		if shown == 0 {
			t.Error("no cut could be shown")
		}
	}
}

func TestPNGAndWebPCutAnywhereAreTruncated(t *testing.T) {
	for _, whole := range [][]byte{pngOf(corners(24, 16)), webpLossy, webpLossless, webpAlpha} {
		for n := range whole {
			file := whole[:n]
			info, err := Inspect(bytes.NewReader(file), DefaultLimits())
			if err == nil {
				_, _, err = Derive(t.Context(), bytes.NewReader(file), info, EvidenceSizes())
			}
			code := codeOf(err)
			padding := err == nil && n == len(whole)-1 // the last byte of a RIFF may mean nothing
			if code != Truncated && (n >= 16 || code != NotAnImage) && !padding {
				t.Fatalf("%s, %d of %d bytes: %v", info.Format, n, len(whole), err)
			}
		}
	}
}

func TestDeriveRefuses(t *testing.T) {
	photo := jpegOf(corners(16, 16))
	lied := inspect(t, photo)
	lied.Width = 17
	scans := flatJPEG(16, 16, 0xc2, 1)
	at := bytes.Index(scans, []byte{0xff, 0xda})
	many := slices.Concat(scans[:at], bytes.Repeat(scans[at:len(scans)-2], 5000), scans[len(scans)-2:])
	damaged := pngOf(corners(16, 16))
	damaged[50] ^= 0xff
	for _, c := range []struct {
		says string
		file []byte
		info Info
		want string
	}{
		{"a HEIC", heic(nil), inspect(t, heic(nil)), UnsupportedFormat},
		{"a file that is not the inspected one", photo, lied, BrokenImage},
		{"a JPEG with 5,000 scans", many, inspect(t, many), BrokenImage},
		{"a PNG with a damaged byte", damaged, inspect(t, damaged), BrokenImage},
	} {
		t.Run(c.says, func(t *testing.T) {
			_, _, err := Derive(t.Context(), bytes.NewReader(c.file), c.info, EvidenceSizes())
			if codeOf(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestDeriveStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	photo := jpegOf(corners(16, 16))
	if _, _, err := Derive(ctx, bytes.NewReader(photo), inspect(t, photo), EvidenceSizes()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestDecodeCostGrowsWithWhatADecoderHolds(t *testing.T) {
	photo := Info{Format: JPEG, Width: 4000, Height: 3000}
	progressive, png := photo, photo
	progressive.Progressive, png.Format = true, PNG
	if a, b, c := DecodeCost(photo), DecodeCost(png), DecodeCost(progressive); a < 12e6*3 || b <= a || c <= b {
		t.Error(a, b, c)
	}
}

func FuzzDerive(f *testing.F) {
	for _, file := range seeds() {
		f.Add(file)
	}
	lim := Limits{MaxBytes: 1 << 20, MaxPixels: 1 << 18, MaxPixelsFull: 1 << 18, MaxSide: 4096}
	f.Fuzz(func(t *testing.T, file []byte) {
		info, err := Inspect(bytes.NewReader(file), lim)
		if err != nil {
			return
		}
		out, _, err := Derive(t.Context(), bytes.NewReader(file), info, []Size{{16, 16}, {48, 0}})
		if err != nil {
			if codeOf(err)[:3] == "oth" {
				t.Fatal(err)
			}
			return
		}
		for _, d := range out {
			pixels(t, d)
		}
	})
}
