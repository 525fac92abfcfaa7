package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/disintegration/imaging"

	"gridwalk/media/jpeg"
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
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, refuse(BrokenImage, "the picture cannot be worked on: %v", p)
		}
	}()
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
	wanted := plans(info, sizes)
	frame, err := firstFrame(ctx, r, info, largest(wanted))
	if err != nil {
		return nil, false, err
	}
	if info.gamut != nil {
		info.gamut.apply(frame)
	}
	out, err = cascade(ctx, frame, wanted)
	for i := range out {
		out[i].Size = sizes[i]
	}
	return out, frame.Truncated, err
}

// cascade makes the pictures wanted, the biggest first, each of the smallest
// whole one made before it.
func cascade(ctx context.Context, frame *jpeg.Picture, wanted []plan) ([]Derived, error) {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return wanted[b].area() - wanted[a].area() })
	out := make([]Derived, len(wanted))
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := wanted[i]
		picture := frame
		if p.window() != whole(frame.Y.Width, frame.Y.Height) {
			picture = resample(frame, 1, p.window())
		}
		data, err := encode(picture)
		if err != nil {
			return nil, err
		}
		out[i] = Derived{Width: p.cropW, Height: p.cropH, Data: data}
		if p.window() == whole(p.cropW, p.cropH) {
			frame = picture
		}
	}
	return out, nil
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

func plans(info Info, sizes []Size) []plan {
	all := make([]plan, len(sizes))
	for i, s := range sizes {
		all[i] = s.plan(info.Width, info.Height)
	}
	return all
}

func largest(plans []plan) plan {
	return slices.MaxFunc(plans, func(a, b plan) int { return a.area() - b.area() })
}

// firstFrame returns the whole picture upright, as large as p wants its frame.
func firstFrame(ctx context.Context, r io.ReadSeeker, info Info, p plan) (*jpeg.Picture, error) {
	if info.planar {
		pic, err := decodePlanar(ctx, r, info, p)
		if err != nil {
			return nil, err
		}
		return resample(pic, info.Orientation, whole(p.frameW, p.frameH)), nil
	}
	img, truncated, err := decode(ctx, r, info)
	if err != nil {
		return nil, err
	}
	w, h := p.stored(info)
	frame := imaging.Resize(img, w, h, imaging.Lanczos) // copies when the size is the same
	flatten(frame)
	pic := planar(upright(frame, info.Orientation))
	pic.Truncated = truncated
	return pic, nil
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

func encode(p *jpeg.Picture) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, jpegQuality); err != nil {
		return nil, fmt.Errorf("media: encode: %w", err)
	}
	return b.Bytes(), nil
}
