package migrations

import (
	"github.com/pocketbase/pocketbase/core"
)

// makePeople makes homes, residents and the care that was agreed with them.
// What domain.md marks X is not here and must not come: a test keeps it so.
func makePeople(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "buildings",
				presentable(required(text("name", 100, label("名称", "Name or number")))),
				required(choice("kind", "building.kind", label("类别", "Kind"))),
				point("point", label("位置", "Place, WGS-84 degrees")),
				integer("storeys", 0, 200, label("层数", "Storeys")),
				integer("units", 0, 1000, label("单元数", "Staircases")),
				choices("hazard_tags", "building.hazard_tag", label("隐患标签", "Hazards of the building, never of its people")),
				text("place_qr", 64, label("门牌码", "Code on the door plate")),
			)
		},
		func() error { return c.index(app, "buildings", "place_qr") },
		func() error {
			return c.synced(app, "households",
				relation("building", c["buildings"], label("楼栋", "Building")),
				presentable(required(text("address_zh", 200, label("地址", "Address")))),
				text("door_no", 40, label("门牌", "Door number")),
				presentable(text("head_name", 60, label("户主", "Head of the household"))),
				private(text("phone", 30, label("联系电话", "One telephone number"))),
				found("phone_word", label("电话检索", "By which the telephone number is found; set by the server")),
				integer("resident_count", 0, 1000, label("人数", "Number of people")),
				choice("tenure", "household.tenure", label("居住方式", "Tenure")),
				choice("contact_pref", "household.contact_pref", label("联系方式偏好", "How the household wants to be contacted")),
				boolean("no_photo", label("不拍照", "The household wants no photographs")),
				date("last_visit_at", label("最近走访", "Last visit; set by the server")),
			)
		},
		func() error { return c.index(app, "households", "building", "phone_word") },
		func() error {
			return c.synced(app, "residents",
				required(relation("household", c["households"], label("户", "Household"))),
				presentable(required(text("name", 60, label("姓名", "Name")))),
				text("pinyin", 120, label("拼音", "Pinyin, for searching without signal")),
				choice("sex", "resident.sex", label("性别", "Sex")),
				integer("birth_year", 1900, 2100, label("出生年", "Year of birth; never the full date")),
				private(text("phone", 30, label("电话", "Telephone"))),
				found("phone_word", label("电话检索", "By which the telephone number is found; set by the server")),
				choice("relation_to_head", "resident.relation_to_head", label("与户主关系", "Relation to the head of the household")),
				choice("residency", "resident.residency", label("居住类型", "Residency")),
				private(choices("care_tags", "care_tag", label("关爱标签", "Why somebody may need care; seen in the own grid only"))),
				private(text("emergency_contact", 120, label("紧急联系人", "Whom to call"))),
				text("dialect", 40, label("方言", "Dialect")),
				required(choice("life_status", "resident.life_status", label("状态", "Living here, moved away or deceased"))),
			)
		},
		func() error { return c.index(app, "residents", "household", "phone_word") },
		func() error {
			return c.synced(app, "consents",
				presentable(required(relation("subject", c["residents"], label("对象", "Whom it is about")))),
				required(private(choice("purpose", "consent.purpose", label("用途", "Purpose")))),
				private(text("scope", 300, label("范围", "What was agreed to"))),
				required(private(choice("given_by", "consent.given_by", label("表示人", "Who gave it")))),
				private(choice("method", "consent.method", label("方式", "How it was given"))),
				presentable(required(date("given_at", label("给予时间", "When it was given")))),
				date("withdrawn_at", label("撤回时间", "When it was withdrawn")),
				required(text("notice_version", 40, label("告知版本", "Version of the notice that was read"))),
			)
		},
		func() error { return c.index(app, "consents", "subject") },
		func() error {
			return c.synced(app, "care_plans",
				presentable(required(relation("resident", c["residents"], label("居民", "Resident")))),
				presentable(required(choice("tier", "care_plan.tier", label("等级", "How closely care is needed: of the plan, not of the person")))),
				required(integer("cadence_days", 1, 366, label("频次（天）", "Days between two contacts"))),
				choices("methods", "care_plan.method", label("方式", "Ways of contact that count")),
				private(text("family_contact", 120, label("家属", "Family"))),
				required(relation("consent", c["consents"], label("同意", "Consent on which it rests"))),
				required(date("review_at", label("复核日", "When it must be reviewed"))),
				private(text("notes", 5000, label("备注", "Notes"))),
			)
		},
		func() error { return c.index(app, "care_plans", "resident", "consent") },
	)
}
