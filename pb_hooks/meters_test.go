package hooks

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"gridwalk/replica"
)

// Whatever a source sends, a batch is refused with a code or each of its
// readings is either counted within its bounds or named as malformed.
func FuzzBatch(f *testing.F) {
	f.Add([]byte(`{"batch":"a","readings":[{"meter":"YS-1","at":"2026-11-23T00:00:00Z","litres":34000}]}`))
	f.Add([]byte(`{"batch":"a","readings":[{"meter":"YS-1","at":"2026-11-23T00:00:00.123456789+14:00","litres":-1e300},null,7,"x",{"meter":7}]}`))
	f.Add([]byte(`{"batch":"a","readings":[{"meter":"` + string(bytes.Repeat([]byte("水"), 100)) + `","at":"0000-01-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"batch":"a b","readings":[{}]}`))
	f.Add([]byte(`{"batch":"a","readings":[]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, digest, err := readBatch(bytes.NewReader(body))
		if err != nil {
			var refused *replica.Error
			if !errors.As(err, &refused) || refused.Code == "" || digest != "" {
				t.Fatalf("refused without a code: %v", err)
			}
			return
		}
		if len(digest) != 64 || len(request.Readings) == 0 || len(request.Readings) > maxReadings || !batchName.MatchString(request.Batch) {
			t.Fatalf("taken: %q, %d readings", request.Batch, len(request.Readings))
		}
		for i, raw := range request.Readings {
			a := arrivalOf(i, raw)
			if a.counts == (len(a.odd) > 0) || len(a.meter) > maxMeter || !utf8.ValidString(a.meter) {
				t.Fatalf("%s is %+v", raw, a)
			}
			if a.counts && (a.meter == "" || math.Abs(a.Litres) > maxLitres || a.At.Location() != time.UTC || a.At.Nanosecond()%1e6 != 0) {
				t.Fatalf("%s counts as %+v", raw, a)
			}
		}
	})
}
