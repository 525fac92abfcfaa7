package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"gridwalk/geo"
)

// notRun is the figure of a peer that could not be asked.
func notRun(who, why string) []figure { return []figure{{who, why, "", true}} }

// geos asks GEOS through geosop, which has no tree of its own: a point is asked
// about one grid that is known, prepared beforehand.
func geos(grids polygons, rnd *rand.Rand) []figure {
	const who, sample, points = "GEOS coversPrep, one known grid, each point again and again", 20, 2000
	if _, err := exec.LookPath("geosop"); err != nil {
		return notRun(who, "geosop is not installed")
	}
	dir, err := os.MkdirTemp("", "gridwalk-bench-")
	if err != nil {
		return notRun(who, err.Error())
	}
	defer os.RemoveAll(dir)
	took, wrong := 0.0, 0
	for range sample {
		mp := grids[rnd.IntN(len(grids))]
		asked := pointsAround(mp, points, rnd)
		micros, covered, err := geosCovers(dir, mp, asked)
		if err != nil {
			return notRun(who, err.Error())
		}
		took += micros / geosRepeats
		b, err := geo.NewBoundary(mp)
		if err != nil {
			return notRun(who, err.Error())
		}
		for i, p := range asked {
			if b.Contains(p) != covered[i] && math.Abs(b.Distance(p)) > onBoundary {
				wrong++
			}
		}
	}
	return []figure{
		{who, nanoseconds(took * 1000 / (sample * points)), "", true},
		{"GEOS: points answered differently", fmt.Sprintf("%d of %d", wrong, sample*points), "0", wrong == 0},
	}
}

func pointsAround(mp orb.MultiPolygon, n int, rnd *rand.Rand) []orb.Point {
	b := mp.Bound()
	points := make([]orb.Point, n)
	for i := range points {
		for axis := range 2 {
			at := b.Min[axis] + rnd.Float64()*(b.Max[axis]-b.Min[axis])
			points[i][axis] = math.Round(at*1e7) / 1e7
		}
	}
	return points
}

// geosRepeats is how often geosop asks about a point: it counts whole microseconds.
const geosRepeats = 200

var geosTime = regexp.MustCompile(`-- +([\d,]+) usec`)

func geosCovers(dir string, mp orb.MultiPolygon, points []orb.Point) (micros float64, covered []bool, err error) {
	a, b := filepath.Join(dir, "a.wkt"), filepath.Join(dir, "b.wkt")
	var text bytes.Buffer
	for _, p := range points {
		fmt.Fprintf(&text, "POINT(%.7f %.7f)\n", p[0], p[1])
	}
	if err := os.WriteFile(a, []byte(wkt.MarshalString(mp)+"\n"), 0o600); err != nil {
		return 0, nil, err
	}
	if err := os.WriteFile(b, text.Bytes(), 0o600); err != nil {
		return 0, nil, err
	}
	out, err := exec.Command("geosop", "-a", a, "-b", b, "-f", "txt", "coversPrep").CombinedOutput()
	if err != nil {
		return 0, nil, fmt.Errorf("geosop: %w: %s", err, out)
	}
	times, err := exec.Command("geosop", "-a", a, "-b", b, "-t", "-r", strconv.Itoa(geosRepeats), "coversPrep").CombinedOutput()
	if err != nil {
		return 0, nil, fmt.Errorf("geosop: %w: %s", err, times)
	}
	for line := range strings.Lines(string(out)) {
		switch line = strings.TrimSpace(line); line {
		case "true", "false":
			covered = append(covered, line == "true")
		}
	}
	said := geosTime.FindSubmatch(times)
	if said == nil || len(covered) != len(points) {
		return 0, nil, fmt.Errorf("geosop answered %d of %d points", len(covered), len(points))
	}
	micros, err = strconv.ParseFloat(strings.ReplaceAll(string(said[1]), ",", ""), 64)
	return micros, covered, err
}

