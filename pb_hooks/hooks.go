// Package hooks wires the pure packages to PocketBase: each file reads one
// kind of event, calls the package that knows the rule, and answers.
package hooks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"golang.org/x/sync/singleflight"

	"gridwalk/geo"
	"gridwalk/media"
	"gridwalk/replica"
	"gridwalk/seal"
	"gridwalk/uploads"
)

// Settings are what an operator may change without changing code.
type Settings struct {
	Fence   geo.Settings
	Media   media.Limits
	Workers int           // photographs derived at once; with 0 nothing is done in the background
	Pixels  int64         // that all running decodes may work on together, see media.Budget
	Derive  time.Duration // longest time one photograph may take
	Stamp   bool          // drawn on the largest preview, see stampOf
	Uploads uploads.Limits
	Sync    replica.Settings
	Now     func() time.Time
	Master  seal.Master // wraps the keys under which personal data are sealed

	Patrol     geo.PatrolLimits // when a patrol ends by itself
	MaxGap     time.Duration    // a longer silence in a track is a gap
	Near       float64          // metres within which somebody came near a place
	KeepPoints time.Duration    // how old points of a tracking app may be
	KeepMarked time.Duration    // how long points are kept that their officer wants to keep

	WipeAfter time.Duration // without contact, after which a phone seals what it has and erases itself; 0 never

	OpenEnrolment bool   // a phone works from its first contact on; nobody approves it
	NoReadAudit   bool   // to measure what the read audit costs
	NoSealing     bool   // to measure what sealing costs
	AuditHead     string // file or https address that daily hears the heads of the chain; empty: nobody
}

// DefaultSettings suit a machine of two cores and half a gigabyte.
func DefaultSettings() Settings {
	return Settings{
		Fence:   geo.DefaultSettings(),
		Media:   media.DefaultLimits(),
		Workers: 2,
		Pixels:  60e6,
		Derive:  time.Minute,
		Stamp:   true,
		Uploads: uploads.DefaultLimits(),
		Sync:    replica.DefaultSettings(),
		Now:     time.Now,
		Master:  seal.Known(),

		Patrol:     geo.DefaultPatrolLimits(),
		MaxGap:     geo.DefaultTrackSettings().MaxGap,
		Near:       50,
		KeepPoints: 30 * 24 * time.Hour,
		KeepMarked: 365 * 24 * time.Hour,
		WipeAfter:  14 * 24 * time.Hour,
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
	if text, set := env("GRIDWALK_WIPE_AFTER_DAYS"); set {
		days, err := strconv.Atoi(text)
		if err != nil || days < 0 || days > 365 {
			return s, fmt.Errorf("GRIDWALK_WIPE_AFTER_DAYS is %q, not a number of days up to 365, 0 for never", text)
		}
		s.WipeAfter = time.Duration(days) * 24 * time.Hour
	}
	master, err := seal.MasterFrom(env, "")
	if err != nil {
		return s, err
	}
	if master != nil {
		s.Master = master
	}
	if to, set := env("GRIDWALK_AUDIT_HEAD"); set {
		if s.AuditHead = to; strings.Contains(to, "://") && !strings.HasPrefix(to, "https://") {
			return s, fmt.Errorf("GRIDWALK_AUDIT_HEAD is %q, neither a file nor an https address", to)
		}
	}
	for name, setting := range map[string]*bool{"GRIDWALK_STAMP": &s.Stamp, "GRIDWALK_OPEN_ENROLMENT": &s.OpenEnrolment} {
		if text, set := env(name); set {
			if *setting, err = strconv.ParseBool(text); err != nil {
				return s, fmt.Errorf("%s is %q, neither true nor false", name, text)
			}
		}
	}
	return s, nil
}

// maxHistoryDays is a century.
const maxHistoryDays = 36500

// Register binds every hook and route of gridwalk to app. Nothing runs before
// the app is served or saves a record.
func Register(app core.App, s Settings) {
	reads := bindReads(app, s)
	bindSealing(app, s, reads)
	fences := newFences(app)
	s.Sync.Now = s.Now
	engine := replica.New(app, s.Sync)
	engine.OnForeignWrite(fences.invalidate)
	bindSync(app, engine, reads)
	bindDevices(app, s)
	bindPhoneMap(app, engine)
	bindSynced(app, engine, s.Now)
	bindGrids(app, fences, s.Now)
	bindRegions(app)
	bindOfficers(app)
	bindCheckIns(app, fences, s)
	bindProofs(app, engine, s.Now)
	bindVisits(app, engine)
	judge := judge{s.Media, hints{s.Now}}
	bindEvidence(app, judge, newPreviews(app, s))
	keeper := keeper{app, judge, new(singleflight.Group)}
	bindUploads(app, engine, keeper, s)
	bindParcels(app, engine, keeper, s)
	desk := bindFlows(app, engine, s.Now)
	bindNumbers(app, s, bindCare(app, desk))
	bindWorkflows(app)
	bindPatrols(app, s)
	bindTracks(app, fences, engine, s)
	bindCoverage(app, fences, engine, s)
	bindToday(app, s)
	bindRetention(app, s, replica.Redact)
	bindExports(app, s, reads.noteExport)
	bindChain(app, s)
	bindRights(app, s, reads)
	bindHolds(app, s.Now)
	bindPurgeLog(app)
	bindForgotten(app)
	serve(app, forgetRoutes(s, replica.Redact))
	bindTrackers(app, engine, s)
	bindSDK(app)
	bindOfficerApp(app)
	bindOffice(app, s)
	bindLogs(app)
	bindRequestIDs(app)
}

// Route is one of gridwalk's routes, beside those of the sync engine.
type Route struct {
	Method, Path string
	serve        func(*core.RequestEvent) error
}

// Routes gives these routes, of which none serves strangers; docs/openapi.json describes them.
func Routes() []Route {
	return slices.Concat(coverageRoutes(Settings{}), todayRoutes(Settings{}), meetingRoutes(), numberRoutes(Settings{}, nil), (&bridge{}).routes(nil), officeRoutes(Settings{}), uploadRoutes, meterRoutes(nil), sealingRoutes(nil), deviceRoutes(nil, nil), forgetRoutes(Settings{}, nil), exportRoutes(&exporter{}), rightsRoutes(Settings{}, nil))
}

func serve(app core.App, routes []Route) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		for _, route := range routes {
			e.Router.Route(route.Method, route.Path, route.serve)
		}
		return e.Next()
	})
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
