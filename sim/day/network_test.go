package day

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/commands"
	hooks "gridwalk/pb_hooks"
	"gridwalk/server"
)

// china has one time zone and no summer time.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// signal is a state of the network, from domain.md §6.3.
type signal struct {
	delay time.Duration // of a request and its answer
	bits  float64       // a second
	loss  float64       // share of requests or answers that vanish
}

var (
	good = signal{40 * time.Millisecond, 10e6, 0}
	weak = signal{900 * time.Millisecond, 60e3, 0.15}
	flap = signal{300 * time.Millisecond, 1e6, 0} // breaks where a row of the day says so
	none = signal{loss: 1}
)

// accident happens to the next request whose path begins so.
type accident struct {
	path string
	// arrives is how much of the body reaches the server; -1 is all of it, and
	// then only the answer is lost.
	arrives int
}

var errLost = errors.New("no answer")

// link is the network between one phone and the server. Time passes while it
// works.
type link struct {
	d         *day
	signal    signal
	accidents []accident
	sent, got int      // bytes of bodies
	offsets   []string // at which photographs were resumed
}

// RoundTrip implements http.RoundTripper.
func (l *link) RoundTrip(request *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	if l.signal == none || l.d.rng.Float64() < l.signal.loss/2 {
		l.d.pass(time.Second)
		return nil, errLost
	}
	if request.Method == http.MethodPatch {
		l.offsets = append(l.offsets, request.Header.Get("Upload-Offset"))
	}
	arrives, lost := len(raw), l.d.rng.Float64() < l.signal.loss/2
	if len(l.accidents) > 0 && strings.HasPrefix(request.Method+" "+request.URL.Path, l.accidents[0].path) {
		if n := l.accidents[0].arrives; n >= 0 {
			arrives = n
		}
		lost, l.accidents = true, l.accidents[1:]
	}
	l.sent += arrives
	var body io.Reader = bytes.NewReader(raw)
	if arrives < len(raw) {
		body = io.MultiReader(bytes.NewReader(raw[:arrives]), cut{})
	}
	request = request.Clone(request.Context())
	request.Body = io.NopCloser(body)
	answer := l.d.serve(request)
	l.got += answer.Body.Len()
	l.d.pass(l.signal.delay + time.Duration(float64(8*(arrives+answer.Body.Len()))/l.signal.bits*float64(time.Second)))
	if lost {
		return nil, errLost
	}
	return answer.Result(), nil
}

// cut is where a body breaks off.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// serve has the server answer. There are no sockets: its handler is called.
func (d *day) serve(request *http.Request) *httptest.ResponseRecorder {
	request.RemoteAddr = "127.0.0.1:1"
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, request)
	return recorder
}

// asks is a request of somebody at a desk with a browser, who is always online.
func (d *day) asks(token, method, path string, body any) (int, fields) {
	d.t.Helper()
	raw, err := json.Marshal(body)
	d.must(err)
	request := httptest.NewRequestWithContext(context.Background(), method, "http://day"+path, bytes.NewReader(raw))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	recorder := d.serve(request)
	var answer fields
	_ = json.Unmarshal(recorder.Body.Bytes(), &answer)
	return recorder.Code, answer
}

// start serves the data in dir by the clock of the day.
func (d *day) start(dir string) {
	d.t.Helper()
	d.app = newApp(dir, d.clock)
	d.must(d.app.Bootstrap())
	d.must(d.app.RunAllMigrations())
	router, err := apis.NewRouter(d.app)
	d.must(err)
	d.must(d.app.OnServe().Trigger(&core.ServeEvent{App: d.app, Router: router, Server: &http.Server{}}, func(e *core.ServeEvent) error {
		d.handler, err = e.Router.BuildMux()
		return err
	}))
	d.app.Cron().Stop() // it goes by the wall clock
}

func (d *day) stop() {
	d.must(d.app.OnTerminate().Trigger(&core.TerminateEvent{App: d.app}, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() }))
}

// newApp makes an app on dir, which PocketBase reads from the command line.
func newApp(dir string, now func() time.Time) *pocketbase.PocketBase {
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"gridwalk", "--dir", dir}
	s := hooks.DefaultSettings()
	s.Now = now
	s.Sync.GroupWait = 0 // phones come one after the other here
	return server.New(s, slog.New(slog.DiscardHandler))
}

// doctor is what «gridwalk doctor» says of the data when the server has stopped.
func (d *day) doctor() string {
	var out, errOut bytes.Buffer
	app := newApp(d.app.DataDir(), d.clock)
	if err := commands.Run(app, []string{"doctor"}, &out, &errOut); err != nil {
		return out.String() + errOut.String() + err.Error()
	}
	return out.String()
}

func (d *day) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// pass lets time pass.
func (d *day) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

// at sets the clock to a time of the day in China, and runs what the server
// runs in every minute until then.
func (d *day) at(clock string) {
	d.t.Helper()
	to, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, china)
	d.must(err)
	if d.clock().After(to) {
		d.t.Fatalf("it is %s already", d.clock().In(china).Format(time.TimeOnly))
	}
	for d.clock().Before(to) {
		d.pass(min(time.Minute, to.Sub(d.clock())))
		d.everyMinute()
	}
}

func (d *day) everyMinute() {
	for _, job := range d.app.Cron().Jobs() {
		if job.Expression() == "* * * * *" {
			job.Run()
		}
	}
}
