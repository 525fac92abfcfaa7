package media

import (
	"fmt"
	"math"

	"gridwalk/media/jpeg"
)

// Size asks for a picture of Width pixels that keeps its ratio when Height is
// 0, and for one that fills Width × Height, cropped around its centre, when
// both are given. Pictures are never enlarged: see [Derive].
type Size struct{ Width, Height int }

// Name is the size as PocketBase names its thumbnails: "160x160", "480x0".
func (s Size) Name() string { return fmt.Sprintf("%dx%d", s.Width, s.Height) }

// EvidenceSizes are those made of every photograph: a square for lists, a card,
// and a preview that fills a screen.
func EvidenceSizes() []Size {
	return []Size{{160, 160}, {480, 0}, {1600, 0}}
}

// plan is how a Size is met: the whole picture is shrunk to frame, and crop is
// cut from its centre.
type plan struct {
	frameW, frameH int
	cropW, cropH   int
}

// plan says what to do to an upright picture of w × h.
func (s Size) plan(w, h int) plan {
	if s.Height == 0 {
		fw := min(w, s.Width)
		fh := max(1, scaled(h, float64(fw)/float64(w)))
		return plan{fw, fh, fw, fh}
	}
	// A picture smaller than the crop gives the largest crop of the same shape.
	fit := min(1, float64(w)/float64(s.Width), float64(h)/float64(s.Height))
	cw, ch := max(1, scaled(s.Width, fit)), max(1, scaled(s.Height, fit))
	cover := max(float64(cw)/float64(w), float64(ch)/float64(h))
	return plan{max(cw, scaled(w, cover)), max(ch, scaled(h, cover)), cw, ch}
}

func (p plan) area() int { return p.frameW * p.frameH }

// stored returns the size of the frame before Orientation is applied.
func (p plan) stored(info Info) (w, h int) {
	if info.Orientation >= 5 {
		return p.frameH, p.frameW
	}
	return p.frameW, p.frameH
}

// scale is the N of N/8 at which to decode a JPEG for the frame. A small one is
// decoded whole: its last blocks, of which only a part is picture, would show.
func (p plan) scale(info Info) int {
	fromW, fromH := info.stored()
	w, h := p.stored(info)
	if min(fromW, fromH) < 512 {
		return 8
	}
	return jpeg.ScaleFor(fromW, fromH, w, h)
}

// window is the crop within the frame.
func (p plan) window() window {
	return window{p.frameW, p.frameH, (p.frameW - p.cropW) / 2, (p.frameH - p.cropH) / 2, p.cropW, p.cropH}
}

// whole is a window that is not cropped.
func whole(w, h int) window { return window{w, h, 0, 0, w, h} }

func scaled(n int, by float64) int { return int(math.Round(float64(n) * by)) }
