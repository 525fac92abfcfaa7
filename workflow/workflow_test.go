package workflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gridwalk/dict"
)

// reached are the states of a table that some chain of moves leads to from
// start, start itself included.
func (t Table) reached(start string) map[string]bool {
	seen, queue := map[string]bool{start: true}, []string{start}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for _, m := range t.Moves {
			if slices.Contains(m.From, state) && !seen[m.To] {
				seen[m.To] = true
				queue = append(queue, m.To)
			}
		}
	}
	return seen
}

func forEachTable(t *testing.T, check func(t *testing.T, table Table, states []string)) {
	for _, table := range Tables() {
		t.Run(table.Name, func(t *testing.T) {
			states := dict.Values(table.Enum)
			if states == nil {
				t.Fatalf("no enumeration %s", table.Enum)
			}
			check(t, table, states)
		})
	}
}

func TestEveryStateCanBeReachedAndNoOtherIsNamed(t *testing.T) {
	forEachTable(t, func(t *testing.T, table Table, states []string) {
		reached := table.reached(made)
		for _, state := range states {
			if !reached[state] {
				t.Errorf("nothing leads to %s", state)
			}
		}
		for _, m := range table.Moves {
			for _, state := range append([]string{m.To}, m.From...) {
				if state != made && !slices.Contains(states, state) {
					t.Errorf("%s: %s is not in %s", m.Action, state, table.Enum)
				}
			}
		}
	})
}

func TestEveryRecordCanComeToAnEnd(t *testing.T) {
	forEachTable(t, func(t *testing.T, table Table, states []string) {
		for _, state := range states {
			reached := table.reached(state)
			if !slices.ContainsFunc(table.Final, func(final string) bool { return reached[final] }) {
				t.Errorf("from %s nothing leads to an end", state)
			}
		}
	})
}

func TestOnlyReopeningLeadsOutOfAFinalState(t *testing.T) {
	forEachTable(t, func(t *testing.T, table Table, _ []string) {
		for _, m := range table.Moves {
			if slices.ContainsFunc(m.From, table.IsFinal) && !m.Reopens {
				t.Errorf("%s leads out of a final state", m.Action)
			}
			if m.Reopens && !slices.Contains(m.Needs, "reason") {
				t.Errorf("%s reopens without a reason", m.Action)
			}
		}
	})
}

// A changed state names the move: a phone sends no action.
func TestTwoStatesHaveAtMostOneMoveBetweenThem(t *testing.T) {
	forEachTable(t, func(t *testing.T, table Table, _ []string) {
		seen := map[string]string{}
		for _, m := range table.Moves {
			for _, state := range m.From {
				for _, key := range []string{state + " → " + m.To, state + " by " + m.Action} {
					if other, ok := seen[key]; ok {
						t.Errorf("%s: both %s and %s", key, other, m.Action)
					}
					seen[key] = m.Action
				}
				if state == m.To {
					t.Errorf("%s leads from %s to itself", m.Action, state)
				}
			}
			if len(m.By) == 0 {
				t.Errorf("%s can be done by nobody", m.Action)
			}
		}
	})
}

func TestActionsAndStagesHaveLabels(t *testing.T) {
	actions, stages := dict.Values("workflow.action"), dict.Values("deadline_rule.stage")
	forEachTable(t, func(t *testing.T, table Table, _ []string) {
		for _, m := range table.Moves {
			if !slices.Contains(actions, m.Action) {
				t.Errorf("action %s has no label", m.Action)
			}
		}
		for _, stage := range table.Stages() {
			if !slices.Contains(stages, stage) {
				t.Errorf("stage %s has no label", stage)
			}
		}
	})
}

// A clock that a move stops, pauses or extends is started by another; and one
// that runs is stopped on every way to an end.
func TestClocksAreStartedAndStopped(t *testing.T) {
	forEachTable(t, func(t *testing.T, table Table, _ []string) {
		for _, stage := range table.Stages() {
			starts := slices.ContainsFunc(table.Moves, func(m Move) bool { return slices.Contains(m.Clocks.Starts, stage) })
			stops := slices.ContainsFunc(table.Moves, func(m Move) bool { return slices.Contains(m.Clocks.Stops, stage) })
			if !starts || !stops {
				t.Errorf("%s is started: %v, stopped: %v", stage, starts, stops)
			}
			for _, path := range table.runningAtTheEnd(stage) {
				t.Errorf("%s still runs after %s", stage, path)
			}
		}
	})
}

// runningAtTheEnd gives ways to a final state on which a stage is not stopped.
func (t Table) runningAtTheEnd(stage string) []string {
	type place struct {
		state string
		runs  bool
	}
	way := map[place]string{{made, false}: ""}
	queue := []place{{made, false}}
	var bad []string
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if t.IsFinal(p.state) && p.runs {
			bad = append(bad, way[p])
			continue
		}
		for _, m := range t.Moves {
			if !slices.Contains(m.From, p.state) {
				continue
			}
			next := place{m.To, p.runs}
			if slices.Contains(m.Clocks.Stops, stage) {
				next.runs = false
			}
			if slices.Contains(m.Clocks.Starts, stage) {
				next.runs = true
			}
			if _, seen := way[next]; !seen {
				way[next] = way[p] + " " + m.Action
				queue = append(queue, next)
			}
		}
	}
	return bad
}

