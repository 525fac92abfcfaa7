package maps

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
)

// format reads a file by what it begins with, and by its name where that does
// not say enough.
func (in *intake) format(path string, head []byte, file interface {
	io.Reader
	io.ReaderAt
}, size int64) error {
	extension := strings.ToLower(filepath.Ext(path))
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return in.archive(file, size)
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return in.geoPackage(path)
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0a}):
		return in.looseShapefile(path)
	case extension == ".kml", bytes.HasPrefix(text, []byte("<")):
		return in.kml(in.bounded(file, size))
	case extension == ".csv", extension == ".tsv", extension == ".txt":
		return in.csv(in.bounded(file, size), separatorOf(head))
	case extension == ".json", extension == ".geojson", bytes.HasPrefix(text, []byte("{")):
		return in.geoJSON(in.bounded(file, size))
	}
	return fault(UnknownFormat, "want GeoJSON, KML, KMZ, Shapefile (zip), GeoPackage or CSV with WKT")
}
