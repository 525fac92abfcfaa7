package migrations

import (
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
)

// subcategory offers the subcategories of all categories; that it belongs to
// the category is checked when a matter is saved.
func subcategory() *core.SelectField {
	var values []string
	for _, enum := range dict.All() {
		if strings.HasPrefix(enum.Name, "matter.subcategory.") {
			values = append(values, enum.Values()...)
		}
	}
	slices.Sort(values)
	return &core.SelectField{Name: "subcategory", MaxSelect: 1, Values: slices.Compact(values), Help: label("小类", "Subcategory, of the category")}
}

// moved are the fields by which a record is moved from state to state.
func moved(machine, enum string) []core.Field {
	return []core.Field{
		presentable(required(choice("status", enum, label("状态", "State of the "+machine+": docs/workflow.md")))),
		text("reason", 2000, label("原因", "Why it was last returned, extended, reopened and the like; each reason stays in the history")),
		date("state_since", label("进入时间", "When the present state was entered; set by the server")),
	}
}

// makeMatters makes matters, what happened to them, whom they concern, and
// what residents say of how they were handled.
func makeMatters(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "matters", append([]core.Field{
				presentable(text("no", 40, label("编号", "Number; set by the server"))),
				text("temp_no", 40, label("临时编号", "Number that the phone gave it without signal, such as 临-07")),
				presentable(required(text("title", 100, label("标题", "Title; no names and no telephone numbers")))),
				required(choice("category", "matter.category", label("大类", "Category; it decides the unit that leads"))),
				subcategory(),
				point("point", label("位置", "Place, WGS-84 degrees")),
				text("place_zh", 200, label("地点", "Place in words")),
				required(choice("source", "matter.source", label("来源", "Where it comes from"))),
				required(choice("priority", "matter.priority", label("紧急程度", "Priority"))),
				choice("level", "matter.level", label("办理层级", "Level that handles it")),
				integer("involved_count", 0, 1e6, label("涉及人数", "Number of people involved")),
				choice("scale", "matter.scale", label("规模", "Scale, from the number of people; set by the server")),
				relation("owner", c["officers"], label("责任人", "Officer who answers for it now")),
				relation("lead_org", c["organizations"], label("牵头单位", "Unit that leads")),
				relations("coop_orgs", c["organizations"], 20, label("配合单位", "Units that help")),
				relation("suggested_org", c["organizations"], label("建议单位", "Unit that seems right: by the category at first, later what a return names")),
				date("due_accept", label("受理时限", "When it must be accepted; set by the server")),
				date("due_first_contact", label("首次联系时限", "When somebody must have been in touch; set by the server")),
				date("due_feedback", label("反馈时限", "When it must have been answered; set by the server")),
				date("due_close", label("办结时限", "When it must be closed; set by the server")),
				choice("clock_kind", "clock_kind", label("计时方式", "How the time of the whole case is counted; set by the server")),
				boolean("paused", label("暂停计时", "Its clocks stand still; set by the server")),
				choices("breached", "deadline_rule.stage", label("超时阶段", "Stages that ran out of time; set by the server")),
				choice("overseen_level", "matter.level", label("督办层级", "Level before which it was brought because it is overdue; set by the server")),
				integer("extend_days", 0, 365, label("延期天数", "Days by which it is extended, of its kind of time")),
				boolean("reopen_suggested", label("建议重新打开", "Proof came after it was closed; set by the server")),
				relation("demand", c["demands"], label("诉求", "Demand from which it comes")),
				relations("evidence", c["evidence"], 50, label("凭证", "Photographs")),
				text("result", 5000, label("办理结果", "What was done")),
				boolean("public_ok", label("可公开", "May be shown in public")),
			}, moved("matter", "matter.status")...)...)
		},
		func() error {
			return c.addFields(app, "matters", relation("merged_into", c["matters"], label("并入", "Matter that it was merged into")),
				relations("similar", c["matters"], 20, label("疑似重复", "Matters that may be the same; a suggestion, set by the server")))
		},
		func() error {
			return c.index(app, "matters", "status", "lead_org", "subcategory, captured_at", "merged_into", "demand", "no")
		},
		func() error {
			return c.addFields(app, "demands", relation("matter", c["matters"], label("事项", "Matter that came of it")))
		},
		func() error {
			return c.collection(app, "matter_events",
				presentable(required(relation("matter", c["matters"], label("事项", "Matter")))),
				relation("grid", c["grids"], label("所属网格", "Grid of the matter")),
				relation("lead_org", c["organizations"], label("牵头单位", "Unit that led then")),
				presentable(required(choice("action", "workflow.action", label("动作", "What was done")))),
				choice("from_status", "matter.status", label("原状态", "State before")),
				choice("to_status", "matter.status", label("新状态", "State after")),
				choice("stage", "deadline_rule.stage", label("阶段", "Stage that ran out of time")),
				relation("actor", c["officers"], label("经办人", "Who did it; empty for the office and the server")),
				relation("org", c["organizations"], label("单位", "Unit of whoever did it")),
				text("reason", 2000, label("原因", "Why")),
				integer("extend_days", 0, 365, label("延期天数", "Days by which it was extended")),
				presentable(required(date("at", label("时间", "When it was done, by the clock of whoever did it")))),
			)
		},
		func() error { return c.index(app, "matter_events", "matter, at") },
		func() error {
			return c.synced(app, "matter_parties",
				presentable(required(relation("matter", c["matters"], label("事项", "Matter")))),
				presentable(required(choice("part", "matter_party.part", label("身份", "Part in the matter")))),
				relation("resident", c["residents"], label("居民", "Resident, if one of the roll")),
				private(text("name", 60, label("姓名", "Name, if given"))),
				private(text("phone", 30, label("电话", "Telephone, if given"))),
				boolean("anonymous", label("匿名", "Wants to stay unnamed; treated the same")),
				boolean("wants_answer", label("需要回复", "Wants to hear what came of it")),
				date("answered_at", label("回复时间", "When told what came of it")),
			)
		},
		func() error { return c.index(app, "matter_parties", "matter", "resident") },
		func() error {
			return c.synced(app, "survey_responses",
				presentable(required(relation("matter", c["matters"], label("事项", "Matter")))),
				presentable(required(choice("status", "survey.status", label("状态", "State")))),
				choice("solved", "survey.solved", label("是否解决", "Was it solved")),
				choice("satisfaction", "satisfaction", label("满意程度", "Satisfaction with the matter; never with a person")),
				text("note", 1000, label("意见", "What was said; without names")),
			)
		},
		func() error { return c.unique(app, "survey_responses", "matter") },
	)
}

