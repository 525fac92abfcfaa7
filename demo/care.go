package demo

import (
	"hash/fnv"
	"slices"
	"time"

	"gridwalk/care"
)

// careWeight is how much more often than the average somebody needs care, who
// lives with others in a home of n.
func careWeight(p *person, n int) float64 {
	switch {
	case p.age >= 65 && n == 1:
		return 5
	case p.age >= 80:
		return 3
	case p.age >= 65:
		return 1.5
	case p.residency == "left_behind":
		return 2
	}
	return 0.6
}

// careTags are the reasons for care: one that fits the age, and sometimes a
// second one.
func (w *world) careTags(p *person, n int) []string {
	var tags []string
	switch {
	case p.age < 14 && p.residency == "left_behind":
		tags = []string{"left_behind_child"}
	case p.age < 14:
		tags = []string{pick(w, "child_in_difficulty", "disability", "subsistence_allowance")}
	case p.age >= 65 && n == 1:
		tags = []string{"lives_alone_elder"}
	case p.age >= 80 && w.chance(0.5):
		tags = []string{"advanced_age_80"}
	case p.age >= 65 && w.chance(0.3):
		tags = []string{pick(w, "empty_nest_elder", "disabled_elder", "left_behind_elder")}
	default:
		tags = []string{pick(w, "disability", "disability", "subsistence_allowance", "subsistence_allowance", "low_income_edge",
			"extreme_poverty_support", "long_illness_self_declared", "temporary_hardship", "veteran_in_need")}
	}
	if more := pick(w, "disability", "subsistence_allowance", "low_income_edge"); w.chance(0.2) && !slices.Contains(tags, more) {
		tags = append(tags, more)
	}
	return tags
}

// consent emits what somebody agreed to, a guardian in place of a child.
func (w *world) consent(h *home, g *grid, p *person, at time.Time, purpose, scope string) string {
	by := "self"
	if p.age < 14 {
		by = "guardian"
	} else if slices.Contains(p.tags, "disabled_elder") {
		by = "family"
	}
	return w.synced("consents", h.zone, g.officer, at, row{"subject": p.id, "purpose": purpose, "scope": scope, "given_by": by,
		"method": pick(w, "paper", "paper", "oral_witness", "link"), "given_at": stamp(at), "withdrawn_at": "", "notice_version": "2026-01"})
}

// carePlan emits how often somebody is looked after, by the first reason.
func (w *world) carePlan(h *home, g *grid, p *person, family, consent string) {
	tier, days := "general", 90
	switch p.tags[0] {
	case "disabled_elder":
		tier, days = "high", 7
	case "lives_alone_elder", "advanced_age_80", "left_behind_child", "child_in_difficulty", "extreme_poverty_support":
		tier, days = "key", 30
	}
	made := w.planned(p.id, days)
	plan := w.synced("care_plans", h.zone, g.officer, made, row{"resident": p.id, "tier": tier, "cadence_days": days,
		"methods": []string{"door", "phone"}, "family_contact": family, "consent": consent,
		"review_at": stamp(w.today.AddDate(0, 0, w.between(10, 180))), "notes": ""})
	g.owed = append(g.owed, owed{plan, p.id, h.id, h.zone, care.Plan{Since: care.DayOf(made), Cadence: days, Tier: tier, Methods: []string{"door", "phone"}}})
}

// planned is when a plan was made: so long ago that most are due in the time to
// come, and a few are overdue. It is not drawn, so that nothing else changes.
func (w *world) planned(resident string, cadence int) time.Time {
	spread := fnv.New32a()
	_, _ = spread.Write([]byte(resident)) // a hash takes everything
	return w.today.AddDate(0, 0, -int(spread.Sum32()%uint32(cadence+cadence/10+1))).Add(9 * time.Hour)
}

// owed is a care plan by which somebody is looked after.
type owed struct {
	id, resident, household, zone string
	plan                          care.Plan
}

// met is a visit to a home as far as care plans count it.
type met struct {
	residents []string
	contact   care.Contact
}

// meet remembers a visit for the plans of the home.
func (w *world) meet(g *grid, v *visit, mode, result, next string) {
	if g.met == nil {
		g.met = map[string][]met{}
	}
	c := care.Contact{On: care.DayOf(v.at), Mode: mode, Result: result}
	if next != "" {
		c.Agreed = c.On + 30
	}
	g.met[v.household] = append(g.met[v.household], met{v.residents, c})
}

// owe emits when everybody who has a plan is looked after next, as the server
// keeps it: nobody works at weekends.
func (w *world) owe(g *grid) {
	for _, o := range g.owed {
		var contacts []care.Contact
		for _, m := range g.met[o.household] {
			if len(m.residents) == 0 || slices.Contains(m.residents, o.resident) {
				contacts = append(contacts, m.contact)
			}
		}
		due := o.plan.Next(contacts)
		w.put("due_visits", w.now, row{"id": o.id, "plan": o.id, "resident": o.resident, "household": o.household, "grid": o.zone, "tier": o.plan.Tier,
			"last_contact_on": due.Last.String(), "wanted_on": due.Wanted.String(), "earliest_on": due.Earliest.String(), "fixed": due.Fixed,
			"due_on": due.On(func(d care.Day) bool { return d.Start().Add(12*time.Hour).Weekday()%6 != 0 }).String()})
	}
	g.owed, g.met = nil, nil
}
