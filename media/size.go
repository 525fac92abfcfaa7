package media

import (
	"fmt"
	"math"
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

func scaled(n int, by float64) int { return int(math.Round(float64(n) * by)) }
