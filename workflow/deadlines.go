package workflow

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Rule is a time limit for a stage, or for the whole case (stage close), of the
// matters that it fits. What is empty fits everything.
type Rule struct {
	Region      string // code of a division: fits it and what lies below
	Category    string
	Subcategory string
	Priority    string
	Stage       string
	Timing
}

// Case is what a limit is looked for.
type Case struct{ Region, Category, Subcategory, Priority, Stage string }

// Rules are time limits in any order.
type Rules []Rule

// For gives the rule that fits most specifically: the nearest division first,
// then the subcategory, the category and the priority. Of equals, the one with
// the shorter limit. ok is false when none fits.
func (rs Rules) For(c Case) (rule Rule, ok bool) {
	for _, r := range rs {
		if r.fits(c) && (!ok || r.compare(rule) > 0) {
			rule, ok = r, true
		}
	}
	return rule, ok
}

func (r Rule) fits(c Case) bool {
	return r.Stage == c.Stage && strings.HasPrefix(c.Region, r.Region) &&
		(r.Category == "" || r.Category == c.Category) &&
		(r.Subcategory == "" || r.Subcategory == c.Subcategory) &&
		(r.Priority == "" || r.Priority == c.Priority)
}

// compare is positive when r is to be taken rather than other. Both fit the
// same case, so what differs is only what they leave open, and their times.
func (r Rule) compare(other Rule) int {
	return cmp.Or(
		cmp.Compare(len(r.Region), len(other.Region)),
		cmp.Compare(len(r.Subcategory), len(other.Subcategory)),
		cmp.Compare(len(r.Category), len(other.Category)),
		cmp.Compare(len(r.Priority), len(other.Priority)),
		cmp.Compare(other.Limit, r.Limit),
		cmp.Compare(other.Kind, r.Kind),
		cmp.Compare(other.Escalate, r.Escalate),
		truth(other.Cumulative)-truth(r.Cumulative),
	)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Happened is a move that was made.
type Happened struct {
	From, To string
	At       time.Time
	Days     int // by which an extension extends, working days where time is working time
}

// Ticks are what the moves that were made did to the clock of a stage that is
// timed so.
func (t Table) Ticks(stage string, moves []Happened, timing Timing, c Calendar) []Tick {
	day := 24 * time.Hour
	if timing.Kind == Working {
		day = c.Day()
	}
	var ticks []Tick
	for _, h := range moves {
		m, ok := t.find(func(m Move) bool { return m.To == h.To && slices.Contains(m.From, h.From) })
		if !ok {
			continue
		}
		for _, act := range []struct {
			stages []string
			kind   TickKind
		}{{m.Clocks.Stops, Stop}, {m.Clocks.Starts, Start}, {m.Clocks.Pauses, Pause}, {m.Clocks.Resumes, Resume}, {m.Clocks.Extends, Extend}} {
			if slices.Contains(act.stages, stage) {
				ticks = append(ticks, Tick{At: h.At, Kind: act.kind, Extra: time.Duration(h.Days) * day})
			}
		}
	}
	return ticks
}

// Stages are the stages that a table times, in the order in which they first
// appear in it.
func (t Table) Stages() []string {
	var stages []string
	for _, m := range t.Moves {
		for _, stage := range slices.Concat(m.Clocks.Starts, m.Clocks.Stops) {
			if !slices.Contains(stages, stage) {
				stages = append(stages, stage)
			}
		}
	}
	return stages
}
