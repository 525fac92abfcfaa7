package tracker

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

var now = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// point is where all examples are, at 01:30:05 UTC with ±8 m unless changed.
func point(change func(*geo.TrackPoint)) geo.TrackPoint {
	p, err := geo.NewTrackPoint(time.Date(2026, 11, 23, 1, 30, 5, 0, time.UTC), orb.Point{124.105, 28.105}, 8, 0)
	if err != nil {
		panic(err)
	}
	if change != nil {
		change(&p)
	}
	return p
}

// Payloads as the apps' documentation shows them.
func TestOwnTracks(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []geo.TrackPoint
	}{
		{"Android", `{"_type":"location","BSSID":"b4:b0:24:00:00:00","SSID":"yanshi","acc":8,"alt":45,"batt":83,"bs":1,"conn":"m","created_at":1795397407,"lat":28.105,"lon":124.105,"m":1,"t":"u","tid":"wg","tst":1795397405,"vac":3,"vel":4}`, []geo.TrackPoint{point(nil)}},
		{"iOS", `{"batt":41,"lon":124.105,"acc":8,"p":100.5,"bs":1,"vel":0,"vac":10,"lat":28.105,"topic":"owntracks/u/d","t":"t","conn":"w","m":1,"tst":1795397405,"alt":50,"_type":"location","tid":"JJ"}`, []geo.TrackPoint{point(nil)}},
		{"the least that may come", `{"lon":124.105,"lat":28.105,"_type":"location","tst":1795397405,"tid":"JJ"}`, []geo.TrackPoint{point(func(p *geo.TrackPoint) { p.Accuracy = 0 })}},
		{"a list", `[{"lon":124.105,"lat":28.105,"acc":8,"_type":"location","tst":1795397405},{"_type":"status"}]`, []geo.TrackPoint{point(nil)}},
		{"an empty body", ``, nil},
		{"a transition", `{"_type":"transition","wtst":1795397000,"lat":28.105,"lon":124.105,"tst":1795397405,"acc":8,"tid":"JJ","event":"enter","desc":"home","t":"c"}`, nil},
		{"a waypoint", `{"_type":"waypoint","desc":"x","lat":28.1,"lon":124.1,"rad":50,"tst":1795397405}`, nil},
		{"waypoints", `{"_type":"waypoints","_creator":"t","waypoints":[{"_type":"waypoint","lat":1,"lon":1,"tst":1}]}`, nil},
		{"a last will", `{"_type":"lwt","tst":1795397405}`, nil},
		{"a card", `{"_type":"card","name":"Jane","face":"iV1CFEVkMhmCIKBUKh3","tid":"JJ"}`, nil},
		{"something encrypted", `{"_type":"encrypted","data":"MtVkcjYQNlnMGpWYSFgRBoBzL6v2eg=="}`, nil},
		{"steps", `{"_type":"steps","tst":1,"steps":2}`, nil},
		{"a location without a place", `{"_type":"location","tst":1795397405}`, nil},
		{"a location without a time", `{"_type":"location","lat":28.105,"lon":124.105}`, nil},
		{"latitude 91", `{"_type":"location","lat":91,"lon":124.105,"tst":1795397405}`, nil},
		{"words for numbers", `{"_type":"location","lat":"north","lon":124.105,"tst":1795397405}`, nil},
		{"a number", `5`, nil},
	} {
		got, err := OwnTracks([]byte(c.body))
		if err != nil || !slices.Equal(got.Points, c.want) {
			t.Errorf("%s: %v, %v", c.name, got.Points, err)
		}
	}
	for _, body := range []string{"{", "[", "lat=1", `[{"_type":"location"},`} {
		if _, err := OwnTracks([]byte(body)); err != ErrNotJSON {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestOsmAnd(t *testing.T) {
	for _, c := range []struct {
		name, query, body string
		want              []geo.TrackPoint
	}{
		{"Traccar Client up to 8", "id=S&timestamp=1795397405&lat=28.105&lon=124.105&speed=2.1&bearing=10.0&altitude=45.0&accuracy=8.0&batt=83.0", "", []geo.TrackPoint{point(nil)}},
		{"made up", "id=S&timestamp=1795397405&lat=28.105&lon=124.105&accuracy=8.0&batt=83.0&mock=true", "", []geo.TrackPoint{point(func(p *geo.TrackPoint) { p.Marks = geo.MarkMock })}},
		{"milliseconds", "deviceid=S&timestamp=1795397405123&lat=28.105&lon=124.105&accuracy=8", "", []geo.TrackPoint{point(nil)}},
		{"ISO", "id=S&timestamp=2026-11-23T09:30:05%2B08:00&lat=28.105&lon=124.105&accuracy=8", "", []geo.TrackPoint{point(nil)}},
		{"plain date", "id=S&timestamp=2026-11-23+01:30:05&lat=28.105&lon=124.105&accuracy=8", "", []geo.TrackPoint{point(nil)}},
		{"OsmAnd", "id=S&lat=28.105&lon=124.105&timestamp=1795397405&hdop=8.0&altitude=45&speed=1.2", "", []geo.TrackPoint{point(func(p *geo.TrackPoint) { p.Accuracy = 0 })}},
		{"place in one", "id=S&location=28.105,124.105&timestamp=1795397405&accuracy=8", "", []geo.TrackPoint{point(nil)}},
		{"no time is now", "id=S&lat=28.105&lon=124.105&accuracy=8", "", []geo.TrackPoint{point(func(p *geo.TrackPoint) { p.At = now.UnixMilli() })}},
		{"not valid", "id=S&lat=28.105&lon=124.105&timestamp=1795397405&valid=false", "", nil},
		{"no place", "id=S&batt=50", "", nil},
		{"latitude 91", "id=S&lat=91&lon=124.105&timestamp=1795397405", "", nil},
		{"a time that is none", "id=S&lat=28.105&lon=124.105&timestamp=yesterday", "", nil},
		{"Traccar Client from 9 on", "", `{"location":{"timestamp":"2026-11-23T01:30:05.123Z","coords":{"latitude":28.105,"longitude":124.105,"accuracy":7.9,"speed":1.2,"heading":90.5,"altitude":45.1},"is_moving":true,"odometer":1234.5,"event":"motionchange","battery":{"level":0.83,"is_charging":false},"activity":{"type":"walking"},"extras":{}},"device_id":"S"}`, []geo.TrackPoint{point(nil)}},
		{"several", "", `{"location":[{"timestamp":"2026-11-23T01:30:05Z","coords":{"latitude":28.105,"longitude":124.105,"accuracy":8}},{"timestamp":"x","coords":{}}],"device_id":"S"}`, []geo.TrackPoint{point(nil)}},
		{"no coordinates", "", `{"location":{"timestamp":"2026-11-23T01:30:05Z"},"device_id":"S"}`, nil},
	} {
		params, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := OsmAnd(params, []byte(c.body), now)
		if err != nil || got.ID != "S" || !slices.Equal(got.Points, c.want) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
	if _, err := OsmAnd(nil, []byte("{"), now); err != ErrNotJSON {
		t.Error(err)
	}
}

func FuzzTracker(f *testing.F) {
	f.Add(`{"_type":"location","lat":28.105,"lon":124.105,"tst":1795397405}`, "id=S&lat=1&lon=2&timestamp=1e300")
	f.Add(`{"location":{"timestamp":1e99,"coords":{"latitude":1,"longitude":2}},"device_id":5}`, "location=,&timestamp=NaN")
	f.Fuzz(func(t *testing.T, body, query string) {
		params, _ := url.ParseQuery(query)
		a, _ := OwnTracks([]byte(body))
		b, _ := OsmAnd(params, []byte(body), now)
		for _, p := range slices.Concat(a.Points, b.Points) {
			if _, err := geo.EncodeTrack([]geo.TrackPoint{p}); err != nil || p.At%1000 != 0 {
				t.Fatalf("%v: %v", p, err)
			}
		}
	})
}
