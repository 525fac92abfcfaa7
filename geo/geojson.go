package geo

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/paulmach/orb"
)

// ReadLimits bound the memory that reading takes. A limit of 0 or less stands
// for its default.
type ReadLimits struct {
	MaxBytes    int64 // of the document: 64 MiB
	MaxFeatures int   // 20,000
	MaxVertices int   // positions of the document: 2,000,000
	MaxDepth    int   // nested arrays and objects: 32
	// MaxFeatureVertices bounds one feature: as many as the document. What comes
	// after is not kept, and the feature has a fault; reading goes on.
	MaxFeatureVertices int
}

func (l ReadLimits) orDefaults() ReadLimits {
	or := func(n, fallback int) int { return cmp.Or(max(n, 0), fallback) }
	l = ReadLimits{
		cmp.Or(max(l.MaxBytes, 0), 64<<20), or(l.MaxFeatures, 20_000), or(l.MaxVertices, 2_000_000), or(l.MaxDepth, 32),
		l.MaxFeatureVertices,
	}
	l.MaxFeatureVertices = or(l.MaxFeatureVertices, l.MaxVertices)
	return l
}

// Report is what was read from a GeoJSON document. Faults are those of the
// document itself, after which reading stopped; the features before are kept.
type Report struct {
	Features []Feature
	Faults   []Fault
}

// AllFaults returns the faults of the document and of every feature.
func (r Report) AllFaults() []Fault {
	all := append([]Fault(nil), r.Faults...)
	for _, f := range r.Features {
		all = append(all, f.Faults...)
	}
	return all
}

// maxValues is how many values of one feature's properties are kept. A list of a
// million numbers in them says nothing about a boundary.
const maxValues = 10_000

// Feature is one feature of the document. Geometry, in the datum of the file, is
// repaired and on the lattice of 1e-7 degree, and nil when there are faults.
// Numbers in Properties are json.Number, because a float64 would round the longer
// grid codes.
type Feature struct {
	Index      int
	ID         string
	Properties map[string]any
	Geometry   orb.MultiPolygon
	Repairs    []Repair
	Faults     []Fault
}

// ReadFeatures reads a FeatureCollection, a Feature or a bare geometry. It
// streams: beside the features themselves only one is in memory. What is wrong
// with the document becomes faults; the error is that of r.
func ReadFeatures(r io.Reader, lim ReadLimits) (Report, error) {
	var report Report
	var err error
	report.Faults, err = DecodeFeatures(r, lim, func(_ string, f Feature) error {
		if len(f.Faults) == 0 {
			f.Geometry, f.Repairs, f.Faults = Mend(f.Geometry)
		}
		for i := range f.Faults {
			f.Faults[i].Feature = f.Index
		}
		report.Features = append(report.Features, f)
		return nil
	})
	return report, err
}

// Mend repairs polygons, in degrees of any datum, as ReadFeatures does. They are
// nil when there are faults.
func Mend(mp orb.MultiPolygon) (orb.MultiPolygon, []Repair, []Fault) {
	v := validate(mp)
	if len(v.faults) > 0 {
		return nil, v.repairs, v.faults
	}
	return v.multiPolygon(), v.repairs, nil
}

// DecodeFeatures reads like ReadFeatures and hands on one feature at a time,
// with its geometry as it stands in the document: not judged, not repaired, in
// whatever system of coordinates the document has. crs is the name in the
// member of that name, which old documents have, as far as it has been read. An
// error of each ends the reading and is returned.
func DecodeFeatures(r io.Reader, lim ReadLimits, each func(crs string, f Feature) error) ([]Fault, error) {
	lim = lim.orDefaults()
	src := &limited{r: r, left: lim.MaxBytes}
	d := &decoder{lim: lim, each: each}
	in := bufio.NewReader(src)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" { // Windows editors write one
		in.Discard(3)
	}
	d.json = json.NewDecoder(in)
	d.json.UseNumber()
	err := d.document()
	if err := cmp.Or(src.err, d.eachErr); err != nil {
		return nil, err
	}
	var found Fault
	switch {
	case err == nil:
		return nil, nil
	case src.tooLarge:
		found = fault(TooLarge, "the document is larger than %d bytes", lim.MaxBytes)
	case !errors.As(err, &found):
		found = fault(BadJSON, "%v at byte %d", err, d.json.InputOffset())
	}
	return []Fault{found}, nil
}

// ParseGeometry reads one boundary from a JSON field: a Polygon, a MultiPolygon
// or a single feature with one. The geometry is nil when there are faults.
func ParseGeometry(raw []byte, lim ReadLimits) (orb.MultiPolygon, []Repair, []Fault) {
	report, _ := ReadFeatures(bytes.NewReader(raw), lim) // a bytes.Reader does not fail
	if faults := report.AllFaults(); len(faults) > 0 {
		return nil, nil, faults
	}
	if len(report.Features) != 1 {
		return nil, nil, []Fault{fault(WrongGeometryType, "want one geometry, not %d features", len(report.Features))}
	}
	return report.Features[0].Geometry, report.Features[0].Repairs, nil
}

