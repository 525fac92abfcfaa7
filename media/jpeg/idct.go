package jpeg

// The inverse DCT of N of 8 frequencies gives N samples for 8 (Natarajan and
// Vasudev 1995; what libjpeg calls scaled decoding). With X in the normalisation
// of JPEG, times 2√2 a dimension,
//
//	x[n] = X[0] + √2 Σ X[k] cos((2n+1)kπ/2N)
//
// and the products for both dimensions are divided by 8 at the end. Constants
// have fixBits bits behind the point; the first pass leaves passBits of them.
const (
	fixBits  = 13
	passBits = 4
)

// show writes the n×n samples of a block; flat tells that it has only DC.
func show(pix []uint8, stride, n int, b *block, quant *[unused]int32, flat bool) {
	if flat || n == 1 {
		v := sample((int(b[0])*int(quant[0]) + 4) >> 3)
		for y := range n {
			line := pix[y*stride : y*stride+n]
			for x := range line {
				line[x] = v
			}
		}
		return
	}
	var w [unused]int
	for i := range n * n {
		w[i&63] = int(b[i&63]) * int(quant[i&63])
	}
	switch n {
	case 2:
		show2(pix, stride, &w)
	case 3:
		show3(pix, stride, &w)
	case 4:
		show4(pix, stride, &w)
	default:
		showN(pix, stride, n, &w)
	}
}

// sample shifts to 0..255.
func sample(v int) uint8 {
	v += 128
	if uint(v) > 255 {
		return uint8(^(v >> 63))
	}
	return uint8(v)
}

// narrow rounds off what only the first pass needs.
func narrow(v int) int { return (v + 1<<(fixBits-passBits-1)) >> (fixBits - passBits) }

// final rounds what two passes left.
func final(v int) uint8 {
	return sample((v + 1<<(fixBits+passBits+2)) >> (fixBits + passBits + 3))
}

// show2 needs no constants: √2 cos(π/4) is 1.
func show2(pix []uint8, stride int, w *[unused]int) {
	a, b, c, d := w[0]+w[2], w[1]+w[3], w[0]-w[2], w[1]-w[3]
	pix[0], pix[1] = sample((a+b+4)>>3), sample((a-b+4)>>3)
	pix[stride], pix[stride+1] = sample((c+d+4)>>3), sample((c-d+4)>>3)
}

func show3(pix []uint8, stride int, w *[unused]int) {
	for x := range 3 {
		y0, y1, y2 := idct3(w[x], w[x+3], w[x+6])
		w[x], w[x+3], w[x+6] = narrow(y0), narrow(y1), narrow(y2)
	}
	for y := range 3 {
		y0, y1, y2 := idct3(w[3*y], w[3*y+1], w[3*y+2])
		line := pix[y*stride:][:3]
		line[0], line[1], line[2] = final(y0), final(y1), final(y2)
	}
}

func show4(pix []uint8, stride int, w *[unused]int) {
	for x := range 4 {
		y0, y1, y2, y3 := idct4(w[x], w[x+4], w[x+8], w[x+12])
		w[x], w[x+4], w[x+8], w[x+12] = narrow(y0), narrow(y1), narrow(y2), narrow(y3)
	}
	for y := range 4 {
		y0, y1, y2, y3 := idct4(w[4*y], w[4*y+1], w[4*y+2], w[4*y+3])
		line := pix[y*stride:][:4]
		line[0], line[1], line[2], line[3] = final(y0), final(y1), final(y2), final(y3)
	}
}

// showN does what the others do, for sizes that are needed less often.
func showN(pix []uint8, stride, n int, w *[unused]int) {
	for x := range n {
		idctN(n, w[x:], n)
		for y := range n {
			w[y*n+x] = narrow(w[y*n+x])
		}
	}
	for y := range n {
		idctN(n, w[y*n:], 1)
		line := pix[y*stride : y*stride+n]
		for x := range line {
			line[x] = final(w[y*n+x])
		}
	}
}

// idctN transforms n numbers, step apart, in place.
func idctN(n int, v []int, step int) {
	switch n {
	case 5:
		v[0], v[step], v[2*step], v[3*step], v[4*step] = idct5(v[0], v[step], v[2*step], v[3*step], v[4*step])
	case 6:
		v[0], v[step], v[2*step], v[3*step], v[4*step], v[5*step] =
			idct6(v[0], v[step], v[2*step], v[3*step], v[4*step], v[5*step])
	case 8:
		v[0], v[step], v[2*step], v[3*step], v[4*step], v[5*step], v[6*step], v[7*step] =
			idct8(v[0], v[step], v[2*step], v[3*step], v[4*step], v[5*step], v[6*step], v[7*step])
	}
}

// The factors below are √2 cos(kπ/2N), times 2 to the power of fixBits.

func idct3(x0, x1, x2 int) (y0, y1, y2 int) {
	x0 <<= fixBits
	x1 *= 10033
	x2 *= 5793
	return x0 + x1 + x2, x0 - 2*x2, x0 - x1 + x2
}

func idct4(x0, x1, x2, x3 int) (y0, y1, y2, y3 int) {
	e0, e1 := (x0+x2)<<fixBits, (x0-x2)<<fixBits
	o0, o1 := cos2*x1+cos6*x3, cos6*x1-cos2*x3
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}

func idct5(x0, x1, x2, x3, x4 int) (y0, y1, y2, y3, y4 int) {
	x0 <<= fixBits
	e0 := x0 + 9373*x2 + 3580*x4
	e1 := x0 - 3580*x2 - 9373*x4
	e2 := x0 + 11585*(x4-x2)
	o0, o1 := 11018*x1+6810*x3, 6810*x1-11018*x3
	return e0 + o0, e1 + o1, e2, e1 - o1, e0 - o0
}

func idct6(x0, x1, x2, x3, x4, x5 int) (y0, y1, y2, y3, y4, y5 int) {
	e0, e1, e2 := idct3(x0, x2, x4)
	o0 := 11190*x1 + x3<<fixBits + 2998*x5
	o1 := (x1 - x3 - x5) << fixBits
	o2 := 2998*x1 - x3<<fixBits + 11190*x5
	return e0 + o0, e1 + o1, e2 + o2, e2 - o2, e1 - o1, e0 - o0
}

// cosK are the factors for 8 samples.
const (
	cos1 = 11363
	cos2 = 10703
	cos3 = 9633
	cos5 = 6436
	cos6 = 4433
	cos7 = 2260
)

func idct8(x0, x1, x2, x3, x4, x5, x6, x7 int) (y0, y1, y2, y3, y4, y5, y6, y7 int) {
	e0, e1, e2, e3 := idct4(x0, x2, x4, x6)
	o0 := cos1*x1 + cos3*x3 + cos5*x5 + cos7*x7
	o1 := cos3*x1 - cos7*x3 - cos1*x5 - cos5*x7
	o2 := cos5*x1 - cos1*x3 + cos7*x5 + cos3*x7
	o3 := cos7*x1 - cos5*x3 + cos3*x5 - cos1*x7
	return e0 + o0, e1 + o1, e2 + o2, e3 + o3, e3 - o3, e2 - o2, e1 - o1, e0 - o0
}
