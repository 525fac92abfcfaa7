package sim

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
	"gridwalk/server"
)

// process is one running server on a data directory. There are no sockets: its
// handler is called.
type process struct {
	app     *pocketbase.PocketBase
	handler http.Handler
}

// building guards os.Args, from which PocketBase reads --dir.
var building sync.Mutex

func newApp(dir string, now func() time.Time) *pocketbase.PocketBase {
	building.Lock()
	defer building.Unlock()
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"gridwalk", "--dir", dir}
	s := hooks.DefaultSettings()
	s.Now = now
	s.Sync.GroupWait = 0 // phones come one after the other here
	s.Workers = 0        // nothing happens by itself
	return server.New(s, slog.New(slog.DiscardHandler))
}

// startServer starts a server on dir.
func startServer(dir string, now func() time.Time) (*process, error) {
	p := &process{app: newApp(dir, now)}
	if err := p.app.Bootstrap(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	router, err := apis.NewRouter(p.app)
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	err = p.app.OnServe().Trigger(&core.ServeEvent{App: p.app, Router: router, Server: &http.Server{}}, func(e *core.ServeEvent) error {
		p.handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	p.app.Cron().Stop() // it goes by the wall clock
	return p, nil
}

func (p *process) stop() error {
	event := &core.TerminateEvent{App: p.app}
	return p.app.OnTerminate().Trigger(event, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
}

// copyData copies what a killed process or a power cut leaves behind: the
// database with its journal, photographs and what has come of them, as they are
// on the disk.
func copyData(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"data.db", "data.db-wal", "auxiliary.db", "auxiliary.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), raw, 0o644); err != nil {
			return err
		}
	}
	for _, name := range []string{core.LocalStorageDirName, hooks.UploadsDir} {
		source := filepath.Join(from, name)
		if _, err := os.Stat(source); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(source)); err != nil {
			return err
		}
	}
	return nil
}

// markBackup sets in a copy what PocketBase's own backup would have set.
func markBackup(dir string) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, "data.db"))
	if err != nil {
		return err
	}
	_, err = db.Exec("UPDATE _sync_state SET in_backup = 1")
	return errors.Join(err, db.Close())
}
