package commands

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/spf13/cobra"

	"gridwalk/dict"
)

//go:embed sheet.html
var sheetPage string

var sheetTemplate = template.Must(template.New("sheet").Parse(sheetPage))

func newEvidence(app *pocketbase.PocketBase) *cobra.Command {
	c := &cobra.Command{Use: "evidence", Short: "Work with photographs"}
	c.AddCommand(newSheet(app))
	return c
}

func newSheet(app *pocketbase.PocketBase) *cobra.Command {
	var matter, out string
	c := &cobra.Command{
		Use:         "sheet --matter M --out sheet.html",
		Short:       "Write the photographs of a matter, before, during and after, onto pages of A4 to print and file",
		Annotations: map[string]string{oldData: "yes"},
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return err
			}
			if matter == "" || out == "" {
				return errors.New("say of what and where to: --matter NUMBER --out FILE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := sheetOf(app, matter, time.Now())
			if err != nil {
				return err
			}
			file, err := os.OpenFile(out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // people may be on it
			if err != nil {
				return fmt.Errorf("write sheet: %w", err)
			}
			if err := errors.Join(sheetTemplate.Execute(file, s), file.Close()); err != nil {
				return fmt.Errorf("write sheet: %w", err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "written: %s with %d photographs to %s\n", s.No, s.Count, out)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&matter, "matter", "", "number or id of the matter")
	f.StringVar(&out, "out", "", "HTML file to write; one that is there is replaced")
	return c
}

// sheet is what is printed of a matter.
type sheet struct {
	No, Title, Category, State, Grid, Place, Result, Printed string
	Stages                                                   []sheetStage
	Count                                                    int
}

// sheetStage are the photographs of one stage of the handling.
type sheetStage struct {
	Name   string
	Photos []sheetPhoto
}

// sheetPhoto is one photograph. One without a picture says why.
type sheetPhoto struct {
	Picture                        template.URL
	Missing                        string
	Taken, Received, Officer, Hash string
	Hints                          []string
}

func sheetOf(app core.App, name string, now time.Time) (s sheet, err error) {
	m, err := app.FindFirstRecordByFilter("matters", "id = {:name} || no = {:name}", dbx.Params{"name": name})
	if err != nil {
		return s, fmt.Errorf("find matter %s: %w", name, err)
	}
	s = sheet{No: m.GetString("no"), Title: m.GetString("title"), Place: m.GetString("place_zh"), Result: m.GetString("result"), Printed: chinaTime(now),
		Category: dict.Label("matter.category", m.GetString("category"), "zh"), State: dict.Label("matter.status", m.GetString("status"), "zh")}
	if s.No == "" {
		s.No = m.GetString("temp_no")
	}
	if grid, err := app.FindRecordById("grids", m.GetString("grid")); err == nil {
		s.Grid = grid.GetString("name_zh") + " " + grid.GetString("grid_code")
	}
	fsys, err := app.NewFilesystem()
	if err != nil {
		return s, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	for _, stage := range []string{"before", "during", "after", "document", ""} {
		photos, err := sheetPhotos(app, fsys, m.Id, stage)
		if err != nil {
			return s, err
		}
		if len(photos) > 0 {
			label := "其他"
			if stage != "" {
				label = dict.Label("evidence.stage", stage, "zh")
			}
			s.Stages = append(s.Stages, sheetStage{label, photos})
			s.Count += len(photos)
		}
	}
	return s, nil
}

func sheetPhotos(app core.App, fsys *filesystem.System, matter, stage string) (photos []sheetPhoto, err error) {
	var records []*core.Record
	err = app.RecordQuery("evidence").
		AndWhere(dbx.HashExp{"owner_type": "matter", "owner_id": matter, "stage": stage, "preview_of": ""}).
		AndWhere(dbx.NewExp("status != 'rejected'")).
		OrderBy("taken_at", "id").All(&records)
	if err != nil {
		return nil, fmt.Errorf("find photographs: %w", err)
	}
	for _, r := range records {
		p := sheetPhoto{Taken: chinaTime(r.GetDateTime("taken_at").Time()), Received: chinaTime(r.GetDateTime("received_at").Time()),
			Officer: r.GetString("created_by"), Hash: r.GetString("sha256")}
		for _, reason := range r.GetStringSlice("reasons") {
			p.Hints = append(p.Hints, dict.Label("evidence.reason", reason, "zh"))
		}
		if r.GetString("status") != "ready" {
			p.Missing = dict.Label("evidence.status", r.GetString("status"), "zh")
		} else if p.Picture, err = picture(fsys, r); errors.Is(err, filesystem.ErrNotFound) {
			p.Missing = "预览缺失（请运行 gridwalk doctor）"
		} else if err != nil {
			return nil, err
		}
		photos = append(photos, p)
	}
	return photos, nil
}

// picture is the largest preview of a photograph, within the page.
func picture(fsys *filesystem.System, r *core.Record) (template.URL, error) {
	file := r.GetString("file")
	stored, err := fsys.GetReader(r.BaseFilesPath() + "/thumbs_" + file + "/1600x0_" + file)
	if err != nil {
		return "", fmt.Errorf("open preview of %s: %w", r.Id, err)
	}
	defer stored.Close()
	raw, err := io.ReadAll(stored)
	if err != nil {
		return "", fmt.Errorf("read preview of %s: %w", r.Id, err)
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(raw)), nil
}

// chinaTime is a time on a clock in China, empty for none.
func chinaTime(at time.Time) string {
	if at.IsZero() || at.Equal(types.DateTime{}.Time()) {
		return ""
	}
	return at.UTC().Add(8 * time.Hour).Format("2006-01-02 15:04")
}
