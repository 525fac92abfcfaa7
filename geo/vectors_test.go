package geo

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// vectors is testdata/verdicts.json, which every implementation of the verdict
// runs; docs/verdict.md describes it.
type vectors struct {
	Settings  vectorSettings
	Limits    map[string]vectorLimits
	Grids     map[string][]vectorVersion
	Verdicts  []verdictVector
	Presences []presenceVector
}

// number is one that JSON may have to write as text: NaN and the infinities.
type number float64

func (n *number) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	v, err := strconv.ParseFloat(text, 64)
	*n = number(v)
	return err
}

type vectorSettings struct {
	Buffer      *float64 `json:"buffer_m"`
	MaxAccuracy *float64 `json:"max_accuracy_m"`
	MaxAge      *float64 `json:"max_age_s"`
}

// over gives s with what is set in v.
func (v vectorSettings) over(s Settings) Settings {
	if v.Buffer != nil {
		s.Buffer = *v.Buffer
	}
	if v.MaxAccuracy != nil {
		s.MaxAccuracy = *v.MaxAccuracy
	}
	if v.MaxAge != nil {
		s.MaxAge = seconds(*v.MaxAge)
	}
	return s
}

type vectorDwell struct {
	Fixes int
	For   float64 `json:"for_s"`
}

type vectorLimits struct {
	Enter, Leave vectorDwell
	Silence      float64 `json:"silence_s"`
}

func (v vectorLimits) limits() PresenceLimits {
	return PresenceLimits{Dwell{v.Enter.Fixes, seconds(v.Enter.For)}, Dwell{v.Leave.Fixes, seconds(v.Leave.For)}, seconds(v.Silence)}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

type vectorVersion struct {
	Version     int
	From, Until string
	Boundary    json.RawMessage
}

type verdictVector struct {
	Name     string
	At       time.Time
	Assigned []string
	Settings vectorSettings
	Fix      struct {
		Lat, Lng *number
		Accuracy *number `json:"acc_m"`
		Age      float64 `json:"age_s"`
		Source   Source
		Mock     bool
	}
	Want struct {
		Verdict Verdict
		Metres  json.RawMessage // a number, null for none, absent where it is not said
		Reasons []Reason
	}
}

func (v verdictVector) fix() Fix {
	fix := Fix{Age: seconds(v.Fix.Age), Source: v.Fix.Source, Mock: v.Fix.Mock}
	if v.Fix.Lat != nil && v.Fix.Lng != nil {
		fix.Lat, fix.Lng, fix.HasPoint = float64(*v.Fix.Lat), float64(*v.Fix.Lng), true
	}
	if v.Fix.Accuracy != nil {
		fix.Accuracy, fix.HasAccuracy = float64(*v.Fix.Accuracy), true
	}
	return fix
}

type presenceVector struct {
	Name      string
	Limits    string
	Sightings [][2]any
	Want      struct {
		Each      []Presence
		Now       Presence
		Crossings [][2]any
	}
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/verdicts.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// fence gives the boundary of a grid at a time, nil when it had none.
func (v vectors) fence(t *testing.T, grid string, at time.Time) *Boundary {
	t.Helper()
	rows, known := v.Grids[grid]
	if !known {
		t.Fatalf("no grid %s", grid)
	}
	var versions []Version
	for _, row := range rows {
		version := Version{Number: row.Version}
		version.From, _ = time.Parse(time.RFC3339, row.From)
		version.Until, _ = time.Parse(time.RFC3339, row.Until)
		versions = append(versions, version)
	}
	valid, ok := ValidAt(versions, at)
	if !ok {
		return nil
	}
	row := rows[slices.IndexFunc(rows, func(row vectorVersion) bool { return row.Version == valid.Number })]
	mp, _, faults := ParseGeometry(row.Boundary, ReadLimits{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	boundary, err := NewBoundary(mp)
	if err != nil {
		t.Fatal(err)
	}
	return boundary
}

func TestVerdictVectors(t *testing.T) {
	v := readVectors(t)
	if v.Settings.over(Settings{MaxSpeed: 40}) != DefaultSettings() {
		t.Error("the settings of the vectors are not the default")
	}
	if len(v.Verdicts) < 300 {
		t.Errorf("only %d cases", len(v.Verdicts))
	}
	names := map[string]bool{}
	for _, c := range v.Verdicts {
		t.Run(c.Name, func(t *testing.T) {
			if names[c.Name] {
				t.Error("the name is not its own")
			}
			names[c.Name] = true
			var assigned []*Boundary
			for _, grid := range c.Assigned {
				assigned = append(assigned, v.fence(t, grid, c.At))
			}
			got := Judge(c.fix(), assigned, c.Settings.over(DefaultSettings()))
			if got.Verdict != c.Want.Verdict || !slices.Equal(got.Reasons, c.Want.Reasons) {
				t.Errorf("got %+v, want %s %v", got, c.Want.Verdict, c.Want.Reasons)
			}
			checkMetres(t, got, c.Want.Metres)
		})
	}
}

// checkMetres allows for the lattice of 1e-7 degree and the ninth digit.
func checkMetres(t *testing.T, got Judgement, want json.RawMessage) {
	t.Helper()
	switch {
	case want == nil:
	case string(want) == "null":
		if got.HasDistance {
			t.Errorf("%g m, want none", got.Distance)
		}
	default:
		metres, err := strconv.ParseFloat(string(want), 64)
		if err != nil {
			t.Fatal(err)
		}
		if !got.HasDistance || math.Abs(got.Distance-metres) > 0.05 {
			t.Errorf("%g m, want %g", got.Distance, metres)
		}
	}
}

func TestPresenceVectors(t *testing.T) {
	v := readVectors(t)
	if v.Limits["app"].limits() != DefaultPresenceLimits() || v.Limits["check_in"].limits() != CheckInLimits() {
		t.Error("the limits of the vectors are not the default")
	}
	for _, c := range v.Presences {
		t.Run(c.Name, func(t *testing.T) {
			var seen []Sighting
			for _, s := range c.Sightings {
				seen = append(seen, Sighting{morning.Add(seconds(s[0].(float64))), Verdict(s[1].(string))})
			}
			got := v.Limits[c.Limits].limits().Follow(seen)
			if !slices.Equal(got.Each, c.Want.Each) || got.Now != c.Want.Now {
				t.Errorf("got %v, now %s, want %v, now %s", got.Each, got.Now, c.Want.Each, c.Want.Now)
			}
			var crossings []Crossing
			for _, x := range c.Want.Crossings {
				crossings = append(crossings, Crossing{morning.Add(seconds(x[0].(float64))), Presence(x[1].(string))})
			}
			if !slices.EqualFunc(got.Crossings, crossings, func(a, b Crossing) bool { return a.At.Equal(b.At) && a.To == b.To }) {
				t.Errorf("got %v, want %v", got.Crossings, crossings)
			}
		})
	}
}
