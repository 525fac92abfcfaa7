package commands

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/keep"
	hooks "gridwalk/pb_hooks"
	"gridwalk/replica"
)

// newAudit are the commands for the chain that history and reads are sealed in.
func newAudit(app *pocketbase.PocketBase) *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "The chain that the history and the read audit are sealed in"}
	var to string
	head := &cobra.Command{
		Use:         "head",
		Short:       "Seal what is new, and print the newest block of each source, or export it",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "true"},
		RunE: migrated(app, func(c *cobra.Command, _ []string) error {
			if _, err := replica.SealChain(app, time.Now().UTC().Format(time.RFC3339)); err != nil {
				return err
			}
			if to != "" {
				return hooks.ExportHeads(app, to)
			}
			heads, err := replica.Heads(app)
			if err != nil {
				return err
			}
			for _, head := range heads {
				if err := json.NewEncoder(c.OutOrStdout()).Encode(head); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	head.Flags().StringVar(&to, "to", "", "file to append the heads to, or https address to post them to")
	c.AddCommand(head)
	return c
}

// auditChain verifies the chain, that the heads in a file are still in it, and
// the log of what was purged.
func auditChain(app core.App, headFile string) ([]finding, replica.Audit, error) {
	var exported []replica.Head
	if headFile != "" {
		var err error
		if exported, err = readHeads(headFile); err != nil {
			return nil, replica.Audit{}, err
		}
	}
	var days int
	err := app.DB().Select("COALESCE(MAX(retention_days), 0)").From("field_registry").Where(dbx.HashExp{"collection": "read_audit"}).Row(&days)
	if err != nil {
		return nil, replica.Audit{}, fmt.Errorf("read how long reads are kept: %w", err)
	}
	purged := time.Now().UTC().AddDate(0, 0, -days).Format(time.RFC3339)
	audit, err := replica.CheckChain(app, exported, purged)
	if err != nil {
		return nil, audit, err
	}
	var found []finding
	for _, b := range audit.Breaks {
		found = append(found, finding{Check: "audit", What: b.String()})
	}
	log, err := hooks.ProofLog(app)
	if err != nil {
		return nil, audit, err
	}
	if i := keep.FirstBroken(log); i >= 0 {
		found = append(found, finding{Check: "audit", What: fmt.Sprintf("purge_log, entry %d of %s: does not follow from those before it", i+1, log[i].At)})
	}
	return found, audit, nil
}

func readHeads(path string) ([]replica.Head, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read exported heads: %w", err)
	}
	defer file.Close()
	var heads []replica.Head
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var head replica.Head
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil || head.Block < 1 || head.Head == "" {
			return nil, fmt.Errorf("read exported heads: line %d of %s is none", len(heads)+1, path)
		}
		heads = append(heads, head)
	}
	return heads, lines.Err()
}
