package server

import (
	archive "archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	hooks "gridwalk/pb_hooks"
)

// world is a running server on an empty schema, with a client for it.
type world struct {
	t   *testing.T
	app *pocketbase.PocketBase
	url string
	now time.Time
	// settings changes those of the next start.
	settings func(*hooks.Settings)
	// stop ends the server that runs now.
	stop func()
	// adminToken is of a superuser, made when it is first needed.
	adminToken string
	// days counts the days of the calendar that samples took, each its own.
	days int
}

// migrated is a data directory with the schema and nothing else; making it
// takes longer than a test, so it is made once and copied.
var migrated = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gridwalk-schema-")
	if err != nil {
		return "", err
	}
	app := newApp(dir, hooks.DefaultSettings())
	if err := app.Bootstrap(); err != nil {
		return "", err
	}
	if err := app.RunAllMigrations(); err != nil {
		return "", err
	}
	return dir, app.ResetBootstrapState()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := migrated(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// newApp makes an app on dir. PocketBase reads --dir from the command line, so
// it is given there.
func newApp(dir string, s hooks.Settings) *pocketbase.PocketBase {
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"gridwalk", "--dir", dir}
	return New(s, slog.New(slog.DiscardHandler))
}

// newWorld starts a server of its own for one test.
func newWorld(t *testing.T) *world {
	t.Helper()
	template, err := migrated()
	if err != nil {
		t.Fatalf("make the schema: %v", err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
		t.Fatalf("copy the schema: %v", err)
	}
	w := &world{t: t, now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	w.start(dir)
	t.Cleanup(func() { w.stop() })
	return w
}

// start serves the data in dir.
func (w *world) start(dir string) {
	w.t.Helper()
	s := hooks.DefaultSettings()
	s.Now = func() time.Time { return w.now }
	if w.settings != nil {
		w.settings(&s)
	}
	w.app = newApp(dir, s)
	if err := w.app.Bootstrap(); err != nil {
		w.t.Fatalf("start: %v", err)
	}
	router, err := apis.NewRouter(w.app)
	if err != nil {
		w.t.Fatal(err)
	}
	event := &core.ServeEvent{App: w.app, Router: router, Server: &http.Server{}}
	var handler http.Handler
	err = w.app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		var err error
		handler, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.app.Cron().Stop() // it goes by the wall clock; tests run its jobs themselves
	server := httptest.NewServer(handler)
	w.url = server.URL
	w.stop = func() {
		server.Close()
		terminate := &core.TerminateEvent{App: w.app}
		if err := w.app.OnTerminate().Trigger(terminate, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() }); err != nil {
			w.t.Errorf("stop: %v", err)
		}
	}
}

// restart stops the server and starts a new one on the same data.
func (w *world) restart() {
	w.t.Helper()
	dir := w.app.DataDir()
	w.stop()
	w.start(dir)
}

// restoreBackup replaces the data by that of a backup, as an admin would.
func (w *world) restoreBackup(name string) {
	w.t.Helper()
	zip, err := archive.OpenReader(filepath.Join(w.app.DataDir(), "backups", name))
	if err != nil {
		w.t.Fatal(err)
	}
	defer zip.Close()
	dir := w.t.TempDir()
	if err := os.CopyFS(dir, zip); err != nil {
		w.t.Fatal(err)
	}
	w.stop()
	w.start(dir)
}

type row = map[string]any

// save makes a record past the access rules, as the dashboard would.
func (w *world) save(collection string, values row) *core.Record {
	w.t.Helper()
	col, err := w.app.FindCollectionByNameOrId(collection)
	if err != nil {
		w.t.Fatal(err)
	}
	record := core.NewRecord(col)
	record.Load(values)
	if err := w.app.Save(record); err != nil {
		w.t.Fatalf("save %s %v: %v", collection, values, err)
	}
	// What was just made does not know what it was: PocketBase fills in the
	// original when it reads.
	stored, err := w.app.FindRecordById(collection, record.Id)
	if err != nil {
		w.t.Fatal(err)
	}
	return stored
}

// first gives a record whose field has the value.
func (w *world) first(collection, field string, value any) *core.Record {
	w.t.Helper()
	record, err := w.app.FindFirstRecordByData(collection, field, value)
	if err != nil {
		w.t.Fatalf("find a record of %s: %v", collection, err)
	}
	return record
}

// officer makes an officer and signs him in.
func (w *world) officer(role string, values row) (*core.Record, string) {
	w.t.Helper()
	all := row{"email": fmt.Sprintf("%s%d@test.invalid", role, time.Now().UnixNano()), "password": "walk-the-grid", "name": role, "role": role, "verified": true}
	for k, v := range values {
		all[k] = v
	}
	record := w.save("officers", all)
	token, err := record.NewAuthToken()
	if err != nil {
		w.t.Fatal(err)
	}
	return record, token
}

// answer is what the server said.
type answer struct {
	Status int
	Body   row
	Raw    []byte
}

func (w *world) call(method, path, token string, body any) answer {
	w.t.Helper()
	var reader io.Reader
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	return w.do(method, path, token, "application/json", reader)
}

func (w *world) do(method, path, token, contentType string, body io.Reader) answer {
	w.t.Helper()
	request, err := http.NewRequest(method, w.url+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	return w.answerTo(request)
}

func (w *world) answerTo(request *http.Request) answer {
	w.t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{Status: response.StatusCode}
	if a.Raw, err = io.ReadAll(response.Body); err != nil {
		w.t.Fatal(err)
	}
	_ = json.Unmarshal(a.Raw, &a.Body)
	return a
}

// upload posts a form with one file.
func (w *world) upload(path, token string, fields map[string]string, name string, data []byte) answer {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := form.WriteField(k, v); err != nil {
			w.t.Fatal(err)
		}
	}
	if data != nil {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			w.t.Fatal(err)
		}
	}
	form.Close()
	return w.do("POST", path, token, form.FormDataContentType(), &body)
}

