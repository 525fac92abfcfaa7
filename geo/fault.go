package geo

import (
	"fmt"
)

// FaultCode is the machine name of a reason to refuse a boundary.
type FaultCode string

// What is wrong with a boundary and cannot be put right without guessing.
const (
	BadJSON            FaultCode = "bad_json"             // not JSON, or not GeoJSON in its structure
	TooLarge           FaultCode = "too_large"            // more than ReadLimits.MaxBytes
	TooManyFeatures    FaultCode = "too_many_features"    // more than ReadLimits.MaxFeatures
	TooManyVertices    FaultCode = "too_many_vertices"    // more than ReadLimits.MaxVertices, or too entangled to verify
	WrongGeometryType  FaultCode = "wrong_geometry_type"  // neither Polygon nor MultiPolygon
	NotANumber         FaultCode = "not_a_number"         // a coordinate is missing, not a number or infinite
	OutOfRange         FaultCode = "out_of_range"         // beyond ±180 or ±90 degrees, or an edge climbs more than 90
	TooFewPoints       FaultCode = "too_few_points"       // fewer than three distinct points, or all on one line
	Antimeridian       FaultCode = "antimeridian"         // an edge spans more than 90 degrees of longitude
	SelfIntersection   FaultCode = "self_intersection"    // rings of one polygon cross or run along each other
	HoleOutsideShell   FaultCode = "hole_outside_shell"   // a hole lies outside its shell or inside another hole
	OverlappingPolygon FaultCode = "overlapping_polygons" // two polygons of one multipolygon share an area
)

// Fault is one reason to refuse a boundary. Feature, Polygon and Ring count from
// 0 (ring 0 is the shell) and are -1 where the fault is not about one.
type Fault struct {
	Code                   FaultCode
	Message                string
	Feature, Polygon, Ring int
}

// Error makes a fault an error that names its place.
func (f Fault) Error() string {
	s := string(f.Code) + ": " + f.Message
	for _, at := range []struct {
		name string
		n    int
	}{{"feature", f.Feature}, {"polygon", f.Polygon}, {"ring", f.Ring}} {
		if at.n >= 0 {
			s += fmt.Sprintf(" (%s %d)", at.name, at.n)
		}
	}
	return s
}

// RepairCode is the machine name of a change, or of an oddity that was let pass.
type RepairCode string

// What was put right, or let pass, because the area meant is beyond doubt.
const (
	ClosedRing     RepairCode = "closed_ring"     // the last point now repeats the first
	RepeatedPoints RepairCode = "repeated_points" // consecutive equal points were merged
	SpikeRemoved   RepairCode = "spike_removed"   // a way there and back on one line; the area is the same
	WindingFixed   RepairCode = "winding_fixed"   // RFC 7946 §3.1.6: shells counterclockwise, holes clockwise
	CrossingCut    RepairCode = "crossing_cut"    // a loop of less than 1 % of the ring's area was cut off
	SelfTouch      RepairCode = "self_touch"      // let pass: a ring touches itself at a point
	SharedEdge     RepairCode = "shared_edge"     // let pass: two polygons lie side by side along an edge
)

// Repair is one change made while reading, with the place it was made at.
type Repair struct {
	Code          RepairCode
	Message       string
	Polygon, Ring int
}
