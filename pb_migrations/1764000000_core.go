package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The core: places, staff, people, field work and reference data.
func init() {
	m.Register(func(app core.App) error {
		c := schema{}
		return inOrder(
			func() error { return dropUsers(app) },
			func() error { return makePlaces(app, c) },
			func() error { return makeStaff(app, c) },
			func() error { return makePeople(app, c) },
			func() error { return makeFieldwork(app, c) },
			func() error { return makeReference(app, c) },
			func() error { return makeGridAccess(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// dropUsers removes the collection of sign-ins that PocketBase makes by itself:
// officers are the only ones who sign in, and a second door is one too many.
func dropUsers(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return nil // there is none
	}
	return app.Delete(users)
}
