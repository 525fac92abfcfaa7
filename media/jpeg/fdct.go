package jpeg

// fdctBits are the bits behind the point that [fdct] leaves, times 8 for what
// both dimensions multiply by.
const fdctBits = fixBits + passBits + 3

// fdct is the inverse of the IDCT: levels from 0 to 255 become frequencies,
// times 2 to the power of fdctBits.
func fdct(w *[64]int) {
	for x := range 8 {
		c := w[x:]
		y0, y1, y2, y3, y4, y5, y6, y7 := fdct8(c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56])
		c[0], c[8], c[16], c[24] = narrow(y0), narrow(y1), narrow(y2), narrow(y3)
		c[32], c[40], c[48], c[56] = narrow(y4), narrow(y5), narrow(y6), narrow(y7)
	}
	for y := range 8 {
		r := w[8*y : 8*y+8]
		r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7] = fdct8(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
	}
	w[0] -= 64 * 128 << (fixBits + passBits)
}

func fdct8(x0, x1, x2, x3, x4, x5, x6, x7 int) (y0, y1, y2, y3, y4, y5, y6, y7 int) {
	d0, d1, d2, d3 := x0-x7, x1-x6, x2-x5, x3-x4
	x0, x1, x2, x3 = x0+x7, x1+x6, x2+x5, x3+x4
	s0, s1, t0, t1 := x0+x3, x1+x2, x0-x3, x1-x2
	return (s0 + s1) << fixBits,
		cos1*d0 + cos3*d1 + cos5*d2 + cos7*d3,
		cos2*t0 + cos6*t1,
		cos3*d0 - cos7*d1 - cos1*d2 - cos5*d3,
		(s0 - s1) << fixBits,
		cos5*d0 - cos1*d1 + cos7*d2 + cos3*d3,
		cos6*t0 - cos2*t1,
		cos7*d0 - cos5*d1 + cos3*d2 - cos1*d3
}
