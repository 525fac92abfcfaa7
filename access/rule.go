// Package access says who may do what with which records, as data. The rules
// of PocketBase's API are written from it, and the sync engine asks it, so that
// both doors have the same lock.
package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rule allows an operation on a record to a caller for whom all of its parts
// hold. A rule without roles allows nobody but superusers.
type Rule struct {
	// Roles are the roles of the caller.
	Roles []string
	// Grid is the relation field that must name a grid in which the caller works
	// today, "id" when the record is the grid itself.
	Grid string
	// GridMayBeEmpty allows a record without a grid: the server then derives it
	// from a record that the caller can see.
	GridMayBeEmpty bool
	// Mine is a field that must name the caller, except for callers with one of
	// the roles MineUnless.
	Mine       string
	MineUnless []string
	// MineMayBeEmpty allows a record that names nobody yet; the server fills in
	// the caller.
	MineMayBeEmpty bool
	// Unit is a relation field that must name the unit the caller works for.
	Unit string
	// Where are fields with the values that they must have.
	Where map[string]string
	// Or are further rules, of which one is enough.
	Or []Rule
	// Extra is a further condition in PocketBase's filter language, for
	// collections that no phone writes.
	Extra string
}

// Caller is whoever asks: an officer, his role, the unit he works for, and the
// grids he works in today.
type Caller struct {
	ID    string
	Role  string
	Unit  string
	Grids map[string]bool
}

// Allows tells whether the rule holds for a caller and a record of which get
// gives the fields. Extra is not considered.
func (r Rule) Allows(c Caller, get func(field string) string) bool {
	return r.allows(c, get) || slices.ContainsFunc(r.Or, func(other Rule) bool { return other.Allows(c, get) })
}

func (r Rule) allows(c Caller, get func(field string) string) bool {
	if !slices.Contains(r.Roles, c.Role) {
		return false
	}
	if r.Grid != "" {
		if grid := get(r.Grid); !c.Grids[grid] && (grid != "" || !r.GridMayBeEmpty) {
			return false
		}
	}
	if r.Mine != "" && !slices.Contains(r.MineUnless, c.Role) {
		if whose := get(r.Mine); whose != c.ID && (whose != "" || !r.MineMayBeEmpty) {
			return false
		}
	}
	if r.Unit != "" && (c.Unit == "" || get(r.Unit) != c.Unit) {
		return false
	}
	for field, value := range r.Where {
		if get(field) != value {
			return false
		}
	}
	return true
}

// Filter writes the rule in PocketBase's filter language. It is empty for a
// rule that allows nobody. Parts are joined by «and» with the grid outside of
// any «or» where possible, so that SQLite can start from the caller's few grids.
func (r Rule) Filter() string {
	if len(r.Or) == 0 {
		return r.filter()
	}
	any := []string{"(" + r.filter() + ")"}
	for _, other := range r.Or {
		any = append(any, "("+other.Filter()+")")
	}
	return strings.Join(any, " || ")
}

func (r Rule) filter() string {
	if len(r.Roles) == 0 {
		return ""
	}
	parts := []string{hasRole(r.Roles)}
	// Where the grid may be empty the filter leaves it to the hook that refuses
	// every reference to what the caller cannot see: an «or» here would have
	// SQLite list the grids of all officers, 65 ms in a county.
	if r.Grid != "" && !r.GridMayBeEmpty {
		grid := "grid_access_via_grid.officer ?= @request.auth.id"
		if r.Grid != "id" {
			grid = r.Grid + "." + grid
		}
		parts = append(parts, grid)
	}
	if r.Mine != "" {
		mine := r.Mine + " = @request.auth.id"
		if r.MineMayBeEmpty {
			mine += fmt.Sprintf(` || %s = ""`, r.Mine)
		}
		if len(r.MineUnless) > 0 {
			mine += " || " + hasRole(r.MineUnless)
		}
		parts = append(parts, "("+mine+")")
	}
	if r.Unit != "" {
		parts = append(parts, fmt.Sprintf(`%s != "" && %s = @request.auth.organization`, r.Unit, r.Unit))
	}
	for _, field := range slices.Sorted(maps.Keys(r.Where)) {
		parts = append(parts, fmt.Sprintf("%s = %q", field, r.Where[field]))
	}
	if r.Extra != "" {
		parts = append(parts, r.Extra)
	}
	return strings.Join(parts, " && ")
}

func hasRole(roles []string) string {
	tests := make([]string, len(roles))
	for i, role := range roles {
		tests[i] = fmt.Sprintf("@request.auth.role = %q", role)
	}
	return "(" + strings.Join(tests, " || ") + ")"
}
