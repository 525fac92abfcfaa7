package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
)

// writeDict fills the collection dict from package dict.
func writeDict(app core.App) error {
	col, err := app.FindCollectionByNameOrId("dict")
	if err != nil {
		return fmt.Errorf("fill dict: %w", err)
	}
	for _, enum := range dict.All() {
		for i, entry := range enum.Entries {
			r := core.NewRecord(col)
			r.Load(map[string]any{"enum": enum.Name, "value": entry.Value, "zh": entry.ZH, "en": entry.EN, "sort": i + 1})
			if err := app.Save(r); err != nil {
				return fmt.Errorf("fill dict with %s %s: %w", enum.Name, entry.Value, err)
			}
		}
	}
	return nil
}

// PersonalField is one entry of the register of personal data: why a field is
// kept, on which basis, how long, and who may see it.
type PersonalField struct {
	Collection, Field string
	Purpose           string
	Basis             string // of enumeration legal_basis
	RetentionDays     int
	Visibility        string // of enumeration visibility
	Sensitive         bool
}

const (
	years3 = 3 * 365
	years5 = 5 * 365
)

// PersonalFields is the register of all fields that hold personal data. A test
// fails when a field of the schema stands neither here nor on its list of
// fields that say nothing about a person.
func PersonalFields() []PersonalField {
	home := func(collection, field, purpose string) PersonalField {
		return PersonalField{collection, field, purpose, "statutory_duty", years5, "own_grid", false}
	}
	consented := func(collection, field, purpose string) PersonalField {
		return PersonalField{collection, field, purpose, "consent", years3, "own_grid", true}
	}
	staff := func(collection, field, purpose string, days int) PersonalField {
		return PersonalField{collection, field, purpose, "statutory_duty", days, "grid_lead", false}
	}
	whereabouts := func(collection, field, purpose string) PersonalField {
		return PersonalField{collection, field, purpose, "statutory_duty", years3, "grid_lead", true}
	}
	return []PersonalField{
		home("households", "address_zh", "find the home 找到住户"),
		home("households", "door_no", "find the home 找到住户"),
		home("households", "head_name", "address the household 称呼住户"),
		consented("households", "phone", "reach the household 联系住户"),
		home("households", "resident_count", "plan help in an emergency 应急安排"),
		home("households", "tenure", "know whether somebody lives there 是否有人居住"),
		home("households", "contact_pref", "contact people the way they want 按意愿联系"),
		home("households", "no_photo", "respect a wish 尊重意愿"),
		home("households", "last_visit_at", "avoid needless visits 避免重复打扰"),

		home("residents", "household", "find the person 找到居民"),
		home("residents", "name", "address the person 称呼居民"),
		home("residents", "pinyin", "search without signal 离线查找"),
		home("residents", "sex", "send a suitable helper 安排合适人员"),
		home("residents", "birth_year", "know who is old or a child 老幼关爱"),
		consented("residents", "phone", "reach the person 联系居民"),
		home("residents", "relation_to_head", "know who cares for whom 了解照护关系"),
		home("residents", "residency", "know who lives here 了解居住情况"),
		consented("residents", "care_tags", "care visits 关爱探访"),
		consented("residents", "emergency_contact", "call the family in an emergency 紧急联系家属"),
		home("residents", "dialect", "send somebody who understands 语言沟通"),
		home("residents", "life_status", "end care and visits in time 及时停止走访"),

		consented("consents", "subject", "prove consent 证明同意"),
		consented("consents", "purpose", "prove consent 证明同意"),
		consented("consents", "scope", "prove consent 证明同意"),
		consented("consents", "given_by", "prove consent 证明同意"),
		consented("consents", "method", "prove consent 证明同意"),
		consented("consents", "given_at", "prove consent 证明同意"),
		consented("consents", "withdrawn_at", "respect withdrawal 尊重撤回"),

		consented("care_plans", "resident", "care visits 关爱探访"),
		consented("care_plans", "tier", "care visits 关爱探访"),
		consented("care_plans", "cadence_days", "care visits 关爱探访"),
		consented("care_plans", "methods", "care visits 关爱探访"),
		consented("care_plans", "family_contact", "call the family 联系家属"),
		consented("care_plans", "consent", "prove consent 证明同意"),
		consented("care_plans", "review_at", "care visits 关爱探访"),
		consented("care_plans", "notes", "care visits 关爱探访"),

		consented("due_visits", "plan", "care visits 关爱探访"),
		consented("due_visits", "resident", "care visits 关爱探访"),
		consented("due_visits", "household", "care visits 关爱探访"),
		consented("due_visits", "tier", "care visits 关爱探访"),
		consented("due_visits", "last_contact_on", "avoid needless visits 避免重复打扰"),
		consented("due_visits", "due_on", "care visits 关爱探访"),

		whereVisited("household"), whereVisited("residents"), whereVisited("purpose"), whereVisited("mode"),
		whereVisited("result"), whereVisited("minutes"), whereVisited("companion"), whereVisited("next_due"),
		whereVisited("quiet_hours_reason"), whereVisited("evidence"),
		consented("visits", "wellbeing", "care visits 关爱探访"),
		consented("visits", "needs", "get help 转办需求"),
		consented("visits", "note", "remember what was said 记录情况"),

		whereabouts("patrols", "officer", "safety of the officer 人员安全"),
		whereabouts("patrols", "started_at", "safety of the officer 人员安全"),
		whereabouts("patrols", "ended_at", "safety of the officer 人员安全"),
		whereabouts("patrols", "distance_m", "the officer's own note 本人留存"),
		whereabouts("patrols", "floors", "the officer's own note 本人留存"),
		ownTrack("officer"), ownTrack("patrol"), ownTrack("track"), ownTrack("started_at"), ownTrack("ended_at"),
		whereabouts("check_ins", "officer", "who was there 到点人员"),
		whereabouts("check_ins", "target", "where to 到点对象"),
		whereabouts("check_ins", "lat", "where it was 到点位置"),
		whereabouts("check_ins", "lng", "where it was 到点位置"),
		whereabouts("check_ins", "grid_found", "where it was 到点位置"),
		whereabouts("check_ins", "distance_m", "where it was 到点位置"),
		whereabouts("check_ins", "fix_at", "where it was 到点位置"),
		whereabouts("check_ins", "note", "service note 服务记录"),
		whereabouts("check_ins", "proof", "who was there 到点人员"),
		whereabouts("check_ins", "raw", "check the conversion 核对坐标换算"),

		{"evidence", "file", "prove that a matter was handled 办理凭证", "statutory_duty", 180, "own_grid", true},
		{"evidence", "contains_person", "protect who is shown 保护被拍摄人", "statutory_duty", 180, "own_grid", false},
		{"evidence", "consent", "protect who is shown 保护被拍摄人", "statutory_duty", 180, "own_grid", false},
		{"evidence", "indoor", "protect homes 保护住宅隐私", "statutory_duty", 180, "own_grid", false},
		{"refused_uploads", "officer", "find the phone that sends broken files 排查故障手机", "statutory_duty", 30, "county", false},
		{"refused_uploads", "file", "may be the only copy 可能是唯一副本", "statutory_duty", 30, "county", true},
		{"evidence", "exif_lat", "check the place 核对位置", "statutory_duty", 180, "own_grid", true},
		{"evidence", "exif_lng", "check the place 核对位置", "statutory_duty", 180, "own_grid", true},
		{"evidence", "exif_taken_at", "check the time 核对时间", "statutory_duty", 180, "own_grid", false},
		{"evidence", "taken_at", "check the time 核对时间", "statutory_duty", 180, "own_grid", false},

		home("matters", "place_zh", "find the place 找到地点"),
		home("matters", "point", "find the place 找到地点"),
		home("matters", "title", "know what it is about 了解事由"),
		home("matters", "result", "tell what was done 告知结果"),
		home("matters", "reason", "tell why 告知原因"),
		staff("matters", "owner", "know who is responsible 责任到人", years5),
		staff("matter_events", "actor", "know who is responsible 责任到人", years5),
		home("matter_events", "reason", "tell why 告知原因"),
		consented("matter_parties", "resident", "tell people what came of it 回复反映人"),
		consented("matter_parties", "name", "tell people what came of it 回复反映人"),
		consented("matter_parties", "phone", "tell people what came of it 回复反映人"),
		home("matter_parties", "part", "tell people what came of it 回复反映人"),
		home("matter_parties", "anonymous", "respect a wish 尊重意愿"),
		home("matter_parties", "wants_answer", "respect a wish 尊重意愿"),
		home("matter_parties", "answered_at", "tell people what came of it 回复反映人"),
		home("survey_responses", "solved", "do better next time 改进工作"),
		home("survey_responses", "satisfaction", "do better next time 改进工作"),
		home("survey_responses", "note", "do better next time 改进工作"),
		home("whistles", "place_zh", "find the place 找到地点"),
		home("whistles", "point", "find the place 找到地点"),
		home("whistles", "subject", "know what it is about 了解事由"),
		home("whistles", "result", "tell what was done 告知结果"),
		home("whistles", "reason", "tell why 告知原因"),
		home("whistle_responses", "subject", "know what it is about 了解事由"),
		home("whistle_responses", "note", "tell what was done 告知结果"),
		home("meetings", "chair", "know who chaired 会议记录"),
		staff("meetings", "scribe", "know who wrote it 会议记录", years5),
		staff("meetings", "closed_by", "know who closed it 会议记录", years5),
		home("meetings", "reason", "tell why 告知原因"),
		home("agenda_items", "title", "know what was talked about 会议记录"),
		home("agenda_items", "decision", "know what was decided 会议记录"),
		home("minutes", "text", "know what was talked about 会议记录"),
		home("demands", "raised_by", "tell people what came of it 回复提出人"),
		home("demands", "text", "know what is asked for 了解诉求"),
		home("demands", "answer", "tell people what came of it 回复提出人"),
		home("demands", "reason", "tell why 告知原因"),
		home("commitments", "who", "know who promised 承诺到人"),
		home("commitments", "what", "know what was promised 承诺到人"),
		home("commitments", "result", "tell what was done 告知结果"),
		home("commitments", "reason", "tell why 告知原因"),
		home("errands", "resident", "run the errand 代办"),
		home("errands", "what", "run the errand 代办"),
		staff("errands", "runner", "know who is responsible 责任到人", years5),
		home("errands", "result", "tell what was done 告知结果"),
		home("errands", "reason", "tell why 告知原因"),
		home("errand_items", "name", "know where papers are 材料去向"),
		home("errand_items", "missing", "know where papers are 材料去向"),
		home("custody_steps", "item", "know where papers are 材料去向"),
		home("custody_steps", "giver", "know where papers are 材料去向"),
		home("custody_steps", "taker", "know where papers are 材料去向"),
		home("custody_steps", "given_at", "know where papers are 材料去向"),
		home("custody_steps", "taken_at", "know where papers are 材料去向"),
		home("custody_steps", "note", "know where papers are 材料去向"),
		home("service_orders", "title", "find a helper 找到志愿者"),
		home("service_orders", "note", "find a helper 找到志愿者"),
		home("service_orders", "reason", "tell why 告知原因"),
		home("service_orders", "satisfaction", "do better next time 改进工作"),
		consented("order_recipients", "resident", "bring the service 上门服务"),
		consented("order_recipients", "name", "bring the service 上门服务"),
		consented("order_recipients", "phone", "bring the service 上门服务"),
		consented("order_recipients", "address", "bring the service 上门服务"),
		home("order_claims", "volunteer", "know who comes 了解谁来服务"),
		home("order_claims", "org", "know who comes 了解谁来服务"),
		home("order_claims", "hours", "the helper's own note 本人留存"),
		home("order_claims", "thanks_note", "say thank you 表达感谢"),
		consented("order_claims", "recipient", "bring the service 上门服务"),

		watched("sensors", "meter", years3), watched("sensors", "household", years3), watched("sensors", "consent", years3),
		watched("sensors", "away_until", years3), watched("sensors", "litres", years3), watched("sensors", "flat_since", years3),
		watched("sensors", "flat_litres", years3), watched("sensors", "told_at", years3),
		watched("sensor_readings", "sensor", 30), watched("sensor_readings", "at", 30), watched("sensor_readings", "litres", 30),
		consented("alerts", "household", "see whether somebody needs help 核实平安"),
		consented("alerts", "sensor", "see whether somebody needs help 核实平安"),
		consented("alerts", "raised_at", "see whether somebody needs help 核实平安"),
		consented("alerts", "flat_from", "see whether somebody needs help 核实平安"),
		consented("alerts", "flat_to", "see whether somebody needs help 核实平安"),
		consented("alerts", "moved_at", "see whether somebody needs help 核实平安"),
		consented("alerts", "contacted_at", "see whether somebody needs help 核实平安"),
		consented("alerts", "arrived_at", "see whether somebody needs help 核实平安"),
		consented("alerts", "steps", "see whether somebody needs help 核实平安"),
		consented("alerts", "cause", "see whether somebody needs help 核实平安"),
		consented("alerts", "away_until", "no needless alerts 避免误报"),
		consented("alerts", "reason", "tell why 告知原因"),
		staff("alerts", "acked_at", "know who is responsible 责任到人", years3),
		staff("alerts", "acked_by", "know who is responsible 责任到人", years3),

		staff("officers", "name", "know who is responsible 责任到人", years5),
		staff("officers", "email", "sign in 登录", years5),
		staff("officers", "phone", "reach the officer at work 工作联系", years5),
		staff("officers", "role", "access 权限", years5),
		staff("officers", "region", "access 权限", years5),
		staff("officers", "organization", "know who is responsible 责任到人", years5),
		staff("officers", "shift_end", "no location after work 下班后不定位", years5),
		staff("grid_assignments", "user", "know who is responsible 责任到人", years5),
		staff("read_audit", "at", "who looked at what 谁看了什么", years3), staff("read_audit", "reader", "who looked at what 谁看了什么", years3),
		staff("read_audit", "reader_kind", "who looked at what 谁看了什么", years3), staff("read_audit", "role", "who looked at what 谁看了什么", years3),
		staff("read_audit", "device", "who looked at what 谁看了什么", years3), staff("read_audit", "why", "who looked at what 谁看了什么", years3),
		staff("steward_notices", "reader", "ask why 核询原因", years3), staff("steward_notices", "note", "ask why 核询原因", years3),
		staff("enrolment_codes", "officer", "protect the data on the phone 保护手机数据", 30),
		staff("devices", "officer", "protect the data on the phone 保护手机数据", years3),
		staff("devices", "last_contact_at", "protect the data on the phone 保护手机数据", years3),
		staff("legal_holds", "by", "know who answers for it 责任到人", years5),
		staff("purge_log", "by", "know who answers for it 责任到人", years5),
		staff("exports", "asked_by", "know who answers for it 责任到人", years5),
		staff("exports", "approved_by", "know who answers for it 责任到人", years5),
		{"exports", "file", "give out what was approved 按批准提供", "statutory_duty", 7, "county", true},
	}
}

