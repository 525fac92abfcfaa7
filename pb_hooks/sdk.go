package hooks

import (
	"fmt"
	"maps"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/sdk"
)

// bindSDK serves the TypeScript client at /sdk/: its modules, and the package to
// install in a network without a registry.
func bindSDK(app core.App) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		served, err := sdkFiles()
		if err != nil {
			return err
		}
		for name, file := range served {
			e.Router.GET("/sdk/"+name, file.serve)
		}
		return e.Next()
	})
}

// sdkFiles gives what stands under /sdk/, by its path there.
func sdkFiles() (map[string]asset, error) {
	name, archive, err := sdk.Pack()
	if err != nil {
		return nil, err
	}
	served := map[string]asset{name: newAsset(name, archive)}
	dist, err := sdk.Dist()
	if err != nil {
		return nil, fmt.Errorf("serve the SDK: %w", err)
	}
	modules, err := assetsOf(dist)
	if err != nil {
		return nil, fmt.Errorf("serve the SDK: %w", err)
	}
	maps.Copy(served, modules)
	return served, nil
}
