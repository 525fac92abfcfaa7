package maps

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gridwalk/geo"
)

const (
	// maxDirectory bounds the list of what is in an archive, maxRatio how far it
	// may unpack once that is more than smallArchive: maps pack to a third, and
	// tables with much empty space to a fiftieth.
	maxDirectory = 4 << 20
	maxRatio     = 200
	smallArchive = 16 << 20
)

// archive reads the one map in a zip: a KMZ, a Shapefile, or any other format
// that can be read without a disk.
func (in *intake) archive(r io.ReaderAt, size int64) error {
	files, err := in.unzip(r, size)
	if err != nil {
		return err
	}
	layers := map[string]parts{}
	var names []string
	for _, f := range files {
		if f.FileInfo().IsDir() || strings.HasPrefix(path.Base(f.Name), ".") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		extension := strings.ToLower(path.Ext(f.Name))
		stem := strings.TrimSuffix(f.Name, path.Ext(f.Name))
		if layers[stem] == nil {
			layers[stem] = parts{}
		}
		layers[stem][extension] = part{f.Open, int64(f.UncompressedSize64)}
		if slices.Contains([]string{".shp", ".kml", ".geojson", ".json", ".csv"}, extension) && !slices.Contains(names, stem) {
			names = append(names, stem)
		}
	}
	stem, err := in.choose(names, "the archive")
	if err != nil {
		return err
	}
	layer := layers[stem]
	if layer.has(".shp") {
		return in.shapefile(layer)
	}
	for _, reader := range []struct {
		extension string
		read      func(io.Reader) error
	}{{".kml", in.kml}, {".geojson", in.geoJSON}, {".json", in.geoJSON}, {".csv", func(r io.Reader) error { return in.csv(r, ',') }}} {
		if layer.has(reader.extension) {
			return layer.read(in, reader.extension, reader.read)
		}
	}
	return fault(UnknownFormat, "the archive holds no map")
}

// unzip lists an archive after it was found to be harmless.
func (in *intake) unzip(r io.ReaderAt, size int64) ([]*zip.File, error) {
	cautious := &cautiousReader{r, maxDirectory}
	archive, err := zip.NewReader(cautious, size)
	if err != nil {
		if found := (geo.Fault{}); errors.As(err, &found) {
			return nil, found
		}
		return nil, fault(BadArchive, "%v", err)
	}
	cautious.left = -1
	if n := len(archive.File); n > in.o.Limits.MaxEntries {
		return nil, fault(ZipBomb, "the archive has %d entries, more than %d", n, in.o.Limits.MaxEntries)
	}
	var unpacked uint64
	for _, f := range archive.File {
		if f.Flags&1 != 0 {
			return nil, fault(BadArchive, "the archive is encrypted")
		}
		if f.UncompressedSize64 > uint64(in.o.Limits.MaxBytes) {
			unpacked = f.UncompressedSize64 // and no sum that could overflow
			break
		}
		unpacked += f.UncompressedSize64
	}
	if unpacked > uint64(in.o.Limits.MaxBytes) || unpacked > smallArchive && unpacked/maxRatio > uint64(size) {
		return nil, fault(ZipBomb, "%d bytes unpack to %d", size, unpacked)
	}
	return archive.File, nil
}

// cautiousReader ends the reading of a directory that is too long; left is -1
// once it has been read.
type cautiousReader struct {
	io.ReaderAt
	left int64
}

func (c *cautiousReader) ReadAt(p []byte, at int64) (int, error) {
	if c.left >= 0 {
		if c.left -= int64(len(p)); c.left < 0 {
			return 0, fault(ZipBomb, "the list of the archive is longer than %d bytes", maxDirectory)
		}
	}
	return c.ReaderAt.ReadAt(p, at)
}

// choose gives the layer to read: the one asked for, or the only one.
func (in *intake) choose(names []string, of string) (string, error) {
	if in.o.Layer != "" {
		for _, name := range names {
			if name == in.o.Layer || path.Base(name) == in.o.Layer {
				return name, nil
			}
		}
		return "", fault(ManyLayers, "%s has no layer %q, only: %s", of, in.o.Layer, shown(names))
	}
	switch len(names) {
	case 0:
		return "", fault(UnknownFormat, "%s holds no map of areas", of)
	case 1:
		return names[0], nil
	}
	return "", fault(ManyLayers, "%s has %d layers, say which: %s", of, len(names), shown(names))
}

func shown(names []string) string {
	if len(names) > 20 {
		names = append(slices.Clone(names[:20]), "…")
	}
	return strings.Join(names, ", ")
}

// parts are the files of one layer by extension, in lower case with the point.
type parts map[string]part

type part struct {
	open func() (io.ReadCloser, error)
	size int64 // bytes, for progress
}

func (p parts) has(extension string) bool { return p[extension].open != nil }

// read opens a part and hands it, bounded, to a reader.
func (p parts) read(in *intake, extension string, read func(io.Reader) error) error {
	file, err := p[extension].open()
	if err != nil {
		return fault(BadArchive, "%v", err)
	}
	defer file.Close()
	return read(in.bounded(&checked{file}, p[extension].size))
}

// checked makes a damaged archive a fault.
type checked struct{ r io.Reader }

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && err != io.EOF {
		err = fault(BadArchive, "%v", err)
	}
	return n, err
}

// looseShapefile reads a .shp with the files beside it.
func (in *intake) looseShapefile(name string) error {
	dir, stem := filepath.Dir(name), strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list %s: %w", dir, err)
	}
	layer := parts{}
	for _, e := range entries {
		extension := filepath.Ext(e.Name())
		if strings.EqualFold(strings.TrimSuffix(e.Name(), extension), stem) {
			info, err := e.Info()
			if err != nil {
				return fmt.Errorf("list %s: %w", dir, err)
			}
			open := func() (io.ReadCloser, error) { return os.Open(filepath.Join(dir, e.Name())) }
			layer[strings.ToLower(extension)] = part{open, info.Size()}
		}
	}
	return in.shapefile(layer)
}
