package keep

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// AloneRows is how many rows one person may export in a day without a second
// one who approves.
const AloneRows = 500

// ExportLife is how long the file of an export may be fetched.
const ExportLife = 7 * 24 * time.Hour

// NeedsSecond tells whether an export needs a second approver: more rows than
// one may export alone, also when asked for in parts, or something sensitive.
func NeedsSecond(rows, sameDay int, sensitive bool) bool {
	return sensitive || rows+sameDay > AloneRows
}

// Watermark says in a file who asked for it, when, what for, and in which export.
type Watermark struct {
	Export, Who, Purpose string
	At, Expires          time.Time
}

// MarkColumn is the name of the last column, which says of each row from which
// export it comes, so that a part that is copied still says so.
const MarkColumn = "gridwalk_export"

const byteOrderMark = "\ufeff"

// CSV writes a file that Excel opens as UTF-8 and in which no cell is a
// formula. Its first line is the watermark, its second the names of the columns.
func CSV(w Watermark, columns []string, rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(byteOrderMark)
	out := csv.NewWriter(&b)
	said := []string{"gridwalk export " + w.Export, Cell(w.Who), w.At.Format(time.RFC3339), Cell(w.Purpose), "delete by 请于此前删除 " + w.Expires.Format(time.DateOnly)}
	if err := out.Write(said); err != nil {
		return nil, fmt.Errorf("write the watermark: %w", err)
	}
	if err := out.Write(append(cells(columns), MarkColumn)); err != nil {
		return nil, fmt.Errorf("write the names of columns: %w", err)
	}
	for i, row := range rows {
		if err := out.Write(append(cells(row), w.Export+"-"+strconv.Itoa(i+1))); err != nil {
			return nil, fmt.Errorf("write row %d: %w", i+1, err)
		}
	}
	out.Flush()
	return b.Bytes(), out.Error()
}

func cells(values []string) []string {
	out := make([]string, 0, len(values)+1)
	for _, value := range values {
		out = append(out, Cell(value))
	}
	return out
}

// Cell gives a value that a spreadsheet shows and does not run: what would
// begin a formula, or would be taken for what this put there, has an apostrophe
// before it (OWASP, CSV Injection). A number stays a number.
func Cell(value string) string {
	if _, err := strconv.ParseFloat(value, 64); err == nil && strings.Trim(value, "+-.0123456789eE") == "" && value[0] != '+' {
		return value
	}
	if value != "" && strings.ContainsRune("=+-@\t\r\n'＝＋－＠", []rune(value)[0]) {
		return "'" + value
	}
	return value
}
