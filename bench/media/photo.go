package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
)

// photo is a photograph to be measured with.
type photo struct {
	name string
	data []byte
}

// synthesize draws a picture with what makes photographs hard: noise at every
// scale whose strength falls with its frequency, as in nature, edges at every
// angle, fine repeated structure, and the grain of a sensor. Its bytes a pixel
// at quality 92 are those of a phone (0.25 to 0.3).
func synthesize(width, height, orientation int) (photo, error) {
	rng := rand.New(rand.NewPCG(1, uint64(width)))
	luma := texture(rng, width, height, 1.2)
	addDetail(luma, texture(rng, width, height, 0.12), texture(rng, width, height, 2))
	addShapes(rng, luma, width, height)
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			grain := rng.NormFloat64() * 2.2
			img.Y[y*img.YStride+x] = clamp(118 + 30*float64(luma[y*width+x]) + grain)
		}
	}
	for _, plane := range [][]uint8{img.Cb, img.Cr} {
		colour := texture(rng, width/2, height/2, 1.4)
		for y := range height / 2 {
			for x := range width / 2 {
				plane[y*img.CStride+x] = clamp(128 + 14*float64(colour[y*(width/2)+x]) + rng.NormFloat64()*0.8)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		return photo{}, fmt.Errorf("encode: %w", err)
	}
	name := fmt.Sprintf("%d MP", width*height/1_000_000)
	if orientation == 6 {
		name += " held upright"
	}
	plain := b.Bytes()
	return photo{name, slices.Concat(plain[:2], exif(byte(orientation)), plain[2:])}, nil
}

// exif is a segment that says nothing but an orientation.
func exif(orientation byte) []byte {
	return append([]byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"),
		orientation, 0, 0, 0, 0, 0, 0)
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, math.Round(v)))) }

// texture is noise in octaves, each half as wide as the one before and weaker
// by 2 to the power of slope.
func texture(rng *rand.Rand, width, height int, slope float64) []float32 {
	out := make([]float32, width*height)
	strength := 1.0
	for cell := width / 3; cell >= 2; cell /= 2 {
		addOctave(rng, out, width, height, cell, float32(strength))
		strength /= math.Pow(2, slope)
	}
	return out
}

// addOctave adds random values on a lattice of cell samples, smoothly joined.
func addOctave(rng *rand.Rand, out []float32, width, height, cell int, strength float32) {
	columns := width/cell + 2
	lattice := func() []float32 {
		row := make([]float32, columns)
		for i := range row {
			row[i] = strength * float32(rng.NormFloat64())
		}
		return row
	}
	smooth := make([]float32, cell)
	for i := range smooth {
		t := float32(i) / float32(cell)
		smooth[i] = t * t * (3 - 2*t)
	}
	above, below := lattice(), lattice()
	line := make([]float32, columns)
	for y := range height {
		if y > 0 && y%cell == 0 {
			above, below = below, lattice()
		}
		for i := range line {
			line[i] = above[i] + smooth[y%cell]*(below[i]-above[i])
		}
		row := out[y*width : (y+1)*width]
		for i := 0; i*cell < width; i++ {
			a, d := line[i], line[i+1]-line[i]
			part := row[i*cell : min(width, (i+1)*cell)]
			for x := range part {
				part[x] += a + smooth[x]*d
			}
		}
	}
}

// addDetail adds foliage and gravel where the mask is high, and leaves sky and
// walls where it is low.
func addDetail(out, detail, mask []float32) {
	for i := range out {
		out[i] += detail[i] * 0.62 * max(0, min(1, mask[i]+0.8))
	}
}

// addShapes lays discs, bars at any angle and gratings on the picture.
func addShapes(rng *rand.Rand, out []float32, width, height int) {
	for range 60 {
		size := float64(width) / (6 + 60*rng.Float64())
		cx, cy := rng.Float64()*float64(width), rng.Float64()*float64(height)
		sin, cos := math.Sincos(rng.Float64() * math.Pi)
		shade, kind := float32(rng.NormFloat64()), rng.IntN(3)
		pitch := float64(width) / (150 + 250*rng.Float64())
		for y := max(0, int(cy-size)); y < min(height, int(cy+size)); y++ {
			for x := max(0, int(cx-size)); x < min(width, int(cx+size)); x++ {
				dx, dy := float64(x)-cx, float64(y)-cy
				u, v := dx*cos+dy*sin, dy*cos-dx*sin
				switch {
				case kind == 0 && dx*dx+dy*dy > size*size,
					kind > 0 && (math.Abs(u) > 0.7*size || math.Abs(v) > 0.3*size),
					kind == 2 && math.Mod(u+size, pitch) < pitch/2:
					continue
				}
				out[y*width+x] = 0.35*out[y*width+x] + shade
			}
		}
	}
}
