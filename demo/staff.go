package demo

import "fmt"

// employ emits everybody who works in the county and what each answers for.
// Every role has at least one officer.
func (w *world) employ() {
	desk := func(mail, role, region, office string) string {
		return w.officer(mail, role, "", region, office)
	}
	desk("county001", "county_admin", w.county, "")
	desk("steward001", "data_steward", w.county, "")
	for i := range departments {
		desk(fmt.Sprintf("dept%03d", i+1), "dept_handler", w.county, "")
	}
	desk("guest001", "resident_guest", "", "")
	for i, t := range w.towns {
		desk(fmt.Sprintf("town%03d", i+1), "town_dispatcher", t.id, t.office)
		desk(fmt.Sprintf("mediator%03d", i+1), "mediator", t.id, t.office)
		desk(fmt.Sprintf("volunteer%03d", i+1), "volunteer", t.id, "")
	}
	for i, u := range w.units {
		desk(fmt.Sprintf("village%03d", i+1), "village_admin", u.id, u.office)
		lead := desk(fmt.Sprintf("lead%03d", i+1), "grid_lead", u.id, u.office)
		for _, g := range u.grids {
			w.assign(g.id, lead, "lead")
		}
	}
	for i, g := range w.grids {
		name := ""
		if g.code == "990101103201004" {
			name = "周明兰"
		}
		g.officer = w.officer(fmt.Sprintf("officer%03d", i+1), "grid_officer", name, g.unit.id, g.unit.office)
		w.assign(g.id, g.officer, "officer")
	}
	w.employPartTime()
}

// employPartTime spreads the part-time officers over the zones.
func (w *world) employPartTime() {
	for i := 0; i < w.spec.PartTime; {
		for _, g := range w.grids {
			z := g.zones[i/len(w.grids)%len(g.zones)]
			if i == w.spec.PartTime {
				return
			}
			i++
			helper := w.officer(fmt.Sprintf("parttime%04d", i), "grid_officer", "", g.unit.id, g.unit.office)
			w.assign(z.id, helper, "part_time")
		}
	}
}

func (w *world) officer(mail, role, name, region, office string) string {
	if name == "" {
		name = w.personName("", w.chance(0.55), w.between(26, 58))
	}
	return w.put("officers", w.since, row{"name": name, "email": mail + "@" + MailHost, "role": role, "region": region,
		"organization": office, "phone": w.phone(), "disabled": false, "verified": true, "emailVisibility": false})
}

func (w *world) assign(grid, officer, duty string) {
	w.put("grid_assignments", w.since, row{"grid": grid, "user": officer, "duty": duty, "from_date": stamp(w.since), "to_date": ""})
}
