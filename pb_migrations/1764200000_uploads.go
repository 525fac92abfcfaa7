package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The queue of previews, and the bytes that were not the ones announced.
func init() {
	m.Register(func(app core.App) error {
		c, err := existing(app, "officers", "devices")
		if err != nil {
			return err
		}
		return inOrder(
			func() error { return makePreviewQueue(app) },
			func() error { return makeRefusedUploads(app, c) },
			func() error { return openAccess(app) },
		)
	}, nil)
}

// previewQueue holds a row for each photograph whose previews are to be made:
// n grows with the newest, wanted is 1 while somebody waits for it, and due is
// when it is tried next, in Unix milliseconds.
const previewQueue = `CREATE TABLE _previews (
	n INTEGER PRIMARY KEY AUTOINCREMENT,
	evidence TEXT NOT NULL UNIQUE,
	wanted INTEGER NOT NULL DEFAULT 0,
	attempts INTEGER NOT NULL DEFAULT 0,
	due INTEGER NOT NULL DEFAULT 0
)`

func makePreviewQueue(app core.App) error {
	if _, err := app.DB().NewQuery(previewQueue).Execute(); err != nil {
		return fmt.Errorf("make the queue of previews: %w", err)
	}
	return nil
}

func makeRefusedUploads(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "refused_uploads",
				presentable(relation("officer", c["officers"], label("网格员", "Who sent it"))),
				relation("device", c["devices"], label("设备", "From which device")),
				presentable(required(text("sha256", 64, label("应有校验", "SHA-256 that was announced")))),
				text("found", 64, label("实际校验", "SHA-256 of what arrived")),
				integer("bytes", 0, MaxEvidenceBytes, label("字节数", "Size in bytes")),
				presentable(required(choice("reason", "evidence.rejection", label("原因", "Why it was refused")))),
				&core.FileField{Name: "file", MaxSelect: 1, MaxSize: MaxEvidenceBytes, Protected: true,
					Help: label("文件", "What arrived: it may be the only copy. Deleted after 30 days")},
			)
		},
		func() error { return c.index(app, "refused_uploads", "device, created", "created") },
	)
}
