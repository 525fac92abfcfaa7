package hooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/access"
	"gridwalk/keep"
	"gridwalk/replica"
)

// ExportRead is that somebody had the content of records by an export.
type ExportRead struct {
	Reader     *core.Record
	Collection string
	Records    []string // ids
	Fields     []string
	Device     string
	How        string // export: a file was made; file: it was fetched
	Why        string
}

// NoteExport writes down who had what by an export, before he has it.
type NoteExport func(tx core.App, read ExportRead) error

// exporter gives out personal data as files: for a purpose, up to a number of
// rows, from a certain size on with a second person's approval, marked, and for
// a week.
type exporter struct {
	s    Settings
	note NoteExport
}

func bindExports(app core.App, s Settings, note NoteExport) {
	x := &exporter{s, note}
	serve(app, exportRoutes(x))
	// The file leaves by the route that counts and notes it, and by no other.
	app.OnFileDownloadRequest("exports").BindFunc(func(e *core.FileDownloadRequestEvent) error {
		return e.ForbiddenError("Fetch it from /api/exports/"+e.Record.Id+"/file.", nil)
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		err := e.App.Cron().Add("gridwalk_exports", "13 * * * *", func() {
			if err := x.expire(e.App); err != nil {
				e.App.Logger().Error("Deleting old exports failed", "error", err)
			}
		})
		if err != nil {
			return fmt.Errorf("plan the expiry of exports: %w", err)
		}
		return e.Next()
	})
}

func exportRoutes(x *exporter) []Route {
	return []Route{
		{"POST", "/api/exports", forAskers(x.ask)},
		{"POST", "/api/exports/{id}/approve", forStewards(x.decide(true))},
		{"POST", "/api/exports/{id}/refuse", forStewards(x.decide(false))},
		{"GET", "/api/exports/{id}/file", forAskers(x.fetch)},
	}
}

// forAskers lets in the desk, which exports of its own grids, and superusers.
// Who keeps watch over personal data approves, and sees none of it.
func forAskers(serve func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		switch {
		case e.Auth == nil:
			return e.UnauthorizedError("Sign in first.", nil)
		case e.Auth.IsSuperuser(), isOfficer(e.Auth) && slices.Contains(access.Desk, e.Auth.GetString("role")) && !e.Auth.GetBool("disabled"):
			return serve(e)
		}
		return e.ForbiddenError("This is for the desk.", nil)
	}
}

// exportRequest is what somebody asks for.
type exportRequest struct {
	Purpose    string         `json:"purpose"`
	Collection string         `json:"collection"`
	Columns    []string       `json:"columns"` // empty: what is registered and not sensitive
	Grid       string         `json:"grid"`    // with all below it
	From       types.DateTime `json:"from"`
	Until      types.DateTime `json:"until"`
	Limit      int            `json:"limit"` // more rows are refused; 500 unless said
}

func (x *exporter) ask(e *core.RequestEvent) error {
	var asked exportRequest
	if err := e.BindBody(&asked); err != nil {
		return e.BadRequestError("The body is no JSON of an export.", nil)
	}
	if strings.TrimSpace(asked.Purpose) == "" {
		return refuse("purpose", "missing", "Say what it is for.")
	}
	sensitive, err := asked.settle(e.App, e.Auth.IsSuperuser())
	if err != nil {
		return err
	}
	r, err := x.asked(e, asked)
	if err != nil {
		return err
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		rows, err := countRows(tx, r)
		if err != nil {
			return err
		}
		if rows > r.GetInt("row_limit") {
			return refuse("limit", "too_many_rows", fmt.Sprintf("It has %d rows, and at most %d are asked for.", rows, r.GetInt("row_limit")))
		}
		sameDay, err := rowsOfDay(tx, e.Auth.Id, x.s.Now())
		if err != nil {
			return err
		}
		r.Set("rows", rows)
		if keep.NeedsSecond(rows, sameDay, sensitive) {
			r.Load(map[string]any{"second": true, "status": "asked"})
			return tx.Save(r)
		}
		return x.make(tx, r, e.Auth)
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, r)
}

