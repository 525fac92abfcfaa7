package merge

import "fmt"

// ledger is what a server keeps of one field: the present version and every
// line of history with the version it led to.
type ledger struct {
	policy  Policy
	first   Version
	present Version
	lines   []entry
}

type entry struct {
	Change
	stood Version
}

func newLedger(p Policy, value any) *ledger {
	first := Version{Value: value, Stamp: stamp(1, 0, "server"), Author: "office", Mutation: "create"}
	return &ledger{policy: p, first: first, present: first}
}

// field is the server's side for an edit made when the ledger had base lines.
func (l *ledger) field(base int) Field {
	f := Field{Present: l.present, Base: &l.first}
	if base > 0 {
		f.Base = &l.lines[base-1].stood
	}
	for _, line := range l.lines[base:] {
		f.Since = append(f.Since, line.Change)
	}
	return f
}

func (l *ledger) apply(base int, e Version) Outcome {
	o := Merge("field", l.policy, l.field(base), e)
	l.present = o.Present
	if o.Line != nil {
		l.lines = append(l.lines, entry{*o.Line, o.Present})
	}
	return o
}

// by is the edit that a phone made at a millisecond; its officer has the
// phone's name.
func by(phone string, ms int64, value any) Version {
	return Version{Value: value, Stamp: stamp(ms, 0, phone), Author: phone, Mutation: fmt.Sprintf("%s-%d", phone, ms)}
}

func list(values ...any) []any { return values }
