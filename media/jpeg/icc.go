package jpeg

import "bytes"

const (
	iccName = "ICC_PROFILE\x00"
	iccMost = 1 << 20 // bytes; profiles of phones and screens have a few hundred to a few thousand
)

// profile collects a colour profile that is spread over APP2 segments (ICC.1,
// annex B.4).
type profile struct {
	parts map[byte][]byte
	count byte
	bytes int
}

func (d *decoder) app2(size int) error {
	head := len(iccName) + 2
	if !d.headerOnly || size < head {
		return d.in.skip(size)
	}
	b, err := d.in.take(head)
	if err != nil {
		return err
	}
	size -= head
	d.icc.bytes += size
	if !bytes.HasPrefix(b, []byte(iccName)) || d.icc.bytes > iccMost {
		return d.in.skip(size)
	}
	number := b[head-2]
	d.icc.count = b[head-1]
	if d.icc.parts == nil {
		d.icc.parts = map[byte][]byte{}
	}
	var part []byte
	for size > 0 {
		step := min(size, unitBytes)
		if b, err = d.in.take(step); err != nil {
			return err
		}
		part = append(part, b...)
		size -= step
	}
	d.icc.parts[number] = part
	return nil
}

// join returns the whole profile, nil if a part is missing.
func (p profile) join() []byte {
	var all []byte
	for i := range int(p.count) {
		part, ok := p.parts[byte(i+1)]
		if !ok {
			return nil
		}
		all = append(all, part...)
	}
	return all
}
