package maps

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"gridwalk/geo"
)

// wktColumns are the names under which WKT is looked for; else the first column
// that holds a polygon in the first row is taken.
var wktColumns = []string{"wkt", "geom", "geometry", "thegeom", "shape", "boundary", "边界", "边界wkt"}

// csv reads a table with a head and a column of WKT. What is not UTF-8 in its
// first part is read as GBK, the encoding of Excel in China.
func (in *intake) csv(r io.Reader, comma rune) error {
	peek := bufio.NewReaderSize(r, 1<<20)
	head, err := peek.Peek(1 << 20)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		if _, err := peek.Discard(len("\ufeff")); err != nil {
			return err
		}
	}
	var text io.Reader = peek
	if !utf8.Valid(whole(head)) {
		text = simplifiedchinese.GB18030.NewDecoder().Reader(peek)
	}
	guard := &guarded{r: text, limit: in.o.Limits.MaxText}
	rows := csv.NewReader(&fewColumns{r: guard, comma: byte(comma)})
	rows.Comma, rows.FieldsPerRecord = comma, -1
	names, err := rows.Read()
	if err != nil {
		return in.csvFault(err)
	}
	names = slices.Clone(names)
	wkt := slices.IndexFunc(names, func(name string) bool { return slices.Contains(wktColumns, plain(name)) })
	for {
		guard.read = 0
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return in.csvFault(err)
		}
		if wkt < 0 {
			wkt = slices.IndexFunc(row, func(v string) bool { return strings.Contains(strings.ToUpper(v), "POLYGON") })
		}
		if wkt < 0 {
			return fault(BadCSV, "there is no column of WKT: name one wkt")
		}
		if err := in.add(in.csvFeature(names, row, wkt)); err != nil {
			return err
		}
	}
}

func (in *intake) csvFeature(names, row []string, wkt int) Feature {
	var f Feature
	for i, value := range row {
		if i == wkt || i >= len(names) {
			continue
		}
		if !utf8.ValidString(value) || strings.ContainsRune(value, utf8.RuneError) {
			f.Faults = append(f.Faults, fault(BadEncoding, "the column %.40q is neither UTF-8 nor GBK throughout", names[i]))
			continue
		}
		f.set(strings.TrimSpace(names[i]), value)
	}
	if wkt >= len(row) {
		f.Faults = append(f.Faults, fault(geo.WrongGeometryType, "there is no geometry"))
		return f
	}
	text := row[wkt]
	if rest, ok := strings.CutPrefix(text, "SRID="); ok {
		var srid string
		srid, text, _ = strings.Cut(rest, ";")
		if found := (geo.Fault{}); errors.As(in.use("EPSG:"+srid), &found) {
			f.Faults = append(f.Faults, found)
		}
	}
	shape := in.area()
	parseWKTArea(text, shape)
	shape.put(&f)
	return f
}

func (in *intake) csvFault(err error) error {
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, errTooMuch):
		f := fault(geo.TooManyVertices, "one row is longer than %d bytes", in.o.Limits.MaxText)
		f.Feature = in.features
		return f
	case errors.As(err, &wrong):
		return fault(BadCSV, "line %d: %v", wrong.Line, wrong.Err)
	case err == io.EOF:
		return fault(BadCSV, "the file is empty")
	case errors.Is(err, errTooManyColumns):
		return fault(BadCSV, "more than %d columns", maxColumns)
	}
	return err
}

// separatorOf guesses what parts the columns from the head of the table.
func separatorOf(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	for _, r := range "\t;" {
		if bytes.ContainsRune(line, r) && !bytes.Contains(line, []byte(",")) {
			return r
		}
	}
	return ','
}

var errTooManyColumns = errors.New("too many columns")

// fewColumns fails when a row has too many columns, which would cost far more
// memory than their text.
type fewColumns struct {
	r      io.Reader
	comma  byte
	seen   int // in this row
	quoted bool
}

func (f *fewColumns) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	for _, c := range p[:n] {
		switch {
		case c == '"':
			f.quoted = !f.quoted
		case f.quoted:
		case c == '\n':
			f.seen = 0
		case c == f.comma:
			if f.seen++; f.seen == maxColumns {
				return 0, errTooManyColumns
			}
		}
	}
	return n, err
}
