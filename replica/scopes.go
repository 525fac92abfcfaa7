package replica

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/access"
)

// Collections are the collections that are replicated to phones.
var Collections = []string{
	"regions", "organizations", "dict", "grids", "officers", "grid_assignments", "devices",
	"buildings", "households", "residents", "consents", "care_plans", "visits", "due_visits", "patrols", "track_batches", "check_ins", "evidence",
	"deadline_rules", "work_calendar", "matters", "matter_events", "matter_parties", "survey_responses", "whistles", "whistle_responses",
	"meetings", "agenda_items", "minutes", "demands", "commitments", "service_items", "materials", "errands", "errand_items",
	"custody_steps", "alerts", "service_orders", "order_recipients", "order_claims",
}

// The kinds of scopes. A record of an officer's whereabouts is in one scope for
// himself and in another for those who answer for the grid.
func gridScope(grid string) string         { return "grid:" + grid }
func leadScope(grid string) string         { return "lead:" + grid }
func ownScope(grid, officer string) string { return "own:" + grid + ":" + officer }
func officerScope(officer string) string   { return "officer:" + officer }

func unitScope(unit string) string { return "unit:" + unit }

const (
	everyone   = "all"
	volunteers = "volunteers" // what is open for them to claim
)

// scopesOf gives the scopes in which a record is; get gives its fields.
func scopesOf(collection string, get func(field string) string) []string {
	var scopes []string
	add := func(scope string, part string) {
		if part != "" {
			scopes = append(scopes, scope)
		}
	}
	switch collection {
	case "regions", "organizations", "dict", "deadline_rules", "work_calendar", "service_items", "materials":
		return []string{everyone}
	case "matters", "matter_events", "whistles":
		add(gridScope(get("grid")), get("grid"))
		add(unitScope(get("lead_org")), get("lead_org"))
	case "whistle_responses":
		add(gridScope(get("grid")), get("grid"))
		add(unitScope(get("org")), get("org"))
	case "service_orders":
		add(gridScope(get("grid")), get("grid"))
		if get("audience") == "volunteers" {
			scopes = append(scopes, volunteers)
		}
	case "order_claims":
		add(gridScope(get("grid")), get("grid"))
		add(officerScope(get("volunteer")), get("volunteer"))
	case "grids":
		return []string{gridScope(get("id"))}
	case "officers":
		return []string{officerScope(get("id"))}
	case "devices", "track_batches":
		add(officerScope(get("officer")), get("officer"))
	case "grid_assignments":
		add(gridScope(get("grid")), get("grid"))
	case "patrols", "check_ins":
		grid, officer := get("grid"), get("officer")
		if grid == "" {
			add(officerScope(officer), officer)
			return scopes
		}
		scopes = []string{leadScope(grid), ownScope(grid, officer)}
	case "evidence":
		if get("grid") == "" {
			add(officerScope(get("created_by")), get("created_by"))
			return scopes
		}
		return []string{gridScope(get("grid"))}
	default:
		add(gridScope(get("grid")), get("grid"))
	}
	return scopes
}

// Caller is an officer on a device, with the scopes that he holds now.
type Caller struct {
	access.Caller
	Device string
	Scopes []string // sorted
}

// holds tells whether the caller holds a scope.
func (c Caller) holds(scope string) bool {
	_, found := slices.BinarySearch(c.Scopes, scope)
	return found
}

// scopesFor gives the scopes of an officer of a unit who works in the given
// grids. Those who do not work in grids hold reference data, themselves, and
// what their unit handles or what volunteers may claim.
func scopesFor(officer, role, unit string, grids []string) []string {
	scopes := []string{officerScope(officer)}
	if role != "resident_guest" {
		scopes = append(scopes, everyone)
	}
	switch {
	case role == "volunteer":
		scopes = append(scopes, volunteers)
	case unit != "" && (role == "dept_handler" || role == "mediator"):
		scopes = append(scopes, unitScope(unit))
	}
	lead := slices.Contains(access.Leads, role)
	for _, grid := range grids {
		scopes = append(scopes, gridScope(grid))
		if lead {
			scopes = append(scopes, leadScope(grid))
		} else {
			scopes = append(scopes, ownScope(grid, officer))
		}
	}
	slices.Sort(scopes)
	return scopes
}

// callers remembers who works where until an assignment, a grid, a division,
// an officer or a device changes, or a new day begins in China.
type callers struct {
	app     core.App
	now     func() time.Time
	version atomic.Int64
	mu      sync.Mutex
	day     int64
	known   map[string]knownCaller
}

type knownCaller struct {
	version int64
	caller  Caller
}

func newCallers(app core.App, now func() time.Time) *callers {
	c := &callers{app: app, now: now, known: map[string]knownCaller{}}
	changed := func(e *core.RecordEvent) error {
		c.version.Add(1)
		return e.Next()
	}
	for _, collection := range []string{"grids", "grid_assignments", "officers", "regions", "devices"} {
		app.OnRecordAfterCreateSuccess(collection).BindFunc(changed)
		app.OnRecordAfterUpdateSuccess(collection).BindFunc(changed)
		app.OnRecordAfterDeleteSuccess(collection).BindFunc(changed)
	}
	return c
}

// find gives the caller for an officer and his device.
func (c *callers) find(officer *core.Record, device string) (Caller, error) {
	version := c.version.Load()
	key := officer.Id + " " + device
	c.mu.Lock()
	if day := c.now().Add(8*time.Hour).Unix() / 86400; day != c.day {
		c.day = day
		clear(c.known)
	}
	known, ok := c.known[key]
	c.mu.Unlock()
	if ok && known.version == version {
		return known.caller, nil
	}
	caller, err := c.read(officer, device)
	if err != nil {
		return Caller{}, err
	}
	c.mu.Lock()
	c.known[key] = knownCaller{version, caller}
	c.mu.Unlock()
	return caller, nil
}

func (c *callers) read(officer *core.Record, device string) (Caller, error) {
	phone, err := c.app.FindRecordById("devices", device)
	if err != nil || phone.GetString("officer") != officer.Id {
		return Caller{}, &Error{Status: 403, Code: "device_unknown", Message: "This device is not enrolled for this officer."}
	}
	switch phone.GetString("status") {
	case "active":
	case "revoked":
		return Caller{}, Revoked()
	default:
		return Caller{}, &Error{Status: 403, Code: "device_pending", Message: "This device was not approved yet."}
	}
	return c.rights(officer, device)
}

// rights gives the scopes of an officer on a device, whatever became of it.
func (c *callers) rights(officer *core.Record, device string) (Caller, error) {
	var grids []string
	err := c.app.DB().Select("grid").Distinct(true).From("_workplaces").Where(dbx.HashExp{"officer": officer.Id}).Column(&grids)
	if err != nil {
		return Caller{}, fmt.Errorf("read the grids of %s: %w", officer.Id, err)
	}
	role := officer.GetString("role")
	unit := officer.GetString("organization")
	caller := Caller{Device: device, Scopes: scopesFor(officer.Id, role, unit, grids)}
	caller.ID, caller.Role, caller.Unit, caller.Grids = officer.Id, role, unit, map[string]bool{}
	for _, grid := range grids {
		caller.Grids[grid] = true
	}
	return caller, nil
}

// revoked tells whether a device was revoked. A lost phone hears of it when its
// token has long expired, too.
func (c *callers) revoked(device string) bool {
	phone, err := c.app.FindRecordById("devices", device)
	return err == nil && phone.GetString("status") == "revoked"
}