// settle checks what is asked for, fills in what is left out, and tells whether
// something sensitive is among it.
func (q *exportRequest) settle(app core.App, everywhere bool) (sensitive bool, err error) {
	if !slices.Contains(replica.Collections, q.Collection) || slices.Contains(notHeld, q.Collection) {
		return false, refuse("collection", "not_exported", "It is not exported.")
	}
	collection, err := app.FindCachedCollectionByNameOrId(q.Collection)
	if err != nil {
		return false, fmt.Errorf("find collection %s: %w", q.Collection, err)
	}
	rows, err := app.FindAllRecords("field_registry", dbx.HashExp{"collection": q.Collection})
	if err != nil {
		return false, fmt.Errorf("read the register of personal data: %w", err)
	}
	register := map[string]*core.Record{}
	for _, r := range rows {
		register[r.GetString("field")] = r
		if r.GetString("visibility") == "self" {
			return false, refuse("collection", "not_exported", "It is its officer's alone.")
		}
	}
	if collection.Fields.GetByName("grid") == nil && (q.Grid != "" || !everywhere) {
		return false, refuse("collection", "not_exported", "These records are of no grid.")
	}
	if len(q.Columns) == 0 {
		for _, field := range collection.Fields {
			if r := register[field.GetName()]; r != nil && !r.GetBool("sensitive") && field.Type() != core.FieldTypeFile {
				q.Columns = append(q.Columns, field.GetName())
			}
		}
	}
	for _, name := range q.Columns {
		field, r := collection.Fields.GetByName(name), register[name]
		if field == nil || field.GetHidden() || field.Type() == core.FieldTypeFile {
			return false, refuse("columns", "not_exported", fmt.Sprintf("%.60q is not exported.", name))
		}
		sensitive = sensitive || r != nil && r.GetBool("sensitive")
	}
	q.Columns = append([]string{"id"}, slices.DeleteFunc(q.Columns, func(name string) bool { return name == "id" })...)
	if q.Grid != "" {
		if _, err := app.FindRecordById("grids", q.Grid); err != nil {
			return false, refuse("grid", "missing_record", "There is no such grid.")
		}
	}
	if q.Limit == 0 {
		q.Limit = keep.AloneRows
	}
	if q.Limit < 1 || q.Limit > mostRows {
		return false, refuse("limit", "bad_limit", fmt.Sprintf("limit is 1 to %d.", mostRows))
	}
	return sensitive, nil
}

// mostRows bounds an export, and the memory that making it takes.
const mostRows = 100000

// asked is the record of an export that is asked for.
func (x *exporter) asked(e *core.RequestEvent, q exportRequest) (*core.Record, error) {
	collection, err := e.App.FindCachedCollectionByNameOrId("exports")
	if err != nil {
		return nil, fmt.Errorf("find exports: %w", err)
	}
	r := core.NewRecord(collection)
	r.Id = core.GenerateDefaultRandomId()
	r.Load(map[string]any{"asked_by": e.Auth.Id, "purpose": q.Purpose, "collection": q.Collection, "columns": q.Columns, "grid": q.Grid,
		"from": q.From, "until": q.Until, "row_limit": q.Limit, "expires_at": asDate(x.s.Now().Add(keep.ExportLife))})
	return r, nil
}

// rowsOfDay is how many rows somebody has exported in the last day without a
// second person: what is asked for in parts is counted together.
func rowsOfDay(tx core.App, who string, now time.Time) (rows int, err error) {
	err = tx.DB().Select("COALESCE(SUM(rows), 0)").From("exports").
		Where(dbx.NewExp("asked_by = {:who} AND NOT second AND expires_at > {:since}", dbx.Params{"who": who, "since": asDate(now.Add(keep.ExportLife - 24*time.Hour))})).Row(&rows)
	if err != nil {
		return 0, fmt.Errorf("count what was exported today: %w", err)
	}
	return rows, nil
}

