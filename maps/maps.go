// Package maps reads and writes the map files that offices have (GeoJSON, KML,
// KMZ, Shapefile, GeoPackage, CSV with WKT), compares neighbouring areas, packs
// the map of a grid for phones, and draws it.
//
// It knows geo and nothing of a database. Points are {longitude, latitude} in
// degrees of WGS-84 unless a comment says otherwise, lengths are metres.
package maps

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// What can be wrong with a file, beside what package geo finds in boundaries.
const (
	UnknownFormat geo.FaultCode = "unknown_format" // none of the formats named above
	UnknownCRS    geo.FaultCode = "unknown_crs"    // a system of coordinates that is not converted
	ZipBomb       geo.FaultCode = "zip_bomb"       // an archive that unpacks to far more than it is
	BadArchive    geo.FaultCode = "bad_archive"    // not a readable zip archive
	BadXML        geo.FaultCode = "bad_xml"        // not readable as KML
	BadShapefile  geo.FaultCode = "bad_shapefile"  // .shp or .dbf broken, or one missing
	BadGeoPackage geo.FaultCode = "bad_geopackage" // not a readable GeoPackage
	BadCSV        geo.FaultCode = "bad_csv"        // not readable as CSV, or without a column of WKT
	BadGeometry   geo.FaultCode = "bad_geometry"   // WKT, WKB or a list of coordinates cannot be read
	BadEncoding   geo.FaultCode = "bad_encoding"   // text that is not in the encoding it is said to be in
	ManyLayers    geo.FaultCode = "many_layers"    // which layer is meant must be said
)

// Limits bound what reading costs. 0 stands for the default.
type Limits struct {
	MaxBytes           int64 // of the file, or of all in an archive: 512 MiB
	MaxFeatures        int   // 100,000
	MaxVertices        int   // of the file: 8,000,000
	MaxFeatureVertices int   // of one feature: 200,000, what the field boundary holds
	MaxText            int   // bytes of one piece of text, such as all coordinates of a ring: 16 MiB
	MaxDepth           int   // of elements, arrays and objects in each other: 32
	MaxEntries         int   // of an archive: 1,000
}

func (l Limits) orDefaults() Limits {
	return Limits{
		cmp.Or(l.MaxBytes, 512<<20), cmp.Or(l.MaxFeatures, 100_000), cmp.Or(l.MaxVertices, 8_000_000),
		cmp.Or(l.MaxFeatureVertices, 200_000), cmp.Or(l.MaxText, 16<<20), cmp.Or(l.MaxDepth, 32), cmp.Or(l.MaxEntries, 1_000),
	}
}

// Options say how a file is read.
type Options struct {
	Datum  geo.Datum // of the degrees in the file; WGS84 when empty
	CRS    string    // EPSG code such as "EPSG:4547", where the file does not say or says it wrongly
	Layer  string    // of a GeoPackage or an archive with several; may be empty when there is one
	Limits Limits
	// Progress is told how much of the work is done, in a unit of the format's
	// own. It may be nil.
	Progress func(done, total int64)
}

// Feature is one area of a file. Geometry is repaired and in WGS-84, and nil
// when there are Faults. Attributes hold what the file says about it as text;
// an attribute without a value is missing.
type Feature struct {
	Index      int // from 0, in the order of the file
	ID         string
	Attributes map[string]string
	Geometry   orb.MultiPolygon
	Repairs    []geo.Repair
	Faults     []geo.Fault
}

// maxAttributes is how many attributes of a feature are kept.
const maxAttributes = 1_000

// set keeps a value that says something.
func (f *Feature) set(name, value string) {
	if f.Attributes == nil {
		f.Attributes = map[string]string{}
	}
	if value = strings.TrimSpace(value); value != "" && name != "" && len(f.Attributes) < maxAttributes {
		f.Attributes[name] = value
	}
}

// Read reads a file of any of the formats and hands on its features, one at a
// time and in order. Faults are those of the file as a whole, after which
// reading stopped; the error is one of the disk or of each.
func Read(path string, o Options, each func(Feature) error) ([]geo.Fault, error) {
	o.Limits = o.Limits.orDefaults()
	in := &intake{o: o, each: each}
	err := in.read(path)
	var fault geo.Fault
	if errors.As(err, &fault) {
		return []geo.Fault{fault}, nil
	}
	return nil, err
}

func (in *intake) read(path string) error {
	if in.o.CRS != "" {
		var err error
		if in.crs, err = parseCRS(in.o.CRS); err != nil {
			return err
		}
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open map: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open map: %w", err)
	}
	if info.Size() > in.o.Limits.MaxBytes {
		return fault(geo.TooLarge, "the file has %d bytes, more than %d", info.Size(), in.o.Limits.MaxBytes)
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("read map: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read map: %w", err)
	}
	return in.format(path, head[:n], file, info.Size())
}

