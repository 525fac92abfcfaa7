package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/phone"
)

// world is one run.
type world struct {
	c      Config
	rng    *rand.Rand
	now    time.Time
	root   string // of everything that the run writes
	dir    string // of the server's data
	dirs   int
	server *process
	admin  string // token of the office

	faulty bool
	phones []*handset
	ledger map[string]*written // every mutation ever made, by id
	order  []*written
	told   []toldConflict
	shots  []*shot
	dies   string // the moment at which the server is to die
	died   string // directory with what it left then
	backup string // directory of the last backup
	lived  int    // restores so far

	lines  []string
	counts map[string]int
	broken error // the first invariant that did not hold
}

// written is one mutation, and what is known of it.
type written struct {
	phone.Mutation
	officer int
	device  string
	said    string // what the server said first
	lost    bool   // its phone was reinstalled or erased before the server had it
	life    int    // number of restores before it was made
}

func (w *world) trace(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// fail keeps the first violation.
func (w *world) fail(invariant int, format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf("invariant %d: %s", invariant, fmt.Sprintf(format, args...))
		w.trace("BROKEN %v", w.broken)
	}
}

// must ends a run whose own machinery failed.
func (w *world) must(err error) {
	if err != nil && w.broken == nil {
		w.broken = fmt.Errorf("the simulation itself failed: %w", err)
	}
}

func (w *world) start() error {
	var err error
	if w.server, err = startServer(w.dir, func() time.Time { return w.now }); err != nil {
		return err
	}
	w.armServer()
	if w.c.BreakServer != "" {
		if _, err := w.server.app.NonconcurrentDB().NewQuery(w.c.BreakServer).Execute(); err != nil {
			return err
		}
	}
	w.admin, err = w.token(core.CollectionNameSuperusers, admin)
	return err
}

func (w *world) token(collection, id string) (string, error) {
	record, err := w.server.app.FindRecordById(collection, id)
	if err != nil {
		return "", fmt.Errorf("find %s %s: %w", collection, id, err)
	}
	return record.NewAuthToken()
}

func (w *world) newDir() string {
	w.dirs++
	return filepath.Join(w.root, fmt.Sprint(w.dirs))
}

// restart stops the server or kills it, and starts it again.
func (w *world) restart() {
	if w.rng.IntN(2) == 0 {
		w.trace("the server is stopped and started")
		w.must(w.server.stop())
	} else {
		w.trace("the server is killed and started")
		dir := w.newDir()
		w.must(copyData(w.dir, dir))
		w.must(w.server.stop())
		w.dir = dir
	}
	w.counts["restart"]++
	w.must(w.start())
}

func (w *world) takeBackup() {
	w.trace("a backup is made")
	w.backup = w.newDir()
	w.must(copyData(w.dir, w.backup))
}

// restore puts the last backup in the place of the server's data.
func (w *world) restore() {
	if w.backup == "" || !w.c.Restores {
		return
	}
	w.trace("the server is restored from the backup")
	w.counts["restore"]++
	w.must(w.server.stop())
	w.dir = w.newDir()
	w.must(copyData(w.backup, w.dir))
	w.must(markBackup(w.dir))
	w.must(w.start())
	w.lived++
	w.told = nil
	for _, p := range w.phones {
		clear(p.seen)
	}
	for _, m := range w.order {
		if w.count("_sync_history", m)+w.count("rejections", m) > 0 {
			continue
		}
		m.said = ""
		m.lost = m.lost || !w.isHeld(m)
	}
}

// isHeld tells whether the phone that made a mutation still has it.
func (w *world) isHeld(m *written) bool {
	for _, p := range w.phones {
		if p.device == m.device {
			return !p.erased
		}
	}
	return false
}

// request is one of the office or of an app, beside the sync and without
// faults.
func (w *world) request(method, path, token string, body any) (int, []byte) {
	raw, err := json.Marshal(body)
	w.must(err)
	request := httptest.NewRequestWithContext(context.Background(), method, "http://sim"+path, bytes.NewReader(raw))
	request.RemoteAddr = "127.0.0.1:1"
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	recorder := httptest.NewRecorder()
	w.server.handler.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.Bytes()
}

// step does one thing.
func (w *world) step() {
	p := w.phones[w.rng.IntN(len(w.phones))]
	type choice struct {
		weight int
		do     func()
	}
	choices := []choice{
		{35, p.write}, {30, p.sync}, {18, w.officeEdits}, {3, p.setClock}, {3, p.move}, {2, p.expire}, {4, p.arm},
		{7, p.shoot}, {2, p.reinstall}, {1, p.revoke}, {2, w.restart}, {2, w.takeBackup}, {1, w.restore}, {2, p.repeat}, {2, p.checkDigests},
	}
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	at := w.rng.IntN(total)
	for _, c := range choices {
		if at -= c.weight; at < 0 {
			c.do()
			return
		}
	}
}

// heal ends all faults, and has everybody sync until nothing is left to do.
func (w *world) heal() {
	w.trace("the network heals")
	w.faulty = false
	for round := range 3 {
		for _, p := range w.phones {
			p.offline, p.store.BeforeCommit = false, nil
			p.signIn()
			var err error
			for range 4 {
				if err = p.syncOnce(); err == nil {
					break
				}
			}
			if err != nil {
				w.fail(2, "%s cannot sync after the network healed (round %d): %v", p.name(), round, err)
				return
			}
		}
	}
}

func (p *handset) signIn() {
	token, err := p.w.token("officers", officerID(p.officer))
	p.w.must(err)
	p.token = token
}

const ok2xx = http.StatusMultipleChoices // below it, a request succeeded
