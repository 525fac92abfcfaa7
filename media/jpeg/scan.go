package jpeg

import (
	"fmt"
	"io"
	"math"
)

// zigzag gives the place of coefficient i in its block, row by row (T.81, figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// unused is the slot of a coefficient that is not kept.
const unused = 64

// slots says where in a block of the lowest n×n coefficients each coefficient
// in zigzag order is kept, and which is the last that is.
func slots(n int) (slot [256]uint8, last int) {
	for i := range slot {
		slot[i] = unused
		if i < 64 {
			if x, y := int(zigzag[i]%8), int(zigzag[i]/8); x < n && y < n {
				slot[i], last = uint8(y*n+x), i
			}
		}
	}
	return slot, last
}

// block holds the lowest n×n coefficients row by row, and room for writing
// those that are not kept.
type block [128]int32

// member is a component in a scan.
type member struct {
	*component
	dc, ac *huffman
	last   int32 // the DC coefficient before

	quant *[unused]int32

	across, down int // blocks in a unit
}

// scanHeader is what a scan begins with (T.81, B.2.3).
type scanHeader struct {
	members      []member
	across, down int // units
	start, end   int // of the coefficients, in zigzag order
	high, low    uint
}

// scan reads a scan header and the scan behind it.
func (d *decoder) scan(b []byte) error {
	if d.comps == nil {
		return FormatError("a scan before the frame header")
	}
	if d.scans == 0 {
		if err := d.allocate(); err != nil {
			return err
		}
	}
	if d.scans++; d.scans > d.options.MaxScans {
		return FormatError(fmt.Sprintf("more than %d scans", d.options.MaxScans))
	}
	s, err := d.scanHeader(b)
	if err != nil {
		return err
	}
	d.in.resetBits()
	d.odd = d.odd || d.eobRun > 0 // a run beyond the scan
	d.eobRun = 0
	if d.progressive {
		return d.intervals(s, d.progression(s))
	}
	return d.intervals(s, d.sequential(s))
}

func (d *decoder) scanHeader(b []byte) (*scanHeader, error) {
	if len(b) < 1 || len(b) != 4+2*int(b[0]) || b[0] < 1 || int(b[0]) > len(d.comps) {
		return nil, FormatError("a scan header of the wrong length")
	}
	s := &scanHeader{start: 0, end: 63}
	blocks := 0
	for i := range int(b[0]) {
		m, err := d.member(b[1+2*i], b[2+2*i])
		if err != nil {
			return nil, err
		}
		for _, other := range s.members {
			if other.component == m.component {
				return nil, FormatError("a component twice in a scan")
			}
		}
		s.members = append(s.members, m)
		blocks += m.h * m.v
	}
	if s.across, s.down = d.units(); len(s.members) == 1 { // a unit is a block (T.81, A.2.2)
		m := &s.members[0]
		s.across, s.down, m.across, m.down = m.columns, m.rows, 1, 1
	} else if blocks > 10 {
		return nil, FormatError("too many blocks in a unit")
	}
	tail := b[len(b)-3:]
	if d.progressive {
		s.start, s.end, s.high, s.low = int(tail[0]), int(tail[1]), uint(tail[2]>>4), uint(tail[2]&15)
		switch {
		case s.start > s.end || s.end > 63 || s.start == 0 && s.end != 0,
			s.start > 0 && len(s.members) > 1,
			s.low > 13 || s.high > 0 && s.high != s.low+1:
			return nil, FormatError("a wrong progression")
		}
	}
	for _, m := range s.members {
		if s.start == 0 && s.high == 0 && !m.dc.defined || s.end > 0 && !m.ac.defined {
			return nil, FormatError("a scan without its Huffman table")
		}
	}
	return s, nil
}

func (d *decoder) member(id, tables byte) (member, error) {
	if tables>>4 > 3 || tables&15 > 3 {
		return member{}, FormatError("a wrong Huffman table in a scan")
	}
	for i := range d.comps {
		if c := &d.comps[i]; c.id == id {
			return member{component: c, dc: &d.dcTables[tables>>4], ac: &d.acTables[tables&15], quant: d.dequant(c.quant), across: c.h, down: c.v}, nil
		}
	}
	return member{}, FormatError("an unknown component in a scan")
}

// decodeBlock decodes what a scan says of the block in a column and row. It is
// false when the data is damaged; 32 bits are valid when it is called.
type decodeBlock func(m *member, column, row int) bool

// intervals goes through a scan. Where the data of one restart interval is
// damaged or missing it goes on with the next that is there.
func (d *decoder) intervals(s *scanHeader, decode decodeBlock) error {
	total := s.across * s.down
	every := d.restart
	if every == 0 {
		every = total
	}
	for i := 0; i*every < total; {
		stop := min(total, (i+1)*every)
		ok, err := d.interval(s, decode, i*every, stop)
		if err != nil {
			return err
		}
		d.truncated = d.truncated || !ok
		if stop == total {
			return nil
		}
		if i, err = d.nextInterval(s, i); err != nil {
			return err
		}
	}
	d.truncated = true
	return nil
}

