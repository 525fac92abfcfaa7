package media

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/bep/imagemeta"
)

// wanted are the only tags read, each from the one directory where it belongs:
// an embedded thumbnail has an Orientation of its own.
var wanted = map[string]string{
	"Orientation":        "IFD0",
	"DateTimeOriginal":   "IFD0/ExifIFDP",
	"OffsetTimeOriginal": "IFD0/ExifIFDP",
	"SubSecTimeOriginal": "IFD0/ExifIFDP",
	"GPSLatitude":        "IFD0/GPSInfoIFD",
	"GPSLatitudeRef":     "IFD0/GPSInfoIFD",
	"GPSLongitude":       "IFD0/GPSInfoIFD",
	"GPSLongitudeRef":    "IFD0/GPSInfoIFD",
}

// Bounds of reading EXIF. The library's own timeout leaves a goroutine behind
// that still reads the caller's file, so the reader is what runs dry instead.
const (
	exifTime    = 500 * time.Millisecond
	exifBytes   = 1 << 20
	exifTags    = 1000
	exifTagSize = 256
)

// tags are EXIF values by name, as imagemeta gives them: their types are the
// file's choice and have to be checked.
type tags map[string]any

// containers are the formats in which imagemeta looks for EXIF itself. Not in a
// HEIC: it does not bound the extents of an iloc box, which may take no bytes.
var containers = map[Format]imagemeta.ImageFormat{JPEG: imagemeta.JPEG, PNG: imagemeta.PNG, WebP: imagemeta.WebP}

// readTags returns the wanted tags as far as they can be read.
func readTags(r io.ReadSeeker, f imagemeta.ImageFormat) (found tags) {
	found = tags{}
	defer func() { _ = recover() }() // what was found before stays
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return found
	}
	// The error is of no use: it is the same for no EXIF and for broken EXIF.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:           &ration{ReadSeeker: r, left: exifBytes, until: time.Now().Add(exifTime)},
		ImageFormat: f,
		Sources:     imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return wanted[t.Tag] == t.Namespace
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			found[t.Tag] = t.Value
			return nil
		},
		LimitNumTags: exifTags,
		LimitTagSize: exifTagSize,
	})
	return found
}

// ration is a reader that runs dry after some bytes or some time.
type ration struct {
	io.ReadSeeker
	left  int
	until time.Time
}

var errRation = errors.New("media: the metadata takes too long to read")

func (r *ration) Read(p []byte) (int, error) {
	if r.left <= 0 || time.Now().After(r.until) {
		return 0, errRation
	}
	n, err := r.ReadSeeker.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

func (t tags) text(name string) string {
	s, _ := t[name].(string)
	return strings.TrimSpace(s)
}

// fill writes what the tags say into info, and leaves alone what they do not.
func (t tags) fill(info *Info) {
	if o, ok := t["Orientation"].(uint16); ok && o >= 1 && o <= 8 {
		info.Orientation = int(o)
	}
	info.TakenAt, info.TakenAtZoneKnown = t.takenAt()
	info.Lat, info.Lng, info.HasPlace = t.place()
}

// takenAt joins the three tags of the moment of exposure.
func (t tags) takenAt() (at time.Time, zoneKnown bool) {
	zone := time.FixedZone("CST", 8*3600) // Asia/Shanghai, without needing tzdata
	if offset, err := time.Parse("-07:00", t.text("OffsetTimeOriginal")); err == nil {
		zone, zoneKnown = offset.Location(), true
	}
	at, err := time.ParseInLocation("2006:01:02 15:04:05", t.text("DateTimeOriginal"), zone)
	if err != nil || at.Year() < 1990 { // "0000:00:00 00:00:00" and clocks never set
		return time.Time{}, false
	}
	return at.Add(t.subSec()), zoneKnown
}

// subSec reads the fraction of the second. imagemeta has made the digits a
// number and so lost leading zeros; phones write 3, 6 or 9 digits.
func (t tags) subSec() time.Duration {
	n, _ := t["SubSecTimeOriginal"].(int)
	switch {
	case n < 0 || n >= 1e9:
		return 0
	case n < 1e3:
		return time.Duration(n) * time.Millisecond
	case n < 1e6:
		return time.Duration(n) * time.Microsecond
	}
	return time.Duration(n)
}

// place returns degrees. A latitude or longitude of exactly 0 is what cameras
// without a fix write, and what imagemeta makes of a value it cannot read.
func (t tags) place() (lat, lng float64, ok bool) {
	lat, okLat := signed(t["GPSLatitude"], t.text("GPSLatitudeRef"), "N", "S", 90)
	lng, okLng := signed(t["GPSLongitude"], t.text("GPSLongitudeRef"), "E", "W", 180)
	if !okLat || !okLng {
		return 0, 0, false
	}
	return lat, lng, true
}

func signed(value any, ref, plus, minus string, most float64) (float64, bool) {
	v, ok := value.(float64)
	if !ok || !(v > 0 && v <= most) || (ref != plus && ref != minus) {
		return 0, false
	}
	if ref == minus {
		v = -v
	}
	return v, true
}
