package demo

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	_ "gridwalk/pb_migrations"
	"gridwalk/seal"
	"gridwalk/sealed"
)

func newApp(t *testing.T) core.App {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
	sealed.Bind(app, seal.Known())
	if err := app.Bootstrap(); err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		if err := app.ResetBootstrapState(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	if err := app.RunAllMigrations(); err != nil {
		t.Fatalf("make the schema: %v", err)
	}
	return app
}

func ignore(int, int) {}

func TestLoadedRecordsSatisfyTheSchema(t *testing.T) {
	for _, spec := range []Spec{preset(t, "tiny"), mixed} {
		t.Run(spec.Name, func(t *testing.T) {
			app := newApp(t)
			last := [2]int{}
			if err := Load(app, spec, 1, noon, func(done, total int) { last = [2]int{done, total} }); err != nil {
				t.Fatal(err)
			}
			if last != [2]int{spec.Residents, spec.Residents} {
				t.Errorf("progress ended with %v", last)
			}
			for collection, rows := range generate(t, spec, 1) {
				records, err := app.FindAllRecords(collection)
				if err != nil {
					t.Fatal(err)
				}
				want := len(rows)
				if collection == "consents" { // each meter has one, which the cases make
					meters, err := app.CountRecords("sensors")
					if err != nil {
						t.Fatal(err)
					}
					want += int(meters)
				}
				if len(records) != want {
					t.Errorf("%d %s, want %d", len(records), collection, want)
				}
				for _, r := range records {
					if err := app.Validate(r); err != nil {
						t.Fatalf("%s %s: %v", collection, r.Id, err)
					}
				}
			}
		})
	}
}

func TestTheLoginsOfALoadedDemoWork(t *testing.T) {
	app := newApp(t)
	if loaded, err := Loaded(app); err != nil || loaded {
		t.Fatalf("an empty database is loaded: %v %v", loaded, err)
	}
	if err := Load(app, preset(t, "tiny"), 1, noon, ignore); err != nil {
		t.Fatal(err)
	}
	if loaded, err := Loaded(app); err != nil || !loaded {
		t.Fatalf("a loaded database is not: %v %v", loaded, err)
	}
	want, err := Officers(preset(t, "tiny"), 1)
	if err != nil {
		t.Fatal(err)
	}
	byEmail := map[string]Account{}
	for _, a := range want {
		byEmail[a.Email] = a
	}
	accounts, err := Accounts(app)
	if err != nil || len(accounts) != len(want) {
		t.Fatalf("%d accounts, want %d: %v", len(accounts), len(want), err)
	}
	for _, a := range accounts {
		if a != byEmail[a.Email] {
			t.Errorf("account %+v, want %+v", a, byEmail[a.Email])
		}
		r, err := app.FindAuthRecordByEmail("officers", a.Email)
		if err != nil || !r.ValidatePassword(Password) || !r.Verified() || len(r.TokenKey()) < 30 {
			t.Errorf("%s cannot sign in: %v", a.Email, err)
		}
	}
	admin, err := app.FindAuthRecordByEmail(core.CollectionNameSuperusers, Superuser)
	if err != nil || !admin.ValidatePassword(Password) {
		t.Errorf("the superuser cannot sign in: %v", err)
	}
}

func TestAnInterruptedLoadLeavesNothing(t *testing.T) {
	app := newApp(t)
	interrupted := errors.New("interrupted")
	func() {
		defer func() {
			if recover() != interrupted {
				t.Error("the load was not interrupted")
			}
		}()
		_ = Load(app, preset(t, "tiny"), 1, noon, func(int, int) { panic(interrupted) })
	}()
	for _, collection := range []string{"regions", "grids", "officers", "residents", "evidence"} {
		if n, err := app.CountRecords(collection); err != nil || n != 0 {
			t.Errorf("%d %s are left: %v", n, collection, err)
		}
	}
}

// TestLoadOf times the load of the preset in GRIDWALK_DEMO.
func TestLoadOf(t *testing.T) {
	name := os.Getenv("GRIDWALK_DEMO")
	if name == "" {
		t.Skip("set GRIDWALK_DEMO=county to time it")
	}
	app := newApp(t)
	start := time.Now()
	if err := Load(app, preset(t, name), 1, noon, ignore); err != nil {
		t.Fatal(err)
	}
	size := ""
	if info, err := os.Stat(app.DataDir() + "/data.db"); err == nil {
		size = fmt.Sprintf("%d MB", info.Size()>>20)
	}
	t.Logf("%s: %v, %s", name, time.Since(start), size)
}
