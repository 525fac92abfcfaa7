package maps

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"gridwalk/geo"
)

// The structure of .shp is that of the ESRI Shapefile Technical Description,
// July 1998.
const (
	shpHeader    = 100
	shpNull      = 0
	shpPolygon   = 5
	shpPolygonZ  = 15
	shpPolygonM  = 25
	shpMaxRings  = 10_000 // of one feature
	shpFixedPart = 44     // of a polygon: type, box, and the two counts
)

// shapefile reads the shapes and the table of a layer side by side.
func (in *intake) shapefile(layer parts) error {
	for _, needed := range []string{".shp", ".dbf"} {
		if !layer.has(needed) {
			return fault(BadShapefile, "there is no %s file", needed)
		}
	}
	if layer.has(".prj") {
		if err := layer.read(in, ".prj", func(r io.Reader) error {
			text, err := io.ReadAll(io.LimitReader(r, maxCRSText+1))
			if err != nil {
				return err
			}
			return in.use(string(text))
		}); err != nil {
			return err
		}
	}
	encoding, err := in.encodingOf(layer)
	if err != nil {
		return err
	}
	return layer.read(in, ".dbf", func(table io.Reader) error {
		rows, err := newTable(table, encoding)
		if err != nil {
			return err
		}
		return layer.read(in, ".shp", func(shapes io.Reader) error {
			return in.shapes(bufio.NewReaderSize(shapes, 64<<10), rows)
		})
	})
}

// shapes reads records until both files end; one that ends first is broken.
func (in *intake) shapes(r *bufio.Reader, rows *table) error {
	var header [shpHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil || binary.BigEndian.Uint32(header[:]) != 9994 {
		return shortened(err, "the .shp file does not begin like one")
	}
	for n := 0; ; n++ {
		var head [8]byte
		_, err := io.ReadFull(r, head[:])
		if err == io.EOF {
			if rows.left > 0 {
				return fault(BadShapefile, "the .shp file ends after %d records; the .dbf file has %d more", n, rows.left)
			}
			return nil
		}
		if err != nil {
			return shortened(err, "the .shp file ends in the head of record %d", n)
		}
		row, deleted, err := rows.next()
		if err != nil {
			return err
		}
		shape := in.area()
		if err := readShape(r, 2*int64(binary.BigEndian.Uint32(head[4:])), shape); err != nil {
			return shortened(err, "the .shp file ends in record %d", n)
		}
		if deleted {
			continue
		}
		shape.put(&row)
		if err := in.add(row); err != nil {
			return err
		}
	}
}

// readShape reads a record of so many bytes whole, whatever is in it.
func readShape(r io.Reader, size int64, into *area) error {
	content := io.LimitedReader{R: r, N: size}
	err := readPolygon(&content, into)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		if content.N > 0 {
			return err // the file ends, not the record
		}
		into.refuse(fault(BadShapefile, "the record is shorter than it says"))
		return nil
	}
	if err != nil {
		return err
	}
	if n, err := io.Copy(io.Discard, &content); err != nil || content.N > 0 {
		return errors.Join(err, orEOF(n < size))
	}
	return nil
}

func orEOF(short bool) error {
	if short {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func readPolygon(r io.Reader, into *area) error {
	var fixed [shpFixedPart]byte
	if _, err := io.ReadFull(r, fixed[:4]); err != nil {
		return err
	}
	switch kind := binary.LittleEndian.Uint32(fixed[:]); kind {
	case shpPolygon, shpPolygonZ, shpPolygonM:
	case shpNull:
		into.refuse(fault(geo.WrongGeometryType, "there is no geometry"))
		return nil
	default:
		into.refuse(fault(geo.WrongGeometryType, "the shape is of type %d, not a polygon", kind))
		return nil
	}
	if _, err := io.ReadFull(r, fixed[4:]); err != nil {
		return err
	}
	parts, points := int64(binary.LittleEndian.Uint32(fixed[36:])), int64(binary.LittleEndian.Uint32(fixed[40:]))
	if points > int64(into.limit) || parts > shpMaxRings {
		into.refuse(fault(geo.TooManyVertices, "%d positions in %d rings, more than %d or %d", points, parts, into.limit, shpMaxRings))
		return nil
	}
	starts := make([]uint32, parts)
	if err := binary.Read(r, binary.LittleEndian, starts); err != nil {
		return err
	}
	raw := make([]byte, 16*points)
	if _, err := io.ReadFull(r, raw); err != nil {
		return err
	}
	var rings []orb.Ring
	for i, start := range starts {
		end := uint32(points)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		if start > end || int64(end) > points {
			into.refuse(fault(BadShapefile, "ring %d begins at point %d of %d", i, start, points))
			return nil
		}
		ring := make(orb.Ring, 0, end-start)
		for at := start; at < end; at++ {
			ring = append(ring, orb.Point{doubleAt(raw[16*at:]), doubleAt(raw[16*at+8:])})
		}
		rings = append(rings, ring)
	}
	into.vertices = int(points)
	into.polygons = nest(rings)
	return nil
}

func doubleAt(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// nest makes polygons of rings: those that run clockwise are shells, the others
// holes of the smallest shell around their first point. A hole outside of all
// shells goes to the first, where it is found to be wrong. When no ring runs
// clockwise, whoever wrote the file did not care, and all are shells.
func nest(rings []orb.Ring) orb.MultiPolygon {
	var polygons orb.MultiPolygon
	var boxes []orb.Bound
	var holes []orb.Ring
	for _, ring := range rings {
		if ring.Orientation() == orb.CCW {
			holes = append(holes, ring)
			continue
		}
		polygons, boxes = append(polygons, orb.Polygon{ring}), append(boxes, ring.Bound())
	}
	if len(polygons) == 0 {
		for _, ring := range holes {
			polygons = append(polygons, orb.Polygon{ring})
		}
		return polygons
	}
	for _, hole := range holes {
		home, size := 0, math.Inf(1)
		for i, box := range boxes {
			width, height := box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]
			if width*height < size && box.Contains(hole[0]) && planar.RingContains(polygons[i][0], hole[0]) {
				home, size = i, width*height
			}
		}
		polygons[home] = append(polygons[home], hole)
	}
	return polygons
}

// shortened makes the end of a file a fault, and leaves other errors as they
// are.
func shortened(err error, format string, args ...any) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault(BadShapefile, format, args...)
	}
	return err
}
