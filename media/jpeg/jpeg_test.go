package jpeg

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// planar is a picture of image/jpeg, plane by plane.
func planar(t testing.TB, img image.Image) []Plane {
	t.Helper()
	switch m := img.(type) {
	case *image.Gray:
		return []Plane{{Pix: m.Pix, Stride: m.Stride, Width: m.Rect.Dx(), Height: m.Rect.Dy()}}
	case *image.YCbCr:
		c := m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1)
		cw, ch := c%m.CStride+1, c/m.CStride+1
		return []Plane{
			{Pix: m.Y, Stride: m.YStride, Width: m.Rect.Dx(), Height: m.Rect.Dy()},
			{Pix: m.Cb, Stride: m.CStride, Width: cw, Height: ch},
			{Pix: m.Cr, Stride: m.CStride, Width: cw, Height: ch},
		}
	}
	t.Fatalf("image/jpeg gave %T", img)
	return nil
}

// psnr compares what two planes both have, in dB.
func psnr(a, b Plane) float64 {
	sum, n := 0.0, 0
	for y := range min(a.Height, b.Height) {
		for x := range min(a.Width, b.Width) {
			d := float64(a.Pix[y*a.Stride+x]) - float64(b.Pix[y*b.Stride+x])
			sum += d * d
			n++
		}
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(n)/sum)
}

func (p *Picture) planes() []Plane {
	if p.Grey() {
		return []Plane{p.Y}
	}
	return []Plane{p.Y, p.Cb, p.Cr}
}

func full(t testing.TB, file []byte) *Picture {
	t.Helper()
	p, err := Decode(context.Background(), bytes.NewReader(file), Options{Scale: 8})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTry(t *testing.T) {
	files, _ := filepath.Glob("/usr/local/go/src/image/testdata/*.jpeg")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		img, err := jpeg.Decode(bytes.NewReader(b))
		p, err2 := Decode(context.Background(), bytes.NewReader(b), Options{Scale: 8})
		t.Log(filepath.Base(f), err, err2)
		if err == nil && err2 == nil {
			t.Log(p.Truncated)
			for i, q := range planar(t, img) {
				t.Logf("%d %.1f", i, psnr(q, p.planes()[i]))
			}
		}
	}
}

func TestTryEncode(t *testing.T) {
	b, _ := os.ReadFile("/tmp/photo4032.jpg")
	p, err := Decode(context.Background(), bytes.NewReader(b), Options{Scale: 4})
	if err != nil {
		t.Fatal(err)
	}
	var out, std bytes.Buffer
	if err := Encode(&out, p, 80); err != nil {
		t.Fatal(err)
	}
	img := &image.YCbCr{Y: p.Y.Pix, Cb: p.Cb.Pix, Cr: p.Cr.Pix, YStride: p.Y.Stride, CStride: p.Cb.Stride, Rect: image.Rect(0, 0, p.Y.Width, p.Y.Height), SubsampleRatio: image.YCbCrSubsampleRatio420}
	jpeg.Encode(&std, img, &jpeg.Options{Quality: 80})
	t.Log(out.Len(), std.Len())
	a, err := jpeg.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := jpeg.Decode(&std)
	for i, q := range planar(t, a) {
		t.Logf("vs source %.2f, std vs source %.2f, to std %.2f", psnr(q, p.planes()[i]), psnr(planar(t, c)[i], p.planes()[i]), psnr(q, planar(t, c)[i]))
	}
}

func BenchmarkTry(b *testing.B) {
	for _, c := range []struct {
		f string
		n int
	}{{"4032", 8}, {"4032", 5}, {"4032", 4}, {"6000", 3}, {"8064", 2}, {"8064", 1}} {
		f, _ := os.ReadFile("/tmp/photo" + c.f + ".jpg")
		b.Run(c.f+"/"+string(rune('0'+c.n)), func(b *testing.B) {
			for b.Loop() {
				Decode(context.Background(), bytes.NewReader(f), Options{Scale: c.n})
			}
		})
	}
	f, _ := os.ReadFile("/tmp/photo4032.jpg")
	b.Run("std", func(b *testing.B) {
		for b.Loop() {
			jpeg.Decode(bytes.NewReader(f))
		}
	})
	p, _ := Decode(context.Background(), bytes.NewReader(f), Options{Scale: 4})
	b.Run("encode2016", func(b *testing.B) {
		for b.Loop() {
			var out bytes.Buffer
			Encode(&out, p, 80)
		}
	})
}
