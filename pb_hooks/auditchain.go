package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/replica"
)

// bindChain seals the history and the read audit each minute and when the
// server stops, beside what writes them, and tells the heads daily to whoever
// is to keep them.
func bindChain(app core.App, s Settings) {
	seal := func() {
		if _, err := replica.SealChain(app, s.Now().UTC().Format(time.RFC3339)); err != nil {
			app.Logger().Error("Sealing the history failed", "error", err)
		}
	}
	app.Cron().MustAdd("gridwalk_seals", "* * * * *", seal)
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		if e.App.IsBootstrapped() && e.App.HasTable("_sync_seals") {
			seal()
		}
		return e.Next()
	})
	if s.AuditHead == "" {
		return
	}
	app.Cron().MustAdd("gridwalk_heads", "23 16 * * *", func() {
		if err := ExportHeads(app, s.AuditHead); err != nil {
			app.Logger().Error("The heads of the history were not exported", "error", err)
		}
	})
}

const exportTime = 30 * time.Second

// ExportHeads appends the heads of the chain to a file, one line of JSON for
// each source, or posts the same lines to an https address; one of this machine
// may be http.
func ExportHeads(app core.App, to string) error {
	heads, err := replica.Heads(app)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, head := range heads {
		if err := json.NewEncoder(&lines).Encode(head); err != nil {
			return fmt.Errorf("write a head: %w", err)
		}
	}
	if strings.Contains(to, "://") {
		return postHeads(to, &lines)
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("export the heads: %w", err)
	}
	if _, err := file.Write(lines.Bytes()); err != nil {
		file.Close()
		return fmt.Errorf("export the heads: %w", err)
	}
	return file.Close()
}

func postHeads(to string, lines *bytes.Buffer) error {
	if !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://127.0.0.1:") && !strings.HasPrefix(to, "http://localhost:") {
		return fmt.Errorf("export the heads: %s is no https address", to)
	}
	ctx, cancel := context.WithTimeout(context.Background(), exportTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, lines)
	if err != nil {
		return fmt.Errorf("export the heads: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("export the heads: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("export the heads: the answer is %s", response.Status)
	}
	return nil
}
