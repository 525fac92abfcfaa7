package demo

import (
	"encoding/json"
	"testing"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// fence is a grid as it was emitted.
type fence struct {
	id, parent string
	polygon    orb.Polygon
	boundary   *geo.Boundary
}

func fencesOf(t *testing.T, rows []row) []fence {
	t.Helper()
	var all []fence
	for _, r := range rows {
		raw := r["boundary"].(json.RawMessage)
		polygons, repairs, faults := geo.ParseGeometry(raw, geo.ReadLimits{})
		if len(faults) > 0 || len(repairs) > 0 || len(polygons) != 1 || len(polygons[0]) != 1 {
			t.Fatalf("grid %s is no plain polygon: %v %v", r["grid_code"], faults, repairs)
		}
		boundary, err := geo.NewBoundary(polygons)
		if err != nil {
			t.Fatalf("grid %s: %v", r["grid_code"], err)
		}
		if n := boundary.Vertices(); n > 300 {
			t.Errorf("grid %s has %d vertices", r["grid_code"], n)
		}
		box := boundary.Bound()
		if box.Min[0] < 124 || box.Max[0] > 124.37 || box.Min[1] < 28 || box.Max[1] > 28.33 {
			t.Errorf("grid %s leaves the demo sea: %v", r["grid_code"], box)
		}
		if c := r["center"].(point); !boundary.Contains(orb.Point{c.Lon, c.Lat}) {
			t.Errorf("the centre of grid %s is outside", r["grid_code"])
		}
		all = append(all, fence{r["id"].(string), r["parent"].(string), polygons[0], boundary})
	}
	return all
}

// outline gives the edges that only one of the fences has. Inner edges are
// walked once in each direction, whatever two fences share them.
func outline(t *testing.T, fences []fence) map[[2]orb.Point]bool {
	t.Helper()
	edges := map[[2]orb.Point]bool{}
	for _, f := range fences {
		ring := f.polygon[0]
		for i := range len(ring) - 1 {
			edge := [2]orb.Point{ring[i], ring[i+1]}
			if edges[edge] {
				t.Errorf("two grids lie on the same side of %v", edge)
			}
			edges[edge] = true
		}
	}
	for edge := range edges {
		if back := [2]orb.Point{edge[1], edge[0]}; edges[back] {
			delete(edges, edge)
			delete(edges, back)
		}
	}
	return edges
}

// oneLoop tells whether the edges make one closed line that meets itself nowhere.
func oneLoop(edges map[[2]orb.Point]bool) bool {
	next := map[orb.Point]orb.Point{}
	var at orb.Point
	for edge := range edges {
		next[edge[0]], at = edge[1], edge[0]
	}
	steps := 0
	for first := at; steps == 0 || at != first && steps <= len(edges); steps++ {
		at = next[at]
	}
	return steps == len(edges)
}

func TestGridsShareTheirBordersWithoutGaps(t *testing.T) {
	for _, spec := range []Spec{preset(t, "tiny"), mixed, preset(t, "county")} {
		t.Run(spec.Name, func(t *testing.T) {
			var rows []row
			stop := &struct{ error }{}
			_ = Generate(spec, 1, noon, func(collection string, r map[string]any) error {
				if collection == "officers" {
					return stop
				}
				if collection == "grids" {
					rows = append(rows, r)
				}
				return nil
			})
			fences := fencesOf(t, rows)
			children := map[string][]fence{}
			for _, f := range fences {
				children[f.parent] = append(children[f.parent], f)
			}
			if len(children[""]) != spec.Grids {
				t.Fatalf("%d grids", len(children[""]))
			}
			if !oneLoop(outline(t, children[""])) {
				t.Error("the grids have gaps, or the land has islands")
			}
			for _, f := range children[""] {
				zones := children[f.id]
				if len(zones) == 0 {
					continue
				}
				if got, want := outline(t, zones), outline(t, []fence{f}); len(got) != len(want) || !oneLoop(got) {
					t.Errorf("the zones of %s do not cover it", f.id)
				}
			}
		})
	}
}

func TestAPointOfTheVillageLiesInOneGrid(t *testing.T) {
	var list []geo.Fence
	fences := fencesOf(t, generate(t, preset(t, "tiny"), 3)["grids"])
	var box orb.Bound
	for i, f := range fences {
		list = append(list, geo.Fence{ID: f.id, Depth: 1, Boundary: f.boundary})
		if box = box.Union(f.boundary.Bound()); i == 0 {
			box = f.boundary.Bound()
		}
	}
	index := geo.NewIndex(list)
	const steps = 200
	on := 0
	for i := range steps * steps {
		p := orb.Point{
			box.Min[0] + (box.Max[0]-box.Min[0])*(float64(i%steps)+0.437)/steps,
			box.Min[1] + (box.Max[1]-box.Min[1])*(float64(i/steps)+0.291)/steps,
		}
		found := index.At(p)
		if len(found) > 1 {
			t.Errorf("%v lies in %d grids", p, len(found))
		}
		on += len(found)
	}
	if on < steps*steps/3 {
		t.Errorf("only %d of %d points lie on land", on, steps*steps)
	}
}
