// Package merge brings the edits of phones that were offline together with
// what became of a record meanwhile: field by field, three-way, by a policy
// for every field that stands in one table (policies.go).
//
// The caller keeps two things for every field: its present Version, and its
// history, a Change for every edit that asked for something, winners and losers
// alike, in the order of arrival. Every Outcome holds the next of both.
package merge

// Version is a value and who put it there, by which mutation and when. Values
// are normalised (see Normalize).
type Version struct {
	Value    any
	Stamp    Stamp
	Author   string
	Mutation string
}

// sameOutbox reports whether v and w come from one officer on one device: then
// they arrive in the order in which they were made, and the later one was made
// in sight of the earlier one.
func (v Version) sameOutbox(w Version) bool {
	return v.Author == w.Author && v.Stamp.Device() == w.Stamp.Device()
}

// Change is one line of the history of a field: what an editor asked for, and
// what he saw when he did. The caller stores it beside the Present it led to,
// which is the Base of later edits.
type Change struct {
	Version
	Saw any
}

// Field is the server's side of a field when an edit of it arrives.
type Field struct {
	Present Version  // as it stands
	Base    *Version // as it stood at the base of the edit; nil when history no longer knows
	Since   []Change // its history after base, whoever made it, oldest first
}

// Conflict is a value that lost, kept for a person to look at.
type Conflict struct {
	Field string
	Kept  Version // what stands now
	Lost  Version // what does not
	By    Policy
}

// Outcome is what an edit leads to.
type Outcome struct {
	Present  Version   // to be stored, even if only its stamp is new
	Changed  bool      // the value of Present is new
	Line     *Change   // to be added to the history; nil when the edit asked for nothing
	Conflict *Conflict // nil when nothing was lost
}

// Merge applies an edit of the field name to the server's side of it.
//
// What the editor saw is the value at base, or what the same outbox asked for
// since: an officer goes on from his own text, sent or not. An edit to what he
// saw asks for nothing. If nobody else changed the field since base, the edit
// takes it, unless the policy is one that looks at every edit (Flow, Sticky,
// Frozen, Server). If somebody else did, or if base is unknown, the policy
// decides.
//
// # Order of arrival
//
// For Latest, Union and Sum the same edits give the same value in every order
// of arrival in which an edit comes after all that its editor saw:
//
//   - Latest. An edit that was made in sight of a value is later than it, also
//     when the phone's clock says otherwise, so it takes a field that nobody
//     else changed even with an older stamp. That alone would depend on the
//     order: a third phone's stamp could lie between the two. Therefore the
//     edit is first given a stamp after what its editor saw; this depends only
//     on what he saw, not on what else has arrived. Then the greatest stamp
//     stands, and being uncontested is a special case of it.
//   - Union. An element is in the set if somebody put it there whom nobody saw
//     who took it out (an observed-remove set). The history says what was put
//     in unseen, even when it was there already.
//   - Sum. Every edit adds the difference to what its editor saw.
//
// The stamps must be in the order of each outbox: see Clamp.
func Merge(name string, p Policy, f Field, edit Version) Outcome {
	m := meet(p, f, edit)
	if p == Server || m.known && Equal(m.saw, m.edit.Value) {
		return Outcome{Present: f.Present}
	}
	present, lost, ok := m.blend()
	if !ok {
		present, lost = m.choose()
	}
	o := Outcome{
		Present: present,
		Changed: !Equal(present.Value, f.Present.Value),
		Line:    &Change{m.edit, m.saw},
	}
	if lost != nil {
		o.Conflict = &Conflict{name, present, *lost, p}
	}
	return o
}

// meeting is an edit that has met the server's side of its field.
type meeting struct {
	policy        Policy
	present, edit Version
	base          any
	since         []Change
	saw           any  // what the editor saw, if known
	known         bool // base, and so saw and all of since, are known
	contested     bool // the present value is somebody else's whom the editor did not see
}

func meet(p Policy, f Field, edit Version) meeting {
	m := meeting{policy: p, present: f.Present, since: f.Since, known: f.Base != nil}
	var seen Stamp
	if m.known {
		m.base, m.saw, seen = f.Base.Value, f.Base.Value, f.Base.Stamp
	}
	for _, c := range f.Since {
		if c.sameOutbox(edit) {
			m.saw, seen = c.Value, max(seen, c.Stamp)
		}
	}
	m.contested = !f.Present.sameOutbox(edit) &&
		(f.Base == nil || f.Base.Stamp != f.Present.Stamp || f.Base.Mutation != f.Present.Mutation)
	if !m.contested {
		seen = max(seen, f.Present.Stamp)
	}
	m.edit = edit
	m.edit.Stamp = edit.Stamp.After(seen)
	return m
}
