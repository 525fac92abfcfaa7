package hooks

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"gridwalk/parcel"
	"gridwalk/replica"
	"gridwalk/sealed"
	"gridwalk/uploads"
)

const parcelsPath = "/api/parcels"

// parcelRoutes take what lost phones sealed. They have no token that counts.
func parcelRoutes(p *Parcels) []Route {
	return []Route{{Method: "POST", Path: parcelsPath, serve: p.receive}}
}

// maxParcels is how many bytes of parcels are kept unopened in all.
const maxParcels = 256 << 20

// Parcels are what phones sealed to this server before they erased themselves.
type Parcels struct {
	app    core.App
	engine *replica.Engine
	keeper keeper
	now    func() time.Time
}

const parcelsStore = "gridwalk parcels"

// ParcelsOf gives the parcels of an app.
func ParcelsOf(app core.App) *Parcels {
	p, _ := app.Store().Get(parcelsStore).(*Parcels)
	return p
}

// bindParcels tells phones the key to seal to, and takes what they sealed.
func bindParcels(app core.App, engine *replica.Engine, keeper keeper, s Settings) {
	p := &Parcels{app, engine, keeper, s.Now}
	app.Store().Set(parcelsStore, p)
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		public, err := p.publicKey(e.App)
		if err != nil {
			return err
		}
		text := base64.StdEncoding.EncodeToString(public)
		engine.FillPages(func(page *replica.Page) {
			page.ParcelKey, page.WipeAfter = text, int(s.WipeAfter/(24*time.Hour))
		})
		for _, route := range parcelRoutes(p) {
			e.Router.Route(route.Method, route.Path, route.serve).Unbind(apis.DefaultBodyLimitMiddlewareId)
		}
		return e.Next()
	})
}

