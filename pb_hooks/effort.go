package hooks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
	"gridwalk/numbers"
)

// sample is what recording one thing cost: how much of an officer's time our
// forms take. It is added up for the village and the month; nobody can tell
// afterwards who sent it.
type sample struct {
	Grid    string `json:"grid"`
	Kind    string `json:"kind"`    // of the enumeration effort.kind
	Taps    int    `json:"taps"`    // on the screen
	Seconds int    `json:"seconds"` // from opening the form to saving it
	Asked   int    `json:"asked"`   // fields that were filled in
	Known   int    `json:"known"`   // of them, those that were known already
}

// What is beyond these says nothing: a form that was left open overnight.
const (
	mostSamples = 200
	mostTaps    = 500
	mostSeconds = 3600
	mostFields  = 200
)

func (s sample) ok() bool {
	within := func(n, most int) bool { return n >= 0 && n <= most }
	return slices.Contains(dict.Values("effort.kind"), s.Kind) && within(s.Taps, mostTaps) && within(s.Seconds, mostSeconds) &&
		within(s.Asked, mostFields) && within(s.Known, s.Asked)
}

// takeEffort answers POST /api/effort. A phone sends it once, and does not try
// again: to know a repeat one would have to keep who sent what.
func takeEffort(e *core.RequestEvent, s Settings) error {
	works, err := workplacesOf(e)
	if err != nil {
		return err
	}
	var body struct {
		Samples []sample `json:"samples"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(e.Response, e.Request.Body, 1<<16)).Decode(&body); err != nil || len(body.Samples) > mostSamples {
		return e.BadRequestError("A body is {\"samples\": […]} with at most 200 of them.", nil)
	}
	for _, sample := range body.Samples {
		if !sample.ok() {
			return e.BadRequestError("A sample has a kind, and counts that are possible.", nil)
		}
		if !slices.Contains(works, sample.Grid) {
			return e.NotFoundError("There is no such grid among yours.", nil)
		}
	}
	m := monthOf(s.Now())
	err = e.App.RunInTransaction(func(tx core.App) error {
		for _, sample := range body.Samples {
			if err := addEffort(tx, sample, m, e.Auth.Id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

func addEffort(tx core.App, s sample, m monthSpan, officer string) error {
	var region string
	if err := tx.DB().Select("region").From("grids").Where(dbx.HashExp{"id": s.Grid}).Row(&region); err != nil {
		return fmt.Errorf("read the village of grid %s: %w", s.Grid, err)
	}
	params := dbx.Params{"region": region, "month": m.Name, "kind": s.Kind}
	var known int64
	err := tx.DB().NewQuery("SELECT reporters FROM _effort_reporters WHERE region = {:region} AND month = {:month} AND kind = {:kind}").Bind(params).Row(&known)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read how many reported: %w", err)
	}
	params["reporters"] = int64(numbers.Reporters(known).With(officer))
	_, err = tx.DB().NewQuery(`INSERT INTO _effort_reporters (region, month, kind, reporters) VALUES ({:region}, {:month}, {:kind}, {:reporters})
		ON CONFLICT DO UPDATE SET reporters = excluded.reporters`).Bind(params).Execute()
	if err != nil {
		return fmt.Errorf("note that somebody reported: %w", err)
	}
	for measure, value := range map[string]int{"taps": s.Taps, "seconds": s.Seconds, "asked": s.Asked, "known": s.Known} {
		params["measure"], params["value"] = measure, value
		_, err := tx.DB().NewQuery(`INSERT INTO _effort (region, month, kind, measure, value, count)
			VALUES ({:region}, {:month}, {:kind}, {:measure}, {:value}, 1) ON CONFLICT DO UPDATE SET count = count + 1`).Bind(params).Execute()
		if err != nil {
			return fmt.Errorf("add to %s: %w", measure, err)
		}
	}
	return nil
}

// effort is what recording one kind of thing cost in a village and a month:
// nothing, when fewer than five officers reported.
type effort struct {
	Records    *int `json:"records"`
	Taps       *int `json:"taps"`    // median
	Seconds    *int `json:"seconds"` // median
	Asked      *int `json:"asked"`   // fields that were filled in, of all records
	Known      *int `json:"known"`   // of them, those that were known already
	Suppressed bool `json:"suppressed"`
}

// effortOf gives the effort of each kind that was reported.
func effortOf(app core.App, region string, m monthSpan) (map[string]effort, error) {
	var rows []struct {
		Kind      string `db:"kind"`
		Measure   string `db:"measure"`
		Value     int    `db:"value"`
		Count     int    `db:"count"`
		Reporters int64  `db:"reporters"`
	}
	err := app.DB().NewQuery(`SELECT kind, measure, value, count, reporters FROM _effort JOIN _effort_reporters USING (region, month, kind)
		WHERE region = {:region} AND month = {:month}`).Bind(dbx.Params{"region": region, "month": m.Name}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the effort in %s: %w", region, err)
	}
	tallies, reporters := map[string]numbers.Tally{}, map[string]int{}
	for _, row := range rows {
		key := row.Kind + " " + row.Measure
		if tallies[key] == nil {
			tallies[key] = numbers.Tally{}
		}
		tallies[key][row.Value] += row.Count
		reporters[row.Kind] = numbers.Reporters(row.Reporters).AtLeast()
	}
	efforts := map[string]effort{}
	for kind, n := range reporters {
		efforts[kind] = effort{Suppressed: true}
		if n < numbers.Few {
			continue
		}
		records, taps, seconds := tallies[kind+" taps"].Total(), tallies[kind+" taps"].Median(), tallies[kind+" seconds"].Median()
		asked, known := tallies[kind+" asked"].Sum(), tallies[kind+" known"].Sum()
		efforts[kind] = effort{&records, &taps, &seconds, &asked, &known, false}
	}
	return efforts, nil
}
