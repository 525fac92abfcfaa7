package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/disintegration/imaging"

	"gridwalk/media/jpeg"
	"gridwalk/media/stamp"
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
// becomes white, colours become sRGB.
//
// A JPEG whose end is missing is shown as far as it goes, and truncated is
// true. A HEIC is refused with unsupported_format. Memory is bounded by
// [DecodeCost]; one call should be one job of a queue.
func Derive(ctx context.Context, r io.ReadSeeker, info Info, sizes []Size) (out []Derived, truncated bool, err error) {
	made, err := Make(ctx, r, info, Order{Sizes: sizes})
	return made.Pictures, made.Truncated, err
}

// Order is what is to be made of a photograph.
type Order struct {
	Sizes []Size
	Blur  []Region     // made unrecognizable in all pictures
	Stamp []stamp.Line // drawn on the largest picture
}

// Made is what came of an Order.
type Made struct {
	Pictures    []Derived // in the order of the sizes
	Truncated   bool      // the file ends, or is damaged, before its picture ends
	Stamped     bool      // false where the picture is too small to hold the stamp
	Fingerprint Fingerprint
}

// Make is Derive with all that can be ordered. The fingerprint is that of the
// photograph before anything was blurred or stamped.
func Make(ctx context.Context, r io.ReadSeeker, info Info, o Order) (made Made, err error) {
	defer func() {
		if p := recover(); p != nil {
			made, err = Made{}, refuse(BrokenImage, "the picture cannot be worked on: %v", p)
		}
	}()
	if err := o.check(); err != nil {
		return Made{}, err
	}
	if info.Format == HEIC {
		return Made{}, refuse(UnsupportedFormat, "%s is kept but not decoded", info.Format)
	}
	if err := confirm(r, info); err != nil {
		return Made{}, err
	}
	wanted := plans(info, o.Sizes)
	frame, err := firstFrame(ctx, r, info, largest(wanted))
	if err != nil {
		return Made{}, err
	}
	if info.gamut != nil {
		info.gamut.apply(frame)
	}
	made.Truncated, made.Fingerprint = frame.Truncated, fingerprint(frame)
	for _, region := range o.Blur {
		blur(frame, region)
	}
	made.Pictures, made.Stamped, err = cascade(ctx, frame, wanted, o.Stamp)
	for i := range made.Pictures {
		made.Pictures[i].Size = o.Sizes[i]
	}
	return made, err
}

func (o Order) check() error {
	if len(o.Sizes) == 0 {
		return errors.New("media: no size is asked for")
	}
	for _, s := range o.Sizes {
		if s.Width <= 0 || s.Height < 0 {
			return fmt.Errorf("media: no picture of size %s", s.Name())
		}
	}
	for _, r := range o.Blur {
		if !r.Valid() {
			return fmt.Errorf("media: %v is no region of a picture", r)
		}
	}
	return nil
}

// cascade makes the pictures wanted, the biggest first, each of the smallest
// whole one made before it.
func cascade(ctx context.Context, frame *jpeg.Picture, wanted []plan, lines []stamp.Line) (out []Derived, stamped bool, err error) {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return wanted[b].area() - wanted[a].area() })
	out = make([]Derived, len(wanted))
	for nth, i := range order {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		p := wanted[i]
		picture := frame
		if p.window() != whole(frame.Y.Width, frame.Y.Height) {
			picture = resample(frame, 1, p.window())
		}
		if p.window() == whole(p.cropW, p.cropH) {
			frame = picture
		}
		if nth == 0 && len(lines) > 0 {
			picture = picture.Clone()
			err := stamp.Draw(picture, lines)
			if stamped = err == nil; !stamped && err != stamp.ErrNoRoom {
				return nil, false, fmt.Errorf("media: %w", err)
			}
		}
		data, err := encode(picture)
		if err != nil {
			return nil, false, err
		}
		out[i] = Derived{Width: p.cropW, Height: p.cropH, Data: data}
	}
	return out, stamped, nil
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
