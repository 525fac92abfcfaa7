package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Who looked at what, and what somebody ought to ask about it.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "grids", "officers", "devices", "residents", "households")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makeSeals(app) },
			func() error { return makeReadAudit(app, c) },
			func() error { return makeEnrolmentCodes(app, c) },
			func() error { return shortenTokens(app) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// makeReadAudit makes the read audit. Its ids are texts and not relations: an
// entry outlives what it speaks of.
func makeReadAudit(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "read_audit",
				presentable(required(date("at", label("时间", "When it was read")))),
				presentable(text("reader", 15, label("查看人", "Who read it: id of an officer or superuser, empty for the server itself"))),
				text("reader_kind", 20, label("查看人类别", "officer, superuser or system")),
				text("role", 40, label("角色", "Role in which it was read")),
				presentable(text("collection", 60, label("集合", "Collection"))),
				text("record", 40, label("记录", "Record that was read, empty for many at once")),
				text("resident", 15, label("居民", "Resident whom it tells of")),
				text("household", 15, label("户", "Household that it tells of")),
				text("grid", 15, label("网格", "Grid of the record")),
				jsonValue("fields", 5000, label("解密字段", "Fields that were unmasked")),
				text("device", 40, label("设备", "From which device, if it said so")),
				presentable(text("how", 20, label("方式", "view, list, file, pull, offline, unmask, report or export"))),
				text("why", 300, label("原因", "Why, where it is asked for")),
				integer("count", 0, 1e9, label("数量", "How many records at once")),
				integer("n", 0, 1<<53, label("序号", "Number of the entry: they are sealed in its order")),
			)
		},
		func() error {
			return c.index(app, "read_audit", "at", "reader, at", "resident, at", "household, at", "record, at")
		},
		func() error { return c.unique(app, "read_audit", "n") },
		func() error {
			return c.collection(app, "steward_notices",
				presentable(required(text("kind", 40, label("类别", "many_residents or outside_grid")))),
				presentable(required(text("reader", 15, label("查看人", "Who read; a question to him, not a finding against him")))),
				presentable(required(date("hour", label("时段", "Hour in which it was read")))),
				integer("count", 0, 1e9, label("数量", "Residents and homes that were read of")),
				presentable(required(choice("status", "steward.status", label("状态", "State")))),
				text("note", 1000, label("说明", "What the reader says, and what was decided")),
			)
		},
		func() error { return c.unique(app, "steward_notices", "kind, reader, hour") },
	)
}

// makeEnrolmentCodes makes the codes by which a phone is enrolled at once. A
// code is kept as a word of it, and works once.
func makeEnrolmentCodes(app core.App, c schema) error {
	word := required(found("code_word", label("口令摘要", "Word of the code"))).(*core.TextField)
	return inOrder(
		func() error {
			return c.collection(app, "enrolment_codes",
				word,
				relation("officer", c["officers"], label("使用人", "Officer for whom it is; empty: for any")),
				presentable(required(date("expires_at", label("失效时间", "When it stops working")))),
				date("used_at", label("使用时间", "When it was used; set by the server")),
				relation("device", c["devices"], label("设备", "Device that it enrolled; set by the server")),
			)
		},
		func() error { return c.unique(app, "enrolment_codes", "code_word") },
	)
}

// tokenSeconds is how long an officer's token is valid. A phone gets a new one
// with its key, so that nobody is asked for a password for it.
const tokenSeconds = 8 * 3600

func shortenTokens(app core.App) error {
	officers, err := app.FindCollectionByNameOrId("officers")
	if err != nil {
		return fmt.Errorf("find officers: %w", err)
	}
	officers.AuthToken.Duration = tokenSeconds
	if err := app.Save(officers); err != nil {
		return fmt.Errorf("shorten tokens: %w", err)
	}
	settings := app.Settings()
	settings.RateLimits.Rules = append(settings.RateLimits.Rules,
		core.RateLimitRule{Label: "POST /api/devices/challenge", MaxRequests: 120, Duration: 60},
		core.RateLimitRule{Label: "POST /api/devices/token", MaxRequests: 120, Duration: 60})
	if err := app.Save(settings); err != nil {
		return fmt.Errorf("limit refreshing: %w", err)
	}
	return nil
}

// makeSeals makes the tables of the chain, which package replica writes.
func makeSeals(app core.App) error {
	for _, table := range []string{
		`CREATE TABLE _sync_seals (
			source TEXT NOT NULL,
			n INTEGER NOT NULL,
			up_to INTEGER NOT NULL,
			at TEXT NOT NULL,
			rows BLOB NOT NULL,
			head TEXT NOT NULL,
			PRIMARY KEY (source, n)
		) WITHOUT ROWID`,
		// What was taken out of a source on purpose: the body of a row, or with the
		// reason «pruned» all rows up to one.
		`CREATE TABLE _sync_erasures (
			n INTEGER PRIMARY KEY,
			source TEXT NOT NULL,
			row INTEGER NOT NULL,
			digest TEXT NOT NULL,
			why TEXT NOT NULL,
			at TEXT NOT NULL
		)`,
		`CREATE INDEX _sync_erasures_row ON _sync_erasures (source, row)`,
	} {
		if _, err := app.DB().NewQuery(table).Execute(); err != nil {
			return fmt.Errorf("make the tables of the chain: %w", err)
		}
	}
	return nil
}
