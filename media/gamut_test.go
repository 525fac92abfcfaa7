package media

import (
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"testing"
)

// iccOf lays out a profile of RGB with three colorants and one curve.
func iccOf(red, green, blue [3]float64, curve []byte) []byte {
	be := binary.BigEndian
	number := func(b []byte, v float64) []byte { return be.AppendUint32(b, uint32(int32(v*65536+0.5))) }
	tags := []struct {
		name string
		data []byte
	}{{"gTRC", curve}}
	for i, c := range [][3]float64{red, green, blue} {
		data := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range c {
			data = number(data, v)
		}
		tags = append(tags, struct {
			name string
			data []byte
		}{[]string{"rXYZ", "gXYZ", "bXYZ"}[i], data})
	}
	head := make([]byte, 128)
	copy(head[16:], "RGB XYZ ")
	head = be.AppendUint32(head, uint32(len(tags)))
	var body []byte
	for _, tag := range tags {
		head = append(head, tag.name...)
		head = be.AppendUint32(head, uint32(132+12*len(tags)+len(body)))
		head = be.AppendUint32(head, uint32(len(tag.data)))
		body = append(body, tag.data...)
	}
	return append(head, body...)
}

// srgbCurve is the parametric curve of sRGB, as Apple's profiles have it.
func srgbCurve() []byte {
	b := []byte("para\x00\x00\x00\x00\x00\x03\x00\x00")
	for _, v := range []float64{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045} {
		b = binary.BigEndian.AppendUint32(b, uint32(v*65536+0.5))
	}
	return b
}

func gammaCurve(gamma float64) []byte {
	return binary.BigEndian.AppendUint16([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), uint16(gamma*256))
}

// Colorants with the white of D50, as in the profiles of Apple, Adobe and HP.
var (
	displayP3 = iccOf([3]float64{0.51512, 0.2412, -0.00105}, [3]float64{0.29198, 0.69225, 0.04189}, [3]float64{0.1571, 0.06657, 0.78407}, srgbCurve())
	adobeRGB  = iccOf([3]float64{0.60974, 0.31111, 0.01947}, [3]float64{0.20528, 0.62567, 0.06087}, [3]float64{0.14919, 0.06322, 0.74457}, gammaCurve(2.19921875))
	sRGB      = iccOf([3]float64{0.43607, 0.22249, 0.01392}, [3]float64{0.38515, 0.71687, 0.09708}, [3]float64{0.14307, 0.06061, 0.7141}, srgbCurve())
)

// withICC puts a profile into a JPEG.
func withICC(file, profile []byte) []byte {
	segment := append([]byte("ICC_PROFILE\x00\x01\x01"), profile...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe2}, uint16(len(segment)+2))
	return slices.Concat(file[:2], head, segment, file[2:])
}

func plain(c color.Color) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 33, 33))
	for i := range 33 * 33 {
		img.Set(i%33, i/33, c)
	}
	return jpegOf(img)
}

func TestWideGamutBecomesSRGB(t *testing.T) {
	for _, c := range []struct {
		says       string
		profile    []byte
		from, want color.NRGBA
	}{
		{"Display P3 that is pure red in sRGB", displayP3, color.NRGBA{234, 51, 35, 255}, color.NRGBA{255, 0, 0, 255}},
		{"Display P3 that is pure green in sRGB", displayP3, color.NRGBA{117, 251, 76, 255}, color.NRGBA{0, 255, 0, 255}},
		{"Display P3 red that sRGB does not have", displayP3, color.NRGBA{255, 0, 0, 255}, color.NRGBA{255, 0, 0, 255}},
		{"Display P3 grey", displayP3, color.NRGBA{128, 128, 128, 255}, color.NRGBA{128, 128, 128, 255}},
		{"Adobe RGB that is pure green in sRGB", adobeRGB, color.NRGBA{144, 255, 60, 255}, color.NRGBA{0, 255, 0, 255}},
		{"sRGB", sRGB, color.NRGBA{234, 51, 35, 255}, color.NRGBA{234, 51, 35, 255}},
		{"a profile cut short", displayP3[:200], color.NRGBA{234, 51, 35, 255}, color.NRGBA{234, 51, 35, 255}},
	} {
		t.Run(c.says, func(t *testing.T) {
			d := derive(t, withICC(plain(c.from), c.profile), Size{33, 0})[0]
			got := color.NRGBAModel.Convert(pixels(t, d).At(16, 16)).(color.NRGBA)
			for i, v := range [][2]uint8{{got.R, c.want.R}, {got.G, c.want.G}, {got.B, c.want.B}} {
				if max(v[0], v[1])-min(v[0], v[1]) > 6 { // of JPEG, twice
					t.Errorf("channel %d: %v, want %v", i, got, c.want)
				}
			}
		})
	}
}

func TestSRGBNeedsNoConversion(t *testing.T) {
	if newGamut(sRGB) != nil {
		t.Error("sRGB would be converted")
	}
	if newGamut(displayP3) == nil || newGamut(adobeRGB) == nil {
		t.Error("a wide gamut would not be converted")
	}
}

func FuzzProfile(f *testing.F) {
	for _, p := range [][]byte{displayP3, adobeRGB, sRGB} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, profile []byte) {
		if g := newGamut(profile); g != nil {
			g.apply(planar(corners(5, 5)))
		}
	})
}
