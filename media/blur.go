package media

import (
	"math"

	"gridwalk/media/jpeg"
)

// Region is a marked part of a picture as it is seen upright, in fractions of
// its width and height, from 0 at the left and at the top to 1.
type Region struct{ Left, Top, Right, Bottom float64 }

// Valid tells whether the region is a part of a picture, and not empty.
func (r Region) Valid() bool {
	return r.Left >= 0 && r.Top >= 0 && r.Right <= 1 && r.Bottom <= 1 && r.Left < r.Right && r.Top < r.Bottom
}

// cells are how many squares remain of the longer side of a blurred region: too
// few to tell a face or read a plate by.
const cells = 6

// blur replaces the region by the means of large squares, in place. Nothing of
// what was there can be computed back. The region grows to whole squares.
func blur(p *jpeg.Picture, r Region) {
	w, h := (r.Right-r.Left)*float64(p.Y.Width), (r.Bottom-r.Top)*float64(p.Y.Height)
	cell := 2 * max(4, int(math.Ceil(max(w, h)/cells/2))) // even, so that chroma has whole cells
	left, top := int(r.Left*float64(p.Y.Width))/2*2, int(r.Top*float64(p.Y.Height))/2*2
	right, bottom := int(math.Ceil(r.Right*float64(p.Y.Width))), int(math.Ceil(r.Bottom*float64(p.Y.Height)))
	for y := top; y < bottom; y += cell {
		for x := left; x < right; x += cell {
			evenOut(&p.Y, x, y, cell)
			if !p.Grey() {
				evenOut(&p.Cb, x/2, y/2, cell/2)
				evenOut(&p.Cr, x/2, y/2, cell/2)
			}
		}
	}
}

// evenOut gives a square of a plane the mean of its samples.
func evenOut(p *jpeg.Plane, left, top, side int) {
	right, bottom := min(left+side, p.Width), min(top+side, p.Height)
	sum, n := 0, max(1, (right-left)*(bottom-top))
	for y := top; y < bottom; y++ {
		for _, v := range p.Pix[y*p.Stride+left : y*p.Stride+right] {
			sum += int(v)
		}
	}
	for y := top; y < bottom; y++ {
		row := p.Pix[y*p.Stride+left : y*p.Stride+right]
		for x := range row {
			row[x] = uint8((sum + n/2) / n)
		}
	}
}
