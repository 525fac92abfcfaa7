package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// appEngines are the oldest browsers that the app is built for.
var appEngines = []api.Engine{{Name: api.EngineChrome, Version: "80"}, {Name: api.EngineSafari, Version: "15.4"}}

// asIs are files of web/src that are served as they are.
var asIs = []string{"icon.svg", "manifest.webmanifest"}

// buildApp gives the files of web/dist by their paths. The id of a build is a
// hash of its shell, so the same source makes the same bytes everywhere.
func buildApp(root string) (map[string][]byte, error) {
	base, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	src := filepath.Join(base, "web", "src")
	id, err := sourceID(base)
	if err != nil {
		return nil, err
	}
	options := api.BuildOptions{
		Bundle: true, Splitting: true, Format: api.FormatESModule, Outdir: filepath.Join(base, "web", "dist", "assets"), AbsWorkingDir: base,
		EntryPoints: []string{filepath.Join(src, "main.tsx"), filepath.Join(src, "style.css")},
		EntryNames:  "[name]-[hash]", ChunkNames: "[name]-[hash]",
		Engines: appEngines, Charset: api.CharsetUTF8, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		NodePaths: []string{filepath.Join(base, "web", "vendor", "npm")}, MainFields: []string{"browser", "module", "main"},
		Alias:       sdkSources(base),
		Define:      map[string]string{"BUILD": quoted(id)},
		TsconfigRaw: `{"compilerOptions": {"target": "ES2022", "jsx": "react-jsx", "jsxImportSource": "preact", "verbatimModuleSyntax": true, "useDefineForClassFields": true}}`,
	}
	bundled, err := bundle(options)
	if err != nil {
		return nil, err
	}
	built, shell := map[string][]byte{}, []string{}
	entry := map[string]string{}
	for _, file := range bundled {
		name := path.Join("assets", filepath.Base(file.Path))
		built[name] = file.Contents
		shell = append(shell, "/app/"+name)
		for _, which := range []string{"main", "style"} {
			if strings.HasPrefix(filepath.Base(file.Path), which+"-") {
				entry[which] = "/app/" + name
			}
		}
	}
	for _, name := range asIs {
		if built[name], err = os.ReadFile(filepath.Join(src, name)); err != nil {
			return nil, fmt.Errorf("read the app: %w", err)
		}
		shell = append(shell, "/app/"+name)
	}
	page, err := os.ReadFile(filepath.Join(src, "index.html"))
	if err != nil {
		return nil, fmt.Errorf("read the app: %w", err)
	}
	built["index.html"] = bytes.ReplaceAll(bytes.ReplaceAll(page, []byte("{{style}}"), []byte(entry["style"])), []byte("{{script}}"), []byte(entry["main"]))
	slices.Sort(shell)
	list, err := json.Marshal(shell)
	if err != nil {
		return nil, fmt.Errorf("list the shell: %w", err)
	}
	worker, err := bundle(api.BuildOptions{
		Bundle: true, Format: api.FormatIIFE, EntryPoints: []string{filepath.Join(src, "sw.ts")}, Outdir: filepath.Join(base, "web", "dist"), AbsWorkingDir: base,
		Engines: appEngines, Charset: api.CharsetUTF8, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Define: map[string]string{"BUILD": quoted(id), "FILES": string(list)},
	})
	if err != nil {
		return nil, err
	}
	built["sw.js"] = worker[0].Contents
	return built, nil
}

// sdkSources has the app built of the client's source by its public names.
func sdkSources(base string) map[string]string {
	src := filepath.Join(base, "sdk", "src")
	sources := map[string]string{"gridwalk": filepath.Join(src, "index.ts")}
	for _, adapter := range []string{"fetch", "idb", "tus"} {
		sources["gridwalk/"+adapter] = filepath.Join(src, "adapters", adapter+".ts")
	}
	// Installed copies, of who works on the client, would give other names.
	for _, vendored := range []string{"idb", "tus-js-client"} {
		sources[vendored] = filepath.Join(base, "web", "vendor", "npm", vendored)
	}
	return sources
}

func bundle(options api.BuildOptions) ([]api.OutputFile, error) {
	result := api.Build(options)
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("bundle the app: %s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	return result.OutputFiles, nil
}

// sourceID names a build after what it is made of.
func sourceID(base string) (string, error) {
	sum := sha256.New()
	for _, dir := range []string{"web/src", "web/vendor/npm", "sdk/src"} {
		err := filepath.WalkDir(filepath.Join(base, filepath.FromSlash(dir)), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(base, path)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(sum, "%s %d\n%s", filepath.ToSlash(name), len(content), content)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read %s: %w", dir, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(raw)
}
