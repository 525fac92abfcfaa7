package hooks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/sdk"
)

// bindSDK serves the TypeScript client at /sdk/: its modules, and the package to
// install in a network without a registry.
func bindSDK(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		served, err := sdkFiles()
		if err != nil {
			return err
		}
		for name, file := range served {
			e.Router.GET("/sdk/"+name, file.serve).Bind(apis.Gzip())
		}
		return e.Next()
	})
}

// asset is a file of the binary, which changes with the binary only.
type asset struct {
	kind, tag string
	content   []byte
}

func (a asset) serve(e *core.RequestEvent) error {
	header := e.Response.Header()
	header.Set("ETag", a.tag)
	header.Set("Cache-Control", "no-cache")
	if e.Request.Header.Get("If-None-Match") == a.tag {
		return e.NoContent(http.StatusNotModified)
	}
	return e.Blob(http.StatusOK, a.kind, a.content)
}

// sdkFiles gives what stands under /sdk/, by its path there.
func sdkFiles() (map[string]asset, error) {
	name, archive, err := sdk.Pack()
	if err != nil {
		return nil, err
	}
	served := map[string]asset{name: newAsset(name, archive)}
	dist, err := sdk.Dist()
	if err != nil {
		return nil, fmt.Errorf("serve the SDK: %w", err)
	}
	err = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		served[name] = newAsset(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("serve the SDK: %w", err)
	}
	return served, nil
}

// kinds are named here: what the machine says of them differs from one to the next.
var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".ts": "text/plain; charset=utf-8", ".tgz": "application/gzip"}

func newAsset(name string, content []byte) asset {
	kind, known := kinds[path.Ext(name)]
	if !known {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	sum := sha256.Sum256(content)
	return asset{kind, `"` + hex.EncodeToString(sum[:8]) + `"`, content}
}
