package media

import (
	"encoding/binary"
	"math"

	"gridwalk/media/jpeg"
)

// gamut converts colours of a wider space, as phones write, to sRGB.
type gamut struct {
	linear [256]float32    // light of a level, 0 to 1
	matrix [3][3]float32   // from its light to that of sRGB
	level  [gamutSteps]int // of sRGB light, 0 to 255
}

const gamutSteps = 1 << 12

// fromXYZ gives the light of sRGB for XYZ with the white of D50, which profiles
// use: the inverse of the colorants in the profile of sRGB (IEC 61966-2-1 adapted
// by Bradford).
var fromXYZ = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// newGamut reads an ICC profile (ICC.1:2022) that describes RGB by three
// colorants and a curve, as those of Display P3 and Adobe RGB do. It is nil for
// profiles of other kinds, which are taken for sRGB, and for sRGB itself.
func newGamut(profile []byte) *gamut {
	if len(profile) < 132 || string(profile[16:20]) != "RGB " || string(profile[20:24]) != "XYZ " {
		return nil
	}
	var g gamut
	for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		xyz, ok := colorant(tagOf(profile, name))
		if !ok {
			return nil
		}
		for row := range 3 {
			for k := range 3 {
				g.matrix[row][i] += float32(fromXYZ[row][k] * xyz[k])
			}
		}
	}
	curve, ok := toneCurve(tagOf(profile, "gTRC")) // the three are the same in practice
	if !ok || g.isSRGB(curve) {
		return nil
	}
	for i := range g.linear {
		g.linear[i] = float32(curve(float64(i) / 255))
	}
	for i := range g.level {
		g.level[i] = int(math.Round(255 * srgbLevel(float64(i)/(gamutSteps-1))))
	}
	return &g
}

// isSRGB tells whether nothing would change by as much as a level or two.
func (g *gamut) isSRGB(curve func(float64) float64) bool {
	for row := range 3 {
		for column := range 3 {
			want := float32(0)
			if row == column {
				want = 1
			}
			if d := g.matrix[row][column] - want; d > 0.01 || d < -0.01 {
				return false
			}
		}
	}
	return math.Abs(srgbLevel(curve(0.5))-0.5) < 0.01
}

// srgbLevel is the transfer function of IEC 61966-2-1.
func srgbLevel(light float64) float64 {
	if light <= 0.0031308 {
		return 12.92 * light
	}
	return 1.055*math.Pow(light, 1/2.4) - 0.055
}

// tagOf returns the content of a tag, nil if there is none.
func tagOf(profile []byte, name string) []byte {
	be := binary.BigEndian
	for i := range min(be.Uint32(profile[128:]), 100) {
		at := 132 + 12*int(i)
		if at+12 > len(profile) {
			return nil
		}
		if string(profile[at:at+4]) != name {
			continue
		}
		from, size := uint64(be.Uint32(profile[at+4:])), uint64(be.Uint32(profile[at+8:]))
		if from+size > uint64(len(profile)) {
			return nil
		}
		return profile[from : from+size]
	}
	return nil
}

func colorant(tag []byte) (xyz [3]float64, ok bool) {
	if len(tag) < 20 || string(tag[:4]) != "XYZ " {
		return xyz, false
	}
	for i := range xyz {
		xyz[i] = fixed(tag[8+4*i:])
	}
	return xyz, true
}

// fixed is a number with 16 bits behind the point.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16) }

// toneCurve returns the light, 0 to 1, of a level, 0 to 1 (ICC.1:2022, 10.6 and 10.18).
func toneCurve(tag []byte) (curve func(float64) float64, ok bool) {
	if len(tag) < 12 {
		return nil, false
	}
	switch string(tag[:4]) {
	case "para":
		return parametric(tag)
	case "curv":
		return sampled(tag)
	}
	return nil, false
}

func parametric(tag []byte) (func(float64) float64, bool) {
	kind := int(binary.BigEndian.Uint16(tag[8:]))
	counts := []int{1, 3, 4, 5, 7}
	if kind >= len(counts) || len(tag) < 12+4*counts[kind] {
		return nil, false
	}
	// Y = (aX + b)^g + e from X = d on, and cX + f below (types 3 and 4 in full).
	var p [7]float64
	for i := range counts[kind] {
		p[i] = fixed(tag[12+4*i:])
	}
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		a = 1
	case 1, 2:
		if a == 0 {
			return nil, false
		}
		d, e, f, c = -b/a, c, c, 0
	}
	return func(x float64) float64 {
		if x < d {
			return unit(c*x + f)
		}
		return unit(math.Pow(a*x+b, g) + e)
	}, true
}

func sampled(tag []byte) (func(float64) float64, bool) {
	count := int(binary.BigEndian.Uint32(tag[8:]))
	if count > 1<<16 || len(tag) < 12+2*count {
		return nil, false
	}
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(tag[12+2*i:])) }
	switch count {
	case 0:
		return unit, true
	case 1:
		gamma := at(0) / 256
		return func(x float64) float64 { return unit(math.Pow(x, gamma)) }, true
	}
	return func(x float64) float64 {
		place := unit(x) * float64(count-1)
		i := min(int(place), count-2)
		return unit((at(i) + (place-float64(i))*(at(i+1)-at(i))) / 65535)
	}, true
}

// unit bounds a number to 0 to 1; not-a-number becomes 0.
func unit(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}

// apply converts a picture in 4:2:0 in place. Grey is grey in every space, but
// for its curve, which is left.
func (g *gamut) apply(p *jpeg.Picture) {
	if p.Grey() {
		return
	}
	for y := range p.Cb.Height {
		for x := range p.Cb.Width {
			at := y*p.Cb.Stride + x
			cb, cr := int(p.Cb.Pix[at])-128, int(p.Cr.Pix[at])-128
			blue, red, n := 0, 0, 0
			for i := range 4 {
				px, py := 2*x+i%2, 2*y+i/2
				if px >= p.Y.Width || py >= p.Y.Height {
					continue
				}
				luma := &p.Y.Pix[py*p.Y.Stride+px]
				var b, r int
				*luma, b, r = g.convert(int(*luma), cb, cr)
				blue, red, n = blue+b, red+r, n+1
			}
			p.Cb.Pix[at], p.Cr.Pix[at] = level8(blue, n), level8(red, n)
		}
	}
}

// level8 is the mean of n levels that have 16 bits behind the point.
func level8(sum, n int) uint8 { return uint8(max(0, min(255, (sum/n+128<<16+1<<15)>>16))) }

// convert takes and gives YCbCr (T.871), chroma around zero; the chroma that it
// gives has 16 bits behind the point.
func (g *gamut) convert(luma, cb, cr int) (y uint8, blue, red int) {
	l := luma<<16 + 1<<15
	light := [3]float32{
		g.linear[byteOf(l+91881*cr)],
		g.linear[byteOf(l-22554*cb-46802*cr)],
		g.linear[byteOf(l+116130*cb)],
	}
	var rgb [3]int
	for i, m := range g.matrix {
		v := m[0]*light[0] + m[1]*light[1] + m[2]*light[2]
		rgb[i] = g.level[int(max(0, min(1, v))*(gamutSteps-1)+0.5)]
	}
	y16 := 19595*rgb[0] + 38470*rgb[1] + 7471*rgb[2]
	blue = (rgb[2]<<16 - y16) * 1000 / 1772
	red = (rgb[0]<<16 - y16) * 1000 / 1402
	return uint8(min(255, (y16+1<<15)>>16)), blue, red
}

func byteOf(v int) uint8 { return uint8(max(0, min(255, v>>16))) }