// The questions to PostGIS. It answers all points in one statement, which spares
// it the requests; all is in tables of the session.
const (
	postgisSchema = `\set ON_ERROR_STOP on
\set QUIET on
set client_min_messages = warning;
create extension if not exists postgis;
create temp table fence (id int, g geometry);
create temp table point (id int, g geometry);
create temp table fix (fence int, id int, g geometry);
`
	postgisAsk = `create index on fence using gist (g);
analyze fence;
analyze point;
select 'time', 'start', extract(epoch from clock_timestamp());
select 'hits', 'leaf', count(*) from point p join fence f on st_covers(f.g, p.g) where f.id < %[1]d;
select 'time', 'leaf', extract(epoch from clock_timestamp());
select 'hits', 'four', count(*) from point p join fence f on st_covers(f.g, p.g) where p.id < %[2]d;
select 'time', 'four', extract(epoch from clock_timestamp());
select 'far', x.id, st_distance(st_boundary(f.g)::geography, x.g::geography) from fix x join fence f on f.id = x.fence;
select 'time', 'far', extract(epoch from clock_timestamp());
select 'in', p.id, f.id from point p join fence f on st_covers(f.g, p.g) where f.id < %[1]d;
`
)

// postgis asks a PostGIS that psql reaches by its own settings (PGHOST, …).
func (b *bench) postgis() []figure {
	const who, four, pairs = "PostGIS ST_Covers, all points in one statement", 1000, 2000
	if _, err := exec.LookPath("psql"); err != nil {
		return notRun(who, "psql is not installed")
	}
	fmt.Fprintln(b.log, "PostGIS …")
	var script bytes.Buffer
	script.WriteString(postgisSchema)
	copyIn := func(table string, n int, row func(i int) string) {
		fmt.Fprintf(&script, "copy %s from stdin;\n", table)
		for i := range n {
			script.WriteString(row(i) + "\n")
		}
		script.WriteString("\\.\n")
	}
	fixes := b.drawAssigned(pairs, rand.New(rand.NewPCG(b.seed, 3)))
	copyIn("fence", len(b.polygons), func(i int) string { return fmt.Sprintf("%d\tSRID=4326;%s", i, wkt.MarshalString(b.polygons[i])) })
	copyIn("point", len(b.random), func(i int) string { return fmt.Sprintf("%d\tSRID=4326;%s", i, wkt.MarshalString(b.random[i])) })
	copyIn("fix", pairs, func(i int) string {
		return fmt.Sprintf("%d\t%d\tSRID=4326;%s", fixes[i].grid, i, wkt.MarshalString(fixes[i].fix))
	})
	fmt.Fprintf(&script, postgisAsk, b.city.grids, four)
	cmd := exec.Command("psql", "-X", "-A", "-t", "-F", " ")
	cmd.Stdin = &script
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		why, _, _ := strings.Cut(complaint.String(), "\n")
		return notRun(who, "no database: "+why)
	}
	said := readPostgis(out)
	wrong := 0
	for i, p := range b.random {
		if !b.isOnBoundary(p, b.engines[0].levels[0].answers[i], said.inside[i]) {
			wrong++
		}
	}
	ours, theirs := 0.0, 0.0
	for i, f := range fixes {
		if want := ellipsoidDistance(b.polygons[f.grid], f.fix); want <= 2500 {
			ours = max(ours, math.Abs(math.Abs(b.city.fences[f.grid].Boundary.Distance(f.fix))-want))
			theirs = max(theirs, math.Abs(said.far[i]-want))
		}
	}
	each := func(from, to string, n int) string {
		return nanoseconds((said.at[to] - said.at[from]) * 1e9 / float64(n))
	}
	return []figure{
		{who + ", one level", each("start", "leaf", len(b.random)), "", true},
		{who + ", 4 levels", each("leaf", "four", four), "", true},
		{"PostGIS: points answered differently, one level", fmt.Sprintf("%d of %d", wrong, len(b.random)), "0", wrong == 0},
		{"PostGIS ST_Distance(geography)", each("four", "far", pairs), "", true},
		{"its largest error within 2.5 km against Vincenty, and ours there", fmt.Sprintf("%.5f m, %.5f m", theirs, ours), "", true},
	}
}

type postgisAnswers struct {
	at     map[string]float64 // seconds, by what ended then
	far    map[int]float64    // metres, by fix
	inside map[int][]int      // fences, by point
}

func readPostgis(out []byte) postgisAnswers {
	a := postgisAnswers{map[string]float64{}, map[int]float64{}, map[int][]int{}}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) != 3 {
			continue
		}
		number, _ := strconv.ParseFloat(f[2], 64)
		id, _ := strconv.Atoi(f[1])
		switch f[0] {
		case "time":
			a.at[f[1]] = number
		case "far":
			a.far[id] = number
		case "in":
			a.inside[id] = append(a.inside[id], int(number))
		}
	}
	return a
}
