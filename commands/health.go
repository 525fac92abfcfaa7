package commands

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func newHealth() *cobra.Command {
	var url string
	c := &cobra.Command{
		Use:         "health",
		Short:       "Ask a running server whether it is well, for container health checks",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{withoutData: "yes"},
		RunE: func(c *cobra.Command, _ []string) error {
			client := http.Client{Timeout: 3 * time.Second}
			answer, err := client.Get(url + "/api/health")
			if err != nil {
				return fmt.Errorf("ask %s: %w", url, err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answers %s", url, answer.Status)
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "healthy")
			return err
		},
	}
	c.Flags().StringVar(&url, "url", "http://127.0.0.1:8090", "address of the server")
	return c
}
