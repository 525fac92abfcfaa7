package bench

import (
	"encoding/json"
	"net/http"
	"testing"
)

func pullBody(cursor string) []byte {
	return mustJSON(map[string]any{"cursor": cursor, "limit": 1000, "schema": 1})
}

type hydrated struct {
	rows, pages int
	bytes       int64
	cursor      string
}

// hydrate pulls until there is no more.
func hydrate(tb testing.TB, h http.Handler, p Phone) hydrated {
	tb.Helper()
	var out hydrated
	for {
		a := ask(h, p, "/api/sync/pull", pullBody(out.cursor))
		var page struct {
			Changes []struct{} `json:"changes"`
			Cursor  string     `json:"cursor"`
			More    bool       `json:"more"`
		}
		out.bytes += int64(a.Body.Len())
		if err := json.Unmarshal(a.Body.Bytes(), &page); err != nil || a.Code != 200 {
			tb.Fatalf("pull: %d %v %.300s", a.Code, err, a.Body)
		}
		out.rows += len(page.Changes)
		out.pages++
		out.cursor = page.Cursor
		if !page.More {
			return out
		}
	}
}

// BenchmarkHydrate measures phones with four grids each that begin from
// nothing; the metric is rows per second.
func BenchmarkHydrate(b *testing.B) {
	h, phones := world(b, Spec{Preset: "town", Phones: 25, Grids: func(int) int { return 4 }})
	rows := 0
	end := measure(b)
	for i := range b.N {
		rows += hydrate(b, h, phones[i%len(phones)]).rows
	}
	b.ReportMetric(float64(rows)/end().Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/float64(b.N), "rows/phone")
}

// BenchmarkPullIdle measures a pull that finds nothing.
func BenchmarkPullIdle(b *testing.B) {
	h, phones := world(b, Spec{Preset: "town", Phones: 100, Registered: 20_000, FeedRows: 500_000})
	bodies := make([][]byte, len(phones))
	for i, p := range phones {
		bodies[i] = pullBody(hydrate(b, h, p).cursor)
	}
	end := measure(b)
	for i := range b.N {
		if a := ask(h, phones[i%len(phones)], "/api/sync/pull", bodies[i%len(phones)]); a.Code != 200 {
			b.Fatalf("pull: %d %s", a.Code, a.Body)
		}
	}
	end()
}
