package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"

	"gridwalk/geo"
)

// Tracks of patrols, what they passed, and the free apps that may record them.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "regions", "grids", "officers", "devices", "buildings", "patrols")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return addShiftEnds(app, c) },
			func() error { return makeTracks(app, c) },
			func() error { return makeCoverage(app, c) },
			func() error { return makeTrackers(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// timeOfDay is «17:30».
const timeOfDay = `^([01]\d|2[0-3]):[0-5]\d$`

func addShiftEnds(app core.App, c schema) error {
	const zh, en = "下班时间", "End of the working day in China, such as 17:30: no patrol is recorded beyond it"
	return inOrder(
		func() error { return c.addFields(app, "regions", code("shift_end", timeOfDay, label(zh, en))) },
		func() error {
			return c.addFields(app, "officers", code("shift_end", timeOfDay, label(zh, en+"; empty means that of the region")))
		},
	)
}

// maxTrackText is the length in base64 of the largest blob.
const maxTrackText = (geo.MaxTrackBytes + 2) / 3 * 4

func makeTracks(app core.App, c schema) error {
	patrol := relation("patrol", c["patrols"], label("巡查", "Patrol"))
	patrol.CascadeDelete = true
	return inOrder(
		func() error {
			return c.synced(app, "track_batches",
				presentable(required(relation("officer", c["officers"], label("网格员", "Officer, the only one who sees it")))),
				presentable(required(patrol)),
				choice("source", "track.source", label("来源", "App that recorded it; set by the server")),
				choice("datum", "datum", label("坐标系", "Datum in which the phone gave the points, WGS-84 unless said; stored are WGS-84")),
				private(text("track", maxTrackText, label("轨迹", "Points in base64, see docs/tracks.md; deleted after 30 days"))),
				integer("count", 0, geo.MaxTrackPoints, label("点数", "Number of points; set by the server")),
				integer("dropped", 0, 1e9, label("未保存点数", "Points from before or after the patrol, which are not kept; set by the server")),
				integer("jumps", 0, geo.MaxTrackPoints, label("跳点数", "Points to which nobody can have come so fast; set by the server")),
				presentable(date("started_at", label("首点时间", "Time of the first point; set by the server"))),
				date("ended_at", label("末点时间", "Time of the last point; set by the server")),
			)
		},
		func() error {
			return c.index(app, "track_batches", "patrol, started_at", "officer", "started_at", "received_at")
		},
	)
}

// makeCoverage makes what remains of tracks: when somebody was last near a
// place. It holds the day and no more: neither who it was, nor the time of the
// record, by which one could find that out.
func makeCoverage(app core.App, c schema) error {
	coverage := core.NewBaseCollection("coverage")
	place := relation("place", c["buildings"], label("地点", "Building"))
	place.CascadeDelete = true
	coverage.Fields.Add(
		presentable(required(place)),
		presentable(required(code("last_near", `^\d{4}-\d\d-\d\d$`, label("最近到访日", "Last day in China on which somebody came near, whoever it was")))),
		required(choice("source", "coverage.source", label("依据", "What it is known from"))),
	)
	coverage.AddIndex("idx_coverage_place", true, "place", "")
	return app.Save(coverage)
}

func makeTrackers(app core.App, c schema) error {
	return inOrder(
		func() error {
			device := relation("device", c["devices"], label("设备", "Device whose officer uses a tracking app"))
			device.CascadeDelete = true
			return c.collection(app, "trackers",
				presentable(required(device)),
				required(code("secret_hash", `^[0-9a-f]{64}$`, label("密钥摘要", "SHA-256 of the app's password; deleting the record turns the app off"))),
			)
		},
		func() error { return c.unique(app, "trackers", "device", "secret_hash") },
	)
}
