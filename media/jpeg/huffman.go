package jpeg

// Bits that the tables look at together.
const (
	fastBits = 10
	skipBits = 11
)

// entry is what the next fastBits bits say in a Huffman table: how far the
// coefficients advance (T.81, F.2.2.2), how many bits that takes, and the value
// if it lies within the bits too. Zero says that the code is longer.
type entry uint32

// endOfBlock is an advance beyond every block, and beyond every run that does
// not fit into its block.
const endOfBlock = 80

func newEntry(bits uint, advance int, size uint, value int32) entry {
	return entry(uint32(bits) | uint32(advance)<<5 | uint32(size)<<12 | uint32(value)<<16)
}

func (e entry) bits() uint   { return uint(e & 31) }
func (e entry) advance() int { return int(e >> 5 & 127) }
func (e entry) size() uint   { return uint(e >> 12 & 15) } // bits of the value still to be read
func (e entry) value() int32 { return int32(e) >> 16 }     // of an end of block: the exponent of its run

// huffman decodes one table, as coefficients and as plain symbols.
type huffman struct {
	defined bool
	symbols [256]uint8
	first   [17]int32 // the first code of each length
	beyond  [17]int32 // one more than the last code of each length, shifted to 16 bits
	index   [17]int32 // where in symbols the codes of each length begin

	fast [1 << fastBits]entry
	// skip takes as many whole coefficients as fit, whose values do not matter.
	// It is made when first needed.
	skip    [1 << skipBits]entry
	hasSkip bool
}

// define sets the table to what a DHT segment says (T.81, C.2).
func (h *huffman) define(counts, symbols []byte) error {
	*h = huffman{defined: true}
	copy(h.symbols[:], symbols)
	code, at := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		count := int32(counts[length-1])
		h.first[length], h.index[length] = code, at
		code += count
		at += count
		if code > 1<<length {
			return FormatError("a Huffman table with too many codes")
		}
		h.beyond[length] = code << (16 - length)
		code <<= 1
	}
	for peek := range h.fast {
		h.fast[peek] = h.look(uint32(peek) << (16 - fastBits))
	}
	return nil
}

// look makes the entry for 16 bits of which only the first fastBits are known.
func (h *huffman) look(bits uint32) entry {
	symbol, length := h.symbol(bits)
	size := uint(symbol & 15)
	switch {
	case length == 0 || length > fastBits:
		return 0
	case size > 0 && length+size <= fastBits:
		value := extend(int32(bits>>(16-length-size))&(1<<size-1), size)
		return newEntry(length+size, int(symbol>>4)+1, 0, value)
	}
	return entryOf(symbol, length)
}

// entryOf is the entry of a symbol, without its value.
func entryOf(symbol uint8, length uint) entry {
	run, size := int(symbol>>4), uint(symbol&15)
	if size == 0 && run < 15 {
		return newEntry(length, endOfBlock, 0, int32(run))
	}
	return newEntry(length, run+1, size, 0)
}

// slow is the entry for a code of any length at the head of acc, zero if there
// is no such code.
func (h *huffman) slow(acc uint64) entry {
	symbol, length := h.symbol(uint32(acc >> 48))
	if length == 0 {
		return 0
	}
	return entryOf(symbol, length)
}

// symbol reads the symbol at the head of 16 bits, and the length of its code,
// zero if there is no such code.
func (h *huffman) symbol(bits uint32) (symbol uint8, length uint) {
	for length = 1; length <= 16; length++ {
		if int32(bits) < h.beyond[length] {
			code := int32(bits >> (16 - length))
			return h.symbols[(h.index[length]+code-h.first[length])&255], length
		}
	}
	return 0, 0
}

// makeSkip fills the table of skips. The value of an entry tells that it ends
// the block.
func (h *huffman) makeSkip() {
	if h.hasSkip {
		return
	}
	h.hasSkip = true
	for peek := range h.skip {
		bits, used, advance, end := uint32(peek)<<(16-skipBits), uint(0), 0, int32(0)
		for end == 0 && advance < 64 {
			symbol, length := h.symbol(bits << used & 0xffff)
			e := entryOf(symbol, length)
			if length == 0 || used+length+e.size() > skipBits {
				break
			}
			used += length + e.size()
			if e.advance() == endOfBlock {
				advance, end = advance+1, 1 // it needs a place in the block to be read
			} else {
				advance += e.advance()
			}
		}
		if used > 0 {
			h.skip[peek] = newEntry(used, advance, 0, end)
		}
	}
}

// dc reads the difference of a DC coefficient (T.81, F.2.2.1). 32 bits must be
// valid.
func (h *huffman) dc(in *input) (diff int32, ok bool) {
	e := h.fast[in.acc>>(64-fastBits)]
	if e == 0 {
		e = h.slow(in.acc)
	}
	in.use(e.bits())
	switch {
	case e.advance() == 1:
		return e.value() + in.extended(e.size()), true
	case e.advance() == endOfBlock && e.value() == 0: // no bits: no difference
		return 0, true
	}
	return 0, false
}
