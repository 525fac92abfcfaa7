package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What is handled in the grid: time limits, matters, whistles, meetings,
// errands and service orders.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "regions", "organizations", "grids", "officers", "devices", "households", "residents", "evidence")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeDeadlines(app, c) },
			func() error { return makeMeetings(app, c) },
			func() error { return makeMatters(app, c) },
			func() error { return makeWhistles(app, c) },
			func() error { return makeErrands(app, c) },
			func() error { return makeServiceOrders(app, c) },
			func() error { return openAccess(app) },
			func() error { return writeDeadlines(app) },
		)
	}, nil)
}
