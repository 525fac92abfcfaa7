package hooks

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/paulmach/orb"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/access"
	"gridwalk/geo"
	"gridwalk/maps"
	"gridwalk/replica"
)

// phoneMapPath is the route of a grid's map: docs/protocol.md.
const phoneMapPath = "/api/map/{grid}"

// bindPhoneMap serves the map of a grid to those who work in it.
func bindPhoneMap(app core.App, engine *replica.Engine) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Router.GET(phoneMapPath, func(e *core.RequestEvent) error {
			caller, err := engine.Authorize(e.Auth, e.Request.Header.Get(deviceHeader))
			if err != nil {
				return refusal(e, err)
			}
			packed, err := phoneMap(e.App, caller.Caller, e.Request.PathValue("grid"))
			if err != nil {
				return refusal(e, err)
			}
			return serveCached(e, packed)
		})
		return e.Next()
	})
}

// phoneMap gathers what the caller may see of a grid and packs it. Of a grid
// that he does not work in he learns not even whether it is there.
func phoneMap(app core.App, caller access.Caller, id string) ([]byte, error) {
	sees := func(collection, grid string) bool {
		return access.Collections[collection].Read.Allows(caller, func(string) string { return grid })
	}
	if !sees("grids", id) {
		return nil, &replica.Error{Status: 403, Code: "out_of_scope", Message: "You do not work in this grid."}
	}
	var grids []struct {
		ID       string `db:"id"`
		Code     string `db:"grid_code"`
		Name     string `db:"name_zh"`
		Version  int    `db:"boundary_version"`
		Boundary string `db:"boundary"`
	}
	err := app.DB().NewQuery(`SELECT below.id, below.grid_code, below.name_zh, below.boundary_version, below.boundary
		FROM grids AS top JOIN grids AS below ON below.path >= top.path AND below.path < top.path || '~'
		WHERE top.id = {:id} AND (below.active OR below.id = top.id) ORDER BY below.path, below.id`).Bind(dbx.Params{"id": id}).All(&grids)
	if err != nil {
		return nil, fmt.Errorf("read grids of the map: %w", err)
	}
	var below []maps.SubGrid
	var visible []any
	version := 0
	for _, g := range grids {
		if !sees("grids", g.ID) {
			continue
		}
		shape, _, faults := geo.ParseGeometry([]byte(g.Boundary), geo.ReadLimits{})
		if len(faults) > 0 {
			return nil, fmt.Errorf("boundary of grid %s: %w", g.ID, faults[0])
		}
		if g.ID == id {
			version = g.Version
		}
		below = append(below, maps.SubGrid{ID: g.ID, Code: g.Code, Name: g.Name, Shape: shape})
		visible = append(visible, g.ID)
	}
	if len(below) == 0 || below[0].ID != id {
		return nil, &replica.Error{Status: 403, Code: "out_of_scope", Message: "You do not work in this grid."}
	}
	sites, err := sitesOf(app, visible, func(collection, grid string) bool { return sees(collection, grid) })
	if err != nil {
		return nil, err
	}
	return json.Marshal(maps.NewPhoneMap(below[0], version, below[1:], sites))
}

// sitesOf reads the buildings of grids, with the number of homes and whether
// there is a point of care where the caller may know it.
func sitesOf(app core.App, grids []any, sees func(collection, grid string) bool) ([]maps.Site, error) {
	var rows []struct {
		ID      string `db:"id"`
		Grid    string `db:"grid"`
		Name    string `db:"name"`
		Kind    string `db:"kind"`
		Point   string `db:"point"`
		Hazards string `db:"hazard_tags"`
		Homes   int    `db:"homes"`
		Care    bool   `db:"care"`
	}
	err := app.DB().Select("id", "grid", "name", "kind", "coalesce(point, '') AS point", "coalesce(hazard_tags, '') AS hazard_tags",
		`(SELECT count(*) FROM households AS h WHERE h.building = buildings.id AND h.grid = buildings.grid AND h.deleted_at = '') AS homes`,
		careHere+" AS care").
		From("buildings").Where(dbx.And(dbx.In("grid", grids...), dbx.NewExp("deleted_at = ''"))).OrderBy("id").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read buildings of the map: %w", err)
	}
	var sites []maps.Site
	for _, row := range rows {
		if !sees("buildings", row.Grid) {
			continue
		}
		site := maps.Site{ID: row.ID, Name: row.Name, Kind: row.Kind}
		if sees("households", row.Grid) {
			site.Homes = row.Homes
		}
		site.Care = row.Care && sees("households", row.Grid) && sees("care_plans", row.Grid)
		if row.Hazards != "" {
			if err := json.Unmarshal([]byte(row.Hazards), &site.Hazards); err != nil {
				return nil, fmt.Errorf("hazards of building %s: %w", row.ID, err)
			}
		}
		site.At = pointIn(row.Point)
		sites = append(sites, site)
	}
	return sites, nil
}

// pointIn reads a stored point; 0, 0 is how PocketBase keeps that there is none.
func pointIn(raw string) *orb.Point {
	var p struct{ Lon, Lat float64 }
	if json.Unmarshal([]byte(raw), &p) != nil || p.Lon == 0 && p.Lat == 0 {
		return nil
	}
	return &orb.Point{p.Lon, p.Lat}
}

// serveCached answers with a body, or with 304 to whoever has it. The tag is of
// the bytes that go over the wire, so it differs for those who take gzip.
func serveCached(e *core.RequestEvent, body []byte) error {
	header := e.Response.Header()
	header.Set("Vary", "Accept-Encoding, Authorization")
	header.Set("Cache-Control", "private, no-cache")
	suffix := ""
	if strings.Contains(e.Request.Header.Get("Accept-Encoding"), "gzip") {
		suffix = "-gzip"
	}
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + suffix + `"`
	header.Set("ETag", tag)
	if hasTag(e.Request.Header.Get("If-None-Match"), tag) {
		return e.NoContent(http.StatusNotModified)
	}
	if suffix == "" {
		return e.Blob(http.StatusOK, "application/json", body)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	header.Set("Content-Encoding", "gzip")
	return e.Blob(http.StatusOK, "application/json", packed.Bytes())
}

// hasTag compares as If-None-Match wants it (RFC 9110 §13.1.2): weakly, in a
// list, and * for anything.
func hasTag(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}
