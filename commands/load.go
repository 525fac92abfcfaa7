package commands

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"gridwalk/demo"
	"gridwalk/sim/load"
)

func newLoad() *cobra.Command {
	config := load.Config{}
	var asJSON bool
	c := &cobra.Command{
		Use:         "load",
		Short:       "Drive a server on this machine with many phones, and measure it",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			report, err := load.Run(c.Context(), config, c.ErrOrStderr())
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(report)
			}
			report.Print(c.OutOrStdout())
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&config.URL, "url", "http://127.0.0.1:8090", "address of the server; this machine only")
	f.StringVar(&config.Email, "email", demo.Superuser, "superuser of the server")
	f.StringVar(&config.Password, "password", demo.Password, "his password")
	f.IntVar(&config.Phones, "phones", 200, "how many phones")
	f.StringVar(&config.Profile, "profile", "rural", "rural, urban or storm")
	f.Float64Var(&config.Minutes, "minutes", 1, "how long")
	f.IntVar(&config.PID, "pid", 0, "process of the server, for its CPU and memory")
	f.Uint64Var(&config.Seed, "seed", 1, "the same seed makes the same writes")
	f.BoolVar(&asJSON, "json", false, "print the report as JSON")
	return c
}
