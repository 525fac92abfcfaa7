package keep

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever stands in the records, no cell is a formula, nothing is lost, every
// row says from which export it comes, and Excel knows the letters.
func TestCSVIsSafeAndWhole(t *testing.T) {
	cell := rapid.OneOf(rapid.String(), rapid.StringMatching(`[=+\-@＝'\t](cmd\|' /C calc'!A0|SUM\(A1\)|1)`), rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{1,3})?`))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 0, 5).Draw(t, "rows")
		mark := Watermark{Export: "abc", Who: cell.Draw(t, "who"), Purpose: cell.Draw(t, "purpose"), At: time.Unix(0, 0), Expires: time.Unix(0, 0)}
		raw, err := CSV(mark, []string{"name", "note"}, rows)
		if err != nil {
			t.Fatal(err)
		}
		text, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf"))
		if !ok {
			t.Fatal("no byte order mark")
		}
		read := csv.NewReader(bytes.NewReader(text))
		read.FieldsPerRecord = -1
		got, err := read.ReadAll()
		if err != nil || len(got) != len(rows)+2 || !strings.Contains(got[0][0], "abc") {
			t.Fatalf("%v: %v", err, got)
		}
		for i, row := range got[2:] {
			if !strings.HasPrefix(row[2], "abc-") {
				t.Fatalf("row %v has no mark", row)
			}
			for j, value := range row[:2] {
				if value != "" && strings.ContainsRune("=+@\t\r＝", []rune(value)[0]) {
					t.Fatalf("%q may run", value)
				}
				want := strings.ReplaceAll(rows[i][j], "\r\n", "\n") // as the reader gives it
				if strings.TrimPrefix(value, "'") != want && value != want {
					t.Fatalf("%q became %q", want, value)
				}
			}
		}
	})
}

func TestCell(t *testing.T) {
	for in, want := range map[string]string{"-5": "-5", "-5.25": "-5.25", "-2+3": "'-2+3", "+8613": "'+8613", "=1": "'=1", "@x": "'@x", "'a": "''a", "张三": "张三", "": "", "-": "'-", "－1": "'－1"} {
		if got := Cell(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestWhoNeedsASecond(t *testing.T) {
	got := []bool{NeedsSecond(500, 0, false), NeedsSecond(501, 0, false), NeedsSecond(1, 500, false), NeedsSecond(1, 0, true)}
	if !slices.Equal(got, []bool{false, true, true, true}) {
		t.Error(got)
	}
}
