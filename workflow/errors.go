package workflow

import (
	"fmt"
	"strings"
)

// Codes of refused moves.
const (
	IllegalTransition = "illegal_transition" // nothing leads there from the present state
	NotPermitted      = "not_permitted"      // it is for somebody else to do
	TooLate           = "too_late"           // the time in which it could be done is over
	MissingFields     = "missing_fields"     // Missing must be filled in first
)

// Error is a refused move.
type Error struct {
	Code    string
	Machine string   // name of the table
	State   string   // in which the record is
	Action  string   // that was refused; the state asked for when no action leads there
	Allowed []string // actions that the actor may take now
	Missing []string // fields, for missing_fields
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s of a %s that is %s", e.Code, e.Action, e.Machine, e.State)
	if len(e.Missing) > 0 {
		text += ", without " + strings.Join(e.Missing, ", ")
	}
	return text + "; allowed: " + strings.Join(e.Allowed, ", ")
}

func (t Table) refuse(code, state, action string, actor Actor, given Given) *Error {
	return &Error{Code: code, Machine: t.Name, State: state, Action: action, Allowed: t.Allowed(state, actor, given)}
}
