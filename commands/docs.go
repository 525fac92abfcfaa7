package commands

import (
	"github.com/spf13/cobra"

	"gridwalk/workflow"
)

func newDocs() *cobra.Command {
	docs := &cobra.Command{Use: "docs", Short: "Print pages that are made from the code"}
	docs.AddCommand(&cobra.Command{
		Use:         "workflow",
		Short:       "Print the state machines as a page with drawings: docs/workflow.md",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write([]byte(workflowPage()))
			return err
		},
	})
	docs.AddCommand(&cobra.Command{
		Use:         "sdk",
		Short:       "Print what the TypeScript client knows of the schema: sdk/src/schema.ts",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			schema, err := sdkSchema()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write([]byte(schema))
			return err
		},
	})
	return docs
}

// workflowPage is docs/workflow.md, with labels in both languages.
func workflowPage() string {
	return workflow.Page(bothLabels)
}
