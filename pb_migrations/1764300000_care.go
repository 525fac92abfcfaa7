package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// When whoever has a care plan is looked after next, and what our forms cost
// the officers.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids", "households", "residents", "care_plans")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeDueVisits(app, c) },
			func() error { return makeEffort(app) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

const aDay = `^\d{4}-\d\d-\d\d$`

// makeDueVisits makes what the server keeps for every plan that is in force:
// one row, which has the id of the plan. A visit moves its day; whether that is
// overdue a phone tells by its clock, so that no row changes because a day
// passes.
func makeDueVisits(app core.App, c schema) error {
	plan := relation("plan", c["care_plans"], label("关爱计划", "Plan that it follows from"))
	plan.CascadeDelete = true
	return inOrder(
		func() error {
			return c.collection(app, "due_visits",
				presentable(required(plan)),
				presentable(required(relation("resident", c["residents"], label("居民", "Whom to look after")))),
				required(relation("household", c["households"], label("户", "Where"))),
				required(relation("grid", c["grids"], label("所属网格", "Grid of the home"))),
				required(choice("tier", "care_plan.tier", label("等级", "How closely care is needed: of the plan, not of the person"))),
				code("last_contact_on", aDay, label("上次联系日", "Day in China of the last contact that counts: at the door, by telephone, by a neighbour's word")),
				code("wanted_on", aDay, label("应访日", "Day on which it would be due if every day were a working day")),
				code("earliest_on", aDay, label("最早日", "Nobody comes before this day, such as after a refusal")),
				boolean("fixed", label("节假日照常", "Days off do not move it")),
				presentable(required(code("due_on", aDay, label("到期日", "Day in China on which it is due")))),
			)
		},
		func() error { return c.unique(app, "due_visits", "plan") },
		func() error { return c.index(app, "due_visits", "grid, due_on", "resident", "household") },
	)
}

// effortTables add up what recording costs, by village and month. They hold no
// officer and no time: how often each value was reported, and of how many
// officers it was at least.
var effortTables = []string{
	`CREATE TABLE _effort (
		region TEXT NOT NULL,
		month TEXT NOT NULL,
		kind TEXT NOT NULL,
		measure TEXT NOT NULL,
		value INTEGER NOT NULL,
		count INTEGER NOT NULL,
		PRIMARY KEY (region, month, kind, measure, value)
	) WITHOUT ROWID`,
	`CREATE TABLE _effort_reporters (
		region TEXT NOT NULL,
		month TEXT NOT NULL,
		kind TEXT NOT NULL,
		reporters INTEGER NOT NULL,
		PRIMARY KEY (region, month, kind)
	) WITHOUT ROWID`,
}

func makeEffort(app core.App) error {
	for _, table := range effortTables {
		if _, err := app.DB().NewQuery(table).Execute(); err != nil {
			return fmt.Errorf("make the tables of effort: %w", err)
		}
	}
	return nil
}
