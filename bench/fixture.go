// Package bench measures gridwalk. This package makes the data that is
// measured; bench/sync measures the real binary over HTTP, and the Go
// benchmarks here measure the same work in one process, for profiles.
package bench

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
	"gridwalk/server"
)

// Spec says what a fixture holds.
type Spec struct {
	Preset     string          // of package demo
	Phones     int             // officers with a device each, spread over the grids
	Grids      func(n int) int // how many grids officer n has; nil for one each
	Registered int             // devices in all, those beyond Phones never connect
	FeedRows   int             // rows in the feed at least; those beyond the demo's are synthetic
	Plain      bool            // made without sealing
}

// Phone is an officer with a device, a token and a place to work.
type Phone struct {
	Officer, Device, Token string
	Grid                   string   // the first of his grids
	Households             []string // in Grid
}

// Open makes the application on dir, with its files open. When plain, nothing is
// sealed and no reading is written down.
func Open(dir string, plain bool) (*pocketbase.PocketBase, error) {
	// PocketBase reads --dir from the command line.
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"gridwalk", "--dir", dir}
	settings := hooks.DefaultSettings()
	settings.Workers = 0 // previews made meanwhile would be measured, and would be changes that nobody made
	settings.NoSealing, settings.NoReadAudit = plain, plain
	app := server.New(settings, slog.New(slog.DiscardHandler))
	if err := app.Bootstrap(); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return app, nil
}

// Make fills the empty folder dir and gives its phones. Everything is written
// by SQL, past hooks and rules, in seconds; what is measured later is not. It
// says on log what it does.
func Make(dir string, spec Spec, log io.Writer) ([]Phone, error) {
	app, err := Open(dir, spec.Plain)
	if err != nil {
		return nil, err
	}
	phones, err := fill(app, spec, log)
	if closed := app.ResetBootstrapState(); err == nil {
		err = closed
	}
	return phones, err
}

func fill(app core.App, spec Spec, log io.Writer) ([]Phone, error) {
	began := time.Now()
	said := func(format string, args ...any) {
		fmt.Fprintf(log, "fixture: %s after %.1f s\n", fmt.Sprintf(format, args...), time.Since(began).Seconds())
	}
	if err := app.RunAllMigrations(); err != nil {
		return nil, fmt.Errorf("make the schema: %w", err)
	}
	county, err := demo.Preset(spec.Preset)
	if err != nil {
		return nil, err
	}
	if err := demo.Load(app, county, 1, time.Now().UTC().Truncate(24*time.Hour), func(int, int) {}); err != nil {
		return nil, err
	}
	said("demo %s", spec.Preset)
	if spec.Grids == nil {
		spec.Grids = func(int) int { return 1 }
	}
	if err := hire(app, max(spec.Phones, spec.Registered), spec.Phones, spec.Grids); err != nil {
		return nil, err
	}
	said("%d officers with a device each", max(spec.Phones, spec.Registered))
	if _, err := replica.Check(app, true); err != nil {
		return nil, err
	}
	said("feed of it")
	if err := padFeed(app, spec.FeedRows); err != nil {
		return nil, err
	}
	said("feed of at least %d rows", spec.FeedRows)
	phones, err := readPhones(app, spec.Phones)
	said("%d tokens", len(phones))
	return phones, err
}

// phoneID is the id of officer, device or assignment number n.
func phoneID(kind string, n int) string { return fmt.Sprintf("bench%s%09d", kind, n) }

