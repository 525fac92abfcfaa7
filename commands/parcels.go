package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/pocketbase"
	"github.com/spf13/cobra"

	hooks "gridwalk/pb_hooks"
)

var errUnopened = errors.New("not every parcel could be opened")

// newParcels are the commands for what lost phones sealed before they erased
// themselves.
func newParcels(app *pocketbase.PocketBase) *cobra.Command {
	c := &cobra.Command{Use: "parcels", Short: "What lost phones had not sent, sealed before they erased themselves"}
	var asJSON, look bool
	list := &cobra.Command{
		Use:         "list",
		Short:       "List the phones whose parcels wait to be opened",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{oldData: "true"},
		RunE: func(c *cobra.Command, _ []string) error {
			waiting, err := hooks.ParcelsOf(app).List()
			if err != nil {
				return err
			}
			for _, w := range waiting {
				if asJSON {
					err = json.NewEncoder(c.OutOrStdout()).Encode(w)
				} else {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%s  %s: %d parcels, %d bytes, since %s\n", w.Device, w.Officer, w.Parcels, w.Bytes, w.Since)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	open := &cobra.Command{
		Use:   "open DEVICE",
		Short: "Put what a lost phone had not sent where it belongs",
		Long: "Opens the parcels of a device and puts what is in them where its pushes and photographs\n" +
			"would have gone: as its officer, at the time at which it was made. Nothing is done twice.\n" +
			"Nothing proves that it was the officer who wrote it: look first, with --look, and ask him.",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{oldData: "true"},
		RunE: func(c *cobra.Command, args []string) error {
			opened, err := hooks.ParcelsOf(app).Open(args[0], look)
			if err != nil {
				return err
			}
			for _, o := range opened {
				if asJSON {
					err = json.NewEncoder(c.OutOrStdout()).Encode(o)
				} else {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%.12s  %s %v %s%s\n", o.Parcel, o.Kind, o.Counts, o.State, o.Error)
				}
				if err != nil {
					return err
				}
			}
			if slices.ContainsFunc(opened, func(o hooks.Opened) bool { return o.Error != "" }) {
				return errUnopened
			}
			return nil
		},
	}
	open.Flags().BoolVar(&look, "look", false, "say what there is, and change nothing")
	for _, sub := range []*cobra.Command{list, open} {
		sub.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON each")
		c.AddCommand(sub)
	}
	return c
}
