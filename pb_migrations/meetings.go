package migrations

import "github.com/pocketbase/pocketbase/core"

// makeMeetings makes meetings of a village pavilion, what was raised there and
// what was promised. Two scribes who are offline write rows of their own.
func makeMeetings(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "meetings", append([]core.Field{
				presentable(required(text("place", 100, label("地点", "Pavilion or other place")))),
				presentable(required(choice("type", "meeting.type", label("类型", "Type")))),
				presentable(required(date("held_at", label("开会时间", "When it is held")))),
				text("chair", 60, label("主持", "Who chairs")),
				relation("scribe", c["officers"], label("记录", "Who writes the minutes")),
				integer("expected", 0, 100000, label("应到", "Number of people expected")),
				integer("present_count", 0, 100000, label("实到", "Number of people present; names are not needed")),
				choice("quorum_rule", "meeting.quorum_rule", label("法定人数规则", "How many must be present")),
				boolean("quorum_ok", label("达标", "Enough are present; set by the server")),
				relation("closed_by", c["officers"], label("结束人", "Who closed it: the first to do so")),
				date("published_at", label("公布时间", "When the minutes were put up")),
			}, moved("meeting", "meeting.status")...)...)
		},
		func() error { return c.index(app, "meetings", "place, held_at", "status") },
		func() error {
			return c.synced(app, "agenda_items",
				required(relation("meeting", c["meetings"], label("会议", "Meeting"))),
				integer("position", 0, 1000, label("顺序", "Order")),
				presentable(required(text("title", 200, label("议题", "Title")))),
				choice("kind", "agenda_item.kind", label("类别", "Kind")),
				text("decision", 2000, label("决议", "Decision")),
				integer("votes_for", 0, 100000, label("赞成", "Votes for")),
				integer("votes_against", 0, 100000, label("反对", "Votes against")),
				integer("votes_abstain", 0, 100000, label("弃权", "Abstentions")),
			)
		},
		func() error { return c.index(app, "agenda_items", "meeting") },
		func() error {
			return c.synced(app, "minutes",
				presentable(required(relation("meeting", c["meetings"], label("会议", "Meeting")))),
				required(text("text", 20000, label("记录", "What one scribe wrote; another's block stands beside it"))),
			)
		},
		func() error { return c.index(app, "minutes", "meeting") },
		func() error {
			return c.synced(app, "demands", append([]core.Field{
				relation("meeting", c["meetings"], label("会议", "Meeting at which it was raised")),
				text("raised_by", 60, label("提出人", "Who raised it; may be left out")),
				presentable(required(text("text", 2000, label("内容", "What is asked for")))),
				choice("category", "matter.category", label("大类", "Category")),
				integer("support_count", 0, 100000, label("附议数", "How many support it")),
				choice("outcome", "demand.outcome", label("结果", "What was decided")),
				text("answer", 5000, label("答复", "The answer: what will be done, or why not")),
				date("due_at", label("答复期限", "When it must be answered; 15 days unless set")),
				boolean("breached", label("超期", "It was not answered in time; set by the server")),
			}, moved("demand", "demand.status")...)...)
		},
		func() error {
			return c.addFields(app, "demands", relation("merged_into", c["demands"], label("并入", "Demand that it was merged into")),
				relations("similar", c["demands"], 20, label("疑似重复", "Demands that may be the same; a suggestion, set by the server")))
		},
		func() error { return c.index(app, "demands", "meeting", "status", "merged_into") },
		func() error {
			return c.synced(app, "commitments", append([]core.Field{
				relation("meeting", c["meetings"], label("会议", "Meeting at which it was promised")),
				relation("demand", c["demands"], label("诉求", "Demand that it answers")),
				presentable(required(text("who", 100, label("责任人", "Who promised: an office or a person in it")))),
				relation("org", c["organizations"], label("单位", "Unit")),
				presentable(required(text("what", 1000, label("内容", "What was promised")))),
				required(date("due", label("期限", "By when"))),
				text("result", 2000, label("结果", "What became of it")),
				date("read_back_at", label("回报时间", "When a meeting was told")),
			}, moved("commitment", "commitment.status")...)...)
		},
		func() error { return c.index(app, "commitments", "meeting", "demand", "status, due") },
	)
}
