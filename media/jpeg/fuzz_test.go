package jpeg

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"
	"testing"
)

// FuzzDecode decodes anything at every scale, and where image/jpeg decodes a
// file that is not absurd, expects the same of it.
func FuzzDecode(f *testing.F) {
	for _, file := range corpus(f) {
		f.Add(file)
		f.Add(file[:len(file)/2])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, n := range scales {
			p, err := Decode(context.Background(), bytes.NewReader(file), Options{Scale: n, MaxPixels: 1 << 16, MaxScans: 20})
			if err != nil && err != ErrTruncated && !errors.As(err, new(FormatError)) && !errors.As(err, new(UnsupportedError)) {
				t.Fatal(err)
			}
			if n == 8 && err == nil && !p.Truncated {
				agree(t, file, p)
			}
		}
	})
}

func agree(t *testing.T, file []byte, p *Picture) {
	if !tame(file) {
		return
	}
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		return
	}
	for i, plane := range planesOf(img) {
		if _, most := difference(t, p.planes()[i], plane); most > 3 {
			t.Errorf("plane %d: a sample is %d off", i, most)
		}
	}
}

// tame tells whether a file is one that image/jpeg decodes as T.81 says, and
// whose frequencies are such as pictures have: others overflow, each decoder in
// its own way.
func tame(file []byte) bool {
	d := &decoder{ctx: context.Background(), options: Options{MaxPixels: 1 << 16, MaxScans: 20}, n: 8, hold: true, in: input{r: bytes.NewReader(file)}}
	if d.run() != nil || d.odd {
		return false
	}
	for i := range d.comps {
		c := &d.comps[i]
		if d.hMax == 4 && c.h == 2 { // image/jpeg looks for more blocks than there are
			return false
		}
		quant := d.dequant(c.quant)
		for b := range c.stride * c.lines {
			sum := 0
			for j, v := range c.coefs.block(b) {
				sum += max(int(v), -int(v)) * int(quant[j])
			}
			if sum > 3000 {
				return false
			}
		}
	}
	return true
}

// The comparison above is worth something only if it takes place.
func TestTheCorpusIsTame(t *testing.T) {
	for name, file := range corpus(t) {
		if !tame(file) {
			t.Errorf("%s would not be compared", name)
		}
	}
}