// selected gives the condition for the records of an export: of an officer's,
// those of the grids that he works in today.
func selected(tx core.App, r *core.Record) dbx.Expression {
	parts := []dbx.Expression{dbx.NewExp("1")}
	asker := r.GetString("asked_by")
	if _, err := tx.FindRecordById(core.CollectionNameSuperusers, asker); err != nil {
		parts = append(parts, dbx.NewExp("grid IN (SELECT grid FROM _workplaces WHERE officer = {:asker})", dbx.Params{"asker": asker}))
	}
	if grid := r.GetString("grid"); grid != "" {
		parts = append(parts, dbx.NewExp("grid IN (SELECT below.id FROM grids top JOIN grids below ON below.path >= top.path AND below.path < top.path || '~' WHERE top.id = {:grid})",
			dbx.Params{"grid": grid}))
	}
	if from := r.GetDateTime("from"); !from.IsZero() {
		parts = append(parts, dbx.NewExp("created >= {:from}", dbx.Params{"from": from.String()}))
	}
	if until := r.GetDateTime("until"); !until.IsZero() {
		parts = append(parts, dbx.NewExp("created < {:until}", dbx.Params{"until": until.String()}))
	}
	return dbx.And(parts...)
}

func countRows(tx core.App, r *core.Record) (int, error) {
	rows, err := tx.CountRecords(r.GetString("collection"), selected(tx, r))
	if err != nil {
		return 0, fmt.Errorf("count what is asked for: %w", err)
	}
	return int(rows), nil
}

// make makes the file of an approved export.
func (x *exporter) make(tx core.App, r *core.Record, reader *core.Record) error {
	var records []*core.Record
	limit := r.GetInt("row_limit")
	err := tx.RecordQuery(r.GetString("collection")).AndWhere(selected(tx, r)).OrderBy("id").Limit(int64(limit) + 1).All(&records)
	if err != nil {
		return fmt.Errorf("read what is exported: %w", err)
	}
	if len(records) > limit {
		return refuse("limit", "too_many_rows", fmt.Sprintf("By now it has more than %d rows: ask again.", limit))
	}
	columns := r.GetStringSlice("columns")
	read := ExportRead{Reader: reader, Collection: r.GetString("collection"), Fields: columns, How: "export", Why: r.GetString("purpose")}
	rows := make([][]string, len(records))
	for i, record := range records {
		read.Records = append(read.Records, record.Id)
		for _, column := range columns {
			rows[i] = append(rows[i], cellOf(record, column))
		}
	}
	mark := keep.Watermark{Export: r.Id, Who: nameOf(tx, r.GetString("asked_by")), Purpose: r.GetString("purpose"), At: x.s.Now().UTC(), Expires: x.s.Now().Add(keep.ExportLife)}
	raw, err := keep.CSV(mark, columns, rows)
	if err != nil {
		return err
	}
	file, err := filesystem.NewFileFromBytes(raw, r.GetString("collection")+".csv")
	if err != nil {
		return fmt.Errorf("make the file: %w", err)
	}
	r.Load(map[string]any{"file": file, "rows": len(rows), "status": "ready", "expires_at": asDate(mark.Expires)})
	if err := x.noteRead(tx, read); err != nil {
		return err
	}
	return tx.Save(r)
}

func (x *exporter) noteRead(tx core.App, read ExportRead) error {
	if x.note == nil {
		return nil
	}
	if err := x.note(tx, read); err != nil {
		return fmt.Errorf("note who exports: %w", err)
	}
	return nil
}

// cellOf is a field of a record as text.
func cellOf(r *core.Record, field string) string {
	switch v := r.Get(field).(type) {
	case []string:
		return strings.Join(v, "; ")
	case types.GeoPoint, types.JSONRaw:
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(raw)
	}
	return r.GetString(field)
}

// nameOf says who somebody is.
func nameOf(app core.App, id string) string {
	if officer, err := app.FindRecordById("officers", id); err == nil {
		return officer.GetString("name") + " " + id
	}
	if admin, err := app.FindRecordById(core.CollectionNameSuperusers, id); err == nil {
		return admin.Email()
	}
	return id
}

// decide approves or refuses an export, by somebody else than who asked.
func (x *exporter) decide(approve bool) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		var r *core.Record
		err := e.App.RunInTransaction(func(tx core.App) (err error) {
			if r, err = tx.FindRecordById("exports", e.Request.PathValue("id")); err != nil {
				return e.NotFoundError("There is no such export.", nil)
			}
			switch {
			case r.GetString("status") != "asked":
				return refuse("status", "not_asked", "It does not wait for an approval.")
			case r.GetString("asked_by") == e.Auth.Id:
				return refuse("approved_by", "same_person", "Somebody else than who asked must decide.")
			}
			r.Load(map[string]any{"approved_by": e.Auth.Id, "approved_at": asDate(x.s.Now()), "status": "refused"})
			if !approve {
				return tx.Save(r)
			}
			asker, err := whoAsked(tx, r)
			if err != nil {
				return err
			}
			return x.make(tx, r, asker)
		})
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, r)
	}
}

