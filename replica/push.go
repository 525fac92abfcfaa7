package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"gridwalk/merge"
)

// Mutation is one intended change made on a phone.
type Mutation struct {
	ID         string         `json:"id"`
	N          int64          `json:"n"`
	At         string         `json:"at"`
	Collection string         `json:"collection"`
	Record     string         `json:"record"`
	Op         string         `json:"op"`
	Base       int64          `json:"base"`
	Epoch      string         `json:"epoch,omitempty"` // in which the base was learned
	Set        map[string]any `json:"set,omitempty"`
	After      []string       `json:"after,omitempty"`
	Proof      string         `json:"proof,omitempty"`

	stamp merge.Stamp
}

// Conflict is a value that lost, as the phone is told of it.
type Conflict struct {
	Field string `json:"field"`
	Kept  any    `json:"kept"`
	Lost  any    `json:"lost"`
	By    string `json:"by"`
}

// Result is what became of one mutation.
type Result struct {
	ID        string          `json:"id"`
	Status    string          `json:"status"` // applied, merged, rejected or duplicate
	Of        string          `json:"of,omitempty"`
	Seq       int64           `json:"seq,omitempty"`
	Record    json.RawMessage `json:"record,omitempty"`
	Conflicts []Conflict      `json:"conflicts,omitempty"`
	Error     map[string]any  `json:"error,omitempty"`
}

// PushAnswer is the answer to a push.
type PushAnswer struct {
	Results []Result `json:"results"`
	Now     string   `json:"now"`
}

var (
	mutationID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	recordID   = regexp.MustCompile(`^[a-z0-9]{15}$`)
)

const (
	maxDepth = 16
	maxAfter = 50
)

// DecodePush reads the body of a push and checks its shape. What is wrong with
// the whole is an error; what is wrong with one mutation becomes its result
// later, so that it never blocks the others.
func (e *Engine) DecodePush(body io.Reader) ([]Mutation, error) {
	raw, err := io.ReadAll(io.LimitReader(body, e.s.MaxBody+1))
	if err != nil {
		return nil, badRequest("bad_json", "The body could not be read: %v.", err)
	}
	if int64(len(raw)) > e.s.MaxBody {
		return nil, &Error{Status: 413, Code: "too_large", Message: fmt.Sprintf("A push is at most %d bytes.", e.s.MaxBody)}
	}
	if depth(raw) > maxDepth {
		return nil, badRequest("bad_json", "The body is nested too deeply.")
	}
	var request struct {
		Mutations []Mutation `json:"mutations"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&request); err != nil {
		return nil, badRequest("bad_json", "The body is not a push: %v.", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, badRequest("bad_json", "Something follows the push.")
	}
	return request.Mutations, e.checkNumbers(request.Mutations)
}

func (e *Engine) checkNumbers(mutations []Mutation) error {
	if len(mutations) > e.s.MaxMutations {
		return &Error{Status: 413, Code: "too_many_mutations", Message: fmt.Sprintf("A push holds at most %d mutations.", e.s.MaxMutations)}
	}
	for i := range mutations {
		m := &mutations[i]
		if !mutationID.MatchString(m.ID) {
			return badRequest("bad_mutation_id", "Mutation %d of the push has no usable id.", i)
		}
		if m.N < 1 || i > 0 && m.N <= mutations[i-1].N {
			return badRequest("outbox_repeat", "Mutation %d of the push has number %d: numbers begin at 1 and grow.", i, m.N)
		}
		if i > 0 && m.N != mutations[i-1].N+1 {
			return badRequest("outbox_gap", "Number %d follows %d in the push.", m.N, mutations[i-1].N)
		}
		stamp, err := merge.ParseStamp(m.At)
		if err != nil {
			return badRequest("bad_stamp", "Mutation %d of the push has no usable stamp.", i)
		}
		m.stamp = stamp
	}
	return nil
}

// depth is how deeply arrays and objects of a JSON text are nested.
func depth(raw []byte) int {
	deepest, now, inText := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch ch := raw[i]; {
		case inText && ch == '\\':
			i++
		case ch == '"':
			inText = !inText
		case inText:
		case ch == '{' || ch == '[':
			now++
			deepest = max(deepest, now)
		case ch == '}' || ch == ']':
			now--
		}
	}
	return deepest
}

// Push applies mutations in the order of their outbox. When it returns without
// an error, what is applied or merged is on the disk.
func (e *Engine) Push(ctx context.Context, caller Caller, mutations []Mutation) (PushAnswer, error) {
	if len(mutations) == 0 {
		return PushAnswer{Results: []Result{}, Now: e.now()}, nil
	}
	if err := ctxErr(ctx); err != nil {
		return PushAnswer{}, err
	}
	results, err := e.group.submit(ctx, caller, mutations)
	if err != nil {
		return PushAnswer{}, err
	}
	return PushAnswer{Results: results, Now: e.now()}, nil
}
