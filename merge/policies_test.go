package merge

import "testing"

func TestPoliciesAreComparableAndPrintAsWritten(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		want   string
	}{
		{Latest, "latest"},
		{Strongest("help_called", "met_needs"), `strongest("help_called", "met_needs")`},
		{Strongest(true), "strongest(true)"},
		{Sticky("deceased"), `sticky("deceased")`},
		{patrolFlow, "flow(patrol)"},
	} {
		if got := c.policy.String(); got != c.want {
			t.Errorf("prints %s, want %s", got, c.want)
		}
	}
	one, same, other := Strongest("a", "b"), Strongest("a", "b"), Strongest("b", "a")
	if one != same || one == other || Max == Earliest {
		t.Error("== does not tell policies apart by what they say")
	}
}

func TestTableHoldsOnlyPoliciesThatHaveARule(t *testing.T) {
	for collection, policies := range Collections {
		for _, common := range []string{"grid", "op_id", "device", "captured_at", "client_updated_at", "received_at", "clock_skew_ms", "rev", "created_by"} {
			if _, ok := policies[common]; !ok {
				t.Errorf("%s has no policy for %s", collection, common)
			}
		}
		for field, p := range policies {
			_, chooses := choices[p.kind]
			_, blends := blends[p.kind]
			if !chooses && !blends && p != Server {
				t.Errorf("%s.%s: no rule for %q", collection, field, p)
			}
			if p.kind == "flow" && p.move == nil {
				t.Errorf("%s.%s: a flow without transitions", collection, field)
			}
		}
	}
}

func TestCheckInsNeverChange(t *testing.T) {
	for field, p := range Collections["check_ins"] {
		if p != Frozen && p != Server {
			t.Errorf("check_ins.%s goes by %v", field, p)
		}
	}
}

func TestPatrolFlow(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"", "active", true}, {"planned", "active", true}, {"active", "paused", true}, {"paused", "active", true},
		{"paused", "ended", true}, {"ended", "active", false}, {"active", "planned", false}, {"active", "nonsense", false},
	} {
		if got := (*patrolFlow.move)(c.from, c.to) != ""; got != c.want {
			t.Errorf("%q to %q is %v", c.from, c.to, got)
		}
	}
}
