package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Water meters of those who asked for it, and the alerts that come of them.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids", "officers", "devices", "organizations", "households", "consents")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeSensors(app, c) },
			func() error { return makeReadings(app, c) },
			func() error { return makeAlerts(app, c) },
			func() error { return openAccess(app) },
			func() error { return writeAlertLimits(app) },
		)
	}, nil)
}

// makeSensors makes who sends readings, and which meters of which homes are
// watched. No phone holds either: an alert says all that is needed at the door.
func makeSensors(app core.App, c schema) error {
	return inOrder(
		func() error {
			secret := required(code("secret_hash", `^[0-9a-f]{64}$`, label("令牌摘要", "Hash of the token, which is shown once: gridwalk sensors token"))).(*core.TextField)
			secret.Hidden = true
			return c.collection(app, "sensor_sources",
				presentable(required(text("name", 100, label("名称", "Who sends readings, such as the waterworks")))),
				relation("org", c["organizations"], label("单位", "Its unit, if it is one of ours")),
				secret,
				boolean("disabled", label("停用", "Its token is not valid for now")),
				date("last_seen", label("最近在线", "When it last sent something; set by the server")),
			)
		},
		func() error {
			consent := required(relation("consent", c["consents"], label("同意", "Consent of a resident of the household to its being read; withdrawn, nothing more is taken")))
			return c.collection(app, "sensors",
				required(relation("source", c["sensor_sources"], label("数据来源", "Who sends its readings"))),
				presentable(required(private(text("meter", 40, label("表号", "Number of the meter as the source knows it"))))),
				found("meter_word", label("表号检索", "By which the meter is found; set by the server")),
				required(choice("kind", "sensor.kind", label("类别", "Kind; only water meters are read so far"))),
				presentable(required(relation("household", c["households"], label("户", "Whose water it counts")))),
				consent,
				integer("flat_hours", 12, 72, label("无用水时限（小时）", "No water for so many hours raises an alert; empty is 48")),
				integer("silent_hours", 2, 720, label("失联时限（小时）", "No reading for so many hours is told; empty is 36")),
				date("away_until", label("外出至", "Nobody is at home until then, and no alert is raised")),
				date("last_seen", label("最近读数时间", "Time of the newest reading that counts; set by the server")),
				free("litres", label("最近读数", "What the meter shows, in litres; set by the server")),
				date("flat_since", label("无用水起始", "Since this reading no water ran; set by the server")),
				free("flat_litres", label("起始读数", "What it showed then, in litres; set by the server")),
				boolean("unsettled", label("待确认", "Readings fell or leapt and others may confirm it; set by the server")),
				date("told_at", label("已提醒至", "Reading by which no water was last told; set by the server")),
				boolean("silent", label("失联", "Nothing is heard of it, and that was told; set by the server")),
			)
		},
		func() error { return c.unique(app, "sensors", "source, meter_word") },
		func() error { return c.index(app, "sensors", "household", "consent") },
	)
}

// makeReadings makes what meters showed, and what was answered to each batch. A
// meter's state is on the sensor, so that raw readings go after 30 days.
func makeReadings(app core.App, c schema) error {
	sensor := relation("sensor", c["sensors"], label("设备", "Meter"))
	sensor.CascadeDelete = true
	return inOrder(
		func() error {
			source := relation("source", c["sensor_sources"], label("数据来源", "Who sent it"))
			source.CascadeDelete = true
			return c.collection(app, "sensor_batches",
				required(source),
				presentable(required(text("batch", 64, label("批次号", "Id that the source gave it; the same twice has the same answer")))),
				required(code("digest", `^[0-9a-f]{64}$`, label("内容摘要", "Hash of what was sent"))),
				jsonValue("answer", 4<<20, label("回执", "What was answered, with every oddity by its name")),
			)
		},
		func() error { return c.unique(app, "sensor_batches", "source, batch") },
		func() error {
			return c.collection(app, "sensor_readings",
				presentable(required(sensor)),
				presentable(required(date("at", label("时间", "When the meter showed it")))),
				free("litres", label("用量", "What it showed, in litres since it was made")),
				date("received_at", label("收到时间", "When it came")),
				text("batch", 64, label("批次号", "Batch that it came in")),
				choices("oddities", "sensor_reading.oddity", label("异常", "What is odd about it")),
			)
		},
		func() error { return c.unique(app, "sensor_readings", "sensor, at, litres") },
		func() error { return c.index(app, "sensor_readings", "at") },
	)
}

// makeAlerts makes the signs that somebody may need help, which phones hold.
func makeAlerts(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.synced(app, "alerts", append([]core.Field{
				presentable(required(choice("kind", "alert.kind", label("类别", "Kind of sign")))),
				choice("level", "alert.level", label("级别", "Level; set by the server")),
				presentable(required(relation("household", c["households"], label("户", "Where to look")))),
				relation("sensor", c["sensors"], label("设备", "Meter that it comes from; set by the server")),
				date("raised_at", label("触发时间", "When it was raised; set by the server")),
				date("flat_from", label("无用水起", "No water ran from then; set by the server")),
				date("flat_to", label("无用水至", "To this reading; set by the server")),
				date("moved_at", label("恢复用水", "Reading by which water ran again; nobody is told more, and people end the alert; set by the server")),
				date("acked_at", label("签收时间", "When somebody first acknowledged it")),
				relation("acked_by", c["officers"], label("签收人", "Who first acknowledged it")),
				date("contacted_at", label("联系时间", "When somebody first called")),
				date("arrived_at", label("到场时间", "When somebody was at the door")),
				date("due_ack", label("签收时限", "When it must be acknowledged; set by the server")),
				date("due_call", label("联系时限", "When somebody must have called; set by the server")),
				date("due_door", label("到场时限", "When somebody must be at the door; set by the server")),
				choices("breached", "deadline_rule.stage", label("超时阶段", "Stages that ran out of time; set by the server")),
				choice("told", "alert.told", label("告知到", "Who is to be told now, one further with every stage that runs out of time; set by the server")),
				private(text("steps", 4000, label("处置过程", "What was done and found"))),
				private(choice("cause", "alert.cause", label("原因", "What it was"))),
				date("away_until", label("外出至", "Nobody is at home until then, and no alert is raised; for the cause away")),
			}, moved("alert", "alert.status")...)...)
		},
		func() error { return c.index(app, "alerts", "household", "sensor", "status") },
	)
}

// writeAlertLimits puts in what holds until an admin edits it: domain.md §1,
// row 20. Each stage that runs out goes one step up, and one more in every
// further interval.
func writeAlertLimits(app core.App) error {
	for _, limit := range []struct {
		stage          string
		minutes, again int
	}{{"ack", 30, 30}, {"call", 15, 30}, {"door", 120, 60}} {
		err := insert(app, "deadline_rules", map[string]any{"stage": limit.stage, "limit_minutes": limit.minutes, "clock_kind": "natural",
			"escalate_minutes": limit.again, "note": "夜间21:00至8:00不计时 · the night does not count, see docs/meters.md"})
		if err != nil {
			return err
		}
	}
	return nil
}
