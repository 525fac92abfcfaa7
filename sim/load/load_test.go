package load

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
	"gridwalk/server"
)

// tinyDemo serves the tiny demo.
func tinyDemo(t *testing.T) (core.App, string) {
	t.Helper()
	args := os.Args
	os.Args = []string{"gridwalk", "--dir", t.TempDir()} // PocketBase reads --dir from there
	app := server.New(hooks.DefaultSettings(), slog.New(slog.DiscardHandler))
	os.Args = args
	spec, err := demo.Preset("tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		app.Bootstrap,
		app.RunAllMigrations,
		func() error {
			return demo.Load(app, spec, 1, time.Now().UTC().Truncate(24*time.Hour), func(int, int) {})
		},
		func() error { _, err := replica.Check(app, true); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	var handler http.Handler
	err = app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router, Server: &http.Server{}}, func(e *core.ServeEvent) error {
		handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(func() {
		web.Close()
		err := app.OnTerminate().Trigger(&core.TerminateEvent{App: app}, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
		if err != nil {
			t.Error(err)
		}
	})
	return app, web.URL
}

// Every profile ends by itself, empties all outboxes, and makes as many writes
// as it says, each stored once, though answers are lost on the way.
func TestRunEmptiesEveryOutbox(t *testing.T) {
	app, url := tinyDemo(t)
	for _, c := range []struct {
		profile string
		phones  int
		writes  int
	}{{"rural", 4, 42}, {"urban", 2, 42}, {"storm", 10, 20}} {
		t.Run(c.profile, func(t *testing.T) {
			before := handled(t, app)
			report, err := Run(t.Context(), Config{URL: url, Email: demo.Superuser, Password: demo.Password,
				Phones: c.phones, Profile: c.profile, Minutes: 0.01, PID: os.Getpid(), Seed: 7}, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			want := c.phones * c.writes
			if report.Mutations != want || report.Waiting != 0 {
				t.Errorf("%d mutations handled, %d wait, want %d and 0", report.Mutations, report.Waiting, want)
			}
			if stored := handled(t, app) - before; stored != want {
				t.Errorf("%d mutations in the history, want %d", stored, want)
			}
			if len(report.Rejections) > 0 || len(report.Errors) > 0 {
				t.Errorf("rejections %v, errors %v, want none", report.Rejections, report.Errors)
			}
			if report.Push.Requests == 0 || report.Pull.P99 <= 0 || report.WireBytesPerPhone == 0 || report.ServerPeakRSS == 0 {
				t.Errorf("the report lacks figures: %+v", report)
			}
			var text strings.Builder
			report.Print(&text)
			if !strings.Contains(text.String(), c.profile) {
				t.Errorf("the report does not name its profile:\n%s", text.String())
			}
		})
	}
}

// handled counts what the history knows of mutations.
func handled(t *testing.T, app core.App) int {
	t.Helper()
	var n int
	if err := app.DB().Select("count(*)").From("_sync_history").Where(dbx.NewExp("mutation != ''")).Row(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A slip in the flags is told at once, and no other machine is ever loaded.
func TestRunRefuses(t *testing.T) {
	good := Config{URL: "http://127.0.0.1:1", Phones: 1, Profile: "rural", Minutes: 1}
	for _, c := range []struct {
		name   string
		change func(*Config)
	}{
		{"a host on the network", func(c *Config) { c.URL = "http://192.0.2.1:8090" }},
		{"a name that only looks local", func(c *Config) { c.URL = "http://localhost.example.org" }},
		{"a host behind a user name", func(c *Config) { c.URL = "http://127.0.0.1@example.org/" }},
		{"no host", func(c *Config) { c.URL = "127.0.0.1:8090" }},
		{"an unknown profile", func(c *Config) { c.Profile = "alpine" }},
		{"no phones", func(c *Config) { c.Phones = 0 }},
		{"too many phones", func(c *Config) { c.Phones = MaxPhones + 1 }},
		{"no time", func(c *Config) { c.Minutes = 0 }},
		{"too much time", func(c *Config) { c.Minutes = MaxMinutes + 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := good
			c.change(&config)
			if _, err := Run(t.Context(), config, io.Discard); !errors.Is(err, ErrConfig) {
				t.Errorf("error is %v, want ErrConfig", err)
			}
		})
	}
}

func TestTimesAt(t *testing.T) {
	var times Times
	if got := times.At(99); got != 0 {
		t.Errorf("p99 of nothing is %v, want 0", got)
	}
	for i := range 100 {
		times.Add(time.Duration(100-i) * time.Millisecond)
	}
	for percent, want := range map[float64]time.Duration{50: 51 * time.Millisecond, 99: 100 * time.Millisecond, 100: 100 * time.Millisecond} {
		if got := times.At(percent); got != want {
			t.Errorf("p%v is %v, want %v", percent, got, want)
		}
	}
}
