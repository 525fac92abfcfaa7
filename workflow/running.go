package workflow

import (
	"maps"
	"slices"
	"strings"
)

// Running are the stages whose clocks may run in a state, as a record can have
// come there. Where it depends on the way, the stage is one of them.
func (t Table) Running(state string) []string {
	running := map[string]bool{}
	for _, way := range t.ways()[state] {
		for stage := range strings.FieldsSeq(way) {
			running[stage] = true
		}
	}
	return slices.Sorted(maps.Keys(running))
}

// ways are, for each state, the sets of clocks that run there, written as their
// names in order with a space between them: all that moves lead to.
func (t Table) ways() map[string][]string {
	ways := map[string][]string{made: {""}}
	for found := true; found; {
		found = false
		for _, m := range t.Moves {
			for _, from := range m.From {
				for _, way := range ways[from] {
					after := m.Clocks.after(way)
					if !slices.Contains(ways[m.To], after) {
						ways[m.To] = append(ways[m.To], after)
						found = true
					}
				}
			}
		}
	}
	return ways
}

// after are the clocks that run after a move, when those of way ran before it. A
// clock that is paused does not run.
func (c Clocks) after(way string) string {
	running := strings.Fields(way)
	running = slices.DeleteFunc(running, func(stage string) bool { return slices.Contains(c.Stops, stage) || slices.Contains(c.Pauses, stage) })
	running = append(running, slices.Concat(c.Starts, c.Resumes)...)
	slices.Sort(running)
	return strings.Join(slices.Compact(running), " ")
}
