package jpeg

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// Markers (T.81, table B.1).
const (
	sof0, sof1, sof2 = 0xc0, 0xc1, 0xc2
	dht              = 0xc4
	rst0, rst7       = 0xd0, 0xd7
	soi, eoi         = 0xd8, 0xd9
	sos              = 0xda
	dqt              = 0xdb
	dnl              = 0xdc
	dri              = 0xdd
	app0, app2       = 0xe0, 0xe2
	app14, app15     = 0xee, 0xef
	com              = 0xfe
)

// component of a frame.
type component struct {
	id, quant byte
	h, v      int // sampling factors

	columns, rows int // blocks that carry picture: what a scan of this component alone holds
	stride, lines int // blocks held, which fill whole interleaved units

	plane Plane
	coefs coefficients // of a progressive picture
	shown bool         // a scan brought some of it
}

type decoder struct {
	ctx        context.Context
	options    Options
	n          int // Options.Scale
	in         input
	headerOnly bool

	width, height int
	progressive   bool
	hold          bool // keep coefficients until the end, as progressive pictures need
	hMax, vMax    int
	comps         []component
	quant         [4][64]int32 // in zigzag order
	dcTables      [4]huffman
	acTables      [4]huffman
	restart       int // units in a restart interval; 0 is none
	scans         int
	eobRun        int // blocks without further coefficients in this progressive scan
	jfif          bool
	adobe         int // the transform of an Adobe segment, -1 if there is none
	icc           profile
	truncated     bool
	odd           bool // accepted something that other decoders may read differently
}

// run reads the file up to its end, or to the first scan if only the header is
// wanted. A file that ends early is no error here.
func (d *decoder) run() error {
	d.adobe = -1
	head, err := d.in.take(2)
	if err != nil {
		return ended(err)
	}
	if head[0] != 0xff || head[1] != soi {
		return FormatError("no start of image")
	}
	for {
		m, err := d.in.marker()
		if err == io.ErrUnexpectedEOF && len(d.comps) > 0 && d.scans > 0 {
			d.truncated = true
			return nil
		}
		if err != nil {
			return ended(err)
		}
		if m == eoi || m == sos && d.headerOnly {
			return nil
		}
		if m >= rst0 && m <= rst7 { // left over from a damaged scan
			continue
		}
		err = d.segment(m)
		if err == io.ErrUnexpectedEOF && d.scans > 0 {
			d.truncated = true
			return nil
		}
		if err != nil {
			return ended(err)
		}
	}
}

func ended(err error) error {
	if err == io.ErrUnexpectedEOF {
		return ErrTruncated
	}
	return err
}

func (d *decoder) segment(m byte) error {
	b, err := d.in.take(2)
	if err != nil {
		return err
	}
	size := int(b[0])<<8 + int(b[1]) - 2
	if size < 0 {
		return FormatError("a segment shorter than its length")
	}
	switch {
	case m == app2:
		return d.app2(size)
	case m == app0, m == app14:
		return d.app(m, size)
	case m >= app0 && m <= app15, m == com:
		return d.in.skip(size)
	case d.headerOnly && (m == dht || m == dqt || m == dri):
		return d.in.skip(size)
	case m == sof0 || m == sof1 || m == sof2 || m == dht || m == dqt || m == dri || m == sos:
	case m == dnl:
		return UnsupportedError("a height told after the picture")
	case m < 0xc0:
		return FormatError(fmt.Sprintf("marker %#x", m))
	default:
		return UnsupportedError(fmt.Sprintf("marker %#x", m))
	}
	if size > unitBytes {
		return FormatError(fmt.Sprintf("a segment %#x of %d bytes", m, size))
	}
	if b, err = d.in.take(size); err != nil {
		return err
	}
	switch m {
	case dht:
		return d.defineHuffman(b)
	case dqt:
		return d.defineQuant(b)
	case dri:
		if size != 2 {
			return FormatError("a restart interval of the wrong length")
		}
		d.restart = int(b[0])<<8 + int(b[1])
		return nil
	case sos:
		return d.scan(b)
	}
	return d.frame(m, b)
}

// app remembers what tells colours apart.
func (d *decoder) app(m byte, size int) error {
	head := min(size, 12)
	b, err := d.in.take(head)
	if err != nil {
		return err
	}
	switch {
	case m == app0 && head >= 5:
		d.jfif = string(b[:5]) == "JFIF\x00"
	case m == app14 && head == 12 && string(b[:5]) == "Adobe":
		d.adobe = int(b[11])
	}
	return d.in.skip(size - head)
}

func (d *decoder) defineQuant(b []byte) error {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), b[0]&15
		if wide > 1 || id > 3 || len(b) < 1+64<<wide {
			return FormatError("a wrong quantization table")
		}
		for i := range 64 {
			if wide == 1 {
				d.quant[id][i] = int32(b[1+2*i])<<8 + int32(b[2+2*i])
			} else {
				d.quant[id][i] = int32(b[1+i])
			}
		}
		b = b[1+64<<wide:]
	}
	return nil
}

