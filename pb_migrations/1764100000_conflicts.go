package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What could not be taken over as a phone wanted it: values that lost, and
// mutations that were rejected.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids", "officers", "devices")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeConflicts(app, c) },
			func() error { return makeRejections(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// existing finds collections of earlier migrations.
func existing(app core.App, names ...string) (schema, error) {
	c := schema{}
	for _, name := range names {
		col, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return nil, fmt.Errorf("find collection %s: %w", name, err)
		}
		c[name] = col
	}
	return c, nil
}

func makeConflicts(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "conflicts",
				presentable(required(text("collection", 60, label("集合", "Collection of the record")))),
				presentable(required(text("record", 15, label("记录", "Id of the record")))),
				presentable(required(text("field", 60, label("字段", "Field that was changed on both sides")))),
				private(jsonValue("kept", 1<<20, label("保留值", "The value that stands"))),
				text("kept_by", 15, label("保留值来自", "Who wrote the value that stands")),
				private(jsonValue("lost", 1<<20, label("落选值", "The value that does not stand, kept so that nothing is lost"))),
				relation("lost_by", c["officers"], label("落选值来自", "Who wrote the value that does not stand")),
				text("mutation", 64, label("操作", "Mutation that lost")),
				text("stamp", 100, label("时间戳", "When it was made, by its phone's clock")),
				text("policy", 80, label("规则", "Rule by which it was decided")),
				relation("grid", c["grids"], label("所属网格", "Grid of the record")),
				presentable(required(choice("status", "conflict.status", label("状态", "Choose «restored» to put the lost value back, «kept» to leave it")))),
			)
		},
		func() error { return c.index(app, "conflicts", "collection, record", "status", "grid", "lost_by") },
	)
}

func makeRejections(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "rejections",
				presentable(relation("officer", c["officers"], label("网格员", "Whose mutation it was"))),
				relation("device", c["devices"], label("设备", "From which device")),
				required(text("mutation", 64, label("操作", "Id of the mutation"))),
				integer("n", 0, 1<<53, label("序号", "Number in its outbox")),
				presentable(text("collection", 60, label("集合", "Collection"))),
				text("record", 40, label("记录", "Id of the record")),
				text("op", 10, label("动作", "create, update or delete")),
				presentable(required(text("code", 60, label("原因代码", "Why, for programs")))),
				text("message", 1000, label("原因", "Why, for people")),
				private(jsonValue("payload", 4<<20, label("内容", "The whole mutation as it came"))),
				required(choice("status", "rejection.status", label("状态", "Choose «reapplied» to try it again, «dismissed» to leave it"))),
			)
		},
		func() error { return c.index(app, "rejections", "status", "officer") },
		func() error { return c.unique(app, "rejections", "device, mutation") },
	)
}
