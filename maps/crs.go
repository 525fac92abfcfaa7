package maps

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/paulmach/orb"
)

// crs turns coordinates of a file, x east and y north, into degrees of WGS-84.
type crs struct {
	name    string
	degrees func(orb.Point) orb.Point
}

// The ellipsoids of the two frames, both with the axis 6378137 m. They differ by
// 0.1 mm at the pole.
const (
	axis          = 6378137.0
	flatWGS84     = 1 / 298.257223563
	flatCGCS2000  = 1 / 298.257222101
	falseEasting  = 500_000
	utmScale      = 0.9996
	webMercator   = 3857
	zoneOfEasting = 1_000_000 // zones are written before the easting: 39500000
)

func geographic(name string) *crs {
	return &crs{name, func(p orb.Point) orb.Point { return p }}
}

var (
	epsgName = regexp.MustCompile(`(?i)^\s*(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})\s*$`)
	crs84    = regexp.MustCompile(`(?i)^\s*(?:urn:ogc:def:crs:)?OGC:(?:[\d.]*:)?CRS84\s*$`)
)

// parseCRS reads "EPSG:4547", a URN, or WKT 1 or 2 as in a .prj file. The error
// is a Fault that names the system that is not converted.
func parseCRS(s string) (*crs, error) {
	if m := epsgName.FindStringSubmatch(s); m != nil {
		code, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, fault(UnknownCRS, "%.60q is no code", s)
		}
		if found := byEPSG(code); found != nil {
			return found, nil
		}
		return nil, fault(UnknownCRS, "EPSG:%d is not converted: save the map in WGS-84, CGCS2000 (degrees or Gauss-Krüger), UTM or Web Mercator", code)
	}
	if crs84.MatchString(s) {
		return geographic("CRS84"), nil
	}
	root, ok := parseWKT(s)
	if !ok {
		return nil, fault(UnknownCRS, "the description %.80q cannot be read", s)
	}
	return byWKT(root)
}

// byEPSG knows the codes of WGS-84 and CGCS2000: degrees, Gauss-Krüger in zones
// of 6 and 3 degrees with and without the zone before the easting, UTM, and Web
// Mercator (EPSG Geodetic Parameter Dataset).
func byEPSG(code int) *crs {
	name := fmt.Sprintf("EPSG:%d", code)
	gauss := func(zone, degrees, first int, prefixed bool) *crs {
		easting := float64(falseEasting)
		if prefixed {
			easting += float64(zone) * zoneOfEasting
		}
		m := mercator{flat: flatCGCS2000, meridian: float64(zone*degrees - first), scale: 1, east: easting}
		return &crs{name, m.degrees}
	}
	switch {
	case code == 4326, code == 4490, code == 4979, code == 4480:
		return geographic(name)
	case code == webMercator, code == 900913:
		return &crs{name, fromWebMercator}
	case code >= 4491 && code <= 4501:
		return gauss(code-4491+13, 6, 3, true)
	case code >= 4502 && code <= 4512:
		return gauss(code-4502+13, 6, 3, false)
	case code >= 4513 && code <= 4533:
		return gauss(code-4513+25, 3, 0, true)
	case code >= 4534 && code <= 4554:
		return gauss(code-4534+25, 3, 0, false)
	case code >= 32601 && code <= 32660:
		m := mercator{flat: flatWGS84, meridian: float64((code-32600)*6 - 183), scale: utmScale, east: falseEasting}
		return &crs{name, m.degrees}
	}
	return nil
}

// byWKT understands a description in WKT 1 (OGC 01-009, and ESRI's dialect) or
// WKT 2 (OGC 18-010).
func byWKT(root wktNode) (*crs, error) {
	switch root.word {
	case "COMPD_CS", "COMPOUNDCRS":
		for _, part := range root.children {
			if strings.Contains(part.word, "CS") || strings.Contains(part.word, "CRS") {
				return byWKT(part)
			}
		}
	case "BOUNDCRS":
		if source := root.find("SOURCECRS"); source != nil && len(source.children) > 0 {
			return byWKT(source.children[0])
		}
	}
	refuse := func(why string) (*crs, error) {
		return nil, fault(UnknownCRS, "%.60q is not converted: %s", root.text(), why)
	}
	if code, ok := root.authority(); ok {
		if found := byEPSG(code); found != nil {
			return found, nil
		}
	}
	flat, ok := root.frame()
	if !ok {
		return refuse("its datum is neither WGS-84 nor CGCS2000")
	}
	if meridian := root.find("PRIMEM", "PRIMEMERIDIAN"); meridian != nil && len(meridian.numbers) > 0 && meridian.numbers[0] != 0 {
		return refuse("its prime meridian is not Greenwich")
	}
	switch root.word {
	case "GEOGCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS", "GEODETICCRS":
		if unit := root.unit(); unit != 0 && math.Abs(unit-math.Pi/180) > 1e-9 {
			return refuse("its unit is not the degree")
		}
		return geographic(root.text()), nil
	case "PROJCS", "PROJCRS", "PROJECTEDCRS":
	default:
		return refuse("it is neither geographic nor projected")
	}
	if unit := root.unit(); unit != 0 && unit != 1 {
		return refuse("its unit is not the metre")
	}
	method := ""
	if m := root.find("PROJECTION", "METHOD"); m != nil {
		method = plain(m.text())
	}
	switch method {
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator", "popularvisualizationpseudomercator":
		return &crs{root.text(), fromWebMercator}, nil
	case "transversemercator", "gausskruger", "gausskrueger":
	default:
		return refuse("its projection is not Gauss-Krüger, UTM or Web Mercator")
	}
	m := mercator{flat: flat, scale: root.parameter(1, "scalefactor", "scalefactoratnaturalorigin"),
		meridian: root.parameter(0, "centralmeridian", "longitudeofnaturalorigin"),
		east:     root.parameter(0, "falseeasting"), north: root.parameter(0, "falsenorthing")}
	if root.parameter(0, "latitudeoforigin", "latitudeofnaturalorigin") != 0 {
		return refuse("its origin is not on the equator")
	}
	if !(m.scale > 0.9 && m.scale < 1.1) || !(math.Abs(m.meridian) <= 180) {
		return refuse("its parameters make no sense")
	}
	return &crs{root.text(), m.degrees}, nil
}

