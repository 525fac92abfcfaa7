// Package commands holds what gridwalk can be told to do from a shell. Each
// command says what it did in one line for people, or as JSON for programs,
// and fails when anything was refused.
package commands

import (
	"errors"
	"fmt"
	"io"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"
	"github.com/spf13/cobra"
)

// withoutData marks a command that needs no database and must not make one.
const withoutData = "without data"

// Run adds the commands to app, runs the one that args name, and gives its
// error.
func Run(app *pocketbase.PocketBase, args []string, out, errOut io.Writer) error {
	root := app.RootCmd
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetArgs(args)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.AddCommand(
		cmd.NewServeCommand(app, false),
		cmd.NewSuperuserCommand(app),
		newDemo(app),
		newImport(app),
		newDoctor(app),
		newHealth(),
		newVersion(),
	)
	if err := migratecmd.Register(app, root, migratecmd.Config{}); err != nil {
		return fmt.Errorf("add command migrate: %w", err)
	}
	command, _, err := root.Find(args)
	if err != nil {
		return err
	}
	if command.Annotations[withoutData] != "" {
		return root.Execute()
	}
	var failed error
	remember(root, &failed)
	return errors.Join(app.Execute(), failed)
}

// remember keeps the error of whichever command runs: PocketBase's Execute
// drops it, and a failed command must not exit with 0.
func remember(c *cobra.Command, failed *error) {
	keep := func(err error) error {
		*failed = err
		return err
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return keep(err) })
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error { return keep(check(c, args)) }
	}
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error { return keep(run(c, args)) }
	}
	for _, sub := range c.Commands() {
		remember(sub, failed)
	}
}

// migrated runs a command on a database that has the newest schema.
func migrated(app *pocketbase.PocketBase, run func(c *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := app.RunAllMigrations(); err != nil {
			return fmt.Errorf("bring the schema up to date: %w", err)
		}
		return run(c, args)
	}
}
