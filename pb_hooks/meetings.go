package hooks

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/workflow"
)

// countQuorum says whether enough people are present, and notes who closed the
// meeting and when its minutes were put up.
func countQuorum(_ *desk, _ core.App, r *core.Record, m *moved) error {
	r.Set("quorum_ok", workflow.Quorum(r.GetString("quorum_rule"), r.GetInt("present_count"), r.GetInt("expected")))
	switch m.action {
	case "close":
		if r.GetString("closed_by") == "" && m.officer != nil {
			r.Set("closed_by", m.officer.Id)
		}
	case "publish":
		if r.GetDateTime("published_at").IsZero() {
			r.Set("published_at", m.at)
		}
	}
	return nil
}

// similarDemands is how many demands are suggested as the same at most.
const similarDemands = 20

// prepareDemand gives a new demand a day by which it is answered, and suggests
// demands of the same grid that may be the same.
func prepareDemand(d *desk, app core.App, r *core.Record, m *moved) error {
	if !m.isNew {
		return nil
	}
	if r.GetDateTime("due_at").IsZero() {
		due, err := d.dueAfter(app, r, "answer", "", m.at)
		if err != nil {
			return err
		}
		r.Set("due_at", due)
	}
	var rows []struct{ ID, Text string }
	err := app.DB().Select("id", "text").From("demands").Where(dbx.HashExp{"grid": r.GetString("grid")}).
		AndWhere(dbx.NewExp("status IN ('raised', 'accepted', 'assigned') AND id != {:id}", dbx.Params{"id": r.Id})).
		OrderBy("created DESC").Limit(500).All(&rows)
	if err != nil {
		return fmt.Errorf("look for similar demands: %w", err)
	}
	var similar []string
	for _, row := range rows {
		if workflow.Alike(r.GetString("text"), row.Text) && len(similar) < similarDemands {
			similar = append(similar, row.ID)
		}
	}
	r.Set("similar", similar)
	return nil
}

// demandClocks marks a demand that was not answered in time.
func demandClocks(d *desk, _ core.App, r *core.Record, _ *moved) (time.Time, error) {
	due := r.GetDateTime("due_at").Time()
	switch r.GetString("status") {
	case "raised", "accepted", "assigned":
	default:
		return time.Time{}, nil
	}
	late := !due.IsZero() && d.now().After(due)
	r.Set("breached", late)
	if late {
		return time.Time{}, nil
	}
	return due, nil
}

// prepareCommitment notes when people were told what became of a promise.
func prepareCommitment(_ *desk, _ core.App, r *core.Record, m *moved) error {
	if m.action == "read_back" && r.GetDateTime("read_back_at").IsZero() {
		r.Set("read_back_at", m.at)
	}
	return nil
}

// commitmentClocks lets an open promise lapse when its day is over.
func commitmentClocks(d *desk, _ core.App, r *core.Record, m *moved) (time.Time, error) {
	due := r.GetDateTime("due").Time()
	if r.GetString("status") != "open" {
		return time.Time{}, nil
	}
	if m.byTime && d.now().After(due) {
		r.Set("status", "late")
		return time.Time{}, nil
	}
	return due, nil
}

// answerDemand answers the demand that a matter came from, when the matter is
// closed.
func answerDemand(app core.App, matter *core.Record) error {
	demand, err := relatedRecord(app, matter, "demand", "demands")
	if err != nil || demand == nil || !workflow.Demand.Leads(demand.GetString("status"), "done") {
		return err
	}
	demand.Set("outcome", "accepted")
	demand.Set("answer", matter.GetString("result"))
	return advance(app, demand, "done", workflow.Demand)
}

// meetingRoutes serve what a meeting opens with, and its minutes to print.
func meetingRoutes() []Route {
	return []Route{
		{"GET", "/api/meetings/{id}/read-back", func(e *core.RequestEvent) error {
			meeting, err := meetingFor(e)
			if err != nil {
				return err
			}
			earlier, err := toReadBack(e.App, meeting)
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, earlier)
		}},
		{"GET", "/api/meetings/{id}/minutes", func(e *core.RequestEvent) error {
			meeting, err := meetingFor(e)
			if err != nil {
				return err
			}
			page, err := printedMinutes(e.App, meeting)
			if err != nil {
				return err
			}
			e.Response.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
			return e.HTML(http.StatusOK, page)
		}},
	}
}

// meetingFor gives the meeting that a request names, if the caller may see it. A
// page that a browser opens names him by a file token, as a photograph does.
func meetingFor(e *core.RequestEvent) (*core.Record, error) {
	info, err := e.RequestInfo()
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	asked := *info
	if token := e.Request.URL.Query().Get("token"); asked.Auth == nil && token != "" {
		asked.Auth, _ = e.App.FindAuthRecordByToken(token, core.TokenTypeFile)
	}
	if asked.Auth == nil {
		return nil, e.UnauthorizedError("Sign in first.", nil)
	}
	meeting, err := e.App.FindRecordById("meetings", e.Request.PathValue("id"))
	if err != nil {
		return nil, e.NotFoundError("There is no such meeting.", nil)
	}
	if ok, err := e.App.CanAccessRecord(meeting, &asked, meeting.Collection().ViewRule); err != nil || !ok {
		return nil, e.NotFoundError("There is no such meeting.", err)
	}
	return meeting, nil
}

// toReadBack are the commitments and demands of earlier meetings of the same
// grid and place that nobody was told of yet, oldest first.
func toReadBack(app core.App, meeting *core.Record) (map[string][]*core.Record, error) {
	earlier := dbx.NewExp("meeting IN (SELECT id FROM meetings WHERE grid = {:grid} AND place = {:place} AND held_at < {:held} AND id != {:id})",
		dbx.Params{"grid": meeting.GetString("grid"), "place": meeting.GetString("place"), "held": meeting.GetDateTime("held_at").String(), "id": meeting.Id})
	answer := map[string][]*core.Record{}
	for collection, open := range map[string]string{"commitments": "status != 'read_back'", "demands": "status NOT IN ('read_back', 'merged')"} {
		found := []*core.Record{}
		if err := app.RecordQuery(collection).AndWhere(earlier).AndWhere(dbx.NewExp(open)).OrderBy("created").All(&found); err != nil {
			return nil, fmt.Errorf("read %s to read back: %w", collection, err)
		}
		answer[collection] = found
	}
	return answer, nil
}