// MarshalGeometry writes a GeoJSON geometry: a Polygon when there is only one,
// else a MultiPolygon. A coordinate that is not a number is written as null.
func MarshalGeometry(mp orb.MultiPolygon) []byte {
	out := []byte(`{"type":"MultiPolygon","coordinates":`)
	if len(mp) == 1 {
		out = appendPolygon([]byte(`{"type":"Polygon","coordinates":`), mp[0])
	} else {
		out = appendList(out, mp, appendPolygon)
	}
	return append(out, '}')
}

func appendPolygon(out []byte, p orb.Polygon) []byte { return appendList(out, p, appendRing) }
func appendRing(out []byte, r orb.Ring) []byte       { return appendList(out, r, appendPoint) }
func appendPoint(out []byte, p orb.Point) []byte     { return appendList(out, p[:], appendNumber) }

func appendNumber(out []byte, f float64) []byte {
	if f-f != 0 { // NaN or infinite
		return append(out, "null"...)
	}
	return strconv.AppendFloat(out, f, 'f', -1, 64)
}

func appendList[T any](out []byte, list []T, item func([]byte, T) []byte) []byte {
	out = append(out, '[')
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = item(out, v)
	}
	return append(out, ']')
}

func fault(code FaultCode, format string, args ...any) Fault {
	return Fault{code, fmt.Sprintf(format, args...), -1, -1, -1}
}

// limited ends after so many bytes and remembers why it ended, because a JSON
// decoder turns either into a syntax error.
type limited struct {
	r        io.Reader
	left     int64
	tooLarge bool
	err      error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.tooLarge {
		return 0, io.EOF
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		l.tooLarge = true
		return n - 1, io.EOF
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

// decoder walks the tokens of one document.
type decoder struct {
	json     *json.Decoder
	lim      ReadLimits
	vertices int // of the document
	own      int // of the feature that is being read
	values   int // in properties of that feature, and in what is skipped
	read     int // features so far
	crs      string
	each     func(crs string, f Feature) error
	eachErr  error
}

// object is a feature or geometry as it was found: its members may come in any
// order, so that nothing is judged before its end.
type object struct {
	kind        string
	id          any
	properties  map[string]any
	geometry    *object
	coordinates any // orb.Point, []any of coordinates, or nil for anything else
	collection  bool
}

func (d *decoder) document() error {
	top, err := d.object(1, true)
	if err != nil {
		return err
	}
	switch {
	case top == nil:
		return fault(BadJSON, "the document is not an object")
	case top.kind == "FeatureCollection" && top.collection:
	case top.kind == "FeatureCollection":
		return fault(BadJSON, "the FeatureCollection has no features")
	case top.collection:
		return fault(BadJSON, "the document has features, and its type is %.40q", top.kind)
	default:
		if err := d.keep(top); err != nil {
			return err
		}
	}
	if _, err := d.json.Token(); err != io.EOF {
		return cmp.Or(err, error(fault(BadJSON, "something follows the document")))
	}
	return nil
}

// object reads an object's GeoJSON members; nil when there is something else.
// Features are read one by one from the top object only.
func (d *decoder) object(depth int, top bool) (*object, error) {
	t, err := d.json.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		_, err := d.rest(t, depth)
		return nil, err
	}
	if depth > d.lim.MaxDepth {
		return nil, d.tooDeep()
	}
	o := &object{}
	for d.json.More() {
		key, err := d.json.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "features":
			if top {
				o.collection = true
				err = d.features(depth + 1)
				break
			}
			_, err = d.value(depth + 1)
		case "geometry":
			o.geometry, err = d.object(depth+1, false)
		case "coordinates":
			o.coordinates, err = d.coordinates(depth + 1)
		case "type":
			var v any
			v, err = d.value(depth + 1)
			o.kind, _ = v.(string)
		case "crs":
			var v any
			v, err = d.value(depth + 1)
			if top {
				d.crs = crsName(v)
			}
		case "id":
			o.id, err = d.value(depth + 1)
		case "properties":
			var v any
			v, err = d.value(depth + 1)
			o.properties, _ = v.(map[string]any)
		default:
			_, err = d.value(depth + 1)
		}
		if err != nil {
			return nil, err
		}
	}
	_, err = d.json.Token()
	return o, err
}

func (d *decoder) features(depth int) error {
	t, err := d.json.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return fault(BadJSON, "features is not a list")
	}
	for d.json.More() {
		if d.read == d.lim.MaxFeatures {
			return fault(TooManyFeatures, "more than %d features", d.lim.MaxFeatures)
		}
		o, err := d.object(depth+1, false)
		if err != nil {
			return err
		}
		if err := d.keep(o); err != nil {
			return err
		}
	}
	_, err = d.json.Token()
	return err
}

// crsName gives the name in the crs member of GeoJSON before RFC 7946.
func crsName(v any) string {
	crs, _ := v.(map[string]any)
	properties, _ := crs["properties"].(map[string]any)
	name, _ := properties["name"].(string)
	return name
}

