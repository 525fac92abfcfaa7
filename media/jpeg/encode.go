package jpeg

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// Encode writes a baseline JPEG without metadata. The picture is grey, or 4:2:0:
// its chroma planes are half its Y plane each way, rounded up. Quality is 1 to
// 100, as libjpeg and image/jpeg scale the tables of T.81.
func Encode(w io.Writer, p *Picture, quality int) error {
	y := &p.Y
	if y.Width < 1 || y.Height < 1 || y.Width > 0xffff || y.Height > 0xffff {
		return fmt.Errorf("jpeg: no picture of %d × %d can be encoded", y.Width, y.Height)
	}
	for _, c := range []*Plane{&p.Cb, &p.Cr} {
		if !p.Grey() && (c.Width != (y.Width+1)/2 || c.Height != (y.Height+1)/2) {
			return fmt.Errorf("jpeg: chroma of %d × %d for %d × %d", c.Width, c.Height, y.Width, y.Height)
		}
	}
	e := &encoder{out: make([]byte, 0, y.Width*y.Height/4+1024)}
	e.header(p, max(1, min(100, quality)))
	if p.Grey() {
		e.grey(y)
	} else {
		e.colour(p)
	}
	e.finish()
	_, err := w.Write(e.out)
	return err
}

type encoder struct {
	out    []byte
	acc    uint64 // bits not yet in out, the last of them lowest
	n      uint
	recip  [2][64]int64 // what to multiply frequencies by, row by row
	quants [2][64]byte  // in zigzag order
	last   [3]int       // DC before, of each component
}

func (e *encoder) header(p *Picture, quality int) {
	comps, ids := 1, byte(1)
	if !p.Grey() {
		comps, ids = 3, 2
	}
	e.setQuality(quality)
	e.out = append(e.out, 0xff, soi)
	for id := range ids {
		e.segment(dqt, append([]byte{id}, e.quants[id][:]...))
	}
	frame := binary.BigEndian.AppendUint16([]byte{8}, uint16(p.Y.Height))
	frame = append(binary.BigEndian.AppendUint16(frame, uint16(p.Y.Width)), byte(comps))
	scan := []byte{byte(comps)}
	for i := range comps {
		factors, table := byte(0x11), byte(min(i, 1))
		if i == 0 && comps == 3 {
			factors = 0x22
		}
		frame = append(frame, byte(i+1), factors, table)
		scan = append(scan, byte(i+1), table<<4|table)
	}
	e.segment(sof0, frame)
	for _, s := range huffmanSpecs[:2*ids] {
		e.segment(dht, append(append([]byte{s.id}, s.counts[:]...), s.symbols...))
	}
	e.segment(sos, append(scan, 0, 63, 0))
}

func (e *encoder) segment(marker byte, content []byte) {
	e.out = append(e.out, 0xff, marker)
	e.out = binary.BigEndian.AppendUint16(e.out, uint16(len(content)+2))
	e.out = append(e.out, content...)
}

const recipBits = 30

func (e *encoder) setQuality(quality int) {
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	for id := range e.quants {
		for i, q := range quantTables[id] {
			q = max(1, min(255, (q*scale+50)/100))
			e.quants[id][i] = byte(q)
			e.recip[id][zigzag[i]] = int64(1<<recipBits+q/2) / int64(q)
		}
	}
}

func (e *encoder) grey(y *Plane) {
	for row := 0; row < y.Height; row += 8 {
		for column := 0; column < y.Width; column += 8 {
			e.block(y, column, row, 0)
		}
	}
}

func (e *encoder) colour(p *Picture) {
	for row := 0; row < p.Y.Height; row += 16 {
		for column := 0; column < p.Y.Width; column += 16 {
			for i := range 4 {
				e.block(&p.Y, column+i%2*8, row+i/2*8, 0)
			}
			e.block(&p.Cb, column/2, row/2, 1)
			e.block(&p.Cr, column/2, row/2, 2)
		}
	}
}

// block writes the 8×8 samples at a column and row of a plane, of which the
// last are repeated beyond its edge.
func (e *encoder) block(p *Plane, column, row, comp int) {
	var w [64]int
	if column+8 <= p.Width && row+8 <= p.Height {
		for y := range 8 {
			line := p.Pix[(row+y)*p.Stride+column:][:8]
			for x, v := range line {
				w[8*y+x] = int(v)
			}
		}
	} else {
		for i := range w {
			x, y := min(column+i%8, p.Width-1), min(row+i/8, p.Height-1)
			w[i] = int(p.Pix[y*p.Stride+x])
		}
	}
	fdct(&w)
	table := min(comp, 1)
	var coefs [64]int
	var filled uint64 // which coefs, in zigzag order, are not zero
	for i := range 64 {
		at := zigzag[i] & 63
		v := (int64(w[at])*e.recip[table][at] + 1<<(recipBits+fdctBits-1)) >> (recipBits + fdctBits)
		coefs[i] = int(v)
		filled |= uint64(v|-v) >> 63 << i
	}
	e.write(&coefs, filled, comp, table)
}

// write writes the coefficients of a block (T.81, F.1.2).
func (e *encoder) write(coefs *[64]int, filled uint64, comp, table int) {
	dc, ac := &codes[2*table], &codes[2*table+1]
	diff := coefs[0] - e.last[comp]
	e.last[comp] = coefs[0]
	e.put(dc, 0, diff)
	at := 0
	for left := filled &^ 1; left != 0; left &= left - 1 {
		i := bits.TrailingZeros64(left)
		run := i - at - 1
		for ; run > 15; run -= 16 {
			e.put(ac, 15, 0)
		}
		e.put(ac, run, coefs[i&63])
		at = i
	}
	if at < 63 {
		e.put(ac, 0, 0)
	}
}

// put writes the code for a run and the size of a value, and the value.
func (e *encoder) put(table *[256]code, run, value int) {
	magnitude := value
	if value < 0 {
		magnitude, value = -value, value-1
	}
	size := uint(bits.Len32(uint32(magnitude)))
	c := table[(uint(run)<<4|size)&255]
	e.acc = e.acc<<(uint(c.length)+size) | uint64(c.bits)<<size | uint64(value)&(1<<size-1)
	if e.n += uint(c.length) + size; e.n >= 32 {
		e.flush()
	}
}

// flush moves 32 bits to out.
func (e *encoder) flush() {
	e.n -= 32
	v := uint32(e.acc >> e.n)
	if !hasFF(uint64(v)) {
		e.out = binary.BigEndian.AppendUint32(e.out, v)
		return
	}
	for shift := 24; shift >= 0; shift -= 8 {
		e.stuffed(byte(v >> shift))
	}
}

func (e *encoder) stuffed(b byte) {
	e.out = append(e.out, b)
	if b == 0xff {
		e.out = append(e.out, 0)
	}
}

// finish fills the last byte with ones and ends the picture.
func (e *encoder) finish() {
	e.acc, e.n = e.acc<<7|0x7f, e.n+7
	for ; e.n >= 8; e.n -= 8 {
		e.stuffed(byte(e.acc >> (e.n - 8)))
	}
	e.out = append(e.out, 0xff, eoi)
}

// code is a Huffman code, right-aligned.
type code struct {
	bits   uint16
	length uint8
}

// codes of huffmanSpecs by symbol.
var codes = func() (all [4][256]code) {
	for i, s := range huffmanSpecs {
		next, at := uint16(0), 0
		for length, count := range s.counts {
			for range count {
				all[i][s.symbols[at]] = code{next, uint8(length + 1)}
				next++
				at++
			}
			next <<= 1
		}
	}
	return all
}()
