package hooks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/keep"
)

// bindRetention erases every night what is past the time that the register
// gives it.
func bindRetention(app core.App, s Settings, redact Redact) {
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		err := e.App.Cron().Add("gridwalk_purge", "41 2 * * *", func() {
			erased, err := Purge(e.App, s, redact)
			if err != nil {
				e.App.Logger().Error("Erasing what is past its time failed", "erased", erased, "error", err)
				return
			}
			e.App.Logger().Info("Erased what is past its time", "count", erased)
			if err := finishOfToday(e.App, s.Now()); err != nil {
				e.App.Logger().Error("Writing the database anew failed", "error", err)
			}
		})
		if err != nil {
			return fmt.Errorf("plan the purge: %w", err)
		}
		return e.Next()
	})
}

// finishOfToday writes the database anew when somebody was forgotten since the
// night before.
func finishOfToday(app core.App, now time.Time) error {
	var n int
	err := app.DB().Select("count(*)").From("purge_log").
		Where(dbx.NewExp("rule = {:rule} AND at > {:since}", dbx.Params{"rule": ruleForget, "since": asDate(now.Add(-25 * time.Hour))})).Row(&n)
	if err != nil {
		return fmt.Errorf("look for who was forgotten: %w", err)
	}
	if n == 0 {
		return nil
	}
	return FinishForgetting(app)
}

// purger erases in batches, each in a transaction of its own: what one night
// does not finish the next one goes on with, since what is erased is no longer
// found.
type purger struct {
	app    core.App
	s      Settings
	redact Redact
	held   held
	at     types.DateTime
	erased int
}

// Purge erases what is past its time, but for what is under legal hold, and
// gives how many records it changed or deleted. What fails does not keep the
// rest from being erased.
func Purge(app core.App, s Settings, redact Redact) (int, error) {
	at, err := types.ParseDateTime(s.Now())
	if err != nil {
		return 0, fmt.Errorf("tell the time: %w", err)
	}
	p := &purger{app: app, s: s, redact: redact, at: at}
	if p.held, err = heldNow(app, s.Now()); err != nil {
		return 0, err
	}
	days, err := registered(app)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, age := range keep.Ages() {
		for _, group := range age.Groups(days[age.Collection]) {
			failed = append(failed, p.purge(age, group))
		}
	}
	failed = append(failed, p.forgetBeside(days))
	return p.erased, errors.Join(failed...)
}

// registered are the days of the register by collection and field, as an admin
// has set them.
func registered(app core.App) (map[string]map[string]int, error) {
	var rows []struct {
		Collection string `db:"collection"`
		Field      string `db:"field"`
		Days       int    `db:"retention_days"`
	}
	if err := app.DB().Select("collection", "field", "retention_days").From("field_registry").Where(dbx.NewExp("retention_days > 0")).All(&rows); err != nil {
		return nil, fmt.Errorf("read the register of personal data: %w", err)
	}
	days := map[string]map[string]int{}
	for _, row := range rows {
		if days[row.Collection] == nil {
			days[row.Collection] = map[string]int{}
		}
		days[row.Collection][row.Field] = row.Days
	}
	return days, nil
}

// erasedAtOnce bounds how long phones wait for the database.
const erasedAtOnce = 200

// purge erases one group of fields of one collection, or whole records.
func (p *purger) purge(age keep.Age, group keep.Group) error {
	query := due(age, group)
	params := dbx.Params{"before": asDate(keep.Before(p.s.Now(), group.Days)), "marked": asDate(p.s.Now().Add(-p.s.KeepMarked)), "after": "", "most": erasedAtOnce}
	if age.Plain {
		return p.purgePlain(age, group, query, params)
	}
	for {
		var ids []string
		if err := p.app.DB().NewQuery(query).Bind(params).Column(&ids); err != nil {
			return fmt.Errorf("find old %s: %w", age.Collection, err)
		}
		if len(ids) == 0 {
			return nil
		}
		params["after"] = ids[len(ids)-1]
		ids = slices.DeleteFunc(ids, func(id string) bool { return p.held[recordKey{age.Collection, id}] != "" })
		if err := p.batch(age, group, ids); err != nil {
			// One of them cannot go, such as one that a held record needs.
			for _, id := range ids {
				if err := p.batch(age, group, []string{id}); err != nil {
					p.app.Logger().Warn("A record is past its time and could not be erased", "collection", age.Collection, "record", id, "error", err)
				}
			}
		}
	}
}

// due finds records of which a group of fields is past its time and not empty.
func due(age keep.Age, group keep.Group) string {
	date, over := age.Date, age.Over
	if over == "" {
		over = "1"
	}
	if parent := age.Parent[1]; parent != "" {
		of := keep.Ages()[slices.IndexFunc(keep.Ages(), func(a keep.Age) bool { return a.Collection == parent })]
		under := "(SELECT %s FROM " + parent + " t WHERE t.id = r.[[" + age.Parent[0] + "]])"
		date, over = fmt.Sprintf(under, of.Date), fmt.Sprintf(under, of.Over)
	}
	alias := "t"
	if age.Parent[1] != "" {
		alias = "r"
	}
	where := []string{date + " != ''", date + " < {:before}", over, alias + ".id > {:after}"}
	if group.Only != "" {
		where = append(where, group.Only)
	}
	var set []string
	for _, field := range group.Fields {
		set = append(set, alias+".[["+field+"]] NOT IN ('', '[]', 'null', '{}', 0, '{\"lon\":0,\"lat\":0}')")
	}
	if len(set) > 0 {
		where = append(where, "("+strings.Join(set, " OR ")+")")
	}
	return "SELECT " + alias + ".id FROM " + age.Collection + " " + alias + " WHERE " + strings.Join(where, " AND ") + " ORDER BY " + alias + ".id LIMIT {:most}"
}

