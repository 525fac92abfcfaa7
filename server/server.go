// Package server builds the gridwalk application: PocketBase with our schema,
// our hooks, and a database that does not forget what it has confirmed.
package server

import (
	"log/slog"
	"path/filepath"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"

	hooks "gridwalk/pb_hooks"
	_ "gridwalk/pb_migrations" // registers the schema
)

// DefaultDir is where the data is kept unless --dir says otherwise.
const DefaultDir = "gw_data"

// Version of gridwalk; the linker sets it for a release.
var Version = "dev"

// New makes the application. It opens no file before it is started or
// bootstrapped.
func New(settings hooks.Settings, log *slog.Logger) *pocketbase.PocketBase {
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir: DefaultDir,
		DBConnect:      connect,
		// Every connection has a page cache: what many requests at once gain by
		// more connections, two cores do not have.
		DataMaxOpenConns: 24,
		DataMaxIdleConns: 8,
		HideStartBanner:  true,
	})
	app.RootCmd.Use = "gridwalk"
	app.RootCmd.Short = "Offline-first backend for grid officers"
	app.RootCmd.Version = Version
	hooks.Register(app, settings)
	refuseUnusable(app)
	announce(app, log)
	return app
}

// connect opens a database. The data itself is written with synchronous=FULL:
// a phone that was told that a record is safe deletes its only copy, so it must
// be on the disk and not only in a page cache. Logs may lose their last seconds.
func connect(path string) (*dbx.DB, error) {
	synchronous := "FULL"
	if filepath.Base(path) == "auxiliary.db" {
		synchronous = "NORMAL"
	}
	// busy_timeout comes first: switching to WAL may have to wait for another
	// connection.
	return dbx.Open("sqlite", path+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)"+
		"&_pragma=synchronous("+synchronous+")&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-8000)")
}
