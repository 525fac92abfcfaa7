package hooks

import (
	"net/url"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// bindLogs keeps tokens out of the request log: a protected file is fetched
// with its token in the address, which PocketBase would write down, in the
// message too. A tracking app has its secret and places there.
func bindLogs(app core.App) {
	app.OnModelCreate(core.LogsTableName).BindFunc(func(e *core.ModelEvent) error {
		if log, ok := e.Model.(*core.Log); ok {
			log.Message = withoutToken(log.Message)
			for _, key := range []string{"url", "referer"} {
				if address, ok := log.Data[key].(string); ok {
					log.Data[key] = withoutToken(address)
				}
			}
		}
		return e.Next()
	})
}

const trackerPath = "/api/tracker/"

// withoutToken gives a text that ends with an address, with the value of every
// token in its query replaced. The address may be cut short or malformed.
func withoutToken(text string) string {
	address, query, ok := strings.Cut(text, "?")
	if !ok {
		return text
	}
	if strings.Contains(address, trackerPath) {
		return address + "?removed"
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil && strings.EqualFold(plain, "token") {
			parts[i] = name + "=removed"
		}
	}
	return address + "?" + strings.Join(parts, "&")
}