// hire makes officers like the demo's first one, each with an active device.
// The first so many that work get neighbouring grids, in turn.
func hire(app core.App, officers, working int, gridsOf func(n int) int) error {
	var grids []string
	err := app.DB().Select("id").From("grids").Where(dbx.HashExp{"kind": "basic"}).OrderBy("grid_code").Column(&grids)
	if err != nil {
		return fmt.Errorf("read grids: %w", err)
	}
	var template struct {
		ID string `db:"id"`
	}
	err = app.DB().Select("id").From("officers").Where(dbx.HashExp{"role": "grid_officer"}).Limit(1).One(&template)
	if err != nil {
		return fmt.Errorf("find an officer: %w", err)
	}
	return app.RunInTransaction(func(tx core.App) error {
		officer, err := copyRow(tx, "officers", []string{"id", "email", "tokenKey"})
		if err != nil {
			return err
		}
		run := func(sql string, params dbx.Params) error {
			if _, err := tx.NonconcurrentDB().NewQuery(sql).Bind(params).Execute(); err != nil {
				return fmt.Errorf("hire: %w", err)
			}
			return nil
		}
		now, assigned := time.Now().UTC().Format("2006-01-02 15:04:05.000Z"), 0
		for n := range officers {
			id := phoneID("o", n)
			err := run(officer, dbx.Params{"template": template.ID, "id": id, "email": id + "@demo.gridwalk.invalid", "tokenKey": strings.Repeat(id, 3)})
			if err != nil {
				return err
			}
			err = run("INSERT INTO devices (id, officer, model, platform, status, created, updated) VALUES ({:id}, {:officer}, 'bench', 'android', 'active', {:now}, {:now})",
				dbx.Params{"id": phoneID("d", n), "officer": id, "now": now})
			if err != nil {
				return err
			}
			if n >= working {
				continue
			}
			for range gridsOf(n) {
				err = run("INSERT INTO grid_assignments (id, grid, user, duty, from_date, created, updated) VALUES ({:id}, {:grid}, {:officer}, 'officer', '2026-01-01 00:00:00.000Z', {:now}, {:now})",
					dbx.Params{"id": phoneID("a", assigned), "grid": grids[assigned%len(grids)], "officer": id, "now": now})
				if err != nil {
					return err
				}
				assigned++
			}
		}
		return nil
	})
}

// copyRow is the statement that copies the row {:template} of a table but for
// some columns, which are parameters.
func copyRow(app core.App, table string, changed []string) (string, error) {
	columns, err := app.TableColumns(table)
	if err != nil {
		return "", fmt.Errorf("read the columns of %s: %w", table, err)
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = "`" + column + "`"
		for _, name := range changed {
			if name == column {
				values[i] = "{:" + name + "}"
			}
		}
	}
	return fmt.Sprintf("INSERT INTO `%s` (`%s`) SELECT %s FROM `%s` WHERE id = {:template}", table,
		strings.Join(columns, "`,`"), strings.Join(values, ","), table), nil
}

// padFeed adds rows of a fleet that is not there: 100 records in each of as
// many scopes as are needed. Nobody holds these scopes.
func padFeed(app core.App, rows int) error {
	var have int
	if err := app.DB().Select("count(*)").From("_sync_feed").Row(&have); err != nil {
		return fmt.Errorf("count the feed: %w", err)
	}
	if have >= rows {
		return nil
	}
	return app.RunInTransaction(func(tx core.App) error {
		for _, sql := range []string{
			"DROP INDEX _sync_feed_scope",
			fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
				INSERT INTO _sync_feed (collection, record, scope, seq, gone)
				SELECT 'visits', printf('zz%%013d', i), printf('grid:bench%%010d', i / 100), (SELECT seq FROM _sync_state) + 1 + i, 0 FROM n`, rows-have-1),
			fmt.Sprintf("UPDATE _sync_state SET seq = seq + %d", rows-have),
			"CREATE INDEX _sync_feed_scope ON _sync_feed (scope, seq)",
		} {
			if _, err := tx.NonconcurrentDB().NewQuery(sql).Execute(); err != nil {
				return fmt.Errorf("pad the feed: %w", err)
			}
		}
		return nil
	})
}

// readPhones gives the first phones with tokens for a day.
func readPhones(app core.App, count int) ([]Phone, error) {
	homes, err := households(app)
	if err != nil {
		return nil, err
	}
	phones := make([]Phone, count)
	for n := range phones {
		officer, err := app.FindRecordById("officers", phoneID("o", n))
		if err != nil {
			return nil, fmt.Errorf("find officer %d: %w", n, err)
		}
		p := Phone{Officer: officer.Id, Device: phoneID("d", n)}
		if p.Token, err = officer.NewStaticAuthToken(24 * time.Hour); err != nil {
			return nil, fmt.Errorf("make a token: %w", err)
		}
		err = app.DB().Select("grid").From("grid_assignments").Where(dbx.HashExp{"user": officer.Id}).OrderBy("id").Limit(1).Row(&p.Grid)
		if err != nil {
			return nil, fmt.Errorf("find the grid of officer %d: %w", n, err)
		}
		p.Households = homes[p.Grid]
		phones[n] = p
	}
	return phones, nil
}

func households(app core.App) (map[string][]string, error) {
	var rows []struct {
		ID   string `db:"id"`
		Grid string `db:"grid"`
	}
	if err := app.DB().Select("id", "grid").From("households").All(&rows); err != nil {
		return nil, fmt.Errorf("read households: %w", err)
	}
	homes := map[string][]string{}
	for _, row := range rows {
		homes[row.Grid] = append(homes[row.Grid], row.ID)
	}
	return homes, nil
}
