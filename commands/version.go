package commands

import (
	"fmt"
	"runtime"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	"gridwalk/server"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Print the version",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "gridwalk %s (PocketBase %s, %s)\n", server.Version, pocketbase.Version, runtime.Version())
			return err
		},
	}
}