// publicKey gives the newest public key, and makes the first pair.
func (p *Parcels) publicKey(app core.App) (public []byte, err error) {
	err = app.RunInTransaction(func(tx core.App) error {
		err := tx.DB().Select("public").From("_parcel_keys").OrderBy("n DESC").Limit(1).Row(&public)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var private []byte
		if private, public, err = parcel.NewKey(); err != nil {
			return err
		}
		kept, err := sealed.RingOf(app).Seal(private, keyPlace(public))
		if err != nil {
			return err
		}
		_, err = tx.NonconcurrentDB().Insert("_parcel_keys", dbx.Params{"public": public, "private": kept}).Execute()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the key for parcels: %w", err)
	}
	return public, nil
}

func keyPlace(public []byte) string { return "_parcel_keys/" + hex.EncodeToString(public) }

// privateKeys gives all private keys, the newest first.
func (p *Parcels) privateKeys() (keys [][]byte, err error) {
	var rows []struct {
		Public  []byte `db:"public"`
		Private string `db:"private"`
	}
	if err := p.app.DB().Select("public", "private").From("_parcel_keys").OrderBy("n DESC").All(&rows); err != nil {
		return nil, fmt.Errorf("read the keys for parcels: %w", err)
	}
	for _, row := range rows {
		key, err := sealed.RingOf(p.app).Open(row.Private, keyPlace(row.Public))
		if err != nil {
			return nil, fmt.Errorf("open a key for parcels: %w", err)
		}
		keys = append(keys, []byte(key))
	}
	return keys, nil
}

// receive keeps a parcel of a phone that may be revoked and signed out: whoever
// sends one learns nothing and changes nothing.
func (p *Parcels) receive(e *core.RequestEvent) error {
	device := e.Request.Header.Get(deviceHeader)
	if _, err := e.App.FindRecordById("devices", device); err != nil {
		return refusal(e, &replica.Error{Status: 403, Code: "device_unknown", Message: "This device is not enrolled."})
	}
	body, err := io.ReadAll(io.LimitReader(e.Request.Body, parcel.MaxSize+1))
	if err != nil {
		return refusal(e, &replica.Error{Status: 400, Code: "truncated", Message: "The parcel did not arrive whole."})
	}
	if len(body) > parcel.MaxSize {
		return refusal(e, &replica.Error{Status: 413, Code: "too_large", Message: fmt.Sprintf("A parcel is at most %d bytes.", parcel.MaxSize)})
	}
	sum := sha256.Sum256(body)
	id := hex.EncodeToString(sum[:])
	var refused error
	err = e.App.RunInTransaction(func(tx core.App) error {
		var known, own, all int
		err := tx.DB().NewQuery(`SELECT COUNT(*) FILTER (WHERE id = {:id}), COUNT(*) FILTER (WHERE device = {:device} AND opened = ''),
			COALESCE(SUM(size) FILTER (WHERE opened = ''), 0) FROM _parcels`).Bind(dbx.Params{"id": id, "device": device}).Row(&known, &own, &all)
		switch {
		case err != nil || known > 0:
			return err
		case own >= parcel.MaxParcels:
			refused = &replica.Error{Status: 429, Code: "quota", Message: "Too many parcels of this device wait to be opened."}
			return nil
		case all+len(body) > maxParcels:
			refused = &replica.Error{Status: 507, Code: "quota", Message: "Too many parcels wait to be opened."}
			return nil
		}
		_, err = tx.NonconcurrentDB().Insert("_parcels", dbx.Params{"id": id, "device": device, "received": p.at(), "size": len(body), "sealed": body}).Execute()
		return err
	})
	if err = cmp.Or(err, refused); err != nil {
		return refusal(e, err)
	}
	e.App.Logger().Info("A phone that erased itself has sent a parcel", "device", device, "parcel", id)
	return e.JSON(http.StatusOK, map[string]string{"parcel": id})
}

func (p *Parcels) at() string { return p.now().UTC().Format(time.RFC3339) }

// Waiting is what one device sealed and nobody has opened.
type Waiting struct {
	Device  string `db:"device" json:"device"`
	Officer string `db:"officer" json:"officer"` // by name
	Parcels int    `db:"parcels" json:"parcels"`
	Bytes   int64  `db:"bytes" json:"bytes"`
	Since   string `db:"since" json:"since"`
}

// List gives what waits to be opened, the oldest first.
func (p *Parcels) List() (list []Waiting, err error) {
	err = p.app.DB().NewQuery(`SELECT p.device, COALESCE(o.name, '') AS officer, COUNT(*) AS parcels, SUM(p.size) AS bytes, MIN(p.received) AS since
		FROM _parcels p LEFT JOIN devices d ON d.id = p.device LEFT JOIN officers o ON o.id = d.officer
		WHERE p.opened = '' GROUP BY p.device ORDER BY since`).All(&list)
	if err != nil {
		return nil, fmt.Errorf("list parcels: %w", err)
	}
	return list, nil
}

// Opened says what became of one parcel.
type Opened struct {
	Parcel string         `json:"parcel"`
	Kind   string         `json:"kind,omitempty"`
	Counts map[string]int `json:"counts,omitempty"` // of its mutations: applied, merged, duplicate, rejected; or what they are, when it is only looked at
	State  string         `json:"state,omitempty"`  // of a photograph: safe, waiting, rejected
	Error  string         `json:"error,omitempty"`  // it stays unopened
}

// content is a parcel with the seal taken off.
type content struct {
	id   string
	head parcel.Head
	body []byte
	n    int64 // of its first mutation
}

// Open puts what a device sealed where its pushes and photographs would have
// gone: nothing of it is done twice, and what is refused is kept among the
// rejections. What could not be opened waits on. When only looked at, nothing
// changes.
func (p *Parcels) Open(device string, look bool) ([]Opened, error) {
	phone, err := p.app.FindRecordById("devices", device)
	if err != nil {
		return nil, fmt.Errorf("find device %s: %w", device, err)
	}
	officer, err := p.app.FindRecordById("officers", phone.GetString("officer"))
	if err != nil {
		return nil, fmt.Errorf("find the officer of device %s: %w", device, err)
	}
	contents, done, err := p.unseal(device)
	if err != nil {
		return nil, err
	}
	for _, c := range contents {
		opened := Opened{Parcel: c.id, Kind: c.head.Kind}
		switch {
		case look:
			err = opened.describe(c.body)
		case c.head.Kind == parcel.Push:
			err = p.replay(&opened, officer, device, c.body)
		default:
			err = p.give(&opened, officer, c)
		}
		if err == nil && !look && opened.State != uploads.Waiting {
			_, err = p.app.NonconcurrentDB().Update("_parcels", dbx.Params{"opened": p.at(), "sealed": nil}, dbx.HashExp{"id": c.id}).Execute()
		}
		if err != nil {
			opened.Error = err.Error()
		}
		done = append(done, opened)
	}
	return done, nil
}

// unseal gives what a device sealed in the order of its outbox, photographs
// last, and what does not open.
func (p *Parcels) unseal(device string) (contents []content, failed []Opened, err error) {
	keys, err := p.privateKeys()
	if err != nil {
		return nil, nil, err
	}
	var rows []struct {
		ID     string `db:"id"`
		Sealed []byte `db:"sealed"`
	}
	err = p.app.DB().Select("id", "sealed").From("_parcels").Where(dbx.HashExp{"device": device, "opened": ""}).OrderBy("received", "id").All(&rows)
	if err != nil {
		return nil, nil, fmt.Errorf("read the parcels of %s: %w", device, err)
	}
	for _, row := range rows {
		c, err := content{id: row.ID}, parcel.ErrSealed
		for _, key := range keys {
			if c.head, c.body, err = parcel.Open(key, device, row.Sealed); !errors.Is(err, parcel.ErrSealed) {
				break
			}
		}
		if err != nil {
			failed = append(failed, Opened{Parcel: row.ID, Error: err.Error()})
			continue
		}
		if list := mutationsOf(c.body); c.head.Kind == parcel.Push && len(list) > 0 {
			c.n = list[0].N
		}
		contents = append(contents, c)
	}
	slices.SortStableFunc(contents, func(a, b content) int {
		return cmp.Or(-cmp.Compare(a.head.Kind, b.head.Kind), cmp.Compare(a.n, b.n)) // «push» before «photo»
	})
	return contents, failed, nil
}

func mutationsOf(body []byte) []replica.Mutation {
	var push struct {
		Mutations []replica.Mutation `json:"mutations"`
	}
	if json.Unmarshal(body, &push) != nil {
		return nil // Replay says what is wrong
	}
	return push.Mutations
}

// describe says what there is without what it says.
func (o *Opened) describe(body []byte) error {
	if o.Kind == parcel.Push {
		o.Counts = map[string]int{}
		for _, m := range mutationsOf(body) {
			o.Counts[m.Op+" "+m.Collection]++
		}
	}
	return nil
}

func (p *Parcels) replay(o *Opened, officer *core.Record, device string, body []byte) error {
	results, err := p.engine.Replay(officer, device, body)
	o.Counts = map[string]int{}
	for _, result := range results {
		o.Counts[result.Status]++
	}
	return err
}

// give gives a photograph to the records of its officer that ask for it.
func (p *Parcels) give(o *Opened, officer *core.Record, c content) error {
	if sum, _, err := hashOf(bytes.NewReader(c.body)); err != nil || sum != c.head.SHA256 {
		return cmp.Or(err, parcel.ErrContent)
	}
	outcome, err := p.keeper.give(officer.Id, c.head.SHA256, func() (filesystem.FileReader, error) {
		return &filesystem.BytesReader{Bytes: c.body}, nil
	})
	o.State = string(outcome.State)
	return err
}
