package maps

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// Picture is what Draw draws. It holds no name of a resident, and of a place not
// even its own: houses are named after families.
type Picture struct {
	Name, Code string
	Version    int // of the boundary
	Grid       orb.MultiPolygon
	Below      []SubGrid
	Around     []SubGrid // neighbours, drawn faintly
	Buffer     float64   // metres outside of the border that count as near the edge
	Places     []Place
	CheckIns   []CheckIn
	// Verdicts are the labels of verdicts, Chinese and English, by machine name.
	Verdicts      map[string][2]string
	Days          int // of check-ins that are shown
	NeglectedDays int // without anybody near, after which a place is marked
	At            time.Time
}

// Place is a building.
type Place struct {
	At        orb.Point
	Neglected bool
	Hazard    bool
}

// CheckIn is a check-in with its verdict. At is nil without a fix; Accuracy is
// in metres, 0 when unknown.
type CheckIn struct {
	At       *orb.Point
	Accuracy float64
	Verdict  string
}

// marks are colour (Okabe and Ito's, which everybody can tell apart) and shape
// of a verdict, in the order of the legend. Shapes are drawn in a square from
// -1 to 1.
var marks = []struct{ verdict, colour, path string }{
	{"inside", "#009e73", "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z"},
	{"near_edge", "#e69f00", "M0 -1.15L1.1 .85L-1.1 .85Z"},
	{"outside", "#c1272d", "M-1 -.55L-.55 -1L0 -.45L.55 -1L1 -.55L.45 0L1 .55L.55 1L0 .45L-.55 1L-1 .55L-.45 0Z"},
	{"uncertain", "#6b6b6b", "M0 -1.25L1.1 0L0 1.25L-1.1 0Z"},
	{"qr_confirmed", "#0072b2", "M-.95 -.95H.95V.95H-.95Z"},
	{"no_fix", "", ""},
}

const (
	pictureWidth  = 1200
	pictureHeight = 960
	frameLeft     = 30.0
	frameTop      = 84.0
	frameSize     = 846.0
	legendLeft    = 904.0
	markSize      = 7.0
)

// Draw writes the picture as SVG 1.1 that needs no font, style or script of
// anybody else. North is up.
func Draw(w io.Writer, p Picture) error {
	d := newDrawing(w, p)
	d.open()
	d.land()
	d.fences()
	d.fixes()
	d.scale()
	d.legend()
	d.put("</svg>\n")
	if d.err == nil {
		d.err = d.w.Flush()
	}
	if d.err != nil {
		return fmt.Errorf("draw map: %w", d.err)
	}
	return nil
}

type drawing struct {
	Picture
	w       *bufio.Writer
	err     error
	plane   plane
	center  orb.Point // metres in the plane
	pixels  float64   // in a metre
	counted map[string]int
	beyond  int // check-ins outside of the frame
}

// newDrawing fits the grid into the frame, with what was checked in beside it,
// as far as that leaves the grid a third of the frame.
func newDrawing(w io.Writer, p Picture) *drawing {
	bound := p.Grid.Bound()
	d := &drawing{Picture: p, w: bufio.NewWriter(w), plane: planeAt(bound.Center()), counted: map[string]int{}}
	box := orb.Bound{Min: d.plane.metres(bound.Min), Max: d.plane.metres(bound.Max)}
	reach := max(box.Max[0]-box.Min[0], box.Max[1]-box.Min[1], 20)
	largest := box.Pad(reach)
	for _, c := range p.CheckIns {
		if c.At != nil && largest.Contains(d.plane.metres(*c.At)) {
			box = box.Extend(d.plane.metres(*c.At))
		}
	}
	d.center = box.Center()
	d.pixels = frameSize / (max(box.Max[0]-box.Min[0], box.Max[1]-box.Min[1], 20) * 1.16)
	return d
}

