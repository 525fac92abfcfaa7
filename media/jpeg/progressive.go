package jpeg

import "math/bits"

// coefficients of a progressive picture: of each block the lowest n×n, and
// which of all 64 are not zero, since later scans depend on that.
type coefficients struct {
	n2     int
	kept   []int16  // n2 a block
	filled []uint64 // bit i is coefficient i in zigzag order
}

func newCoefficients(blocks, n int) coefficients {
	return coefficients{n * n, make([]int16, blocks*n*n), make([]uint64, blocks)}
}

// block returns the kept coefficients of block i.
func (c *coefficients) block(i int) []int16 { return c.kept[i*c.n2 : (i+1)*c.n2] }

// set replaces block i.
func (c *coefficients) set(i int, b *block) {
	kept := c.block(i)
	for j := range kept {
		kept[j] = int16(max(-1<<15, min(b[j], 1<<15-1)))
	}
}

// progression returns what decodes the blocks of a progressive scan (T.81, G.1.2).
func (d *decoder) progression(s *scanHeader) decodeBlock {
	slot, _ := slots(d.n)
	p := &progression{d: d, s: s, slot: slot}
	switch {
	case s.start == 0 && s.high == 0:
		return p.firstDC
	case s.start == 0:
		return p.refineDC
	case s.high == 0:
		return p.firstAC
	}
	return p.refineAC
}

type progression struct {
	d    *decoder
	s    *scanHeader
	slot [256]uint8
}

func (p *progression) firstDC(m *member, column, row int) bool {
	diff, ok := m.dc.dc(&p.d.in)
	if !ok {
		return false
	}
	m.last += diff
	m.coefs.block(row*m.stride + column)[0] = p.shifted(m.last)
	return true
}

// shifted is a coefficient of which the low bits are still to come.
func (p *progression) shifted(v int32) int16 {
	v <<= p.s.low
	p.d.odd = p.d.odd || v != int32(int16(v))
	return int16(v)
}

func (p *progression) refineDC(m *member, column, row int) bool {
	m.coefs.block(row*m.stride + column)[0] |= int16(p.d.in.bits(1) << p.s.low)
	return true
}

// endOfBand starts a run of 2^exponent blocks and more, as the next bits say,
// without further coefficients.
func (d *decoder) endOfBand(exponent uint) {
	d.in.need()
	d.eobRun = 1<<exponent + int(d.in.bits(exponent))
}

func (p *progression) firstAC(m *member, column, row int) bool {
	d := p.d
	if d.eobRun > 0 {
		d.eobRun--
		return true
	}
	at := row*m.stride + column
	kept, filled := m.coefs.block(at), m.coefs.filled[at]
	for k := p.s.start; k <= p.s.end; {
		d.in.need()
		e := m.ac.fast[d.in.acc>>(64-fastBits)]
		if e == 0 {
			if e = m.ac.slow(d.in.acc); e == 0 {
				return false
			}
		}
		d.in.use(e.bits())
		if e.advance() == endOfBlock {
			d.endOfBand(uint(e.value()))
			d.eobRun--
			break
		}
		value := e.value()
		if e.size() > 0 {
			value = d.in.extended(e.size())
		}
		k += e.advance()
		if k-1 > p.s.end {
			d.odd = true
			break
		}
		if value != 0 {
			filled |= 1 << (k - 1)
			if to := p.slot[k-1]; to != unused {
				kept[to] = p.shifted(value)
			}
		}
	}
	m.coefs.filled[at] = filled
	return true
}

func (p *progression) refineAC(m *member, column, row int) bool {
	d := p.d
	at := row*m.stride + column
	kept, filled := m.coefs.block(at), m.coefs.filled[at]
	k, end := p.s.start, p.s.end
	for k <= end && d.eobRun == 0 {
		d.in.need()
		symbol, length := m.ac.symbol(uint32(d.in.acc >> 48))
		if length == 0 || symbol&15 > 1 {
			return false
		}
		d.in.use(length)
		run, fresh := int(symbol>>4), symbol&15 == 1
		value := int16(0)
		switch {
		case fresh:
			value = int16(2*d.in.bits(1)-1) << p.s.low
		case run < 15:
			d.endOfBand(uint(run))
			continue
		}
		to := nthZero(filled, k, run)
		p.correct(kept, filled, k, min(to, end+1))
		k = to + 1
		if fresh && to > end {
			return false
		}
		if fresh {
			filled |= 1 << to
			if place := p.slot[to]; place != unused {
				kept[place] = value
			}
		}
	}
	if d.eobRun > 0 {
		d.eobRun--
		p.correct(kept, filled, k, end+1)
	}
	m.coefs.filled[at] = filled
	return true
}

// nthZero returns the place of zero number n, from 0, in filled from bit k on:
// at least 64 if there are not so many.
func nthZero(filled uint64, k, n int) int {
	empty := ^filled >> k << k
	for range n {
		empty &= empty - 1
	}
	return bits.TrailingZeros64(empty)
}

// correct reads one more bit of each coefficient from k up to end that is not zero.
func (p *progression) correct(kept []int16, filled uint64, k, end int) {
	if k >= end {
		return
	}
	in := &p.d.in
	for left := filled >> k << k & (^uint64(0) >> (64 - end)); left != 0; left &= left - 1 {
		in.need()
		more := in.bits(1) << p.s.low
		to := p.slot[bits.TrailingZeros64(left)]
		if to == unused || more == 0 {
			continue
		}
		if kept[to] < 0 {
			more = -more
		}
		kept[to] += int16(more)
	}
}

// reconstruct makes the plane of a component of its coefficients.
func (d *decoder) reconstruct(c *component) error {
	p, n := &c.plane, d.n
	quant := d.dequant(c.quant)
	p.Pix = make([]uint8, p.size(c.lines*n))
	var b block
	for row := range c.lines {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		for column := range c.stride {
			kept := c.coefs.block(row*c.stride + column)
			var any int16
			for i, v := range kept {
				b[i] = int32(v)
				if i > 0 {
					any |= v
				}
			}
			show(p.Pix[(row*p.Stride+column)*n:], p.Stride, n, &b, quant, any == 0)
		}
	}
	c.coefs = coefficients{}
	return nil
}
