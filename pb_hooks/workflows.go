package hooks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/workflow"
)

const workflowsPath = "/api/workflows"

// bindWorkflows serves the state machines to phones, which then offer only what
// is allowed. They change with the binary only, so that a phone asks with the
// tag of what it has and is told that nothing is new.
func bindWorkflows(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		body, err := json.Marshal(map[string]any{"workflows": workflow.Tables()})
		if err != nil {
			return fmt.Errorf("write the workflows: %w", err)
		}
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		e.Router.GET(workflowsPath, func(e *core.RequestEvent) error {
			e.Response.Header().Set("ETag", tag)
			e.Response.Header().Set("Cache-Control", "no-cache")
			if e.Request.Header.Get("If-None-Match") == tag {
				return e.NoContent(http.StatusNotModified)
			}
			return e.Blob(http.StatusOK, "application/json", body)
		}).Bind(apis.Gzip())
		return e.Next()
	})
}