// wktNode is WORD["text", 1.5, CHILD[…]].
type wktNode struct {
	word     string
	texts    []string
	numbers  []float64
	children []wktNode
}

func (n wktNode) text() string {
	if len(n.texts) > 0 {
		return n.texts[0]
	}
	return ""
}

// find gives the first node with one of the words, at any depth.
func (n wktNode) find(words ...string) *wktNode {
	for i := range n.children {
		child := &n.children[i]
		for _, word := range words {
			if child.word == word {
				return child
			}
		}
		if found := child.find(words...); found != nil {
			return found
		}
	}
	return nil
}

// authority gives the EPSG code of the node itself.
func (n wktNode) authority() (int, bool) {
	for _, child := range n.children {
		if (child.word == "AUTHORITY" || child.word == "ID") && strings.EqualFold(child.text(), "EPSG") {
			if len(child.numbers) > 0 {
				return int(child.numbers[0]), true
			}
			if len(child.texts) > 1 {
				code, err := strconv.Atoi(child.texts[1])
				return code, err == nil
			}
		}
	}
	return 0, false
}

// frame gives the flattening when the datum is one of the two that are known.
func (n wktNode) frame() (float64, bool) {
	datum := n.find("DATUM", "ENSEMBLE", "GEODETICDATUM")
	if datum == nil {
		return 0, false
	}
	switch strings.TrimPrefix(plain(datum.text()), "d") {
	case "wgs1984", "wgs84", "worldgeodeticsystem1984", "worldgeodeticsystem1984ensemble":
		return flatWGS84, true
	case "china2000", "cgcs2000", "chinageodeticcoordinatesystem2000":
		return flatCGCS2000, true
	}
	return 0, false
}

// unit gives the factor to metres or radians that the node itself names, 0 when
// it names none.
func (n wktNode) unit() float64 {
	for _, child := range n.children {
		switch child.word {
		case "UNIT", "LENGTHUNIT", "ANGLEUNIT":
			if len(child.numbers) > 0 {
				return child.numbers[0]
			}
		}
	}
	return 0
}

func (n wktNode) parameter(fallback float64, names ...string) float64 {
	for _, child := range n.children {
		if child.word == "CONVERSION" {
			return child.parameter(fallback, names...)
		}
		if child.word != "PARAMETER" || len(child.numbers) == 0 {
			continue
		}
		for _, name := range names {
			if plain(child.text()) == name {
				return child.numbers[0]
			}
		}
	}
	return fallback
}

// plain leaves letters and digits only, in lower case: GCS_China_Geodetic… and
// «China Geodetic …» are the same.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

const maxCRSText = 64 << 10

func parseWKT(s string) (wktNode, bool) {
	if len(s) > maxCRSText {
		return wktNode{}, false
	}
	node, rest, ok := wktNodeOf(strings.TrimSpace(s), 16)
	return node, ok && strings.TrimSpace(rest) == ""
}

func wktNodeOf(s string, depth int) (node wktNode, rest string, ok bool) {
	open := strings.IndexAny(s, "[(")
	if open <= 0 || depth == 0 {
		return node, s, false
	}
	node.word = strings.ToUpper(strings.TrimSpace(s[:open]))
	s = s[open+1:]
	for {
		s = strings.TrimLeft(s, " \t\r\n,")
		switch {
		case s == "":
			return node, s, false
		case s[0] == ']' || s[0] == ')':
			return node, s[1:], true
		case s[0] == '"':
			end := strings.IndexByte(s[1:], '"')
			if end < 0 {
				return node, s, false
			}
			node.texts = append(node.texts, s[1:1+end])
			s = s[end+2:]
		default:
			end := strings.IndexAny(s, ",[]()")
			if end < 0 {
				return node, s, false
			}
			if s[end] == '[' || s[end] == '(' {
				var child wktNode
				if child, s, ok = wktNodeOf(s, depth-1); !ok {
					return node, s, false
				}
				node.children = append(node.children, child)
				continue
			}
			if number, err := strconv.ParseFloat(strings.TrimSpace(s[:end]), 64); err == nil {
				node.numbers = append(node.numbers, number)
			}
			s = s[end:]
		}
	}
}
