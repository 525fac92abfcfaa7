package bench

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

var full = flag.Bool("full", false, "measure with the county preset instead of the tiny one")

// BenchmarkCare measures the day of an officer, the list of matters, the minute in which nothing has
// changed, the minute after a day off was entered, and the night in which
// everything is renewed: with -full of a county, 30,000 care plans.
func BenchmarkCare(b *testing.B) {
	preset := "tiny"
	if *full {
		preset = "county"
	}
	dir := b.TempDir()
	phones, err := Make(dir, Spec{Preset: preset, Phones: 1}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	app, server := open(b, dir, false)
	runJob(app, "gridwalk_care")
	runJob(app, "gridwalk_care_night")
	count := func(where string) (n int) {
		if err := app.DB().Select("COUNT(*)").From("due_visits").Where(dbx.NewExp(where)).Row(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
	b.Logf("%d due visits", count("1"))

	desk, err := app.FindFirstRecordByData("officers", "role", "county_admin")
	if err != nil {
		b.Fatal(err)
	}
	deskToken, err := desk.NewStaticAuthToken(time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	unit, err := app.FindFirstRecordByData("officers", "role", "dept_handler")
	if err != nil {
		b.Fatal(err)
	}
	unitToken, err := unit.NewStaticAuthToken(time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	month := time.Now().UTC().AddDate(0, 0, -time.Now().UTC().Day()).Format("2006-01")
	var region string
	if err := app.DB().Select("region").From("grids").Where(dbx.HashExp{"id": phones[0].Grid}).Row(&region); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, path, token string }{
		{"today", "/api/today?lat=28.1&lng=124.1", phones[0].Token},
		{"today of the county's desk", "/api/today?lat=28.1&lng=124.1", deskToken},
		{"matters of an officer", "/api/collections/matters/records?perPage=50&sort=-captured_at", phones[0].Token},
		{"matters of a department", "/api/collections/matters/records?perPage=50&sort=-captured_at", unitToken},
		{"matters of the county's desk", "/api/collections/matters/records?perPage=50&sort=-captured_at", deskToken},
		{"numbers of a grid", "/api/numbers/" + phones[0].Grid + "?month=" + month, phones[0].Token},
		{"numbers of a village", "/api/numbers/region/" + region + "?month=" + month, phones[0].Token},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest("GET", c.path, nil)
				r.Header.Set("Authorization", c.token)
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("%s: %d %s", c.path, w.Code, w.Body)
				}
			}
		})
	}
	b.Run("minute", func(b *testing.B) {
		for b.Loop() {
			runJob(app, "gridwalk_care")
		}
	})
	b.Run("minute after a week off", func(b *testing.B) {
		calendar, err := app.FindCollectionByNameOrId("work_calendar")
		if err != nil {
			b.Fatal(err)
		}
		monday := time.Now().AddDate(0, 0, 8-int(time.Now().Weekday()))
		for b.Loop() {
			b.StopTimer()
			for i := range 5 {
				day := core.NewRecord(calendar)
				day.Load(map[string]any{"kind": "holiday", "day": monday.AddDate(0, 0, i).Format(time.DateOnly)})
				if err := app.Save(day); err != nil {
					b.Fatal(err)
				}
			}
			moved := count(fmt.Sprintf("due_on BETWEEN '%s' AND '%s'", monday.Format(time.DateOnly), monday.AddDate(0, 0, 4).Format(time.DateOnly)))
			monday = monday.AddDate(0, 0, 7)
			b.StartTimer()
			runJob(app, "gridwalk_care")
			b.ReportMetric(float64(moved), "rows")
		}
	})
	b.Run("night", func(b *testing.B) {
		for b.Loop() {
			runJob(app, "gridwalk_care_night")
		}
	})
}
