package geo

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// TrackPoint is one point of an officer's track. Places are on a lattice of
// 1e-6 degree (11 cm), finer than any phone can tell, so that two copies of a
// point are equal and every processor sees the same.
type TrackPoint struct {
	At       int64 // Unix milliseconds, UTC
	Lat, Lng int32 // millionths of a degree, WGS-84
	Accuracy int32 // metres, rounded up; 0 when unknown
	Marks    Marks
}

// Marks are what an app knows of a point.
type Marks uint8

// MarkGap says that the app recorded nothing since the point before, because it
// was closed or had no place. MarkMock says that an app made the place up.
const (
	MarkGap    Marks = 1 << iota
	MarkMock         // keep last: knownMarks is made from it
	knownMarks = MarkMock<<1 - 1
)

const (
	// MaxTrackPoints and MaxTrackBytes bound one blob: over an hour at a point a
	// second. Decoding allocates no more than this, whatever a header claims.
	MaxTrackPoints = 5000
	MaxTrackBytes  = 64 << 10
	// minTrackPointBytes is the least that a point takes: one byte a number.
	minTrackPointBytes = 4

	microdegrees = 1e6
	maxLat       = 90 * microdegrees
	maxLng       = 180 * microdegrees
	maxAccuracy  = 100_000 // metres; a coarser place is none

	trackVersion = 1
	wholeSeconds = 1 // flag: times count seconds, else milliseconds
)

