package hooks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/seal"
	"gridwalk/sealed"
)

// bindSealing keeps what is said of people sealed in the database, and masked
// in the dashboard.
func bindSealing(app core.App, s Settings, reads *readLog) {
	sealed.Bind(app, s.Master)
	if s.NoSealing {
		sealed.LeavePlain(app)
	}
	for collection := range words {
		app.OnRecordCreate(collection).BindFunc(setWord)
		app.OnRecordUpdate(collection).BindFunc(setWord)
	}
	app.OnRecordEnrich().BindFunc(func(e *core.RecordEnrichEvent) error {
		if auth := e.RequestInfo.Auth; auth != nil && auth.IsSuperuser() {
			maskRecord(e.App, e.Record)
		}
		return e.Next()
	})
	app.Cron().MustAdd("gridwalk_keys", "* * * * *", func() {
		if err := sealed.Refresh(app); err != nil {
			app.Logger().Error("New data keys cannot be read", "error", err)
		}
	})
	serve(app, sealingRoutes(reads))
}

func sealingRoutes(reads *readLog) []Route {
	return []Route{
		{"POST", "/api/unmask", forSuperusers(func(e *core.RequestEvent) error { return unmask(e, reads) })},
		{"POST", "/api/find-phone", findPhone},
	}
}

// words name the sealed fields by which records are found, the hidden field
// that holds the word, and how a value is written for it.
var words = map[string]struct {
	field, word, kind string
	write             func(string) string
}{
	"households": {"phone", "phone_word", sealed.PhoneKind, seal.Digits},
	"residents":  {"phone", "phone_word", sealed.PhoneKind, seal.Digits},
	"sensors":    {"meter", "meter_word", sealed.MeterKind, func(meter string) string { return meter }},
}

func setWord(e *core.RecordEvent) error {
	w := words[e.Record.Collection().Name]
	e.Record.Set(w.word, sealed.RingOf(e.App).Word(w.kind, w.write(e.Record.GetString(w.field))))
	return e.Next()
}

// maskRecord puts masks in the place of what is sealed.
func maskRecord(app core.App, r *core.Record) {
	for _, field := range r.Collection().Fields {
		if sealed.Is(field) {
			r.SetRaw(field.GetName(), maskOf(app, r, field))
		}
	}
}

// maskOf is what the dashboard shows of a sealed field. Of conflicts and
// rejections it shows what is not sealed elsewhere either.
func maskOf(app core.App, r *core.Record, field core.Field) any {
	name := field.GetName()
	switch r.Collection().Name {
	case "conflicts":
		if !sealedIn(app, r.GetString("collection"), r.GetString("field")) {
			return r.Get(name)
		}
		return sealed.MaskJSON([]byte(r.GetString(name)))
	case "rejections":
		return maskPayload(app, r)
	}
	return sealed.Mask(r, field)
}

// sealedIn tells whether a field is sealed; what is not known counts as such.
func sealedIn(app core.App, collection, name string) bool {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return true
	}
	field := c.Fields.GetByName(name)
	return field == nil || sealed.Is(field)
}

// maskPayload masks the sealed fields of a rejected mutation.
func maskPayload(app core.App, rejection *core.Record) types.JSONRaw {
	raw := types.JSONRaw(rejection.GetString("payload"))
	var payload map[string]any
	if json.Unmarshal(raw, &payload) != nil {
		return sealed.MaskJSON(raw)
	}
	set, _ := payload["set"].(map[string]any)
	for name, value := range set {
		if sealedIn(app, rejection.GetString("collection"), name) {
			set[name] = sealed.MaskValue(value)
		}
	}
	masked, err := json.Marshal(payload)
	if err != nil {
		return sealed.MaskJSON(raw)
	}
	return masked
}

// restoreMasked takes a mask that comes back from a form for what it stands for.
func restoreMasked(app core.App, r *core.Record) {
	was := r.Original()
	for _, field := range r.Collection().Fields {
		name := field.GetName()
		if sealed.Is(field) && fmt.Sprint(r.Get(name)) == fmt.Sprint(maskOf(app, was, field)) {
			r.SetRaw(name, was.GetRaw(name))
		}
	}
}

// unmaskRequest asks to read what is masked.
type unmaskRequest struct {
	Collection string   `json:"collection"`
	Record     string   `json:"record"`
	Fields     []string `json:"fields"` // all sealed ones when empty
	Why        string   `json:"why"`
}

// Bounds of a reason, in characters.
const (
	shortestWhy = 4
	longestWhy  = 300
)

// unmask shows the sealed fields of one record to a superuser, who says why.
// It is written down before it is shown.
func unmask(e *core.RequestEvent, reads *readLog) error {
	var ask unmaskRequest
	if err := readJSON(e, &ask); err != nil {
		return refusal(e, err)
	}
	why := strings.TrimSpace(ask.Why)
	if n := utf8.RuneCountInString(why); n < shortestWhy || n > longestWhy {
		return refuse("why", "validation_required", fmt.Sprintf("Say why, in %d to %d characters.", shortestWhy, longestWhy))
	}
	record, err := e.App.FindRecordById(ask.Collection, ask.Record)
	if err != nil {
		return e.NotFoundError("There is no such record.", nil)
	}
	values := map[string]any{}
	for _, field := range record.Collection().Fields {
		if sealed.Is(field) && (len(ask.Fields) == 0 || slices.Contains(ask.Fields, field.GetName())) {
			values[field.GetName()] = record.Get(field.GetName())
		}
	}
	if err := reads.noteUnmasked(e, record, values, why); err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"values": values})
}

// foundByPhone is a record with a telephone number, as far as it is told apart.
type foundByPhone struct {
	Collection string `json:"collection"`
	Record     string `json:"record"`
	Grid       string `json:"grid"`
	Name       string `json:"name"`
}

// mostFound bounds how many records one number finds.
const mostFound = 100

// findPhone finds the households and residents with a telephone number among
// those that the caller may view.
func findPhone(e *core.RequestEvent) error {
	if e.Auth == nil {
		return e.UnauthorizedError("Sign in first.", nil)
	}
	var ask struct {
		Phone string `json:"phone"`
	}
	if err := readJSON(e, &ask); err != nil {
		return refusal(e, err)
	}
	word := sealed.RingOf(e.App).Word(sealed.PhoneKind, seal.Digits(ask.Phone))
	if word == "" {
		return refuse("phone", "validation_required", "Give a telephone number.")
	}
	info, err := e.RequestInfo()
	if err != nil {
		return fmt.Errorf("read request: %w", err)
	}
	found := []foundByPhone{}
	for _, collection := range []string{"households", "residents"} {
		records, err := e.App.FindRecordsByFilter(collection, "phone_word = {:word}", "id", mostFound, 0, dbx.Params{"word": word})
		if err != nil {
			return fmt.Errorf("find a telephone number: %w", err)
		}
		for _, r := range records {
			ok, err := e.App.CanAccessRecord(r, info, r.Collection().ViewRule)
			if err != nil {
				return fmt.Errorf("check access to %s %s: %w", collection, r.Id, err)
			}
			if ok {
				found = append(found, foundByPhone{collection, r.Id, r.GetString("grid"), r.GetString("name") + r.GetString("head_name")})
			}
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"found": found})
}
