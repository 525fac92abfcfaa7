// Package stamp draws a band (水印) under a photograph that states what a record
// says of it, and of each statement whether it was verified or only claimed.
package stamp

import (
	_ "embed"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"gridwalk/media/jpeg"
)

// Line is one statement, such as «时间 2026-11-23 10:20».
type Line struct {
	Text     string
	Verified bool // by the server; otherwise the phone or the officer says so
}

// ErrNoRoom is the error of a picture too small for its lines: it is not changed.
var ErrNoRoom = errors.New("stamp: the lines do not fit into the picture")

// What is written behind a line. The sign before it tells it without colours.
const (
	verified = "√ 已核实"
	claimed  = "？仅自报"
)

var (
	ink         = color.NRGBA{255, 255, 255, 255}
	verifiedInk = color.NRGBA{120, 230, 140, 255}
	claimedInk  = color.NRGBA{255, 200, 90, 255}
	shade       = color.NRGBA{0, 0, 0, 165}
)

// smallestType is the size, in pixels, below which nothing can be read.
const smallestType = 9

// ASCII, GB 2312 and the Table of General Standard Chinese Characters; whatever
// else is written is shown as missing.
//
//go:embed font.otf
var fontData []byte

var parsed = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(fontData) })

// Draw draws the lines on a dark band at the foot of an upright picture, in
// place. Long lines are broken. The type is a fiftieth of the picture's width,
// smaller where the band would take more than half of the picture.
func Draw(p *jpeg.Picture, lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	f, err := parsed()
	if err != nil {
		return fmt.Errorf("stamp: font: %w", err)
	}
	for size := max(p.Y.Width/50, smallestType); ; size-- {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72})
		if err != nil {
			return fmt.Errorf("stamp: font: %w", err)
		}
		b := band{font: f, face: face, size: size, width: p.Y.Width}
		rows := b.rows(lines)
		if height := b.height(len(rows)); height <= p.Y.Height/2 {
			overlay(p, b.draw(rows, height))
			return nil
		}
		if size <= smallestType {
			return ErrNoRoom
		}
	}
}

// band is where the lines are laid out.
type band struct {
	font  *opentype.Font
	face  font.Face
	size  int // of the type, in pixels
	width int
}

// row is what stands beside each other.
type row struct {
	text, mark string
	ink        color.NRGBA // of the mark
}

func (b band) margin() int         { return b.size / 2 }
func (b band) leading() int        { return b.size * 3 / 2 }
func (b band) height(rows int) int { return rows*b.leading() + 2*b.margin() }

// rows breaks lines so that each leaves room for its mark.
func (b band) rows(lines []Line) []row {
	widest := max(font.MeasureString(b.face, verified), font.MeasureString(b.face, claimed)).Ceil()
	room := fixed.I(b.width - 3*b.margin() - widest)
	var out []row
	for _, l := range lines {
		r := row{mark: claimed, ink: claimedInk}
		if l.Verified {
			r.mark, r.ink = verified, verifiedInk
		}
		for _, text := range b.broken(b.printable(l.Text), room) {
			r.text = text
			out = append(out, r)
			r.mark = ""
		}
	}
	return out
}

// broken cuts a text into pieces that fit into a width, each of one character at least.
func (b band) broken(text string, width fixed.Int26_6) []string {
	var pieces []string
	start, used := 0, fixed.Int26_6(0)
	for i, c := range text {
		advance, _ := b.face.GlyphAdvance(c)
		if used+advance > width && i > start {
			pieces = append(pieces, text[start:i])
			start, used = i, 0
		}
		used += advance
	}
	return append(pieces, text[start:])
}

// missing stands for a character that the font does not have.
const missing = '□'

// printable replaces what cannot be drawn, and takes out what has no shape.
func (b band) printable(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(c rune) rune {
		switch i, err := b.font.GlyphIndex(&buffer, c); {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsPrint(c):
			return -1
		case i == 0 || err != nil:
			return missing
		}
		return c
	}, text)
}

func (b band) draw(rows []row, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, b.width, height))
	draw.Draw(img, img.Rect, image.NewUniform(shade), image.Point{}, draw.Src)
	for i, r := range rows {
		base := b.margin() + i*b.leading() + b.size*9/8
		b.write(img, r.text, ink, b.margin(), base)
		b.write(img, r.mark, r.ink, b.width-b.margin()-font.MeasureString(b.face, r.mark).Ceil(), base)
	}
	return img
}

func (b band) write(img *image.RGBA, text string, ink color.Color, x, base int) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: b.face, Dot: fixed.P(x, base)}
	d.DrawString(text)
}

// overlay lays a band, of colours multiplied by their alpha, over the foot of a
// picture in 4:2:0 or grey.
func overlay(p *jpeg.Picture, band *image.RGBA) {
	top := p.Y.Height - band.Rect.Dy()
	for y := range band.Rect.Dy() {
		for x := range band.Rect.Dx() {
			c := band.Pix[y*band.Stride+4*x:][:4]
			luma, _, _ := color.RGBToYCbCr(c[0], c[1], c[2])
			at := &p.Y.Pix[(top+y)*p.Y.Stride+x]
			*at = uint8(min(255, int(luma)+int(*at)*(255-int(c[3]))/255))
		}
	}
	if p.Grey() {
		return
	}
	for y := top / 2; y < p.Cb.Height; y++ {
		for x := range p.Cb.Width {
			overlayChroma(p, band, x, y, top)
		}
	}
}

// overlayChroma mixes one sample of chroma with the four pixels over it, of
// which the first lines may lie above the band.
func overlayChroma(p *jpeg.Picture, band *image.RGBA, x, y, top int) {
	var blue, red, alpha, n int
	for i := range 4 {
		bx, by := 2*x+i%2, 2*y+i/2-top
		if bx >= band.Rect.Dx() || by >= band.Rect.Dy() {
			continue
		}
		n++
		if by < 0 {
			continue
		}
		c := band.Pix[by*band.Stride+4*bx:][:4]
		_, cb, cr := color.RGBToYCbCr(c[0], c[1], c[2])
		blue, red, alpha = blue+int(cb)-128, red+int(cr)-128, alpha+int(c[3])
	}
	mix := func(pix *uint8, own int) {
		under := (int(*pix) - 128) * (255*n - alpha) / 255
		*pix = uint8(max(0, min(255, 128+(own+under)/n)))
	}
	at := y*p.Cb.Stride + x
	mix(&p.Cb.Pix[at], blue)
	mix(&p.Cr.Pix[at], red)
}
