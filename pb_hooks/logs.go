package hooks

import (
	"net/url"

	"github.com/pocketbase/pocketbase/core"
)

// bindLogs keeps tokens out of the request log: a protected file is fetched
// with its token in the address, which PocketBase would write down.
func bindLogs(app core.App) {
	app.OnModelCreate(core.LogsTableName).BindFunc(func(e *core.ModelEvent) error {
		if log, ok := e.Model.(*core.Log); ok {
			if address, ok := log.Data["url"].(string); ok {
				log.Data["url"] = withoutToken(address)
			}
		}
		return e.Next()
	})
}

// withoutToken gives the address with the value of its token replaced.
func withoutToken(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "unreadable"
	}
	query := u.Query()
	if !query.Has("token") {
		return address
	}
	query.Set("token", "removed")
	u.RawQuery = query.Encode()
	return u.String()
}
