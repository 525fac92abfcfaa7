package bench

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// profile names a file for a CPU profile of what is measured alone; that of
// -cpuprofile holds the making of the data too.
var profile = flag.String("profile", "", "write a CPU profile of what is measured to this file")

// measure begins the measured part of a benchmark, and gives what ends it.
func measure(b *testing.B) (end func() time.Duration) {
	b.Helper()
	stop := func() {}
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			b.Fatal(err)
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			b.Fatal(err)
		}
		stop = func() {
			pprof.StopCPUProfile()
			if err := file.Close(); err != nil {
				b.Error(err)
			}
		}
	}
	b.ResetTimer()
	began := time.Now()
	return func() time.Duration {
		b.StopTimer()
		stop()
		return time.Since(began)
	}
}

// serve opens the fixture in dir and gives its handler.
func serve(tb testing.TB, dir string) http.Handler {
	tb.Helper()
	_, handler := open(tb, dir, false)
	return handler
}

// open is the same with the application.
func open(tb testing.TB, dir string, plain bool) (core.App, http.Handler) {
	tb.Helper()
	app, err := Open(dir, plain)
	if err != nil {
		tb.Fatal(err)
	}
	router, err := apis.NewRouter(app)
	if err != nil {
		tb.Fatal(err)
	}
	var handler http.Handler
	err = app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router, Server: &http.Server{}}, func(e *core.ServeEvent) error {
		handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		err := app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
		if err != nil {
			tb.Error(err)
		}
	})
	return app, handler
}

// runJob runs what the server does at times, now.
func runJob(app core.App, id string) {
	for _, job := range app.Cron().Jobs() {
		if job.Id() == id {
			job.Run()
		}
	}
}

func world(tb testing.TB, spec Spec) (http.Handler, []Phone) {
	tb.Helper()
	dir := tb.TempDir()
	phones, err := Make(dir, spec, io.Discard)
	if err != nil {
		tb.Fatal(err)
	}
	return serve(tb, dir), phones
}

// ask has the handler answer one request without a network.
func ask(h http.Handler, p Phone, path string, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest("POST", path, bytes.NewReader(body))
	request.Header.Set("Authorization", p.Token)
	request.Header.Set("X-Gridwalk-Device", p.Device)
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer
}

// Every mutation of the workload that is measured is accepted: a benchmark of
// refusals would be fast.
func TestWorkloadIsAccepted(t *testing.T) {
	h, phones := world(t, Spec{Preset: "tiny", Phones: 3, Registered: 20, FeedRows: 5000})
	for i, p := range phones {
		box := NewOutbox(p, uint64(i))
		for range 2 {
			if a := ask(h, p, "/api/sync/push", box.Push(20)); Applied(a.Body.Bytes()) != 20 {
				t.Fatalf("push of phone %d: %d %s", i, a.Code, a.Body)
			}
		}
	}
	hydration := hydrate(t, h, phones[0])
	if hydration.rows < 100 {
		t.Errorf("a phone of the tiny demo hydrates %d rows, want at least 100", hydration.rows)
	}
	if a := ask(h, phones[0], "/api/sync/pull", pullBody(hydration.cursor)); !bytes.Contains(a.Body.Bytes(), []byte(`"changes":[]`)) {
		t.Errorf("pull after hydration: %d %s, want no changes", a.Code, a.Body)
	}
}

// BenchmarkPush measures 64 phones that push 50 visits a request; the metric
// is mutations per second.
func BenchmarkPush(b *testing.B) {
	const connections, perPush = 64, 50
	h, phones := world(b, Spec{Preset: "town", Phones: connections})
	boxes := make([]*Outbox, connections)
	for i, p := range phones {
		boxes[i] = NewOutbox(p, uint64(i))
		if a := ask(h, p, "/api/sync/push", boxes[i].Push(1)); Applied(a.Body.Bytes()) != 1 {
			b.Fatalf("push: %d %s", a.Code, a.Body)
		}
	}
	var left, lost atomic.Int64
	left.Store(int64(b.N))
	end := measure(b)
	var all sync.WaitGroup
	for _, box := range boxes {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				a := ask(h, box.Phone, "/api/sync/push", box.Push(perPush))
				lost.Add(int64(perPush - Applied(a.Body.Bytes())))
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N*perPush)/end().Seconds(), "mutations/s")
	if n := lost.Load(); n > 0 {
		b.Errorf("%d mutations were not applied", n)
	}
}
