package media

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// Info describes a photograph without its pixels.
type Info struct {
	Format        Format
	Width, Height int    // pixels, upright: after Orientation; 0 when a HEIC does not say
	Orientation   int    // 1..8 as EXIF numbers them; 1 is upright as stored
	Progressive   bool   // a progressive JPEG, which takes more memory to decode
	SHA256        string // of the whole file, lower-case hex
	Bytes         int64  // of the whole file

	// TakenAt is when the shutter fell by the camera's clock, zero if unknown.
	// Where the camera did not write its offset from UTC, China's (+08:00) is
	// assumed and TakenAtZoneKnown is false.
	TakenAt          time.Time
	TakenAtZoneKnown bool

	// Lat and Lng are degrees, WGS-84 as EXIF says, where HasPlace. A camera
	// can be told to write any place: a hint, not a proof.
	HasPlace bool
	Lat, Lng float64

	planar bool   // a JPEG that is decoded planar and at a scale
	gamut  *gamut // of its colours, nil for sRGB
}

// stored returns the dimensions before Orientation is applied.
func (i Info) stored() (width, height int) {
	if i.Orientation >= 5 {
		return i.Height, i.Width
	}
	return i.Width, i.Height
}

// Inspect reads a whole file but decodes no pixels. It refuses what is not a
// supported image or exceeds the limits with an [Error]. Metadata that cannot
// be read is left out: it never makes a good image fail. A JPEG that lacks its
// end passes, since only decoding it would tell: see [Derive].
func Inspect(r io.ReadSeeker, lim Limits) (Info, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return Info{}, fmt.Errorf("media: size: %w", err)
	}
	if size > lim.MaxBytes {
		return Info{}, refuse(TooLarge, "%d bytes; the limit is %d", size, lim.MaxBytes)
	}
	info := Info{Bytes: size, Orientation: 1}
	if info.Format, err = sniff(r); err != nil {
		return Info{}, err
	}
	h, tags, err := describe(r, info.Format)
	if err != nil {
		return Info{}, err
	}
	if err := lim.check(info.Format, h); err != nil {
		return Info{}, err
	}
	info.Width, info.Height, info.Progressive = h.width, h.height, h.progressive
	info.planar, info.gamut = h.planar, h.gamut
	tags.fill(&info)
	info.Width, info.Height = info.stored()

	if info.SHA256, err = hash(r); err != nil {
		return Info{}, err
	}
	return info, nil
}

func sniff(r io.ReadSeeker) (Format, error) {
	head := make([]byte, sniffLen)
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("media: rewind: %w", err)
	}
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return "", fmt.Errorf("media: read: %w", err)
	}
	format, ok := Sniff(head[:n])
	switch {
	case ok:
		return format, nil
	case format != "":
		return "", refuse(UnsupportedFormat, "%s images are not accepted", format)
	}
	return "", refuse(NotAnImage, "the file is no image")
}

// describe reads the header and the metadata.
func describe(r io.ReadSeeker, f Format) (header, tags, error) {
	if f == HEIC {
		h, t := readHEIC(r)
		return h, t, nil
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return header{}, nil, fmt.Errorf("media: rewind: %w", err)
	}
	h, err := readHeader(r, f)
	if err != nil {
		return h, nil, err
	}
	return h, readTags(r, containers[f]), nil
}

func hash(r io.ReadSeeker) (string, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("media: rewind: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", fmt.Errorf("media: hash: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
