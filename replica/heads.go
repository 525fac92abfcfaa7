package replica

import (
	"fmt"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// heads knows the newest committed change of every scope that anybody asked
// about, so that a pull that finds nothing reads no table.
type heads struct {
	app  core.App
	mu   sync.RWMutex
	seqs map[string]*head
}

type head struct {
	seq    int64
	loaded bool
}

func newHeads(app core.App) *heads { return &heads{app: app, seqs: map[string]*head{}} }

// of gives the newest change of a scope, 0 when there was none.
//
// An entry is made before the feed is read: a commit before the reading is
// found by it, a commit after it raises the entry.
func (h *heads) of(scope string) (int64, error) {
	h.mu.RLock()
	entry, ok := h.seqs[scope]
	if ok && entry.loaded {
		defer h.mu.RUnlock()
		return entry.seq, nil
	}
	h.mu.RUnlock()

	h.mu.Lock()
	if entry, ok = h.seqs[scope]; !ok {
		entry = &head{}
		h.seqs[scope] = entry
	}
	h.mu.Unlock()

	var seq int64
	err := h.app.DB().Select("COALESCE(MAX(seq), 0)").From("_sync_feed").Where(dbx.HashExp{"scope": scope}).Row(&seq)
	if err != nil {
		return 0, fmt.Errorf("read the head of %s: %w", scope, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	entry.seq, entry.loaded = max(entry.seq, seq), true
	return entry.seq, nil
}

// committed notes that a change of a scope was committed.
func (h *heads) committed(scope string, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if entry, ok := h.seqs[scope]; ok {
		entry.seq = max(entry.seq, seq)
	}
}

// forget drops everything, after another process changed the feed.
func (h *heads) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.seqs)
}
