package merge

import (
	"reflect"
	"testing"
)

// step is an edit that arrives, made when the server's history had base lines.
type step struct {
	base int
	edit Version
}

// lost stands for the values in conflict after all steps, in order.
type lost = []any

func TestPolicies(t *testing.T) {
	help := Strongest("help_called", "met_needs")
	for _, c := range []struct {
		name   string
		policy Policy
		start  any
		steps  []step
		want   any
		lost   lost
	}{
		{"a field that nobody else changed takes the phone's value", Latest, "a",
			[]step{{0, by("p", 10, "b")}}, "b", nil},
		{"a value made in sight of a later stamp wins over it", Latest, "a",
			[]step{{0, by("fast", 99, "b")}, {1, by("slow", 10, "c")}}, "c", nil},
		{"what was made in sight of a later stamp also holds against one in between", Latest, "a",
			[]step{{0, by("fast", 99, "b")}, {1, by("slow", 10, "c")}, {0, by("mid", 50, "d")}}, "c", lost{"d"}},
		{"what was seen counts as seen also when an older edit of the same outbox arrived after it", Latest, "a",
			[]step{{0, by("q", 10, "q")}, {0, by("p", 5, "p")}, {0, by("z", 10, "z")}, {1, by("p", 6, "p again")}},
			"p again", lost{"p", "q", "z"}},
		{"changed on both sides, the later stamp wins though it came first", Latest, "a",
			[]step{{0, by("p", 20, "new")}, {0, by("q", 10, "old")}}, "new", lost{"old"}},
		{"changed on both sides, the later stamp wins though it came last", Latest, "a",
			[]step{{0, by("q", 10, "old")}, {0, by("p", 20, "new")}}, "new", lost{"old"}},
		{"in one millisecond the device decides", Latest, "a",
			[]step{{0, by("p", 10, "p")}, {0, by("q", 10, "q")}}, "q", lost{"p"}},
		{"the same value on both sides is no conflict", Latest, "a",
			[]step{{0, by("p", 10, "b")}, {0, by("q", 20, "b")}}, "b", nil},
		{"the same value said later counts from then", Latest, "a",
			[]step{{0, by("p", 10, "b")}, {0, by("q", 20, "b")}, {0, by("r", 15, "c")}}, "b", lost{"c"}},
		{"an outbox does not conflict with itself", Latest, "a",
			[]step{{0, by("p", 10, "b")}, {0, by("p", 11, "c")}}, "c", nil},
		{"an outbox whose clock went back is still in order", Latest, "a",
			[]step{{0, by("p", 10, "b")}, {0, by("p", 5, "c")}}, "c", nil},
		{"a field sent as it was seen asks for nothing", Latest, "a",
			[]step{{0, by("p", 10, "b")}, {0, by("q", 20, "a")}}, "b", nil},

		{"who opens a meeting does not reopen the one that was closed meanwhile", meetingFlow, "planned",
			[]step{{0, by("p", 10, "open")}, {1, by("p", 20, "closed")}, {0, by("q", 11, "open")}}, "closed", lost{"open"}},
		{"and who closes it after that says nothing new", meetingFlow, "planned",
			[]step{{0, by("p", 10, "open")}, {1, by("p", 20, "closed")}, {0, by("q", 11, "open")}, {0, by("q", 21, "closed")}}, "closed", lost{"open"}},
		{"who saw it closed reopens it", meetingFlow, "planned",
			[]step{{0, by("p", 10, "open")}, {1, by("p", 20, "closed")}, {2, by("q", 30, "open")}}, "open", nil},
		{"the same move leads on from another state", matterFlow, "in_progress",
			[]step{{0, by("p", 10, "extended")}, {0, by("q", 11, "handled")}}, "handled", nil},

		{"the office's value stands", Office, "mon",
			[]step{{0, by("server", 10, "tue")}, {0, by("p", 20, "wed")}}, "tue", lost{"wed"}},
		{"a phone may change an office field that nobody else changed", Office, "mon",
			[]step{{0, by("p", 20, "wed")}}, "wed", nil},

		{"the first claim to arrive holds, whatever the clocks say", First, "",
			[]step{{0, by("p", 20, "p")}, {0, by("q", 10, "q")}}, "p", lost{"q"}},

		{"additions of both sides are in", Union, list("a"),
			[]step{{0, by("p", 10, list("a", "b"))}, {0, by("q", 11, list("a", "c"))}}, list("a", "b", "c"), nil},
		{"removals of both sides are out", Union, list("a", "b", "c"),
			[]step{{0, by("p", 10, list("a", "b"))}, {0, by("q", 11, list("b", "c"))}}, list("b"), nil},
		{"an element taken out and put in unseen stays in", Union, list(),
			[]step{{0, by("p", 10, list("x"))}, {0, by("q", 20, list("x"))}, {1, by("r", 30, list())}}, list("x"), lost{list()}},
		{"the same in the other order", Union, list(),
			[]step{{0, by("p", 10, list("x"))}, {1, by("r", 30, list())}, {0, by("q", 20, list("x"))}}, list("x"), lost{list()}},
		{"an outbox takes out what it put in", Union, list(),
			[]step{{0, by("p", 10, list("x"))}, {0, by("q", 11, list("y"))}, {0, by("p", 12, list())}}, list("y"), nil},
		{"an empty field is the empty set", Union, nil,
			[]step{{0, by("p", 10, list("x"))}, {0, by("q", 10, list("y"))}}, list("x", "y"), nil},

		{"both deltas are added", Sum, 10.0,
			[]step{{0, by("p", 10, 12.0)}, {0, by("q", 11, 9.0)}}, 11.0, nil},
		{"an outbox counts on from its own number", Sum, 10.0,
			[]step{{0, by("p", 10, 12.0)}, {0, by("q", 11, 11.0)}, {0, by("p", 12, 15.0)}}, 16.0, nil},
		{"decimals add up exactly", Sum, 0.1,
			[]step{{0, by("p", 10, 0.3)}, {0, by("q", 11, 0.2)}}, 0.4, nil},
		{"what cannot be added goes by the stamp", Sum, "x",
			[]step{{0, by("p", 20, 1.0)}, {0, by("q", 11, 2.0)}}, 1.0, lost{2.0}},

		{"both notes are kept in the order of their stamps", Append, "",
			[]step{{0, by("p", 20, "later")}, {0, by("q", 10, "earlier")}}, "earlier\nlater", nil},
		{"only the tails are added to the common text", Append, "base",
			[]step{{0, by("p", 10, "base\none")}, {0, by("q", 20, "base\ntwo")}}, "base\none\ntwo", nil},
		{"three tails come in the order of their stamps", Append, "base",
			[]step{{0, by("p", 10, "base\n1")}, {0, by("r", 30, "base\n3")}, {0, by("q", 20, "base\n2")}}, "base\n1\n2\n3", nil},
		{"an outbox that goes on writing is not doubled", Append, "base",
			[]step{{0, by("p", 10, "base\n1")}, {0, by("q", 20, "base\n2")}, {0, by("p", 30, "base\n1\n3")}}, "base\n1\n2\n3", nil},
		{"a text that the other begins with is not doubled", Append, "",
			[]step{{0, by("p", 10, "no gas")}, {0, by("q", 20, "no gas since monday")}}, "no gas since monday", nil},
		{"a short note inside a longer one is a note of its own", Append, "",
			[]step{{0, by("p", 10, "not ok")}, {0, by("q", 20, "ok")}}, "not ok\nok", nil},
		{"who is alone may rewrite", Append, "a typo",
			[]step{{0, by("p", 10, "a word")}}, "a word", nil},
		{"a rewrite and an addition both stand whole", Append, "a typo",
			[]step{{0, by("p", 10, "a word")}, {0, by("q", 20, "a typo\nmore")}}, "a word\na typo\nmore", nil},
		{"an outbox goes on behind its own words in a rewritten text", Append, "a typo",
			[]step{{0, by("p", 10, "a word")}, {0, by("q", 20, "a typo\nmore")}, {0, by("q", 30, "a typo\nmore\nand more")}},
			"a word\na typo\nmore\nand more", nil},

		{"a lawful change of state is applied to the present state", patrolFlow, "active",
			[]step{{0, by("p", 10, "paused")}, {0, by("q", 11, "ended")}}, "ended", nil},
		{"an unlawful one leaves the present state", patrolFlow, "active",
			[]step{{0, by("p", 10, "ended")}, {0, by("q", 20, "paused")}}, "ended", lost{"paused"}},
		{"an unlawful one is not applied even when nobody else changed the state", patrolFlow, "ended",
			[]step{{0, by("p", 10, "active")}}, "ended", lost{"active"}},

		{"the stronger value wins over the later one", help, "met_ok",
			[]step{{0, by("p", 10, "help_called")}, {0, by("q", 20, "met_needs")}}, "help_called", lost{"met_needs"}},
		{"a stronger value that comes last wins too", help, "met_ok",
			[]step{{0, by("q", 20, "not_home")}, {0, by("p", 10, "met_needs")}}, "met_needs", lost{"not_home"}},
		{"between values that are not listed the later wins", help, "met_ok",
			[]step{{0, by("p", 20, "moved")}, {0, by("q", 10, "not_home")}}, "moved", lost{"not_home"}},

		{"the greater value stands and the smaller is no conflict", Max, 1.0,
			[]step{{0, by("p", 20, 7.0)}, {0, by("q", 30, 5.0)}}, 7.0, nil},
		{"the earlier value stands and nothing is not early", Earliest, "b",
			[]step{{0, by("p", 20, "")}, {0, by("q", 10, "d")}, {0, by("r", 30, "c")}}, "c", nil},

		{"nothing does not make an early value go away", Earliest, "b",
			[]step{{0, by("p", 20, "a")}, {0, by("q", 30, "")}}, "a", nil},

		{"a frozen field stands and the attempt is kept", Frozen, "a",
			[]step{{0, by("p", 10, "b")}}, "a", lost{"b"}},
		{"a field of the server passes over what phones send", Server, 3.0,
			[]step{{0, by("p", 10, 9.0)}}, 3.0, nil},
	} {
		t.Run(c.name, func(t *testing.T) { checkSteps(t, newLedger(c.policy, c.start), c.steps, c.want, c.lost) })
	}
}

