package merge

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// untouched is a field that stands as the phone saw it.
func untouched(value any) Field {
	v := Version{Value: value, Stamp: stamp(1, 0, "server"), Author: "office", Mutation: "create"}
	return Field{Present: v, Base: &v}
}

// changed is a field that somebody changed after the phone saw it.
func changed(from any, to Version) Field {
	f := untouched(from)
	f.Present, f.Since = to, []Change{{to, from}}
	return f
}

func edit(set map[string]any) Mutation {
	return Mutation{ID: "m1", Author: "p", At: stamp(10, 0, "p"), Set: set}
}

var residents = Collections["residents"]

func TestApplyMergesFieldByField(t *testing.T) {
	got, err := residents.Apply(
		edit(map[string]any{"name": "王桂英", "phone": "2", "care_tags": []string{"disability", "veteran_in_need"}, "rev": 7}),
		Record{Fields: map[string]Field{
			"name":      untouched("汪桂英"),
			"phone":     changed("0", by("q", 20, "1")),
			"care_tags": changed(list("disability"), by("q", 20, list())),
			"rev":       untouched(3.0),
		}})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]any{"name": "王桂英", "care_tags": list("veteran_in_need")}; !Equal(got.Values(), want) {
		t.Errorf("the new values are %v, want %v", got.Values(), want)
	}
	if len(got.Conflicts) != 1 || got.Conflicts[0].Field != "phone" || got.Conflicts[0].Lost.Value != "2" || got.Conflicts[0].Lost.Mutation != "m1" {
		t.Errorf("the conflicts are %+v", got.Conflicts)
	}
	if !got.Changed() || !got.Merged || got.Deleted || got.Stamp() != stamp(20, 0, "q") {
		t.Errorf("changed %v, merged %v, deleted %v, stamp %q", got.Changed(), got.Merged, got.Deleted, got.Stamp())
	}
	if _, written := got.Fields["rev"]; written {
		t.Error("a phone has set rev")
	}
}

func TestApplyToTheWholeRecord(t *testing.T) {
	gone := by("q", 20, nil)
	remove := Mutation{ID: "m1", Author: "p", At: stamp(10, 0, "p"), Delete: true}
	for _, c := range []struct {
		name                     string
		m                        Mutation
		r                        Record
		changed, merged, deleted bool
		lost                     []any
	}{
		{"an edit that nobody crossed is applied as it is", edit(map[string]any{"name": "b"}),
			Record{Fields: map[string]Field{"name": untouched("a")}}, true, false, false, nil},
		{"an edit to what was there changes nothing", edit(map[string]any{"name": "a"}),
			Record{Fields: map[string]Field{"name": untouched("a")}}, false, false, false, nil},
		{"an edit of a record that is gone becomes a conflict for every field", edit(map[string]any{"name": "b", "phone": "1", "rev": 2}),
			Record{Deleted: &gone}, false, true, false, []any{"b", "1"}},
		{"a delete that nobody crossed is applied", remove,
			Record{Fields: map[string]Field{"name": untouched("a")}}, true, false, true, nil},
		{"a delete stands, and an edit that it did not see becomes a conflict", remove,
			Record{Fields: map[string]Field{"name": untouched("a"), "phone": changed("0", by("q", 5, "1")), "rev": changed(1.0, by("q", 5, 2.0))}},
			true, false, true, []any{"1"}},
		{"a delete of what the same outbox wrote has no conflict", remove,
			Record{Fields: map[string]Field{"phone": changed("0", by("p", 5, "1"))}}, true, false, true, nil},
		{"a second delete finds nothing to do", remove, Record{Deleted: &gone}, false, false, false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := residents.Apply(c.m, c.r)
			if err != nil {
				t.Fatal(err)
			}
			if got.Changed() != c.changed || got.Merged != c.merged || got.Deleted != c.deleted {
				t.Errorf("changed %v, merged %v, deleted %v", got.Changed(), got.Merged, got.Deleted)
			}
			var lost []any
			for _, conflict := range got.Conflicts {
				lost = append(lost, conflict.Lost.Value)
				if conflict.By.String() != "gone" {
					t.Errorf("lost by %v", conflict.By)
				}
			}
			if !Equal(lost, c.lost) {
				t.Errorf("lost %v, want %v", lost, c.lost)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, c := range []struct {
		name, field string
		value       any
		is          error
	}{
		{"a field without a policy", "score", 1, ErrNoPolicy},
		{"a value that JSON cannot hold", "name", math.NaN(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := residents.Apply(edit(map[string]any{c.field: c.value}), Record{})
			if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.field) {
				t.Fatalf("the error is %v", err)
			}
		})
	}
}
