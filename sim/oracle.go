package sim

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
)

// The oracle says from the tables alone, without the server's code, what an
// officer may hold.

// replicated are the collections that phones hold, with the columns by which
// it is decided who does.
var replicated = map[string]string{
	"regions": "'', '', ''", "organizations": "'', '', ''", "dict": "'', '', ''", "grids": "id, '', ''", "officers": "'', id, ''",
	"devices": "'', officer, ''", "grid_assignments": "grid, '', ''", "buildings": "grid, '', ''", "households": "grid, '', ''",
	"residents": "grid, '', ''", "consents": "grid, '', ''", "care_plans": "grid, '', ''", "due_visits": "grid, '', ''", "visits": "grid, '', ''",
	"patrols": "grid, officer, ''", "track_batches": "grid, officer, ''", "check_ins": "grid, officer, ''", "evidence": "grid, '', created_by",
	"errands": "grid, '', ''", "service_orders": "grid, '', ''", "order_claims": "grid, volunteer, ''", "matters": "grid, '', ''",
	"matter_events": "grid, '', ''", "deadline_rules": "'', '', ''", "work_calendar": "'', '', ''",
	"alerts": "grid, '', ''",
}

// workplaces are the grids in which an officer works, and whether he answers
// for others there.
func (w *world) workplaces(officer string) (in map[string]bool, lead bool) {
	db, in := w.server.app.DB(), map[string]bool{}
	var role, region string
	w.must(db.NewQuery("SELECT role, COALESCE((SELECT code FROM regions WHERE id = officers.region), '') FROM officers WHERE id = {:id}").
		Bind(dbx.Params{"id": officer}).Row(&role, &region))
	var all []struct {
		ID   string `db:"id"`
		Code string `db:"grid_code"`
		Path string `db:"path"`
	}
	w.must(db.Select("id", "grid_code", "path").From("grids").All(&all))
	var assigned []string
	w.must(db.Select("grid").From("grid_assignments").Where(dbx.HashExp{"user": officer}).Column(&assigned))
	for _, grid := range all {
		switch role {
		case "grid_officer", "grid_lead":
			in[grid.ID] = slices.ContainsFunc(assigned, func(top string) bool { return strings.Contains(grid.Path, "/"+top+"/") })
		case "village_admin":
			in[grid.ID] = strings.HasPrefix(grid.Code, region)
		}
	}
	return in, role != "grid_officer"
}

// visible are the records that an officer may hold, as «collection/id».
func (w *world) visible(officer string) map[string]bool {
	in, lead := w.workplaces(officer)
	out := map[string]bool{}
	for collection, columns := range replicated {
		rows, err := w.server.app.DB().NewQuery("SELECT id, " + columns + " FROM " + collection).Rows()
		if err != nil {
			w.must(err)
			return nil
		}
		for rows.Next() {
			var id, grid, whose, author string
			w.must(rows.Scan(&id, &grid, &whose, &author))
			if mayHold(collection, officer, lead, in, grid, whose, author) {
				out[collection+"/"+id] = true
			}
		}
		w.must(rows.Close())
	}
	return out
}

func mayHold(collection, officer string, lead bool, in map[string]bool, grid, whose, author string) bool {
	switch collection {
	case "regions", "organizations", "dict", "deadline_rules", "work_calendar":
		return true
	case "officers", "devices", "track_batches":
		return whose == officer
	case "patrols", "check_ins":
		return grid == "" && whose == officer || in[grid] && (lead || whose == officer)
	case "order_claims":
		return whose == officer || in[grid]
	case "evidence":
		return grid == "" && author == officer || in[grid]
	}
	return in[grid]
}

// What of an answer the oracle reads.
type heard struct {
	Changes []struct {
		Collection string          `json:"collection"`
		ID         string          `json:"id"`
		Seq        int64           `json:"seq"`
		Gone       bool            `json:"gone"`
		Record     json.RawMessage `json:"record"`
	} `json:"changes"`
	More    bool `json:"more"`
	Results []struct {
		ID        string          `json:"id"`
		Status    string          `json:"status"`
		Of        string          `json:"of"`
		Record    json.RawMessage `json:"record"`
		Conflicts []struct {
			Field string          `json:"field"`
			Lost  json.RawMessage `json:"lost"`
		} `json:"conflicts"`
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	} `json:"results"`
}