// intake takes features as a format gives them, converts and judges them, and
// hands them on.
type intake struct {
	o        Options
	crs      *crs // nil until it is known; then unmarked files are taken as degrees
	each     func(Feature) error
	features int
	vertices int
}

// use sets the system of coordinates that the file names, unless the caller
// has said which it is.
func (in *intake) use(definition string) error {
	if in.o.CRS != "" || definition == "" {
		return nil
	}
	found, err := parseCRS(definition)
	in.crs = found
	return err
}

// add hands on one feature whose geometry is in the coordinates of the file.
func (in *intake) add(f Feature) error {
	f.Index = in.features
	if in.features++; in.features > in.o.Limits.MaxFeatures {
		return fault(geo.TooManyFeatures, "more than %d features", in.o.Limits.MaxFeatures)
	}
	own := count(f.Geometry)
	if in.vertices += own; in.vertices > in.o.Limits.MaxVertices {
		return fault(geo.TooManyVertices, "more than %d positions", in.o.Limits.MaxVertices)
	}
	if len(f.Faults) == 0 && own > in.o.Limits.MaxFeatureVertices {
		f.Faults = []geo.Fault{fault(geo.TooManyVertices, "%d positions, more than %d", own, in.o.Limits.MaxFeatureVertices)}
	}
	if len(f.Faults) == 0 {
		in.convert(f.Geometry)
		f.Geometry, f.Repairs, f.Faults = geo.Mend(f.Geometry)
	}
	if len(f.Faults) > 0 {
		f.Geometry = nil
	}
	for i := range f.Faults {
		f.Faults[i].Feature = f.Index
	}
	return in.each(f)
}

// convert turns the coordinates of the file into degrees of WGS-84, in place.
func (in *intake) convert(mp orb.MultiPolygon) {
	datum := cmp.Or(in.o.Datum, geo.WGS84)
	for _, polygon := range mp {
		for _, ring := range polygon {
			for i, p := range ring {
				if in.crs != nil {
					p = in.crs.degrees(p)
				}
				ring[i] = datum.ToWGS84(p)
			}
		}
	}
}

func count(mp orb.MultiPolygon) int {
	n := 0
	for _, polygon := range mp {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

func fault(code geo.FaultCode, format string, args ...any) geo.Fault {
	return geo.Fault{Code: code, Message: fmt.Sprintf(format, args...), Feature: -1, Polygon: -1, Ring: -1}
}

// area collects the polygons of one feature. Points past the limit are counted
// and not kept.
type area struct {
	limit    int
	polygons orb.MultiPolygon
	vertices int
	wrong    *geo.Fault
}

func (a *area) polygon() { a.polygons = append(a.polygons, nil) }

func (a *area) ring() {
	last := len(a.polygons) - 1
	a.polygons[last] = append(a.polygons[last], nil)
}

func (a *area) point(p orb.Point) {
	if a.vertices++; a.vertices > a.limit {
		return
	}
	polygon := a.polygons[len(a.polygons)-1]
	polygon[len(polygon)-1] = append(polygon[len(polygon)-1], p)
}

func (a *area) refuse(f geo.Fault) {
	if a.wrong == nil {
		a.wrong = &f
	}
}

// put gives f the geometry, or what is wrong with it.
func (a *area) put(f *Feature) {
	switch {
	case a.wrong != nil:
		f.Faults = append(f.Faults, *a.wrong)
	case a.vertices > a.limit:
		f.Faults = append(f.Faults, fault(geo.TooManyVertices, "%d positions, more than %d", a.vertices, a.limit))
	case len(a.polygons) == 0:
		f.Faults = append(f.Faults, fault(geo.WrongGeometryType, "there is no polygon"))
	default:
		f.Geometry = a.polygons
	}
}

func (in *intake) area() *area { return &area{limit: in.o.Limits.MaxFeatureVertices} }

// bounded reads at most so many bytes and tells how far it is. Reading more is
// a fault, never a silent end.
type bounded struct {
	r           io.Reader
	done, total int64 // total is for progress
	limit       int64
	code        geo.FaultCode
	progress    func(done, total int64)
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	before := b.done >> 20
	if b.done += int64(n); b.done > b.limit {
		return 0, fault(b.code, "more than %d bytes", b.limit)
	}
	if b.progress != nil && b.done>>20 != before {
		b.progress(b.done, b.total)
	}
	return n, err
}

func (in *intake) bounded(r io.Reader, total int64) *bounded {
	return &bounded{r: r, total: total, limit: in.o.Limits.MaxBytes, code: geo.TooLarge, progress: in.o.Progress}
}
