// Package commands holds what gridwalk can be told to do from a shell. Each
// command says what it did in one line for people, or as JSON for programs,
// and fails when anything was refused.
package commands

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"
	"github.com/spf13/cobra"

	hooks "gridwalk/pb_hooks"
)

// Annotations of commands.
const (
	withoutData = "without data" // needs no database and must not make one
	oldData     = "old data"     // needs a database that is there already
)

var errInterrupted = errors.New("interrupted before it was done")

// Run adds the commands to app, runs the one that args name, and gives its
// error.
func Run(app *pocketbase.PocketBase, args []string, out, errOut io.Writer) error {
	root := app.RootCmd
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetArgs(args)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.AddCommand(
		newServe(app),
		cmd.NewSuperuserCommand(app),
		newDemo(app),
		newDocs(),
		newImport(app),
		newExport(app),
		newMap(app),
		newEvidence(app),
		newDoctor(app),
		newForget(app),
		newHealth(),
		newKeys(app),
		newAudit(app),
		newTold(app, "who-looked", "Tell a resident who looked at his record", hooks.WhoLooked),
		newTold(app, "holds", "Tell a resident everything that is held of him, and why", hooks.Holds),
		newParcels(app),
		newSensors(app),
		newSimulate(),
		newLoad(),
		newVersion(),
	)
	if err := migratecmd.Register(app, root, migratecmd.Config{}); err != nil {
		return fmt.Errorf("add command migrate: %w", err)
	}
	command, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	// PocketBase opens the database, or makes one, before it looks at the rest of
	// the line: what is wrong with that must be said first.
	command.InitDefaultHelpFlag()
	if err := command.ParseFlags(rest); err != nil {
		return err
	}
	rest = command.Flags().Args()
	if !command.Runnable() && len(rest) > 0 {
		return fmt.Errorf("unknown command %q for %q", rest[0], command.CommandPath())
	}
	help, _ := command.Flags().GetBool("help")
	if help || !command.Runnable() || command.Annotations[withoutData] != "" {
		return root.Execute()
	}
	if err := command.ValidateArgs(rest); err != nil {
		return err
	}
	if command.Annotations[oldData] != "" {
		if _, err := os.Stat(filepath.Join(app.DataDir(), "data.db")); err != nil {
			return fmt.Errorf("there is no database in %s: %w", app.DataDir(), err)
		}
	}
	// What serves ends when it is told to, and that is well; anything else that is
	// cut short has failed.
	var serving, ended atomic.Bool
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		ended.Store(true)
		return e.Next()
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		err := e.Next()
		serving.Store(err == nil)
		return err
	})
	end := make(chan error, 1)
	report(root, end)
	if err := app.Execute(); err != nil {
		return err
	}
	select {
	case err := <-end:
		if err != nil && ended.Load() && !serving.Load() {
			return fmt.Errorf("%w: %w", errInterrupted, err)
		}
		return err
	default:
	}
	if serving.Load() {
		return nil
	}
	return errInterrupted
}

// report sends how the command ends, whichever it is: PocketBase's Execute
// drops the error, and a failed command must not exit with 0. Nothing is sent
// when a signal ends it.
func report(c *cobra.Command, end chan<- error) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			err := run(c, args)
			end <- err
			return err
		}
	} else if run := c.Run; run != nil {
		c.Run = func(c *cobra.Command, args []string) {
			run(c, args)
			end <- nil
		}
	}
	for _, sub := range c.Commands() {
		report(sub, end)
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
