package commands

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/maps"
)

func newExport(app *pocketbase.PocketBase) *cobra.Command {
	root := &cobra.Command{Use: "export", Short: "Export maps"}
	var format, out, grid string
	grids := &cobra.Command{
		Use:         "grids --out FILE",
		Short:       "Export grids and their boundaries as GeoJSON, KML or GeoPackage",
		Annotations: map[string]string{oldData: "yes"},
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return err
			}
			if out == "" {
				return fmt.Errorf("say where to: --out FILE")
			}
			if format == "" {
				format = strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
			}
			if !slices.Contains(maps.Formats, format) {
				return fmt.Errorf("unknown format %.40q: want one of %s", format, strings.Join(maps.Formats, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := exportGrids(app, out, format, grid)
			if err == nil {
				_, err = fmt.Fprintf(c.OutOrStdout(), "exported: %d grids to %s\n", n, out)
			}
			return err
		},
	}
	f := grids.Flags()
	f.StringVar(&format, "format", "", "geojson, kml or gpkg; as the name of the file says when empty")
	f.StringVar(&out, "out", "", "file to write; one that is there is replaced")
	f.StringVar(&grid, "grid", "", "code or id of a grid: only it and what lies below it")
	root.AddCommand(grids)
	return root
}

// exportGrids writes all grids, or one with its subtree, and gives their number.
func exportGrids(app core.App, out, format, grid string) (n int, err error) {
	condition, params := "true", dbx.Params{}
	if grid != "" {
		top, err := findGrid(app, grid)
		if err != nil {
			return 0, err
		}
		condition, params = "path >= {:path} AND path < {:path} || '~'", dbx.Params{"path": top.Path}
	}
	err = maps.Write(out, format, func(visit func(maps.Outline) error) error {
		return eachGrid(app, condition, params, func(g storedGrid) error {
			shape, err := g.shape()
			if err != nil {
				return err
			}
			n++
			return visit(maps.Outline{Code: g.Code, Name: g.Name, Shape: shape, Attributes: []maps.Attribute{
				{Name: "grid_code", Value: g.Code}, {Name: "name_zh", Value: g.Name}, {Name: "kind", Value: g.Kind}, {Name: "level", Value: g.Level},
				{Name: "region", Value: g.Region}, {Name: "parent", Value: g.Parent}, {Name: "household_est", Value: g.Households},
				{Name: "boundary_version", Value: g.Version}, {Name: "active", Value: g.Active},
			}})
		})
	})
	return n, err
}
