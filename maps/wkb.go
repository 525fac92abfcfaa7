package maps

import (
	"encoding/binary"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

const (
	wkbPolygon      = 3
	wkbMultiPolygon = 6
	wkbPoint        = 16 // bytes of x and y
)

// parseWKB reads a polygon or multipolygon of a GeoPackage (ISO 13249-3); Z and
// M are dropped, which orb's reader does not take.
func parseWKB(raw []byte, into *area) {
	w := &wkbReader{rest: raw}
	kind, stride := w.head()
	switch kind {
	case wkbPolygon:
		w.polygon(stride, into)
	case wkbMultiPolygon:
		for range w.count(9) {
			if kind, stride := w.head(); kind == wkbPolygon {
				w.polygon(stride, into)
			} else {
				w.broken = true
			}
			if w.broken {
				break
			}
		}
	default:
		if !w.broken {
			into.refuse(fault(geo.WrongGeometryType, "the geometry is of type %d, not a polygon", kind))
			return
		}
	}
	if w.broken || len(w.rest) > 0 {
		into.refuse(fault(BadGeometry, "the WKB cannot be read"))
	}
}

type wkbReader struct {
	rest   []byte
	order  binary.ByteOrder
	broken bool
}

// head reads byte order and type, and gives the type without its dimensions and
// the bytes of one position.
func (w *wkbReader) head() (kind uint32, stride int) {
	if len(w.rest) < 5 || w.rest[0] > 1 {
		w.broken = true
		return 0, 0
	}
	w.order = binary.BigEndian
	if w.rest[0] == 1 {
		w.order = binary.LittleEndian
	}
	kind = w.order.Uint32(w.rest[1:])
	w.rest = w.rest[5:]
	stride = wkbPoint
	switch kind / 1000 {
	case 1, 2:
		stride += 8
	case 3:
		stride += 16
	}
	return kind % 1000, stride
}

// count reads how many items of at least so many bytes follow.
func (w *wkbReader) count(each int) int {
	if len(w.rest) < 4 {
		w.broken = true
		return 0
	}
	n := int64(w.order.Uint32(w.rest))
	w.rest = w.rest[4:]
	if n*int64(each) > int64(len(w.rest)) {
		w.broken = true
		return 0
	}
	return int(n)
}

func (w *wkbReader) polygon(stride int, into *area) {
	into.polygon()
	for range w.count(4) {
		into.ring()
		n := w.count(stride)
		for range n {
			into.point(orb.Point{w.double(0), w.double(8)})
			w.rest = w.rest[stride:]
		}
		if w.broken {
			return
		}
	}
}

func (w *wkbReader) double(at int) float64 {
	var b [8]byte
	w.order.PutUint64(b[:], binary.LittleEndian.Uint64(w.rest[at:]))
	return doubleAt(b[:])
}