// makeWhistles makes 街道吹哨、部门报到: one row for each unit that was called,
// with a clock of its own.
func makeWhistles(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "whistles", append([]core.Field{
				presentable(required(choice("kind", "whistle.kind", label("类别", "Kind")))),
				presentable(relation("matter", c["matters"], label("事项", "Matter for which it is blown"))),
				required(text("subject", 200, label("事由", "What it is about; no names"))),
				text("place_zh", 200, label("地点", "Where to come")),
				point("point", label("位置", "Where to come, WGS-84 degrees")),
				relation("town", c["regions"], label("镇街", "Town that blows it")),
				required(relation("lead_org", c["organizations"], label("牵头单位", "Unit that leads"))),
				relations("coop_orgs", c["organizations"], 20, label("配合单位", "Units that help")),
				text("result", 5000, label("处理结果", "What came of it")),
			}, moved("whistle", "whistle.status")...)...)
		},
		func() error { return c.index(app, "whistles", "matter", "status", "lead_org") },
		func() error {
			return c.synced(app, "whistle_responses",
				presentable(required(relation("whistle", c["whistles"], label("吹哨", "Whistle")))),
				presentable(required(relation("org", c["organizations"], label("单位", "Unit that was called")))),
				boolean("lead", label("牵头", "It leads; set by the server")),
				text("subject", 500, label("事由", "What it is about and where; set by the server")),
				date("due_at", label("报到时限", "When it must have reported in; set by the server")),
				date("reported_at", label("报到时间", "When it reported in")),
				date("on_site_at", label("到场时间", "When it was on site")),
				boolean("breached", label("超时", "It had not reported in in time; set by the server")),
				choice("overseen_level", "matter.level", label("督办层级", "Level before which a no-show was brought; set by the server")),
				text("note", 3000, label("说明", "What it did")),
				choice("town_says", "satisfaction", label("镇街评价部门", "What the town says of the unit's help")),
				choice("unit_says", "satisfaction", label("部门评价镇街", "What the unit says of being called")),
			)
		},
		func() error { return c.unique(app, "whistle_responses", "whistle, org") },
	)
}