func (d *drawing) put(format string, args ...any) {
	if d.err == nil {
		_, d.err = fmt.Fprintf(d.w, format, args...)
	}
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// at gives the place on the page.
func (d *drawing) at(p orb.Point) (x, y float64) {
	m := d.plane.metres(p)
	return frameLeft + frameSize/2 + (m[0]-d.center[0])*d.pixels, frameTop + frameSize/2 - (m[1]-d.center[1])*d.pixels
}

func (d *drawing) framed(p orb.Point) bool {
	x, y := d.at(p)
	return x >= frameLeft && x <= frameLeft+frameSize && y >= frameTop && y <= frameTop+frameSize
}

// path gives the shape as path data.
func (d *drawing) path(shape orb.MultiPolygon) string {
	var b strings.Builder
	for _, polygon := range shape {
		for _, ring := range polygon {
			for i, p := range ring[:max(len(ring)-1, 0)] {
				x, y := d.at(p)
				fmt.Fprintf(&b, "%c%.1f %.1f", "LM"[boolIndex(i == 0)], x, y)
			}
			b.WriteByte('Z')
		}
	}
	return b.String()
}

func boolIndex(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d *drawing) open() {
	title := escaped(strings.TrimSpace(d.Name + "  " + d.Code))
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','Noto Sans','Segoe UI',Arial,sans-serif" fill="#222">
<title>%s</title>
<defs><clipPath id="frame"><rect x="%.0f" y="%.0f" width="%.0f" height="%.0f"/></clipPath></defs>
<rect width="%d" height="%d" fill="#fff"/>
`, pictureWidth, pictureHeight, pictureWidth, pictureHeight, title, frameLeft, frameTop, frameSize, frameSize, pictureWidth, pictureHeight)
	area := ""
	if boundary, err := geo.NewBoundary(d.Grid); err == nil {
		area = fmt.Sprintf("%.3g km² · ", boundary.Area()/1e6)
	}
	d.put(`<text x="%.0f" y="42" font-size="26" font-weight="600">%s</text>
<text x="%.0f" y="68" font-size="14" fill="#666">%s边界第 %d 版 boundary version %d · WGS-84 · %s</text>
`, frameLeft, title, frameLeft, area, d.Version, d.Version, d.At.Format("2006-01-02"))
}

// land draws what lies under the fences and the grid itself.
func (d *drawing) land() {
	d.put(`<g clip-path="url(#frame)">
<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="#f4f2ee"/>
`, frameLeft, frameTop, frameSize, frameSize)
	for _, g := range d.Around {
		d.put(`<path d="%s" fill="#fff" fill-opacity=".55" stroke="#bdb8ae" stroke-width="1" fill-rule="evenodd"/>`+"\n", d.path(g.Shape))
	}
	path := d.path(d.Grid)
	if width := 2 * d.Buffer * d.pixels; width > 0 {
		d.put(`<path d="%s" fill="none" stroke="#e69f00" stroke-opacity=".13" stroke-width="%.1f" stroke-linejoin="round"/>`+"\n", path, width)
	}
	d.put(`<path d="%s" fill="#fff" fill-rule="evenodd"/>`+"\n", path)
}

// fences draws the borders over the land, with the numbers of the grids.
func (d *drawing) fences() {
	for _, g := range d.Below {
		d.put(`<path d="%s" fill="none" stroke="#8a8a8a" stroke-width="1" stroke-dasharray="5 4"/>`+"\n", d.path(g.Shape))
	}
	d.put(`<path d="%s" fill="none" stroke="#1d3557" stroke-width="2.4" stroke-linejoin="round"/>`+"\n", d.path(d.Grid))
	for _, g := range d.Around {
		d.number(g, 13, "#9a948a", 3)
	}
	for _, g := range d.Below {
		d.number(g, 12, "#6b6b6b", 2)
	}
}

// number writes the last digits of a code into the middle of a grid.
func (d *drawing) number(g SubGrid, size int, colour string, digits int) {
	boundary, err := geo.NewBoundary(g.Shape)
	if err != nil || !d.framed(boundary.Center()) {
		return
	}
	x, y := d.at(boundary.Center())
	d.put(`<text x="%.1f" y="%.1f" font-size="%d" fill="%s" text-anchor="middle">%s</text>`+"\n", x, y, size, colour, escaped(g.Code[max(len(g.Code)-digits, 0):]))
}

// fixes draws the circles of accuracy, the places, and the check-ins over them.
func (d *drawing) fixes() {
	colours, shapes := map[string]string{}, map[string]string{}
	for _, m := range marks {
		colours[m.verdict], shapes[m.verdict] = m.colour, m.path
	}
	for _, c := range d.CheckIns {
		d.counted[c.Verdict]++
		if c.At == nil || c.Accuracy <= 0 || colours[c.Verdict] == "" {
			continue
		}
		x, y := d.at(*c.At)
		d.put(`<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%[4]s" fill-opacity=".05" stroke="%[4]s" stroke-opacity=".35"/>`+"\n", x, y, c.Accuracy*d.pixels, colours[c.Verdict])
	}
	for _, p := range d.Places {
		x, y := d.at(p.At)
		d.place(x, y, p)
	}
	for _, c := range d.CheckIns {
		switch {
		case c.At == nil || shapes[c.Verdict] == "":
		case !d.framed(*c.At):
			d.beyond++
		default:
			x, y := d.at(*c.At)
			d.mark(x, y, shapes[c.Verdict], colours[c.Verdict])
		}
	}
	d.put(`</g>
<rect x="%.0f" y="%.0f" width="%.0f" height="%.0f" fill="none" stroke="#999"/>
`, frameLeft, frameTop, frameSize, frameSize)
}

func (d *drawing) mark(x, y float64, path, colour string) {
	d.put(`<path transform="translate(%.1f %.1f) scale(%.0f)" d="%s" fill="%s" stroke="#fff" stroke-width=".22"/>`+"\n", x, y, markSize, path, colour)
}

// place draws a house; the neglected ones stand in a ring.
func (d *drawing) place(x, y float64, p Place) {
	colour := "#8d8d8d"
	if p.Hazard {
		colour = "#8c510a"
	}
	if p.Neglected {
		d.put(`<circle cx="%.1f" cy="%.1f" r="9" fill="#fbe4f0" stroke="#b5267b" stroke-width="2"/>`+"\n", x, y)
	}
	d.put(`<path transform="translate(%.1f %.1f)" d="M0 -5.8L5.6 -.6H4V4.8H-4V-.6H-5.6Z" fill="%s"/>`+"\n", x, y, colour)
}

