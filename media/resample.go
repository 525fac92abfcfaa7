package media

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"

	"gridwalk/media/jpeg"
)

// window is the part of an upright picture of frameW × frameH that is wanted,
// at its final size: for a picture that is not cropped, all of it.
type window struct {
	frameW, frameH int
	x, y, w, h     int
}

// resample shrinks a picture as stored into a window of it upright, in 4:2:0,
// by Lanczos with a = 3. Each plane is sampled once, from where its samples
// lie, turned and mirrored on the way.
func resample(p *jpeg.Picture, orientation int, to window) *jpeg.Picture {
	out := &jpeg.Picture{Truncated: p.Truncated, Y: resamplePlane(&p.Y, orientation, to, 1)}
	if !p.Grey() {
		out.Cb, out.Cr = resamplePlane(&p.Cb, orientation, to, 2), resamplePlane(&p.Cr, orientation, to, 2)
	}
	return out
}

// planar converts an opaque picture. Samples of chroma are the mean of their
// four pixels.
func planar(img *image.NRGBA) *jpeg.Picture {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cw, ch := (w+1)/2, (h+1)/2
	p := &jpeg.Picture{Y: jpeg.NewPlane(w, h), Cb: jpeg.NewPlane(cw, ch), Cr: jpeg.NewPlane(cw, ch)}
	for _, c := range []*jpeg.Plane{&p.Cb, &p.Cr} {
		c.SpanX, c.SpanY = float64(w)/2, float64(h)/2
	}
	for y := range ch {
		for x := range cw {
			var blue, red int
			for i := range 4 {
				px, py := min(2*x+i%2, w-1), min(2*y+i/2, h-1)
				c := img.Pix[py*img.Stride+4*px:][:3]
				luma, cb, cr := color.RGBToYCbCr(c[0], c[1], c[2])
				p.Y.Pix[py*p.Y.Stride+px] = luma
				blue += int(cb)
				red += int(cr)
			}
			p.Cb.Pix[y*p.Cb.Stride+x] = uint8((blue + 2) / 4)
			p.Cr.Pix[y*p.Cr.Stride+x] = uint8((red + 2) / 4)
		}
	}
	return p
}

// resamplePlane makes a plane that has a sample for each step pixels of the window.
func resamplePlane(p *jpeg.Plane, orientation int, to window, step int) jpeg.Plane {
	w, h := (to.w+step-1)/step, (to.h+step-1)/step
	across := axis{float64(to.x) / float64(step), w, float64(to.frameW) / float64(step), orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7}
	down := axis{float64(to.y) / float64(step), h, float64(to.frameH) / float64(step), orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8}
	turned := orientation >= 5
	if turned {
		across, down = down, across
	}
	out := transpose(shrinkDown(p, down.taps(p.Height, p.SpanY)))
	out = shrinkDown(&out, across.taps(p.Width, p.SpanX))
	if !turned {
		out = transpose(out)
	}
	out.SpanX, out.SpanY = float64(to.w)/float64(step), float64(to.h)/float64(step)
	return out
}

// axis is one dimension of what is wanted, in its own samples: count of them
// from start, of size in the whole frame, told from the other end if mirrored.
type axis struct {
	start    float64
	count    int
	size     float64
	mirrored bool
}

// taps are the weights by which samples become one, from the first of them on;
// their sum is 1 << weightBits.
type taps struct {
	first   int
	weights []int64
}

const (
	weightBits = 14
	lobes      = 3
)

// taps returns how each wanted sample is made of the stored ones, length of
// which the picture covers span.
func (a axis) taps(length int, span float64) []taps {
	ratio := span / a.size
	wide := max(1, ratio)
	all := make([]taps, a.count)
	for i := range all {
		centre := (a.start + float64(i) + 0.5) * ratio
		if a.mirrored {
			centre = span - centre
		}
		centre -= 0.5 // of a sample, as its place
		first := max(0, int(math.Ceil(centre-lobes*wide)))
		last := min(length-1, int(math.Floor(centre+lobes*wide)))
		all[i] = newTaps(first, last, centre, wide)
	}
	return all
}

