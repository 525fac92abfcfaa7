package hooks

import (
	"fmt"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/geo"
)

// maxChanges is how many changed grids the index carries along before it is
// built anew; an import of thousands takes effect with that build.
const maxChanges = 32

// fences holds the index over all active grids. A grid that is saved here takes
// effect at once; builds run beside the queries, none of which waits but for the
// first.
type fences struct {
	app    core.App
	index  geo.Fences
	mu     sync.Mutex // guards what follows and every Swap; no build is made under it
	built  bool       // index holds the grids
	stale  bool       // index is to be built anew
	build  *fenceBuild
	recent []geo.Fence // changed since build began to read
}

// fenceBuild is a build that runs; err is set once done is closed.
type fenceBuild struct {
	done chan struct{}
	err  error
}

func newFences(app core.App) *fences {
	f := &fences{app: app, stale: true}
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		f.mu.Lock()
		build := f.build
		f.mu.Unlock()
		if build != nil {
			<-build.done // it reads the database that is closed next
		}
		return e.Next()
	})
	return f
}

// invalidate has the index built anew when it is next used.
func (f *fences) invalidate() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stale = true
}

// current gives the index; that of a moment ago while another is built. Grids
// that an open transaction wrote past the hooks are not in it.
func (f *fences) current() (*geo.Index, error) {
	f.mu.Lock()
	if f.stale && f.build == nil {
		f.build, f.stale, f.recent = &fenceBuild{done: make(chan struct{})}, false, nil
		go f.run(f.build)
	}
	first, build := !f.built, f.build
	f.mu.Unlock()
	if first {
		if <-build.done; build.err != nil {
			return nil, build.err
		}
	}
	return f.index.Load(), nil
}

func (f *fences) run(build *fenceBuild) {
	index, err := f.read()
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		for _, change := range f.recent {
			index = index.With(change)
		}
		f.index.Swap(index)
		f.built = true
	} else {
		f.app.Logger().Error("Could not index the grids", "error", err)
		f.stale = true
	}
	f.build, build.err = nil, err
	close(build.done)
}

// read indexes the grids as they are committed now; boundaries that did not
// change are not parsed again.
func (f *fences) read() (*geo.Index, error) {
	var rows []struct {
		ID      string         `db:"id"`
		Path    string         `db:"path"`
		Version int            `db:"boundary_version"`
		Since   types.DateTime `db:"boundary_from"`
	}
	err := f.app.DB().Select("id", "path", "boundary_version", "boundary_from").From("grids").
		Where(dbx.HashExp{"active": true}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read grids: %w", err)
	}
	known := f.index.Load()
	list := make([]geo.Fence, 0, len(rows))
	for _, row := range rows {
		fence, ok := known.Fence(row.ID)
		if !ok || fence.Version != row.Version {
			if fence.Boundary, err = readBoundary(f.app, "grids", row.ID); err != nil {
				f.app.Logger().Error("A grid has no usable boundary", "grid", row.ID, "error", err)
				continue
			}
		}
		fence.ID, fence.Depth, fence.Version, fence.Since = row.ID, depthOf(row.Path), row.Version, row.Since.Time()
		list = append(list, fence)
	}
	return geo.NewIndex(list), nil
}

// readBoundary reads the boundary of a row as app sees it, in a transaction too.
func readBoundary(app core.App, table, id string) (*geo.Boundary, error) {
	var raw string
	err := app.DB().Select("boundary").From(table).Where(dbx.HashExp{"id": id}).Row(&raw)
	if err != nil {
		return nil, fmt.Errorf("read boundary: %w", err)
	}
	return parseBoundary(raw)
}

func parseBoundary(raw string) (*geo.Boundary, error) {
	polygons, _, faults := geo.ParseGeometry([]byte(raw), geo.ReadLimits{})
	if len(faults) > 0 {
		return nil, fmt.Errorf("parse boundary: %s", faults[0].Message)
	}
	return geo.NewBoundary(polygons)
}

// change has a grid that was saved or deleted take effect.
func (f *fences) change(grid *core.Record, deleted bool) {
	fence := geo.Fence{ID: grid.Id, Depth: depthOf(grid.GetString("path")), Version: grid.GetInt("boundary_version"),
		Since: grid.GetDateTime("boundary_from").Time()}
	f.mu.Lock()
	defer f.mu.Unlock()
	before, known := f.index.Load().Fence(grid.Id)
	if known && before.Version > fence.Version {
		return // two saves at a time: the later one was here first
	}
	if f.stale || f.index.Load().Changes() == maxChanges || known && before.Depth != fence.Depth { // those below it moved, too
		f.stale = true
		return
	}
	if !deleted && grid.GetBool("active") {
		if fence.Boundary = before.Boundary; !known || before.Version != fence.Version {
			var err error
			if fence.Boundary, err = parseBoundary(grid.GetString("boundary")); err != nil {
				f.app.Logger().Error("A grid has no usable boundary", "grid", grid.Id, "error", err)
			}
		}
	}
	if f.build != nil {
		f.recent = append(f.recent, fence)
	}
	f.index.Swap(f.index.Load().With(fence))
}
