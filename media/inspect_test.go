package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestInspectSaysWhatAFileIs(t *testing.T) {
	photo := jpegOf(corners(64, 40))
	for _, c := range []struct {
		says string
		file []byte
		want Info
	}{
		{"a JPEG", photo, Info{Format: JPEG, Width: 64, Height: 40, Orientation: 1, planar: true}},
		{"a JPEG with bytes behind its end", append(slices.Clone(photo), "motion video"...), Info{Format: JPEG, Width: 64, Height: 40, Orientation: 1, planar: true}},
		{"a JPEG that lacks its end", photo[:len(photo)-9], Info{Format: JPEG, Width: 64, Height: 40, Orientation: 1, planar: true}},
		{"a progressive JPEG", flatJPEG(24, 16, 0xc2, 1, 2, 3), Info{Format: JPEG, Width: 24, Height: 16, Orientation: 1, Progressive: true, planar: true}},
		{"a CMYK JPEG", flatJPEG(24, 16, 0xc0, 1, 2, 3, 4), Info{Format: JPEG, Width: 24, Height: 16, Orientation: 1}},
		{"a grey JPEG", jpegOf(image.NewGray(image.Rect(0, 0, 9, 7))), Info{Format: JPEG, Width: 9, Height: 7, Orientation: 1, planar: true}},
		{"a PNG", pngOf(corners(3, 2)), Info{Format: PNG, Width: 3, Height: 2, Orientation: 1}},
		{"a PNG of 16 bits", pngOf(image.NewNRGBA64(image.Rect(0, 0, 3, 2))), Info{Format: PNG, Width: 3, Height: 2, Orientation: 1}},
		{"a lossy WebP", webpLossy, Info{Format: WebP, Width: 1, Height: 1, Orientation: 1}},
		{"a lossless WebP", webpLossless, Info{Format: WebP, Width: 1, Height: 1, Orientation: 1}},
		{"a WebP with alpha", webpAlpha, Info{Format: WebP, Width: 1, Height: 1, Orientation: 1}},
		{"a HEIC, turned by its irot box and not by its EXIF", heic(orientation(3)), Info{Format: HEIC, Width: 3024, Height: 4032, Orientation: 6}},
		{"a HEIC without boxes", heic(nil)[:24], Info{Format: HEIC, Orientation: 1}},
	} {
		t.Run(c.says, func(t *testing.T) {
			c.want.Bytes = int64(len(c.file))
			c.want.SHA256 = fmt.Sprintf("%x", sha256.Sum256(c.file))
			if got := inspect(t, c.file); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// bomb is a WebP chunk alone in its file, for headers that promise much.
func bomb(kind, content string) []byte {
	b := append([]byte(kind), binary.LittleEndian.AppendUint32(nil, uint32(len(content)))...)
	b = append(append([]byte("WEBP"), b...), content...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

func TestInspectRefuses(t *testing.T) {
	for _, c := range []struct {
		says string
		file []byte
		want string
	}{
		{"an empty file", nil, NotAnImage},
		{"text", []byte("photo.jpg"), NotAnImage},
		{"HTML", []byte("<html><script>alert(1)</script>"), NotAnImage},
		{"a zip", []byte("PK\x03\x04\x14\x00\x00\x00"), NotAnImage},
		{"a JPEG behind garbage", append([]byte("garbage"), jpegOf(corners(8, 8))...), NotAnImage},
		{"a GIF", []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), UnsupportedFormat},
		{"a TIFF", orientation(1), UnsupportedFormat},
		{"an animated WebP", webpAnimated, UnsupportedFormat},
		{"a JPEG of 12 bits", bytes.Replace(flatJPEG(8, 8, 0xc0, 1), []byte{0xff, 0xc0, 0, 11, 8}, []byte{0xff, 0xc0, 0, 11, 12}, 1), UnsupportedFormat},
		{"a lossless JPEG", bytes.Replace(flatJPEG(8, 8, 0xc0, 1), []byte{0xff, 0xc0}, []byte{0xff, 0xc3}, 1), UnsupportedFormat},
		{"a PNG of 60,000 × 60,000", pngHeader(60000, 60000), TooManyPixels},
		{"a PNG of 8,000 × 8,000", pngHeader(8000, 8000), TooManyPixels},
		{"a PNG of 40,000 × 1", pngHeader(40000, 1), TooManyPixels},
		{"a PNG of 0 × 0", pngHeader(0, 0), BrokenImage},
		{"a PNG of 2³²-1 × 2³²-1", pngHeader(1<<32-1, 1<<32-1), BrokenImage},
		{"a JPEG of 65,500 × 65,500", flatJPEG(8, 8, 0xc0, 1), TooManyPixels},
		{"a progressive JPEG of 8,000 × 8,000", flatJPEG(8, 8, 0xc2, 1), TooManyPixels},
		{"a JPEG of 0 × 0", flatJPEG(0, 0, 0xc0, 1), BrokenImage},
		{"a WebP of 16,383 × 16,383", bomb("VP8L", "\x2f\xfe\xbf\xff\x0f\x00"), TooManyPixels},
		{"a WebP canvas of 16,777,216 × 1", bomb("VP8X", "\x00\x00\x00\x00\xff\xff\xff\x00\x00\x00"), TooManyPixels},
	} {
		t.Run(c.says, func(t *testing.T) {
			if i := strings.Index(c.says, "JPEG of 65"); i >= 0 {
				resized(c.file, 65500)
			} else if strings.Contains(c.says, "JPEG of 8,000") {
				resized(c.file, 8000)
			}
			_, err := Inspect(bytes.NewReader(c.file), DefaultLimits())
			if got := codeOf(err); got != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

// resized changes what the header of a flatJPEG of 8 × 8 says.
func resized(file []byte, side int) {
	i := bytes.Index(file, []byte{8, 0, 8, 0, 8, 1})
	binary.BigEndian.PutUint16(file[i+1:], uint16(side))
	binary.BigEndian.PutUint16(file[i+3:], uint16(side))
}

func TestInspectRefusesTooManyBytesBeforeReading(t *testing.T) {
	lim := DefaultLimits()
	lim.MaxBytes = 10
	_, err := Inspect(bytes.NewReader(jpegOf(corners(8, 8))), lim)
	if codeOf(err) != TooLarge {
		t.Error(err)
	}
}

type failing struct{ io.ReadSeeker }

var errDisk = errors.New("disk failed")

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func TestAFailingDiskIsNotABrokenImage(t *testing.T) {
	if _, err := Inspect(failing{bytes.NewReader(webpLossy)}, DefaultLimits()); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	if _, _, err := Derive(t.Context(), failing{bytes.NewReader(webpLossy)}, Info{Format: WebP, Width: 1, Height: 1}, EvidenceSizes()); !errors.Is(err, errDisk) {
		t.Error(err)
	}
}

func FuzzInspect(f *testing.F) {
	for _, file := range seeds() {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		info, err := Inspect(bytes.NewReader(file), DefaultLimits())
		if err != nil {
			if strings.HasPrefix(codeOf(err), "other") {
				t.Fatal(err)
			}
			return
		}
		if info.Orientation < 1 || info.Orientation > 8 || info.HasPlace && (info.Lat < -90 || info.Lat > 90 || info.Lng < -180 || info.Lng > 180) {
			t.Fatalf("%+v", info)
		}
	})
}

func seeds() [][]byte {
	photo := jpegOf(corners(24, 16))
	return [][]byte{
		photo, photo[:len(photo)/2], withEXIF(photo, shanghai(true)), withEXIF(photo, looping()),
		flatJPEG(24, 16, 0xc2, 1, 2, 3), flatJPEG(24, 16, 0xc0, 1, 2, 3, 4),
		pngOf(corners(5, 4)), pngHeader(60000, 60000), webpLossy, webpLossless, webpAlpha, webpAnimated,
		heic(shanghai(true)), []byte("GIF89a"), nil,
	}
}