func newTaps(first, last int, centre, wide float64) taps {
	exact := make([]float64, max(1, last-first+1))
	sum := 0.0
	for i := range exact {
		exact[i] = lanczos((float64(first+i) - centre) / wide)
		sum += exact[i]
	}
	t := taps{first, make([]int64, len(exact))}
	left, largest := int64(1<<weightBits), 0
	for i, v := range exact {
		t.weights[i] = int64(math.Round(v / sum * (1 << weightBits)))
		left -= t.weights[i]
		if t.weights[i] > t.weights[largest] {
			largest = i
		}
	}
	t.weights[largest] += left
	return t
}

func lanczos(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x == 0:
		return 1
	case x >= lobes:
		return 0
	}
	return lobes * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/lobes) / (math.Pi * math.Pi * x * x)
}

// shrinkDown makes one line of each taps.
func shrinkDown(p *jpeg.Plane, all []taps) jpeg.Plane {
	out := jpeg.NewPlane(p.Width, len(all))
	for y, t := range all {
		to := out.Pix[y*out.Stride:][:out.Stride]
		from := p.Pix[t.first*p.Stride:]
		for x := 0; x < len(to); x += 8 {
			a, b, c, d := weigh(from, x, p.Stride, t.weights)
			eight := to[x : x+8 : x+8]
			eight[0], eight[4] = level(a), level(a>>32)
			eight[1], eight[5] = level(b), level(b>>32)
			eight[2], eight[6] = level(c), level(c>>32)
			eight[3], eight[7] = level(d), level(d>>32)
		}
	}
	return out
}

// weigh sums up eight samples of some lines, from a place in the first of them.
//
// Two samples go through each multiplication, in the halves of a word. A sum of
// products is linear: what a negative lower half borrows from the upper one is
// paid back by the bias that keeps both above zero at the end. Inlined it would
// have too few registers.
//
//go:noinline
func weigh(from []uint8, at, stride int, weights []int64) (a, b, c, d uint64) {
	const (
		fourth = 0x000000ff000000ff // every fourth byte
		bias   = 256<<weightBits + 1<<(weightBits-1)
	)
	a = bias<<32 + bias
	b, c, d = a, a, a
	for _, w := range weights {
		v, w := binary.LittleEndian.Uint64(from[at:]), uint64(w)
		a += v & fourth * w
		b += v >> 8 & fourth * w
		c += v >> 16 & fourth * w
		d += v >> 24 & fourth * w
		at += stride
	}
	return a, b, c, d
}

// level takes the bias and the weights off the lower half of a sum.
func level(sum uint64) uint8 { return clamped[sum>>weightBits&1023] }

// clamped is i-256 within 0 to 255.
var clamped = func() (table [1024]uint8) {
	for i := range table {
		table[i] = uint8(max(0, min(255, i-256)))
	}
	return table
}()

// transpose exchanges columns and lines, 8×8 samples at a time.
func transpose(p jpeg.Plane) jpeg.Plane {
	out := jpeg.NewPlane(p.Height, p.Width)
	for y := 0; y < p.Height; y += 8 {
		for x := 0; x < p.Width; x += 8 {
			transpose8(p.Pix[y*p.Stride+x:], p.Stride, out.Pix[x*out.Stride+y:], out.Stride)
		}
	}
	return out
}

// transpose8 swaps halves of words, then quarters, then bytes.
func transpose8(from []uint8, fromStride int, to []uint8, toStride int) {
	var r [8]uint64
	for i := range r {
		r[i] = binary.LittleEndian.Uint64(from[i*fromStride:])
	}
	for i := range 4 {
		r[i], r[i+4] = swap(r[i], r[i+4], 32, 0x00000000ffffffff)
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		r[i], r[i+2] = swap(r[i], r[i+2], 16, 0x0000ffff0000ffff)
	}
	for i := 0; i < 8; i += 2 {
		r[i], r[i+1] = swap(r[i], r[i+1], 8, 0x00ff00ff00ff00ff)
	}
	for i, v := range r {
		binary.LittleEndian.PutUint64(to[i*toStride:], v)
	}
}

// swap exchanges the high parts of a with the low parts of b.
func swap(a, b uint64, shift uint, low uint64) (uint64, uint64) {
	t := (a>>shift ^ b) & low
	return a ^ t<<shift, b ^ t
}
