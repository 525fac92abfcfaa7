package sim

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The county of the simulation: two villages with two grids each, and in every
// grid two households. Ids are readable and the same in every run.
const (
	grids      = 4
	households = 2 // of one grid
	admin      = "simadmin0000001"
)

type fields = map[string]any

func id(kind string, n int) string    { return fmt.Sprintf("%s%0*d", kind, 15-len(kind), n) }
func gridID(n int) string             { return id("grid", n) }
func householdID(n int) string        { return id("house", n) }
func officerID(n int) string          { return id("officer", n) }
func deviceID(officer, n int) string  { return id("device", officer*1000+n) }
func villageCode(grid int) string     { return fmt.Sprintf("99010110320%d", grid/2+1) }
func square(lng, lat float64) fields  { return squareOf(lng, lat, 0.01) }
func gridCorner(n int) (x, y float64) { return 124.1 + float64(n)*0.02, 28.1 }

func squareOf(lng, lat, side float64) fields {
	return fields{"type": "Polygon", "coordinates": [][][2]float64{{
		{lng, lat}, {lng + side, lat}, {lng + side, lat + side}, {lng, lat + side}, {lng, lat}}}}
}

// template is a data directory with the county in it; making it takes longer
// than a run, so it is made once and copied.
var template = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gridwalk-sim-")
	if err != nil {
		return "", err
	}
	app := newApp(dir, func() time.Time { return begin })
	if err := app.Bootstrap(); err != nil {
		return "", err
	}
	if err := app.RunAllMigrations(); err != nil {
		return "", err
	}
	app.Settings().Logs.MaxDays = 0
	if err := app.Save(app.Settings()); err != nil {
		return "", err
	}
	// The dictionary, time limits and calendar are the same everywhere and would
	// be most of every replica.
	for _, table := range []string{"dict", "deadline_rules", "work_calendar", "_sync_feed", "_sync_history"} {
		where := dbx.NewExp("1=1")
		if table == "dict" {
			where = dbx.NewExp("enum != 'datum'")
		}
		if _, err := app.NonconcurrentDB().Delete(table, where).Execute(); err != nil {
			return "", err
		}
	}
	if err := fillCounty(app); err != nil {
		return "", err
	}
	return dir, app.ResetBootstrapState()
})

// Clean removes what runs leave in the temporary directory for each other.
func Clean() {
	if dir, err := template(); err == nil {
		os.RemoveAll(dir)
	}
}

const maxPhones = 12

func fillCounty(app core.App) error {
	save := func(collection, id string, values fields) error {
		col, err := app.FindCollectionByNameOrId(collection)
		if err != nil {
			return err
		}
		r := core.NewRecord(col)
		r.Load(values)
		r.Id = id
		if err := app.Save(r); err != nil {
			return fmt.Errorf("fill the county with %s %s: %w", collection, id, err)
		}
		return nil
	}
	var failed error
	add := func(collection, id string, values fields) {
		if failed == nil {
			failed = save(collection, id, values)
		}
	}
	add(core.CollectionNameSuperusers, admin, fields{"email": "admin@test.invalid", "password": "walk-the-grid"})
	dict, err := app.FindAllRecords("dict")
	if err != nil {
		return err
	}
	for _, r := range dict {
		if err := app.Save(r); err != nil {
			return err
		}
	}
	add("regions", id("region", 0), fields{"code": "990101", "name_zh": "县", "level": "county"})
	for v := range grids / 2 {
		add("regions", id("region", v+1), fields{"code": villageCode(v * 2), "name_zh": "村", "level": "village"})
	}
	for g := range grids {
		x, y := gridCorner(g)
		add("grids", gridID(g), fields{"grid_code": fmt.Sprintf("%s%03d", villageCode(g), g%2+1), "name_zh": "网格", "kind": "basic",
			"level": "compound", "region": id("region", g/2+1), "active": true, "boundary": square(x, y)})
		add("service_orders", id("order", g), fields{"grid": gridID(g), "title": "装扶手", "kind": "chores", "slots": 1 + g%2,
			"when_at": "2026-12-01 00:00:00.000Z", "status": "published"})
		add("buildings", id("building", g), fields{"grid": gridID(g), "name": "1栋", "kind": "apartment"})
		for h := range households {
			n := g*households + h
			add("households", householdID(n), fields{"building": id("building", g), "address_zh": fmt.Sprintf("%d室", n)})
			add("residents", id("resident", n), fields{"household": householdID(n), "name": "演示", "life_status": "living"})
			if h == 0 { // one for each grid, so that officers meet
				add("errands", id("errand", g), fields{"resident": id("resident", n), "status": "requested"})
			}
			add("consents", id("consent", n), fields{"subject": id("resident", n), "purpose": "care_plan", "given_by": "self",
				"given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
			add("care_plans", id("plan", n), fields{"resident": id("resident", n), "tier": "general", "cadence_days": 90,
				"consent": id("consent", n), "review_at": "2027-01-01 00:00:00.000Z"})
		}
	}
	for o := range maxPhones {
		values := fields{"email": fmt.Sprintf("o%d@test.invalid", o), "password": "walk-the-grid", "name": "演示", "role": "grid_officer", "verified": true}
		switch o % 5 {
		case 3:
			values["role"] = "grid_lead"
		case 4:
			values["role"], values["region"] = "village_admin", id("region", o%2+1)
		}
		add("officers", officerID(o), values)
		add("devices", deviceID(o, 0), fields{"officer": officerID(o), "status": "active"})
		if o%5 != 4 {
			add("grid_assignments", id("assignment", o), assignment(o, o%2))
		}
	}
	return failed
}

func assignment(officer, grid int) fields {
	return fields{"grid": gridID(grid), "user": officerID(officer), "duty": "officer", "from_date": "2020-01-01 00:00:00.000Z"}
}
