package commands

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/meters"
)

func newSensors(app *pocketbase.PocketBase) *cobra.Command {
	c := &cobra.Command{Use: "sensors", Short: "What sends readings of meters"}
	var asJSON bool
	token := &cobra.Command{
		Use:   "token NAME",
		Short: "Give the source called NAME a token, and make the source if there is none",
		Long: "Gives the source of readings called NAME a token, and makes the source if there is none.\n" +
			"The token is shown this once; one given before no longer works.",
		Args: cobra.ExactArgs(1),
		RunE: migrated(app, func(c *cobra.Command, args []string) error {
			token, err := giveToken(app, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{"source": meters.SourceOf(token), "name": args[0], "token": token})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "The token of %s, shown this once: %s\n", args[0], token)
			return err
		}),
	}
	token.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON")
	c.AddCommand(token)
	return c
}

func giveToken(app core.App, name string) (string, error) {
	source, err := app.FindFirstRecordByData("sensor_sources", "name", name)
	if errors.Is(err, sql.ErrNoRows) {
		var collection *core.Collection
		if collection, err = app.FindCollectionByNameOrId("sensor_sources"); err == nil {
			source = core.NewRecord(collection)
			source.Id = core.GenerateDefaultRandomId()
			source.Set("name", name)
		}
	}
	if err != nil {
		return "", fmt.Errorf("find the source %s: %w", name, err)
	}
	token, hash := meters.Token(source.Id, rand.Text())
	source.Set("secret_hash", hash)
	if err := app.Save(source); err != nil {
		return "", fmt.Errorf("save the source %s: %w", name, err)
	}
	return token, nil
}
