package commands

import (
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
	"gridwalk/replica"
	"gridwalk/sdk"
	"gridwalk/seal"
	"gridwalk/sealed"
	"gridwalk/workflow"
)

// sdkSchema is sdk/src/schema.ts. It makes a database of its own to read the
// schema from.
func sdkSchema() (schema string, err error) {
	dir, err := os.MkdirTemp("", "gridwalk-schema-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the schema: %w", err)
	}
	defer os.RemoveAll(dir)
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	sealed.Bind(app, seal.Known())
	if err := app.Bootstrap(); err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	defer app.ResetBootstrapState()
	if err := app.RunAllMigrations(); err != nil {
		return "", fmt.Errorf("make the schema: %w", err)
	}
	var collections []*core.Collection
	for _, name := range replica.Collections {
		c, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return "", fmt.Errorf("read the schema of %s: %w", name, err)
		}
		collections = append(collections, c)
	}
	return sdk.Schema(collections, workflow.Tables(), bothLabels)
}

// bothLabels is the word for a value in both languages.
func bothLabels(enum, value string) string {
	return dict.Label(enum, value, "zh") + " " + dict.Label(enum, value, "en")
}
