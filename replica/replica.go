// Package replica is the sync engine on PocketBase: what changed in which
// scope (the feed), who changed it (the history), what a phone has not seen
// (pull) and what it has to say (push). Every write to a replicated collection,
// by whichever door, goes into feed and history in the transaction in which it
// is saved.
package replica

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/merge"
)

// Settings bound what one request and one phone may ask for.
type Settings struct {
	MaxMutations int           // of one push
	MaxBody      int64         // bytes of one push, decompressed
	PageLimit    int           // records of one page of a pull
	Readers      int           // pages read at once
	Poll         int           // seconds between two pulls, told to phones
	GroupWait    time.Duration // how long a push waits for others to share a commit
	GroupSize    int           // mutations of one commit
	Share        int           // mutations of one phone in one commit
	Waiting      int           // mutations waiting in memory before pushes are turned away
	HistoryKeep  time.Duration // how long history is kept
	Schema       int           // newest schema number
	MinSchema    int           // oldest schema number that may still pull
	Now          func() time.Time
}

// DefaultSettings are those of docs/protocol.md.
func DefaultSettings() Settings {
	return Settings{MaxMutations: 500, MaxBody: 2 << 20, PageLimit: 1000, Readers: 4, Poll: 300, GroupWait: 2 * time.Millisecond,
		GroupSize: 500, Share: 50, Waiting: 50000, HistoryKeep: 3 * 365 * 24 * time.Hour, Schema: 1, MinSchema: 1, Now: time.Now}
}

// Engine is the sync engine of one server.
type Engine struct {
	app      core.App
	s        Settings
	clock    *merge.Clock
	heads    *heads
	callers  *callers
	group    *group
	encoders sync.Map      // collection name → *encoder
	readers  chan struct{} // pages that may be read at once
	empties  sync.Map      // collection → values of an empty record
	batch    atomic.Pointer[batch]

	mu    sync.RWMutex
	state state

	committed atomic.Int64 // newest change number that this process knows of
	foreign   []func()

	fill    func(*Page)
	check   func(*core.Collection, map[string]any) error
	nonce   func(device string) string
	prepare map[string]func(*core.Record, map[string]any) error
}

// state is the row of _sync_state without its counter.
type state struct {
	Epoch string `db:"epoch"`
	Key   []byte `db:"key"`
}

// New binds an engine to app. It keeps the feed from now on; pulls and pushes
// are answered once the app is served.
func New(app core.App, s Settings) *Engine {
	clock, err := merge.NewClock("server", s.Now)
	if err != nil {
		panic("replica: " + err.Error()) // the constant above is a device id
	}
	e := &Engine{app: app, s: s, clock: clock, readers: make(chan struct{}, s.Readers), heads: newHeads(app), callers: newCallers(app, s.Now),
		prepare: map[string]func(*core.Record, map[string]any) error{}}
	e.group = newGroup(e)
	e.bindWrites()
	e.bindInserts()
	e.bindEpoch()
	e.bindPokes()
	e.bindResolutions()
	app.OnServe().BindFunc(func(event *core.ServeEvent) error {
		if err := e.load(); err != nil {
			return err
		}
		if err := event.App.Cron().Add("gridwalk_history", "17 3 * * *", e.prune); err != nil {
			return fmt.Errorf("plan the pruning of history: %w", err)
		}
		head, err := headOf(event.App)
		if err != nil {
			return err
		}
		e.noteCommitted(head)
		e.group.start()
		go e.watchForeignWrites(event.App)
		return event.Next()
	})
	app.OnTerminate().BindFunc(func(event *core.TerminateEvent) error {
		e.group.stop()
		return event.Next()
	})
	return e
}

// BeforeCreate has prepare called with every record of a collection that a
// phone makes, and with the values as the phone sent them.
func (e *Engine) BeforeCreate(collection string, prepare func(record *core.Record, sent map[string]any) error) {
	e.prepare[collection] = prepare
}

// FillPages has fill called with every page of a pull before it is sent.
func (e *Engine) FillPages(fill func(*Page)) { e.fill = fill }

// CheckValues has check called with the values of every mutation as the phone
// sent them, before they are turned into the types of their fields.
func (e *Engine) CheckValues(check func(collection *core.Collection, sent map[string]any) error) {
	e.check = check
}

