package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

const mark = "(演示)"

type town struct {
	id, code, name string
	office         string // id of its organization
	units          []*unit
}

// unit is a village or a community.
type unit struct {
	id, code, name string // the name without mark
	urban          bool
	town           *town
	office         string
	grids          []*grid
}

// grid is a 15-digit grid with what is needed to fill it with life.
type grid struct {
	id, code, name string
	unit           *unit
	cell           *cell
	boundary       *geo.Boundary
	exclusive      bool
	households     int
	zones          []zone // at least one: the grid itself where it has no zones
	officer        string
	visited        []*visit    // by inhabit, for walk
	places         []orb.Point // of the buildings, by inhabit, for walk
	passed         []near      // the same buildings
	owed           []owed      // the care plans, by inhabit, for owe
	met            map[string][]met
}

// zone is a part of a grid: the wedge of its cell between two corners.
type zone struct {
	id   string
	a, b int
}

var townNames = []string{"柳溪镇", "澄湖街道", "石桥镇", "东塘镇", "青岗镇", "白圩镇", "梅冲镇", "荷湾镇"}

// settle makes the divisions, the grids and the units that work there. The
// first town has the code 990101103 and its first village is 澄桥, so that the
// officers of the tiny demo are found in the larger ones too.
func (w *world) settle() {
	w.county = w.region("990101", "澄湖县", "county", "", false)
	cells := makeLand(w.rng, w.spec.Grids, w.spec.Spacing)
	counts := w.gridsOfUnits()
	towns := make([][]int, w.spec.Towns) // grids of each unit of each town
	for i, n := range counts {
		towns[i%w.spec.Towns] = append(towns[i%w.spec.Towns], n)
	}
	var sizes []int
	for _, units := range towns {
		sum := 0
		for _, n := range units {
			sum += n
		}
		sizes = append(sizes, sum)
	}
	names := w.unitNames()
	for i, area := range divide(cells, sizes) {
		code := "990101103"
		if i == 1 {
			code = "990101001"
		} else if i > 1 {
			code = fmt.Sprintf("990101%d", []int{100, 101, 102, 104, 105, 106}[i-2])
		}
		t := &town{code: code, name: townNames[i]}
		t.id = w.region(code, t.name, "town", w.county, i == 1)
		w.towns = append(w.towns, t)
		for _, part := range divide(area, towns[i]) {
			w.settleUnit(t, names, part)
		}
	}
	w.markExclusive()
	w.cut()
	w.offices()
}

// gridsOfUnits gives the number of grids of every unit: more in communities,
// which come last.
func (w *world) gridsOfUnits() []int {
	s := w.spec
	counts := make([]int, s.Villages+s.Communities)
	left := s.Grids
	for i := range counts {
		counts[i] = 4
		if i >= s.Villages {
			counts[i] = 6
		}
		left -= counts[i]
	}
	for i := len(counts) - 1; left > 0; left-- { // the exclusive ones go to communities first
		counts[i]++
		i = (i + len(counts) - 1) % len(counts)
	}
	return counts
}

// unitNames are the names of villages and of communities, each used once.
type unitNames struct{ villages, communities []string }

func (w *world) unitNames() *unitNames {
	all := func(first, second string) (names []string) {
		for _, a := range first {
			for _, b := range second {
				names = append(names, string(a)+string(b))
			}
		}
		w.rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return names
	}
	villages := slices.DeleteFunc(all("柳石东青白梅澄竹荷松枫桂南西", "溪桥塘岗圩冲湾河坝畈桐墩"), func(s string) bool { return s == "澄桥" })
	return &unitNames{append([]string{"澄桥"}, villages...), all("书澄翠兰云月春秋锦文", "香湖苑亭")}
}

func (w *world) settleUnit(t *town, names *unitNames, cells []*cell) {
	s := w.spec
	villages := (s.Villages + w.spec.Towns - 1 - (len(w.towns) - 1)) / w.spec.Towns // of this town
	u := &unit{town: t, urban: len(t.units) >= villages}
	if u.urban {
		u.name, names.communities = names.communities[0]+"社区", names.communities[1:]
		u.code = fmt.Sprintf("%s%03d", t.code, len(t.units)-villages+1)
	} else {
		u.name, names.villages = names.villages[0]+"村", names.villages[1:]
		u.code = fmt.Sprintf("%s%03d", t.code, 201+len(t.units))
	}
	u.id = w.region(u.code, u.name, "village", t.id, u.urban)
	t.units = append(t.units, u)
	w.units = append(w.units, u)
	// From north to south, and in one row from west to east.
	slices.SortFunc(cells, func(a, b *cell) int {
		return cmp.Or(-cmp.Compare(int(a.site.y+100), int(b.site.y+100)), cmp.Compare(a.site.x, b.site.x))
	})
	for i, c := range cells {
		g := &grid{unit: u, cell: c, code: fmt.Sprintf("%s%03d", u.code, i+1), name: fmt.Sprintf("%s%s第%d网格", u.name, mark, i+1)}
		u.grids = append(u.grids, g)
		w.grids = append(w.grids, g)
	}
}

