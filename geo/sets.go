package geo

import "encoding/binary"

// sets holds sets of fence numbers, each once, so that a set is known by one
// number: the place in the list where its size stands, before its members in
// ascending order. Set 0 is empty.
type sets []uint32

func (s sets) at(set uint32) []uint32 { return s[set+1:][:s[set]] }

// setMaker finds the number of a set, or gives it one.
type setMaker struct {
	sets
	known  map[string]uint32 // by its members as bytes
	sums   map[uint64]uint32 // by the pair of sets whose symmetric difference it is
	recent struct {
		pair uint64
		sum  uint32
	}
	key []byte
	sum []uint32
}

// newSetMaker knows the empty set and, for each number below n, the set of it
// alone.
func newSetMaker(n int) *setMaker {
	m := &setMaker{known: make(map[string]uint32, 2*n), sums: map[uint64]uint32{}}
	m.intern(nil)
	for i := range n {
		m.intern([]uint32{uint32(i)})
	}
	return m
}

// alone is the set of one number that newSetMaker was told of.
func alone(number uint32) uint32 { return 1 + 2*number }

func (m *setMaker) intern(set []uint32) uint32 {
	m.key = m.key[:0]
	for _, f := range set {
		m.key = binary.LittleEndian.AppendUint32(m.key, f)
	}
	if i, ok := m.known[string(m.key)]; ok {
		return i
	}
	i := uint32(len(m.sets))
	m.sets = append(append(m.sets, uint32(len(set))), set...)
	m.known[string(m.key)] = i
	return i
}

// xor returns the set of what is in one of a and b, not in both.
func (m *setMaker) xor(a, b uint32) uint32 {
	pair := uint64(min(a, b))<<32 | uint64(max(a, b))
	if pair == m.recent.pair {
		return m.recent.sum
	}
	sum, ok := m.sums[pair]
	if !ok {
		m.sum = symmetricDifference(m.sum[:0], m.at(a), m.at(b))
		sum = m.intern(m.sum)
		m.sums[pair] = sum
	}
	m.recent.pair, m.recent.sum = pair, sum
	return sum
}

// symmetricDifference appends what is in one of a and b, not in both. All are
// ascending.
func symmetricDifference(dst, a, b []uint32) []uint32 {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			dst, a = append(dst, a[0]), a[1:]
		case a[0] > b[0]:
			dst, b = append(dst, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return append(append(dst, a...), b...)
}
