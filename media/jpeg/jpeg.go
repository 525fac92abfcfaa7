// Package jpeg decodes and encodes the JPEGs that cameras write (ITU-T T.81:
// sequential and progressive Huffman, 8 bits, grey or YCbCr), planar and
// without ever making RGB of them. A picture can be decoded at N/8 of its size
// straight from its N×N lowest frequencies, which costs a fraction of the time
// and N²/64 of the memory.
//
// It is strict about what may cost much (pixels, scans, the context) and
// lenient about what is missing: of a file that is cut or damaged it gives what
// can be shown. Everything unusual is an [UnsupportedError]; image/jpeg may
// know it.
//
//	pic, err := jpeg.Decode(ctx, file, jpeg.Options{Scale: jpeg.ScaleFor(4000, 3000, 1600, 1200)})
//	err = jpeg.Encode(w, pic, 80)
package jpeg

import (
	"context"
	"errors"
	"io"
	"slices"
)

// FormatError says what is wrong with a file.
type FormatError string

func (e FormatError) Error() string { return "jpeg: " + string(e) }

// UnsupportedError says what of a possibly good file is not decoded here:
// CMYK, RGB, arithmetic coding, other precisions than 8 bits.
type UnsupportedError string

func (e UnsupportedError) Error() string { return "jpeg: unsupported: " + string(e) }

// ErrTruncated is the error of a file that ends before anything can be shown.
var ErrTruncated = errors.New("jpeg: the file ends before anything can be shown")

// Plane is one component of a picture: sample (x, y) is Pix[y*Stride+x]. Stride
// is a multiple of 8 and Pix holds a multiple of 8 lines, so that a plane can be
// worked on in squares; what lies beyond Width and Height means nothing.
type Plane struct {
	Pix           []uint8
	Stride        int
	Width, Height int // samples

	// SpanX and SpanY are the samples that the picture covers: at most Width
	// and Height, and a fraction where the picture ends inside a sample.
	SpanX, SpanY float64
}

// NewPlane makes a plane of w × h samples, covered whole.
func NewPlane(w, h int) Plane {
	p := Plane{Stride: (w + 7) &^ 7, Width: w, Height: h, SpanX: float64(w), SpanY: float64(h)}
	p.Pix = make([]uint8, p.size(h))
	return p
}

// Picture is planar YCbCr as JFIF defines it: BT.601, full range, the samples
// of a smaller plane centred on those they stand for. Grey pictures have a Y
// plane only.
type Picture struct {
	Y, Cb, Cr Plane

	// Truncated is true when a part of the picture is missing or damaged, and
	// shown grey or unsharp.
	Truncated bool
}

// Grey tells whether the picture has no colours.
func (p *Picture) Grey() bool { return p.Cb.Pix == nil }

// Clone returns a picture that shares nothing with p.
func (p *Picture) Clone() *Picture {
	c := *p
	c.Y.Pix, c.Cb.Pix, c.Cr.Pix = slices.Clone(p.Y.Pix), slices.Clone(p.Cb.Pix), slices.Clone(p.Cr.Pix)
	return &c
}

// Options of [Decode].
type Options struct {
	Scale     int   // N of N/8: 1, 2, 3, 4, 5, 6 or 8
	MaxPixels int64 // of the stored picture; 0 is 100 million
	MaxScans  int   // 0 is 256; a real progressive file has about ten
}

// scales are the N that have an inverse DCT here.
var scales = []int{1, 2, 3, 4, 5, 6, 8}

// ScaleFor returns the smallest Scale at which a picture of w × h is not
// smaller than toW × toH.
func ScaleFor(w, h, toW, toH int) int {
	for _, n := range scales {
		if w*n >= 8*toW && h*n >= 8*toH {
			return n
		}
	}
	return 8
}

// Decode decodes a JPEG at a scale. Errors are a [FormatError], an
// [UnsupportedError], [ErrTruncated], or come from the reader or the context.
func Decode(ctx context.Context, r io.Reader, o Options) (*Picture, error) {
	if o.MaxPixels == 0 {
		o.MaxPixels = 100e6
	}
	if o.MaxScans == 0 {
		o.MaxScans = 256
	}
	if !slices.Contains(scales, o.Scale) {
		return nil, UnsupportedError("scale")
	}
	d := &decoder{ctx: ctx, options: o, n: o.Scale, in: input{r: r}}
	if err := d.run(); err != nil {
		return nil, err
	}
	return d.picture()
}

// Config is what the segments before the first scan say.
type Config struct {
	Width, Height int // pixels, as stored
	Progressive   bool
	Unsupported   error  // why Decode would refuse the file; nil if it would not
	ICC           []byte // the embedded colour profile, if all of it is there
}

// DecodeConfig reads up to the first scan. It reads the sizes of CMYK and RGB
// pictures too and says that they are unsupported.
func DecodeConfig(r io.Reader) (Config, error) {
	d := &decoder{ctx: context.Background(), n: 1, in: input{r: r}, headerOnly: true}
	d.options = Options{Scale: 1, MaxPixels: 1 << 32, MaxScans: 1}
	if err := d.run(); err != nil {
		return Config{}, err
	}
	if d.width == 0 {
		return Config{}, FormatError("no frame before the first scan")
	}
	return Config{d.width, d.height, d.progressive, d.usual(), d.icc.join()}, nil
}
