package server

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
)

// quickCheckBytes is the size up to which a database is checked for damage at
// every start; larger ones would delay it, and are checked by doctor.
const quickCheckBytes = 64 << 20

// Errors that keep the server from starting.
var (
	ErrDamaged = errors.New("the database is damaged")
	ErrNewer   = errors.New("the database was made by a newer gridwalk")
)

// refuseUnusable keeps the application from serving, and from migrating, a
// database that it cannot trust.
func refuseUnusable(app *pocketbase.PocketBase) {
	app.OnBootstrap().BindFunc(func(e *core.BootstrapEvent) error {
		if err := emptied(e.App.DataDir()); err != nil {
			return err
		}
		if err := e.Next(); err != nil {
			return explain(e.App, err)
		}
		if err := newerMigrations(e.App); err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(e.App.DataDir(), "data.db"))
		if err != nil || info.Size() > quickCheckBytes {
			return nil
		}
		return QuickCheck(e.App)
	})
}

// emptied tells whether the database is gone from a directory that still holds
// uploads: a new one would be made there, and look as if all records were lost.
func emptied(dir string) error {
	for _, name := range []string{"data.db", "data.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Size() > 0 {
			return nil
		}
	}
	uploads, err := filepath.Glob(filepath.Join(dir, core.LocalStorageDirName, "*", "*"))
	if err != nil || len(uploads) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s is empty or missing, and there are uploads beside it; restore the last backup of %s",
		ErrDamaged, filepath.Join(dir, "data.db"), dir)
}

// explain says in words what SQLite says of a file that is no database.
func explain(app core.App, err error) error {
	text := err.Error()
	// Overwritten pages may also hold what can be read and means nothing.
	whole := isWhole(filepath.Join(app.DataDir(), "data.db"))
	if !whole || strings.Contains(text, "malformed") || strings.Contains(text, "not a database") || strings.Contains(text, "corrupt") {
		// The other database, auxiliary.db, holds nothing but the log.
		if whole {
			return fmt.Errorf("%w: %w; only the log is in %s: move it away and start again",
				ErrDamaged, err, filepath.Join(app.DataDir(), "auxiliary.db"))
		}
		return fmt.Errorf("%w: %s: %w; restore the last backup of %s", ErrDamaged, app.DataDir(), err, app.DataDir())
	}
	return fmt.Errorf("open the database in %s: %w", app.DataDir(), err)
}

// isWhole tells whether the pages of a database hang together.
func isWhole(file string) bool {
	db, err := connect(file)
	if err != nil {
		return false
	}
	defer db.Close()
	var found string
	return db.NewQuery("PRAGMA quick_check(1)").Row(&found) == nil && found == "ok"
}

// QuickCheck asks SQLite whether the pages of the database hang together.
func QuickCheck(app core.App) error {
	var found []string
	if err := app.DB().NewQuery("PRAGMA quick_check(5)").Column(&found); err != nil {
		return explain(app, err)
	}
	if len(found) == 1 && found[0] == "ok" {
		return nil
	}
	return fmt.Errorf("%w: %s; restore the last backup of %s", ErrDamaged, strings.Join(found, "; "), app.DataDir())
}

// newerMigrations refuses a database to which migrations were applied that
// this program does not know.
func newerMigrations(app core.App) error {
	var applied []string
	if err := app.DB().Select("file").From(core.DefaultMigrationsTable).Column(&applied); err != nil {
		return nil // a new database has no such table yet
	}
	known := map[string]bool{}
	for _, list := range []core.MigrationsList{core.SystemMigrations, core.AppMigrations} {
		for _, m := range list.Items() {
			known[m.File] = true
		}
	}
	for _, file := range applied {
		if !known[file] {
			return fmt.Errorf("%w: it knows the migration %s, this is version %s; update gridwalk or restore a backup", ErrNewer, file, Version)
		}
	}
	return nil
}

// announce logs, as one structured line, where the server listens.
func announce(app *pocketbase.PocketBase, log *slog.Logger) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		log.Info("serving", "address", e.Server.Addr, "version", Version, "data", e.App.DataDir())
		return nil
	})
}
