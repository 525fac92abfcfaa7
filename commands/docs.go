package commands

import (
	"github.com/spf13/cobra"

	"gridwalk/dict"
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
	return docs
}

// workflowPage is docs/workflow.md, with labels in both languages.
func workflowPage() string {
	return workflow.Page(func(enum, value string) string {
		return dict.Label(enum, value, "zh") + " " + dict.Label(enum, value, "en")
	})
}
