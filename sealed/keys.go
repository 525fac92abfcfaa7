package sealed

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/seal"
)

// Ring holds the keys of one database.
type Ring struct {
	mu      sync.RWMutex
	current *seal.Key
	keys    map[string]*seal.Key
	index   seal.Index
	indexID string
	plain   bool // see LeavePlain
	reload  func() error
}

// Seal seals a value under the current key; place is what it is sealed for.
func (r *Ring) Seal(plain []byte, place string) (string, error) {
	if r.plain {
		return string(plain), nil
	}
	r.mu.RLock()
	key := r.current
	r.mu.RUnlock()
	if key == nil {
		return "", errUnsealed
	}
	return key.Seal(plain, place), nil
}

// Open opens a sealed value, and gives any other as it is.
func (r *Ring) Open(text, place string) (string, error) {
	if !seal.IsSealed(text) {
		return text, nil
	}
	key := r.key(seal.KeyOf(text))
	if key == nil {
		// A key may have been made by another process: gridwalk keys rotate.
		if err := r.reload(); err != nil {
			return "", err
		}
		if key = r.key(seal.KeyOf(text)); key == nil {
			return "", seal.ErrUnknownKey
		}
	}
	plain, err := key.Open(text, place)
	return string(plain), err
}

// OpenField opens a stored value of a field of a record.
func (r *Ring) OpenField(collection, field, record, text string) (string, error) {
	plain, err := r.Open(text, Place(collection, field, record))
	if err != nil {
		return "", fmt.Errorf("open %s of %s %s: %w", field, collection, record, err)
	}
	return plain, nil
}

// OpenPoint opens a latitude and a longitude, in degrees, that two number
// fields of a record hold, and gives them as longitude and latitude.
func (r *Ring) OpenPoint(collection, record string, names, stored [2]string) (point [2]float64, err error) {
	for i := range names {
		plain, err := r.OpenField(collection, names[i], record, stored[i])
		if err != nil {
			return point, err
		}
		if plain == "" {
			continue
		}
		if point[1-i], err = strconv.ParseFloat(plain, 64); err != nil {
			return point, fmt.Errorf("read %s of %s %s: %w", names[i], collection, record, err)
		}
	}
	return point, nil
}

// Word gives the word by which a value of a kind is found, see seal.Index.
func (r *Ring) Word(kind, value string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.index.Word(kind, value)
}

// Current is the id of the key that seals now.
func (r *Ring) Current() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.current == nil {
		return ""
	}
	return r.current.ID()
}

func (r *Ring) key(id string) *seal.Key {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[id]
}

// Names under which an app's store holds its keys.
const (
	masterStore = "gridwalk.master"
	ringStore   = "gridwalk.ring"
	appStore    = "gridwalk.app" // the app itself: a transaction is over sooner
	plainStore  = "gridwalk.plain"
)

// rings are those of the apps of this process. PocketBase makes fields from a
// list of the process and hands them no app when they read a row, so a field
// finds its key here, by the id that every sealed value bears.
var rings struct {
	sync.RWMutex
	all []*Ring
}

// open opens a value with whichever ring holds its key.
func open(text, place string) ([]byte, error) {
	rings.RLock()
	all := rings.all
	rings.RUnlock()
	id := seal.KeyOf(text)
	for _, r := range all {
		if key := r.key(id); key != nil {
			return key.Open(text, place)
		}
	}
	for _, r := range all {
		if err := r.reload(); err != nil {
			continue // of another app, which may be closed by now
		}
		if key := r.key(id); key != nil {
			return key.Open(text, place)
		}
	}
	return nil, seal.ErrUnknownKey
}

// Bind gives app the master key under which its data keys are wrapped, and
// reads these when it starts.
func Bind(app core.App, master seal.Master) {
	app.Store().Set(masterStore, master)
	app.Store().Set(appStore, app)
	app.OnBootstrap().BindFunc(func(e *core.BootstrapEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if !e.App.HasTable(keyTable) { // made by the first migration
			return nil
		}
		return Load(e.App)
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		defer forget(e.App) // what ends may still read
		return e.Next()
	})
}

// LeavePlain has an app store values as they are, from its start on: to measure
// what sealing costs. No setting of an operator leads here.
func LeavePlain(app core.App) { app.Store().Set(plainStore, true) }

// RingOf gives the keys of an app, nil before its schema is made.
func RingOf(app core.App) *Ring {
	ring, _ := app.Store().Get(ringStore).(*Ring)
	return ring
}

func forget(app core.App) {
	ring := RingOf(app)
	rings.Lock()
	defer rings.Unlock()
	rings.all = slices.DeleteFunc(slices.Clone(rings.all), func(r *Ring) bool { return r == ring })
}

