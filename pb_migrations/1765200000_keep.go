package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What must be kept although its time is over, the proof of what was erased,
// and exports of personal data.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeLegalHolds(app, c) },
			func() error { return makePurgeLog(app, c) },
			func() error { return makeExports(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

func makeLegalHolds(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "legal_holds",
				presentable(text("collection", 60, label("集合", "Collection of the record that is held"))),
				presentable(code("record", `^[a-z0-9]{15}$`, label("记录", "Id of the record that is held, with all that relates to it"))),
				presentable(code("resident", `^[a-z0-9]{15}$`, label("居民", "Id of the resident who is held, with all that relates to him; then collection and record are empty"))),
				required(text("reason", 500, label("原因", "Why, such as the number of a case; no names"))),
				text("by", 15, label("设定人", "Who set it; set by the server")),
				date("from", label("起始", "From when it holds; empty is at once")),
				date("until", label("截止", "Until when; empty is until somebody ends it. A hold is ended, never deleted")),
			)
		},
		func() error { return c.index(app, "legal_holds", "until") },
	)
}

func makePurgeLog(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "purge_log",
				required(integer("n", 1, 1<<53, label("序号", "Number of the entry"))),
				presentable(required(date("at", label("时间", "When it was erased")))),
				presentable(required(text("collection", 60, label("集合", "Collection")))),
				text("field", 60, label("字段", "Field that was emptied; empty for the whole record")),
				presentable(text("record", 15, label("记录", "Id of the record, if it was one"))),
				presentable(required(text("rule", 60, label("规则", "By which rule: forget, or that of the register")))),
				integer("days", 0, 36500, label("保存天数", "Days that it is kept, by the register")),
				integer("count", 0, 1<<53, label("数量", "How many records")),
				text("why", 500, label("原因", "Why somebody was forgotten; no names")),
				text("by", 15, label("经办人", "Who asked for it; empty for the nightly purge")),
				required(code("digest", `^[0-9a-f]{64}$`, label("摘要", "Vouches for this entry and all before it; made of what is said here, not of what was erased"))),
			)
		},
		func() error { return c.unique(app, "purge_log", "n") },
		func() error { return c.index(app, "purge_log", "record", "at") },
	)
}

func makeExports(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "exports",
				required(text("asked_by", 15, label("申请人", "Who asked for it"))),
				presentable(required(text("purpose", 500, label("用途", "What it is for; no names")))),
				presentable(required(text("collection", 60, label("集合", "Collection whose records it holds")))),
				jsonValue("columns", 5000, label("列", "Its columns")),
				relation("grid", c["grids"], label("网格", "Only records of this grid and what lies below it")),
				date("from", label("起始", "Only records made from then on")),
				date("until", label("截止", "Only records made before then")),
				integer("row_limit", 1, 100000, label("行数上限", "More rows than this are not exported")),
				integer("rows", 0, 100000, label("行数", "How many rows it has; set by the server")),
				boolean("second", label("需复核", "A second person must approve: over 500 rows in a day, or something sensitive")),
				text("approved_by", 15, label("批准人", "Who approved or refused it: never who asked")),
				date("approved_at", label("批准时间", "When")),
				presentable(required(choice("status", "export.status", label("状态", "State")))),
				date("expires_at", label("失效时间", "When its file is deleted")),
				&core.FileField{Name: "file", MaxSelect: 1, MaxSize: 64 << 20, Protected: true, Help: label("文件", "The file, until it expires")},
				integer("downloads", 0, 1<<31, label("下载次数", "How often it was fetched")),
			)
		},
		func() error { return c.index(app, "exports", "status", "asked_by, created") },
	)
}
