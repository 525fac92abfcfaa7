package demo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"time"

	"github.com/paulmach/orb"
)

// Photo draws photograph i of a seed as a phone camera would store it: a JPEG
// with EXIF that tells the time and a place in the demo sea, which a server has
// to keep from others. Every third one is upright only when its orientation is
// heeded.
func Photo(seed uint64, i int) []byte {
	_, _, data := photo(seed, i, time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC).Add(time.Duration(i)*time.Hour), middle)
	return data
}

// photo gives the size as seen upright, and the file.
func photo(seed uint64, i int, taken time.Time, place orb.Point) (width, height int, data []byte) {
	const long, short = 1280, 960
	width, height = long, short
	orientation := 1
	if i%3 == 1 {
		width, height, orientation = short, long, 6
	}
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	stored := image.NewNRGBA(image.Rect(0, 0, long, short))
	scene := newScene(rng, width, height)
	for y := range height {
		for x := range width {
			c := scene.at(x, y)
			grain := uint8(rng.IntN(12))
			c.R, c.G, c.B = c.R+grain, c.G+grain, c.B+grain // all are below 240
			if orientation == 6 {
				stored.SetNRGBA(y, short-1-x, c) // turned right by a quarter to be seen
			} else {
				stored.SetNRGBA(x, y, c)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, &jpeg.Options{Quality: 85}); err != nil {
		panic(fmt.Sprintf("encode a picture in memory: %v", err))
	}
	plain := b.Bytes()
	return width, height, append(append(plain[:2:2], exif(orientation, taken, place)...), plain[2:]...)
}

// scene is hills under a sky with a sun, and the word DEMO across it.
type scene struct {
	width, height int
	hue           [2]color.NRGBA
	sun           image.Point
	wave, phase   float64
}

func newScene(rng *rand.Rand, width, height int) scene {
	shade := func(r, g, b int) color.NRGBA {
		return color.NRGBA{uint8(r + rng.IntN(60)), uint8(g + rng.IntN(60)), uint8(b + rng.IntN(60)), 255}
	}
	return scene{width, height, [2]color.NRGBA{shade(90, 130, 160), shade(40, 90, 40)},
		image.Pt(rng.IntN(width), height/8+rng.IntN(height/5)), 2 + 3*rng.Float64(), 6 * rng.Float64()}
}

func (s scene) at(x, y int) color.NRGBA {
	if s.lettered(x, y) {
		return color.NRGBA{225, 225, 225, 255}
	}
	if math.Hypot(float64(x-s.sun.X), float64(y-s.sun.Y)) < float64(s.width)/14 {
		return color.NRGBA{225, 200, 90, 255}
	}
	c := s.hue[0]
	ridge := 0.65 + 0.1*math.Sin(s.wave*float64(x)/float64(s.width)*math.Pi+s.phase)
	if float64(y) > ridge*float64(s.height) {
		c = s.hue[1]
	}
	dim := func(v uint8) uint8 { return uint8(float64(v) * (1 - 0.4*float64(y)/float64(s.height))) }
	return color.NRGBA{dim(c.R), dim(c.G), dim(c.B), 255}
}

// letters are DEMO in dots, five columns a letter.
var letters = [7]string{
	"####. ##### #...# .###.",
	"#...# #.... ##.## #...#",
	"#...# #.... #.#.# #...#",
	"#...# ####. #.#.# #...#",
	"#...# #.... #...# #...#",
	"#...# #.... #...# #...#",
	"####. ##### #...# .###.",
}

func (s scene) lettered(x, y int) bool {
	dot := s.width / (len(letters[0]) + 6)
	col, row := x/dot-3, (y-s.height/3)/dot
	return col >= 0 && col < len(letters[0]) && y >= s.height/3 && row < len(letters) && letters[row][col] == '#'
}

// exif writes an APP1 segment with orientation, time in China, and place.
func exif(orientation int, taken time.Time, place orb.Point) []byte {
	const short, ascii, long, rational = 3, 2, 4, 5
	when := taken.UTC().Add(8*time.Hour).Format("2006:01:02 15:04:05") + "\x00"
	north, east := sexagesimal(place.Lat()), sexagesimal(place.Lon())
	// The directories follow each other; what does not fit into four bytes comes
	// behind the last of them.
	const first = 8
	const second = first + 2 + 3*12 + 4
	const third = second + 2 + 2*12 + 4
	const rest = third + 2 + 4*12 + 4
	var extra []byte
	be := binary.BigEndian
	dir := func(entries ...[]byte) []byte {
		return append(append(be.AppendUint16(nil, uint16(len(entries))), bytes.Join(entries, nil)...), 0, 0, 0, 0)
	}
	entry := func(tag, kind uint16, count int, value []byte) []byte {
		head := be.AppendUint32(be.AppendUint16(be.AppendUint16(nil, tag), kind), uint32(count))
		if len(value) > 4 {
			at := rest + len(extra)
			extra = append(extra, value...)
			value = be.AppendUint32(nil, uint32(at))
		}
		return append(head, append(value, 0, 0, 0, 0)[:4]...)
	}
	u16 := func(v int) []byte { return be.AppendUint16(nil, uint16(v)) }
	u32 := func(v int) []byte { return be.AppendUint32(nil, uint32(v)) }
	tiff := append([]byte("MM\x00*"), u32(first)...)
	tiff = append(tiff, dir(
		entry(0x0112, short, 1, u16(orientation)),
		entry(0x8769, long, 1, u32(second)),
		entry(0x8825, long, 1, u32(third)))...)
	tiff = append(tiff, dir(
		entry(0x9003, ascii, len(when), []byte(when)),
		entry(0x9011, ascii, 7, []byte("+08:00\x00")))...)
	tiff = append(tiff, dir(
		entry(1, ascii, 2, []byte("N\x00")), entry(2, rational, 3, north),
		entry(3, ascii, 2, []byte("E\x00")), entry(4, rational, 3, east))...)
	tiff = append(tiff, extra...)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	return append([]byte{0xff, 0xe1, byte((len(segment) + 2) >> 8), byte(len(segment) + 2)}, segment...)
}

// sexagesimal writes degrees as three fractions: degrees, minutes, and seconds
// to a thousandth (3 cm).
func sexagesimal(degrees float64) []byte {
	total := uint32(math.Round(degrees * 3_600_000))
	var out []byte
	for _, part := range [][2]uint32{{total / 3_600_000, 1}, {total / 60_000 % 60, 1}, {total % 60_000, 1000}} {
		out = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(out, part[0]), part[1])
	}
	return out
}
