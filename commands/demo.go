package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"gridwalk/demo"
	"gridwalk/replica"
)

func newDemo(app *pocketbase.PocketBase) *cobra.Command {
	var preset, address string
	var seed uint64
	var asJSON bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make a fictional demo county, unless there is one already, and serve it",
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return err
			}
			_, err := demo.Preset(preset)
			return err
		},
		RunE: migrated(app, func(c *cobra.Command, _ []string) error {
			if err := prepareDemo(app, preset, seed, c.ErrOrStderr()); err != nil {
				return err
			}
			return serveDemo(app, address, func(url string) error {
				if asJSON {
					return announceJSON(app, url, c.OutOrStdout())
				}
				return announceText(app, url, c.OutOrStdout())
			})
		}),
	}
	c.Flags().StringVar(&preset, "preset", "tiny", "how much to make: tiny, town or county")
	c.Flags().StringVar(&address, "http", "127.0.0.1:8090", "address to serve on")
	c.Flags().Uint64Var(&seed, "seed", 1, "the same seed makes the same county")
	c.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON when ready")
	return c
}

// prepareDemo fills an empty database. One that holds the demo already is
// kept as it is; one that holds anything else is refused.
func prepareDemo(app core.App, preset string, seed uint64, progress io.Writer) error {
	spec, err := demo.Preset(preset)
	if err != nil {
		return err
	}
	loaded, err := demo.Loaded(app)
	if err != nil {
		return err
	}
	if loaded {
		return nil
	}
	if empty, err := isEmpty(app); err != nil {
		return err
	} else if !empty {
		return fmt.Errorf("%s holds data that is not the demo; choose another --dir", app.DataDir())
	}
	// In one transaction, so that a demo that was cut short leaves nothing that
	// looks like a whole one.
	return app.RunInTransaction(func(tx core.App) error {
		if err := demo.Load(tx, spec, seed, time.Now().UTC().Truncate(24*time.Hour), progressLine(progress, "loading the demo: %d of %d records")); err != nil {
			return err
		}
		return completeFeed(tx)
	})
}

// isEmpty tells whether nobody has put anything into the database yet. The demo
// brings a superuser whose password everybody knows: it must not come into a
// database that is somebody's.
func isEmpty(app core.App) (bool, error) {
	for _, collection := range []string{"regions", "grids", "officers", core.CollectionNameSuperusers} {
		n, err := app.CountRecords(collection, notInstaller(collection))
		if err != nil {
			return false, fmt.Errorf("look for data: %w", err)
		}
		if n > 0 {
			return false, nil
		}
	}
	return true, nil
}

// notInstaller leaves out the superuser that PocketBase itself makes for its
// first page.
func notInstaller(collection string) dbx.Expression {
	if collection != core.CollectionNameSuperusers {
		return nil
	}
	return dbx.Not(dbx.HashExp{"email": core.DefaultInstallerEmail})
}

// completeFeed has phones hear of rows that were written past the hooks.
func completeFeed(app core.App) error {
	_, err := replica.Check(app, true)
	return err
}

// progressLine shows how far a long command is, on a terminal only. The format
// takes two numbers: what is done and what there is.
func progressLine(w io.Writer, format string) func(done, total int) {
	file, ok := w.(*os.File)
	if !ok {
		return func(int, int) {}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(int, int) {}
	}
	return func(done, total int) {
		end := ""
		if done >= total {
			end = "\n"
		}
		fmt.Fprintf(w, "\r"+format+"%s", done, total, end)
	}
}

// serveDemo serves until it is told to stop, and calls ready once the server
// accepts connections.
func serveDemo(app core.App, address string, ready func(url string) error) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("serve the demo: %w", err)
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Listener = listener
		e.InstallerFunc = nil
		if err := e.Next(); err != nil {
			return err
		}
		return ready("http://" + reachable(listener.Addr()))
	})
	err = apis.Serve(app, apis.ServeConfig{HttpAddr: listener.Addr().String(), AllowedOrigins: []string{"*"}})
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// reachable is the address under which this machine reaches a listener; one
// on all addresses has none of its own.
func reachable(at net.Addr) string {
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return at.String()
}

// demoOfficer is one login of the demo.
type demoOfficer struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Role     string `json:"role"`
	GridCode string `json:"grid_code"`
	GridID   string `json:"grid_id"`
}

func announceJSON(app core.App, url string, w io.Writer) error {
	accounts, err := demo.Accounts(app)
	if err != nil {
		return err
	}
	officers := make([]demoOfficer, 0, len(accounts))
	for _, a := range accounts {
		officers = append(officers, demoOfficer{a.Email, demo.Password, a.Role, a.GridCode, a.GridID})
	}
	return json.NewEncoder(w).Encode(map[string]any{
		"url":       url,
		"dashboard": url + "/_/",
		"superuser": map[string]string{"email": demo.Superuser, "password": demo.Password},
		"officers":  officers,
	})
}

const demoText = `gridwalk demo: everything in it is fictional (演示)

  server     %[1]s
  dashboard  %[1]s/_/
  admin      %[2]s  password %[3]s
  officer    %[4]s  password %[3]s

Try it:

  TOKEN=$(curl -s %[1]s/api/collections/officers/auth-with-password -d identity=%[4]s -d password=%[3]s | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s %[1]s/api/collections/check_ins/records -H "Authorization: $TOKEN" -d target_type=point -d datum=wgs84 -d loc_src=gps -d lat=%[5]f -d lng=%[6]f -d acc_m=12
  curl -s "%[1]s/api/collections/residents/records?perPage=3&fields=name,care_tags" -H "Authorization: $TOKEN"

Press Ctrl-C to stop; the data stays in %[7]s.
`

func announceText(app core.App, url string, w io.Writer) error {
	accounts, err := demo.Accounts(app)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.Role != "grid_officer" {
			continue
		}
		grid, err := app.FindRecordById("grids", a.GridID)
		if err != nil {
			return fmt.Errorf("find the grid of %s: %w", a.Email, err)
		}
		center := grid.GetGeoPoint("center")
		_, err = fmt.Fprintf(w, demoText, url, demo.Superuser, demo.Password, a.Email, center.Lat, center.Lon, app.DataDir())
		return err
	}
	return errors.New("the demo has no officer")
}
