package maps

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// parseWKTArea reads POLYGON or MULTIPOLYGON (OGC 06-103r4); Z and M are
// dropped. orb's reader takes neither them nor a limit.
func parseWKTArea(text string, into *area) {
	w := &wktArea{rest: text}
	kind := w.word()
	for w.peek() != '(' && w.word() != "" { // Z, M, ZM, EMPTY
	}
	switch strings.TrimRight(kind, "ZM") {
	case "POLYGON":
		w.polygon(into)
	case "MULTIPOLYGON":
		w.list(func() { w.polygon(into) })
	default:
		into.refuse(fault(geo.WrongGeometryType, "%.40q is not a POLYGON or MULTIPOLYGON", kind))
		return
	}
	if w.peek() != 0 {
		w.broken = true
	}
	if w.broken {
		into.refuse(fault(BadGeometry, "the WKT cannot be read near %.40q", w.rest))
	}
}

type wktArea struct {
	rest   string
	broken bool
}

// peek gives the next character that is no space, 0 at the end.
func (w *wktArea) peek() byte {
	w.rest = strings.TrimLeft(w.rest, " \t\r\n")
	if w.rest == "" {
		return 0
	}
	return w.rest[0]
}

// word takes a run of letters, or nothing, and gives it in upper case.
func (w *wktArea) word() string {
	w.peek()
	n := strings.IndexFunc(w.rest, func(r rune) bool { return (r|0x20) < 'a' || (r|0x20) > 'z' })
	if n < 0 {
		n = len(w.rest)
	}
	word := w.rest[:n]
	w.rest = w.rest[n:]
	return strings.ToUpper(word)
}

func (w *wktArea) take(c byte) bool {
	if w.peek() != c {
		return false
	}
	w.rest = w.rest[1:]
	return true
}

// list reads ( item, item, … ).
func (w *wktArea) list(item func()) {
	if !w.take('(') {
		w.broken = true
		return
	}
	for {
		if item(); w.broken {
			return
		}
		if w.take(')') {
			return
		}
		if !w.take(',') {
			w.broken = true
			return
		}
	}
}

func (w *wktArea) polygon(into *area) {
	into.polygon()
	w.list(func() {
		into.ring()
		w.list(func() { w.position(into) })
	})
}

func (w *wktArea) position(into *area) {
	var p orb.Point
	for i := range 4 {
		w.peek()
		n := strings.IndexAny(w.rest, " \t\r\n,()")
		if n <= 0 {
			w.broken = w.broken || i < 2
			break
		}
		number, err := strconv.ParseFloat(w.rest[:n], 64)
		if err != nil && !outOfRange(err) {
			into.refuse(fault(geo.NotANumber, "%.40q is not a number", w.rest[:n]))
			w.broken = true
			return
		}
		if i < 2 {
			p[i] = number
		}
		w.rest = w.rest[n:]
	}
	into.point(p)
}
