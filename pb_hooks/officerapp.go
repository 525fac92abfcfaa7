package hooks

import (
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/web"
)

// appPolicy lets the app run what came with it, talk to its own server, and
// show photographs that it holds itself: nothing else.
const appPolicy = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// bindOfficerApp serves the officer app at /app/. What carries its hash in its
// name is kept by browsers for a year; the page and its worker are asked for
// every time. Paths within the app are the page.
func bindOfficerApp(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		dist, err := web.Dist()
		if err != nil {
			return fmt.Errorf("serve the officer app: %w", err)
		}
		served, err := assetsOf(dist)
		if err != nil {
			return fmt.Errorf("serve the officer app: %w", err)
		}
		e.Router.GET("/app", func(e *core.RequestEvent) error { return e.Redirect(http.StatusPermanentRedirect, "/app/") })
		e.Router.GET("/app/{path...}", func(e *core.RequestEvent) error {
			name := e.Request.PathValue("path")
			file, known := served[name]
			switch {
			case known && strings.HasPrefix(name, "assets/"):
				file.cache = "public, max-age=31536000, immutable"
			case !known && (path.Ext(name) != "" || strings.HasPrefix(name, "assets/")):
				return e.NotFoundError("There is no such file.", nil)
			case !known:
				file = served["index.html"]
			}
			header := e.Response.Header()
			header.Set("Content-Security-Policy", appPolicy)
			header.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
			header.Set("Referrer-Policy", "no-referrer")
			return file.serve(e)
		})
		return e.Next()
	})
}
