package merge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrNoPolicy is the error of a mutation that sets a field which the table does
// not have.
var ErrNoPolicy = errors.New("merge: no policy for field")

// Mutation is an update or a delete of one record. At is a stamp in the order
// of its outbox (see Clamp). A create has nothing to merge with.
type Mutation struct {
	ID, Author string
	At         Stamp
	Delete     bool
	Set        map[string]any // need not be normalised
}

func (m Mutation) version(value any) Version {
	return Version{Value: value, Stamp: m.At, Author: m.Author, Mutation: m.ID}
}

// Record is the server's side of a record.
type Record struct {
	Fields  map[string]Field // all fields for a delete, those of Set for an update
	Deleted *Version         // the delete, if it is gone: who, when, by which mutation
}

// Result is what a mutation leads to.
type Result struct {
	Deleted   bool               // the mutation deletes the record
	Fields    map[string]Outcome // every field with something to store
	Conflicts []Conflict         // by name of field
	Merged    bool               // something is not as the phone asked for it: it needs the record
}

// Changed reports whether the record is another than before.
func (r Result) Changed() bool {
	for _, o := range r.Fields {
		if o.Changed {
			return true
		}
	}
	return r.Deleted
}

// Values returns the new values of the fields that changed.
func (r Result) Values() map[string]any {
	values := map[string]any{}
	for name, o := range r.Fields {
		if o.Changed {
			values[name] = o.Present.Value
		}
	}
	return values
}

// Stamp returns the latest stamp of the fields that were written, "" if none
// was. Phones observe it.
func (r Result) Stamp() Stamp {
	var latest Stamp
	for _, o := range r.Fields {
		latest = max(latest, o.Present.Stamp)
	}
	return latest
}

// Apply merges a mutation into a record. A delete stands, whichever side it
// came from; the edits that it met become conflicts, from which they can be
// restored.
func (ps Policies) Apply(m Mutation, r Record) (Result, error) {
	set, err := ps.normalized(m.Set)
	switch {
	case err != nil:
		return Result{}, err
	case m.Delete:
		return ps.remove(m, r), nil
	case r.Deleted != nil:
		return ps.tooLate(m, r, set), nil
	}
	result := Result{Fields: map[string]Outcome{}}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		o := Merge(name, ps[name], r.Fields[name], m.version(set[name]))
		if o.Line == nil {
			continue
		}
		result.Fields[name] = o
		if o.Conflict != nil {
			result.Conflicts = append(result.Conflicts, *o.Conflict)
		}
		if !Equal(o.Present.Value, set[name]) {
			result.Merged = true
		}
	}
	return result, nil
}

func (ps Policies) normalized(set map[string]any) (map[string]any, error) {
	normal := make(map[string]any, len(set))
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, ok := ps[name]; !ok {
			return nil, fmt.Errorf("%w %q", ErrNoPolicy, name)
		}
		value, err := Normalize(set[name])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		normal[name] = value
	}
	return normal, nil
}

// remove deletes the record. What others wrote unseen by him who deletes it is
// in conflict.
func (ps Policies) remove(m Mutation, r Record) Result {
	if r.Deleted != nil {
		return Result{}
	}
	result := Result{Deleted: true}
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		f := r.Fields[name]
		if ps[name] != Server && meet(gone, f, m.version(nil)).contested {
			result.Conflicts = append(result.Conflicts, Conflict{name, m.version(nil), f.Present, gone})
		}
	}
	return result
}

// tooLate puts every edit of a record that is gone in conflict.
func (ps Policies) tooLate(m Mutation, r Record, set map[string]any) Result {
	result := Result{Merged: true}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if ps[name] != Server {
			result.Conflicts = append(result.Conflicts, Conflict{name, *r.Deleted, m.version(set[name]), gone})
		}
	}
	return result
}
