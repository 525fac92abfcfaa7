package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// person is somebody who lives in a home.
type person struct {
	id, name, relation, residency string
	female                        bool
	age                           int
	tags                          []string
}

// home is a household with its people, the head first.
type home struct {
	id, zone, address, door, phone string
	place                          orb.Point // of its building
	people                         []person
}

// inhabit emits the buildings, households and residents of a grid, with the
// care that was agreed with them, and decides who was visited.
func (w *world) inhabit(g *grid) {
	hamlets := w.hamlets(g)
	var building string
	free := 0 // homes left in the building
	var block, storey int
	for n := range g.households {
		if w.err != nil {
			return
		}
		hamlet := hamlets[n*len(hamlets)/g.households]
		z := g.zones[n*len(g.zones)/g.households]
		h := home{id: w.id(), zone: z.id, phone: w.phone()}
		if free == 0 {
			block++
			name, kind, storeys, units := fmt.Sprintf("%s%d号", hamlet.name, n+1), "rural_house", w.between(1, 3), 1
			free = 1
			if g.unit.urban {
				name, kind, storeys, units = fmt.Sprintf("%s%d栋", hamlet.name, block), "apartment", 6, 2
				free = storeys * units * 2
			}
			storey = 0
			building = w.building(g, z, name, kind, storeys, units)
		}
		free--
		h.place = g.places[len(g.places)-1]
		if g.unit.urban {
			h.door = fmt.Sprintf("%d单元%d%02d室", storey/12+1, storey%12/2+1, storey%2+1)
			h.address = fmt.Sprintf("%s%s%s%d栋%s", g.unit.name, mark, hamlet.name, block, h.door)
			storey++
		} else {
			h.door = fmt.Sprintf("%d号", n+1)
			h.address = fmt.Sprintf("%s%s%s%s", g.unit.name, mark, hamlet.name, h.door)
		}
		surname := ""
		if w.chance(hamlet.share) {
			surname = hamlet.surname
		}
		h.people = w.family(g, surname, w.people.draw(w, pick(w, familySizes...)))
		w.moveIn(g, &h, building)
	}
}

// hamlet is a village group or a compound. In a village group most families
// share one surname.
type hamlet struct {
	name, surname string
	share         float64
}

func (w *world) hamlets(g *grid) []hamlet {
	var all []hamlet
	for range w.between(2, 4) {
		if g.unit.urban {
			all = append(all, hamlet{name: pick(w, "书香", "澄湖", "翠湖", "云溪", "兰亭", "锦秋") + pick(w, "苑", "园", "里")})
			continue
		}
		surname := pick(w, surnames...)
		all = append(all, hamlet{surname + pick(w, "冲", "湾", "圩", "塘", "岗", "坝") + "组", surname, 0.6 + 0.3*w.rng.Float64()})
	}
	slices.SortFunc(all, func(a, b hamlet) int { return len(a.name) - len(b.name) })
	return slices.CompactFunc(all, func(a, b hamlet) bool { return a.name == b.name })
}

func (w *world) building(g *grid, z zone, name, kind string, storeys, units int) string {
	hazards := []string{}
	if w.chance(0.03) {
		hazards = append(hazards, pick(w, "electric", "structure", "flood_prone", "drowning_risk"))
	}
	place := g.cell.inside(w, z.a, z.b)
	id := w.synced("buildings", z.id, g.officer, w.since, row{"name": name, "kind": kind, "point": pointOf(place),
		"storeys": storeys, "units": units, "hazard_tags": hazards, "place_qr": "YS" + w.text(8)})
	g.places, g.passed = append(g.places, place), append(g.passed, near{building: id})
	return id
}

// familySizes are homes of 1 to 6 people as often as they are met, each relative
// to the average of 2.6.
var familySizes = func() (sizes []float64) {
	for i, often := range []int{22, 32, 22, 14, 7, 3} {
		sizes = append(sizes, slices.Repeat([]float64{float64(i+1) / 2.61}, often)...)
	}
	return sizes
}()

