package migrations

import (
	m "github.com/pocketbase/pocketbase/migrations"

	"gridwalk/sealed"
)

// The keys come before everything that is sealed under them.
func init() { m.Register(sealed.MakeKeys, nil) }
