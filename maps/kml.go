package maps

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gridwalk/geo"
)

// kml reads every Placemark of a document (OGC 12-007r2), whatever folder it is
// in. Its name, the values of its ExtendedData and its id are attributes.
func (in *intake) kml(r io.Reader) error {
	guard := &guarded{r: r, limit: in.o.Limits.MaxText}
	d := xml.NewDecoder(guard)
	d.CharsetReader = charset
	k := &placemarks{in: in}
	for {
		guard.read = 0
		token, err := d.RawToken()
		switch t := token.(type) {
		case xml.StartElement:
			if len(k.path) == in.o.Limits.MaxDepth {
				return k.named(fault(BadXML, "elements lie deeper than %d in each other", in.o.Limits.MaxDepth))
			}
			if len(k.path) == 0 && k.ended {
				return fault(BadXML, "something follows the document")
			}
			k.start(t)
		case xml.EndElement:
			if n := len(k.path); n == 0 || k.path[n-1] != t.Name.Local {
				return k.named(fault(BadXML, "</%.40s> ends nothing at byte %d", t.Name.Local, d.InputOffset()))
			}
			if err := k.end(t.Name.Local); err != nil {
				return err
			}
		case xml.CharData:
			k.text(t)
		}
		if err == io.EOF {
			if !k.ended {
				return k.named(fault(BadXML, "the document ends early"))
			}
			return nil
		}
		if err != nil {
			return k.named(xmlFault(err, guard.err, k))
		}
	}
}

// xmlFault names what ended the reading; disk is the error of the file itself.
func xmlFault(err, disk error, k *placemarks) error {
	var syntax *xml.SyntaxError
	var found geo.Fault
	switch {
	case errors.Is(err, errTooMuch) && k.at("coordinates"):
		return fault(geo.TooManyVertices, "the coordinates of one ring are longer than %d bytes", k.in.o.Limits.MaxText)
	case errors.Is(err, errTooMuch):
		return fault(geo.TooLarge, "one text is longer than %d bytes", k.in.o.Limits.MaxText)
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "UTF-8"):
		return fault(BadEncoding, "line %d is not UTF-8, and the document does not name another encoding", syntax.Line)
	case errors.As(err, &syntax):
		return fault(BadXML, "line %d: %s", syntax.Line, syntax.Msg)
	case errors.As(err, &found):
		return found
	case disk != nil:
		return disk
	}
	return fault(BadXML, "%v", err)
}

// charset reads documents in the encodings of China beside UTF-8.
func charset(name string, r io.Reader) (io.Reader, error) {
	switch plain(name) {
	case "gbk", "gb2312", "gb18030":
		return simplifiedchinese.GB18030.NewDecoder().Reader(r), nil
	}
	return nil, fault(BadEncoding, "the document is in %.40q: want UTF-8 or GBK", name)
}

// placemarks collects what is inside of a Placemark.
type placemarks struct {
	in    *intake
	path  []string // local names of the open elements
	ended bool

	feature *Feature
	shape   *area
	key     string // name of the value that is read
	value   []byte
}

func (k *placemarks) at(name string) bool { return len(k.path) > 0 && k.path[len(k.path)-1] == name }

// named tells which feature a fault of the document is in.
func (k *placemarks) named(err error) error {
	var f geo.Fault
	if k.feature != nil && errors.As(err, &f) {
		f.Feature = k.in.features
		return f
	}
	return err
}

func (k *placemarks) start(t xml.StartElement) {
	name := t.Name.Local
	inside := slices.Contains(k.path, "Polygon")
	k.path = append(k.path, name)
	k.value = k.value[:0]
	if name == "Placemark" && k.feature == nil {
		k.feature = &Feature{ID: attribute(t, "id")}
		k.shape = k.in.area()
	}
	if k.feature == nil {
		return
	}
	switch name {
	case "Polygon":
		k.shape.polygon()
	case "LinearRing":
		if inside {
			k.shape.ring()
		}
	case "Data", "SimpleData":
		k.key = attribute(t, "name")
	}
}

func (k *placemarks) text(text []byte) {
	if k.feature == nil {
		return
	}
	switch {
	case k.at("coordinates") && slices.Contains(k.path, "LinearRing") && slices.Contains(k.path, "Polygon"):
		coordinates(text, k.shape)
	case k.at("name"), k.at("value"), k.at("SimpleData"):
		k.value = append(k.value, text...)
	}
}

func (k *placemarks) end(name string) error {
	k.path = k.path[:len(k.path)-1]
	k.ended = len(k.path) == 0
	if k.feature == nil {
		return nil
	}
	switch {
	case name == "name" && k.at("Placemark"):
		k.feature.set("name", string(k.value))
	case name == "value" && k.at("Data"), name == "SimpleData":
		k.feature.set(k.key, string(k.value))
	case name == "Placemark" && !slices.Contains(k.path, "Placemark"):
		feature := *k.feature
		k.shape.put(&feature)
		k.feature, k.shape = nil, nil
		return k.in.add(feature)
	}
	return nil
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// coordinates reads tuples of longitude, latitude and perhaps altitude, parted
// by white space.
func coordinates(text []byte, into *area) {
	n := len(into.polygons)
	if n == 0 || len(into.polygons[n-1]) == 0 {
		return
	}
	for tuple := range bytes.FieldsSeq(text) {
		var p orb.Point
		x, rest, found := bytes.Cut(tuple, []byte(","))
		y, _, _ := bytes.Cut(rest, []byte(","))
		var errX, errY error
		p[0], errX = strconv.ParseFloat(string(x), 64)
		p[1], errY = strconv.ParseFloat(string(y), 64)
		if !found || (errX != nil || errY != nil) && !outOfRange(errX, errY) {
			into.refuse(fault(geo.NotANumber, "%.60q is not longitude and latitude", tuple))
			return
		}
		into.point(p)
	}
}

// outOfRange tells that numbers were read, but are too large: they are infinite
// and refused later by their place.
func outOfRange(errs ...error) bool {
	for _, err := range errs {
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return false
		}
	}
	return true
}

var errTooMuch = errors.New("one piece is too long")

// guarded fails when more is read at a time than limit; whoever reads sets read
// back to 0 after each piece.
type guarded struct {
	r           io.Reader
	read, limit int
	err         error // of r
}

func (g *guarded) Read(p []byte) (int, error) {
	if g.read > g.limit {
		return 0, errTooMuch
	}
	n, err := g.r.Read(p)
	g.read += n
	if err != nil && err != io.EOF {
		g.err = err
	}
	return n, err
}