// batch erases a few records in one transaction.
func (p *purger) batch(age keep.Age, group keep.Group, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var gone []*Forgetting
	err := p.app.RunInTransaction(func(tx core.App) error {
		var entries []keep.Entry
		for _, id := range ids {
			if age.Forget {
				f, err := p.forget(tx, id)
				if err != nil {
					return err
				}
				gone = append(gone, f)
				continue
			}
			if err := p.eraseOne(tx, age.Collection, id, group.Fields); err != nil {
				return fmt.Errorf("erase %s %s: %w", age.Collection, id, err)
			}
			entry := keep.Entry{At: p.at.String(), Collection: age.Collection, Record: id, Rule: "retention", Days: group.Days, Count: 1}
			if len(group.Fields) == 0 {
				entries = append(entries, entry)
			}
			for _, field := range group.Fields {
				entry.Field = field
				entries = append(entries, entry)
			}
		}
		return logErased(tx, entries, "", "")
	})
	if err != nil {
		return err
	}
	p.erased += len(ids)
	for _, f := range gone {
		err = errors.Join(err, f.eraseFiles(p.app))
	}
	return err
}

// forget has a resident forgotten who has not lived here for his time.
func (p *purger) forget(tx core.App, id string) (*Forgetting, error) {
	f, err := PlanForgetting(tx, id, p.s.Now())
	if err != nil {
		return nil, err
	}
	return f, f.carryOut(tx, p.redact, "past its time", "", p.s.Now())
}

// eraseOne deletes a record, or empties fields of it, with what is kept beside
// it.
func (p *purger) eraseOne(tx core.App, collection, id string, fields []string) error {
	r, err := tx.FindRecordById(collection, id)
	if err != nil {
		return err
	}
	item := Fated{Collection: collection, Record: id, Fate: keep.Delete}
	if len(fields) == 0 {
		if err = p.eraseProof(tx, id); err == nil {
			err = deleteFree(tx, r)
		}
	} else {
		item.Fate = keep.Reduce
		for _, field := range fields {
			r.Set(field, nil)
		}
		if collection == "evidence" && slices.Contains(fields, "file") {
			r.Load(map[string]any{"status": "erased", "status_reason": "", "erased_at": p.at, "likeness": ""})
		}
		err = tx.SaveNoValidate(r)
	}
	if err != nil {
		return err
	}
	return forgetPast(tx, p.redact, item, "past its time", false)
}

// eraseProof deletes the photographs of a record that goes.
func (p *purger) eraseProof(tx core.App, owner string) error {
	ids, err := referring(tx, "evidence", "owner_id", owner)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if p.held[recordKey{"evidence", id}] == "" {
			if err := p.eraseOne(tx, "evidence", id, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// purgePlain deletes rows by the thousand.
func (p *purger) purgePlain(age keep.Age, group keep.Group, query string, params dbx.Params) error {
	params["most"] = 50 * erasedAtOnce
	for {
		var ids []string
		if err := p.app.DB().NewQuery(query).Bind(params).Column(&ids); err != nil {
			return fmt.Errorf("find old %s: %w", age.Collection, err)
		}
		if len(ids) == 0 {
			return nil
		}
		params["after"] = ids[len(ids)-1]
		free := make([]any, 0, len(ids))
		for _, id := range ids {
			if p.held[recordKey{age.Collection, id}] == "" {
				free = append(free, id)
			}
		}
		if len(free) == 0 {
			continue
		}
		err := p.app.RunInTransaction(func(tx core.App) error {
			if _, err := tx.NonconcurrentDB().Delete(age.Collection, dbx.HashExp{"id": free}).Execute(); err != nil {
				return err
			}
			return logErased(tx, []keep.Entry{{At: p.at.String(), Collection: age.Collection, Rule: "retention", Days: group.Days, Count: len(free)}}, "", "")
		})
		if err != nil {
			return fmt.Errorf("erase old %s: %w", age.Collection, err)
		}
		p.erased += len(free)
	}
}

// forgetBeside erases what is kept of records that never came to be: rejected
// tracks, values of theirs that lost, and answers to batches of readings.
func (p *purger) forgetBeside(days map[string]map[string]int) error {
	for _, step := range []struct{ of, query string }{
		{"track_batches", "UPDATE rejections SET payload = NULL WHERE collection = 'track_batches' AND created < {:before} AND payload IS NOT NULL"},
		{"track_batches", "DELETE FROM conflicts WHERE collection = 'track_batches' AND created < {:before}"},
		{"sensor_readings", "DELETE FROM sensor_batches WHERE created < {:before}"},
	} {
		if len(days[step.of]) == 0 {
			continue
		}
		groups := keep.Age{Whole: true}.Groups(days[step.of])
		before := asDate(keep.Before(p.s.Now(), groups[len(groups)-1].Days))
		if _, err := p.app.NonconcurrentDB().NewQuery(step.query).Bind(dbx.Params{"before": before}).Execute(); err != nil {
			return fmt.Errorf("erase what is kept beside %s: %w", step.of, err)
		}
	}
	return nil
}
