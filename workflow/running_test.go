package workflow

import (
	"slices"
	"testing"
)

func TestRunningClocks(t *testing.T) {
	for _, c := range []struct {
		table Table
		state string
		want  []string
	}{
		{Matter, "draft", nil}, {Matter, "reported", []string{"accept", "close"}},
		{Matter, "accepted", []string{"close", "feedback", "first_contact"}},
		{Matter, "in_progress", []string{"close", "feedback"}}, {Matter, "suspended", nil},
		{Matter, "handled", []string{"close"}}, {Matter, "closed", nil}, {Matter, "merged", nil},
		{Errand, "requested", []string{"accept"}}, {Errand, "accepted", []string{"pick_up"}}, {Errand, "picked_up", nil},
		{Alert, "raised", []string{"ack"}}, {Alert, "acked", []string{"call", "door"}}, {Alert, "resolved", nil},
	} {
		if got := c.table.Running(c.state); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %v, want %v", c.table.Name, c.state, got, c.want)
		}
	}
}
