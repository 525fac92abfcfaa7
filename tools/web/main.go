// Command web builds what runs in a browser, without Node: sdk/dist from
// sdk/src and web/dist from web/src. Run it at the root of the repository.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

// target is a folder of built files: how they are made, and which files that
// stand there are of this kind.
type target struct {
	dist  string
	build func(root string) (map[string][]byte, error)
	ours  func(name string) bool
}

var targets = []target{
	{"sdk/dist", buildSDK, func(name string) bool { return strings.HasSuffix(name, ".js") }},
	{"web/dist", buildApp, func(string) bool { return true }},
}

// run writes what is built; files that have no source any more go.
func run(root string) error {
	for _, t := range targets {
		built, err := t.build(root)
		if err != nil {
			return err
		}
		dist := filepath.Join(root, filepath.FromSlash(t.dist))
		old, err := t.standing(dist)
		if err != nil {
			return err
		}
		for _, name := range old {
			if _, ok := built[name]; !ok {
				if err := os.Remove(filepath.Join(dist, name)); err != nil {
					return fmt.Errorf("remove an old file: %w", err)
				}
			}
		}
		for name, content := range built {
			path := filepath.Join(dist, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return fmt.Errorf("make a folder: %w", err)
			}
			if err := os.WriteFile(path, content, 0o644); err != nil {
				return fmt.Errorf("write a file: %w", err)
			}
		}
	}
	return nil
}

// standing lists the files of this kind that stand in dist.
func (t target) standing(dist string) (names []string, err error) {
	err = filepath.WalkDir(dist, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dist, path)
		if name = filepath.ToSlash(name); t.ours(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dist, err)
	}
	return names, nil
}
