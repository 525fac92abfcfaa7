package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// cases makes what is handled in the grids. It goes through PocketBase and not
// past the hooks as all else: a case is what its moves have made of it, with
// numbers, limits and events that only they know.
type cases struct {
	tx    core.App
	rng   *rand.Rand
	now   time.Time
	grids []caseGrid
	nth   int
	err   error
}

// caseGrid is a grid with who works and lives there.
type caseGrid struct {
	ID       string  `db:"id"`
	Name     string  `db:"name_zh"`
	Lat      float64 `db:"lat"`
	Lng      float64 `db:"lng"`
	Officer  string  `db:"officer"`
	Resident string  `db:"resident"`
}

// loadCases fills in matters, whistles, meetings, errands, orders and meters, now.
func loadCases(tx core.App, spec Spec, seed uint64, now time.Time) error {
	c := &cases{tx: tx, rng: rand.New(rand.NewPCG(seed, 'c')), now: now}
	err := tx.DB().NewQuery(`SELECT g.id, g.name_zh, json_extract(g.center, '$.lat') AS lat, json_extract(g.center, '$.lon') AS lng,
			(SELECT user FROM grid_assignments WHERE grid = g.id ORDER BY duty, user LIMIT 1) AS officer,
			coalesce((SELECT r.id FROM residents AS r WHERE r.grid = g.id LIMIT 1),
				(SELECT r.id FROM grids AS z JOIN residents AS r ON r.grid = z.id WHERE z.parent = g.id LIMIT 1)) AS resident
		FROM grids AS g WHERE length(g.grid_code) = 15 AND officer IS NOT NULL AND resident IS NOT NULL ORDER BY g.grid_code`).All(&c.grids)
	if err != nil {
		return fmt.Errorf("read the grids for the cases: %w", err)
	}
	if len(c.grids) == 0 {
		return nil
	}
	items := c.services()
	for range spec.Meetings {
		c.meeting(c.next())
	}
	for i := range spec.Matters {
		c.matter(c.next(), matterKinds[i%len(matterKinds)])
	}
	for i := range spec.Errands {
		c.errand(c.next(), items[i%len(items)], i)
	}
	for i := range spec.Orders {
		c.order(c.next(), i)
	}
	c.meters(spec.Meters)
	return c.err
}

// next gives one grid after the other.
func (c *cases) next() caseGrid {
	c.nth++
	return c.grids[c.nth%len(c.grids)]
}

// ago is a time before now; nothing that is handled is older than a month.
func (c *cases) ago(d time.Duration) string { return stamp(c.now.Add(-d)) }

// save makes a record and moves it on, one save each, as people would.
func (c *cases) save(collection string, values row, moves ...row) string {
	if c.err != nil {
		return ""
	}
	col, err := c.tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		c.err = fmt.Errorf("find %s: %w", collection, err)
		return ""
	}
	r := core.NewRecord(col)
	r.Id = (&world{rng: c.rng}).id()
	for _, values := range append([]row{values}, moves...) {
		r.Load(values)
		if err := c.tx.Save(r); err != nil {
			c.err = fmt.Errorf("save a record of %s with %v: %w", collection, values, err)
			return ""
		}
	}
	return r.Id
}

// matterKind is a matter that comes up everywhere, and how far it has come.
type matterKind struct {
	title, category, subcategory, priority string
	age                                    time.Duration
	moves                                  []row // the first is the state it is made in
}

func to(status string) row { return row{"status": status} }

// matterKinds are in every state; those that are open are the most.
var matterKinds = []matterKind{
	{"村口路灯不亮", "public_facility", "street_lamp", "p2_normal", 12 * time.Minute, []row{to("reported")}},
	{"井盖破损", "public_facility", "manhole", "p1_urgent", 9 * time.Minute, []row{to("reported"), to("accepted"), to("in_progress")}},
	{"垃圾堆在路边", "city_appearance", "exposed_garbage", "p2_normal", 20 * time.Minute, []row{{"status": "solved_on_spot", "result": "已清走"}}},
	{"楼道内给电动车充电", "safety_hazard", "ebike_charging", "p1_urgent", 8 * time.Minute, []row{to("reported"), to("accepted"), to("dispatched")}},
	{"巷子积水", "city_appearance", "water_logging", "p2_normal", 50 * time.Hour, []row{to("reported")}},
	{"晾晒引起的争执", "dispute", "", "p2_normal", 15 * time.Minute, []row{to("reported"), to("accepted")}},
	{"路面坑洼", "public_facility", "road_surface", "p2_normal", 14 * time.Minute, []row{to("reported"), to("accepted"), to("in_progress"), {"status": "suspended", "reason": "等天晴再修补"}}},
	{"问低保怎么申请", "livelihood", "allowance", "p2_normal", 25 * time.Minute, []row{to("reported"), to("accepted"), to("in_progress"), {"status": "handled", "result": "已讲清材料并预约代办"}, to("verifying"), to("closed")}},
	{"树枝压住线缆", "public_facility", "tree", "p1_urgent", 7 * time.Minute, []row{to("reported"), to("accepted"), {"status": "escalated", "reason": "要断电作业"}}},
	{"水塘边护栏松动", "safety_hazard", "drowning_risk", "p1_urgent", 11 * time.Minute, []row{to("reported"), to("accepted"), to("in_progress")}},
	{"沟里有垃圾", "village_building", "pond_ditch", "p2_normal", 16 * time.Minute, []row{to("reported"), to("dispatched"), {"status": "returned", "reason": "属于水利部门"}}},
	{"小广告贴满楼道", "city_appearance", "messy_ads", "p2_normal", 18 * time.Minute, []row{to("reported"), {"status": "withdrawn", "reason": "物业已清理"}}},
	{"建议添健身器材", "suggestion", "advice", "p3_complex", 30 * time.Minute, []row{to("draft")}},
	{"自来水浑浊", "village_building", "drinking_water", "p1_urgent", 13 * time.Minute, []row{to("reported"), to("accepted"), to("in_progress")}},
}

