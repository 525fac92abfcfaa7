package migrations

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// makeDeadlines makes the time limits and the calendar by which they are
// counted; both are an admin's to edit.
func makeDeadlines(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "deadline_rules",
				presentable(relation("region", c["regions"], label("区划", "Division and all below it; empty is everywhere"))),
				presentable(choice("category", "matter.category", label("大类", "Category; empty is all"))),
				subcategory(),
				presentable(choice("priority", "matter.priority", label("紧急程度", "Priority; empty is all"))),
				presentable(required(choice("stage", "deadline_rule.stage", label("阶段", "What must be done in time; «close» is the whole case")))),
				required(integer("limit_minutes", 1, 1e6, label("时限（分钟）", "Limit in minutes of natural or working time"))),
				required(choice("clock_kind", "clock_kind", label("计时方式", "Natural time, or working time by the calendar"))),
				integer("escalate_minutes", 0, 1e6, label("升级间隔（分钟）", "Overdue by so many minutes, the next level is told, again and again; 0 is once only")),
				boolean("cumulative", label("累计计时", "A stage that is entered again goes on counting instead of starting anew")),
				text("note", 300, label("依据", "Where the limit comes from")),
			)
		},
		func() error { return c.index(app, "deadline_rules", "stage") },
		func() error {
			return c.collection(app, "work_calendar",
				presentable(required(choice("kind", "work_calendar.kind", label("类别", "Hours of every week, a holiday, or a make-up workday")))),
				presentable(required(code("day", `^([1-7]|\d{4}-\d{2}-\d{2})$`, label("日期", "For every week 1 Monday to 7 Sunday; else a date such as 2026-10-01")))),
				code("hours", `^(\d{2}:\d{2}-\d{2}:\d{2})(,\d{2}:\d{2}-\d{2}:\d{2})*$`, label("工作时间", "Such as 08:00-12:00,14:00-18:00; empty for a day off")),
				text("name", 60, label("名称", "Name, such as 国庆节")),
			)
		},
		func() error { return c.unique(app, "work_calendar", "day") },
		// When a record must be looked at next because time passes: not replicated,
		// and empty of everything that is done with.
		func() error {
			_, err := app.DB().NewQuery(`CREATE TABLE _deadlines (
				collection TEXT NOT NULL,
				record TEXT NOT NULL,
				next TEXT NOT NULL,
				PRIMARY KEY (collection, record)
			) WITHOUT ROWID`).Execute()
			if err != nil {
				return fmt.Errorf("make table _deadlines: %w", err)
			}
			if _, err := app.DB().NewQuery("CREATE INDEX _deadlines_next ON _deadlines (next)").Execute(); err != nil {
				return fmt.Errorf("index _deadlines: %w", err)
			}
			return nil
		},
	)
}

const (
	hour = 60
	day  = 24 * hour
	// workday is the working time of one day of the week as it is set below.
	workday = 8 * hour
)

// writeDeadlines puts in the limits that hold until an admin edits them:
// domain.md §2.7, a working day where a limit counts working days.
func writeDeadlines(app core.App) error {
	type limit struct {
		priority, stage, kind string
		minutes, escalate     int
	}
	limits := []limit{
		{"p0_emergency", "accept", "natural", 1 * hour, 1 * hour}, {"p0_emergency", "first_contact", "natural", 15, 15},
		{"p0_emergency", "feedback", "natural", 2 * hour, 2 * hour}, {"p0_emergency", "close", "natural", 24 * hour, 24 * hour},
		{"p1_urgent", "accept", "natural", 2 * hour, 2 * hour}, {"p1_urgent", "first_contact", "natural", 2 * hour, 2 * hour},
		{"p1_urgent", "feedback", "natural", 24 * hour, 24 * hour}, {"p1_urgent", "close", "natural", 3 * day, 24 * hour},
		{"p2_normal", "accept", "working", workday, workday}, {"p2_normal", "first_contact", "working", workday, workday},
		{"p2_normal", "feedback", "working", 7 * workday, 2 * workday}, {"p2_normal", "close", "working", 10 * workday, 2 * workday},
		{"p3_complex", "accept", "working", workday, workday}, {"p3_complex", "first_contact", "working", workday, workday},
		{"p3_complex", "feedback", "working", 15 * workday, 5 * workday}, {"p3_complex", "close", "working", 60 * workday, 5 * workday},
		{"", "answer", "natural", 15 * day, 0}, {"", "pick_up", "natural", day, 0}, {"", "claim", "natural", 2 * day, 0},
		{"", "report_in", "natural", 3 * day, day}, {"p0_emergency", "report_in", "natural", 30, 30}, {"p1_urgent", "report_in", "natural", day, 4 * hour},
	}
	for _, l := range limits {
		err := insert(app, "deadline_rules", map[string]any{"priority": l.priority, "stage": l.stage, "limit_minutes": l.minutes,
			"clock_kind": l.kind, "escalate_minutes": l.escalate})
		if err != nil {
			return err
		}
	}
	// An errand is accepted within two hours of the day.
	if err := insert(app, "deadline_rules", map[string]any{"category": "errand_service", "stage": "accept", "limit_minutes": 2 * hour, "clock_kind": "working"}); err != nil {
		return err
	}
	for _, weekday := range []string{"1", "2", "3", "4", "5"} {
		if err := insert(app, "work_calendar", map[string]any{"kind": "week", "day": weekday, "hours": "08:00-12:00,14:00-18:00"}); err != nil {
			return err
		}
	}
	return nil
}

// insert saves a record, unless one with the same values is there.
func insert(app core.App, collection string, values map[string]any) error {
	col, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		return fmt.Errorf("fill %s: %w", collection, err)
	}
	if found, err := app.FindAllRecords(col, dbx.HashExp(values)); err == nil && len(found) > 0 {
		return nil
	}
	r := core.NewRecord(col)
	r.Load(values)
	if err := app.Save(r); err != nil {
		return fmt.Errorf("fill %s with %v: %w", collection, values, err)
	}
	return nil
}
