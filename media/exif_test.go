package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"
)

// shanghai is the EXIF of a photo taken on the Bund.
func shanghai(offset bool) []byte {
	exif := []tag{{0x9003, "2026:03:05 10:03:04"}, {0x9291, "078"}}
	if offset {
		exif = slices.Insert(exif, 1, tag{0x9011, "+09:00"})
	}
	return tiff([]tag{{0x0112, uint16(6)}}, exif, place("N", [][2]uint32{{31, 1}, {14, 1}, {2400, 100}}, "E", [][2]uint32{{121, 1}, {29, 1}, {2400, 100}}))
}

func place(ns string, lat [][2]uint32, ew string, lng [][2]uint32) []tag {
	return []tag{{1, ns}, {2, lat}, {3, ew}, {4, lng}}
}

// looping is EXIF whose directories point at themselves.
func looping() []byte {
	b := tiff([]tag{{0x014a, uint32(8)}}, []tag{{0x8769, uint32(8)}}, nil)
	i := bytes.Index(b, []byte{0x87, 0x69})
	binary.BigEndian.PutUint32(b[i+8:], 8)
	return b
}

func TestTimeAndPlace(t *testing.T) {
	photo := jpegOf(corners(64, 40))
	png := pngOf(corners(64, 40))
	for _, c := range []struct {
		says string
		file []byte
		want string
		zone bool
	}{
		{"an offset is honoured", withEXIF(photo, shanghai(true)), "2026-03-05T10:03:04.078+09:00", true},
		{"without an offset it is China's time", withEXIF(photo, shanghai(false)), "2026-03-05T10:03:04.078+08:00", false},
		{"a PNG has it too", slices.Concat(png[:33], chunk("eXIf", shanghai(true)), png[33:]), "2026-03-05T10:03:04.078+09:00", true},
		{"a HEIC has it too", heic(shanghai(true)), "2026-03-05T10:03:04.078+09:00", true},
	} {
		t.Run(c.says, func(t *testing.T) {
			info := inspect(t, c.file)
			if got := info.TakenAt.Format(time.RFC3339Nano); got != c.want || info.TakenAtZoneKnown != c.zone {
				t.Errorf("taken at %s, zone known %v", got, info.TakenAtZoneKnown)
			}
			if !info.HasPlace || math.Abs(info.Lat-31.24) > 1e-6 || math.Abs(info.Lng-121.49) > 1e-6 {
				t.Errorf("at %v, %v, %v", info.HasPlace, info.Lat, info.Lng)
			}
			if info.Orientation != 6 && info.Format != HEIC {
				t.Errorf("orientation %d", info.Orientation)
			}
		})
	}
}

func TestSouthAndWestAreNegative(t *testing.T) {
	d := [][2]uint32{{10, 1}, {30, 1}, {0, 1}}
	info := inspect(t, withEXIF(jpegOf(corners(8, 8)), tiff(nil, nil, place("S", d, "W", d))))
	if info.Lat != -10.5 || info.Lng != -10.5 {
		t.Errorf("%v, %v", info.Lat, info.Lng)
	}
}

func TestBadMetadataIsLeftOut(t *testing.T) {
	d := [][2]uint32{{10, 1}, {30, 1}, {0, 1}}
	huge := tiff([]tag{{0x010e, string(bytes.Repeat([]byte("x"), 65000))}}, nil, nil)
	for _, c := range []struct {
		says string
		tiff []byte
	}{
		{"no TIFF at all", []byte("nonsense")},
		{"directories in a circle", looping()},
		{"a description of 65 kB", huge},
		{"a directory beyond the end", []byte("MM\x00*\xff\xff\xff\xf0")},
		{"orientation 0", orientation(0)},
		{"orientation 9", orientation(9)},
		{"an orientation in words", tiff([]tag{{0x0112, "up"}}, nil, nil)},
		{"a clock never set", tiff(nil, []tag{{0x9003, "0000:00:00 00:00:00"}}, nil)},
		{"a 32nd of January", tiff(nil, []tag{{0x9003, "2026:01:32 00:00:00"}}, nil)},
		{"a date that is a number", tiff(nil, []tag{{0x9003, uint32(7)}}, nil)},
		{"no hemisphere", tiff(nil, nil, place("", d, "E", d))},
		{"a place divided by zero", tiff(nil, nil, place("N", [][2]uint32{{1, 0}, {0, 0}, {0, 0}}, "E", d))},
		{"91° north", tiff(nil, nil, place("N", [][2]uint32{{91, 1}, {0, 1}, {0, 1}}, "E", d))},
		{"a camera without a fix", tiff(nil, nil, place("N", [][2]uint32{{0, 1}, {0, 1}, {0, 1}}, "E", [][2]uint32{{0, 1}, {0, 1}, {0, 1}}))},
		{"a place in words", tiff(nil, nil, []tag{{1, "N"}, {2, "here"}, {3, "E"}, {4, "there"}})},
	} {
		t.Run(c.says, func(t *testing.T) {
			info := inspect(t, withEXIF(jpegOf(corners(16, 8)), c.tiff))
			if info.Orientation != 1 || info.Width != 16 || info.HasPlace || !info.TakenAt.IsZero() {
				t.Errorf("%+v", info)
			}
		})
	}
}

// Every damage to every byte of the metadata leaves a picture that can be shown.
func TestNoDamageToMetadataHarmsThePicture(t *testing.T) {
	file := withEXIF(jpegOf(corners(16, 8)), shanghai(true))
	for i := 6; i < len(shanghai(true))+12; i++ {
		for _, b := range []byte{0x00, 0x7f, 0xff} {
			bad := slices.Clone(file)
			bad[i] = b
			if info := inspect(t, bad); info.Width*info.Height != 128 {
				t.Fatalf("byte %d: %+v", i, info)
			}
		}
	}
}

// Every damage to a HEIC's boxes leaves a HEIC.
func TestNoDamageToBoxesHarmsAHEIC(t *testing.T) {
	file := heic(shanghai(true))
	for i := 24; i < len(file); i++ {
		for _, b := range []byte{0x00, 0x01, 0x7f, 0xff} {
			bad := slices.Clone(file)
			bad[i] = b
			if _, err := Inspect(bytes.NewReader(bad), Limits{MaxBytes: 1 << 20, MaxPixels: math.MaxInt64, MaxSide: math.MaxInt}); err != nil {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
}
