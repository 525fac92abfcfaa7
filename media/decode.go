package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"gridwalk/media/jpeg"
)

// DecodeCost estimates how many bytes [Derive] holds at its peak for a picture,
// from above. Callers run only as many at once as their memory allows: see
// [Budget].
func DecodeCost(info Info) int64 {
	pixels := int64(info.Width) * int64(info.Height)
	if info.Format == HEIC {
		return 0
	}
	if info.planar {
		return planarCost(info)
	}
	perPixel := int64(8) // PNG of 16 bits a channel; lossless WebP holds two copies
	switch {
	case info.Progressive:
		perPixel = 16 // 32 bits a coefficient, three channels, and the planes
	case info.Format == JPEG:
		perPixel = 4
	}
	// Shrinking goes by width first: a strip as wide as the target, as high as the source.
	strip := 4 * min(pixels, 1600*int64(max(info.Width, info.Height)))
	return perPixel*pixels + strip + 1<<20
}

// planarCost is for three planes of as many samples, which are more than
// cameras have, and for what they are shrunk through.
func planarCost(info Info) int64 {
	frame := largest(plans(info, EvidenceSizes()))
	n := int64(frame.scale(info))
	samples := 3 * int64(info.Width) * int64(info.Height) * n * n / 64
	cost := 2*samples + 8<<20 // and the frame
	if info.Progressive {     // two bytes a coefficient, and a bit for each of 64
		cost += 2*samples + 8*samples/(n*n)
	}
	return cost
}

// decodePlanar returns a JPEG as stored, not smaller than p wants it.
func decodePlanar(ctx context.Context, r io.Reader, info Info, p plan) (*jpeg.Picture, error) {
	t := &tap{ctx: ctx, r: r}
	pic, err := jpeg.Decode(ctx, t, jpeg.Options{
		Scale:     p.scale(info),
		MaxPixels: int64(info.Width) * int64(info.Height),
		MaxScans:  maxScans,
	})
	if err != nil {
		return nil, explain(t, JPEG, err)
	}
	return pic, nil
}

// decode returns the picture as stored, and whether its end is missing.
func decode(ctx context.Context, r io.ReadSeeker, info Info) (img image.Image, truncated bool, err error) {
	t := &tap{ctx: ctx, r: r}
	img, err = attempt(t, info)
	if err != nil && info.Format == JPEG && t.ended && t.err == nil {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return nil, false, fmt.Errorf("media: rewind: %w", err)
		}
		truncated = true
		t = &tap{ctx: ctx, r: io.MultiReader(r, padding(info))}
		if img, err = attempt(t, info); err != nil && t.err == nil {
			return nil, false, refuse(Truncated, "the jpeg ends before anything can be shown")
		}
	}
	if err != nil {
		return nil, false, explain(t, info.Format, err)
	}
	w, h := info.stored()
	if b := img.Bounds(); b.Dx() != w || b.Dy() != h {
		return nil, false, refuse(BrokenImage, "the header says %d×%d, the picture is %d×%d", w, h, b.Dx(), b.Dy())
	}
	return img, truncated, nil
}

// attempt decodes the file under t from its start, by the decoder of its
// format: image.Decode would take any format that some import has registered.
func attempt(t *tap, info Info) (image.Image, error) {
	switch info.Format {
	case JPEG:
		return stdjpeg.Decode(&scanLimit{Reader: t})
	case PNG:
		return png.Decode(t)
	case WebP:
		return webp.Decode(t)
	}
	return nil, fmt.Errorf("media: no decoder for %q", info.Format)
}

// padding stands in for the missing end of a JPEG, since image/jpeg throws a
// picture away that it cannot finish: zero bits are a valid code in every
// Huffman table, so that the rest of the scan becomes flat or dark, until the
// end-of-image marker. Three bytes a pixel are enough for common tables.
func padding(info Info) io.Reader {
	zeros := io.LimitReader(zeroReader{}, int64(info.Width)*int64(info.Height)*3+1<<16)
	return io.MultiReader(zeros, bytes.NewReader([]byte{0xff, 0xd9}))
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
