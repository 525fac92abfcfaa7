package media

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
)

// Everything the tests read is made here, so that no file has to be trusted.

var (
	red    = color.NRGBA{220, 20, 20, 255}
	green  = color.NRGBA{20, 200, 20, 255}
	blue   = color.NRGBA{20, 20, 220, 255}
	yellow = color.NRGBA{220, 220, 20, 255}
)

// corners is red and green above, blue and yellow below.
func corners(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.NRGBA{{red, green}, {blue, yellow}}[2*y/h][2*x/w]
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// One pixel each, by libwebp.
var (
	webpLossy    = unbase64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	webpLossless = unbase64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	webpAlpha    = unbase64("UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==")
	webpAnimated = unbase64("UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA")
)

// tag is one EXIF entry; value is a uint16, a uint32, a string or [][2]uint32.
type tag struct {
	id    uint16
	value any
}

// tiff lays out EXIF with its three directories, big-endian.
func tiff(ifd0, exif, gps []tag) []byte {
	size := func(tags []tag) int { return 2 + 12*len(tags) + 4 }
	all := slices.Clone(ifd0)
	exifAt := 8 + size(ifd0) + 24
	gpsAt := exifAt + size(exif)
	all = append(all, tag{0x8769, uint32(exifAt)}, tag{0x8825, uint32(gpsAt)})
	dataAt := gpsAt + size(gps)
	be := binary.BigEndian
	b := []byte("MM\x00*\x00\x00\x00\x08")
	var data []byte
	for _, tags := range [][]tag{all, exif, gps} {
		b = be.AppendUint16(b, uint16(len(tags)))
		for _, t := range tags {
			kind, count, raw := 0, 1, []byte(nil)
			switch v := t.value.(type) {
			case uint16:
				kind, raw = 3, be.AppendUint16(nil, v)
			case uint32:
				kind, raw = 4, be.AppendUint32(nil, v)
			case string:
				raw = append([]byte(v), 0)
				kind, count = 2, len(raw)
			case [][2]uint32:
				kind, count = 5, len(v)
				for _, r := range v {
					raw = be.AppendUint32(be.AppendUint32(raw, r[0]), r[1])
				}
			}
			b = be.AppendUint16(be.AppendUint16(b, t.id), uint16(kind))
			b = be.AppendUint32(b, uint32(count))
			if len(raw) <= 4 {
				b = append(b, append(raw, 0, 0, 0, 0)[:4]...)
				continue
			}
			b = be.AppendUint32(b, uint32(dataAt+len(data)))
			data = append(data, raw...)
		}
		b = be.AppendUint32(b, 0)
	}
	return append(b, data...)
}

func orientation(o int) []byte { return tiff([]tag{{0x0112, uint16(o)}}, nil, nil) }

func segment(marker byte, content []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(content)+2))
	return append(b, content...)
}

// withEXIF puts an APP1 segment behind the start of a JPEG.
func withEXIF(jpg, tiff []byte) []byte {
	return slices.Concat(jpg[:2], segment(0xe1, append([]byte("Exif\x00\x00"), tiff...)), jpg[2:])
}

func chunk(name string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, name...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngHeader is a PNG that says w × h and holds nothing.
func pngHeader(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(ihdr, 8, 6, 0, 0, 0)))
}

// flatJPEG is a JPEG of n components in one colour, written by hand: one DC
// coefficient a block, all quantisers 8, so that a sample is 128+dc.
func flatJPEG(w, h int, sof byte, dc ...int) []byte {
	b := []byte{0xff, 0xd8}
	if len(dc) == 4 {
		b = append(b, segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00"))...)
	}
	b = append(b, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...))...)
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(dc))}
	scan := []byte{byte(len(dc))}
	for i := range dc {
		frame = append(frame, byte(i+1), 0x11, 0)
		scan = append(scan, byte(i+1), 0)
	}
	b = append(b, segment(sof, frame)...)
	// DC: twelve categories of four bits each. AC: only the end of block, "0".
	b = append(b, segment(0xc4, []byte{0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})...)
	b = append(b, segment(0xc4, []byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})...)
	last := byte(63)
	if sof == 0xc2 {
		last = 0
	}
	b = append(b, segment(0xda, append(scan, 0, last, 0))...)

	var bits, n uint
	put := func(v, size uint) {
		for ; size > 0; size-- {
			bits, n = bits<<1|v>>(size-1)&1, n+1
			if n == 8 {
				b = append(b, byte(bits))
				if byte(bits) == 0xff {
					b = append(b, 0)
				}
				bits, n = 0, 0
			}
		}
	}
	for block := range ((w + 7) / 8) * ((h + 7) / 8) {
		for _, v := range dc {
			size, code := uint(0), v
			if block > 0 {
				v, code = 0, 0
			}
			for m := max(v, -v); m > 0; m >>= 1 {
				size++
			}
			if v < 0 {
				code = v + 1<<size - 1
			}
			put(size, 4)
			put(uint(code), size)
			if sof != 0xc2 {
				put(0, 1)
			}
		}
	}
	put(0x7f, 7)
	return append(b, 0xff, 0xd9)
}

func isoBox(name string, content ...[]byte) []byte {
	c := slices.Concat(content...)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(c)+8)), name...), c...)
}

// heic has the boxes of a phone's picture, turned by 90°, and no picture.
func heic(tiff []byte) []byte {
	be := binary.BigEndian
	ispe := func(w, h uint32) []byte {
		return isoBox("ispe", make([]byte, 4), be.AppendUint32(be.AppendUint32(nil, w), h))
	}
	item := append([]byte("\x00\x00\x00\x06Exif\x00\x00"), tiff...)
	ftyp := isoBox("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	meta := func(at uint32) []byte {
		iloc := be.AppendUint32(be.AppendUint32([]byte("\x00\x00\x00\x00\x44\x00\x00\x01\x00\x07\x00\x00\x00\x01"), at), uint32(len(item)))
		return isoBox("meta", make([]byte, 4),
			isoBox("iinf", make([]byte, 4), []byte{0, 1}, isoBox("infe", []byte("\x02\x00\x00\x00\x00\x07\x00\x00Exif\x00"))),
			isoBox("iloc", iloc),
			isoBox("iprp", isoBox("ipco", ispe(512, 512), ispe(4032, 3024), isoBox("irot", []byte{3}))))
	}
	at := len(ftyp) + len(meta(0)) + 8
	return slices.Concat(ftyp, meta(uint32(at)), isoBox("mdat", item))
}

func codeOf(err error) string {
	var e Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return "other: " + err.Error()
	}
	return ""
}

func inspect(t testing.TB, file []byte) Info {
	t.Helper()
	info, err := Inspect(bytes.NewReader(file), DefaultLimits())
	if err != nil {
		t.Fatalf("Inspect: %v", err)
	}
	return info
}

func derive(t testing.TB, file []byte, sizes ...Size) []Derived {
	t.Helper()
	out, truncated, err := Derive(t.Context(), bytes.NewReader(file), inspect(t, file), sizes)
	if err != nil || truncated {
		t.Fatalf("Derive: truncated %v, %v", truncated, err)
	}
	return out
}

func pixels(t testing.TB, d Derived) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(d.Data))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != d.Width || b.Dy() != d.Height {
		t.Fatalf("%s is %v, said to be %d×%d", d.Size.Name(), b, d.Width, d.Height)
	}
	return img
}

// near tells whether two colours look the same.
func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 24<<8 }
	return !far(ar, br) && !far(ag, bg) && !far(ab, bb)
}
