// Package workflow says what may become of a matter, a meeting, a demand, a
// commitment, an errand, a whistle, a service order and an alert: one table for each, as
// data, for the server, for phones (as JSON) and for people (as a drawing). It
// also counts the time that each of them has: see Clock.
package workflow

import (
	"slices"
	"time"
)

// Table is the state machine of one kind of record.
type Table struct {
	Name  string   `json:"name"`  // "matter"
	Enum  string   `json:"enum"`  // of package dict that holds the states
	Final []string `json:"final"` // nothing leads out of them but moves that reopen
	Moves []Move   `json:"moves"`
}

// Move is one way from a state to another. Between two states there is at most
// one move of a table, so that a changed state alone names it. A record that
// is not there yet is in the state "".
type Move struct {
	Action     string   `json:"action"` // of the enumeration workflow.action
	From       []string `json:"from"`
	To         string   `json:"to"`
	By         []Party  `json:"by"`              // any of them
	Needs      []string `json:"needs,omitempty"` // fields that must be filled when it is done
	Clocks     Clocks   `json:"clocks,omitzero"`
	Reopens    bool     `json:"reopens,omitempty"`     // may lead out of a final state
	WithinDays int      `json:"within_days,omitempty"` // since the state was entered; 0 is for ever
}

// Clocks are the stages whose clocks a move acts on, by their names in the
// enumeration deadline_rule.stage.
type Clocks struct {
	Starts  []string `json:"starts,omitempty"`
	Stops   []string `json:"stops,omitempty"`
	Pauses  []string `json:"pauses,omitempty"`
	Resumes []string `json:"resumes,omitempty"`
	Extends []string `json:"extends,omitempty"`
}

// Party is somebody who may make a move: whoever has one of the roles and
// stands in the relation to the record. What is empty is not asked for.
type Party struct {
	Roles    []string `json:"roles,omitempty"`
	Relation string   `json:"relation,omitempty"`
	AtMost   int      `json:"at_most,omitempty"` // times he may do it to one record; 0 is any
}

// Relations of an actor to a record. Server is gridwalk itself.
const (
	Server    = "server"
	Maker     = "maker"     // who recorded it
	Owner     = "owner"     // who is responsible for it now
	Unit      = "unit"      // works for the unit that leads or helps
	Claimant  = "claimant"  // has claimed it
	Recipient = "recipient" // whom it is for, or who speaks for him
)

// Actor is who wants to make a move.
type Actor struct {
	Role      string
	Relations []string
}

// Given is what is known of the record besides its state.
type Given struct {
	Filled func(field string) bool // is the field filled, with the move's own values
	Times  map[string]int          // how often each action was done to it
	Since  time.Time               // when the present state was entered
	Now    time.Time
}

// Next is what a move leads to.
type Next struct {
	Action string
	State  string
	Clocks Clocks
}

// Tables are all state machines.
func Tables() []Table {
	return []Table{Matter, Meeting, Demand, Commitment, Errand, Whistle, ServiceOrder, Alert}
}

// Step makes the move action of a record in state. An error is an *Error.
func (t Table) Step(state, action string, actor Actor, given Given) (Next, error) {
	move, ok := t.find(func(m Move) bool { return m.Action == action && slices.Contains(m.From, state) })
	if !ok {
		return Next{}, t.refuse(IllegalTransition, state, action, actor, given)
	}
	return t.make(move, state, actor, given)
}

// StepTo makes the move that leads from one state to another.
func (t Table) StepTo(from, to string, actor Actor, given Given) (Next, error) {
	move, ok := t.find(func(m Move) bool { return m.To == to && slices.Contains(m.From, from) })
	if !ok {
		return Next{}, t.refuse(IllegalTransition, from, to, actor, given)
	}
	return t.make(move, from, actor, given)
}

func (t Table) make(move Move, state string, actor Actor, given Given) (Next, error) {
	switch {
	case !move.permits(actor, given):
		return Next{}, t.refuse(NotPermitted, state, move.Action, actor, given)
	case move.late(given):
		return Next{}, t.refuse(TooLate, state, move.Action, actor, given)
	}
	missing := slices.DeleteFunc(slices.Clone(move.Needs), func(field string) bool { return given.Filled != nil && given.Filled(field) })
	if len(missing) > 0 {
		e := t.refuse(MissingFields, state, move.Action, actor, given)
		e.Missing = missing
		return Next{}, e
	}
	return Next{move.Action, move.To, move.Clocks}, nil
}

// Allowed are the actions that the actor may take in a state, in the order of
// the table. What they need is not asked for: a form can still be filled in.
func (t Table) Allowed(state string, actor Actor, given Given) []string {
	allowed := []string{}
	for _, m := range t.Moves {
		if slices.Contains(m.From, state) && m.permits(actor, given) && !m.late(given) {
			allowed = append(allowed, m.Action)
		}
	}
	return allowed
}

// Leads tells whether some move, whoever makes it, leads from one state to
// another.
func (t Table) Leads(from, to string) bool { return t.Between(from, to) != "" }

// Between names the action that leads from one state to another, whoever takes
// it; empty when there is none.
func (t Table) Between(from, to string) string {
	m, _ := t.find(func(m Move) bool { return m.To == to && slices.Contains(m.From, from) })
	return m.Action
}

// NeedsReason tells whether an action is not taken without saying why.
func (t Table) NeedsReason(action string) bool {
	m, _ := t.find(func(m Move) bool { return m.Action == action })
	return slices.Contains(m.Needs, "reason")
}

// IsFinal tells whether a record in this state is done with.
func (t Table) IsFinal(state string) bool { return slices.Contains(t.Final, state) }

func (t Table) find(is func(Move) bool) (Move, bool) {
	if i := slices.IndexFunc(t.Moves, is); i >= 0 {
		return t.Moves[i], true
	}
	return Move{}, false
}

func (m Move) permits(actor Actor, given Given) bool {
	return slices.ContainsFunc(m.By, func(p Party) bool {
		return (len(p.Roles) == 0 || slices.Contains(p.Roles, actor.Role)) &&
			(p.Relation == "" || slices.Contains(actor.Relations, p.Relation)) &&
			(p.AtMost == 0 || given.Times[m.Action] < p.AtMost)
	})
}

// late tells whether the time for the move is over. Without a time of entry
// nobody can tell, and it is not.
func (m Move) late(given Given) bool {
	return m.WithinDays > 0 && !given.Since.IsZero() && given.Now.Sub(given.Since) > time.Duration(m.WithinDays)*24*time.Hour
}
