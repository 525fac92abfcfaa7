package hooks

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/keep"
	"gridwalk/replica"
)

// held are the records under legal hold, by the id of their hold.
type held map[recordKey]string

type recordKey struct{ Collection, ID string }

func keyOf(r *core.Record) recordKey { return recordKey{r.Collection().Name, r.Id} }

// notHeld are collections whose records so much relates to that a hold on one
// would hold everything.
var notHeld = []string{"regions", "grids", "organizations", "officers", "devices", "dict", "buildings"}

// holdChecked marks a record of which is known that it is not held: a purge asks
// once for all.
const holdChecked = "@gridwalk.holdChecked"

// flagged stands for the flag legal_hold of a photograph.
const flagged = "evidence.legal_hold"

// deleteFree deletes a record that is not held.
func deleteFree(tx core.App, r *core.Record) error {
	r.SetRaw(holdChecked, true)
	return tx.Delete(r)
}

// bindHolds has nobody delete what is under legal hold, by whichever door, and
// nobody delete a hold: it is ended.
func bindHolds(app core.App, now func() time.Time) {
	app.OnRecordDelete().BindFunc(func(e *core.RecordEvent) error {
		if e.Record.Collection().Name == "legal_holds" {
			return refuse("until", "append_only", "A hold is ended, not deleted.")
		}
		if e.Record.GetRaw(holdChecked) == true {
			return e.Next()
		}
		kept, err := holdsNow(e.App, now())
		if err != nil {
			return err
		}
		hold := kept[keyOf(e.Record)]
		if hold == "" && e.Record.Collection().Name == "evidence" && e.Record.GetBool("legal_hold") {
			hold = flagged
		}
		if hold != "" {
			return underHold(hold)
		}
		return e.Next()
	})
	check := func(e *core.RecordEvent) error {
		r := e.Record
		onRecord := r.GetString("collection") != "" && r.GetString("record") != ""
		switch {
		case onRecord == (r.GetString("resident") != ""):
			return refuse("record", "bad_target", "Name either a collection and a record, or a resident.")
		case onRecord && slices.Contains(notHeld, r.GetString("collection")):
			return refuse("collection", "bad_target", "So much relates to it that everything would be held.")
		case onRecord:
			if _, err := e.App.FindCachedCollectionByNameOrId(r.GetString("collection")); err != nil {
				return refuse("collection", "bad_target", "There is no such collection.")
			}
		}
		return e.Next()
	}
	app.OnRecordCreate("legal_holds").BindFunc(check)
	app.OnRecordUpdate("legal_holds").BindFunc(check)
	app.OnRecordCreateRequest("legal_holds").BindFunc(func(e *core.RecordRequestEvent) error {
		if e.Auth != nil {
			e.Record.Set("by", e.Auth.Id)
		}
		return e.Next()
	})
	app.OnRecordUpdateRequest("legal_holds").BindFunc(func(e *core.RecordRequestEvent) error {
		for _, field := range []string{"by", "collection", "record", "resident", "from"} {
			e.Record.Set(field, e.Record.Original().Get(field))
		}
		return e.Next()
	})
}

// underHold refuses by either door what a hold forbids.
func underHold(hold string) error {
	message := "It is under the legal hold " + hold + "."
	return errors.Join(
		&replica.Error{Status: 409, Code: "legal_hold", Message: message},
		apis.NewApiError(409, message, validation.Errors{"id": validation.NewError("legal_hold", message)}),
	)
}

// holdsNow gives everything that is held at a time: what holds name, all that
// relates to it, and the residents and homes that those are about.
func holdsNow(app core.App, now time.Time) (held, error) {
	holds, err := app.FindAllRecords("legal_holds", dbx.NewExp("`from` <= {:now} AND (`until` = '' OR `until` > {:now})", dbx.Params{"now": asDate(now)}))
	if err != nil {
		return nil, fmt.Errorf("find legal holds: %w", err)
	}
	if len(holds) == 0 {
		return nil, nil
	}
	links, err := relationsOf(app)
	if err != nil {
		return nil, err
	}
	kept := held{}
	var queue []recordKey
	add := func(key recordKey, hold string) {
		if kept[key] == "" {
			kept[key] = hold
			queue = append(queue, key)
		}
	}
	for _, hold := range holds {
		add(recordKey{hold.GetString("collection"), hold.GetString("record")}, hold.Id)
		if resident := hold.GetString("resident"); resident != "" {
			add(recordKey{"residents", resident}, hold.Id)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, link := range links[from.Collection] {
			ids, err := referring(app, link.Collection, link.Field, from.ID)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				add(recordKey{link.Collection, id}, kept[from])
			}
		}
	}
	return kept, kept.withPeople(app)
}

