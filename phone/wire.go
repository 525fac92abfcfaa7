package phone

import (
	"encoding/json"
	"errors"
	"slices"
)

// Mutation is one intended change, as it is sent.
type Mutation struct {
	ID         string         `json:"id"`
	N          int64          `json:"n"`
	At         string         `json:"at"`
	Collection string         `json:"collection"`
	Record     string         `json:"record"`
	Op         string         `json:"op"` // create, update or delete
	Base       int64          `json:"base"`
	Epoch      string         `json:"epoch,omitempty"` // in which the base was learned
	Set        map[string]any `json:"set,omitempty"`
	After      []string       `json:"after,omitempty"` // mutations without which it makes no sense
}

// Result is what became of one mutation.
type Result struct {
	ID        string          `json:"id"`
	Status    string          `json:"status"` // applied, merged, rejected or duplicate
	Of        string          `json:"of"`     // of a duplicate: what became of it the first time
	Seq       int64           `json:"seq"`
	Record    json.RawMessage `json:"record"`
	Conflicts []Conflict      `json:"conflicts"`
	Error     Problem         `json:"error"`
}

// Conflict is a value of ours that lost, or one that lost to ours.
type Conflict struct {
	Field string `json:"field"`
	Kept  any    `json:"kept"`
	Lost  any    `json:"lost"`
	By    string `json:"by"`
}

// Problem says why a mutation was rejected.
type Problem struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

type pushRequest struct {
	Mutations []Mutation `json:"mutations"`
}

type pushAnswer struct {
	Results []Result `json:"results"`
	Now     string   `json:"now"`
}

type pullRequest struct {
	Cursor      string   `json:"cursor"`
	Limit       int      `json:"limit"`
	Schema      int      `json:"schema"`
	Collections []string `json:"collections,omitempty"`
}

// change is a record that the phone should hold, or no longer hold.
type change struct {
	Collection string          `json:"collection"`
	ID         string          `json:"id"`
	Seq        int64           `json:"seq"`
	Scopes     []string        `json:"scopes"` // through which the caller holds it
	Record     json.RawMessage `json:"record"`
	Gone       bool            `json:"gone"`
}

// saysNothing tells whether a change lacks what makes it one.
func (ch change) saysNothing() bool {
	return ch.Collection == "" || ch.ID == "" || !ch.Gone && (ch.Seq == 0 || len(ch.Record) == 0 || ch.Record[0] != '{')
}

type page struct {
	Nonce   string   `json:"nonce"`
	Changes []change `json:"changes"`
	Drop    []string `json:"drop"`
	Scopes  []string `json:"scopes"`
	Cursor  string   `json:"cursor"`
	Epoch   string   `json:"epoch"`
	More    bool     `json:"more"`
	Now     string   `json:"now"`
	Poll    int      `json:"poll"`

	ParcelKey string `json:"parcel_key"`
	WipeAfter int    `json:"wipe_after"`
}

// Digest sums up what a scope holds.
type Digest struct {
	Count int    `json:"count"`
	Sum   string `json:"sum"`
}

type digestRequest struct {
	Scopes []string `json:"scopes,omitempty"`
}

type digestAnswer struct {
	Scopes map[string]Digest `json:"scopes"`
}

// strictly reads an answer, and refuses JSON that says nothing of what was
// asked: {} of a proxy is not «nothing changed».
func strictly(raw []byte, answer any) error {
	if err := json.Unmarshal(raw, answer); err != nil {
		return err
	}
	said := true
	switch a := answer.(type) {
	case *pushAnswer:
		said = a.Results != nil && a.Now != ""
	case *page:
		said = a.Cursor != "" && a.Now != "" && a.Scopes != nil && !slices.ContainsFunc(a.Changes, change.saysNothing)
	case *digestAnswer:
		said = a.Scopes != nil
	}
	if !said {
		return errors.New("the answer lacks what was asked for")
	}
	return nil
}