// matter makes one, somewhere around the middle of the grid. The street lamp was
// reported twice, a closed matter was asked about, and for one that is escalated
// the whistle is blown.
func (c *cases) matter(g caseGrid, k matterKind) string {
	place := row{"lat": g.Lat + (c.rng.Float64()-0.5)*0.002, "lon": g.Lng + (c.rng.Float64()-0.5)*0.002}
	first := row{"grid": g.ID, "title": k.title + mark, "category": k.category, "subcategory": k.subcategory, "priority": k.priority, "source": "officer",
		"point": place, "place_zh": g.Name, "created_by": g.Officer, "captured_at": c.ago(k.age)}
	for field, value := range k.moves[0] {
		first[field] = value
	}
	id := c.save("matters", first, k.moves[1:]...)
	switch last := k.moves[len(k.moves)-1]["status"]; {
	case last == "closed":
		c.save("survey_responses", row{"matter": id, "status": "answered", "solved": "solved", "satisfaction": "satisfied", "created_by": g.Officer})
	case k.subcategory == "street_lamp":
		c.save("matter_parties", row{"matter": id, "part": "reporter", "resident": g.Resident, "wants_answer": true, "created_by": g.Officer})
		c.save("matters", row{"grid": g.ID, "title": k.title + mark, "category": k.category, "subcategory": k.subcategory, "priority": k.priority, "source": "resident_qr",
			"status": "reported", "point": place, "created_by": g.Officer, "captured_at": c.ago(k.age)}, row{"status": "merged", "merged_into": id})
	case last == "escalated":
		c.whistle(g, id)
	}
	return id
}

// whistle calls the two units that are needed for a matter.
func (c *cases) whistle(g caseGrid, matter string) {
	var units []string
	if c.err == nil {
		c.err = c.tx.DB().NewQuery(`SELECT id FROM organizations WHERE kind IN ('dept', 'utility') AND EXISTS
			(SELECT 1 FROM json_each(categories) WHERE value = 'public_facility') ORDER BY id LIMIT 2`).Column(&units)
	}
	if c.err != nil || len(units) < 2 {
		return
	}
	c.save("whistles", row{"grid": g.ID, "kind": "key_problem", "matter": matter, "subject": "树枝压线，需断电清除" + mark, "place_zh": g.Name,
		"lead_org": units[0], "coop_orgs": units[1:], "status": "blown", "created_by": g.Officer, "captured_at": c.ago(5 * time.Minute)})
}