// GiveNonces has every page of a pull hand out what nonce gives for the device.
func (e *Engine) GiveNonces(nonce func(device string) string) { e.nonce = nonce }

// load reads the epoch and the key.
func (e *Engine) load() error {
	var s state
	if err := e.app.DB().Select("epoch", "key").From("_sync_state").One(&s); err != nil {
		return fmt.Errorf("read the sync state: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = s
	return nil
}

func (e *Engine) current() state {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.state
}

// newEpoch begins a new epoch: every replica will be hydrated anew.
func newEpoch(app core.App) error {
	return app.RunInTransaction(func(tx core.App) error {
		epoch := rand.Text()
		_, err := tx.NonconcurrentDB().NewQuery("INSERT INTO _sync_epochs (epoch, began) SELECT {:epoch}, seq FROM _sync_state").
			Bind(dbx.Params{"epoch": epoch}).Execute()
		if err == nil {
			_, err = tx.NonconcurrentDB().Update("_sync_state", dbx.Params{"epoch": epoch, "in_backup": 0}, dbx.HashExp{"id": 1}).Execute()
		}
		if err != nil {
			return fmt.Errorf("begin a new epoch: %w", err)
		}
		return nil
	})
}

// baseNow translates a base that a phone learned in an epoch into the present
// one: what it saw after the two parted is not in this database. In an epoch of
// which this database knows nothing, nobody can tell what the phone saw.
func (e *Engine) baseNow(tx core.App, base int64, epoch string) (int64, error) {
	if epoch == "" || epoch == e.current().Epoch {
		return base, nil
	}
	var common int64
	err := tx.DB().NewQuery(`SELECT COALESCE(MIN(began), 0) FROM _sync_epochs
		WHERE n > (SELECT n FROM _sync_epochs WHERE epoch = {:epoch})`).Bind(dbx.Params{"epoch": epoch}).Row(&common)
	if err != nil {
		return 0, fmt.Errorf("read where epoch %.40q ended: %w", epoch, err)
	}
	return min(base, common), nil
}

// bindEpoch marks the copy of the database that goes into a backup, and begins
// a new epoch when a server starts on such a copy: what phones know of the time
// after the backup is then no longer true.
func (e *Engine) bindEpoch() {
	mark := func(app core.App, inBackup int) error {
		_, err := app.NonconcurrentDB().Update("_sync_state", dbx.Params{"in_backup": inBackup}, dbx.HashExp{"id": 1}).Execute()
		return err
	}
	e.app.OnBackupCreate().BindFunc(func(event *core.BackupEvent) error {
		if err := mark(event.App, 1); err != nil {
			return fmt.Errorf("mark the backup: %w", err)
		}
		return errors.Join(event.Next(), mark(event.App, 0))
	})
	e.app.OnServe().BindFunc(func(event *core.ServeEvent) error {
		var inBackup int
		if err := event.App.DB().Select("in_backup").From("_sync_state").Row(&inBackup); err != nil {
			return fmt.Errorf("read the sync state: %w", err)
		}
		if inBackup == 1 {
			if err := newEpoch(event.App); err != nil {
				return err
			}
			event.App.Logger().Warn("Started on a restored backup: a new sync epoch begins")
		}
		return event.Next()
	})
}

// Revoked is what a device hears that was revoked: it erases what it holds.
func Revoked() *Error {
	return &Error{Status: 403, Code: "device_revoked", Message: "This device was revoked.", More: map[string]any{"wipe": true}}
}

// Authorize checks that a device is enrolled for the officer and not revoked.
func (e *Engine) Authorize(officer *core.Record, device string) (Caller, error) {
	if officer == nil || officer.Collection().Name != "officers" {
		if officer == nil && device != "" && e.callers.revoked(device) {
			return Caller{}, Revoked()
		}
		return Caller{}, &Error{Status: 401, Code: "unauthorized", Message: "Sign in first."}
	}
	if officer.GetBool("disabled") {
		return Caller{}, &Error{Status: 403, Code: "officer_disabled", Message: "This officer no longer works here."}
	}
	return e.callers.find(officer, device)
}

// ctxErr turns an ended request into an error.
func ctxErr(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("request ended: %w", err)
	}
	return nil
}

// replicated tells whether a collection is replicated to phones.
func replicated(collection string) bool { return slices.Contains(Collections, collection) }
