package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// header is what a file says of its picture, as stored: before any rotation.
type header struct {
	width, height int
	progressive   bool
}

// readHeader asks the decoder that will decode the picture, so that both read
// the same header of a file that has several.
func readHeader(r io.Reader, f Format) (h header, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = refuse(BrokenImage, "the %s header cannot be read: %v", f, p)
		}
	}()
	var seen bytes.Buffer
	t := &tap{ctx: context.Background(), r: r}
	var c image.Config
	switch f {
	case JPEG:
		c, err = jpeg.DecodeConfig(io.TeeReader(t, &seen))
	case PNG:
		c, err = png.DecodeConfig(t)
	case WebP:
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
	return header{c.Width, c.Height, f == JPEG && isProgressive(seen.Bytes(), c)}, nil
}

// isProgressive looks for a progressive frame header with the dimensions that
// the decoder found. If the decoder met one it is in the bytes seen; a chance
// match in metadata only makes a limit stricter.
func isProgressive(seen []byte, c image.Config) bool {
	size := binary.BigEndian.AppendUint16([]byte{8}, uint16(c.Height))
	size = binary.BigEndian.AppendUint16(size, uint16(c.Width))
	for _, components := range []byte{1, 3, 4} {
		sof2 := append([]byte{0xff, 0xc2, 0, 8 + 3*components}, size...)
		if bytes.Contains(seen, sof2) {
			return true
		}
	}
	return false
}

// explain turns a decoder's error into a refusal, or into the reason why the
// file could not be read.
func explain(t *tap, f Format, err error) error {
	var refusal Error
	var noJPEG jpeg.UnsupportedError
	var noPNG png.UnsupportedError
	switch {
	case t.err != nil:
		return t.err
	case errors.As(err, &refusal):
		return refusal
	case t.ended:
		return refuse(Truncated, "the %s ends too early", f)
	case errors.As(err, &noJPEG), errors.As(err, &noPNG):
		return refuse(UnsupportedFormat, "%v", err)
	}
	return refuse(BrokenImage, "%v", err)
}
