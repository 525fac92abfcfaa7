package commands

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"gridwalk/sim"
)

func newSimulate() *cobra.Command {
	var from, seeds uint64
	c := &cobra.Command{
		Use:         "simulate",
		Short:       "Run fleets of phones under faults in a simulated world, and check that nothing is lost",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			done := uint64(0)
			failed := sim.Seeds(from, seeds, runtime.NumCPU(), sim.DefaultConfig(), func(sim.Report, error) {
				if done++; done%100 == 0 {
					fmt.Fprintf(c.ErrOrStderr(), "%d of %d seeds\n", done, seeds)
				}
			})
			sim.Clean()
			for _, f := range failed {
				if _, err := fmt.Fprintln(c.OutOrStdout(), f.Error()); err != nil {
					return err
				}
			}
			if len(failed) > 0 {
				return fmt.Errorf("%d of %d seeds failed", len(failed), seeds)
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%d seeds from %d: all invariants held\n", seeds, from)
			return err
		},
	}
	c.Flags().Uint64Var(&seeds, "seeds", 200, "how many worlds to run")
	c.Flags().Uint64Var(&from, "from", 1, "the first seed; one seed makes one world")
	return c
}
