package jpeg

import "io"

// A unit of entropy-coded data, ten blocks of 64 coefficients of 32 bits with a
// zero stuffed after each byte, takes less than unitBytes; where that many are
// buffered, bits can be read without asking for more.
const (
	unitBytes = 8 << 10
	readBytes = 64 << 10
)

// input is the file through a window, and the bits of entropy-coded data.
type input struct {
	r   io.Reader
	buf []byte // the window
	pos int    // of the next byte in buf
	end bool   // nothing comes after buf

	acc uint64 // the next bits, the first of them highest
	n   uint   // how many of acc are valid
	pad uint   // how many of those, the last, are made up as the data is over

	pending byte // a marker that was read too early; 0 is none
}

// ensure gets size bytes into the window, fewer at the file's end.
func (in *input) ensure(size int) error {
	if len(in.buf)-in.pos >= size || in.end {
		return nil
	}
	if in.buf == nil {
		in.buf = make([]byte, 0, readBytes+unitBytes)
	}
	in.buf = in.buf[:copy(in.buf, in.buf[in.pos:])]
	in.pos = 0
	for empty := 0; len(in.buf) < size && !in.end; {
		n, err := in.r.Read(in.buf[len(in.buf):cap(in.buf)])
		in.buf = in.buf[:len(in.buf)+n]
		switch {
		case err == io.EOF:
			in.end = true
		case err != nil:
			return err
		case n > 0:
			empty = 0
		default:
			if empty++; empty > 100 {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// take returns the next size bytes, at most unitBytes, or io.ErrUnexpectedEOF.
// They are valid until the next read.
func (in *input) take(size int) ([]byte, error) {
	if err := in.ensure(size); err != nil {
		return nil, err
	}
	if len(in.buf)-in.pos < size {
		return nil, io.ErrUnexpectedEOF
	}
	in.pos += size
	return in.buf[in.pos-size : in.pos], nil
}

func (in *input) skip(size int) error {
	for size > 0 {
		step := min(size, unitBytes)
		if _, err := in.take(step); err != nil {
			return err
		}
		size -= step
	}
	return nil
}

// marker returns the next marker and steps over everything before it, which
// includes what is left of a scan.
func (in *input) marker() (byte, error) {
	if m := in.pending; m != 0 {
		in.pending = 0
		return m, nil
	}
	for {
		b, err := in.take(1)
		if err != nil {
			return 0, err
		}
		for b[0] == 0xff {
			if b, err = in.take(1); err != nil {
				return 0, err
			}
			if b[0] != 0 && b[0] != 0xff {
				return b[0], nil
			}
		}
	}
}

// resetBits forgets the bits of the scan or restart interval before.
func (in *input) resetBits() { in.acc, in.n, in.pad = 0, 0, 0 }

// overrun tells whether more bits were used than there are.
func (in *input) overrun() bool { return in.n < in.pad }

// more returns acc, n and pos with at least 56 bits valid. Where a marker or
// the file's end stops the data it makes up zeros.
func (in *input) more(acc uint64, n uint, pos int) (uint64, uint, int) {
	if pos+8 <= len(in.buf) {
		if v := load(in.buf[pos:]); !hasFF(v) {
			return acc | v>>n, n | 56, pos + int(63-n)>>3
		}
	}
	acc &^= ^uint64(0) >> n // what a load left behind the valid bits
	for ; n < 56; n += 8 {
		if pos >= len(in.buf) || in.buf[pos] == 0xff && (pos+1 >= len(in.buf) || in.buf[pos+1] != 0) {
			in.pad += 8
			continue
		}
		acc |= uint64(in.buf[pos]) << (56 - n)
		if in.buf[pos] == 0xff {
			pos++
		}
		pos++
	}
	return acc, n, pos
}

// need makes at least 32 bits valid.
func (in *input) need() {
	if in.n < 32 {
		in.acc, in.n, in.pos = in.more(in.acc, in.n, in.pos)
	}
}

func load(b []byte) uint64 {
	_ = b[7]
	return uint64(b[7]) | uint64(b[6])<<8 | uint64(b[5])<<16 | uint64(b[4])<<24 |
		uint64(b[3])<<32 | uint64(b[2])<<40 | uint64(b[1])<<48 | uint64(b[0])<<56
}

// hasFF tells whether one of the eight bytes is 0xff.
func hasFF(v uint64) bool {
	const ones = 0x0101010101010101
	return (^v-ones)&v&(ones<<7) != 0
}

// bits returns the next size bits, at most 16, which must be valid.
func (in *input) bits(size uint) int32 {
	v := int32(in.acc >> 1 >> (63 - size))
	in.use(size)
	return v
}

func (in *input) use(size uint) {
	in.acc <<= size
	in.n -= size
}

// extended returns the next size bits as a signed number (T.81, F.2.2.1).
func (in *input) extended(size uint) int32 { return extend(in.bits(size), size) }

func extend(v int32, size uint) int32 {
	if size > 0 && v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}