// meeting makes one of last week, what was asked and promised there, and the
// next one, which opens with it.
func (c *cases) meeting(g caseGrid) {
	place := g.Name + "议事亭"
	held := c.now.Add(-7 * 24 * time.Hour).Truncate(time.Hour)
	first := c.save("meetings", row{"grid": g.ID, "place": place, "type": "pavilion_talk", "held_at": stamp(held), "chair": "演示主持", "scribe": g.Officer,
		"expected": 30, "present_count": 26, "quorum_rule": "half", "status": "planned", "created_by": g.Officer, "captured_at": stamp(held)},
		to("open"), to("closed"), to("published"))
	about := func(collection string, values row, moves ...row) string {
		values["meeting"], values["created_by"], values["captured_at"] = first, g.Officer, stamp(held)
		return c.save(collection, values, moves...)
	}
	about("agenda_items", row{"position": 1, "title": "村口路灯" + mark, "kind": "topic", "decision": "先报修，再看是否加装"})
	about("agenda_items", row{"position": 2, "title": "水塘清淤" + mark, "kind": "vote", "decision": "秋后动工", "votes_for": 21, "votes_against": 3, "votes_abstain": 2})
	about("minutes", row{"text": "大家先说路灯，再说水塘。" + mark})
	lamp := about("demands", row{"text": "村口的路灯坏了两盏" + mark, "category": "public_facility", "support_count": 14, "status": "raised"},
		row{"status": "accepted", "outcome": "accepted", "due_at": stamp(c.now.AddDate(0, 0, 8))})
	about("demands", row{"text": "想在河边建停车场" + mark, "category": "village_building", "support_count": 3, "status": "raised"},
		row{"status": "done", "outcome": "declined", "answer": "属于河道管理范围，不能建"})
	about("demands", row{"text": "水塘该清淤了" + mark, "category": "village_building", "support_count": 9, "status": "raised"})
	about("commitments", row{"demand": lamp, "who": "村委会" + mark, "what": "十天内修好路灯", "due": stamp(c.now.AddDate(0, 0, 3)), "status": "open"})
	about("commitments", row{"who": "村委会" + mark, "what": "公布水塘清淤的预算", "due": stamp(c.now.AddDate(0, 0, -1)), "status": "open"}, row{"status": "done", "result": "已贴在公告栏"})
	c.save("meetings", row{"grid": g.ID, "place": place, "type": "pavilion_talk", "held_at": stamp(c.now.Add(5 * time.Hour).Truncate(time.Hour)), "chair": "演示主持",
		"scribe": g.Officer, "expected": 30, "quorum_rule": "half", "status": "planned", "created_by": g.Officer, "captured_at": c.ago(time.Hour)})
}

// serviceItem is a service with the papers that it needs.
type serviceItem struct {
	id        string
	materials []string // ids
	papers    []string
}

// services makes the guides that are read without signal.
func (c *cases) services() (items []serviceItem) {
	for _, s := range []struct {
		name, category, steps string
		papers                []string
	}{
		{"高龄津贴申领" + mark, "errand_service", "递交材料，五个工作日内答复", []string{"身份证复印件", "户口簿复印件", "银行卡复印件"}},
		{"残疾人证换发" + mark, "livelihood", "递交材料，到指定医院评定", []string{"身份证复印件", "两寸照片", "旧证"}},
		{"城乡居民医保参保" + mark, "livelihood", "登记，缴费", []string{"身份证复印件", "户口簿复印件"}},
	} {
		item := serviceItem{id: c.save("service_items", row{"name": s.name, "category": s.category, "where": "便民服务大厅" + mark, "steps": s.steps,
			"status": "published", "review_at": stamp(c.now.AddDate(0, 0, 120))}), papers: s.papers}
		for i, paper := range s.papers {
			item.materials = append(item.materials, c.save("materials", row{"service_item": item.id, "name": paper, "copies": 1, "position": i + 1}))
		}
		items = append(items, item)
	}
	return items
}

// errand makes one in each of three states by turns.
func (c *cases) errand(g caseGrid, s serviceItem, nth int) {
	moves := []row{{"status": "accepted", "runner": g.Officer, "promise_at": stamp(c.now.Add(20 * time.Hour))}, to("picked_up")}[:nth%3]
	id := c.save("errands", row{"grid": g.ID, "resident": g.Resident, "service_item": s.id, "status": "requested", "created_by": g.Officer, "captured_at": c.ago(10 * time.Minute)}, moves...)
	for i, material := range s.materials {
		item := c.save("errand_items", row{"errand": id, "material": material, "name": s.papers[i], "missing": nth%3 == 1 && i == 0, "created_by": g.Officer})
		if nth%3 == 2 {
			c.save("custody_steps", row{"errand": id, "item": item, "giver": "resident", "taker": "officer", "given_at": c.ago(time.Minute), "taken_at": c.ago(time.Minute), "created_by": g.Officer})
		}
	}
}

// order makes a wish for help with whom it is for, which a helper learns late.
func (c *cases) order(g caseGrid, nth int) {
	o := []row{{"title": "帮独居老人擦窗" + mark, "kind": "chores", "slots": 2}, {"title": "陪老人去医院" + mark, "kind": "transport", "slots": 1},
		{"title": "周末辅导作业" + mark, "kind": "teaching", "slots": 3}}[nth%3]
	o["grid"], o["when_at"], o["status"], o["created_by"], o["captured_at"] = g.ID, stamp(c.now.Add(48*time.Hour).Truncate(time.Hour)), "published", g.Officer, c.ago(15*time.Minute)
	id := c.save("service_orders", o)
	c.save("order_recipients", row{"order": id, "resident": g.Resident, "name": "演示老人", "phone": "", "address": g.Name, "created_by": g.Officer})
	if volunteer, err := c.tx.FindFirstRecordByFilter("officers", "role = 'volunteer'", dbx.Params{}); c.err == nil && err == nil {
		c.save("order_claims", row{"order": id, "volunteer": volunteer.Id, "created_by": volunteer.Id})
	}
}
