package maps

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"gridwalk/geo"
)

const (
	// phoneUnit is the resolution of a phone's map: 1e-6 degree, 11 cm.
	phoneUnit = 1e6
	// phoneTolerance is how far, in degrees, a simplified border may lie from the
	// real one: 1 m of latitude, less of longitude.
	phoneTolerance = 0.9e-5
)

// Site is a building on a map. At is nil when nobody has said where it stands.
type Site struct {
	ID, Name, Kind string
	Hazards        []string
	Homes          int  // households in it, 0 also for whoever may not know
	Care           bool // somebody in it has a care plan; false also for whoever may not know
	At             *orb.Point
}

// SubGrid is a grid below the one on the map.
type SubGrid struct {
	ID, Code, Name string
	Shape          orb.MultiPolygon
}

// PhoneMap is the map of a grid as phones get it: docs/protocol.md. All
// positions are whole millionths of a degree, delta-coded.
type PhoneMap struct {
	Format    int         `json:"format"`
	Grid      string      `json:"grid"`
	GridCode  string      `json:"grid_code"`
	Name      string      `json:"name_zh"`
	Version   int         `json:"boundary_version"`
	Origin    [2]int64    `json:"origin"`
	Boundary  [][][]int64 `json:"boundary"`
	Below     []PhoneGrid `json:"below"`
	Buildings PhoneSites  `json:"buildings"`
}

// PhoneGrid is a grid below.
type PhoneGrid struct {
	ID       string      `json:"id"`
	Code     string      `json:"grid_code"`
	Name     string      `json:"name_zh"`
	Boundary [][][]int64 `json:"boundary"`
}

// PhoneSites are buildings as columns of one table. Place holds 2 numbers for
// each that is placed, in order; Unplaced, Care and Hazards count rows from 0.
type PhoneSites struct {
	ID       []string         `json:"id"`
	Name     []string         `json:"name"`
	Kind     []string         `json:"kind"`
	Homes    []int            `json:"homes"`
	Place    []int64          `json:"place"`
	Unplaced []int            `json:"unplaced,omitempty"`
	Care     []int            `json:"care,omitempty"`
	Hazards  map[string][]int `json:"hazards,omitempty"`
}

// NewPhoneMap packs a map. Equal input gives equal output, byte for byte once it
// is JSON.
func NewPhoneMap(grid SubGrid, version int, below []SubGrid, sites []Site) PhoneMap {
	center := grid.Shape.Bound().Center()
	m := PhoneMap{Format: 1, Grid: grid.ID, GridCode: grid.Code, Name: grid.Name, Version: version, Origin: quantised(center), Below: []PhoneGrid{}}
	m.Boundary = m.pack(grid.Shape)
	for _, g := range below {
		m.Below = append(m.Below, PhoneGrid{g.ID, g.Code, g.Name, m.pack(g.Shape)})
	}
	m.Buildings = m.sites(sites)
	return m
}

func quantised(p orb.Point) [2]int64 {
	return [2]int64{int64(math.Round(p[0] * phoneUnit)), int64(math.Round(p[1] * phoneUnit))}
}

// pack gives polygons, rings, and in each ring the steps from point to point,
// the first from the origin. The last point does not repeat the first.
func (m PhoneMap) pack(shape orb.MultiPolygon) [][][]int64 {
	packed := make([][][]int64, 0, len(shape))
	for _, polygon := range simplified(shape) {
		rings := make([][]int64, 0, len(polygon))
		for _, ring := range polygon {
			steps, last := make([]int64, 0, 2*len(ring)), m.Origin
			for i, p := range ring[:len(ring)-1] {
				at := quantised(p)
				if i > 0 && at == last {
					continue
				}
				steps = append(steps, at[0]-last[0], at[1]-last[1])
				last = at
			}
			rings = append(rings, steps)
		}
		packed = append(packed, rings)
	}
	return packed
}

// simplified leaves out points that matter less than a metre, ring by ring; a
// ring that would vanish, and a shape that would cross itself, stays whole.
func simplified(shape orb.MultiPolygon) orb.MultiPolygon {
	lean := make(orb.MultiPolygon, len(shape))
	for p, polygon := range shape {
		for _, ring := range polygon {
			short := simplify.DouglasPeucker(phoneTolerance).Ring(ring.Clone())
			if len(short) < 4 {
				short = ring
			}
			lean[p] = append(lean[p], short)
		}
	}
	if _, _, faults := geo.Mend(lean); len(faults) > 0 {
		return shape
	}
	return lean
}

func (m PhoneMap) sites(sites []Site) PhoneSites {
	s := PhoneSites{ID: []string{}, Name: []string{}, Kind: []string{}, Homes: []int{}, Place: []int64{}}
	last := m.Origin
	for i, site := range sites {
		s.ID, s.Name, s.Kind, s.Homes = append(s.ID, site.ID), append(s.Name, site.Name), append(s.Kind, site.Kind), append(s.Homes, site.Homes)
		if site.At == nil {
			s.Unplaced = append(s.Unplaced, i)
		} else {
			at := quantised(*site.At)
			s.Place = append(s.Place, at[0]-last[0], at[1]-last[1])
			last = at
		}
		if site.Care {
			s.Care = append(s.Care, i)
		}
		for _, hazard := range site.Hazards {
			if s.Hazards == nil {
				s.Hazards = map[string][]int{}
			}
			s.Hazards[hazard] = append(s.Hazards[hazard], i)
		}
	}
	return s
}
