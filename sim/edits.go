package sim

import (
	"fmt"
	"maps"
	"slices"

	"gridwalk/phone"
)

// write has the officer record something, one to five mutations long.
func (p *handset) write() {
	for range 1 + p.w.rng.IntN(3) {
		p.writeOne()
	}
}

func (p *handset) put(collection, record, op string, set fields, after ...string) string {
	m, err := p.client.Write(collection, record, op, set, after...)
	if err != nil {
		p.w.trace("%s cannot write: %v", p.name(), err)
		p.store.BeforeCommit = nil
		p.open()
		return ""
	}
	p.keep(m)
	p.w.trace("%s writes %s %s %s base %d n %d %v", p.name(), op, collection, record, m.Base, m.N, set)
	return m.ID
}

// keep writes a mutation into the ledger of the run.
func (p *handset) keep(m phone.Mutation) *written {
	kept := &written{Mutation: m, officer: p.officer, device: p.device, life: p.w.lived}
	p.w.ledger[m.ID], p.w.order = kept, append(p.w.order, kept)
	return kept
}

// some gives one of the records that the phone shows, "" when there is none.
func (p *handset) some(collection string) (string, fields) {
	records, err := p.client.List(collection)
	p.w.must(err)
	ids := slices.Sorted(maps.Keys(records))
	if len(ids) == 0 {
		return "", nil
	}
	id := ids[p.w.rng.IntN(len(ids))]
	return id, records[id]
}

func pick[T any](w *world, from ...T) T { return from[w.rng.IntN(len(from))] }

func (w *world) phoneNumber() string { return fmt.Sprintf("1390000%04d", w.rng.IntN(10000)) }

// subset gives some of the values, in order.
func subset(w *world, values ...string) []any {
	out := []any{}
	for _, v := range values {
		if w.rng.IntN(2) == 0 {
			out = append(out, v)
		}
	}
	return out
}

