package hooks

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// asset is a file of the binary, which changes with the binary only.
type asset struct {
	kind, tag, cache string
	content          []byte
	packed           []byte // by gzip; nil when that is not smaller
}

func (a asset) serve(e *core.RequestEvent) error {
	header := e.Response.Header()
	body, tag := a.content, a.tag
	if a.packed != nil {
		header.Set("Vary", "Accept-Encoding")
		if strings.Contains(e.Request.Header.Get("Accept-Encoding"), "gzip") {
			header.Set("Content-Encoding", "gzip")
			body, tag = a.packed, strings.TrimSuffix(a.tag, `"`)+`-gzip"`
		}
	}
	header.Set("ETag", tag)
	header.Set("Cache-Control", a.cache)
	if hasTag(e.Request.Header.Get("If-None-Match"), tag) {
		header.Del("Content-Encoding")
		return e.NoContent(http.StatusNotModified)
	}
	return e.Blob(http.StatusOK, a.kind, body)
}

// assetsOf reads the files of dist, by their paths.
func assetsOf(dist fs.FS) (map[string]asset, error) {
	served := map[string]asset{}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		served[name] = newAsset(name, content)
		return err
	})
	return served, err
}

// kinds are named here: what the machine says of them differs from one to the next.
var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".ts": "text/plain; charset=utf-8", ".tgz": "application/gzip",
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json"}

func newAsset(name string, content []byte) asset {
	kind, known := kinds[path.Ext(name)]
	if !known {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	sum := sha256.Sum256(content)
	a := asset{kind: kind, tag: `"` + hex.EncodeToString(sum[:8]) + `"`, cache: "no-cache", content: content}
	if packed := gzipped(content); len(packed) < len(content) {
		a.packed = packed
	}
	return a
}

// gzipped packs once what is served often. Writing into memory does not fail.
func gzipped(content []byte) []byte {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return content
	}
	return packed.Bytes()
}
