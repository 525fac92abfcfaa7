package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// makeStaff makes those who walk the grids, what they answer for, and their
// phones.
func makeStaff(app core.App, c schema) error {
	return inOrder(
		func() error {
			officers := core.NewAuthCollection("officers")
			// A disabled officer signs in no more; what he recorded stays.
			officers.AuthRule = types.Pointer("disabled = false")
			officers.ManageRule = nil
			return c.save(app, officers,
				presentable(required(text("name", 60, label("姓名", "Name")))),
				presentable(required(choice("role", "officer.role", label("角色", "Role: decides what can be read and written")))),
				relation("region", c["regions"], label("管辖区划", "Division in which desk staff work; field staff are assigned to grids instead")),
				relation("organization", c["organizations"], label("所属单位", "Unit")),
				text("phone", 30, label("工作电话", "Work telephone")),
				boolean("disabled", label("停用", "Can no longer sign in")),
			)
		},
		func() error { return c.index(app, "officers", "role", "region") },
		func() error {
			return c.collection(app, "grid_assignments",
				presentable(required(relation("grid", c["grids"], label("网格", "Grid; its whole subtree is included")))),
				presentable(required(relation("user", c["officers"], label("人员", "Officer")))),
				required(choice("duty", "assignment.duty", label("职责", "Duty"))),
				required(date("from_date", label("起", "First day, China time"))),
				date("to_date", label("止", "Last day, China time; empty means until further notice")),
			)
		},
		func() error { return c.index(app, "grid_assignments", "user", "grid") },
		func() error {
			return c.collection(app, "devices",
				presentable(required(relation("officer", c["officers"], label("使用人", "Officer who uses it")))),
				presentable(text("model", 100, label("型号", "Model, as the phone tells it"))),
				choice("platform", "device.platform", label("系统", "Platform")),
				text("app_version", 40, label("应用版本", "Version of the app")),
				required(choice("status", "device.status", label("状态", "Pending, active or revoked"))),
				text("public_key", 1000, label("设备公钥", "Its ES256 key as JWK; the other half never leaves the phone")),
				date("approved_at", label("批准时间", "When it became active; set by the server")),
				date("last_contact_at", label("最近联系", "Last contact; set by the server")),
				integer("seq", 0, 1<<53, label("同步序号", "Newest change the device has; set by the server")),
				integer("outbox_size", 0, 1e9, label("待传条数", "Records waiting on the phone, as it last reported")),
			)
		},
		func() error { return c.index(app, "devices", "officer") },
	)
}
