package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

const root = "../.."

// What is committed in sdk/dist is what sdk/src builds, byte for byte.
func TestTheBuiltSDKIsThatOfTheSource(t *testing.T) {
	built, err := buildSDK(root)
	if err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(root, "sdk", "dist")
	committed, err := modules(dist)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range committed {
		if _, ok := built[name]; !ok {
			t.Errorf("sdk/dist/%s has no source: go run ./tools/web", name)
		}
	}
	for name, want := range built {
		if have, err := os.ReadFile(filepath.Join(dist, name)); err != nil || !bytes.Equal(have, want) {
			t.Errorf("sdk/dist/%s is stale: go run ./tools/web", name)
		}
	}
}

// The core is small, has no dependency, and takes only what an app imports.
func TestTheCoreIsSmall(t *testing.T) {
	tests := []struct {
		name, code string
		most       int // bytes, minified and compressed
	}{
		{"the client", `export { openClient, signIn, enrol, GridwalkError } from "./index.js"`, 9 << 10},
		{"with typed collections and workflows", `export { openClient, signIn, enrol, collections, GridwalkError } from "./index.js"`, 11 << 10},
		{"with fetch", `export { openClient, collections } from "./index.js"; export * from "./adapters/fetch.js"`, 13 << 10},
	}
	for _, test := range tests {
		result := api.Build(api.BuildOptions{
			Stdin:  &api.StdinOptions{Contents: test.code, ResolveDir: filepath.Join(root, "sdk", "dist")},
			Bundle: true, Format: api.FormatESModule, Engines: engines,
			MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		})
		if len(result.Errors) > 0 {
			t.Fatal(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}))
		}
		var packed bytes.Buffer
		zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zip.Write(result.OutputFiles[0].Contents); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", test.name, packed.Len())
		if packed.Len() > test.most {
			t.Errorf("%s takes %d bytes, more than %d", test.name, packed.Len(), test.most)
		}
	}
}
