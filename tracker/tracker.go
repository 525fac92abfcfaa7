// Package tracker reads what free tracking apps send over HTTP: OwnTracks
// (https://owntracks.org/booklet/tech/http and …/tech/json) and Traccar Client,
// which speaks the OsmAnd protocol (https://www.traccar.org/osmand/). Only time,
// place and accuracy are taken: speed, bearing, battery, activity and the rest
// are not needed and not kept.
//
// What an app says besides places, or a place that cannot be, is left out
// without an error: an app that is refused sends the same again for ever.
package tracker

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// ErrNotJSON is of a body that no app sends.
var ErrNotJSON = errors.New("the body is not JSON")

// Report is what an app sent.
type Report struct {
	ID     string           // by which the app names itself; OwnTracks signs in instead
	Points []geo.TrackPoint // in the order in which they came, whole seconds
}

// OwnTracks reads one message, or a list of them. An empty body is one without
// places: the app sends it when a friend was removed.
func OwnTracks(body []byte) (Report, error) {
	messages, err := list(body)
	if err != nil {
		return Report{}, err
	}
	var report Report
	for _, message := range messages {
		var m struct {
			Type string   `json:"_type"`
			Lat  *float64 `json:"lat"`
			Lon  *float64 `json:"lon"`
			Tst  float64  `json:"tst"` // Unix seconds of the fix
			Acc  float64  `json:"acc"`
		}
		if json.Unmarshal(message, &m) == nil && m.Type == "location" && m.Lat != nil && m.Lon != nil {
			report.add(unix(m.Tst), *m.Lat, *m.Lon, m.Acc, false)
		}
	}
	return report, nil
}

// OsmAnd reads the parameters of the address and of a form, or the JSON that
// Traccar Client sends from version 9 on. A place without a time is of now.
func OsmAnd(params url.Values, body []byte, now time.Time) (Report, error) {
	report := Report{ID: first(params, "id", "deviceid")}
	if params.Has("lat") || params.Has("location") {
		report.addParams(params, now)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return report, nil
	}
	messages, err := list(body)
	if err != nil {
		return Report{}, err
	}
	for _, message := range messages {
		report.addTraccar(message, now)
	}
	return report, nil
}

func (r *Report) addParams(params url.Values, now time.Time) {
	lat, lon := first(params, "lat"), first(params, "lon")
	if place := first(params, "location"); place != "" {
		lat, lon, _ = strings.Cut(place, ",")
	}
	y, errY := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	x, errX := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	at, ok := parseTime(first(params, "timestamp"), now)
	if errY != nil || errX != nil || !ok || isFalse(first(params, "valid")) {
		return
	}
	accuracy, err := strconv.ParseFloat(first(params, "accuracy"), 64)
	if err != nil {
		accuracy = 0
	}
	mock, _ := strconv.ParseBool(first(params, "mock"))
	r.add(at, y, x, accuracy, mock)
}

func (r *Report) addTraccar(message json.RawMessage, now time.Time) {
	var m struct {
		DeviceID json.RawMessage `json:"device_id"`
		Location json.RawMessage `json:"location"`
	}
	if json.Unmarshal(message, &m) != nil {
		return
	}
	if id := strings.Trim(string(m.DeviceID), `"`); id != "" && id != "null" {
		r.ID = id
	}
	locations, err := list(m.Location)
	if err != nil {
		return
	}
	for _, location := range locations {
		var l struct {
			Timestamp json.RawMessage `json:"timestamp"`
			Mock      bool            `json:"mock"`
			Coords    struct {
				Latitude  *float64 `json:"latitude"`
				Longitude *float64 `json:"longitude"`
				Accuracy  float64  `json:"accuracy"`
			} `json:"coords"`
		}
		if json.Unmarshal(location, &l) != nil || l.Coords.Latitude == nil || l.Coords.Longitude == nil {
			continue
		}
		if at, ok := parseTime(strings.Trim(string(l.Timestamp), `"`), now); ok {
			r.add(at, *l.Coords.Latitude, *l.Coords.Longitude, l.Coords.Accuracy, l.Mock)
		}
	}
}

// add takes a place if there can be one. Times are cut to whole seconds: a
// repeat of a point is then the same point, whichever way it came.
func (r *Report) add(at time.Time, lat, lon, accuracy float64, mock bool) {
	var marks geo.Marks
	if mock {
		marks = geo.MarkMock
	}
	if p, err := geo.NewTrackPoint(at.Truncate(time.Second), orb.Point{lon, lat}, accuracy, marks); err == nil {
		r.Points = append(r.Points, p)
	}
}

// list gives the values of a JSON array, or the one value that is not an array.
func list(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, nil
	}
	if body[0] == '[' {
		var values []json.RawMessage
		if err := json.Unmarshal(body, &values); err != nil {
			return nil, ErrNotJSON
		}
		return values, nil
	}
	if !json.Valid(body) {
		return nil, ErrNotJSON
	}
	return []json.RawMessage{body}, nil
}

// parseTime reads Unix seconds, Unix milliseconds, ISO 8601, or «2026-11-23
// 08:30:00» in UTC, as Traccar's server does. No text is now.
func parseTime(text string, now time.Time) (time.Time, bool) {
	if text == "" || text == "null" {
		return now, true
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return unix(n), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// millisecondsFrom is 1973 in milliseconds and the year 5138 in seconds.
const millisecondsFrom = 1e11

// unix reads seconds or milliseconds since 1970; what is neither is the zero
// time, which no point can have.
func unix(n float64) time.Time {
	if n < millisecondsFrom {
		n *= 1000
	}
	if !(math.Abs(n) < 1e14) { // NaN is not <
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

func first(params url.Values, names ...string) string {
	for _, name := range names {
		if v := params.Get(name); v != "" {
			return v
		}
	}
	return ""
}

func isFalse(text string) bool {
	valid, err := strconv.ParseBool(text)
	return err == nil && !valid
}
