package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/keep"
	"gridwalk/uploads"
)

// Redact takes the content out of the history of a record, and leaves that it
// was changed, by whom and when.
type Redact func(tx core.App, collection, record, why string) error

// ruleForget is how the proof log calls that a resident was forgotten.
const ruleForget = "forget"

// Forgetting is what becomes of all that tells about a resident.
type Forgetting struct {
	Resident string  `json:"resident"`
	Done     bool    `json:"done"` // false: nothing was changed yet
	Items    []Fated `json:"items"`
	Complete bool    `json:"complete"` // false: something stays for its legal hold

	records map[recordKey]*marked
	order   []recordKey
}

// Fated is what becomes of one record.
type Fated struct {
	Collection string    `json:"collection"`
	Record     string    `json:"record"`
	Fate       keep.Fate `json:"fate"`
	Fields     []string  `json:"fields,omitempty"` // that are emptied, or out of which the name is struck
	Basis      string    `json:"basis,omitempty"`  // why something of it stays
	Hold       string    `json:"hold,omitempty"`   // legal hold for which it stays untouched
	Why        string    `json:"why"`
}

// marked is a record on its way to its fate.
type marked struct {
	record *core.Record
	keep.Link
	unlink map[string][]string // field → ids that are taken out
	empty  []string
	texts  []string
	at     int // row of keep.Links
}

