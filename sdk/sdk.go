// Package sdk holds the TypeScript client as it is published: what stands in
// this folder, and what gridwalk serves of it to networks without a registry.
// It also writes the part of the client's source that follows from the schema.
package sdk

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

//go:embed package.json README.md LICENSE all:dist
var files embed.FS

// Dist is the built client: ES modules and their types.
func Dist() (fs.FS, error) { return fs.Sub(files, "dist") }

// Pack gives the package as npm pack would make it, and its file name. The same
// files give the same bytes.
func Pack() (name string, archive []byte, err error) {
	raw, err := files.ReadFile("package.json")
	if err != nil {
		return "", nil, fmt.Errorf("read the package of the SDK: %w", err)
	}
	var described struct{ Name, Version string }
	if err := json.Unmarshal(raw, &described); err != nil {
		return "", nil, fmt.Errorf("read the package of the SDK: %w", err)
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	out := tar.NewWriter(zip)
	err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		if err := out.WriteHeader(&tar.Header{Name: "package/" + path, Mode: 0o644, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err = out.Write(content)
		return err
	})
	if err == nil {
		err = out.Close()
	}
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		return "", nil, fmt.Errorf("pack the SDK: %w", err)
	}
	return described.Name + "-" + described.Version + ".tgz", packed.Bytes(), nil
}