// family makes n people who live together.
func (w *world) family(g *grid, surname string, n int) []person {
	var family []person
	add := func(relation, surname string, female bool, age int) string {
		name := w.personName(surname, female, age)
		family = append(family, person{name: name, relation: relation, female: female, age: age, residency: w.residency(g, age)})
		return name[:3]
	}
	age := w.between(26, 54)
	switch {
	case n == 1 && w.chance(0.55):
		add("self", surname, w.chance(0.6), w.between(62, 92))
	case n == 1:
		add("self", surname, w.chance(0.4), w.between(22, 61))
	case n == 2 && w.chance(0.4):
		age = w.between(60, 84)
		add("self", surname, false, age)
		add("spouse", "", true, age-w.between(0, 5))
	case n == 2 && w.chance(0.4) || n > 2 && !g.unit.urban && w.chance(0.08):
		// The parents work far away.
		surname = add("self", surname, w.chance(0.3), w.between(58, 72))
		for len(family) < n {
			add("grandchild", surname, w.chance(0.48), w.between(2, 15))
			family[len(family)-1].residency = "left_behind"
		}
	default:
		surname = add("self", surname, false, age)
		add("spouse", "", true, age-w.between(0, 4))
		for len(family) < n {
			if len(family) > 2 && w.chance(0.4) {
				add("parent", map[bool]string{false: surname}[w.chance(0.6)], w.chance(0.6), min(age+w.between(22, 30), 93))
				continue
			}
			add("child", surname, w.chance(0.48), max(0, age-w.between(23, 32)))
		}
	}
	return family
}

func (w *world) residency(g *grid, age int) string {
	switch {
	case g.unit.urban && w.chance(0.15):
		return "floating"
	case !g.unit.urban && age >= 20 && age < 50 && w.chance(0.2):
		return "away"
	case !g.unit.urban && age >= 65 && w.chance(0.2):
		return "left_behind"
	}
	return "registered"
}

// moveIn emits a household and its people.
func (w *world) moveIn(g *grid, h *home, building string) {
	seen, cared := "", false
	for i := range h.people {
		p := &h.people[i]
		p.id = w.id()
		if w.care.take(w, careWeight(p, len(h.people))) {
			p.tags, cared = w.careTags(p, len(h.people)), true
		}
	}
	weight := 0.8
	if cared {
		weight = 2
	}
	if w.visits.take(w, weight) {
		v := w.plan(g, h, cared)
		seen = stamp(v.at)
	}
	moved := w.since.Add(time.Duration(w.between(0, 90*24)) * time.Hour)
	w.synced("households", h.zone, g.officer, moved, row{"id": h.id, "building": building, "address_zh": h.address, "door_no": h.door,
		"head_name": h.people[0].name, "phone": h.phone, "resident_count": len(h.people),
		"tenure":       map[bool]string{true: "rent", false: "own"}[h.people[0].residency == "floating"],
		"contact_pref": pick(w, "door", "door", "phone", "phone", "neighbour", "family", "evening_only"),
		"no_photo":     w.chance(0.1), "last_visit_at": seen})
	for i := range h.people {
		w.resident(g, h, &h.people[i], moved)
	}
}

// resident emits a person. A telephone number of his own, and whom to call, are
// kept only of those who agreed to care visits.
func (w *world) resident(g *grid, h *home, p *person, moved time.Time) {
	phone, family, sex := "", "", "male"
	if p.female {
		sex = "female"
	}
	if len(p.tags) > 0 {
		family = w.personName(p.name[:3], w.chance(0.5), 40) + " " + w.phone()
		if p.age >= 14 {
			phone = w.phone()
		}
	}
	w.synced("residents", h.zone, g.officer, moved, row{"id": p.id, "household": h.id, "name": p.name, "pinyin": searchable(p.name),
		"sex": sex, "birth_year": w.today.Year() - p.age, "phone": phone, "relation_to_head": p.relation, "residency": p.residency,
		"care_tags": append([]string{}, p.tags...), "emergency_contact": family, "life_status": "living"})
	if len(p.tags) > 0 {
		w.carePlan(h, g, p, family, w.consent(h, g, p, moved, "care_plan", "姓名、电话、关爱标签、紧急联系人；用于关爱探访"))
	} else if p.age < 14 {
		w.consent(h, g, p, moved, "contact", "姓名、出生年；仅用于联系监护人")
	}
}