var (
	officer    = Actor{Role: "grid_officer"}
	dispatcher = Actor{Role: "town_dispatcher"}
	owner      = Actor{Role: "grid_officer", Relations: []string{Owner}}
	unit       = Actor{Role: "dept_handler", Relations: []string{Unit}}
	stranger   = Actor{Role: "dept_handler"}
)

func filled(names ...string) Given {
	return Given{Filled: func(field string) bool { return slices.Contains(names, field) }}
}

func TestStep(t *testing.T) {
	day := 24 * time.Hour
	closed := time.Date(2026, 6, 1, 8, 0, 0, 0, China)
	for _, c := range []struct {
		name          string
		table         Table
		state, action string
		actor         Actor
		given         Given
		want, code    string
	}{
		{"an officer reports what he found", Matter, "", "report", officer, filled("title", "category", "priority"), "reported", ""},
		{"a report says what it is about", Matter, "", "report", officer, filled("title"), "", MissingFields},
		{"a matter is solved on the spot at once", Matter, "", "solve", officer, filled("result"), "solved_on_spot", ""},
		{"what is closed is not handled again", Matter, "closed", "handle", officer, filled("result"), "", IllegalTransition},
		{"an officer does not dispatch", Matter, "accepted", "dispatch", officer, filled("lead_org"), "", NotPermitted},
		{"a dispatcher does", Matter, "accepted", "dispatch", dispatcher, filled("lead_org"), "dispatched", ""},
		{"the unit that leads takes it up", Matter, "dispatched", "begin", unit, Given{}, "in_progress", ""},
		{"another unit does not", Matter, "dispatched", "begin", stranger, Given{}, "", NotPermitted},
		{"its owner extends once", Matter, "in_progress", "extend", owner, filled("reason", "extend_days"), "extended", ""},
		{"its owner does not extend twice", Matter, "in_progress", "extend", owner, times(filled("reason", "extend_days"), "extend", 1), "", NotPermitted},
		{"a dispatcher extends again", Matter, "in_progress", "extend", dispatcher, times(filled("reason", "extend_days"), "extend", 3), "extended", ""},
		{"it is reopened 30 days after it was closed", Matter, "closed", "reopen", officer, since(filled("reason"), closed, 30*day), "reopened", ""},
		{"but not later", Matter, "closed", "reopen", officer, since(filled("reason"), closed, 30*day+1), "", TooLate},
		{"a demand is declined with an answer", Demand, "raised", "answer", officer, filled("outcome", "answer"), "done", ""},
		{"a demand is not declined without one", Demand, "raised", "answer", officer, filled("outcome"), "", MissingFields},
		{"only the server fills an order", ServiceOrder, "published", "fill", officer, Given{}, "", NotPermitted},
		{"a meeting's read-back ends a commitment", Commitment, "done", "read_back", officer, Given{}, "read_back", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := c.table.Step(c.state, c.action, c.actor, c.given)
			var refused *Error
			if errors.As(err, &refused); next.State != c.want || (refused == nil) != (c.code == "") || refused != nil && refused.Code != c.code {
				t.Errorf("leads to %q, %v", next.State, err)
			}
		})
	}
}

func times(g Given, action string, n int) Given {
	g.Times = map[string]int{action: n}
	return g
}

func since(g Given, at time.Time, after time.Duration) Given {
	g.Since, g.Now = at, at.Add(after)
	return g
}

func TestARefusalNamesTheStateAndWhatIsAllowed(t *testing.T) {
	_, err := Matter.Step("dispatched", "close", unit, Given{})
	var refused *Error
	if !errors.As(err, &refused) || refused.State != "dispatched" || !slices.Equal(refused.Allowed, []string{"begin", "return"}) {
		t.Errorf("got %v", err)
	}
}

// What is allowed is what can be done, and StepTo says the same as Step.
func TestAllowedIsWhatStepDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SampledFrom(Tables()).Draw(t, "table")
		state := rapid.SampledFrom(append(dict.Values(table.Enum), made)).Draw(t, "state")
		actor := Actor{rapid.SampledFrom([]string{"grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin", "dept_handler", "volunteer"}).Draw(t, "role"),
			rapid.SliceOfDistinct(rapid.SampledFrom([]string{Server, Maker, Owner, Unit, Claimant, Recipient}), rapid.ID).Draw(t, "relations")}
		given := Given{Filled: func(string) bool { return true }, Times: map[string]int{"extend": rapid.IntRange(0, 2).Draw(t, "extensions")}}
		allowed := table.Allowed(state, actor, given)
		for _, m := range table.Moves {
			next, err := table.Step(state, m.Action, actor, given)
			if (err == nil) != slices.Contains(allowed, m.Action) {
				t.Fatalf("%s of %s: allowed %v, %v", m.Action, state, allowed, err)
			}
			if err == nil {
				to, err := table.StepTo(state, next.State, actor, given)
				if err != nil || to.Action != m.Action {
					t.Fatalf("to %s: %v, %v", next.State, to, err)
				}
			}
		}
	})
}

func TestPageNamesEveryStateAndAction(t *testing.T) {
	page := Page(func(enum, value string) string { return "<" + value + ">" })
	for _, table := range Tables() {
		for _, m := range table.Moves {
			for _, want := range []string{fmt.Sprintf("\t%s: <%s>", m.To, m.To), "<" + m.Action + ">"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s: the page lacks %q", table.Name, want)
				}
			}
		}
	}
}