func (d *decoder) defineHuffman(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return FormatError("a wrong Huffman table")
		}
		class, id, total := b[0]>>4, b[0]&15, 0
		for _, n := range b[1:17] {
			total += int(n)
		}
		if class > 1 || id > 3 || total > 256 || len(b) < 17+total {
			return FormatError("a wrong Huffman table")
		}
		table := &d.dcTables[id]
		if class == 1 {
			table = &d.acTables[id]
		}
		if err := table.define(b[1:17], b[17:17+total]); err != nil {
			return err
		}
		b = b[17+total:]
	}
	return nil
}

// frame reads a frame header (T.81, B.2.2).
func (d *decoder) frame(m byte, b []byte) error {
	if d.comps != nil {
		return FormatError("several frames")
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return FormatError("a frame header of the wrong length")
	}
	if b[0] != 8 {
		return UnsupportedError(fmt.Sprintf("%d bits a sample", b[0]))
	}
	count := int(b[5])
	if count != 1 && count != 3 && count != 4 {
		return UnsupportedError(fmt.Sprintf("%d components", count))
	}
	d.progressive = m == sof2
	d.height, d.width = int(b[1])<<8+int(b[2]), int(b[3])<<8+int(b[4])
	if d.width == 0 || d.height == 0 {
		return FormatError("a picture without pixels")
	}
	if int64(d.width)*int64(d.height) > d.options.MaxPixels {
		return UnsupportedError(fmt.Sprintf("more than %d pixels", d.options.MaxPixels))
	}
	d.comps = make([]component, count)
	for i := range d.comps {
		p := b[6+3*i:]
		c := &d.comps[i]
		c.id, c.h, c.v, c.quant = p[0], int(p[1]>>4), int(p[1]&15), p[2]
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quant > 3 {
			return FormatError("a wrong component")
		}
		for _, other := range d.comps[:i] {
			if other.id == c.id {
				return FormatError("two components of one name")
			}
		}
		if count == 1 { // its factors relate to nothing (T.81, A.2.2)
			c.h, c.v = 1, 1
		}
		d.hMax, d.vMax = max(d.hMax, c.h), max(d.vMax, c.v)
	}
	for i := range d.comps {
		c := &d.comps[i]
		c.columns = ceil(ceil(d.width*c.h, d.hMax), 8)
		c.rows = ceil(ceil(d.height*c.v, d.vMax), 8)
		across, down := d.units()
		c.stride, c.lines = across*c.h, down*c.v
	}
	return nil
}

// units returns how many interleaved units the picture has across and down.
func (d *decoder) units() (across, down int) {
	return ceil(d.width, 8*d.hMax), ceil(d.height, 8*d.vMax)
}

func ceil(a, b int) int { return (a + b - 1) / b }

// usual returns nil if the picture is grey or YCbCr, and otherwise what it is.
func (d *decoder) usual() error {
	switch {
	case len(d.comps) == 4:
		return UnsupportedError("four colours")
	case len(d.comps) == 1:
		return nil
	case d.jfif:
		return nil
	case d.adobe == 0, d.adobe < 0 && d.comps[0].id == 'R' && d.comps[1].id == 'G' && d.comps[2].id == 'B':
		return UnsupportedError("RGB")
	}
	return nil
}

// allocate makes room for the picture, when its first scan begins.
func (d *decoder) allocate() error {
	if err := d.usual(); err != nil {
		return err
	}
	d.hold = d.hold || d.progressive
	for i := range d.comps {
		c := &d.comps[i]
		p := &c.plane
		p.Stride = (c.stride*d.n + 7) &^ 7
		p.SpanX = float64(d.width*c.h) / float64(d.hMax) * float64(d.n) / 8
		p.SpanY = float64(d.height*c.v) / float64(d.vMax) * float64(d.n) / 8
		p.Width, p.Height = ceil(d.width*c.h*d.n, 8*d.hMax), ceil(d.height*c.v*d.n, 8*d.vMax)
		if d.hold {
			c.coefs = newCoefficients(c.stride*c.lines, d.n)
		} else {
			c.plane.Pix = grey(p.size(c.lines * d.n))
		}
	}
	return nil
}

// dequant returns a quantization table in the order in which a block is kept.
func (d *decoder) dequant(id byte) *[unused]int32 {
	slot, _ := slots(d.n)
	table := new([unused]int32)
	for i, q := range d.quant[id] {
		if slot[i] != unused {
			table[slot[i]] = q
		}
	}
	return table
}

// size is how many samples a plane of at least so many lines holds.
func (p *Plane) size(lines int) int { return p.Stride * ((lines + 7) &^ 7) }

func grey(size int) []uint8 { return bytes.Repeat([]byte{128}, size) }

// picture returns what was decoded.
func (d *decoder) picture() (*Picture, error) {
	if d.scans == 0 || !d.comps[0].shown {
		return nil, ErrTruncated
	}
	for i := range d.comps {
		c := &d.comps[i]
		d.truncated = d.truncated || !c.shown
		if d.hold {
			if err := d.reconstruct(c); err != nil {
				return nil, err
			}
		}
	}
	p := &Picture{Y: d.comps[0].plane, Truncated: d.truncated}
	if len(d.comps) == 3 {
		p.Cb, p.Cr = d.comps[1].plane, d.comps[2].plane
	}
	return p, nil
}
