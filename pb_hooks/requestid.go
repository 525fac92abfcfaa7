package hooks

import (
	"crypto/rand"
	"regexp"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

const requestIDHeader = "X-Request-Id"

var aRequestID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// bindRequestIDs gives every request an id, the caller's or a proxy's if it has
// a good one, in the answer and in the line of the log, so that who operates
// finds what an officer reports.
func bindRequestIDs(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.BindFunc(func(e *core.RequestEvent) error {
			id := e.Request.Header.Get(requestIDHeader)
			if !aRequestID.MatchString(id) {
				id = strings.ToLower(rand.Text())
			}
			e.Response.Header().Set(requestIDHeader, id)
			e.Set(apis.RequestEventKeyLogMeta, map[string]string{"request": id})
			return e.Next()
		})
		return e.Next()
	})
}
