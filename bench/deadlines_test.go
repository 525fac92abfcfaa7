package bench

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// openMatters is how many matters of a county are open at a time: domain.md §6.2.
const openMatters = 1400

// BenchmarkMinute measures the minute in which nothing is due, and the one after
// a holiday was entered, in which everything that is open is timed anew.
func BenchmarkMinute(b *testing.B) {
	dir := b.TempDir()
	phones, err := Make(dir, Spec{Preset: "tiny", Phones: 1}, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	app, _ := open(b, dir, false)
	matters, err := app.FindCollectionByNameOrId("matters")
	if err != nil {
		b.Fatal(err)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		for i := range openMatters {
			r := core.NewRecord(matters)
			r.Load(map[string]any{"grid": phones[0].Grid, "title": fmt.Sprint("事项", i), "category": "city_appearance", "source": "officer",
				"priority": "p3_complex", "status": "reported"})
			if err := tx.Save(r); err != nil {
				return err
			}
			r.Set("status", "accepted")
			if err := tx.Save(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	minute := func() { runJob(app, "gridwalk_deadlines") }
	b.Run("nothing due", func(b *testing.B) {
		for b.Loop() {
			minute()
		}
	})
	b.Run("after a holiday", func(b *testing.B) {
		calendar, err := app.FindCollectionByNameOrId("work_calendar")
		if err != nil {
			b.Fatal(err)
		}
		day := time.Now().AddDate(0, 0, 3)
		for b.Loop() {
			b.StopTimer()
			day = day.AddDate(0, 0, 1)
			r := core.NewRecord(calendar)
			r.Load(map[string]any{"kind": "makeup", "day": day.Format(time.DateOnly), "hours": "09:00-10:00"})
			if err := app.Save(r); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			minute()
		}
		var n int
		if err := app.DB().Select("COUNT(*)").From("_deadlines").Where(dbx.NewExp("next = ''")).Row(&n); err != nil || n > 0 {
			b.Fatalf("%d are not looked at (%v)", n, err)
		}
	})
}