// keep hands on a feature, or a bare geometry.
func (d *decoder) keep(o *object) error {
	f := Feature{Index: d.read}
	if o == nil {
		f.Faults = []Fault{fault(BadJSON, "the feature is not an object")}
	} else {
		geometry := o
		if o.kind == "Feature" {
			geometry = o.geometry
			f.Properties = o.properties
			switch id := o.id.(type) {
			case string:
				f.ID = id
			case json.Number:
				f.ID = id.String()
			}
		}
		if f.Geometry, f.Faults = polygons(geometry); d.own > d.lim.MaxFeatureVertices {
			f.Geometry, f.Faults = nil, []Fault{fault(TooManyVertices, "%d positions, more than %d", d.own, d.lim.MaxFeatureVertices)}
		}
	}
	d.read++
	d.own, d.values = 0, 0
	d.eachErr = d.each(d.crs, f)
	return d.eachErr
}

// polygons turns the coordinates of a geometry into polygons, or says which part
// of them has not the right structure.
func polygons(g *object) (orb.MultiPolygon, []Fault) {
	if g == nil {
		return nil, []Fault{fault(WrongGeometryType, "there is no geometry")}
	}
	list, ok := g.coordinates.([]any)
	switch g.kind {
	case "Polygon":
		list = []any{g.coordinates}
	case "MultiPolygon":
	default:
		return nil, []Fault{fault(WrongGeometryType, "the geometry is %.40q, not a Polygon or MultiPolygon", g.kind)}
	}
	if !ok {
		return nil, []Fault{fault(BadJSON, "the geometry has no list of coordinates")}
	}
	mp := make(orb.MultiPolygon, len(list))
	for p, part := range list {
		rings, ok := part.([]any)
		if !ok {
			return nil, []Fault{{BadJSON, "the polygon is not a list of rings", -1, p, -1}}
		}
		for r, part := range rings {
			points, ok := part.([]any)
			if !ok {
				return nil, []Fault{{BadJSON, "the ring is not a list of positions", -1, p, r}}
			}
			ring := make(orb.Ring, len(points))
			for i, part := range points {
				if ring[i], ok = part.(orb.Point); !ok {
					return nil, []Fault{{NotANumber, fmt.Sprintf("point %d is not a pair of numbers", i), -1, p, r}}
				}
			}
			mp[p] = append(mp[p], ring)
		}
	}
	return mp, nil
}

// coordinates reads nested lists: an orb.Point for a list of two numbers or more
// (an altitude is dropped), []any for a list of lists, a float64 for a number,
// nil for anything else.
func (d *decoder) coordinates(depth int) (any, error) {
	t, err := d.json.Token()
	if err != nil {
		return nil, err
	}
	if n, ok := t.(json.Number); ok {
		f, _ := strconv.ParseFloat(n.String(), 64) // too large a number is infinite, a fault later
		return f, nil
	}
	if t != json.Delim('[') {
		_, err := d.rest(t, depth)
		return nil, err
	}
	if depth > d.lim.MaxDepth {
		return nil, d.tooDeep()
	}
	var items []any
	leaf, numbers := true, true
	for d.json.More() {
		item, err := d.coordinates(depth + 1)
		if err != nil {
			return nil, err
		}
		_, number := item.(float64)
		numbers = numbers && number
		if number || item == nil {
			if len(items) > 2 { // bounds what a list of a million numbers keeps
				continue
			}
		} else {
			leaf = false
		}
		if d.own <= d.lim.MaxFeatureVertices {
			items = append(items, item)
		}
	}
	if leaf {
		if d.own++; d.own <= d.lim.MaxFeatureVertices {
			d.vertices++
		}
		if d.vertices > d.lim.MaxVertices {
			return nil, fault(TooManyVertices, "more than %d positions", d.lim.MaxVertices)
		}
	}
	if _, err = d.json.Token(); err != nil {
		return nil, err
	}
	if len(items) >= 2 && numbers {
		return orb.Point{items[0].(float64), items[1].(float64)}, nil
	}
	return items, nil
}

// value reads any JSON value.
func (d *decoder) value(depth int) (any, error) {
	t, err := d.json.Token()
	if err != nil {
		return nil, err
	}
	return d.rest(t, depth)
}

// rest reads what remains of the value that starts with the token t.
func (d *decoder) rest(t json.Token, depth int) (any, error) {
	if _, nested := t.(json.Delim); !nested {
		return t, nil
	}
	if depth > d.lim.MaxDepth {
		return nil, d.tooDeep()
	}
	list, members := []any{}, map[string]any{}
	for d.json.More() {
		key := ""
		if t == json.Delim('{') {
			k, err := d.json.Token()
			if err != nil {
				return nil, err
			}
			key, _ = k.(string)
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		switch d.values++; {
		case d.values > maxValues:
		case t == json.Delim('{'):
			members[key] = v
		default:
			list = append(list, v)
		}
	}
	if _, err := d.json.Token(); err != nil {
		return nil, err
	}
	if t == json.Delim('{') {
		return members, nil
	}
	return list, nil
}

func (d *decoder) tooDeep() error {
	return fault(BadJSON, "nested deeper than %d at byte %d", d.lim.MaxDepth, d.json.InputOffset())
}
