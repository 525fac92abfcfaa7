package main

import (
	"image"
	"image/color"
	"math"
)

// luma of what two pictures both cover, row by row.
func luma(img image.Image, w, h int) []float64 {
	out := make([]float64, 0, w*h)
	b := img.Bounds()
	for y := range h {
		for x := range w {
			r, g, bl, _ := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			l, _, _ := color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(bl>>8))
			out = append(out, float64(l))
		}
	}
	return out
}

// likeness of two pictures in luma: PSNR in dB, and SSIM (Wang et al. 2004) as
// the mean over 8×8 windows, four samples apart.
func likeness(a, b image.Image) (psnr, ssim float64) {
	w, h := min(a.Bounds().Dx(), b.Bounds().Dx()), min(a.Bounds().Dy(), b.Bounds().Dy())
	x, y := luma(a, w, h), luma(b, w, h)
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	psnr = 10 * math.Log10(255*255*float64(len(x))/sum)
	total, n := 0.0, 0
	for top := 0; top+8 <= h; top += 4 {
		for left := 0; left+8 <= w; left += 4 {
			total += window(x, y, w, top*w+left)
			n++
		}
	}
	return psnr, total / float64(n)
}

// window is the SSIM of 8×8 samples.
func window(x, y []float64, stride, at int) float64 {
	var sx, sy, sxx, syy, sxy float64
	for i := range 64 {
		a, b := x[at+i/8*stride+i%8], y[at+i/8*stride+i%8]
		sx, sy, sxx, syy, sxy = sx+a, sy+b, sxx+a*a, syy+b*b, sxy+a*b
	}
	mx, my := sx/64, sy/64
	vx, vy, cov := sxx/64-mx*mx, syy/64-my*my, sxy/64-mx*my
	const c1, c2 = 0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255
	return (2*mx*my + c1) * (2*cov + c2) / ((mx*mx + my*my + c1) * (vx + vy + c2))
}