func (p *handset) writeOne() {
	w := p.w
	switch w.rng.IntN(18) {
	case 0, 1: // a visit, and its correction
		if home, _ := p.some("households"); home != "" {
			visit := w.newID()
			first := p.put("visits", visit, "create", fields{"household": home, "purpose": "routine", "mode": "door",
				"result": pick(w, "met_ok", "met_needs", "not_home", "help_called"), "note": fmt.Sprintf("第%d次", w.rng.IntN(1000))})
			if w.rng.IntN(3) == 0 && first != "" {
				p.put("visits", visit, "update", fields{"minutes": float64(w.rng.IntN(60))}, first)
			}
		}
	case 2:
		if visit, was := p.some("visits"); visit != "" {
			p.put("visits", visit, "update", fields{"note": fmt.Sprint(was["note"], "\n补", w.rng.IntN(1000)), "result": pick(w, "met_ok", "met_needs")})
		}
	case 3, 4:
		if resident, _ := p.some("residents"); resident != "" {
			p.put("residents", resident, "update", fields{"phone": w.phoneNumber()})
		}
	case 5:
		if resident, _ := p.some("residents"); resident != "" {
			p.put("residents", resident, "update", fields{"care_tags": subset(w, "lives_alone_elder", "advanced_age_80", "disability"), "dialect": pick(w, "吴语", "闽语")})
		}
	case 6:
		if home, _ := p.some("households"); home != "" {
			p.put("households", home, "update", fields{"phone": w.phoneNumber(), "head_name": fmt.Sprintf("户主%d", w.rng.IntN(100))})
		}
	case 7: // a new family
		if building, _ := p.some("buildings"); building != "" {
			home := w.newID()
			grid := p.gridOf("buildings", building)
			first := p.put("households", home, "create", fields{"building": building, "grid": grid, "address_zh": "新居"})
			p.put("residents", w.newID(), "create", fields{"household": home, "name": "演示新", "life_status": "living"}, first)
		}
	case 8: // a walk
		if grid, _ := p.some("grids"); grid != "" {
			walk := w.newID()
			p.put("patrols", walk, "create", fields{"grid": grid, "officer": officerID(p.officer), "started_at": "2026-11-23 01:00:00.000Z", "status": "active"})
			p.put("check_ins", w.newID(), "create", fields{"grid": grid, "patrol": walk, "target_type": "point", "datum": "wgs84", "loc_src": "gps",
				"lat": 28.1 + w.rng.Float64()/100, "lng": 124.1 + w.rng.Float64()/10, "acc_m": 12})
		}
	case 9:
		if walk, was := p.some("patrols"); walk != "" {
			floors, _ := was["floors"].(float64)
			p.put("patrols", walk, "update", fields{"floors": floors + float64(1+w.rng.IntN(5)), "status": pick(w, "active", "paused", "ended")})
		}
	case 10:
		p.put("check_ins", w.newID(), "create", fields{"target_type": "point", "datum": "gcj02", "loc_src": "gps", "lat": 28.1, "lng": 124.1, "acc_m": 30})
	case 11: // only desk staff may
		if resident, _ := p.some("residents"); resident != "" && w.rng.IntN(3) == 0 {
			p.put("residents", resident, "delete", nil)
		}
	case 12: // a bug of the app, or a record of somebody else
		switch w.rng.IntN(3) {
		case 0:
			p.put("residents", id("resident", w.rng.IntN(grids*households)), "update", fields{"phone": w.phoneNumber()})
		case 1:
			p.put("residents", w.newID(), "create", fields{"household": householdID(w.rng.IntN(grids * households)), "name": "", "life_status": "living"})
		case 2:
			p.put("households", householdID(0), "update", fields{"no_such_field": 1})
		}
	case 13:
		if resident, _ := p.some("residents"); resident != "" {
			p.put("residents", resident, "update", fields{"life_status": pick(w, "living", "moved", "deceased")})
		}
	case 14: // an errand is asked for, or somebody who sees that nobody goes yet goes
		errand, was := p.some("errands")
		if errand == "" || was["status"] != "requested" {
			if resident, _ := p.some("residents"); resident != "" {
				p.put("errands", w.newID(), "create", fields{"resident": resident, "status": "requested"})
			}
			return
		}
		p.put("errands", errand, "update", fields{"status": "accepted", "runner": officerID(p.officer), "promise_at": "2026-11-24 01:00:00.000Z"})
	case 15: // a place of a service order is claimed, or given up
		if claim, was := p.some("order_claims"); claim != "" && was["volunteer"] == officerID(p.officer) && w.rng.IntN(3) == 0 {
			p.put("order_claims", claim, "update", fields{"released_at": "2026-11-24 01:00:00.000Z"})
			return
		}
		if order, _ := p.some("service_orders"); order != "" {
			p.put("order_claims", w.newID(), "create", fields{"order": order})
		}
	case 16: // a matter, with what is done about it
		if grid, _ := p.some("grids"); grid != "" {
			matter := w.newID()
			first := p.put("matters", matter, "create", fields{"grid": grid, "title": "路灯不亮", "category": "public_facility", "subcategory": "street_lamp",
				"source": "officer", "priority": "p2_normal", "status": "reported"})
			if w.rng.IntN(3) == 0 && first != "" {
				p.put("matters", matter, "update", fields{"status": "solved_on_spot", "result": "已换灯"}, first)
			}
		}
	case 17: // whoever looks at it thinks that he knows what comes next
		if matter, _ := p.some("matters"); matter != "" {
			p.put("matters", matter, "update", fields{"status": pick(w, "accepted", "in_progress", "handled", "verifying", "closed", "withdrawn"),
				"result": fmt.Sprintf("第%d次", w.rng.IntN(100)), "reason": "误报"})
		}
	}
}

func (p *handset) gridOf(collection, id string) any {
	record, err := p.client.Get(collection, id)
	p.w.must(err)
	return record["grid"]
}