// judge looks at an answer before the network may spoil it.
func (w *world) judge(p *handset, path string, asked []byte, recorder *httptest.ResponseRecorder) {
	w.counts[path]++
	if recorder.Code != 200 {
		w.trace("  %d %.200s", recorder.Code, unzip(recorder.Body.Bytes()))
		w.counts[path+" "+codeOf(recorder)]++
		if recorder.Code >= 500 {
			w.fail(0, "%s to %s answered %d %s", path, p.name(), recorder.Code, unzip(recorder.Body.Bytes()))
		}
		return
	}
	var h heard
	w.must(json.Unmarshal(unzip(recorder.Body.Bytes()), &h))
	var may map[string]bool
	for _, change := range h.Changes {
		key := change.Collection + "/" + change.ID
		if may == nil {
			may = w.visible(officerID(p.officer))
		}
		if !change.Gone && !may[key] {
			w.fail(4, "an answer to %s holds %s, which he may not see", p.name(), key)
		}
		if change.Gone && may[key] {
			w.fail(3, "an answer to %s says that %s is gone, which he may see", p.name(), key)
		}
		// A tombstone of another scope may be older.
		if !change.Gone && change.Seq < p.seen[key] {
			w.fail(7, "%s heard of %s at %d, and later at %d", p.name(), key, p.seen[key], change.Seq)
		}
		p.seen[key] = max(p.seen[key], change.Seq)
	}
	for _, result := range h.Results {
		w.judgeResult(p, result.ID, result.Status, result.Of, result.Error.Code)
		m := w.ledger[result.ID]
		if m == nil {
			continue
		}
		if key := m.Collection + "/" + m.Record; len(result.Record) > 0 && string(result.Record) != "null" {
			if may == nil {
				may = w.visible(officerID(p.officer))
			}
			if !may[key] {
				w.fail(4, "the result of %s tells %s of %s, which he may not see", result.ID, p.name(), key)
			}
		}
		for _, c := range result.Conflicts {
			w.told = append(w.told, toldConflict{m.Collection, m.Record, c.Field, result.ID, c.Lost})
		}
	}
}

// judgeResult compares what is said of a mutation with what was said before.
func (w *world) judgeResult(p *handset, id, status, of, code string) {
	m := w.ledger[id]
	if m == nil {
		w.fail(2, "the server answers for %s, which nobody made", id)
		return
	}
	w.counts[status]++
	if code != "" {
		w.counts["rejected "+code]++
		w.trace("  %s n %d: %s %s", m.ID, m.N, status, code)
	}
	if code == "failed" && m.Op != "delete" || // what others require cannot be deleted
		code == "n_reused" || code == "id_taken" || code == "invalid" && m.Set["name"] != "" {
		w.fail(2, "%s of %s was rejected as %s", id, p.name(), code)
	}
	if status == "duplicate" {
		if of != m.said {
			w.fail(1, "%s is a duplicate of %q, and was %q", id, of, m.said)
		}
		return
	}
	if m.said != "" {
		w.fail(1, "%s was %s and now is %s: it was carried out twice", id, m.said, status)
	}
	m.said = status
}

func codeOf(recorder *httptest.ResponseRecorder) string {
	var said struct {
		Code string `json:"error"`
	}
	_ = json.Unmarshal(unzip(recorder.Body.Bytes()), &said)
	return said.Code
}

// isLastPage tells whether an answer is the last page of a pull.
func isLastPage(raw []byte) bool {
	var h heard
	return json.Unmarshal(unzip(raw), &h) == nil && h.Changes != nil && !h.More
}

func unzip(raw []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return raw
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		return raw
	}
	return plain
}
