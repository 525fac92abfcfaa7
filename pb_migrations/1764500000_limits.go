package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Guessing passwords and codes, and enrolling devices, is slowed down for each
// address. A town's phones may share one address, so the limits are wide. What
// runs on the machine itself is not counted.
func init() {
	m.Register(func(app core.App) error {
		settings := app.Settings()
		settings.RateLimits = core.RateLimitsConfig{
			Enabled:     true,
			ExcludedIPs: []string{"127.0.0.1", "::1"},
			Rules: []core.RateLimitRule{
				{Label: "*:authWithPassword", MaxRequests: 60, Duration: 60},
				{Label: "*:authWithOTP", MaxRequests: 60, Duration: 60},
				{Label: "*:requestOTP", MaxRequests: 20, Duration: 60},
				{Label: "devices:create", MaxRequests: 60, Duration: 60},
			},
		}
		return app.Save(settings)
	}, nil)
}
