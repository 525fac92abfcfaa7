package hooks

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/geo"
)

// fences holds the index over all active grids. It is built when it is first
// asked for and again after a grid changed; boundaries that did not change are
// not parsed again.
type fences struct {
	app    core.App
	index  geo.Fences
	stale  atomic.Bool
	mu     sync.Mutex // one build at a time; guards parsed
	parsed map[string]parsedFence
}

// parsedFence is a boundary with the version it was parsed from.
type parsedFence struct {
	version  int
	boundary *geo.Boundary
}

func newFences(app core.App) *fences {
	f := &fences{app: app, parsed: map[string]parsedFence{}}
	f.stale.Store(true)
	return f
}

// invalidate has the index built anew before it is next used.
func (f *fences) invalidate() { f.stale.Store(true) }

// current gives the index over the grids as they are committed now: grids that
// an open transaction wrote past the hooks are not in it, nor looked for later.
func (f *fences) current() (*geo.Index, error) {
	if !f.stale.Load() {
		return f.index.Load(), nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stale.CompareAndSwap(true, false) {
		if err := f.build(); err != nil {
			f.stale.Store(true)
			return nil, err
		}
	}
	return f.index.Load(), nil
}

func (f *fences) build() error {
	var rows []struct {
		ID      string `db:"id"`
		Path    string `db:"path"`
		Version int    `db:"boundary_version"`
	}
	err := f.app.DB().Select("id", "path", "boundary_version").From("grids").
		Where(dbx.HashExp{"active": true}).All(&rows)
	if err != nil {
		return fmt.Errorf("read grids: %w", err)
	}
	parsed := make(map[string]parsedFence, len(rows))
	list := make([]geo.Fence, 0, len(rows))
	for _, row := range rows {
		known, ok := f.parsed[row.ID]
		if !ok || known.version != row.Version {
			if known.boundary, err = boundaryOf(f.app, row.ID); err != nil {
				f.app.Logger().Error("A grid has no usable boundary", "grid", row.ID, "error", err)
				continue
			}
			known.version = row.Version
		}
		parsed[row.ID] = known
		list = append(list, geo.Fence{ID: row.ID, Depth: depthOf(row.Path), Boundary: known.boundary})
	}
	f.parsed = parsed
	f.index.Swap(geo.NewIndex(list))
	return nil
}

// boundaryOf reads the boundary of a grid as app sees it, in a transaction too.
func boundaryOf(app core.App, id string) (*geo.Boundary, error) {
	var raw string
	err := app.DB().Select("boundary").From("grids").Where(dbx.HashExp{"id": id}).Row(&raw)
	if err != nil {
		return nil, fmt.Errorf("read boundary: %w", err)
	}
	polygons, _, faults := geo.ParseGeometry([]byte(raw), geo.ReadLimits{})
	if len(faults) > 0 {
		return nil, fmt.Errorf("parse boundary: %s", faults[0].Message)
	}
	return geo.NewBoundary(polygons)
}

// version of the boundary by which a grid is judged now, 0 when it has none.
func (f *fences) versionOf(grid string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.parsed[grid].version
}