// watched registers what a meter tells about a home.
func watched(collection, field string, days int) PersonalField {
	return PersonalField{collection, field, "see whether somebody needs help 核实平安", "consent", days, "village", true}
}

// whereVisited registers a field of visits that tells about a home.
func whereVisited(field string) PersonalField {
	return PersonalField{"visits", field, "care visits 关爱探访", "statutory_duty", years3, "own_grid", false}
}

// ownTrack registers a field of an officer's track.
func ownTrack(field string) PersonalField {
	return PersonalField{"track_batches", field, "show the officer his way, tell which places were passed 本人轨迹与覆盖", "statutory_duty", 30, "self", true}
}

func writeFieldRegistry(app core.App) error {
	col, err := app.FindCollectionByNameOrId("field_registry")
	if err != nil {
		return fmt.Errorf("fill field_registry: %w", err)
	}
	for _, p := range PersonalFields() {
		r := core.NewRecord(col)
		r.Load(map[string]any{"collection": p.Collection, "field": p.Field, "purpose": p.Purpose,
			"legal_basis": p.Basis, "retention_days": p.RetentionDays, "visibility": p.Visibility, "sensitive": p.Sensitive})
		if err := app.Save(r); err != nil {
			return fmt.Errorf("register %s.%s: %w", p.Collection, p.Field, err)
		}
	}
	return nil
}