// interval decodes the units from first up to stop, and is false when their
// data is damaged or ends early.
func (d *decoder) interval(s *scanHeader, decode decodeBlock, first, stop int) (bool, error) {
	ux, uy := first%s.across, first/s.across
	for range stop - first {
		if ux == s.across {
			ux, uy = 0, uy+1
		}
		if ux == 0 {
			if err := d.ctx.Err(); err != nil {
				return false, err
			}
		}
		if len(d.in.buf)-d.in.pos < unitBytes {
			if err := d.in.ensure(unitBytes); err != nil {
				return false, err
			}
		}
		for i := range s.members {
			m := &s.members[i]
			for y := range m.down {
				for x := range m.across {
					d.in.need()
					if !decode(m, ux*m.across+x, uy*m.down+y) || d.in.overrun() {
						return false, nil
					}
					m.shown = true
				}
			}
		}
		ux++
	}
	return true, nil
}

// nextInterval steps to the restart marker after interval i and returns which
// interval begins there: one that does not exist if there is no such marker.
func (d *decoder) nextInterval(s *scanHeader, i int) (int, error) {
	m, err := d.in.marker()
	if err == io.ErrUnexpectedEOF {
		return math.MaxInt32, nil
	}
	if err != nil {
		return 0, err
	}
	if m < rst0 || m > rst7 {
		d.in.pending = m
		return math.MaxInt32, nil
	}
	lost := int(m-rst0-byte(i)) & 7
	d.truncated = d.truncated || lost > 0
	d.in.resetBits()
	d.eobRun = 0
	for j := range s.members {
		s.members[j].last = 0
	}
	return i + 1 + lost, nil
}

// sequential decodes whole blocks (T.81, F.2.2).
func (d *decoder) sequential(s *scanHeader) decodeBlock {
	slot, last := slots(d.n)
	for i := range s.members {
		s.members[i].ac.makeSkip()
	}
	var b block
	return func(m *member, column, row int) bool {
		clear(b[:unused])
		flat, ok := d.wholeBlock(m, &b, &slot, last)
		if !ok {
			return false
		}
		if d.hold {
			m.coefs.set(row*m.stride+column, &b)
			return true
		}
		p := &m.plane
		show(p.Pix[(row*p.Stride+column)*d.n:], p.Stride, d.n, &b, m.quant, flat)
		return true
	}
}

// wholeBlock decodes a block into b, as coefficients. It is flat when it has
// none but DC.
func (d *decoder) wholeBlock(m *member, b *block, slot *[256]uint8, last int) (flat, ok bool) {
	in, table := &d.in, m.ac
	diff, ok := m.dc.dc(in)
	if !ok {
		return false, false
	}
	m.last += diff
	b[0] = m.last

	acc, n, pos := in.acc, in.n, in.pos // in registers: this is where the time goes
	var value int32
	k := 1
	for k <= last {
		if n < 32 {
			acc, n, pos = in.more(acc, n, pos)
		}
		e := table.fast[acc>>(64-fastBits)]
		if e == 0 {
			if e = table.slow(acc); e == 0 {
				return false, false
			}
		}
		acc <<= e.bits()
		n -= e.bits()
		value = e.value()
		if size := e.size(); size > 0 {
			value = extend(int32(acc>>(64-size)), size)
			acc <<= size
			n -= size
		}
		k += e.advance()
		b[slot[(k-1)&255]&127] = value
	}
	if k > 64 && (k <= endOfBlock || value != 0) {
		d.odd = true
	}
	in.acc, in.n, in.pos = acc, n, pos
	return k == 1+endOfBlock || last == 0, k >= 64 || d.skip(table, k)
}

// skip steps over the coefficients from k on.
func (d *decoder) skip(table *huffman, k int) bool {
	in := &d.in
	acc, n, pos := in.acc, in.n, in.pos
	for k < 64 {
		if n < 32 {
			acc, n, pos = in.more(acc, n, pos)
		}
		e := table.skip[acc>>(64-skipBits)]
		if next := k + e.advance(); e != 0 && next <= 64 {
			k = next
			acc <<= e.bits()
			n -= e.bits()
			if e.value() != 0 { // an end of block
				break
			}
			continue
		}
		e = table.fast[acc>>(64-fastBits)]
		if e == 0 {
			if e = table.slow(acc); e == 0 {
				return false
			}
		}
		k += e.advance()
		acc <<= e.bits() + e.size()
		n -= e.bits() + e.size()
	}
	in.acc, in.n, in.pos = acc, n, pos
	return true
}