func masterOf(app core.App) (seal.Master, error) {
	master, ok := app.Store().Get(masterStore).(seal.Master)
	if !ok || master == nil {
		return nil, errors.New("no master key was given")
	}
	return master, nil
}

const keyTable = "_seal_keys"

// keyRow is a data key as the database holds it.
type keyRow struct {
	ID      string `db:"id"`
	Kind    string `db:"kind"` // data or index
	Wrapped string `db:"wrapped"`
	Master  string `db:"master"`
}

// Kinds of keys.
const (
	dataKind  = "data"
	indexKind = "index"
)

// MakeKeys makes the table of data keys and the first of them, and loads them:
// the first step of a new database.
func MakeKeys(app core.App) error {
	_, err := app.DB().NewQuery(`CREATE TABLE ` + keyTable + ` (
		n INTEGER PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		kind TEXT NOT NULL,
		wrapped TEXT NOT NULL,
		master TEXT NOT NULL
	)`).Execute()
	if err != nil {
		return fmt.Errorf("make the table of keys: %w", err)
	}
	for _, kind := range []string{indexKind, dataKind} {
		if err := addKey(app, kind); err != nil {
			return err
		}
	}
	return Load(app)
}

// addKey makes a data key and keeps it wrapped.
func addKey(app core.App, kind string) error {
	master, err := masterOf(app)
	if err != nil {
		return err
	}
	id, secret := newID(), make([]byte, seal.KeySize)
	rand.Read(secret)
	wrapped, err := master.Wrap(id, secret)
	if err != nil {
		return err
	}
	_, err = app.NonconcurrentDB().Insert(keyTable, dbx.Params{"id": id, "kind": kind, "wrapped": wrapped, "master": master.Name()}).Execute()
	if err != nil {
		return fmt.Errorf("keep a data key: %w", err)
	}
	return nil
}

func newID() string { return strings.ToLower(rand.Text()[:seal.IDSize]) }

// ErrOtherMaster: the data keys are wrapped under another master key than the
// one that was given.
var ErrOtherMaster = errors.New("the data are sealed under another master key")

// Load reads and unwraps all keys of the database.
func Load(app core.App) error {
	master, err := masterOf(app)
	if err != nil {
		return err
	}
	ring := RingOf(app)
	if ring == nil {
		ring = &Ring{keys: map[string]*seal.Key{}, plain: app.Store().Has(plainStore)}
		lasting, _ := app.Store().Get(appStore).(core.App)
		ring.reload = func() error { return ring.read(lasting, master) }
		app.Store().Set(ringStore, ring)
	}
	if err := ring.read(app, master); err != nil {
		return err
	}
	rings.Lock()
	defer rings.Unlock()
	if !slices.Contains(rings.all, ring) {
		rings.all = append(slices.Clone(rings.all), ring)
	}
	return nil
}

// read takes over the keys that it does not hold yet.
func (r *Ring) read(app core.App, master seal.Master) error {
	rows, err := keyRows(app)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range rows {
		if row.ID == r.indexID {
			continue
		}
		if known := r.keys[row.ID]; known != nil {
			r.current = known
			continue
		}
		if row.Master != master.Name() {
			return fmt.Errorf("%w: %s, but %s was given", ErrOtherMaster, nameOf(row.Master), nameOf(master.Name()))
		}
		secret, err := master.Unwrap(row.ID, row.Wrapped)
		if err != nil {
			return err
		}
		if row.Kind == indexKind {
			r.index, r.indexID = secret, row.ID
			continue
		}
		if r.keys[row.ID], err = seal.NewKey(row.ID, secret); err != nil {
			return err
		}
		r.current = r.keys[row.ID]
	}
	return nil
}

func nameOf(master string) string {
	if master == seal.Known().Name() {
		return master + " (the one that everybody knows)"
	}
	return master
}

func keyRows(app core.App) ([]keyRow, error) {
	var rows []keyRow
	if err := app.DB().Select("id", "kind", "wrapped", "master").From(keyTable).OrderBy("n").All(&rows); err != nil {
		return nil, fmt.Errorf("read the data keys: %w", err)
	}
	return rows, nil
}

// UnderKnown tells whether a data key is wrapped under the master key that
// everybody knows. There is no table before the schema is made.
func UnderKnown(app core.App) (bool, error) {
	if !app.HasTable(keyTable) {
		master, err := masterOf(app)
		return err == nil && seal.IsKnown(master), err
	}
	rows, err := keyRows(app)
	return slices.ContainsFunc(rows, func(row keyRow) bool { return row.Master == seal.Known().Name() }), err
}
