package hooks

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
)

//go:embed printed.html
var minutesPage string

var minutesTemplate = template.Must(template.New("minutes").Parse(minutesPage))

// printed is what the minutes of a meeting say. It goes up on a wall: nobody is
// named but who chairs and who made a promise.
type printed struct {
	Place, Type, Held, Chair, Grid, State string
	Expected, Present                     int
	Rule                                  string
	Quorum                                bool
	ReadBack, Promises                    []printedPromise
	Asked                                 []printedDemand // earlier, and not yet told of
	Agenda                                []printedItem
	Demands                               []printedDemand
	Minutes                               []string
}

type printedItem struct {
	Title, Decision       string
	For, Against, Abstain int
}

type printedDemand struct {
	Text, Outcome, Answer, Due string
	Support                    int
}

type printedPromise struct{ Who, What, Due, State, Result string }

// printedMinutes writes the minutes of a meeting as a page of A4.
func printedMinutes(app core.App, meeting *core.Record) (string, error) {
	of := func(collection, order string) ([]*core.Record, error) {
		found := []*core.Record{}
		err := app.RecordQuery(collection).AndWhere(dbx.HashExp{"meeting": meeting.Id, "deleted_at": ""}).OrderBy(order, "id").All(&found)
		if err != nil {
			return nil, fmt.Errorf("read %s of a meeting: %w", collection, err)
		}
		return found, nil
	}
	p := printed{Place: meeting.GetString("place"), Type: dict.Label("meeting.type", meeting.GetString("type"), "zh"), Held: inChina(meeting.GetDateTime("held_at")),
		Chair: meeting.GetString("chair"), State: dict.Label("meeting.status", meeting.GetString("status"), "zh"),
		Expected: meeting.GetInt("expected"), Present: meeting.GetInt("present_count"),
		Rule: dict.Label("meeting.quorum_rule", meeting.GetString("quorum_rule"), "zh"), Quorum: meeting.GetBool("quorum_ok")}
	if grid, err := app.FindRecordById("grids", meeting.GetString("grid")); err == nil {
		p.Grid = grid.GetString("name_zh")
	}
	agenda, err := of("agenda_items", "position")
	if err != nil {
		return "", err
	}
	for _, r := range agenda {
		p.Agenda = append(p.Agenda, printedItem{r.GetString("title"), r.GetString("decision"), r.GetInt("votes_for"), r.GetInt("votes_against"), r.GetInt("votes_abstain")})
	}
	demands, err := of("demands", "created")
	if err != nil {
		return "", err
	}
	p.Demands = printDemands(demands)
	promises, err := of("commitments", "due")
	if err != nil {
		return "", err
	}
	p.Promises = printPromises(promises)
	blocks, err := of("minutes", "created")
	if err != nil {
		return "", err
	}
	for _, r := range blocks {
		p.Minutes = append(p.Minutes, r.GetString("text"))
	}
	earlier, err := toReadBack(app, meeting)
	if err != nil {
		return "", err
	}
	p.ReadBack, p.Asked = printPromises(earlier["commitments"]), printDemands(earlier["demands"])
	var page strings.Builder
	if err := minutesTemplate.Execute(&page, p); err != nil {
		return "", fmt.Errorf("print minutes: %w", err)
	}
	return page.String(), nil
}

func printDemands(records []*core.Record) (out []printedDemand) {
	for _, r := range records {
		d := printedDemand{Text: r.GetString("text"), Answer: r.GetString("answer"), Support: r.GetInt("support_count")}
		if outcome := r.GetString("outcome"); outcome != "" {
			d.Outcome = dict.Label("demand.outcome", outcome, "zh")
		}
		if due := r.GetDateTime("due_at"); !due.IsZero() && d.Outcome == "" {
			d.Due = inChina(due)[:len("2006-01-02")]
		}
		out = append(out, d)
	}
	return out
}

func printPromises(records []*core.Record) (out []printedPromise) {
	for _, r := range records {
		out = append(out, printedPromise{r.GetString("who"), r.GetString("what"), inChina(r.GetDateTime("due"))[:len("2006-01-02")],
			dict.Label("commitment.status", r.GetString("status"), "zh"), r.GetString("result")})
	}
	return out
}
