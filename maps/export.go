package maps

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/twpayne/go-kml/v3"

	"gridwalk/geo"
)

// Outline is an area to be written, in degrees of WGS-84.
type Outline struct {
	Code       string
	Name       string
	Attributes []Attribute
	Shape      orb.MultiPolygon
}

// Attribute is a named value: a string, an int or a bool.
type Attribute struct {
	Name  string
	Value any
}

// Outlines visits all areas that are to be written, and ends at the first error.
type Outlines func(visit func(Outline) error) error

// Formats are the formats that Write knows, by the name of the format.
var Formats = []string{"geojson", "kml", "gpkg"}

// Write writes areas to a file of the format. The file appears when it is
// complete; one that is there already is replaced.
func Write(path, format string, outlines Outlines) error {
	write, ok := map[string]func(string, Outlines) error{
		"geojson": streamed(writeGeoJSON), "kml": streamed(writeKML), "gpkg": writeGeoPackage,
	}[format]
	if !ok {
		return fmt.Errorf("unknown format %.40q: want one of %s", format, strings.Join(Formats, ", "))
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".map-")
	if err != nil {
		return fmt.Errorf("write map: %w", err)
	}
	defer os.RemoveAll(dir)
	part := filepath.Join(dir, "map")
	if err := write(part, outlines); err != nil {
		return fmt.Errorf("write map: %w", err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("write map: %w", err)
	}
	return nil
}

func streamed(write func(io.Writer, Outlines) error) func(string, Outlines) error {
	return func(path string, outlines Outlines) error {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		defer file.Close()
		w := bufio.NewWriter(file)
		if err := write(w, outlines); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		return file.Close()
	}
}

// writeGeoJSON writes a FeatureCollection (RFC 7946), one feature a line.
func writeGeoJSON(w io.Writer, outlines Outlines) error {
	before := "{\"type\":\"FeatureCollection\",\"features\":[\n"
	err := outlines(func(o Outline) error {
		id, err := json.Marshal(o.Code)
		if err != nil {
			return err
		}
		line := fmt.Appendf(nil, `%s{"type":"Feature","id":%s,"properties":{`, before, id)
		for i, a := range o.Attributes {
			if i > 0 {
				line = append(line, ',')
			}
			member, err := json.Marshal(map[string]any{a.Name: a.Value})
			if err != nil {
				return err
			}
			line = append(line, member[1:len(member)-1]...)
		}
		line = append(append(append(line, `},"geometry":`...), geo.MarshalGeometry(o.Shape)...), '}')
		before = ",\n"
		_, err = w.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]}\n"
	if before != ",\n" {
		end = before + end
	}
	_, err = io.WriteString(w, end)
	return err
}

func writeKML(w io.Writer, outlines Outlines) error {
	document := kml.Document()
	err := outlines(func(o Outline) error {
		var data []kml.Element
		for _, a := range o.Attributes {
			data = append(data, kml.Data(a.Name, kml.Value(a.Value)))
		}
		shape := kml.MultiGeometry()
		for _, polygon := range o.Shape {
			shape.Append(kmlPolygon(polygon))
		}
		document.Append(kml.Placemark(kml.Name(o.Name), kml.ExtendedData(data...), shape))
		return nil
	})
	if err != nil {
		return err
	}
	return kml.KML(document).WriteIndent(w, "", " ")
}

func kmlPolygon(polygon orb.Polygon) kml.Element {
	element := kml.Polygon()
	for i, ring := range polygon {
		points := make([]kml.Coordinate, len(ring))
		for j, p := range ring {
			points[j] = kml.Coordinate{Lon: p[0], Lat: p[1]}
		}
		border := kml.LinearRing(kml.Coordinates(points...))
		if i == 0 {
			element.Append(kml.OuterBoundaryIs(border))
		} else {
			element.Append(kml.InnerBoundaryIs(border))
		}
	}
	return element
}

// geoPackageSchema is the smallest GeoPackage (OGC 12-128r18) with one table of
// features in WGS-84.
const geoPackageSchema = `
PRAGMA application_id = 1196444487; -- GPKG
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
	organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES
	('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
	('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
	('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
	last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
	srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('grids', 'features', 'grids', 4326);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents(table_name), column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
	srs_id INTEGER NOT NULL REFERENCES gpkg_spatial_ref_sys(srs_id), z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
INSERT INTO gpkg_geometry_columns VALUES ('grids', 'geom', 'MULTIPOLYGON', 4326, 0, 0);
`

func writeGeoPackage(path string, outlines Outlines) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(geoPackageSchema); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	g := &geoPackageTable{tx: tx}
	if err := outlines(g.add); err != nil {
		return err
	}
	if len(g.columns) == 0 { // no area, but a table all the same
		if err := g.create(Outline{}); err != nil {
			return err
		}
	} else if _, err := tx.Exec(`UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?`,
		g.bound.Min[0], g.bound.Min[1], g.bound.Max[0], g.bound.Max[1]); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return db.Close()
}

// geoPackageTable takes its columns from the first area.
type geoPackageTable struct {
	tx      *sql.Tx
	columns []string
	bound   orb.Bound
}

func (g *geoPackageTable) create(first Outline) error {
	definition := "CREATE TABLE grids (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON"
	for _, a := range first.Attributes {
		kind := "TEXT"
		switch a.Value.(type) {
		case int:
			kind = "INTEGER"
		case bool:
			kind = "BOOLEAN"
		}
		g.columns = append(g.columns, a.Name)
		definition += ", " + quoted(a.Name) + " " + kind
	}
	g.bound = first.Shape.Bound()
	_, err := g.tx.Exec(definition + ")")
	return err
}

func (g *geoPackageTable) add(o Outline) error {
	if len(g.columns) == 0 {
		if err := g.create(o); err != nil {
			return err
		}
	}
	g.bound = g.bound.Union(o.Shape.Bound())
	raw, err := wkb.Marshal(o.Shape)
	if err != nil {
		return err
	}
	names, values := []string{"geom"}, []any{geoPackageGeometry(raw, 4326)}
	for _, a := range o.Attributes {
		if slices.Contains(g.columns, a.Name) {
			names, values = append(names, quoted(a.Name)), append(values, a.Value)
		}
	}
	_, err = g.tx.Exec(`INSERT INTO grids (`+strings.Join(names, ", ")+`) VALUES (?`+strings.Repeat(", ?", len(values)-1)+`)`, values...)
	return err
}
