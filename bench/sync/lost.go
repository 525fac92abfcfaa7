package main

import (
	"encoding/json"
	"fmt"
	"sync"

	"gridwalk/bench"
)

// acknowledged are the mutations that the server called applied.
type acknowledged struct {
	mu  sync.Mutex
	ids map[string]bool // «device mutation»
}

func newAcknowledged() *acknowledged { return &acknowledged{ids: map[string]bool{}} }

func (a *acknowledged) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ids)
}

// note takes an answer to a push.
func (a *acknowledged) note(device string, body []byte) {
	var answer struct {
		Results []struct{ ID, Status string } `json:"results"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return // it acknowledges nothing
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, x := range answer.Results {
		if x.Status == "applied" {
			a.ids[device+" "+x.ID] = true
		}
	}
}

// missing counts the acknowledged mutations that are not in the history with
// their record.
func (a *acknowledged) missing(data string) (int, error) {
	app, err := bench.Open(data, false)
	if err != nil {
		return 0, err
	}
	defer func() { _ = app.ResetBootstrapState() }() // it was only read
	var rows []struct {
		Device   string `db:"device"`
		Mutation string `db:"mutation"`
	}
	err = app.DB().NewQuery(`SELECT h.device, h.mutation FROM _sync_history h JOIN visits v ON v.id = h.record
		WHERE h.collection = 'visits' AND h.mutation != ''`).All(&rows)
	if err != nil {
		return 0, fmt.Errorf("read the history: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	left := len(a.ids)
	for _, row := range rows {
		if a.ids[row.Device+" "+row.Mutation] {
			left--
		}
	}
	return left, nil
}
