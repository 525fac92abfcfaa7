package hooks

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/replica"
	"gridwalk/workflow"
)

// limits are the time limits and the calendar, read once and anew when an admin
// has changed them.
type limits struct {
	app   core.App
	mu    sync.Mutex
	known *known
}

type known struct {
	rules    workflow.Rules
	calendar workflow.Calendar
}

func newLimits(app core.App, engine *replica.Engine) *limits {
	l := &limits{app: app}
	changed := func(e *core.RecordEvent) error {
		l.forget()
		if e.Record.Collection().Name != "regions" {
			if err := reviewAll(e.App); err != nil {
				return err
			}
		}
		return e.Next()
	}
	for _, collection := range []string{"deadline_rules", "work_calendar", "regions"} {
		app.OnRecordAfterCreateSuccess(collection).BindFunc(changed)
		app.OnRecordAfterUpdateSuccess(collection).BindFunc(changed)
		app.OnRecordAfterDeleteSuccess(collection).BindFunc(changed)
	}
	engine.OnForeignWrite(l.forget)
	return l
}

func (l *limits) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = nil
}

// get gives the limits and the calendar. They are read from what is committed.
func (l *limits) get() (workflow.Rules, workflow.Calendar, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		rules, err := readRules(l.app)
		if err != nil {
			return nil, workflow.Calendar{}, err
		}
		calendar, err := readCalendar(l.app)
		if errors.Is(err, workflow.ErrNoWorkingTime) {
			// An admin took the calendar away: nothing can be due by it, but work
			// goes on.
			rules = slices.DeleteFunc(rules, func(r workflow.Rule) bool { return r.Kind == workflow.Working })
		} else if err != nil {
			return nil, workflow.Calendar{}, err
		}
		l.known = &known{rules, calendar}
	}
	return l.known.rules, l.known.calendar, nil
}

func readRules(app core.App) (workflow.Rules, error) {
	var rows []struct {
		Region, Category, Subcategory, Priority, Stage string
		Kind                                           string  `db:"clock_kind"`
		Limit                                          float64 `db:"limit_minutes"`
		Escalate                                       float64 `db:"escalate_minutes"`
		Cumulative                                     bool
	}
	err := app.DB().Select("COALESCE(regions.code, '') AS region", "category", "subcategory", "priority", "stage", "clock_kind", "limit_minutes",
		"escalate_minutes", "cumulative").From("deadline_rules").LeftJoin("regions", dbx.NewExp("regions.id = deadline_rules.region")).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the time limits: %w", err)
	}
	rules := make(workflow.Rules, len(rows))
	for i, row := range rows {
		rules[i] = workflow.Rule{Region: row.Region, Category: row.Category, Subcategory: row.Subcategory, Priority: row.Priority, Stage: row.Stage,
			Timing: workflow.Timing{Kind: row.Kind, Limit: time.Duration(row.Limit) * time.Minute,
				Escalate: time.Duration(row.Escalate) * time.Minute, Cumulative: row.Cumulative}}
	}
	return rules, nil
}

// calendarRow is one row of the work calendar.
type calendarRow struct{ Day, Hours string }

func readCalendar(app core.App) (workflow.Calendar, error) {
	var rows []calendarRow
	if err := app.DB().Select("day", "hours").From("work_calendar").All(&rows); err != nil {
		return workflow.Calendar{}, fmt.Errorf("read the work calendar: %w", err)
	}
	return calendarOf(rows)
}

func calendarOf(rows []calendarRow) (workflow.Calendar, error) {
	week, days := map[time.Weekday]string{}, map[string]string{}
	for _, row := range rows {
		if n, err := strconv.Atoi(row.Day); err == nil {
			week[time.Weekday(n%7)] = row.Hours // 7 is Sunday
		} else {
			days[row.Day] = row.Hours
		}
	}
	return workflow.NewCalendar(week, days)
}

// bindCalendar refuses a calendar by which nothing could be counted: hours that
// overlap, a day that there is not, a week without work.
func bindCalendar(app core.App) {
	check := func(e *core.RecordEvent) error {
		var rows []calendarRow
		err := e.App.DB().Select("day", "hours").From("work_calendar").Where(dbx.NewExp("id != {:id}", dbx.Params{"id": e.Record.Id})).All(&rows)
		if err != nil {
			return fmt.Errorf("read the work calendar: %w", err)
		}
		own := calendarRow{e.Record.GetString("day"), e.Record.GetString("hours")}
		if _, err := calendarOf([]calendarRow{{"1", "08:00-09:00"}, own}); err != nil {
			return refuse("hours", "unusable_hours", err.Error())
		}
		wasWork := e.Record.Original().GetString("hours") != ""
		if _, err := calendarOf(append(rows, own)); err != nil && wasWork {
			return refuse("hours", "no_working_time", "Somebody must work on some day of the week.")
		}
		return e.Next()
	}
	app.OnRecordCreate("work_calendar").BindFunc(check)
	app.OnRecordUpdate("work_calendar").BindFunc(check)
}

// timing finds the limit for a stage of a record. Its division is that of its
// grid: the code of a grid begins with that of its division.
func (d *desk) timing(app core.App, r *core.Record, stage, priority string) (workflow.Timing, workflow.Calendar, bool, error) {
	rules, calendar, err := d.limits.get()
	if err != nil {
		return workflow.Timing{}, calendar, false, err
	}
	var code string
	if grid := r.GetString("grid"); grid != "" {
		if err := d.engine.Row(app, "SELECT grid_code FROM grids WHERE id = {:id}", dbx.Params{"id": grid}, &code); err != nil {
			return workflow.Timing{}, calendar, false, fmt.Errorf("read the code of grid %s: %w", grid, err)
		}
	}
	rule, ok := rules.For(workflow.Case{Region: code, Category: categoryOf(r), Subcategory: r.GetString("subcategory"), Priority: priority, Stage: stage})
	return rule.Timing, calendar, ok, nil
}

func categoryOf(r *core.Record) string {
	if r.Collection().Name == "errands" {
		return "errand_service"
	}
	return r.GetString("category")
}

// dueAfter is when a stage that runs since start without a pause is due; zero
// when there is no limit for it.
func (d *desk) dueAfter(app core.App, r *core.Record, stage, priority string, start time.Time) (time.Time, error) {
	timing, calendar, ok, err := d.timing(app, r, stage, priority)
	if err != nil || !ok {
		return time.Time{}, err
	}
	reading, err := workflow.Read(timing, calendar, []workflow.Tick{{At: start, Kind: workflow.Start}}, start)
	return reading.Due, err
}
