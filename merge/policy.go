package merge

import "strings"

// Policy says what becomes of a field that was changed on both sides. Policies
// are comparable with == and print as they are written in the table.
type Policy struct {
	kind string
	args string // canonical JSON of the values, or the name of the state machine
	move *func(from, to string) string
}

var (
	// Latest lets the greater stamp win.
	Latest = Policy{kind: "latest"}
	// Office lets the server's value stand: staff decide the field.
	Office = Policy{kind: "office"}
	// First lets the first to arrive keep what he claimed; the conflict tells
	// the other who has it.
	First = Policy{kind: "first"}
	// Union merges sets: what either side put in is in, what either took out
	// is out, and what one took out while the other put it in is in.
	Union = Policy{kind: "union"}
	// Append keeps both texts, ordered by stamp.
	Append = Policy{kind: "append"}
	// Sum adds what both sides added, exact to six decimals.
	Sum = Policy{kind: "sum"}
	// Max lets the greater value win, Earliest the smaller one that is not
	// empty. The other value is not lost, only no longer the answer, so that
	// there is no conflict.
	Max      = Policy{kind: "max"}
	Earliest = Policy{kind: "earliest"}
	// Frozen lets the value of the create stand for ever; a correction is a
	// new record.
	Frozen = Policy{kind: "frozen"}
	// Server is for fields that the server alone keeps. What a phone sends on
	// update is passed over in silence.
	Server = Policy{kind: "server"}

	// gone is the policy of edits that met a delete.
	gone = Policy{kind: "gone"}
)

// Strongest lets the value win that comes first in values; a value that is not
// among them is weaker, and between equals the latest wins. Whoever saw a
// strong value may still clear it.
func Strongest(values ...any) Policy { return Policy{kind: "strongest", args: canonicalList(values)} }

// Sticky lets value win over every other. It goes only when somebody who saw
// it changes it, and not by the hand that set it: undoing needs a second
// person.
func Sticky(value any) Policy { return Policy{kind: "sticky", args: canonicalList([]any{value})} }

// Flow applies a change of state if a move leads there from the present one;
// when somebody else has changed the state unseen, only if it is the move that
// was meant: who opens a meeting does not reopen one that was closed meanwhile.
// move names the move between two states, empty when there is none, and is asked
// about every edit; name is for print. Two calls make two policies, so keep the
// result in a variable.
func Flow(name string, move func(from, to string) string) Policy {
	return Policy{kind: "flow", args: name, move: &move}
}

// String returns the policy as it is written in the table, in lower case.
func (p Policy) String() string {
	if p.args == "" {
		return p.kind
	}
	return p.kind + "(" + strings.ReplaceAll(p.args, "\n", ", ") + ")"
}

// Policies are the policies of the fields of one collection.
type Policies map[string]Policy

// canonicalList joins the canonical texts of values with newlines, which none
// of them contains.
func canonicalList(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Canonical(v)
	}
	return strings.Join(texts, "\n")
}

// rank is the place of v among the listed values, their number if v is not one.
func (p Policy) rank(v any) int {
	text, listed := Canonical(v), strings.Split(p.args, "\n")
	for i, l := range listed {
		if l == text {
			return i
		}
	}
	return len(listed)
}

// lists reports whether v is one of the listed values.
func (p Policy) lists(v any) bool { return p.rank(v) < 1+strings.Count(p.args, "\n") }
