package maps

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"gridwalk/geo"
)

// geoPackage reads one table of features of a GeoPackage (OGC 12-128r18). The
// file is another's database: nothing in it is run, no view, trigger or virtual
// table, and no value is larger than a text of Limits.
func (in *intake) geoPackage(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("open map: %w", err)
	}
	source := url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1&_pragma=trusted_schema(0)&_pragma=query_only(1)&_pragma=cell_size_check(1)&_pragma=cache_size(-8000)"}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return fmt.Errorf("open map: %w", err)
	}
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return packageFault(err)
	}
	defer conn.Close()
	if _, err := sqlite.Limit(conn, sqlite3.SQLITE_LIMIT_LENGTH, 2*in.o.Limits.MaxText); err != nil {
		return fmt.Errorf("bound values: %w", err)
	}
	layer, err := in.layerOf(ctx, conn)
	if err != nil {
		return packageFault(err)
	}
	return packageFault(in.rowsOf(ctx, conn, layer))
}

// packageFault makes what SQLite says about the file a fault.
func packageFault(err error) error {
	var broken *sqlite.Error
	if errors.As(err, &broken) {
		return fault(BadGeoPackage, "%v", broken)
	}
	return err
}

// featureTable is one layer: its table and the column of geometry.
type featureTable struct{ name, geometry string }

func (in *intake) layerOf(ctx context.Context, conn *sql.Conn) (featureTable, error) {
	type found struct {
		table                    featureTable
		organization, definition string
		code                     int
	}
	layers := map[string]found{}
	var names []string
	rows, err := conn.QueryContext(ctx, `SELECT g.table_name, g.column_name, coalesce(s.organization, ''),
			coalesce(s.organization_coordsys_id, g.srs_id), coalesce(s.definition, '')
		FROM gpkg_geometry_columns AS g
		JOIN sqlite_master AS m ON m.name = g.table_name AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
		LEFT JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id
		WHERE upper(g.geometry_type_name) IN ('POLYGON', 'MULTIPOLYGON', 'GEOMETRY', 'GEOMETRYCOLLECTION', 'MULTISURFACE')
		LIMIT 1000`)
	if err != nil {
		return featureTable{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.table.name, &f.table.geometry, &f.organization, &f.code, &f.definition); err != nil {
			return featureTable{}, fault(BadGeoPackage, "its list of layers cannot be read")
		}
		layers[f.table.name] = f
		names = append(names, f.table.name)
	}
	if err := rows.Err(); err != nil {
		return featureTable{}, err
	}
	name, err := in.choose(names, "the GeoPackage")
	if err != nil {
		return featureTable{}, err
	}
	f := layers[name]
	definition := f.definition
	switch {
	case strings.EqualFold(f.organization, "EPSG"):
		if definition = "EPSG:" + strconv.Itoa(f.code); byEPSG(f.code) == nil && f.definition != "" {
			definition = f.definition
		}
	case f.code == 0: // «undefined geographic»
		definition = ""
	case f.code == -1:
		definition = "undefined Cartesian"
	}
	return f.table, in.use(definition)
}

func (in *intake) rowsOf(ctx context.Context, conn *sql.Conn, layer featureTable) error {
	var total int64
	if err := conn.QueryRowContext(ctx, `SELECT count(*) FROM `+quoted(layer.name)).Scan(&total); err != nil {
		return err
	}
	columns, err := columnsOf(ctx, conn, layer)
	if err != nil {
		return err
	}
	selected := []string{fmt.Sprintf("CASE WHEN length(%[1]s) <= %[2]d THEN %[1]s END, length(%[1]s)", quoted(layer.geometry), in.o.Limits.MaxText)}
	for _, name := range columns {
		selected = append(selected, quoted(name))
	}
	rows, err := conn.QueryContext(ctx, `SELECT `+strings.Join(selected, ", ")+` FROM `+quoted(layer.name))
	if err != nil {
		return err
	}
	defer rows.Close()
	var geometry []byte
	var size sql.NullInt64
	values := make([]any, len(columns))
	into := []any{&geometry, &size}
	for i := range values {
		into = append(into, &values[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fault(BadGeoPackage, "feature %d cannot be read: %v", in.features, err)
		}
		var f Feature
		for i, name := range columns {
			f.set(name, columnText(values[i]))
		}
		shape := in.area()
		if size.Int64 > int64(in.o.Limits.MaxText) {
			shape.refuse(fault(geo.TooManyVertices, "the geometry has %d bytes, more than %d", size.Int64, in.o.Limits.MaxText))
		} else {
			parseGeoPackageGeometry(geometry, shape)
		}
		shape.put(&f)
		if err := in.add(f); err != nil {
			return err
		}
		if in.o.Progress != nil && in.features%256 == 0 {
			in.o.Progress(int64(in.features), total)
		}
	}
	return rows.Err()
}

// maxColumns is the number of columns of a table that are read.
const maxColumns = 500

// columnsOf gives the plain columns beside the geometry; one that SQLite would
// compute is left out.
func columnsOf(ctx context.Context, conn *sql.Conn, layer featureTable) ([]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT name FROM pragma_table_info(?) WHERE name <> ? LIMIT ?`, layer.name, layer.geometry, maxColumns)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fault(BadGeoPackage, "the columns of %q cannot be read", layer.name)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func columnText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return number(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return ""
}

// envelopes are the bytes of the envelope by its kind in the flags.
var envelopes = [8]int{0, 32, 48, 48, 64, -1, -1, -1}

// parseGeoPackageGeometry reads the head of a geometry (OGC 12-128r18 §2.1.3)
// and the WKB after it.
func parseGeoPackageGeometry(raw []byte, into *area) {
	if len(raw) == 0 {
		into.refuse(fault(geo.WrongGeometryType, "there is no geometry"))
		return
	}
	if len(raw) < 8 || string(raw[:2]) != "GP" {
		into.refuse(fault(BadGeometry, "the geometry does not begin like one of a GeoPackage"))
		return
	}
	envelope := envelopes[raw[3]>>1&7]
	if envelope < 0 || len(raw) < 8+envelope {
		into.refuse(fault(BadGeometry, "the envelope of the geometry is broken"))
		return
	}
	parseWKB(raw[8+envelope:], into)
}

// geoPackageGeometry puts the head before WKB: version 1, little endian, no
// envelope.
func geoPackageGeometry(wkb []byte, srs int32) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{'G', 'P', 0, 1}, uint32(srs)), wkb...)
}