// region emits a division and returns its id.
func (w *world) region(code, name, level, parent string, urban bool) string {
	kind := map[bool]string{true: "urban", false: "rural"}[urban]
	english := map[string]string{"县": " County", "镇": " Town", "街道": " Subdistrict", "村": " Village", "社区": " Community"}
	var en string
	for suffix, word := range english {
		if plain, ok := strings.CutSuffix(name, suffix); ok {
			en = capital(pinyin(plain)) + word + " (demo)"
		}
	}
	return w.put("regions", w.since, row{"code": code, "name_zh": name + mark, "name_en": en, "level": level,
		"urban_rural": kind, "parent": parent})
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

var exclusiveNames = []string{"学校", "医院", "集市", "公园", "工业园"}

// markExclusive makes the last grid of some units an exclusive one: in the
// communities first, then where there are most grids.
func (w *world) markExclusive() {
	units := slices.Clone(w.units)
	slices.SortStableFunc(units, func(a, b *unit) int { return cmp.Compare(len(b.grids), len(a.grids)) })
	for i, u := range units[:w.spec.Exclusive] {
		g := u.grids[len(u.grids)-1]
		g.exclusive = true
		g.code = u.code + "801"
		g.name = fmt.Sprintf("%s%s%s专属网格", u.name, mark, exclusiveNames[i%len(exclusiveNames)])
	}
}

// cut emits the grids and the building zones that they are cut into.
func (w *world) cut() {
	zones := &quota{w.spec.Zones, len(w.grids)}
	for _, g := range w.grids {
		kind, level, weight := "basic", "area", 0.8+0.4*w.rng.Float64()
		if g.unit.urban || g.exclusive {
			level = "compound"
		}
		if g.exclusive {
			kind, weight = "exclusive", 0.2
		}
		g.households = w.homes.draw(w, weight)
		corners := len(g.cell.corners)
		g.id, g.boundary = w.grid(g.code, g.name, kind, level, g.unit, "", g.households, g.cell.wedge(0, corners))
		if w.spec.Zones == 0 {
			g.zones = []zone{{g.id, 0, corners}}
			continue
		}
		n := min(zones.draw(w, 1), corners)
		for k := range n {
			z := zone{a: k * corners / n, b: (k + 1) * corners / n}
			z.id, _ = w.grid(fmt.Sprintf("%s%02d", g.code, k+1), fmt.Sprintf("%s第%d片", g.name, k+1), "micro", "building_zone",
				g.unit, g.id, g.households/n, g.cell.wedge(z.a, z.b))
			g.zones = append(g.zones, z)
		}
	}
}

// grid emits a grid with all that hooks would compute.
func (w *world) grid(code, name, kind, level string, u *unit, parent string, households int, shape orb.Polygon) (string, *geo.Boundary) {
	boundary, err := geo.NewBoundary(orb.MultiPolygon{shape})
	if err != nil {
		w.err = cmp.Or(w.err, fmt.Errorf("boundary of grid %s: %w", code, err))
		return "", nil
	}
	id, path, depth := w.id(), "/", 1
	if parent != "" {
		path, depth = "/"+parent+"/", 2
	}
	w.fences = append(w.fences, geo.Fence{ID: id, Depth: depth, Boundary: boundary})
	w.put("grids", w.since, row{"id": id, "grid_code": code, "name_zh": name, "kind": kind, "level": level, "region": u.id,
		"parent": parent, "path": path + id + "/", "boundary": json.RawMessage(geo.MarshalGeometry(boundary.MultiPolygon())),
		"boundary_version": 1, "boundary_from": stamp(w.since), "center": pointOf(boundary.Center()),
		"area_m2": boundary.Area(), "active": true, "succeeded_by": "", "household_est": households})
	return id, boundary
}

// point is a place as PocketBase writes it.
type point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

func pointOf(p orb.Point) point { return point{p.Lon(), p.Lat()} }

// departments handle categories of matters.
var departments = []struct{ name, categories string }{
	{"县城市管理局", "city_appearance public_facility"},
	{"县住房和城乡建设局", "village_building public_facility"},
	{"县应急管理局", "safety_hazard disaster"},
	{"县司法局", "dispute"},
	{"县民政局", "livelihood errand_service"},
	{"县市场监督管理局", "market_order"},
	{"县生态环境分局", "ecology"},
	{"县卫生健康委员会", "public_health"},
}

// offices emits the units that answer for matters.
func (w *world) offices() {
	office := func(name, kind, region, parent, categories string) string {
		return w.put("organizations", w.since, row{"name": name, "kind": kind, "duty_phone": w.phone(),
			"categories": strings.Fields(categories), "region": region, "parent": parent})
	}
	for _, d := range departments {
		office(d.name+mark, "dept", w.county, "", d.categories)
	}
	office("澄湖自来水公司"+mark, "utility", w.county, "", "public_facility")
	office("澄湖县人民法院"+mark, "court", w.county, "", "")
	for _, t := range w.towns {
		seat := "人民政府"
		if strings.HasSuffix(t.name, "街道") {
			seat = "办事处"
		}
		t.office = office(t.name+mark+seat, "town", t.id, "", "")
		for _, u := range t.units {
			committee := "村民委员会"
			if u.urban {
				committee = "居民委员会"
				office(u.name+mark+"物业服务站", "property", u.id, "", "")
			}
			u.office = office(strings.TrimSuffix(u.name, "村")+mark+committee, "village", u.id, t.office, "")
		}
	}
}
