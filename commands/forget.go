package commands

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	"gridwalk/keep"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
)

func newForget(app *pocketbase.PocketBase) *cobra.Command {
	var why string
	var asJSON, dryRun bool
	c := &cobra.Command{
		Use:   "forget RESIDENT --why REASON",
		Short: "Erase what is kept of a resident who asked for it, or say what would go",
		Long: "Erases what tells about the resident with the id RESIDENT: records, their history, photographs with previews,\n" +
			"values that lost, what was refused, and parts of uploads. Phones lose it at their next contact.\n" +
			"What must stay, and on which basis, is said; --dry-run says so and changes nothing.\n" +
			"Backups made before still hold it until they are deleted: see docs/security.md.",
		Annotations: map[string]string{oldData: "yes"},
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(c, args); err != nil {
				return err
			}
			if !dryRun && strings.TrimSpace(why) == "" {
				return fmt.Errorf("say why: --why REASON")
			}
			return nil
		},
		RunE: migrated(app, func(c *cobra.Command, args []string) error {
			var f *hooks.Forgetting
			var err error
			if dryRun {
				f, err = hooks.PlanForgetting(app, args[0], time.Now())
			} else if f, err = hooks.Forget(app, replica.Redact, args[0], why, "", time.Now()); err == nil {
				err = hooks.FinishForgetting(app)
			}
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(f)
			}
			return sayForgotten(c.OutOrStdout(), f)
		}),
	}
	c.Flags().StringVar(&why, "why", "", "why, such as the number of the request; no names")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would go and what would stay, and change nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return c
}

// sayForgotten prints what goes and what stays, line by line.
func sayForgotten(out io.Writer, f *hooks.Forgetting) error {
	gone := 0
	for _, item := range f.Items {
		said := string(item.Fate)
		switch {
		case item.Hold != "":
			said = "stays, legal hold " + item.Hold
		case item.Fate == keep.Delete:
			gone++
		case len(item.Fields) > 0:
			said += " " + strings.Join(slices.Sorted(slices.Values(item.Fields)), ", ")
		}
		if item.Basis != "" && item.Hold == "" {
			said += " (" + item.Basis + ")"
		}
		if _, err := fmt.Fprintf(out, "%s %s: %s: %s\n", item.Collection, item.Record, said, item.Why); err != nil {
			return err
		}
	}
	verb := "would be deleted"
	if f.Done {
		verb = "deleted"
	}
	_, err := fmt.Fprintf(out, "%d of %d records %s\n", gone, len(f.Items), verb)
	if err == nil && !f.Complete {
		_, err = fmt.Fprintln(out, "Not all went: something is under legal hold.")
	}
	return err
}