// Times that a point can have: this century. A clock that was never set says
// 1970.
var (
	minTrackTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	maxTrackTime = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// TrackFault is why a blob is no track, or points make none: a code for
// programs, docs/tracks.md says them in words.
type TrackFault string

// The faults of a track.
const (
	TrackEmpty       TrackFault = "track_empty"
	TrackTooLarge    TrackFault = "track_too_large"
	TrackBadVersion  TrackFault = "track_bad_version"
	TrackTruncated   TrackFault = "track_truncated"
	TrackTrailing    TrackFault = "track_trailing_bytes"
	TrackBadNumber   TrackFault = "track_bad_number" // a varint that does not end or does not fit
	TrackBadTime     TrackFault = "track_bad_time"   // outside of this century, or not after the point before
	TrackBadPlace    TrackFault = "track_bad_place"
	TrackBadAccuracy TrackFault = "track_bad_accuracy"
	TrackBadMarks    TrackFault = "track_bad_marks"
)

func (f TrackFault) Error() string { return string(f) }

// NewTrackPoint makes a point of a fix: p in degrees WGS-84, accuracy in
// metres, 0 or less and NaN when unknown. The fault is TrackBadTime or
// TrackBadPlace.
func NewTrackPoint(at time.Time, p orb.Point, accuracy float64, marks Marks) (TrackPoint, error) {
	if !(math.Abs(p.Lat()) <= 90 && math.Abs(p.Lon()) <= 180) { // NaN is not ≤
		return TrackPoint{}, TrackBadPlace
	}
	if !(accuracy > 0) {
		accuracy = 0
	}
	point := TrackPoint{At: at.UnixMilli(), Lat: int32(math.Round(p.Lat() * microdegrees)), Lng: int32(math.Round(p.Lon() * microdegrees)),
		Accuracy: int32(math.Ceil(min(accuracy, maxAccuracy))), Marks: marks}
	if fault := point.fault(); fault != "" {
		return TrackPoint{}, fault
	}
	return point, nil
}

// Point gives the place of p in degrees.
func (p TrackPoint) Point() orb.Point {
	return orb.Point{float64(p.Lng) / microdegrees, float64(p.Lat) / microdegrees}
}

// Time gives the time of p in UTC.
func (p TrackPoint) Time() time.Time { return time.UnixMilli(p.At).UTC() }

func (p TrackPoint) fault() TrackFault {
	switch {
	case p.At < minTrackTime || p.At >= maxTrackTime:
		return TrackBadTime
	case p.Lat < -maxLat || p.Lat > maxLat || p.Lng < -maxLng || p.Lng > maxLng:
		return TrackBadPlace
	case p.Accuracy < 0 || p.Accuracy > maxAccuracy:
		return TrackBadAccuracy
	case p.Marks > knownMarks:
		return TrackBadMarks
	}
	return ""
}

// compare orders points by time. Of two with the same time the one that is
// kept comes first: a known accuracy before none, the smaller before the
// greater, then any fixed order.
func (p TrackPoint) compare(q TrackPoint) int {
	return cmp.Or(cmp.Compare(p.At, q.At),
		cmp.Compare(uint32(p.Accuracy-1), uint32(q.Accuracy-1)), // 0 becomes the greatest
		cmp.Compare(p.Lat, q.Lat), cmp.Compare(p.Lng, q.Lng), cmp.Compare(p.Marks, q.Marks))
}

// MergeTracks makes one ordered track of batches that may overlap, repeat each
// other and come in any order: the set of all their points, one for each time.
func MergeTracks(batches ...[]TrackPoint) []TrackPoint {
	all := slices.Concat(batches...)
	slices.SortFunc(all, TrackPoint.compare)
	return slices.CompactFunc(all, func(p, q TrackPoint) bool { return p.At == q.At })
}

// EncodeTrack writes points, ordered by time, as a blob; docs/tracks.md
// describes it byte by byte.
func EncodeTrack(points []TrackPoint) ([]byte, error) {
	switch {
	case len(points) == 0:
		return nil, TrackEmpty
	case len(points) > MaxTrackPoints:
		return nil, TrackTooLarge
	}
	flags, unit := byte(wholeSeconds), int64(1000)
	if slices.ContainsFunc(points, func(p TrackPoint) bool { return p.At%1000 != 0 }) {
		flags, unit = 0, 1
	}
	blob := make([]byte, 0, 16+6*len(points))
	blob = append(blob, trackVersion, flags)
	blob = binary.AppendUvarint(blob, uint64(len(points)))
	var last TrackPoint
	for _, p := range points {
		if fault := p.fault(); fault != "" {
			return nil, fault
		}
		if p.At <= last.At {
			return nil, TrackBadTime
		}
		step := uint64(p.At/unit-last.At/unit) << 1
		if p.Marks != 0 {
			step |= 1
		}
		blob = binary.AppendUvarint(blob, step)
		blob = binary.AppendVarint(blob, int64(p.Lat)-int64(last.Lat))
		blob = binary.AppendVarint(blob, int64(p.Lng)-int64(last.Lng))
		blob = binary.AppendUvarint(blob, uint64(p.Accuracy))
		if p.Marks != 0 {
			blob = append(blob, byte(p.Marks))
		}
		last = p
	}
	if len(blob) > MaxTrackBytes {
		return nil, TrackTooLarge
	}
	return blob, nil
}

// DecodeTrack reads a blob. Errors are TrackFaults.
func DecodeTrack(blob []byte) ([]TrackPoint, error) {
	if len(blob) > MaxTrackBytes {
		return nil, TrackTooLarge
	}
	if len(blob) < 2 {
		return nil, TrackTruncated
	}
	if blob[0] != trackVersion || blob[1]&^wholeSeconds != 0 {
		return nil, TrackBadVersion
	}
	r := trackReader{rest: blob[2:], unit: 1}
	if blob[1] == wholeSeconds {
		r.unit = 1000
	}
	count := r.uint(math.MaxInt64)
	switch {
	case r.fault != "":
		return nil, r.fault
	case count == 0:
		return nil, TrackEmpty
	case count > MaxTrackPoints:
		return nil, TrackTooLarge
	case count*minTrackPointBytes > int64(len(r.rest)):
		return nil, TrackTruncated
	}
	points := make([]TrackPoint, count)
	var last TrackPoint
	for i := range points {
		points[i] = r.point(last)
		if r.fault != "" {
			return nil, r.fault
		}
		last = points[i]
	}
	if len(r.rest) > 0 {
		return nil, TrackTrailing
	}
	return points, nil
}

// trackReader reads numbers until the first fault.
type trackReader struct {
	rest  []byte
	unit  int64 // milliseconds of a time step
	fault TrackFault
}

func (r *trackReader) point(last TrackPoint) TrackPoint {
	step := r.uint(2 * maxTrackTime)
	p := TrackPoint{At: last.At + step>>1*r.unit}
	p.Lat = r.moved(last.Lat, maxLat)
	p.Lng = r.moved(last.Lng, maxLng)
	p.Accuracy = int32(r.uint(math.MaxInt32))
	if step&1 == 1 {
		p.Marks = Marks(r.byte())
	}
	if r.fault == "" {
		r.fault = p.fault()
	}
	if r.fault == "" && p.At <= last.At {
		r.fault = TrackBadTime
	}
	return p
}

func (r *trackReader) uint(most int64) int64 {
	v, n := binary.Uvarint(r.rest)
	r.take(n)
	if v > uint64(most) {
		r.fail(TrackBadNumber)
		return 0
	}
	return int64(v)
}

// moved reads how far a coordinate moved. A sum that runs over is out of range
// on the other side.
func (r *trackReader) moved(from int32, most int64) int32 {
	v, n := binary.Varint(r.rest)
	r.take(n)
	to := int64(from) + v
	if to < -most || to > most {
		r.fail(TrackBadPlace)
		return 0
	}
	return int32(to)
}

func (r *trackReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail(TrackTruncated)
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// take goes on by the n bytes that a number took, as encoding/binary tells it.
func (r *trackReader) take(n int) {
	switch {
	case n > 0:
		r.rest = r.rest[n:]
	case n == 0:
		r.fail(TrackTruncated)
	default:
		r.fail(TrackBadNumber)
	}
}

func (r *trackReader) fail(fault TrackFault) {
	if r.fault == "" {
		r.fault = fault
	}
	r.rest = nil
}
