package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What lost phones sealed before they erased themselves, and the key to it.
// Plain tables: gridwalk parcels lists and opens them, and nobody edits them.
func init() {
	m.Register(func(app core.App) error {
		for _, table := range []string{
			// The private key is sealed under the data keys (package sealed).
			`CREATE TABLE _parcel_keys (
				n INTEGER PRIMARY KEY,
				public BLOB NOT NULL,
				private TEXT NOT NULL
			)`,
			// By the hash of their bytes, which go when a parcel was opened.
			`CREATE TABLE _parcels (
				id TEXT PRIMARY KEY,
				device TEXT NOT NULL,
				received TEXT NOT NULL,
				size INTEGER NOT NULL,
				opened TEXT NOT NULL DEFAULT '',
				sealed BLOB
			)`,
			`CREATE INDEX _parcels_device ON _parcels (device)`,
		} {
			if _, err := app.DB().NewQuery(table).Execute(); err != nil {
				return fmt.Errorf("make the tables of parcels: %w", err)
			}
		}
		settings := app.Settings()
		settings.RateLimits.Rules = append(settings.RateLimits.Rules, core.RateLimitRule{Label: "POST /api/parcels", MaxRequests: 120, Duration: 60})
		return app.Save(settings)
	}, nil)
}