func whoAsked(tx core.App, r *core.Record) (*core.Record, error) {
	for _, collection := range []string{"officers", core.CollectionNameSuperusers} {
		if who, err := tx.FindRecordById(collection, r.GetString("asked_by")); err == nil {
			return who, nil
		}
	}
	return nil, refuse("asked_by", "missing_record", "Who asked is not here any more.")
}

// fetch gives the file to who asked for it, and counts and notes that.
func (x *exporter) fetch(e *core.RequestEvent) error {
	r, err := e.App.FindRecordById("exports", e.Request.PathValue("id"))
	if err != nil || r.GetString("asked_by") != e.Auth.Id {
		return e.NotFoundError("There is no such export of yours.", nil)
	}
	if r.GetString("status") != "ready" || r.GetDateTime("expires_at").Time().Before(x.s.Now()) {
		return e.NotFoundError("Its file is not there: it waits, was refused, or has expired.", nil)
	}
	raw, err := contentOf(e.App, r)
	if err != nil {
		return err
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		_, err := tx.NonconcurrentDB().Update("exports", dbx.Params{"downloads": dbx.NewExp("downloads + 1")}, dbx.HashExp{"id": r.Id}).Execute()
		if err != nil {
			return fmt.Errorf("count the download: %w", err)
		}
		return x.noteRead(tx, ExportRead{Reader: e.Auth, Collection: r.GetString("collection"), Records: exportedIDs(raw), Fields: r.GetStringSlice("columns"),
			Device: e.Request.Header.Get(deviceHeader), How: "file", Why: r.GetString("purpose")})
	})
	if err != nil {
		return err
	}
	e.Response.Header().Set("Content-Disposition", `attachment; filename="`+r.GetString("collection")+"-"+r.Id+`.csv"`)
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.Blob(http.StatusOK, "text/csv; charset=utf-8", raw)
}

// exportedIDs are the ids in the first column of a file, after its two lines of
// heads.
func exportedIDs(raw []byte) (ids []string) {
	for i, line := range bytes.Split(raw, []byte("\n")) {
		if id, _, ok := bytes.Cut(line, []byte(",")); ok && i > 1 && len(id) == 15 {
			ids = append(ids, string(id))
		}
	}
	return ids
}

func contentOf(app core.App, r *core.Record) ([]byte, error) {
	fsys, err := app.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	file, err := fsys.GetReader(r.BaseFilesPath() + "/" + r.GetString("file"))
	if err != nil {
		return nil, fmt.Errorf("open the export: %w", err)
	}
	defer file.Close()
	return io.ReadAll(file)
}

// expire deletes the files of exports whose time is over.
func (x *exporter) expire(app core.App) error {
	over, err := app.FindAllRecords("exports", dbx.In("status", "asked", "ready"), dbx.NewExp("expires_at < {:now}", dbx.Params{"now": asDate(x.s.Now())}))
	if err != nil {
		return fmt.Errorf("find old exports: %w", err)
	}
	var failed []error
	for _, r := range over {
		failed = append(failed, expireOne(app, r))
	}
	return errors.Join(failed...)
}

func expireOne(app core.App, r *core.Record) error {
	r.Load(map[string]any{"file": nil, "status": "expired"})
	if err := app.SaveNoValidate(r); err != nil {
		return fmt.Errorf("expire export %s: %w", r.Id, err)
	}
	return nil
}

// expireNaming expires the exports whose file names one of the records.
func expireNaming(tx core.App, ids []string) error {
	ready, err := tx.FindAllRecords("exports", dbx.HashExp{"status": "ready"})
	if err != nil {
		return fmt.Errorf("find exports: %w", err)
	}
	for _, r := range ready {
		raw, err := contentOf(tx, r)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(ids, func(id string) bool { return bytes.Contains(raw, []byte(id)) }) {
			if err := expireOne(tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}
