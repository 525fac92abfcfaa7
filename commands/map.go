package commands

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/spf13/cobra"

	"gridwalk/dict"
	"gridwalk/geo"
	"gridwalk/maps"
	"gridwalk/sealed"
)

func newMap(app *pocketbase.PocketBase) *cobra.Command {
	var grid, out string
	var days, unvisited int
	c := &cobra.Command{
		Use:         "map --grid G --out map.svg",
		Short:       "Draw a grid with its places and check-ins, for reports and for whoever debugs a fence",
		Annotations: map[string]string{oldData: "yes"},
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return err
			}
			if grid == "" || out == "" {
				return errors.New("say what and where to: --grid CODE --out FILE")
			}
			if days < 1 || unvisited < 1 {
				return errors.New("--days and --neglected are at least 1")
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			picture, err := pictureOf(app, grid, days, unvisited, time.Now())
			if err != nil {
				return err
			}
			if err := drawTo(out, picture); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "drawn: %s with %d places and %d check-ins to %s\n", picture.Code, len(picture.Places), len(picture.CheckIns), out)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&grid, "grid", "", "code or id of the grid")
	f.StringVar(&out, "out", "", "SVG file to write; one that is there is replaced")
	f.IntVar(&days, "days", 30, "draw check-ins of so many days")
	f.IntVar(&unvisited, "neglected", 90, "mark places that nobody came near for so many days")
	return c
}

func drawTo(out string, picture maps.Picture) error {
	file, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("draw map: %w", err)
	}
	w := bufio.NewWriter(file)
	return errors.Join(maps.Draw(w, picture), w.Flush(), file.Close())
}

// pictureOf gathers what is drawn of a grid and what lies below it.
func pictureOf(app core.App, name string, days, unvisited int, now time.Time) (maps.Picture, error) {
	grid, err := findGrid(app, name)
	if err != nil {
		return maps.Picture{}, err
	}
	p := maps.Picture{Name: grid.Name, Code: grid.Code, Version: grid.Version, Days: days, NeglectedDays: unvisited,
		Buffer: geo.DefaultSettings().Buffer, At: now, Verdicts: map[string][2]string{}}
	for _, verdict := range dict.Values("check_in.verdict") {
		p.Verdicts[verdict] = [2]string{dict.Label("check_in.verdict", verdict, "zh"), dict.Label("check_in.verdict", verdict, "en")}
	}
	if p.Grid, err = grid.shape(); err != nil {
		return p, err
	}
	if p.Below, p.Around, err = otherGrids(app, grid, p.Grid); err != nil {
		return p, err
	}
	subtree := dbx.Params{"path": grid.Path}
	if p.Places, err = placesOf(app, subtree, now.AddDate(0, 0, -unvisited)); err != nil {
		return p, err
	}
	p.CheckIns, err = checkInsOf(app, subtree, now.AddDate(0, 0, -days))
	return p, err
}

// inSubtree selects the grids below a path, and the one it is of.
const inSubtree = `(SELECT id FROM grids WHERE path >= {:path} AND path < {:path} || '~')`

// otherGrids gives the grids below, and those of the same level beside it.
func otherGrids(app core.App, grid storedGrid, shape orb.MultiPolygon) (below, around []maps.SubGrid, err error) {
	bound := shape.Bound()
	near := bound.Pad(max(bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]) / 5)
	params := dbx.Params{"id": grid.ID, "path": grid.Path, "level": grid.Level}
	err = eachGrid(app, "active AND id <> {:id} AND (level = {:level} OR id IN "+inSubtree+")", params, func(g storedGrid) error {
		other, err := g.shape()
		sub := maps.SubGrid{ID: g.ID, Code: g.Code, Name: g.Name, Shape: other}
		switch {
		case err != nil:
		case len(g.Path) > len(grid.Path) && g.Path[:len(grid.Path)] == grid.Path:
			below = append(below, sub)
		case other.Bound().Intersects(near):
			around = append(around, sub)
		}
		return err
	})
	return below, around, err
}

// placesOf gives the buildings that have a place; neglected are those near which
// nobody was since a time.
func placesOf(app core.App, subtree dbx.Params, since time.Time) ([]maps.Place, error) {
	var rows []struct {
		Point   types.GeoPoint `db:"point"`
		Hazards string         `db:"hazard_tags"`
		Passed  bool           `db:"passed"`
	}
	// The day is one in China, as coverage keeps it.
	day := since.UTC().Add(8 * time.Hour).Format(time.DateOnly)
	err := app.DB().NewQuery(`SELECT b.point, coalesce(b.hazard_tags, '') AS hazard_tags, coalesce(c.last_near, '') >= {:day} AS passed
		FROM buildings AS b LEFT JOIN coverage AS c ON c.place = b.id
		WHERE b.grid IN ` + inSubtree + ` AND b.deleted_at = '' ORDER BY b.id`).
		Bind(dbx.Params{"path": subtree["path"], "day": day}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	var places []maps.Place
	for _, row := range rows {
		var hazards []string
		if row.Hazards != "" {
			if err := json.Unmarshal([]byte(row.Hazards), &hazards); err != nil {
				return nil, fmt.Errorf("read hazards: %w", err)
			}
		}
		if row.Point.Lon != 0 || row.Point.Lat != 0 {
			places = append(places, maps.Place{At: orb.Point{row.Point.Lon, row.Point.Lat}, Hazard: len(hazards) > 0,
				Neglected: !row.Passed})
		}
	}
	return places, nil
}

// checkInsOf gives the check-ins for these grids or found in them.
func checkInsOf(app core.App, subtree dbx.Params, since time.Time) ([]maps.CheckIn, error) {
	var rows []struct {
		ID       string  `db:"id"`
		Lat      string  `db:"lat"` // as stored
		Lng      string  `db:"lng"`
		Accuracy float64 `db:"acc_m"`
		Verdict  string  `db:"verdict"`
	}
	from, err := types.ParseDateTime(since)
	if err != nil {
		return nil, fmt.Errorf("first day of check-ins: %w", err)
	}
	err = app.DB().NewQuery(`SELECT id, lat, lng, coalesce(acc_m, 0) AS acc_m, verdict_server AS verdict FROM check_ins
		WHERE (grid IN ` + inSubtree + ` OR grid_found IN ` + inSubtree + `) AND captured_at >= {:from} AND deleted_at = '' ORDER BY captured_at, id`).
		Bind(dbx.Params{"path": subtree["path"], "from": from.String()}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read check-ins: %w", err)
	}
	var checkIns []maps.CheckIn
	for _, row := range rows {
		c := maps.CheckIn{Accuracy: row.Accuracy, Verdict: row.Verdict}
		at, err := sealed.RingOf(app).OpenPoint("check_ins", row.ID, [2]string{"lat", "lng"}, [2]string{row.Lat, row.Lng})
		if err != nil {
			return nil, err
		}
		if at != [2]float64{} {
			c.At = (*orb.Point)(&at)
		}
		checkIns = append(checkIns, c)
	}
	return checkIns, nil
}
