package maps

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// textEncoding is how the texts of a .dbf table are written. decoder is nil for
// UTF-8.
type textEncoding struct {
	name    string
	decoder *encoding.Decoder
}

func gbk() textEncoding {
	return textEncoding{"GB18030", simplifiedchinese.GB18030.NewDecoder()} // GBK and GB2312 are parts of it
}

// encodingNamed knows what stands in .cpg files in China.
func encodingNamed(name string) (textEncoding, bool) {
	switch plain(name) {
	case "utf8", "65001", "cp65001", "unicodeutf8":
		return textEncoding{name: "UTF-8"}, true
	case "gbk", "936", "cp936", "ansi936", "ms936", "gb2312", "gb18030", "54936", "cp54936", "euccn", "hzgb2312":
		return gbk(), true
	case "iso88591", "88591", "1252", "cp1252", "ansi1252", "windows1252":
		return textEncoding{"Windows-1252", charmap.Windows1252.NewDecoder()}, true
	}
	return textEncoding{}, false
}

// encodingOf finds how a table is written: as the .cpg file says; else UTF-8
// when every text is valid in it; else GBK, which the head of the table need
// not say. A .cpg file that the texts contradict is a fault.
func (in *intake) encodingOf(layer parts) (textEncoding, error) {
	said := ""
	if layer.has(".cpg") {
		if err := layer.read(in, ".cpg", func(r io.Reader) error {
			text, err := io.ReadAll(io.LimitReader(r, 100))
			said = strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff"))
			return err
		}); err != nil {
			return textEncoding{}, err
		}
	}
	if plain(said) == "" {
		said = ""
	}
	named, known := encodingNamed(said)
	if said != "" && !known {
		return textEncoding{}, fault(BadEncoding, "the .cpg file says %.40q: want UTF-8 or GBK", said)
	}
	if known && named.name == "UTF-8" {
		return named, nil
	}
	isUTF8, foreign := true, false
	err := layer.read(in, ".dbf", func(r io.Reader) error {
		rows, err := newTable(r, textEncoding{name: "UTF-8"})
		if err != nil {
			return err
		}
		for rows.left > 0 && isUTF8 {
			record, err := rows.record()
			if err != nil {
				return err
			}
			for _, f := range rows.fields {
				if f.kind == 'C' {
					value := whole(f.of(record))
					isUTF8 = isUTF8 && utf8.Valid(value)
					foreign = foreign || bytes.ContainsFunc(value, func(r rune) bool { return r >= utf8.RuneSelf })
				}
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return textEncoding{}, err
	case known && isUTF8 && foreign && named.name == "GB18030":
		return textEncoding{}, fault(BadEncoding, "the .cpg file says %q, but the texts are UTF-8: put that into it", said)
	case known:
		return named, nil
	case isUTF8:
		return textEncoding{name: "UTF-8"}, nil
	}
	return gbk(), nil
}

// table reads a dBASE III table record by record.
type table struct {
	r        *bufio.Reader
	encoding textEncoding
	fields   []column
	buffer   []byte
	left     int // records
}

type column struct {
	name     string
	kind     byte
	from, to int
}

// of gives the bytes of the column, without the spaces around them.
func (c column) of(record []byte) []byte { return bytes.Trim(record[c.from:c.to], " \x00") }

func newTable(r io.Reader, encoding textEncoding) (*table, error) {
	t := &table{r: bufio.NewReaderSize(r, 64<<10), encoding: encoding}
	var head [32]byte
	if _, err := io.ReadFull(t.r, head[:]); err != nil {
		return nil, shortened(err, "the .dbf file ends in its head")
	}
	t.left = int(binary.LittleEndian.Uint32(head[4:]))
	headSize, size := int(binary.LittleEndian.Uint16(head[8:])), int(binary.LittleEndian.Uint16(head[10:]))
	at := 1
	read := 32
	for {
		mark, err := t.r.Peek(1)
		if err != nil {
			return nil, shortened(err, "the .dbf file ends in its head")
		}
		if mark[0] == '\r' || read+32 > headSize {
			break
		}
		var d [32]byte
		if _, err := io.ReadFull(t.r, d[:]); err != nil {
			return nil, shortened(err, "the .dbf file ends in its head")
		}
		read += 32
		name, _, _ := bytes.Cut(d[:11], []byte{0})
		text, err := t.text(bytes.TrimSpace(name), len(name) == 11)
		if err != nil {
			return nil, fault(BadEncoding, "the name of column %d is not %s", len(t.fields)+1, encoding.name)
		}
		t.fields = append(t.fields, column{text, d[11], at, at + int(d[16])})
		at += int(d[16])
	}
	if read > headSize || at > size {
		return nil, fault(BadShapefile, "the .dbf file has columns of %d bytes in records of %d", at, size)
	}
	if _, err := t.r.Discard(headSize - read); err != nil {
		return nil, shortened(err, "the .dbf file ends in its head")
	}
	t.buffer = make([]byte, size)
	return t, nil
}

func (t *table) record() ([]byte, error) {
	if t.left == 0 {
		return nil, fault(BadShapefile, "the .dbf file has fewer records than the .shp file")
	}
	t.left--
	_, err := io.ReadFull(t.r, t.buffer)
	if err != nil {
		return nil, shortened(err, "the .dbf file ends with %d records missing", t.left+1)
	}
	return t.buffer, nil
}

// next gives the attributes of the next record, and whether it is deleted.
func (t *table) next() (f Feature, deleted bool, err error) {
	record, err := t.record()
	if err != nil {
		return f, false, err
	}
	for _, c := range t.fields {
		value := c.of(record)
		if c.kind != 'C' {
			value = bytes.Trim(value, "*") // how a number that does not fit is written
		}
		text, err := t.text(value, len(value) == c.to-c.from)
		if err != nil {
			f.Faults = append(f.Faults, fault(BadEncoding, "the attribute %s is not %s", c.name, t.encoding.name))
			continue
		}
		if c.kind == 'N' || c.kind == 'F' {
			text = number(text)
		}
		f.set(c.name, text)
	}
	return f, record[0] == '*', nil
}

// number leaves out decimals that are zero: a grid code kept as a number.
func number(s string) string {
	if point := strings.IndexByte(s, '.'); point >= 0 && strings.Trim(s[point+1:], "0") == "" {
		return s[:point]
	}
	return s
}

// text decodes a value. Writers fill a column to its last byte even when that is
// the middle of a character: the rest of it is dropped.
func (t *table) text(value []byte, full bool) (string, error) {
	if t.encoding.decoder == nil {
		if full {
			value = whole(value)
		}
		if !utf8.Valid(value) {
			return "", fault(BadEncoding, "not UTF-8")
		}
		return string(value), nil
	}
	decoded, err := t.encoding.decoder.Bytes(value)
	if err != nil {
		return "", fault(BadEncoding, "not %s", t.encoding.name)
	}
	if full {
		decoded = bytes.TrimSuffix(decoded, []byte("\ufffd"))
	}
	if bytes.ContainsRune(decoded, utf8.RuneError) {
		return "", fault(BadEncoding, "not %s", t.encoding.name)
	}
	return string(decoded), nil
}

// whole leaves out the bytes of an unfinished UTF-8 character at the end.
func whole(value []byte) []byte {
	for n := 1; n <= min(utf8.UTFMax-1, len(value)); n++ {
		if start := value[len(value)-n:]; utf8.RuneStart(start[0]) {
			if start[0] >= utf8.RuneSelf && !utf8.FullRune(start) {
				return value[:len(value)-n]
			}
			return value
		}
	}
	return value
}
