package hooks

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"gridwalk/replica"
	"gridwalk/uploads"
)

const uploadsPath = "/api/uploads/"

// UploadsDir is where parts of uploads are kept, in the data directory.
const UploadsDir = "uploads"

// uploadRoutes are the routes for photographs, which tusd and its handler serve.
var uploadRoutes = []Route{
	{Method: "POST", Path: uploadsPath},
	{Method: "HEAD", Path: uploadsPath + "{id}"}, {Method: "PATCH", Path: uploadsPath + "{id}"}, {Method: "DELETE", Path: uploadsPath + "{id}"},
	{Method: "HEAD", Path: uploadsPath + "blob/{sha256}"}, {Method: "PUT", Path: uploadsPath + "blob/{sha256}"},
}

// bindUploads serves photographs by tus and as a whole: docs/protocol.md.
func bindUploads(app core.App, engine *replica.Engine, keeper keeper, s Settings) {
	u := &uploadServer{keeper: keeper, engine: engine, s: s, retries: make(chan [2]string, maxRetries), quit: make(chan struct{})}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		if err := u.start(e.App); err != nil {
			return err
		}
		u.route(e)
		// The job is told the time, so that a test can let a week pass.
		if err := e.App.Cron().Add("gridwalk_uploads", "43 * * * *", func() { u.report(e.App, u.clean(s.Now())) }); err != nil {
			return fmt.Errorf("plan the cleaning of uploads: %w", err)
		}
		return e.Next()
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		u.once.Do(func() { close(u.quit) })
		u.done.Wait()
		return e.Next()
	})
	// A record whose bytes came before it gets them after its push was answered.
	app.OnRecordAfterCreateSuccess("evidence").BindFunc(func(e *core.RecordEvent) error {
		officer, sum := e.Record.GetString("created_by"), e.Record.GetString("sha256")
		if e.Record.GetString("file") == "" && u.parts != nil && len(u.parts.Of(officer, sum)) > 0 {
			select {
			case u.retries <- [2]string{officer, sum}:
			default: // the phone asks for its photograph, and the hourly job looks
			}
		}
		return e.Next()
	})
}

// maxRetries is how many records may wait for bytes that came before them.
const maxRetries = 1000

type uploadServer struct {
	keeper  keeper
	engine  *replica.Engine
	s       Settings
	parts   *uploads.Parts
	handler *uploads.Handler
	retries chan [2]string // officer and hash
	quit    chan struct{}
	once    sync.Once
	done    sync.WaitGroup
}

// start opens what an earlier run left, and finishes it in the background.
func (u *uploadServer) start(app core.App) error {
	newID := func() string { return security.RandomStringWithAlphabet(15, "abcdefghijklmnopqrstuvwxyz0123456789") }
	var err error
	u.parts, err = uploads.Open(filepath.Join(app.DataDir(), UploadsDir), u.s.Uploads, u.s.Now, newID, uploads.FreeBytes)
	if err != nil {
		return err
	}
	if u.handler, err = uploads.NewHandler(u.parts, u.keeper, uploadsPath); err != nil {
		return err
	}
	if u.s.Workers == 0 {
		return nil
	}
	u.done.Go(func() {
		u.report(app, u.handler.RetryAll())
		for {
			select {
			case <-u.quit:
				return
			case r := <-u.retries:
				u.report(app, u.handler.Retry(r[0], r[1]))
			}
		}
	})
	return nil
}

func (u *uploadServer) report(app core.App, err error) {
	var refused *uploads.Error
	if err != nil && !errors.As(err, &refused) {
		app.Logger().Error("Finishing uploads failed", "error", err)
	}
}

// clean finishes what is whole, and removes what nobody came back for.
func (u *uploadServer) clean(now time.Time) error {
	failed := u.handler.RetryAll()
	_, err := u.parts.Sweep(now)
	return errors.Join(failed, err)
}

func (u *uploadServer) route(e *core.ServeEvent) {
	tus := func(e *core.RequestEvent) error {
		if e.Request.Method == http.MethodOptions {
			return u.handler.Options(e.Response, e.Request)
		}
		return u.answer(e, func(caller uploads.Caller) error {
			return u.handler.Tus(e.Response, e.Request, caller, e.Request.PathValue("id"))
		})
	}
	// PocketBase's own CORS would answer OPTIONS, and exposes no headers. Bodies
	// are as long as the upload says, which is limited when it begins.
	group := e.Router.Group("/api/uploads").Unbind(apis.DefaultBodyLimitMiddlewareId, apis.DefaultCorsMiddlewareId)
	group.Any("", tus)
	group.Any("/{id...}", tus)
	e.Router.Any(uploadsPath+"blob/{sha256}", func(e *core.RequestEvent) error {
		e.Response.Header().Set("Access-Control-Expose-Headers", "Location, Retry-After, "+uploads.StateHeader+", "+uploads.ReasonHeader+", "+uploads.ErrorHeader)
		return u.answer(e, func(caller uploads.Caller) error {
			return u.handler.Blob(e.Response, e.Request, caller, e.Request.PathValue("sha256"))
		})
	}).Unbind(apis.DefaultBodyLimitMiddlewareId)
}

// answer serves officers on enrolled devices, and turns refusals into answers.
func (u *uploadServer) answer(e *core.RequestEvent, serve func(uploads.Caller) error) error {
	if method := e.Request.Header.Get("X-HTTP-Method-Override"); method != "" && e.Request.Method == http.MethodPost {
		e.Request.Method = method
	}
	caller, err := u.engine.Authorize(e.Auth, e.Request.Header.Get(deviceHeader))
	if err == nil {
		err = serve(uploads.Caller{Caller: caller.Caller, Device: caller.Device})
	}
	var refused *uploads.Error
	var unauthorized *replica.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unauthorized):
		e.Response.Header().Set(uploads.ErrorHeader, unauthorized.Code)
		return e.JSON(unauthorized.Status, unauthorized.Body())
	case errors.As(err, &refused):
		return refused.Send(e.Response)
	}
	e.App.Logger().Error("Upload failed", "path", e.Request.URL.Path, "error", err)
	return e.InternalServerError("The server failed. Keep the photograph and try again.", nil)
}
