package replica

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"modernc.org/sqlite"
)

// group lets pushes that arrive together share one transaction and one fsync.
// Outboxes take turns and get an equal share of a commit, so that a phone with
// a long queue does not keep the others waiting.
type group struct {
	e     *Engine
	mu    sync.Mutex
	queue map[string][]*job // waiting, by outbox, in order of arrival
	turns []string          // outboxes with jobs, the next one first
	size  int               // mutations waiting
	wake  chan struct{}
	quit  chan struct{}
	once  sync.Once
	ended sync.WaitGroup
}

// job is one push on its way.
type job struct {
	caller    Caller
	mutations []Mutation
	results   []Result // of those handled so far
	done      chan error
}

func (j *job) outbox() string { return j.caller.ID + " " + j.caller.Device }

func (j *job) finished() bool { return len(j.results) == len(j.mutations) }

func newGroup(e *Engine) *group {
	return &group{e: e, queue: map[string][]*job{}, wake: make(chan struct{}, 1), quit: make(chan struct{})}
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
	box := j.outbox()
	if len(g.queue[box]) == 0 {
		g.turns = append(g.turns, box)
	}
	g.queue[box] = append(g.queue[box], j)
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

// start commits groups in the background until stop.
func (g *group) start() {
	g.ended.Go(func() {
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
	})
}

// stop waits for the commit in hand.
func (g *group) stop() {
	g.once.Do(func() { close(g.quit) })
	g.ended.Wait()
}

// linger waits a moment for more pushes when there are few.
func (g *group) linger() {
	g.mu.Lock()
	few := g.size > 0 && g.size < g.e.s.GroupSize
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

// take gives every outbox its share of the next commit, in turn.
func (g *group) take() []*share {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch []*share
	room := g.e.s.GroupSize
	for _, box := range g.turns {
		if room <= 0 {
			break
		}
		j := g.queue[box][0]
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
	var cause error
	err := g.e.inBatch(func(tx core.App) error {
		for _, s := range batch {
			s.results, s.err = g.e.applyShare(tx, s.caller, s.mutations)
			if s.err != nil && !isRefusal(s.err) {
				cause = s.err
				return cause
			}
		}
		return nil
	})
	if cause != nil {
		// SQLite undoes a transaction by itself when the disk is full; that the
		// undoing fails then hides the cause.
		err = cause
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range batch {
		switch {
		case err != nil:
			g.end(s.job, diskError(err))
		case s.err != nil:
			g.end(s.job, s.err)
		default:
			s.job.results = append(s.job.results, s.results...)
			g.size -= len(s.mutations)
			if s.finished() {
				g.end(s.job, nil)
			}
		}
	}
	// Who was served goes to the end of the line.
	waiting := g.turns[:0:0]
	for _, box := range append(g.turns[len(batch):], g.turns[:len(batch)]...) {
		if len(g.queue[box]) > 0 {
			waiting = append(waiting, box)
		}
	}
	g.turns = waiting
}

// end answers the first job of its outbox and takes it out of the queue.
func (g *group) end(j *job, err error) {
	box := j.outbox()
	if g.queue[box] = g.queue[box][1:]; len(g.queue[box]) == 0 {
		delete(g.queue, box)
	}
	g.size -= len(j.mutations) - len(j.results)
	j.done <- err
}

// isRefusal tells an answer to a phone from a failure of the server.
func isRefusal(err error) bool {
	var refused *Error
	return errors.As(err, &refused)
}

// diskError turns a failed commit into an answer that says what to do.
func diskError(err error) error {
	if storageCode(err) == sqliteFull {
		return &Error{Status: 507, Code: "storage_full", Message: "The server's disk is full. Nothing was taken; keep everything and try later.", More: map[string]any{"retry_after": 300}}
	}
	return fmt.Errorf("commit pushes: %w", err)
}

// Primary result codes of SQLite, https://sqlite.org/rescode.html.
const (
	sqliteConstraint = 19
	sqliteFull       = 13
)

// storageCode is the primary result code of SQLite in err, 0 when there is
// none.
func storageCode(err error) int {
	var fault *sqlite.Error
	if errors.As(err, &fault) {
		return fault.Code() & 0xff
	}
	return 0
}

// isStorage tells whether an error is the database's own: then nothing of the
// transaction can be trusted. A violated constraint is the mutation's fault.
func isStorage(err error) bool {
	if isRefusal(err) {
		return false
	}
	code := storageCode(err)
	return code != 0 && code != sqliteConstraint || errors.Is(err, sql.ErrTxDone) || errors.Is(err, driver.ErrBadConn)
}
