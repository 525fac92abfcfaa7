package replica

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// foreignInterval is how often the server looks for changes that another
// process made, such as an import from the shell while it serves.
const foreignInterval = time.Second

// OnForeignWrite has run called after another process changed the database:
// what is remembered of it may no longer be true.
func (e *Engine) OnForeignWrite(run func()) { e.foreign = append(e.foreign, run) }

// watchForeignWrites looks for foreign writes until the server stops.
func (e *Engine) watchForeignWrites(app core.App) {
	ticker := time.NewTicker(foreignInterval)
	defer ticker.Stop()
	for {
		select {
		case <-e.group.quit:
			return
		case <-ticker.C:
		}
		if err := e.noticeForeignWrites(); err != nil {
			app.Logger().Warn("Could not look for changes of other processes", "error", err)
		}
	}
}

// noticeForeignWrites compares the database's change number with the newest
// one that this process committed. A commit of ours is seen in the database a
// moment before it is noted; to take it for a foreign one would have everything
// read anew, under load every second.
func (e *Engine) noticeForeignWrites() error {
	head, err := headOf(e.app)
	if err != nil {
		return fmt.Errorf("look for foreign writes: %w", err)
	}
	for range 4 {
		if head <= e.committed.Load() {
			return nil
		}
		time.Sleep(foreignInterval / 10)
	}
	e.noteCommitted(head)
	e.heads.forget()
	e.callers.version.Add(1)
	for _, run := range e.foreign {
		run()
	}
	return nil
}

// noteCommitted remembers the newest change number of this process.
func (e *Engine) noteCommitted(seq int64) {
	for known := e.committed.Load(); seq > known; known = e.committed.Load() {
		if e.committed.CompareAndSwap(known, seq) {
			return
		}
	}
}
