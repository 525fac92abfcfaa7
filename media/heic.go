package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"iter"

	"github.com/bep/imagemeta"
)

// Bounds of looking for the meta box of a HEIC and of what it points to.
const (
	maxBoxes   = 64
	maxMeta    = 1 << 20
	maxHEICTag = 256 << 10
)

// readHEIC finds the dimensions, the rotation and the EXIF of a HEIC as far as
// its boxes can be read (ISO/IEC 14496-12 and 23008-12). The largest ispe is
// the picture: tiles and thumbnails are smaller. The rotation is the one of the
// boxes; readers must not apply EXIF's to a HEIC.
func readHEIC(r io.ReadSeeker) (header, tags) {
	meta := metaBox(r)
	h, angle := pictureSize(meta)
	found := tags{}
	if tiff := heicEXIF(r, meta); tiff != nil {
		found = readTags(bytes.NewReader(tiff), imagemeta.TIFF)
	}
	found["Orientation"] = [4]uint16{1, 8, 3, 6}[angle]
	return h, found
}

// metaBox returns the content of the top-level meta box, nil if there is none.
func metaBox(r io.ReadSeeker) []byte {
	var at int64
	for range maxBoxes {
		var head [16]byte
		if !readAt(r, at, head[:8]) {
			return nil
		}
		size, skip := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		if size == 1 {
			if !readAt(r, at, head[:]) {
				return nil
			}
			size, skip = int64(binary.BigEndian.Uint64(head[8:])), 16
		}
		if size < skip || at+size < at {
			return nil
		}
		if string(head[4:8]) == "meta" {
			if size > maxMeta || size < skip+4 {
				return nil
			}
			meta := make([]byte, size-skip-4) // after its version and flags
			if !readAt(r, at+skip+4, meta) {
				return nil
			}
			return meta
		}
		at += size
	}
	return nil
}

func readAt(r io.ReadSeeker, at int64, p []byte) bool {
	if _, err := r.Seek(at, io.SeekStart); err != nil {
		return false
	}
	_, err := io.ReadFull(r, p)
	return err == nil
}

// boxes yields the boxes in b, up to the first that does not fit.
func boxes(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(b) >= 8 {
			size := int64(binary.BigEndian.Uint32(b))
			if size < 8 || size > int64(len(b)) || !yield(string(b[4:8]), b[8:size]) {
				return
			}
			b = b[size:]
		}
	}
}

func box(b []byte, name string) []byte {
	for kind, content := range boxes(b) {
		if kind == name {
			return content
		}
	}
	return nil
}

func pictureSize(meta []byte) (h header, angle int) {
	var best uint64
	for kind, p := range boxes(box(box(meta, "iprp"), "ipco")) {
		switch {
		case kind == "ispe" && len(p) >= 12:
			w, t := binary.BigEndian.Uint32(p[4:]), binary.BigEndian.Uint32(p[8:])
			if area := uint64(w) * uint64(t); area > best && w < 1<<31 && t < 1<<31 {
				best, h.width, h.height = area, int(w), int(t)
			}
		case kind == "irot" && len(p) >= 1:
			angle = int(p[0] & 3)
		}
	}
	return h, angle
}

// heicEXIF returns the TIFF block that the item of type Exif holds.
func heicEXIF(r io.ReadSeeker, meta []byte) []byte {
	id, ok := exifItem(box(meta, "iinf"))
	if !ok {
		return nil
	}
	at, size := itemPlace(box(meta, "iloc"), id)
	if size < 12 || size > maxHEICTag || at > 1<<62 {
		return nil
	}
	item := make([]byte, size)
	if !readAt(r, int64(at), item) {
		return nil
	}
	skip := int64(binary.BigEndian.Uint32(item)) // usually "Exif\0\0"
	if skip > int64(len(item)-4) {
		return nil
	}
	return item[4+skip:]
}

func exifItem(iinf []byte) (id uint64, ok bool) {
	c := cursor{b: iinf}
	if version := c.uint(4) >> 24; version == 0 {
		c.uint(2)
	} else {
		c.uint(4)
	}
	for kind, b := range boxes(c.b) {
		if kind != "infe" {
			continue
		}
		e := cursor{b: b}
		if version := e.uint(4) >> 24; version == 2 {
			id = e.uint(2)
		} else {
			id = e.uint(4)
		}
		e.uint(2)
		if e.uint(4) == 0x45786966 && !e.bad { // "Exif"
			return id, true
		}
	}
	return 0, false
}

// itemPlace returns where in the file an item lies, if it lies there in one piece.
func itemPlace(iloc []byte, id uint64) (at, size uint64) {
	c := cursor{b: iloc}
	version := c.uint(4) >> 24
	sizes := c.uint(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	idSize := 2
	if version >= 2 {
		idSize = 4
	}
	if version == 0 {
		indexSize = 0
	}
	for n := c.uint(idSize); n > 0 && !c.bad; n-- {
		item := c.uint(idSize)
		method := uint64(0)
		if version >= 1 {
			method = c.uint(2) & 15
		}
		c.uint(2)
		base, extents := c.uint(baseSize), c.uint(2)
		for e := range extents {
			if c.bad || e > maxBoxes { // extents may take no bytes at all
				return 0, 0
			}
			c.uint(indexSize)
			offset, length := c.uint(offsetSize), c.uint(lengthSize)
			if item == id && method == 0 && extents == 1 && !c.bad {
				return base + offset, length
			}
		}
	}
	return 0, 0
}

// cursor reads big-endian numbers; past the end it gives zeros and is bad.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) uint(size int) (v uint64) {
	if size > len(c.b) || size > 8 {
		c.bad = true
		return 0
	}
	for _, b := range c.b[:size] {
		v = v<<8 | uint64(b)
	}
	c.b = c.b[size:]
	return v
}
