package stamp

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"pgregory.net/rapid"

	"gridwalk/media/jpeg"
)

var lines = []Line{
	{"时间 2026-11-23 10:20:31", true},
	{"地点 31.352914, 118.433067 ±8 米", false},
	{"网格 鸠江区沈巷镇第三网格", true},
	{"网格员 0317 · 核查 已到场", true},
}

// flat is a picture of one level.
func flat(w, h int, level uint8, colour bool) *jpeg.Picture {
	p := &jpeg.Picture{Y: jpeg.NewPlane(w, h)}
	planes := []*jpeg.Plane{&p.Y}
	if colour {
		p.Cb, p.Cr = jpeg.NewPlane((w+1)/2, (h+1)/2), jpeg.NewPlane((w+1)/2, (h+1)/2)
		planes = append(planes, &p.Cb, &p.Cr)
	}
	for _, plane := range planes {
		copy(plane.Pix, bytes.Repeat([]byte{level}, len(plane.Pix)))
	}
	return p
}

// TestLook writes a stamp to look at: GRIDWALK_STAMP=/tmp/stamp.jpg.
func TestLook(t *testing.T) {
	file := os.Getenv("GRIDWALK_STAMP")
	if file == "" {
		t.Skip("nobody looks")
	}
	p := flat(1600, 1200, 150, true)
	if err := Draw(p, append(lines, Line{strings.Repeat("很长的说明", 20), false}, Line{"rare 𠀀 䶮 喆", true})); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, 80); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// inked returns how many lines of a picture hold ink, and the first of them.
func inked(p *jpeg.Picture) (n, first int) {
	first = p.Y.Height
	for y := range p.Y.Height {
		row := p.Y.Pix[y*p.Y.Stride:][:p.Y.Width]
		if slices.Max(row) > 180 {
			n++
			first = min(first, y)
		}
	}
	return n, first
}

func TestTheBandIsAtTheFootAndTheRestIsUntouched(t *testing.T) {
	for _, colour := range []bool{true, false} {
		p := flat(1601, 1201, 100, colour)
		if err := Draw(p, lines); err != nil {
			t.Fatal(err)
		}
		height := 4*48 + 2*16
		above := p.Y.Pix[:(1201-height)*p.Y.Stride]
		if !bytes.Equal(above, bytes.Repeat([]byte{100}, len(above))) {
			t.Error("something was drawn above the band")
		}
		if shaded := p.Y.Pix[(1201-height)*p.Y.Stride]; shaded > 50 {
			t.Errorf("the band is not dark: %d", shaded)
		}
		if n, _ := inked(p); n < 4*20 {
			t.Errorf("%d lines of ink", n)
		}
	}
}

func TestVerifiedAndClaimedLookDifferent(t *testing.T) {
	a, b := flat(800, 600, 100, true), flat(800, 600, 100, true)
	if Draw(a, []Line{{"时间", true}}) != nil || Draw(b, []Line{{"时间", false}}) != nil {
		t.Fatal("not drawn")
	}
	if bytes.Equal(a.Y.Pix, b.Y.Pix) || bytes.Equal(a.Cr.Pix, b.Cr.Pix) {
		t.Error("they look the same")
	}
}

func TestTypeShrinksUntilItFits(t *testing.T) {
	p := flat(1600, 400, 100, true)
	if err := Draw(p, append(lines, lines...)); err != nil {
		t.Fatal(err)
	}
	if _, first := inked(p); first < 200 {
		t.Errorf("the band begins above line %d", first)
	}
	if err := Draw(flat(100, 40, 100, true), append(lines, lines...)); err != ErrNoRoom {
		t.Error(err)
	}
}

func TestWhatTheFontLacksIsSeenToBeMissing(t *testing.T) {
	a, b := flat(800, 600, 100, true), flat(800, 600, 100, true)
	if Draw(a, []Line{{"姓 𠀀\u200b", true}}) != nil || Draw(b, []Line{{"姓 □", true}}) != nil {
		t.Fatal("not drawn")
	}
	if !bytes.Equal(a.Y.Pix, b.Y.Pix) {
		t.Error("not shown as □")
	}
}

func TestNoLinesNoBand(t *testing.T) {
	p := flat(100, 100, 100, true)
	if err := Draw(p, nil); err != nil || p.Y.Pix[99*p.Y.Stride] != 100 {
		t.Error(err)
	}
}

// Whatever is written, on whatever picture, nothing breaks.
func TestAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := flat(rapid.IntRange(1, 400).Draw(t, "w"), rapid.IntRange(1, 300).Draw(t, "h"), 100, rapid.Bool().Draw(t, "colour"))
		text := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "text")
		var all []Line
		for _, s := range text {
			all = append(all, Line{s, rapid.Bool().Draw(t, "verified")})
		}
		if err := Draw(p, all); err != nil && err != ErrNoRoom {
			t.Fatal(err)
		}
	})
}

func TestTheFontHasWhatIsWritten(t *testing.T) {
	f, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(fontData) > 3<<20 {
		t.Errorf("%d bytes", len(fontData))
	}
	var b sfnt.Buffer
	for _, c := range verified + claimed + string(missing) + "喆堃䶮0123456789:-.,±·°米网格员区县街道社区镇乡村村民委员会" {
		if i, err := f.GlyphIndex(&b, c); i == 0 && !unicode.IsSpace(c) || err != nil {
			t.Errorf("%q is missing: %v", c, err)
		}
	}
}