// heldNow is holdsNow with the photographs that an admin has flagged, of a pair
// both.
func heldNow(app core.App, now time.Time) (held, error) {
	kept, err := holdsNow(app, now)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = app.DB().NewQuery(`SELECT id FROM evidence WHERE legal_hold UNION SELECT same.id FROM evidence e JOIN evidence same
		ON same.created_by = e.created_by AND (same.id = e.preview_of OR same.preview_of = e.id) WHERE e.legal_hold`).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("find flagged photographs: %w", err)
	}
	if kept == nil {
		kept = held{}
	}
	for _, id := range ids {
		if key := (recordKey{"evidence", id}); kept[key] == "" {
			kept[key] = flagged
		}
	}
	return kept, nil
}

// withPeople adds the residents that held records are about, and their homes.
func (kept held) withPeople(app core.App) error {
	for _, target := range []string{"residents", "households"} {
		people, err := app.FindCachedCollectionByNameOrId(target)
		if err != nil {
			return fmt.Errorf("find collection %s: %w", target, err)
		}
		for key, hold := range maps.Clone(kept) {
			r, err := app.FindRecordById(key.Collection, key.ID)
			if errors.Is(err, sql.ErrNoRows) {
				continue // the record or its collection is gone already
			}
			if err != nil {
				return fmt.Errorf("find what is held: %w", err)
			}
			for _, field := range r.Collection().Fields {
				relation, ok := field.(*core.RelationField)
				if !ok || relation.CollectionId != people.Id {
					continue
				}
				for _, id := range r.GetStringSlice(relation.Name) {
					if about := (recordKey{target, id}); kept[about] == "" {
						kept[about] = hold
					}
				}
			}
		}
	}
	return nil
}

// relationsOf gives, for each collection, the fields of others that refer to
// it, by relation or by what package keep knows of.
func relationsOf(app core.App) (map[string][]keep.Link, error) {
	collections, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	names, links := map[string]string{}, map[string][]keep.Link{}
	for _, c := range collections {
		names[c.Id] = c.Name
	}
	for _, c := range collections {
		for _, field := range c.Fields {
			if relation, ok := field.(*core.RelationField); ok {
				target := names[relation.CollectionId]
				links[target] = append(links[target], keep.Link{From: target, Collection: c.Name, Field: relation.Name})
			}
		}
	}
	links["evidence"] = append(links["evidence"], keep.Link{From: "evidence", Collection: "evidence", Field: "preview_of"})
	for _, owner := range []string{"visits", "check_ins", "patrols", "matters", "demands", "errands", "alerts"} {
		links[owner] = append(links[owner], keep.Link{From: owner, Collection: "evidence", Field: "owner_id"})
	}
	return links, nil
}

// referring gives the ids of records of a collection whose field names id.
func referring(app core.App, collection, field, id string) (ids []string, err error) {
	col, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("find collection %s: %w", collection, err)
	}
	condition := dbx.NewExp("[["+field+"]] = {:id}", dbx.Params{"id": id})
	if multi, ok := col.Fields.GetByName(field).(core.MultiValuer); ok && multi.IsMultiple() {
		condition = dbx.NewExp("instr([["+field+"]], {:id}) > 0", dbx.Params{"id": `"` + id + `"`})
	}
	if err := app.DB().Select("id").From(collection).Where(condition).Column(&ids); err != nil {
		return nil, fmt.Errorf("find %s by %s: %w", collection, field, err)
	}
	return ids, nil
}
