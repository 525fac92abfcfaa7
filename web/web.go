// Package web holds the officer app as it is served: what tools/web made of
// web/src.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the built app: the page, the service worker, the manifest, and in
// assets/ what carries its hash in its name.
func Dist() (fs.FS, error) { return fs.Sub(files, "dist") }
