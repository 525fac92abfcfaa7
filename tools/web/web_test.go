package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

const root = "../.."

// What is committed in dist is what the source builds, byte for byte.
func TestWhatIsBuiltIsThatOfTheSource(t *testing.T) {
	for _, target := range targets {
		built, err := target.build(root)
		if err != nil {
			t.Fatal(err)
		}
		dist := filepath.Join(root, filepath.FromSlash(target.dist))
		committed, err := target.standing(dist)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range committed {
			if _, ok := built[name]; !ok {
				t.Errorf("%s/%s has no source: make web", target.dist, name)
			}
		}
		for name, want := range built {
			if have, err := os.ReadFile(filepath.Join(dist, name)); err != nil || !bytes.Equal(have, want) {
				t.Errorf("%s/%s is stale: make web", target.dist, name)
			}
		}
	}
}

// What the app needs before its first screen is small: 60 KB of scripts and 10
// of style, compressed.
func TestTheShellIsSmall(t *testing.T) {
	built, err := buildApp(root)
	if err != nil {
		t.Fatal(err)
	}
	imports := regexp.MustCompile(`(?:from|import)"\./([^"]+)"`)
	page := string(built["index.html"])
	var main, style string
	for name := range built {
		if strings.Contains(page, name) && strings.HasSuffix(name, ".js") {
			main = name
		} else if strings.Contains(page, name) && strings.HasSuffix(name, ".css") {
			style = name
		}
	}
	needed := []string{main}
	for i := 0; i < len(needed); i++ {
		for _, found := range imports.FindAllSubmatch(built[needed[i]], -1) {
			if name := "assets/" + string(found[1]); !slices.Contains(needed, name) {
				needed = append(needed, name)
			}
		}
	}
	scripts := 0
	for _, name := range needed {
		scripts += packed(t, built[name])
	}
	t.Logf("%d bytes of scripts in %d files, %d of style", scripts, len(needed), packed(t, built[style]))
	if scripts > 60_000 {
		t.Errorf("the first screen needs %d bytes of scripts", scripts)
	}
	if size := packed(t, built[style]); size > 10_000 {
		t.Errorf("the style has %d bytes", size)
	}
}

// The core is small, has no dependency, and takes only what an app imports.
func TestTheCoreIsSmall(t *testing.T) {
	tests := []struct {
		name, code string
		most       int // bytes, minified and compressed
	}{
		{"the client", `export { openClient, signIn, enrol, GridwalkError } from "./index.js"`, 10 << 10},
		{"with typed collections and workflows", `export { openClient, signIn, enrol, collections, GridwalkError } from "./index.js"`, 13 << 10},
		{"with fetch", `export { openClient, collections } from "./index.js"; export * from "./adapters/fetch.js"`, 14 << 10},
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
		size := packed(t, result.OutputFiles[0].Contents)
		t.Logf("%s: %d bytes", test.name, size)
		if size > test.most {
			t.Errorf("%s takes %d bytes, more than %d", test.name, size, test.most)
		}
	}
}

// packed is the size of content as gzip makes it.
func packed(t *testing.T, content []byte) int {
	t.Helper()
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := zip.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
