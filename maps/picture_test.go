package maps

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func pictured(t *testing.T, p Picture) string {
	t.Helper()
	var out bytes.Buffer
	if err := Draw(&out, p); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(out.Bytes())); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
	for _, bad := range []string{"%!", "NaN", "Inf", "<script", "href", "url(http", "@import"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the picture contains %q", bad)
		}
	}
	return out.String()
}

// samplePicture is a grid of 1 km with all that can be in a picture.
func samplePicture() Picture {
	at := func(x, y float64) *orb.Point { p := ring(x, y)[0]; return &p }
	p := Picture{Name: `<第一"网格&>`, Code: "990101103201001", Version: 2, Grid: rectangle(0, 0, 1000, 1000),
		Below:  []SubGrid{{"a", "99010110320100107", "", rectangle(0, 0, 500, 1000)}},
		Around: []SubGrid{{"b", "990101103201042", "", rectangle(1000, 0, 100, 1000)}},
		Buffer: 30, Days: 30, NeglectedDays: 90, At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Places:   []Place{{At: *at(100, 100)}, {At: *at(200, 100), Neglected: true}, {At: *at(300, 100), Hazard: true}},
		Verdicts: map[string][2]string{}}
	for i, m := range marks {
		p.Verdicts[m.verdict] = [2]string{"判" + m.verdict, m.verdict}
		p.CheckIns = append(p.CheckIns, CheckIn{at(float64(100+i*100), 500), 12, m.verdict})
	}
	p.CheckIns = append(p.CheckIns, CheckIn{nil, 0, "no_fix"}, CheckIn{at(0, 90_000), 10, "outside"}, CheckIn{at(500, 500), 10, "unheard_of"})
	return p
}

func TestPicture(t *testing.T) {
	svg := pictured(t, samplePicture())
	for what, n := range map[string]int{
		"&lt;第一&#34;网格&amp;&gt;":      2, // title and heading
		`>200 m</text>`:               1, // 200 px or less
		"北 N":                         1,
		`stroke-dasharray="5 4"`:      2, // the grid below, and the legend
		marks[0].path:                 2, // the check-in and the legend
		marks[2].path:                 2, // the one that is 90 km away is told, not drawn
		"在图外":                         1,
		`fill="#8c510a"`:              2,
		`r="9" fill="#fbe4f0"`:        2,
		`>07</text>`:                  1,
		`>042</text>`:                 1,
		`<g clip-path="url(#frame)">`: 1,
		"</g>":                        1,
	} {
		if got := strings.Count(svg, what); got != n {
			t.Errorf("%q is in it %d times, want %d", what, got, n)
		}
	}
	if again := pictured(t, samplePicture()); again != svg {
		t.Error("the same picture is drawn in two ways")
	}
}

// Whatever the grid, the picture holds it whole.
func TestTheGridIsInTheFrame(t *testing.T) {
	for _, size := range []float64{0.5, 30, 1000, 80_000} {
		p := samplePicture()
		p.Grid = rectangle(-size/3, 0, size, size/4)
		pictured(t, p)
		d := newDrawing(io.Discard, p)
		for _, corner := range p.Grid[0][0] {
			if !d.framed(corner) {
				t.Errorf("%v m: %v lies outside", size, corner)
			}
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAPictureThatCannotBeWritten(t *testing.T) {
	if err := Draw(fullDisk{}, samplePicture()); err == nil {
		t.Error("no error")
	}
}
