package hooks

import (
	"net/url"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// bindLogs keeps tokens out of the request log: a protected file is fetched
// with its token in the address, which PocketBase would write down, in the
// message too. A tracking app has its secret and its places there.
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

// secretParams are what nobody is to read in a log: tokens, the secret of a
// tracking app and where its officer is, and for whom somebody looked.
var secretParams = map[string]bool{"token": true, "id": true, "deviceid": true, "lat": true, "lon": true, "location": true,
	"filter": true, "sort": true}

// withoutToken gives a text that ends with an address, with the value of every
// secret in its query replaced. The address may be cut short or malformed.
func withoutToken(text string) string {
	address, query, ok := strings.Cut(text, "?")
	if !ok {
		return text
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(name); err == nil && secretParams[strings.ToLower(plain)] {
			parts[i] = name + "=removed"
		}
	}
	return address + "?" + strings.Join(parts, "&")
}
