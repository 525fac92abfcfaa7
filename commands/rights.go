package commands

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	hooks "gridwalk/pb_hooks"
)

// newTold is a command that answers a resident who asks.
func newTold(app *pocketbase.PocketBase, use, short string, tell func(core.App, string, time.Time) (*hooks.Told, error)) *cobra.Command {
	var page string
	c := &cobra.Command{
		Use:         use + " RESIDENT",
		Short:       short,
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{oldData: "yes"},
		RunE: migrated(app, func(c *cobra.Command, args []string) error {
			told, err := tell(app, args[0], time.Now())
			if err != nil {
				return err
			}
			if err := hooks.NoteReport(app, args[0], told.English, time.Now()); err != nil {
				return err
			}
			if page == "" {
				out := json.NewEncoder(c.OutOrStdout())
				out.SetIndent("", "  ")
				return out.Encode(told)
			}
			text, err := told.Page()
			if err != nil {
				return err
			}
			if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
				return fmt.Errorf("write the page: %w", err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: a page to print\n", page)
			return err
		}),
	}
	c.Flags().StringVar(&page, "html", "", "file for a page to print; JSON is printed without it")
	return c
}
