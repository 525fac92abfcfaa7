// Command web builds what runs in a browser, without Node: sdk/dist from
// sdk/src. Run it at the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

// run writes what is built; modules that have no source any more go.
func run(root string) error {
	built, err := buildSDK(root)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "sdk", "dist")
	old, err := modules(dist)
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, ok := built[name]; !ok {
			if err := os.Remove(filepath.Join(dist, name)); err != nil {
				return fmt.Errorf("remove an old module: %w", err)
			}
		}
	}
	for name, content := range built {
		path := filepath.Join(dist, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("write a module: %w", err)
		}
	}
	return nil
}
