package hooks

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/replica"
)

// deviceHeader names the phone that asks.
const deviceHeader = "X-Gridwalk-Device"

// bindSync serves the sync engine: docs/protocol.md.
func bindSync(app core.App, engine *replica.Engine, reads *readLog) {
	engine.CheckValues(refuseWrongValues)
	engine.BeforeCreate("check_ins", func(record *core.Record, sent map[string]any) error {
		raw, err := rawFix(sent)
		if err != nil {
			return err
		}
		record.Set("raw", raw)
		return nil
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for _, route := range append(syncRoutes, SyncRoute{"POST", offlineReadsPath, reads.takeOffline}) {
			handler := withCaller(engine, func(e *core.RequestEvent, caller replica.Caller) (any, error) {
				answer, err := route.serve(engine, e, caller)
				if err == nil {
					noteContact(e, reads, caller, answer)
				}
				return answer, err
			})
			e.Router.Route(route.Method, route.Path, handler).Unbind(apis.DefaultBodyLimitMiddlewareId).Bind(apis.Gzip())
		}
		return e.Next()
	})
}

// noteContact notes that a phone was in contact, and what it was given.
func noteContact(e *core.RequestEvent, reads *readLog, caller replica.Caller, answer any) {
	c := contact{at: reads.now(), outbox: -1}
	if n, err := strconv.Atoi(e.Request.Header.Get("X-Gridwalk-Outbox")); err == nil && n >= 0 && n <= maxOutboxSize {
		c.outbox = n
	}
	if page, ok := answer.(replica.Page); ok && len(page.Changes) > 0 {
		c.seq = page.Changes[len(page.Changes)-1].Seq
		read := reads.reader(e)
		read.How, read.Count = readPull, len(page.Changes)
		reads.note(read)
	}
	reads.met(caller.Device, c)
}

const maxOutboxSize = 1_000_000_000

// SyncRoute is one route that phones are served by.
type SyncRoute struct {
	Method, Path string
	serve        func(*replica.Engine, *core.RequestEvent, replica.Caller) (any, error)
}

// syncRoutes are described by docs/openapi.json; a test keeps them the same.
var syncRoutes = []SyncRoute{{"POST", "/api/sync/pull", pull}, {"POST", "/api/sync/push", push}, {"POST", "/api/sync/digest", digest}}

const offlineReadsPath = "/api/sync/reads"

// SyncRoutes gives the routes of the sync engine, of reads without a signal, and
// of the map.
func SyncRoutes() []SyncRoute {
	return append(syncRoutes, SyncRoute{Method: "POST", Path: offlineReadsPath}, SyncRoute{Method: "GET", Path: phoneMapPath})
}

func pull(engine *replica.Engine, e *core.RequestEvent, caller replica.Caller) (any, error) {
	var request replica.PullRequest
	if err := readJSON(e, &request); err != nil {
		return nil, err
	}
	return engine.Pull(e.Request.Context(), caller, request)
}

func push(engine *replica.Engine, e *core.RequestEvent, caller replica.Caller) (any, error) {
	body, err := unzipped(e)
	if err != nil {
		return nil, err
	}
	mutations, err := engine.DecodePush(body)
	if err != nil {
		return nil, err
	}
	return engine.Push(e.Request.Context(), caller, mutations)
}

func digest(engine *replica.Engine, e *core.RequestEvent, caller replica.Caller) (any, error) {
	var request struct {
		Scopes []string `json:"scopes"`
	}
	if err := readJSON(e, &request); err != nil {
		return nil, err
	}
	digests, err := engine.Digests(caller, request.Scopes)
	return map[string]any{"scopes": digests}, err
}

// withCaller answers only officers on enrolled devices, and turns refusals of
// the engine into answers.
func withCaller(engine *replica.Engine, serve func(*core.RequestEvent, replica.Caller) (any, error)) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		caller, err := engine.Authorize(e.Auth, e.Request.Header.Get(deviceHeader))
		var answer any
		if err == nil {
			answer, err = serve(e, caller)
		}
		if err == nil {
			return e.JSON(http.StatusOK, answer)
		}
		return refusal(e, err)
	}
}

// refusal answers with a refusal of the engine, and hides any other error.
func refusal(e *core.RequestEvent, err error) error {
	var refused *replica.Error
	if !errors.As(err, &refused) {
		e.App.Logger().Error("Sync failed", "path", e.Request.URL.Path, "error", err)
		return e.InternalServerError("The server failed. Keep everything and try again.", nil)
	}
	if seconds, ok := refused.More["retry_after"].(int); ok {
		e.Response.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	return e.JSON(refused.Status, refused.Body())
}

const maxSmallBody = 2 << 20

// readJSON reads a small body; an empty one is an empty object.
func readJSON(e *core.RequestEvent, into any) error {
	body, err := unzipped(e)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxSmallBody+1))
	if err != nil || len(raw) > maxSmallBody {
		return &replica.Error{Status: 413, Code: "too_large", Message: "The body is too large."}
	}
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return &replica.Error{Status: 400, Code: "bad_json", Message: "The body is not what is asked for here: " + err.Error()}
	}
	return nil
}

// unzipped gives the body, decompressed when it says that it is compressed. The
// reader behind it bounds what comes out, so a bomb costs no memory.
func unzipped(e *core.RequestEvent) (io.Reader, error) {
	switch e.Request.Header.Get("Content-Encoding") {
	case "", "identity":
		return e.Request.Body, nil
	case "gzip":
		unzip, err := gzip.NewReader(e.Request.Body)
		if err != nil {
			return nil, &replica.Error{Status: 400, Code: "bad_gzip", Message: "The body is not gzip."}
		}
		return unzip, nil
	}
	return nil, &replica.Error{Status: 415, Code: "unknown_encoding", Message: "Send the body plain or as gzip."}
}
