// Package hooks wires the pure packages to PocketBase: each file reads one
// kind of event, calls the package that knows the rule, and answers.
package hooks

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
	"gridwalk/media"
	"gridwalk/replica"
)

// Settings are what an operator may change without changing code.
type Settings struct {
	Fence   geo.Settings
	Media   media.Limits
	Workers int           // photographs derived at once
	Memory  int64         // bytes that all running decodes may use together
	Derive  time.Duration // longest time one photograph may take
	Sync    replica.Settings
	Now     func() time.Time
}

// DefaultSettings suit a machine of two cores and half a gigabyte.
func DefaultSettings() Settings {
	return Settings{
		Fence:   geo.DefaultSettings(),
		Media:   media.DefaultLimits(),
		Workers: 2,
		Memory:  512 << 20,
		Derive:  time.Minute,
		Sync:    replica.DefaultSettings(),
		Now:     time.Now,
	}
}

// Register binds every hook and route of gridwalk to app. Nothing runs before
// the app is served or saves a record.
func Register(app core.App, s Settings) {
	fences := newFences(app)
	s.Sync.Now = s.Now
	engine := replica.New(app, s.Sync)
	engine.OnForeignWrite(fences.invalidate)
	bindSync(app, engine)
	bindPhoneMap(app, engine)
	bindSynced(app, engine, s.Now)
	bindGrids(app, fences, s.Now)
	bindRegions(app)
	bindOfficers(app)
	bindCheckIns(app, fences, s)
	bindVisits(app, engine)
	bindEvidence(app, s)
	bindLogs(app)
}

// relatedRecord gives the record that the relation field of r names, nil when
// it names none.
func relatedRecord(app core.App, r *core.Record, field, collection string) (*core.Record, error) {
	id := r.GetString(field)
	if id == "" {
		return nil, nil
	}
	related, err := app.FindRecordById(collection, id)
	if err != nil {
		return nil, refuse(field, "missing_record", fmt.Sprintf("There is no such record in %s.", collection))
	}
	return related, nil
}
