// Package hooks wires the pure packages to PocketBase: each file reads one
// kind of event, calls the package that knows the rule, and answers.
package hooks

import (
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/sync/singleflight"

	"gridwalk/geo"
	"gridwalk/media"
	"gridwalk/replica"
	"gridwalk/uploads"
)

// Settings are what an operator may change without changing code.
type Settings struct {
	Fence   geo.Settings
	Media   media.Limits
	Workers int           // photographs derived at once; with 0 nothing is done in the background
	Memory  int64         // bytes that all running decodes may use together
	Derive  time.Duration // longest time one photograph may take
	Uploads uploads.Limits
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
		Uploads: uploads.DefaultLimits(),
		Sync:    replica.DefaultSettings(),
		Now:     time.Now,
	}
}

// SettingsFrom are the default settings with what the environment says of
// them: GRIDWALK_HISTORY_DAYS is how long the history is kept, in days.
func SettingsFrom(env func(string) (string, bool)) (Settings, error) {
	s := DefaultSettings()
	if text, set := env("GRIDWALK_HISTORY_DAYS"); set {
		days, err := strconv.Atoi(text)
		if err != nil || days < 1 || days > maxHistoryDays {
			return s, fmt.Errorf("GRIDWALK_HISTORY_DAYS is %q, not a number of days from 1 to %d", text, maxHistoryDays)
		}
		s.Sync.HistoryKeep = time.Duration(days) * 24 * time.Hour
	}
	return s, nil
}

// maxHistoryDays is a century.
const maxHistoryDays = 36500

// Register binds every hook and route of gridwalk to app. Nothing runs before
// the app is served or saves a record.
func Register(app core.App, s Settings) {
	fences := newFences(app)
	s.Sync.Now = s.Now
	engine := replica.New(app, s.Sync)
	engine.OnForeignWrite(fences.invalidate)
	bindSync(app, engine)
	bindSynced(app, engine, s.Now)
	bindGrids(app, fences, s.Now)
	bindRegions(app)
	bindOfficers(app)
	bindCheckIns(app, fences, s)
	bindVisits(app, engine)
	judge := judge{s.Media, hints{s.Now}}
	bindEvidence(app, judge, newPreviews(app, s))
	bindUploads(app, engine, keeper{app, judge, new(singleflight.Group)}, s)
	bindFlows(app, engine, s.Now)
	bindWorkflows(app)
	bindSDK(app)
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
