package geo

import (
	"math"
	"time"

	"github.com/paulmach/orb"
)

// Verdict says where a check-in was made relative to the grids of the officer.
// It informs and never refuses: a refused save is a lost record.
type Verdict string

// The verdicts, from domain.md §2.5.
const (
	Inside      Verdict = "inside"
	NearEdge    Verdict = "near_edge"
	Outside     Verdict = "outside"
	Uncertain   Verdict = "uncertain"
	NoFix       Verdict = "no_fix"
	QRConfirmed Verdict = "qr_confirmed"
)

// Source says how a fix was made.
type Source string

// The sources of a fix.
const (
	SourceGPS     Source = "gps"
	SourceNetwork Source = "network"
	SourceManual  Source = "manual"
	SourceQR      Source = "qr"
	SourceNone    Source = "none"
)

// Reason is a machine name for something that bears on a verdict.
type Reason string

// The reasons. The last three are never given by Judge, which sees one fix: they
// follow from those near it in time, by Neighbours and SuspectDatums.
const (
	ReasonNotANumber          Reason = "not_a_number"
	ReasonLatitudeOutOfRange  Reason = "latitude_out_of_range"
	ReasonLongitudeOutOfRange Reason = "longitude_out_of_range"
	ReasonNullIsland          Reason = "null_island" // 0, 0: a zero value taken for a place
	ReasonBadAccuracy         Reason = "bad_accuracy"
	ReasonAccuracyUnknown     Reason = "accuracy_unknown"
	ReasonCoarseFix           Reason = "coarse_fix"
	ReasonStaleFix            Reason = "stale_fix"
	ReasonFixFromFuture       Reason = "fix_from_future"
	ReasonMockLocation        Reason = "mock_location"
	ReasonNoAssignedGrid      Reason = "no_assigned_grid"
	ReasonImpossibleSpeed     Reason = "impossible_speed"
	ReasonLoneOutside         Reason = "lone_outside" // between others that are inside: he had not left
	ReasonDatumSuspect        Reason = "datum_suspect"
)

// Fix is a position as a phone reported it, already shifted to WGS-84.
type Fix struct {
	Lat, Lng    float64 // degrees; meaningless unless HasPoint
	HasPoint    bool
	Accuracy    float64 // metres, radius of the circle of confidence; meaningless unless HasAccuracy
	HasAccuracy bool
	Age         time.Duration // from the fix to the check-in
	Source      Source
	Mock        bool // the phone says that an app made the position up
}

// Settings are the limits of the verdict.
type Settings struct {
	Buffer      float64       // metres outside that still count as the edge
	MaxAccuracy float64       // metres; a wider circle says nothing
	MaxAge      time.Duration // an older fix is of another place
	MaxSpeed    float64       // metres per second between two fixes of one phone
}

// DefaultSettings are 30 m, 150 m, 5 minutes and 40 m/s.
func DefaultSettings() Settings { return Settings{30, 150, 5 * time.Minute, 40} }

// TooFast says whether a phone that was at a cannot be at b after dt.
func (s Settings) TooFast(a, b orb.Point, dt time.Duration) bool {
	return Speed(a, b, dt) > s.MaxSpeed
}

// jumped says whether nobody can have come from a to b in dt, farther than their
// circles of together so many metres allow.
func (s Settings) jumped(a, b orb.Point, circles float64, dt time.Duration) bool {
	return Haversine(a, b) > circles+minJump && s.TooFast(a, b, dt)
}

// maxLead is how far a phone's clock may run ahead before a fix is odd.
const maxLead = time.Minute

// Judgement is a verdict with what led to it. Distance is the smallest signed
// distance in metres to an assigned boundary, negative inside; it is given
// whenever there is a point and a boundary, also when the verdict is uncertain.
type Judgement struct {
	Verdict     Verdict
	Distance    float64
	HasDistance bool
	Reasons     []Reason
}

// Judge compares a fix with the boundaries assigned to an officer. The first of
// these that holds decides, with a the accuracy (0 when unknown), b the buffer
// and d the distance to the nearest assigned boundary (domain.md §2.5):
//
//	read from a QR code                                   qr_confirmed
//	no point, or one that cannot be                       no_fix
//	a unusable or > MaxAccuracy, stale, nothing assigned  uncertain
//	in any assigned boundary                              inside
//	d ≤ max(b, a)                                         near_edge
//	d − a > b                                             outside
//	else                                                  uncertain
func Judge(fix Fix, assigned []*Boundary, s Settings) Judgement {
	j := Judgement{Verdict: Uncertain}
	point := fix.HasPoint && fix.Source != SourceNone
	if point {
		if why := impossible(fix.Lat, fix.Lng); why != "" {
			point = false
			j.Reasons = append(j.Reasons, why)
		}
	}
	if point {
		j.Distance, j.HasDistance = distance(orb.Point{fix.Lng, fix.Lat}, assigned)
	}
	if fix.Mock {
		j.Reasons = append(j.Reasons, ReasonMockLocation)
	}
	if fix.Source == SourceQR {
		j.Verdict = QRConfirmed
		return j
	}
	if !point {
		j.Verdict = NoFix
		return j
	}
	doubts := doubts(fix, s)
	if !j.HasDistance {
		doubts = append(doubts, ReasonNoAssignedGrid)
	}
	j.Reasons = append(j.Reasons, doubts...)
	accuracy := fix.Accuracy
	if !fix.HasAccuracy {
		j.Reasons = append(j.Reasons, ReasonAccuracyUnknown)
		accuracy = 0
	}
	switch {
	case len(doubts) > 0:
	case j.Distance <= 0:
		j.Verdict = Inside
	case j.Distance <= max(s.Buffer, accuracy):
		j.Verdict = NearEdge
	case j.Distance-accuracy > s.Buffer:
		j.Verdict = Outside
	}
	return j
}

// impossible says why there can be no fix at the coordinates.
func impossible(lat, lng float64) Reason {
	switch {
	case math.IsNaN(lat) || math.IsNaN(lng) || math.IsInf(lat, 0) || math.IsInf(lng, 0):
		return ReasonNotANumber
	case math.Abs(lat) > 90:
		return ReasonLatitudeOutOfRange
	case math.Abs(lng) > 180:
		return ReasonLongitudeOutOfRange
	case math.Abs(lat) < 1e-6 && math.Abs(lng) < 1e-6:
		return ReasonNullIsland
	}
	return ""
}

// doubts are the reasons not to trust the fix either way.
func doubts(fix Fix, s Settings) (why []Reason) {
	switch {
	case !fix.HasAccuracy:
	case !(fix.Accuracy > 0) || math.IsInf(fix.Accuracy, 0): // NaN is not > 0
		why = append(why, ReasonBadAccuracy)
	case fix.Accuracy > s.MaxAccuracy:
		why = append(why, ReasonCoarseFix)
	}
	switch {
	case fix.Age > s.MaxAge:
		why = append(why, ReasonStaleFix)
	case fix.Age < -maxLead:
		why = append(why, ReasonFixFromFuture)
	}
	return why
}

// distance is the smallest signed distance over the boundaries.
func distance(p orb.Point, assigned []*Boundary) (metres float64, ok bool) {
	for _, b := range assigned {
		if b == nil {
			continue
		}
		if d := b.Distance(p); !ok || d < metres {
			metres, ok = d, true
		}
	}
	return metres, ok
}