func records(collection string) string { return "/api/collections/" + collection + "/records" }

func (a answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Raw) }

// admin gives a token of a superuser, as the dashboard has it.
func (w *world) admin() string {
	w.t.Helper()
	if w.adminToken == "" {
		record := w.save(core.CollectionNameSuperusers, row{"email": "admin@test.invalid", "password": "walk-the-grid"})
		token, err := record.NewAuthToken()
		if err != nil {
			w.t.Fatal(err)
		}
		w.adminToken = token
	}
	return w.adminToken
}

// square is a GeoJSON polygon with its south-west corner at lng, lat and sides
// of so many degrees.
func square(lng, lat, side float64) row {
	return row{"type": "Polygon", "coordinates": [][][2]float64{{
		{lng, lat}, {lng + side, lat}, {lng + side, lat + side}, {lng, lat + side}, {lng, lat}}}}
}

// village is a division with one grid of about 1 km and what stands in it.
type village struct {
	region, grid, building, household, resident, consent, carePlan *core.Record
}

// newVillage makes a village with the given 12-digit code.
func (w *world) newVillage(code string, lng, lat float64) village {
	w.t.Helper()
	var v village
	v.region = w.save("regions", row{"code": code, "name_zh": "村" + code, "level": "village"})
	v.grid = w.save("grids", row{"grid_code": code + "001", "name_zh": "网格" + code, "kind": "basic", "level": "compound",
		"region": v.region.Id, "active": true, "boundary": square(lng, lat, 0.01)})
	v.building = w.save("buildings", row{"grid": v.grid.Id, "name": "1栋", "kind": "apartment"})
	v.household = w.save("households", row{"grid": v.grid.Id, "building": v.building.Id, "address_zh": "1栋101室"})
	v.resident = w.save("residents", row{"household": v.household.Id, "name": "演示张三", "life_status": "living"})
	v.consent = w.save("consents", row{"subject": v.resident.Id, "purpose": "care_plan", "given_by": "self", "given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
	v.carePlan = w.save("care_plans", row{"resident": v.resident.Id, "tier": "general", "cadence_days": 90, "consent": v.consent.Id, "review_at": "2027-01-01 00:00:00.000Z"})
	return v
}

// assign gives an officer a grid from the first of January on.
func (w *world) assign(officer, grid *core.Record) *core.Record {
	w.t.Helper()
	return w.save("grid_assignments", row{"grid": grid.Id, "user": officer.Id, "duty": "officer", "from_date": "2026-01-01 00:00:00.000Z"})
}
