package commands

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	"gridwalk/seal"
	"gridwalk/sealed"
)

// newKeys are the commands for the keys under which personal data are sealed.
func newKeys(app *pocketbase.PocketBase) *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: "The keys under which what is said of people is sealed"}
	c.AddCommand(newMasterKey(), newRotate(app), newRewrap(app))
	return c
}

func newMasterKey() *cobra.Command {
	return &cobra.Command{
		Use:         "new",
		Short:       "Make a master key, to be kept apart from the data",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "true"},
		RunE: func(c *cobra.Command, _ []string) error {
			key := make([]byte, seal.KeySize)
			rand.Read(key)
			_, err := fmt.Fprintln(c.OutOrStdout(), hex.EncodeToString(key))
			return err
		},
	}
}

func newRotate(app *pocketbase.PocketBase) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:         "rotate",
		Short:       "Seal all records anew under a new data key, while the server goes on",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "true"},
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := sealed.Rotate(app)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"sealed": n, "key": sealed.RingOf(app).Current()})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d values are sealed anew. What the history holds stays under the keys it was sealed with.\n", n)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	return c
}

func newRewrap(app *pocketbase.PocketBase) *cobra.Command {
	const suffix = "_NEW"
	return &cobra.Command{
		Use:   "rewrap",
		Short: "Put the data keys under another master key, which " + seal.FileVariable + suffix + " names",
		Long: "Puts the data keys under another master key. It comes from one of " + seal.KeyVariable + suffix + ",\n" +
			seal.FileVariable + suffix + " and " + seal.CommandVariable + suffix + ". A server that runs goes on; it needs the new\n" +
			"one when it starts again. Backups made before need the old one.",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "true"},
		RunE: func(c *cobra.Command, _ []string) error {
			to, err := seal.MasterFrom(os.LookupEnv, suffix)
			if err != nil {
				return err
			}
			if to == nil {
				return fmt.Errorf("name the new master key in %s", seal.FileVariable+suffix)
			}
			n, err := sealed.Rewrap(app, to)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d data keys are under master key %s now.\n", n, to.Name())
			return err
		},
	}
}
