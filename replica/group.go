package replica

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// group lets pushes that arrive together share one transaction and one fsync.
// Each phone gets an equal share of a commit, so that one with a long queue
// does not keep the others waiting.
type group struct {
	e    *Engine
	mu   sync.Mutex
	jobs []*job // waiting, in order of arrival
	size int    // mutations waiting
	wake chan struct{}
	quit chan struct{}
	once sync.Once
}

// job is one push on its way.
type job struct {
	caller    Caller
	mutations []Mutation
	results   []Result // of those handled so far
	done      chan error
}

func (j *job) finished() bool { return len(j.results) == len(j.mutations) }

func newGroup(e *Engine) *group {
	return &group{e: e, wake: make(chan struct{}, 1), quit: make(chan struct{})}
}

// submit waits until all mutations are committed. A push that the server has
// no room for is turned away before it takes memory.
func (g *group) submit(ctx context.Context, caller Caller, mutations []Mutation) ([]Result, error) {
	j := &job{caller: caller, mutations: mutations, done: make(chan error, 1)}
	g.mu.Lock()
	if g.size+len(mutations) > g.e.s.Waiting {
		g.mu.Unlock()
		return nil, overloaded("The server is busy.", 2)
	}
	g.jobs = append(g.jobs, j)
	g.size += len(mutations)
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
	select {
	case err := <-j.done:
		return j.results, err
	case <-ctx.Done():
		// The commit goes on; the phone asks again and hears «duplicate».
		return nil, fmt.Errorf("push given up by the phone: %w", ctx.Err())
	case <-g.quit:
		return nil, overloaded("The server is stopping.", 5)
	}
}

func overloaded(message string, seconds int) *Error {
	return &Error{Status: 503, Code: "overloaded", Message: message, More: map[string]any{"retry_after": seconds}}
}

// run commits groups until stop.
func (g *group) run() {
	for {
		select {
		case <-g.quit:
			return
		case <-g.wake:
		}
		for {
			g.linger()
			batch := g.take()
			if len(batch) == 0 {
				break
			}
			g.commit(batch)
		}
	}
}

func (g *group) stop() { g.once.Do(func() { close(g.quit) }) }

// linger waits a moment for more pushes when there are few.
func (g *group) linger() {
	g.mu.Lock()
	few := len(g.jobs) > 0 && g.size < g.e.s.GroupSize
	g.mu.Unlock()
	if few {
		time.Sleep(g.e.s.GroupWait)
	}
}

// share is a part of a job that goes into the next commit.
type share struct {
	*job
	mutations []Mutation
	results   []Result
	err       error
}

// take gives every waiting job its share of the next commit, in order of
// arrival. A phone with two pushes waiting gets one share.
func (g *group) take() []*share {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch []*share
	room := g.e.s.GroupSize
	seen := map[string]bool{}
	for _, j := range g.jobs {
		box := j.caller.ID + " " + j.caller.Device
		if room <= 0 {
			break
		}
		if seen[box] {
			continue
		}
		seen[box] = true
		rest := j.mutations[len(j.results):]
		rest = rest[:min(len(rest), g.e.s.Share, room)]
		room -= len(rest)
		batch = append(batch, &share{job: j, mutations: rest})
	}
	return batch
}

// commit applies a batch in one transaction and answers the jobs that are
// done. A fault of one share stops that share only; a fault of the disk stops
// all of them.
func (g *group) commit(batch []*share) {
	err := g.e.app.RunInTransaction(func(tx core.App) error {
		for _, s := range batch {
			s.results, s.err = g.e.applyShare(tx, s.caller, s.mutations)
			if s.err != nil && !isRefusal(s.err) {
				return s.err
			}
		}
		return nil
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	ended := map[*job]bool{}
	for _, s := range batch {
		switch {
		case err != nil:
			s.done <- diskError(err)
		case s.err != nil:
			s.done <- s.err
		default:
			s.job.results = append(s.job.results, s.results...)
			g.size -= len(s.mutations)
			if !s.finished() {
				continue
			}
			s.done <- nil
		}
		ended[s.job] = true
	}
	g.remove(ended)
	// The first in line goes behind the others, so that everybody's next share
	// comes in turn.
	if n := len(g.jobs); n > len(batch) {
		served := min(len(batch)-len(ended), n)
		g.jobs = append(g.jobs[served:], g.jobs[:served]...)
	}
}

func (g *group) remove(ended map[*job]bool) {
	var rest []*job
	for _, j := range g.jobs {
		if !ended[j] {
			rest = append(rest, j)
			continue
		}
		g.size -= len(j.mutations) - len(j.results)
	}
	g.jobs = rest
}

// isRefusal tells an answer to a phone from a failure of the server.
func isRefusal(err error) bool {
	var refused *Error
	return errors.As(err, &refused)
}

// diskError turns a failed commit into an answer that says what to do.
func diskError(err error) error {
	if isDiskFull(err) {
		return &Error{Status: 507, Code: "storage_full", Message: "The server's disk is full. Nothing was taken; keep everything and try later.", More: map[string]any{"retry_after": 300}}
	}
	return fmt.Errorf("commit pushes: %w", err)
}

func isDiskFull(err error) bool {
	text := err.Error()
	return strings.Contains(text, "database or disk is full") || strings.Contains(text, "SQLITE_FULL") || strings.Contains(text, "no space left")
}

// isStorage tells whether an error is the database's own: then nothing of the
// transaction can be trusted.
func isStorage(err error) bool {
	text := err.Error()
	for _, sign := range []string{"disk", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_FULL", "SQLITE_READONLY", "malformed", "database is locked", "database is closed", "no space left"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
