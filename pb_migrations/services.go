package migrations

import "github.com/pocketbase/pocketbase/core"

// makeErrands makes what papers a service needs, the errands that officers run,
// and who had which paper when.
func makeErrands(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "service_items",
				presentable(required(text("name", 100, label("事项", "Name of the service")))),
				choice("category", "matter.category", label("大类", "Category")),
				relation("org", c["organizations"], label("受理单位", "Unit that handles it")),
				text("where", 200, label("办理地点", "Where, and when it is open")),
				text("steps", 3000, label("办理流程", "What happens")),
				presentable(required(choice("status", "service_item.status", label("状态", "State")))),
				date("review_at", label("复核日", "When it must be reviewed: every 180 days")),
			)
		},
		func() error {
			return c.collection(app, "materials",
				required(relation("service_item", c["service_items"], label("事项", "Service"))),
				presentable(required(text("name", 100, label("材料", "Paper")))),
				boolean("original", label("原件", "The original is needed")),
				integer("copies", 0, 100, label("份数", "Number of copies")),
				boolean("optional", label("视情况", "Only in some cases")),
				text("note", 300, label("说明", "Where to get it, and for whom it is needed")),
				integer("position", 0, 1000, label("顺序", "Order")),
			)
		},
		func() error { return c.index(app, "materials", "service_item") },
		func() error {
			return c.synced(app, "errands", append([]core.Field{
				presentable(required(relation("resident", c["residents"], label("居民", "Whom it is for")))),
				presentable(relation("service_item", c["service_items"], label("事项", "Service, if it is for one"))),
				text("what", 300, label("内容", "What is to be done")),
				relation("runner", c["officers"], label("代办人", "Who goes: the first who accepts it")),
				date("promise_at", label("约定时间", "When it was promised to be picked up")),
				date("due_accept", label("受理时限", "When somebody must have accepted it; set by the server")),
				date("due_pick_up", label("取件时限", "When it must have been picked up; set by the server")),
				choices("breached", "deadline_rule.stage", label("超时阶段", "Stages that ran out of time; set by the server")),
				text("result", 2000, label("结果", "What came of it")),
			}, moved("errand", "errand.status")...)...)
		},
		func() error { return c.index(app, "errands", "resident", "status", "runner") },
		func() error {
			return c.synced(app, "errand_items",
				required(relation("errand", c["errands"], label("代办", "Errand"))),
				relation("material", c["materials"], label("材料", "Paper of the checklist")),
				presentable(required(text("name", 100, label("名称", "What it is; never its number")))),
				boolean("missing", label("缺少", "It is not there yet")),
			)
		},
		func() error { return c.index(app, "errand_items", "errand") },
		func() error {
			return c.synced(app, "custody_steps",
				required(relation("errand", c["errands"], label("代办", "Errand"))),
				required(relation("item", c["errand_items"], label("材料", "What was handed over"))),
				presentable(required(choice("giver", "custody_party", label("交出人", "Who gave it")))),
				presentable(required(choice("taker", "custody_party", label("接收人", "Who took it")))),
				date("given_at", label("交出确认", "When the giver tapped")),
				date("taken_at", label("接收确认", "When the taker tapped")),
				text("receipt_no", 40, label("回执号", "Receipt number; set by the server")),
				text("note", 300, label("备注", "Note")),
			)
		},
		func() error { return c.index(app, "custody_steps", "errand", "item") },
	)
}

// makeServiceOrders makes 社区点单、党员接单. Whom it is for stands apart: who
// claims an order learns it only once he is confirmed.
func makeServiceOrders(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "service_orders", append([]core.Field{
				presentable(required(text("title", 100, label("标题", "Title; no names and no addresses")))),
				presentable(required(choice("kind", "service_order.kind", label("类别", "Kind of service")))),
				required(integer("slots", 1, 200, label("名额", "How many helpers are wanted"))),
				required(date("when_at", label("时间", "When"))),
				text("skills", 200, label("技能", "What a helper should be able to do")),
				text("note", 1000, label("说明", "What else to know")),
				integer("held", 0, 200, label("已占名额", "Places that are taken; set by the server")),
				choice("audience", "service_order.audience", label("可见范围", "Who sees it besides the grid; set by the server")),
				date("due_claim", label("认领时限", "When it is shown more widely; set by the server")),
				boolean("breached", label("无人认领", "Nobody had claimed it in time; set by the server")),
				choice("satisfaction", "satisfaction", label("评价", "What the recipient says of the service; never of a person")),
			}, moved("order", "service_order.status")...)...)
		},
		func() error { return c.index(app, "service_orders", "status", "audience") },
		func() error {
			return c.synced(app, "order_recipients",
				presentable(required(relation("order", c["service_orders"], label("订单", "Order")))),
				relation("resident", c["residents"], label("居民", "Resident, if one of the roll")),
				private(text("name", 60, label("姓名", "Name"))),
				private(text("phone", 30, label("电话", "Telephone"))),
				private(text("address", 200, label("地址", "Where to come"))),
			)
		},
		func() error { return c.index(app, "order_recipients", "order") },
		func() error {
			return c.synced(app, "order_claims",
				presentable(required(relation("order", c["service_orders"], label("订单", "Order")))),
				presentable(relation("volunteer", c["officers"], label("志愿者", "Who claims a place"))),
				relation("org", c["organizations"], label("组织", "Organization he comes from")),
				integer("place", 0, 1000, label("次序", "Order of arrival; set by the server")),
				presentable(choice("status", "order_claim.status", label("状态", "State; set by the server"))),
				date("confirmed_at", label("确认时间", "When the officer confirmed him")),
				date("released_at", label("退出时间", "When the place was given up")),
				date("done_at", label("完成时间", "When he was done")),
				number("hours", 0, 1000, label("时长", "Hours, if he cares to say; never compared")),
				text("thanks_note", 1000, label("感谢", "A word of thanks")),
				private(text("recipient", 400, label("受助人", "Name, telephone and address once he is confirmed; set by the server"))),
			)
		},
		func() error { return c.index(app, "order_claims", "order", "volunteer") },
	)
}
