package migrations

import (
	"github.com/pocketbase/pocketbase/core"
)

// MaxEvidenceBytes bounds a photograph: 30 MiB.
const MaxEvidenceBytes = 30 << 20

// makeFieldwork makes what an officer records on a walk.
func makeFieldwork(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "patrols",
				presentable(required(relation("officer", c["officers"], label("网格员", "Officer")))),
				text("template", 60, label("模板", "Template")),
				choice("status", "patrol.status", label("状态", "State")),
				presentable(required(date("started_at", label("开始", "Start")))),
				date("ended_at", label("结束", "End")),
				choice("end_reason", "patrol.end_reason", label("结束原因", "Why it ended")),
				number("distance_m", 0, 1e6, label("里程（米）", "Metres walked; the officer's own, never compared")),
				integer("floors", 0, 10000, label("楼层", "Floors climbed, if he cares to say")),
				boolean("keep_points", label("保留轨迹", "Keep the track beyond 30 days")),
			)
		},
		func() error { return c.index(app, "patrols", "officer, started_at", "ended_at") },
		func() error {
			return c.synced(app, "evidence",
				required(choice("owner_type", "evidence.owner_type", label("归属类别", "Kind of record it proves"))),
				required(text("owner_id", 15, label("归属", "Id of the record it proves"))),
				&core.FileField{Name: "file", MaxSelect: 1, MaxSize: MaxEvidenceBytes, Protected: true,
					Thumbs: []string{"160x160", "480x0", "1600x0"}, Help: label("文件", "The photograph as taken; never altered")},
				required(code("sha256", `^[0-9a-f]{64}$`, label("校验", "SHA-256 of the bytes in hex, as the phone saw them"))),
				date("taken_at", label("拍摄时间", "When it was taken, as the phone says")),
				choice("stage", "evidence.stage", label("阶段", "Before, during or after handling, or a document")),
				integer("width", 0, 1<<20, label("宽", "Width in pixels, upright; set by the server")),
				integer("height", 0, 1<<20, label("高", "Height in pixels, upright; set by the server")),
				integer("bytes", 0, 1<<40, label("字节数", "Size of the file in bytes; set by the server")),
				boolean("exif_stripped", label("去位置", "The derived pictures carry no EXIF; set by the server")),
				date("exif_taken_at", label("EXIF 拍摄时间", "Time in the file's EXIF; set by the server")),
				boolean("exif_has_place", label("EXIF 含位置", "The file's EXIF holds a place; set by the server")),
				private(number("exif_lat", -90, 90, label("EXIF 纬度", "Latitude in the file's EXIF, WGS-84 degrees; set by the server"))),
				private(number("exif_lng", -180, 180, label("EXIF 经度", "Longitude in the file's EXIF, WGS-84 degrees; set by the server"))),
				boolean("contains_person", label("含人物", "A person can be recognised")),
				boolean("indoor", label("室内", "Taken inside a home: name the consent for it")),
				relation("consent", c["consents"], label("同意", "Consent of the person shown")),
				choice("upload_state", "evidence.upload_state", label("上传状态", "done: the bytes are on the server's disk and have this SHA-256; set by the server")),
				presentable(choice("status", "evidence.status", label("处理状态", "What became of the picture; set by the server"))),
				choice("status_reason", "evidence.rejection", label("原因", "Why it was rejected or has no preview; set by the server")),
				boolean("truncated", label("不完整", "The file ends early; what there is, is shown; set by the server")),
				choices("reasons", "evidence.reason", label("复核提示", "What a reviewer should look at: a hint, never a refusal; set by the server")),
				jsonValue("blur", 2000, label("遮挡", "Parts made unrecognizable in all previews: [[left, top, right, bottom], …] in fractions of the upright picture, 20 at most")),
				code("preview_of", `^[a-z0-9]{15}$`, label("代为预览", "Id of the HEIC photograph whose previews are made of this one")),
				boolean("legal_hold", label("留存", "Keep beyond the retention of photographs with persons; set by an admin")),
				date("erased_at", label("到期删除时间", "When the bytes were deleted after their time; set by the server")),
				&core.TextField{Name: "likeness", Max: 80, Hidden: true, Help: label("图像指纹", "What it looks like, to find pictures that are used again; set by the server")},
			)
		},
		func() error {
			return c.index(app, "evidence", "owner_type, owner_id", "status", "sha256", "grid, received_at", "preview_of")
		},
		func() error {
			return c.synced(app, "check_ins",
				presentable(required(relation("officer", c["officers"], label("网格员", "Officer")))),
				relation("patrol", c["patrols"], label("巡查", "Patrol")),
				presentable(required(choice("target_type", "check_in.target_type", label("对象类别", "Kind of place")))),
				text("target", 64, label("对象", "Id of the household or building, or words for the place")),
				private(free("lat", label("纬度", "Latitude in degrees, WGS-84 once stored"))),
				private(free("lng", label("经度", "Longitude in degrees, WGS-84 once stored"))),
				free("acc_m", label("精度（米）", "Accuracy in metres, as the phone gave it")),
				required(choice("datum", "datum", label("坐标系", "Datum in which the phone gave the place; raw keeps the numbers"))),
				required(choice("loc_src", "check_in.loc_src", label("定位来源", "Where the place comes from"))),
				date("fix_at", label("定位时间", "When the place was measured")),
				number("fix_age_s", 0, 1e9, label("定位时长（秒）", "Age of the place in seconds, when fix_at is not known")),
				boolean("mock", label("模拟定位", "The phone says that the place was simulated")),
				choice("verdict_client", "check_in.verdict", label("本机判定", "The phone's verdict")),
				presentable(choice("verdict_server", "check_in.verdict", label("复核判定", "The server's verdict: advice, never a refusal; set by the server"))),
				free("distance_m", label("距边界（米）", "Metres outside the boundary of the assigned grid, negative inside; set by the server")),
				choices("reasons", "check_in.reason", label("判定依据", "What spoke against a plain verdict; set by the server")),
				relation("grid_found", c["grids"], label("所在网格", "The smallest grid that contains the place; set by the server")),
				integer("boundary_version", 0, 1<<31, label("边界版本", "Version of the boundary it was judged by; set by the server")),
				choice("reason", "check_in.no_gps_reason", label("说明", "Why there is no good place")),
				private(text("note", 300, label("备注", "Note"))),
				relations("evidence", c["evidence"], 20, label("凭证", "Photographs")),
				private(jsonValue("raw", 2000, label("原始值", "Place and accuracy exactly as received; set by the server"))),
				private(text("proof", 4096, label("签名", "Signature of the phone over what it recorded, see docs/proof.md"))),
				choice("proof_status", "check_in.proof", label("签名核对", "What became of the signature: advice, never a refusal; older apps do not sign; set by the server")),
				&core.TextField{Name: "proof_hash", Max: 43, Hidden: true, Help: label("签名摘要", "By which the next proof of the device names this one; set by the server")},
				&core.TextField{Name: "proof_prev", Max: 100, Hidden: true, Help: label("前一签名", "Proof of the device before this one, as this one names it; set by the server")},
			)
		},
		func() error {
			return c.index(app, "check_ins", "officer, captured_at", "patrol", "grid, captured_at", "device, proof_hash", "device, proof_prev")
		},
		func() error {
			return c.synced(app, "visits",
				presentable(required(relation("household", c["households"], label("户", "Household")))),
				relations("residents", c["residents"], 50, label("走访对象", "Whom the visit was for")),
				presentable(required(choice("purpose", "visit.purpose", label("目的", "Purpose")))),
				required(choice("mode", "visit.mode", label("方式", "How"))),
				presentable(required(choice("result", "visit.result", label("结果", "Result; a refusal has no consequences")))),
				private(choice("wellbeing", "visit.wellbeing", label("状况", "How they are"))),
				private(choices("needs", "visit.need", label("需求", "What is needed"))),
				private(text("note", 3000, label("备注", "Note, 300 characters of each author; what two wrote offline stands together"))),
				number("minutes", 0, 1440, label("时长（分）", "Minutes with the people")),
				text("companion", 60, label("同行", "Who came along")),
				relations("evidence", c["evidence"], 20, label("凭证", "Photographs")),
				relation("patrol", c["patrols"], label("巡查", "Patrol")),
				date("next_due", label("下次", "Next visit")),
				text("quiet_hours_reason", 120, label("夜间走访原因", "Why between 21:00 and 08:00")),
				text("receipt_no", 40, label("回执号", "Receipt number; set by the server")),
			)
		},
		func() error {
			return c.addFields(app, "visits", relation("corrects", c["visits"], label("更正", "The visit that this one corrects")))
		},
		func() error {
			return c.index(app, "visits", "household, captured_at", "patrol", "corrects", "receipt_no")
		},
	)
}

// makeReference makes the dictionary of enumerations and the register of
// personal data.
func makeReference(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "dict",
				presentable(required(text("enum", 60, label("枚举", "Enumeration")))),
				presentable(required(text("value", 60, label("值", "Machine name")))),
				required(text("zh", 100, label("中文", "Chinese"))),
				required(text("en", 100, label("英文", "English"))),
				integer("sort", 0, 10000, label("顺序", "Order")),
			)
		},
		func() error { return c.unique(app, "dict", "enum, value") },
		func() error {
			return c.collection(app, "field_registry",
				presentable(required(text("collection", 60, label("集合", "Collection")))),
				presentable(required(text("field", 60, label("字段", "Field")))),
				required(text("purpose", 200, label("用途", "Purpose"))),
				required(choice("legal_basis", "legal_basis", label("依据", "Legal basis"))),
				required(integer("retention_days", 1, 36500, label("保存天数", "Days it is kept"))),
				required(choice("visibility", "visibility", label("可见范围", "Who may see it"))),
				boolean("sensitive", label("敏感", "Sensitive personal information")),
			)
		},
		func() error { return c.unique(app, "field_registry", "collection, field") },
		func() error { return writeDict(app) },
		func() error { return writeFieldRegistry(app) },
	)
}