// The rows of domain.md §2.9 that are decided by merging fields.
func TestDomainConflicts(t *testing.T) {
	field := func(collection, name string) Policy {
		p, ok := Collections[collection][name]
		if !ok {
			t.Fatalf("no policy for %s.%s", collection, name)
		}
		return p
	}
	for _, c := range []struct {
		name   string
		policy Policy
		start  any
		steps  []step
		want   any
		lost   lost
	}{
		{"two officers log a visit: the last visit is the later of both", field("households", "last_visit_at"), "2026-11-01",
			[]step{{0, by("p", 20, "2026-11-23")}, {0, by("q", 30, "2026-11-20")}}, "2026-11-23", nil},
		{"a resident's phone edited twice: the time of the edit decides, not of arrival", field("residents", "phone"), "1",
			[]step{{0, by("desk", 1500, "desk")}, {0, by("p", 1610, "typed 16:10")}, {0, by("q", 900, "late sync of a morning note")}},
			"typed 16:10", lost{"desk", "late sync of a morning note"}},
		{"care tags: what one adds while another removes it stays", field("residents", "care_tags"), list("disability"),
			[]step{{0, by("p", 10, list())}, {0, by("q", 11, list("disability", "lives_alone_elder"))}, {1, by("r", 12, list("disability"))}},
			list("disability", "lives_alone_elder"), nil},
		{"deceased wins over a later edit that did not know", field("residents", "life_status"), "living",
			[]step{{0, by("p", 10, "deceased")}, {0, by("q", 20, "moved")}}, "deceased", lost{"moved"}},
		{"deceased wins over an earlier arrival with a later stamp", field("residents", "life_status"), "living",
			[]step{{0, by("q", 20, "moved")}, {0, by("p", 10, "deceased")}}, "deceased", lost{"moved"}},
		{"a second person who saw it may undo deceased", field("residents", "life_status"), "living",
			[]step{{0, by("p", 10, "deceased")}, {1, by("q", 20, "living")}}, "living", nil},
		{"the person who set deceased may not undo it alone", field("residents", "life_status"), "living",
			[]step{{0, by("p", 10, "deceased")}, {1, by("p", 20, "living")}}, "deceased", lost{"living"}},
		{"help wins over ok of the same day", field("visits", "result"), "",
			[]step{{0, by("p", 10, "help_called")}, {0, by("q", 20, "met_ok")}}, "help_called", lost{"met_ok"}},
		{"a human who saw the call for help clears it", field("visits", "result"), "",
			[]step{{0, by("p", 10, "help_called")}, {1, by("q", 20, "met_ok")}}, "met_ok", nil},
		{"two claims of the last slot: the first received wins and the other is told who has it", First, nil,
			[]step{{0, by("p", 20, "volunteer p")}, {0, by("q", 10, "volunteer q")}}, "volunteer p", lost{"volunteer q"}},
		{"two acks of one alert: the earlier counts", Earliest, nil,
			[]step{{0, by("p", 20, "08:13")}, {0, by("q", 10, "08:12")}}, "08:12", nil},
		{"consent withdrawn twice is withdrawn from the first time", field("consents", "withdrawn_at"), "",
			[]step{{0, by("p", 20, "2026-11-02")}, {0, by("q", 10, "2026-11-01")}}, "2026-11-01", nil},
		{"a household that wants no photographs is not outvoted", field("households", "no_photo"), nil,
			[]step{{0, by("p", 10, true)}, {0, by("q", 20, false)}}, true, lost{false}},
		{"a correction of a check-in is a new record", field("check_ins", "verdict_client"), "outside",
			[]step{{0, by("p", 10, "inside")}}, "outside", lost{"inside"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkSteps(t, newLedger(c.policy, c.start), c.steps, c.want, c.lost) })
	}
}