func (m *marked) changed(words []string) (fields []string) {
	for field, ids := range m.unlink {
		left := slices.DeleteFunc(m.record.GetStringSlice(field), func(id string) bool { return slices.Contains(ids, id) })
		m.record.Set(field, left)
		fields = append(fields, field)
	}
	for _, field := range m.empty {
		if m.record.Collection().Fields.GetByName(field) != nil && filled(m.record, field) {
			m.record.Set(field, nil)
			fields = append(fields, field)
		}
	}
	for _, field := range m.texts {
		was := m.record.GetString(field)
		if now := keep.Strike(was, words); now != was {
			m.record.Set(field, now)
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// errNoResident says that there is nobody to forget.
var errNoResident = errors.New("there is no such resident")

// PlanForgetting says what would become of all that tells about a resident.
// Nothing is changed.
func PlanForgetting(app core.App, resident string, now time.Time) (*Forgetting, error) {
	root, err := app.FindRecordById("residents", resident)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("forget %s: %w", resident, errNoResident)
	}
	if err != nil {
		return nil, fmt.Errorf("find the resident: %w", err)
	}
	alone, err := livesAlone(app, root)
	if err != nil {
		return nil, err
	}
	f := &Forgetting{Resident: resident, Complete: true, records: map[recordKey]*marked{}}
	f.mark(root, keep.Link{Collection: "residents", Fate: keep.Delete, Why: "asked for"}, -1, "")
	for i := 0; i < len(f.order); i++ {
		if err := f.follow(app, f.records[f.order[i]], alone); err != nil {
			return nil, err
		}
	}
	kept, err := heldNow(app, now)
	if err != nil {
		return nil, err
	}
	words := wordsOf(root)
	for _, key := range f.order {
		m := f.records[key]
		item := Fated{Collection: key.Collection, Record: key.ID, Fate: m.Fate, Basis: m.Basis, Hold: kept[key], Why: m.Why}
		if m.Fate != keep.Delete {
			item.Fields = m.changed(words)
			if len(item.Fields) == 0 {
				item.Fate = keep.Stays
			}
		}
		f.Complete = f.Complete && item.Hold == ""
		f.Items = append(f.Items, item)
	}
	return f, nil
}

// wordsOf are the words by which a text would name a resident.
func wordsOf(resident *core.Record) (words []string) {
	for _, field := range []string{"name", "phone"} {
		if word := strings.TrimSpace(resident.GetString(field)); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func livesAlone(app core.App, resident *core.Record) (bool, error) {
	others, err := app.CountRecords("residents", dbx.HashExp{"household": resident.GetString("household")})
	if err != nil {
		return false, fmt.Errorf("count the household: %w", err)
	}
	return others == 1, nil
}

// mark notes what becomes of a record; of two fates the one that erases more.
func (f *Forgetting) mark(r *core.Record, link keep.Link, row int, unlink string) {
	key := keyOf(r)
	m := f.records[key]
	if m == nil {
		m = &marked{record: r, Link: link, at: row, unlink: map[string][]string{}}
		f.records[key] = m
		f.order = append(f.order, key)
	}
	if link.Fate.Stronger(m.Fate) {
		m.Link = link
	}
	m.at = max(m.at, row)
	m.empty, m.texts = append(m.empty, link.Empty...), append(m.texts, link.Texts...)
	if unlink != "" {
		m.unlink[link.Field] = append(m.unlink[link.Field], unlink)
	}
}

// follow marks what relates to a marked record.
func (f *Forgetting) follow(app core.App, from *marked, alone bool) error {
	if from.Fate != keep.Delete && from.Fate != keep.Reduce {
		return nil
	}
	for row, link := range keep.Links() {
		if link.From != from.record.Collection().Name || link.Alone && !alone {
			continue
		}
		if _, err := app.FindCachedCollectionByNameOrId(link.Collection); err != nil {
			continue // of a part that is not installed
		}
		value := from.record.Id
		if link.By != "" {
			value = from.record.GetString(link.By)
		}
		if value == "" {
			continue
		}
		ids, err := referring(app, link.Collection, link.Field, value)
		if err != nil {
			return err
		}
		for _, id := range ids {
			r, err := app.FindRecordById(link.Collection, id)
			if err != nil {
				return fmt.Errorf("find %s %s: %w", link.Collection, id, err)
			}
			unlink := ""
			if link.Unlink {
				unlink = value
			}
			f.mark(r, link, row, unlink)
		}
	}
	return nil
}

// Forget erases what tells about a resident, but for what a legal hold keeps:
// records, their history, files, what lost or was refused, and parts of
// uploads. Phones lose it at their next contact. by is who asked for it.
func Forget(app core.App, redact Redact, resident, why, by string, now time.Time) (*Forgetting, error) {
	if strings.TrimSpace(why) == "" {
		return nil, errors.New("say why somebody is forgotten")
	}
	var f *Forgetting
	err := app.RunInTransaction(func(tx core.App) (err error) {
		if f, err = PlanForgetting(tx, resident, now); err != nil {
			return err
		}
		return f.carryOut(tx, redact, why, by, now)
	})
	if err != nil {
		return nil, err
	}
	f.Done = true
	return f, f.eraseFiles(app)
}

func (f *Forgetting) carryOut(tx core.App, redact Redact, why, by string, now time.Time) error {
	at, err := types.ParseDateTime(now)
	if err != nil {
		return fmt.Errorf("tell the time: %w", err)
	}
	words := wordsOf(f.records[f.order[0]].record)
	items := slices.Clone(f.Items)
	slices.SortStableFunc(items, func(a, b Fated) int {
		return f.records[recordKey{b.Collection, b.Record}].at - f.records[recordKey{a.Collection, a.Record}].at
	})
	var entries []keep.Entry
	for _, fate := range []keep.Fate{keep.Mask, keep.Reduce, keep.Delete} {
		for _, item := range items {
			if item.Fate != fate || item.Hold != "" {
				continue
			}
			if err := f.erase(tx, item, words); err != nil {
				return fmt.Errorf("forget %s %s: %w", item.Collection, item.Record, err)
			}
			if err := forgetPast(tx, redact, item, why, true); err != nil {
				return fmt.Errorf("forget the past of %s %s: %w", item.Collection, item.Record, err)
			}
			rule := ruleForget
			if fate != keep.Delete {
				rule += " " + string(fate)
			}
			entries = append(entries, keep.Entry{At: at.String(), Collection: item.Collection, Record: item.Record, Rule: rule, Count: 1})
		}
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.Record
	}
	if err := expireNaming(tx, ids); err != nil {
		return err
	}
	return logErased(tx, entries, why, by)
}

// erase changes or deletes one record.
func (f *Forgetting) erase(tx core.App, item Fated, words []string) error {
	r, err := tx.FindRecordById(item.Collection, item.Record)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it went with another
	}
	if err != nil {
		return err
	}
	if item.Fate == keep.Delete {
		return deleteFree(tx, r)
	}
	m := f.records[keyOf(r)]
	m.record = r
	m.changed(words)
	return tx.SaveNoValidate(r)
}

// forgetPast erases what is kept beside a record: its history, values that lost,
// and what was refused. That a mutation was refused stays, so that a phone that
// sends it again hears the same. With everywhere, what was refused of other
// records that name this one goes too.
func forgetPast(tx core.App, redact Redact, item Fated, why string, everywhere bool) error {
	about := dbx.HashExp{"collection": item.Collection, "record": item.Record}
	lost, err := tx.FindAllRecords("conflicts", about)
	if err != nil {
		return err
	}
	for _, r := range lost {
		if err := tx.Delete(r); err != nil {
			return err
		}
	}
	var named []dbx.Expression // payloads are sealed: all are read to find who they name
	if !everywhere || item.Fate != keep.Delete {
		named = append(named, about)
	}
	refused, err := tx.FindAllRecords("rejections", named...)
	if err != nil {
		return err
	}
	for _, r := range refused {
		its := r.GetString("collection") == item.Collection && r.GetString("record") == item.Record
		if !its && !strings.Contains(r.GetString("payload"), `"`+item.Record+`"`) {
			continue
		}
		r.Load(map[string]any{"payload": nil, "message": "", "status": "dismissed"})
		if err := tx.SaveNoValidate(r); err != nil {
			return err
		}
	}
	if item.Collection == "evidence" {
		if _, err := tx.NonconcurrentDB().Delete("_previews", dbx.HashExp{"evidence": item.Record}).Execute(); err != nil {
			return err
		}
	}
	if item.Collection == "care_plans" {
		// What is due by a plan has its id, and may have gone long before it.
		if err := redact(tx, "due_visits", item.Record, why); err != nil {
			return err
		}
	}
	return redact(tx, item.Collection, item.Record, why)
}

// eraseFiles removes the files of deleted records, which PocketBase removes in
// the background and a command would not wait for, and parts of uploads.
func (f *Forgetting) eraseFiles(app core.App) error {
	fsys, err := app.NewFilesystem()
	if err != nil {
		return fmt.Errorf("open storage: %w", err)
	}
	defer fsys.Close()
	var failed []error
	for _, item := range f.Items {
		if item.Fate != keep.Delete || item.Hold != "" {
			continue
		}
		r := f.records[recordKey{item.Collection, item.Record}].record
		if item.Collection != "evidence" && item.Collection != "refused_uploads" {
			continue
		}
		failed = append(failed, fsys.DeletePrefix(r.BaseFilesPath()+"/")...)
		failed = append(failed, removeParts(app, r.GetString("sha256")))
	}
	return errors.Join(failed...)
}

// removeParts removes what has arrived of a photograph.
func removeParts(app core.App, sum string) error {
	dir := filepath.Join(app.DataDir(), UploadsDir)
	if _, err := os.Stat(dir); err != nil || sum == "" {
		return nil // nothing was ever uploaded in parts
	}
	return uploads.RemoveOf(dir, sum)
}

// FinishForgetting writes the database anew, so that what was erased is no
// longer in its free pages or its log. Writers wait meanwhile.
func FinishForgetting(app core.App) error {
	if err := app.Vacuum(); err != nil {
		return fmt.Errorf("write the database anew: %w", err)
	}
	var busy, pages, moved int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA wal_checkpoint(TRUNCATE)").Row(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("empty the log of the database: %w", err)
	}
	if busy != 0 {
		return fmt.Errorf("empty the log of the database: somebody reads, %d of %d pages are moved", moved, pages)
	}
	return nil
}

var anID = regexp.MustCompile(`"[a-z0-9]{15}"`)

// bindForgotten keeps what phones still say of somebody who was forgotten out
// of what was refused: that it was is kept, not what it said.
func bindForgotten(app core.App) {
	app.OnRecordCreate("rejections", "conflicts").BindFunc(func(e *core.RecordEvent) error {
		ids := []any{e.Record.GetString("record")}
		for _, id := range anID.FindAllString(e.Record.GetString("payload"), -1) {
			ids = append(ids, strings.Trim(id, `"`))
		}
		n, err := forgotten(e.App, ids)
		if err != nil {
			return err
		}
		if n > 0 {
			e.Record.Load(map[string]any{"payload": nil, "message": "", "kept": nil, "lost": nil, "status": "dismissed"})
			if e.Record.Collection().Name == "conflicts" {
				e.Record.Set("status", "kept")
			}
		}
		return e.Next()
	})
}

func forgetRoutes(s Settings, redact Redact) []Route {
	return []Route{
		{"GET", "/api/residents/{id}/forget", forStewards(func(e *core.RequestEvent) error {
			f, err := PlanForgetting(e.App, e.Request.PathValue("id"), s.Now())
			return answerForgetting(e, f, err)
		})},
		{"POST", "/api/residents/{id}/forget", forStewards(func(e *core.RequestEvent) error {
			var asked struct{ Why string }
			if err := e.BindBody(&asked); err != nil || strings.TrimSpace(asked.Why) == "" {
				return e.BadRequestError("Say why.", nil)
			}
			f, err := Forget(e.App, redact, e.Request.PathValue("id"), asked.Why, e.Auth.Id, s.Now())
			return answerForgetting(e, f, err)
		})},
	}
}

func answerForgetting(e *core.RequestEvent, f *Forgetting, err error) error {
	switch {
	case errors.Is(err, errNoResident):
		return e.NotFoundError("There is no such resident.", nil)
	case err != nil:
		return err
	}
	return e.JSON(http.StatusOK, f)
}

// forStewards lets in superusers and who keeps watch over personal data.
func forStewards(serve func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		switch {
		case e.Auth == nil:
			return e.UnauthorizedError("Sign in first.", nil)
		case e.Auth.IsSuperuser(), isOfficer(e.Auth) && e.Auth.GetString("role") == "data_steward" && !e.Auth.GetBool("disabled"):
			return serve(e)
		}
		return e.ForbiddenError("This is for whoever keeps watch over personal data.", nil)
	}
}
