package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// engines are the oldest browsers that are served; syntax that they lack is
// written in older words.
var engines = []api.Engine{{Name: api.EngineChrome, Version: "80"}, {Name: api.EngineSafari, Version: "15.4"}, {Name: api.EngineNode, Version: "18"}}

// buildSDK gives the modules of sdk/dist by their paths, each from one module of
// sdk/src. They are not bundled: an app's bundler takes what it needs, and an
// error is of one class wherever it was imported from.
func buildSDK(root string) (map[string][]byte, error) {
	src, err := filepath.Abs(filepath.Join(root, "sdk", "src"))
	if err != nil {
		return nil, fmt.Errorf("find sdk/src: %w", err)
	}
	var entries []string
	err = filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ts") {
			entries = append(entries, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sdk/src: %w", err)
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: entries,
		Outbase:     src,
		Outdir:      src,
		Format:      api.FormatESModule,
		Engines:     engines,
		Charset:     api.CharsetUTF8,
		TsconfigRaw: `{"compilerOptions": {"target": "ES2022", "verbatimModuleSyntax": true, "useDefineForClassFields": true}}`,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	built := map[string][]byte{}
	for _, file := range result.OutputFiles {
		name, err := filepath.Rel(src, file.Path)
		if err != nil {
			return nil, fmt.Errorf("name a module: %w", err)
		}
		built[filepath.ToSlash(name)] = file.Contents
	}
	return built, nil
}