func checkSteps(t *testing.T, l *ledger, steps []step, want any, lost lost) {
	t.Helper()
	var got []any
	for _, s := range steps {
		if o := l.apply(s.base, s.edit); o.Conflict != nil {
			if !reflect.DeepEqual(o.Conflict.Kept, o.Present) {
				t.Errorf("kept %v, but %v stands", o.Conflict.Kept, o.Present)
			}
			got = append(got, o.Conflict.Lost.Value)
		}
	}
	if !Equal(l.present.Value, want) {
		t.Errorf("the value is %s, want %s", Canonical(l.present.Value), Canonical(want))
	}
	if !Equal(got, []any(lost)) {
		t.Errorf("lost %v, want %v", got, lost)
	}
}

func TestUnknownBaseCountsAsChangedOnBothSides(t *testing.T) {
	present := by("q", 20, nil)
	for _, c := range []struct {
		name                string
		policy              Policy
		present, sent, want any
		lost                any
	}{
		{"latest goes by the stamp", Latest, "here", "sent", "here", "sent"},
		{"the office's value stands", Office, "here", "sent", "here", "sent"},
		{"nothing is taken out of a set", Union, list("a", "b"), list("b", "c"), list("a", "b", "c"), nil},
		{"a number has no delta, the stamp decides", Sum, 5.0, 7.0, 5.0, 7.0},
		{"both texts are kept", Append, "here", "sent", "sent\nhere", nil},
		{"deceased cannot be undone", Sticky("deceased"), "deceased", "living", "deceased", "living"},
		{"the same value is no conflict", Latest, "same", "same", "same", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			present.Value = c.present
			o := Merge("field", c.policy, Field{Present: present}, by("p", 10, c.sent))
			if !Equal(o.Present.Value, c.want) {
				t.Errorf("the value is %s, want %s", Canonical(o.Present.Value), Canonical(c.want))
			}
			if (o.Conflict != nil) != (c.lost != nil) || o.Conflict != nil && !Equal(o.Conflict.Lost.Value, c.lost) {
				t.Errorf("conflict %+v, want %v lost", o.Conflict, c.lost)
			}
		})
	}
}

func TestAConflictTellsWhoHasIt(t *testing.T) {
	l := newLedger(First, "")
	l.apply(0, by("p", 10, "slot 3"))
	got := l.apply(0, by("q", 5, "slot 3, mine")).Conflict
	if got == nil || got.Field != "field" || got.Kept.Author != "p" || got.Kept.Mutation != "p-10" || got.Lost.Author != "q" || got.By.String() != "first" {
		t.Fatalf("the conflict is %+v", got)
	}
}