// scale draws a bar of a round length, and the arrow to the north.
func (d *drawing) scale() {
	metres := math.Pow(10, math.Floor(math.Log10(200/d.pixels)))
	for _, times := range []float64{5, 2} {
		if metres*times*d.pixels <= 200 {
			metres *= times
			break
		}
	}
	x, y, width := frameLeft+20, frameTop+frameSize-24, metres*d.pixels
	d.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="40" rx="4" fill="#fff" fill-opacity=".85"/>
<path d="M%.1f %.1fv8h%.1fv-8" fill="none" stroke="#222" stroke-width="2"/>
<text x="%.1f" y="%.1f" font-size="14" text-anchor="middle">%s m</text>
`, x-12, y-26, width+24, x, y-2, width, x+width/2, y-6, fmt.Sprintf("%g", metres))
	x, y = frameLeft+frameSize-42, frameTop+42
	d.put(`<circle cx="%.1[1]f" cy="%.1[2]f" r="28" fill="#fff" fill-opacity=".85"/>
<path d="M%.1[1]f %.1[3]fl9 24l-9 -6l-9 6Z" fill="#1d3557"/>
<text x="%.1[1]f" y="%.1[4]f" font-size="14" font-weight="600" text-anchor="middle">北 N</text>
`, x, y, y-24, y+17)
}

// legend explains every sign, with how often it is there.
func (d *drawing) legend() {
	x, y := legendLeft, frameTop+16
	head := func(zh, en string) {
		d.put(`<text x="%.0f" y="%.0f" font-size="16" font-weight="600">%s</text><text x="%.0f" y="%.0f" font-size="12" fill="#666">%s</text>`+"\n", x, y, escaped(zh), x, y+17, escaped(en))
		y += 44
	}
	line := func(zh, en string, n int) {
		d.put(`<text x="%.0f" y="%.0f" font-size="14">%s <tspan fill="#666" font-size="12">%s</tspan></text>`+"\n", x+30, y+5, escaped(zh), escaped(en))
		if n >= 0 {
			d.put(`<text x="%d" y="%.0f" font-size="14" text-anchor="end">%d</text>`+"\n", pictureWidth-30, y+5, n)
		}
		y += 28
	}
	head(fmt.Sprintf("近 %d 天到点", d.Days), fmt.Sprintf("Check-ins of the last %d days", d.Days))
	for _, m := range marks {
		if m.path == "" && d.counted[m.verdict] == 0 {
			continue
		}
		if m.path != "" {
			d.mark(x+10, y, m.path, m.colour)
		}
		line(d.Verdicts[m.verdict][0], d.Verdicts[m.verdict][1], d.counted[m.verdict])
	}
	d.put(`<circle cx="%.0f" cy="%.0f" r="9" fill="#009e73" fill-opacity=".07" stroke="#009e73" stroke-opacity=".5"/>`+"\n", x+10, y)
	line("定位精度", "accuracy of the fix", -1)
	if d.beyond > 0 {
		line("在图外", "beyond the picture", d.beyond)
	}
	y += 26
	neglected, hazards := 0, 0
	for _, p := range d.Places {
		neglected += boolIndex(p.Neglected)
		hazards += boolIndex(p.Hazard)
	}
	head("场所", "Places")
	d.place(x+10, y, Place{})
	line("楼栋", "building", len(d.Places))
	d.place(x+10, y, Place{Hazard: true})
	line("有隐患", "with a hazard", hazards)
	d.place(x+10, y, Place{Neglected: true})
	line(fmt.Sprintf("超 %d 天无人到访", d.NeglectedDays), "nobody near", neglected)
	y += 26
	head("边界", "Borders")
	d.put(`<path d="M%.0f %.0fh22" stroke="#1d3557" stroke-width="2.4"/>`+"\n", x, y)
	line("本网格", "this grid", -1)
	if len(d.Below) > 0 {
		d.put(`<path d="M%.0f %.0fh22" stroke="#8a8a8a" stroke-dasharray="5 4"/>`+"\n", x, y)
		line("下级网格", "grid below", len(d.Below))
	}
	if d.Buffer > 0 {
		d.put(`<path d="M%.0f %.0fh22" stroke="#e69f00" stroke-opacity=".3" stroke-width="10"/>`+"\n", x, y)
		line(fmt.Sprintf("边缘 %g 米", d.Buffer), fmt.Sprintf("edge of %g m", d.Buffer), -1)
	}
	if len(d.Around) > 0 {
		d.put(`<path d="M%.0f %.0fh22" stroke="#bdb8ae"/>`+"\n", x, y)
		line("相邻网格", "neighbour", len(d.Around))
	}
	d.put(`<text x="%.0f" y="%.0f" font-size="12" fill="#666"><tspan x="%.0f">判定仅供参考，不作考核</tspan><tspan x="%.0f" dy="17">Verdicts are advice, never a rating</tspan></text>`+"\n",
		x, frameTop+frameSize-20, x, x)
}
