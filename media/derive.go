package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"slices"

	"github.com/disintegration/imaging"
)

// jpegQuality of derived pictures.
const jpegQuality = 80

// Derived is a small picture made of a photograph: an upright JPEG without any
// metadata. Size is what was asked for; Width and Height, in pixels, are
// smaller than that where the photograph is.
type Derived struct {
	Size          Size
	Width, Height int
	Data          []byte
}

// Derive makes the sizes, in the order asked, from the file that info was
// inspected from. A picture is never enlarged: one smaller than the width asked
// keeps its own, and a crop shrinks to what the picture holds. Transparency
// becomes white.
//
// A JPEG whose end is missing is shown as far as it goes, and truncated is
// true. A HEIC is refused with unsupported_format. Memory is bounded by
// [DecodeCost]; one call should be one job of a queue.
func Derive(ctx context.Context, r io.ReadSeeker, info Info, sizes []Size) (out []Derived, truncated bool, err error) {
	for _, s := range sizes {
		if s.Width <= 0 || s.Height < 0 {
			return nil, false, fmt.Errorf("media: no picture of size %s", s.Name())
		}
	}
	if info.Format == HEIC {
		return nil, false, refuse(UnsupportedFormat, "%s is kept but not decoded", info.Format)
	}
	if err := confirm(r, info); err != nil {
		return nil, false, err
	}
	img, truncated, err := decode(ctx, r, info)
	if err != nil {
		return nil, false, err
	}
	out, err = shrink(ctx, img, info.Orientation, sizes)
	if err != nil {
		return nil, false, err
	}
	return out, truncated, nil
}

// confirm rewinds r and makes sure that its header still says what info does:
// the limits were checked against info.
func confirm(r io.ReadSeeker, info Info) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("media: rewind: %w", err)
	}
	h, err := readHeader(r, info.Format)
	if err != nil {
		return err
	}
	if w, t := info.stored(); h.width != w || h.height != t {
		return refuse(BrokenImage, "the header says %d×%d, it was inspected as %d×%d", h.width, h.height, w, t)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("media: rewind: %w", err)
	}
	return nil
}

// shrink makes the sizes of one decoded picture, the biggest first and each
// other one from the one before. Only the first sees the full picture, and the
// rotation comes after it, when there is little left to rotate.
func shrink(ctx context.Context, img image.Image, orientation int, sizes []Size) ([]Derived, error) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if orientation >= 5 {
		w, h = h, w
	}
	plans := make([]plan, len(sizes))
	order := make([]int, len(sizes))
	for i, s := range sizes {
		plans[i], order[i] = s.plan(w, h), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return plans[b].frameW*plans[b].frameH - plans[a].frameW*plans[a].frameH })

	out := make([]Derived, len(sizes))
	var frame *image.NRGBA
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := plans[i]
		if frame == nil {
			frame = firstFrame(img, orientation, p)
			img = nil // free what is by far the largest
		} else {
			frame = resize(frame, p.frameW, p.frameH)
		}
		picture := frame
		if p.cropW != p.frameW || p.cropH != p.frameH {
			picture = imaging.CropCenter(frame, p.cropW, p.cropH)
		}
		data, err := encode(picture)
		if err != nil {
			return nil, err
		}
		out[i] = Derived{sizes[i], p.cropW, p.cropH, data}
	}
	return out, nil
}

// firstFrame shrinks the picture as stored, then turns it upright.
func firstFrame(img image.Image, orientation int, p plan) *image.NRGBA {
	w, h := p.frameW, p.frameH
	if orientation >= 5 {
		w, h = h, w
	}
	frame := imaging.Resize(img, w, h, imaging.Lanczos) // copies when the size is the same
	flatten(frame)
	return upright(frame, orientation)
}

func resize(img *image.NRGBA, w, h int) *image.NRGBA {
	if img.Rect.Dx() == w && img.Rect.Dy() == h {
		return img
	}
	return imaging.Resize(img, w, h, imaging.Lanczos)
}

// upright undoes an EXIF orientation.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img)
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img)
	}
	return img
}

// flatten lays the picture on white, in place.
func flatten(img *image.NRGBA) {
	for i := 0; i < len(img.Pix); i += 4 {
		p := img.Pix[i : i+4 : i+4]
		a := uint32(p[3])
		if a == 255 {
			continue
		}
		for c := range 3 {
			p[c] = uint8((uint32(p[c])*a + 255*(255-a) + 127) / 255)
		}
		p[3] = 255
	}
}

func encode(img *image.NRGBA) ([]byte, error) {
	// An opaque NRGBA has the bytes of an RGBA, for which image/jpeg is fast.
	opaque := &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, opaque, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, fmt.Errorf("media: encode: %w", err)
	}
	return b.Bytes(), nil
}
