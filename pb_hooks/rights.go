package hooks

import (
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
)

//go:embed rights.html
var rightsPage string

var rightsTemplate = template.Must(template.New("rights").Parse(rightsPage))

// Told is what a resident is told who asks for it: who looked at his record, or
// what is held of him.
type Told struct {
	Title    string       `json:"-"`
	English  string       `json:"-"`
	Resident string       `json:"resident"`
	Name     string       `json:"name"`
	At       string       `json:"at"` // when it was put together, in China
	Looks    []Look       `json:"looks,omitempty"`
	Held     []HeldRecord `json:"held,omitempty"`
}

// Look is one time that somebody looked.
type Look struct {
	At     string `json:"at"` // in China
	Who    string `json:"who"`
	Role   string `json:"role"`
	What   string `json:"what"`
	Fields string `json:"fields,omitempty"` // that were unmasked
	How    string `json:"how"`
	Why    string `json:"why,omitempty"`
}

// HeldRecord is one record that tells of a resident.
type HeldRecord struct {
	Collection string      `json:"collection"`
	Record     string      `json:"record"`
	Fields     []HeldField `json:"fields"`
}

// HeldField is what one field says, and why it is kept.
type HeldField struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Purpose string `json:"purpose"`
	Basis   string `json:"basis"`
	Days    int    `json:"days"`
}

// WhoLooked tells who looked at the record of a resident or of his home.
func WhoLooked(app core.App, resident string, now time.Time) (*Told, error) {
	told, r, err := toldTo(app, resident, now)
	if err != nil {
		return nil, err
	}
	told.Title, told.English = "谁查看过我的信息", "Who looked at my record"
	var rows []struct {
		At         types.DateTime `db:"at"`
		Reader     string         `db:"reader"`
		Kind       string         `db:"reader_kind"`
		Role       string         `db:"role"`
		Collection string         `db:"collection"`
		Fields     string         `db:"fields"`
		How        string         `db:"how"`
		Why        string         `db:"why"`
	}
	err = app.DB().Select("at", "reader", "reader_kind", "role", "collection", "fields", "how", "why").From("read_audit").
		Where(dbx.Or(dbx.HashExp{"resident": resident}, dbx.HashExp{"household": r.GetString("household")})).OrderBy("at", "n").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read who looked: %w", err)
	}
	names := map[string]string{}
	for _, row := range rows {
		look := Look{At: inChina(row.At), Who: readerName(app, names, row.Reader, row.Kind), Role: dict.Label("officer.role", row.Role, "zh"),
			What: row.Collection, How: row.How, Why: row.Why}
		var fields []string
		if json.Unmarshal([]byte(row.Fields), &fields) == nil {
			look.Fields = strings.Join(fields, " ")
		}
		told.Looks = append(told.Looks, look)
	}
	return told, nil
}

func readerName(app core.App, known map[string]string, id, kind string) string {
	if name, ok := known[id]; ok {
		return name
	}
	name := "系统 System"
	switch kind {
	case kindSuper:
		name = "管理员 Superuser"
	case kindOfficer:
		name = id
		if r, err := app.FindRecordById("officers", id); err == nil {
			name = r.GetString("name")
		}
	}
	known[id] = name
	return name
}

// Holds tells everything that is held of a resident: each record that forgetting
// him would touch or that must stay, with why each field is kept.
func Holds(app core.App, resident string, now time.Time) (*Told, error) {
	told, _, err := toldTo(app, resident, now)
	if err != nil {
		return nil, err
	}
	told.Title, told.English = "关于我保存了什么", "What is held of me"
	plan, err := PlanForgetting(app, resident, now)
	if err != nil {
		return nil, err
	}
	register, err := app.FindAllRecords("field_registry")
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	kept := map[string]*core.Record{}
	for _, r := range register {
		kept[r.GetString("collection")+"."+r.GetString("field")] = r
	}
	for _, key := range plan.order {
		if key.Collection == "residents" && key.ID != resident || key.Collection == "read_audit" {
			continue // of others; and who looked is the other page
		}
		r, err := app.FindRecordById(key.Collection, key.ID)
		if err != nil {
			return nil, fmt.Errorf("read %s %s: %w", key.Collection, key.ID, err)
		}
		held := HeldRecord{Collection: key.Collection, Record: key.ID}
		for _, field := range r.Collection().Fields {
			entry := kept[key.Collection+"."+field.GetName()]
			value := cellOf(r, field.GetName())
			if entry == nil || value == "" || !filled(r, field.GetName()) {
				continue
			}
			held.Fields = append(held.Fields, HeldField{field.GetName(), value, entry.GetString("purpose"),
				dict.Label("legal_basis", entry.GetString("legal_basis"), "zh"), entry.GetInt("retention_days")})
		}
		told.Held = append(told.Held, held)
	}
	return told, nil
}

func toldTo(app core.App, resident string, now time.Time) (*Told, *core.Record, error) {
	r, err := app.FindRecordById("residents", resident)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, errNoResident
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find the resident: %w", err)
	}
	at, err := types.ParseDateTime(now)
	if err != nil {
		return nil, nil, fmt.Errorf("tell the time: %w", err)
	}
	return &Told{Resident: resident, Name: r.GetString("name"), At: inChina(at)}, r, nil
}

// Page is what is told as a page of A4.
func (t *Told) Page() (string, error) {
	var page strings.Builder
	if err := rightsTemplate.Execute(&page, t); err != nil {
		return "", fmt.Errorf("print what a resident is told: %w", err)
	}
	return page.String(), nil
}

// bindRights serves what residents are told, to who answers them.
func bindRights(app core.App, s Settings, reads *readLog) { serve(app, rightsRoutes(s, reads)) }

func rightsRoutes(s Settings, reads *readLog) []Route {
	told := func(tell func(core.App, string, time.Time) (*Told, error)) func(*core.RequestEvent) error {
		return forStewards(func(e *core.RequestEvent) error {
			id := e.Request.PathValue("id")
			t, err := tell(e.App, id, s.Now())
			if errors.Is(err, errNoResident) {
				return e.NotFoundError("There is no such resident.", nil)
			}
			if err != nil {
				return err
			}
			read := reads.reader(e)
			read.Collection, read.Record, read.Resident, read.How, read.Why = "residents", id, id, readReport, t.English
			if err := reads.noteNow(read); err != nil {
				return err
			}
			if strings.Contains(e.Request.Header.Get("Accept"), "text/html") {
				page, err := t.Page()
				if err != nil {
					return err
				}
				e.Response.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
				return e.HTML(http.StatusOK, page)
			}
			return e.JSON(http.StatusOK, t)
		})
	}
	return []Route{
		{"GET", "/api/residents/{id}/looks", told(WhoLooked)},
		{"GET", "/api/residents/{id}/held", told(Holds)},
	}
}
