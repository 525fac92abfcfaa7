package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	stdjpeg "image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"gridwalk/media/jpeg"
)

// header is what a file says of its picture, as stored: before any rotation.
type header struct {
	width, height int
	progressive   bool
	planar        bool   // a JPEG that gridwalk/media/jpeg decodes
	gamut         *gamut // of its colours, nil for sRGB
}

// readHeader asks the decoder that will decode the picture, so that both read
// the same header of a file that has several.
func readHeader(r io.Reader, f Format) (h header, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = refuse(BrokenImage, "the %s header cannot be read: %v", f, p)
		}
	}()
	t := &tap{ctx: context.Background(), r: r}
	var c image.Config
	switch f {
	case JPEG:
		return jpegHeader(t)
	case PNG:
		c, err = png.DecodeConfig(t)
	case WebP:
		var seen bytes.Buffer
		c, err = webp.DecodeConfig(io.TeeReader(t, &seen))
		if b := seen.Bytes(); len(b) > 20 && string(b[12:16]) == "VP8X" && b[20]&2 != 0 {
			return h, refuse(UnsupportedFormat, "an animated webp")
		}
	}
	if err != nil {
		return h, explain(t, f, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return h, refuse(BrokenImage, "the header says %d×%d pixels", c.Width, c.Height)
	}
	return header{width: c.Width, height: c.Height}, nil
}

// jpegHeader reads what no decoder of ours can decode as unsupported.
func jpegHeader(t *tap) (header, error) {
	c, err := jpeg.DecodeConfig(t)
	if err != nil {
		return header{}, explain(t, JPEG, err)
	}
	return header{c.Width, c.Height, c.Progressive, c.Unsupported == nil, newGamut(c.ICC)}, nil
}

// explain turns a decoder's error into a refusal, or into the reason why the
// file could not be read.
func explain(t *tap, f Format, err error) error {
	var refusal Error
	var noJPEG jpeg.UnsupportedError
	var noStdJPEG stdjpeg.UnsupportedError
	var noPNG png.UnsupportedError
	switch {
	case t.err != nil:
		return t.err
	case t.ctx.Err() != nil:
		return t.ctx.Err()
	case errors.As(err, &refusal):
		return refusal
	case t.ended, errors.Is(err, jpeg.ErrTruncated):
		return refuse(Truncated, "the %s ends too early", f)
	case errors.As(err, &noJPEG), errors.As(err, &noStdJPEG), errors.As(err, &noPNG):
		return refuse(UnsupportedFormat, "%v", err)
	}
	return refuse(BrokenImage, "%v", err)
}
