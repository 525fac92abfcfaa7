package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// The roles in the order of the columns below; nobody is a caller without a
// sign-in.
var columns = []string{"grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin",
	"dept_handler", "mediator", "data_steward", "volunteer", "resident_guest", "nobody"}

// expected says which operations each role has on records inside the grids it
// works in: r read (list and view), c create, u update, d delete. Records
// outside are covered by expectedOutside.
var expected = table(`
regions           r     r     r     r     rcu   r   r   r   r   -   -
organizations     r     r     r     r     rcu   r   r   r   r   -   -
dict              r     r     r     r     r     r   r   r   r   -   -
field_registry    -     -     -     -     r     -   -   r   -   -   -
grid_access       -     -     -     -     -     -   -   -   -   -   -
grids             r     r     r     r     rcu   -   -   -   -   -   -
grid_boundaries   r     r     r     r     r     -   -   -   -   -   -
officers          r     r     r     r     r     r   r   r   r   r   -
grid_assignments  r     r     rcud  rcud  rcud  -   -   -   -   -   -
devices           rc    rc    rc    rc    rcu   rc  rc  r   rc  r   -
buildings         rcu   rcu   rcud  rcud  rcud  -   -   -   -   -   -
households        rcu   rcu   rcud  rcud  rcud  -   -   -   -   -   -
residents         rcu   rcu   rcud  rcud  rcud  -   -   -   -   -   -
consents          rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
care_plans        rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
visits            rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
due_visits        r     r     r     r     r     -   -   -   -   -   -
patrols           rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
track_batches     rc    rc    rc    rc    rc    -   -   -   -   -   -
coverage          -     -     -     -     -     -   -   -   -   -   -
trackers          -     -     -     -     -     -   -   -   -   -   -
check_ins         rc    rc    rc    rc    rc    -   -   -   -   -   -
evidence          rc    rc    rc    rc    rc    -   -   -   -   -   -
sensors           -     -     rcu   rcu   rcu   -   -   -   -   -   -
sensor_sources    -     -     r     r     r     -   -   -   -   -   -
sensor_readings   -     -     -     -     -     -   -   -   -   -   -
sensor_batches    -     -     -     -     -     -   -   -   -   -   -
alerts            rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
deadline_rules    r     r     r     r     rcud  r   r   r   r   -   -
work_calendar     r     r     r     r     rcud  r   r   r   r   -   -
service_items     r     r     rcu   rcu   rcu   r   r   r   r   -   -
materials         r     r     rcud  rcud  rcud  r   r   r   r   -   -
matters           rcu   rcu   rcu   rcu   rcu   ru  ru  -   -   -   -
matter_events     r     r     r     r     r     r   r   -   -   -   -
matter_parties    rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
survey_responses  rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
whistles          ru    rcu   rcu   rcu   rcu   ru  ru  -   -   -   -
whistle_responses ru    ru    ru    ru    ru    ru  ru  -   -   -   -
meetings          rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
agenda_items      rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
minutes           rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
demands           rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
commitments       rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
errands           rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
errand_items      rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
custody_steps     rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
service_orders    rcu   rcu   rcu   rcu   rcu   -   -   -   r   -   -
order_recipients  rcu   rcu   rcu   rcu   rcu   -   -   -   -   -   -
order_claims      rcu   rcu   rcu   rcu   rcu   -   -   -   rcu -   -
conflicts         -     r     r     r     r     -   -   -   -   -   -
rejections        r     r     r     r     r     r   r   r   r   r   -
refused_uploads   -     -     -     -     -     -   -   -   -   -   -
enrolment_codes   -     -     -     -     -     -   -   -   -   -   -
read_audit        -     -     -     -     -     -   -   r   -   -   -
steward_notices   -     -     -     -     -     -   -   ru  -   -   -
legal_holds       -     -     -     -     -     -   -   rcu -   -   -
purge_log         -     -     -     -     -     -   -   -   -   -   -
exports           -     -     r     r     r     -   -   r   -   -   -
`)

// expectedOutside is the same for records of a grid in another county, and of
// another officer.
var expectedOutside = table(`
regions           r     r     r     r     rcu   r   r   r   r   -   -
organizations     r     r     r     r     rcu   r   r   r   r   -   -
dict              r     r     r     r     r     r   r   r   r   -   -
field_registry    -     -     -     -     r     -   -   r   -   -   -
grid_access       -     -     -     -     -     -   -   -   -   -   -
grids             -     -     -     -     -     -   -   -   -   -   -
grid_boundaries   -     -     -     -     -     -   -   -   -   -   -
officers          -     r     r     r     r     -   -   -   -   -   -
grid_assignments  -     -     -     -     -     -   -   -   -   -   -
devices           -     -     -     -     ru    -   -   -   -   -   -
buildings         -     -     -     -     -     -   -   -   -   -   -
households        -     -     -     -     -     -   -   -   -   -   -
residents         -     -     -     -     -     -   -   -   -   -   -
consents          -     -     -     -     -     -   -   -   -   -   -
care_plans        -     -     -     -     -     -   -   -   -   -   -
visits            -     -     -     -     -     -   -   -   -   -   -
due_visits        -     -     -     -     -     -   -   -   -   -   -
patrols           -     -     -     -     -     -   -   -   -   -   -
track_batches     -     -     -     -     -     -   -   -   -   -   -
coverage          -     -     -     -     -     -   -   -   -   -   -
trackers          -     -     -     -     -     -   -   -   -   -   -
check_ins         -     -     -     -     -     -   -   -   -   -   -
evidence          -     -     -     -     -     -   -   -   -   -   -
sensors           -     -     -     -     -     -   -   -   -   -   -
sensor_sources    -     -     r     r     r     -   -   -   -   -   -
sensor_readings   -     -     -     -     -     -   -   -   -   -   -
sensor_batches    -     -     -     -     -     -   -   -   -   -   -
alerts            -     -     -     -     -     -   -   -   -   -   -
deadline_rules    r     r     r     r     rcud  r   r   r   r   -   -
work_calendar     r     r     r     r     rcud  r   r   r   r   -   -
service_items     r     r     rcu   rcu   rcu   r   r   r   r   -   -
materials         r     r     rcud  rcud  rcud  r   r   r   r   -   -
matters           -     -     -     -     -     -   -   -   -   -   -
matter_events     -     -     -     -     -     -   -   -   -   -   -
matter_parties    -     -     -     -     -     -   -   -   -   -   -
survey_responses  -     -     -     -     -     -   -   -   -   -   -
whistles          -     -     -     -     -     -   -   -   -   -   -
whistle_responses -     -     -     -     -     -   -   -   -   -   -
meetings          -     -     -     -     -     -   -   -   -   -   -
agenda_items      -     -     -     -     -     -   -   -   -   -   -
minutes           -     -     -     -     -     -   -   -   -   -   -
demands           -     -     -     -     -     -   -   -   -   -   -
commitments       -     -     -     -     -     -   -   -   -   -   -
errands           -     -     -     -     -     -   -   -   -   -   -
errand_items      -     -     -     -     -     -   -   -   -   -   -
custody_steps     -     -     -     -     -     -   -   -   -   -   -
service_orders    -     -     -     -     -     -   -   -   r   -   -
order_recipients  -     -     -     -     -     -   -   -   -   -   -
order_claims      -     -     -     -     -     -   -   -   -   -   -
conflicts         -     -     -     -     -     -   -   -   -   -   -
rejections        -     -     -     -     -     -   -   -   -   -   -
refused_uploads   -     -     -     -     -     -   -   -   -   -   -
enrolment_codes   -     -     -     -     -     -   -   -   -   -   -
read_audit        -     -     -     -     -     -   -   r   -   -   -
steward_notices   -     -     -     -     -     -   -   ru  -   -   -
legal_holds       -     -     -     -     -     -   -   rcu -   -   -
purge_log         -     -     -     -     -     -   -   -   -   -   -
exports           -     -     -     -     -     -   -   r   -   -   -
`)

func table(text string) map[string]map[string]string {
	out := map[string]map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		cells := strings.Fields(line)
		row := map[string]string{}
		for i, role := range columns {
			row[role] = strings.Trim(cells[i+1], "-")
		}
		out[cells[0]] = row
	}
	return out
}

// Every role does on every collection what the tables above say, no more and
// no less, through the API that everybody uses.
func TestAccessMatrix(t *testing.T) {
	w := newWorld(t)
	county := w.save("regions", row{"code": "990101", "name_zh": "甲县", "level": "county"})
	town := w.save("regions", row{"code": "990101103", "name_zh": "甲镇", "level": "town"})
	inside := w.newVillage("990101103201", 124.10, 28.10)
	outside := w.newVillage("990202103201", 124.20, 28.20)
	stranger, _ := w.officer("grid_officer", row{"organization": w.save("organizations", row{"name": "外单位", "kind": "dept"}).Id})
	w.assign(stranger, outside.grid)

	for _, role := range columns {
		t.Run(role, func(t *testing.T) {
			w.t = t
			caller, token := caller(w, role, map[string]*core.Record{"village_admin": inside.region, "town_dispatcher": town, "county_admin": county})
			if role == "grid_officer" || role == "grid_lead" {
				w.assign(caller, inside.grid)
			}
			if caller == nil {
				caller = stranger
			}
			checkAccess(t, w, role, token, expected, newSamples(w, inside, caller))
			checkAccess(t, w, role, token, expectedOutside, newSamples(w, outside, stranger))
		})
	}
}

// A collection that was added without a row in the tables fails here.
func TestAccessMatrixNamesEveryCollection(t *testing.T) {
	w := newWorld(t)
	collections, err := w.app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range collections {
		if c.System {
			continue
		}
		if expected[c.Name] == nil || expectedOutside[c.Name] == nil {
			t.Errorf("collection %s has no row in the access tables", c.Name)
		}
	}
}

func caller(w *world, role string, regions map[string]*core.Record) (*core.Record, string) {
	if role == "nobody" {
		return nil, ""
	}
	values := row{"organization": w.save("organizations", row{"name": "单位", "kind": "dept"}).Id}
	if region := regions[role]; region != nil {
		values["region"] = region.Id
	}
	return w.officer(role, values)
}

// sample is one record of a collection, how to make another one, and a change
// to it.
type sample struct {
	existing func() *core.Record
	create   row
	change   row
}

// newSamples makes a sample of every collection in village v that belongs to
// officer o where it belongs to somebody.
func newSamples(w *world, v village, o *core.Record) map[string]sample {
	n := 0
	serial := func() int { n++; return n }
	made := func(collection string, values func() row) sample {
		fields := values()
		return sample{existing: func() *core.Record { return w.save(collection, values()) }, create: values(), change: row{}}.with(fields)
	}
	is := func(r *core.Record) func() *core.Record { return func() *core.Record { return r } }
	digits := func() string {
		return fmt.Sprintf("%03d", serial()+200+int(o.GetDateTime("created").Time().UnixNano()/1000%700))
	}
	samples := map[string]sample{
		"regions":       {is(v.region), row{"code": "99", "name_zh": "省" + digits(), "level": "province"}, row{"name_en": "changed"}},
		"organizations": made("organizations", func() row { return row{"name": "单位", "kind": "dept"} }),
		"grids": {is(v.grid), row{"grid_code": v.region.GetString("code") + digits(), "name_zh": "新", "kind": "basic", "level": "compound",
			"region": v.region.Id, "boundary": square(124, 28, 0.01)}, row{"name_zh": "改名"}},
		"officers": {is(o), row{"email": "new" + digits() + "@test.invalid", "password": "walk-the-grid", "passwordConfirm": "walk-the-grid", "name": "新", "role": "county_admin"}, row{"role": "county_admin"}},
		"grid_boundaries": made("grid_boundaries", func() row {
			return row{"grid": v.grid.Id, "version": 1, "valid_until": "2026-01-01 00:00:00.000Z", "boundary": square(124, 28, 0.01)}
		}),
		"grid_assignments": made("grid_assignments", func() row {
			return row{"grid": v.grid.Id, "user": o.Id, "duty": "part_time", "from_date": "2026-01-01 00:00:00.000Z"}
		}),
		"devices":    made("devices", func() row { return row{"officer": o.Id, "status": "pending"} }),
		"buildings":  made("buildings", func() row { return row{"grid": v.grid.Id, "name": "栋", "kind": "shop"} }),
		"households": made("households", func() row { return row{"grid": v.grid.Id, "address_zh": "室"} }),
		"residents": made("residents", func() row {
			return row{"grid": v.grid.Id, "household": v.household.Id, "name": "演示", "life_status": "living"}
		}),
		"consents": made("consents", func() row {
			return row{"grid": v.grid.Id, "subject": v.resident.Id, "purpose": "care_plan", "given_by": "self", "given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"}
		}),
		"care_plans": made("care_plans", func() row {
			return row{"grid": v.grid.Id, "resident": v.resident.Id, "tier": "key", "cadence_days": 30, "consent": v.consent.Id, "review_at": "2027-01-01 00:00:00.000Z"}
		}),
		"visits": made("visits", func() row {
			return row{"grid": v.grid.Id, "household": v.household.Id, "purpose": "routine", "mode": "door", "result": "met_ok", "created_by": o.Id}
		}),
		"patrols": made("patrols", func() row {
			return row{"grid": v.grid.Id, "officer": o.Id, "started_at": "2026-11-23 00:00:00.000Z", "created_by": o.Id}
		}),
		"track_batches": made("track_batches", func() row {
			patrol := w.save("patrols", row{"grid": v.grid.Id, "officer": o.Id, "started_at": "2026-11-23 00:00:00.000Z"})
			return row{"officer": o.Id, "patrol": patrol.Id, "track": trackOf(t0(0, 0, 0))}
		}),
		"coverage": made("coverage", func() row {
			b := w.save("buildings", row{"grid": v.grid.Id, "name": "栋", "kind": "shop"})
			return row{"place": b.Id, "last_near": "2026-11-23", "source": "visit"}
		}),
		"trackers": made("trackers", func() row {
			d := w.save("devices", row{"officer": o.Id, "status": "active"})
			return row{"device": d.Id, "secret_hash": fmt.Sprintf("%064x", serial()+int(time.Now().UnixNano()))}
		}),
		"check_ins": made("check_ins", func() row {
			return row{"grid": v.grid.Id, "officer": o.Id, "target_type": "point", "datum": "wgs84", "loc_src": "none"}
		}),
		"evidence": made("evidence", func() row {
			return row{"grid": v.grid.Id, "owner_type": "visit", "owner_id": "aaaaaaaaaaaaaaa", "sha256": strings.Repeat("a", 64)}
		}),
	}
	due := w.first("due_visits", "plan", v.carePlan.Id)
	samples["due_visits"] = sample{is(due), row{"plan": v.carePlan.Id, "resident": v.resident.Id, "household": v.household.Id, "grid": v.grid.Id,
		"tier": "key", "due_on": "2026-12-01"}, row{"due_on": "2026-12-01"}}
	addCaseSamples(w, v, o, made, samples)
	addMeterSamples(w, v, made, samples)
	samples["conflicts"] = made("conflicts", func() row {
		return row{"collection": "visits", "record": "aaaaaaaaaaaaaaa", "field": "note", "grid": v.grid.Id, "status": "open"}
	})
	samples["rejections"] = made("rejections", func() row {
		return row{"officer": o.Id, "mutation": "m" + digits() + fmt.Sprint(time.Now().UnixNano()), "code": "invalid", "status": "open"}
	})
	samples["refused_uploads"] = made("refused_uploads", func() row {
		return row{"officer": o.Id, "sha256": strings.Repeat("a", 64), "reason": "hash_mismatch"}
	})
	samples["enrolment_codes"] = made("enrolment_codes", func() row {
		return row{"code_word": newID(), "expires_at": "2027-01-01 00:00:00.000Z"}
	})
	samples["read_audit"] = made("read_audit", func() row {
		return row{"at": "2026-11-23 00:00:00.000Z", "reader": o.Id, "collection": "residents", "how": "view", "n": serial() + int(time.Now().UnixMicro())}
	})
	samples["steward_notices"] = made("steward_notices", func() row {
		return row{"kind": "many_residents", "reader": core.GenerateDefaultRandomId(), "hour": "2026-11-23 00:00:00.000Z", "status": "open"}
	})
	samples["legal_holds"] = made("legal_holds", func() row {
		return row{"collection": "visits", "record": "aaaaaaaaaaaaaaa", "reason": "案号"}
	}).changing(row{"reason": "改"})
	samples["purge_log"] = made("purge_log", func() row {
		return row{"n": serial() + int(time.Now().UnixMicro()), "at": "2026-11-23 00:00:00.000Z", "collection": "visits", "rule": "forget", "digest": strings.Repeat("a", 64)}
	})
	samples["exports"] = made("exports", func() row {
		return row{"asked_by": o.Id, "purpose": "核对", "collection": "visits", "status": "refused"}
	})
	for _, name := range []string{"dict", "field_registry", "grid_access"} {
		var first *core.Record
		if found, err := w.app.FindRecordsByFilter(name, "", "", 1, 0); err == nil && len(found) > 0 {
			first = found[0]
		}
		samples[name] = sample{existing: is(first), create: row{"id": "aaaaaaaaaaaaaaa"}, change: row{"value": "x"}}
	}
	return samples
}

// addCaseSamples adds samples of what is handled in the grid; what a department
// handles is handled by that of officer o.
func addCaseSamples(w *world, v village, o *core.Record, made func(string, func() row) sample, samples map[string]sample) {
	w.t.Helper()
	unit := o.GetString("organization")
	matter := func() row {
		return row{"grid": v.grid.Id, "title": "路灯不亮", "category": "public_facility", "subcategory": "street_lamp", "source": "officer",
			"priority": "p2_normal", "status": "reported", "lead_org": unit, "created_by": o.Id}
	}
	oneMatter := w.save("matters", matter())
	order := w.save("service_orders", row{"grid": v.grid.Id, "title": "装扶手", "kind": "chores", "slots": 100, "when_at": "2026-12-01 00:00:00.000Z", "status": "published"})
	errand := w.save("errands", row{"grid": v.grid.Id, "resident": v.resident.Id, "status": "requested"})
	item := w.save("errand_items", row{"errand": errand.Id, "name": "户口簿"})
	meeting := w.save("meetings", row{"grid": v.grid.Id, "place": "议事亭", "type": "pavilion_talk", "held_at": "2026-11-23 00:00:00.000Z", "status": "planned"})
	service := w.save("service_items", row{"name": "高龄津贴", "status": "published"})
	whistle := func() row {
		return row{"grid": v.grid.Id, "kind": "key_problem", "subject": "积水", "lead_org": unit, "status": "blown"}
	}
	for name, values := range map[string]func() row{
		"deadline_rules": func() row { return row{"stage": "close", "limit_minutes": 60, "clock_kind": "natural"} },
		"work_calendar": func() row {
			w.days++
			return row{"kind": "holiday", "day": fmt.Sprintf("%04d-10-01", 2000+w.days), "name": "国庆节"}
		},
		"matters": matter,
		"matter_events": func() row {
			return row{"matter": oneMatter.Id, "grid": v.grid.Id, "lead_org": unit, "action": "suggest_reopen", "at": "2026-11-23 00:00:00.000Z"}
		},
		"matter_parties":   func() row { return row{"matter": oneMatter.Id, "part": "reporter", "created_by": o.Id} },
		"survey_responses": func() row { return row{"matter": w.save("matters", matter()).Id, "status": "sent", "created_by": o.Id} },
		"whistles":         whistle,
		"whistle_responses": func() row {
			helper := w.save("whistles", whistle())
			if err := w.app.Delete(w.first("whistle_responses", "whistle", helper.Id)); err != nil {
				w.t.Fatal(err)
			}
			return row{"whistle": helper.Id, "org": unit}
		},
		"meetings": func() row {
			return row{"grid": v.grid.Id, "place": "议事亭", "type": "pavilion_talk", "held_at": "2026-11-23 00:00:00.000Z", "status": "planned"}
		},
		"agenda_items": func() row { return row{"meeting": meeting.Id, "title": "路灯"} },
		"minutes":      func() row { return row{"meeting": meeting.Id, "text": "记录", "created_by": o.Id} },
		"demands":      func() row { return row{"meeting": meeting.Id, "text": "修路灯", "status": "raised"} },
		"commitments": func() row {
			return row{"meeting": meeting.Id, "who": "村委会", "what": "修好", "due": "2026-12-23 00:00:00.000Z", "status": "open"}
		},
		"service_items": func() row { return row{"name": "高龄津贴", "status": "published"} },
		"materials":     func() row { return row{"service_item": service.Id, "name": "身份证明"} },
		"errands":       func() row { return row{"resident": v.resident.Id, "status": "requested"} },
		"errand_items":  func() row { return row{"errand": errand.Id, "name": "户口簿"} },
		"custody_steps": func() row { return row{"errand": errand.Id, "item": item.Id, "giver": "resident", "taker": "officer"} },
		"service_orders": func() row {
			return row{"grid": v.grid.Id, "title": "陪伴", "kind": "company", "slots": 2, "when_at": "2026-12-01 00:00:00.000Z", "status": "published"}
		},
		"order_recipients": func() row { return row{"order": order.Id, "name": "演示李四"} },
		"order_claims":     func() row { return row{"order": order.Id, "volunteer": o.Id} },
	} {
		samples[name] = made(name, values)
	}
}

// with makes a change of the first text or flag of a sample.
func (s sample) with(fields row) sample {
	for _, field := range []string{"note", "name", "address_zh", "model", "notes", "template", "scope"} {
		if _, ok := fields[field]; ok {
			s.change = row{field: "改"}
			return s
		}
	}
	s.change = row{"op_id": "changed"}
	return s
}

// changing makes another change of a sample.
func (s sample) changing(change row) sample {
	s.change = change
	return s
}

func checkAccess(t *testing.T, w *world, role, token string, want map[string]map[string]string, samples map[string]sample) {
	t.Helper()
	for _, collection := range sortedKeys(want) {
		s, ok := samples[collection]
		if !ok {
			t.Errorf("no sample of %s", collection)
			continue
		}
		record := s.existing()
		allowed := want[collection][role]
		check := func(op string, done bool, a answer) {
			t.Helper()
			if done != strings.Contains(allowed, op[:1]) {
				t.Errorf("%s %s %s: done is %v, table says %q (%s)", role, op, collection, done, allowed, a)
			}
			if !done && a.Status >= 500 {
				t.Errorf("%s %s %s: %s", role, op, collection, a)
			}
		}
		if record != nil {
			a := w.call("GET", records(collection)+`?perPage=500&filter=(id="`+record.Id+`")`, token, nil)
			check("read by list", strings.Contains(string(a.Raw), `"id":"`+record.Id+`"`), a)
			a = w.call("GET", records(collection)+"/"+record.Id, token, nil)
			check("read by view", a.Status == 200, a)
			a = w.call("PATCH", records(collection)+"/"+record.Id, token, s.change)
			check("update", a.Status == 200, a)
		}
		if collection == "evidence" {
			checkEvidenceCreate(w, token, s.create, check)
		} else {
			a := w.call("POST", records(collection), token, s.create)
			check("create", a.Status == 200, a)
			if a.Status == 200 && collection == "regions" {
				w.call("DELETE", records(collection)+"/"+fmt.Sprint(a.Body["id"]), w.admin(), nil)
			}
		}
		if record != nil && collection != "officers" && collection != "regions" && collection != "grids" {
			a := w.call("DELETE", records(collection)+"/"+record.Id, token, nil)
			check("delete", a.Status == 204, a)
		}
	}
}

func checkEvidenceCreate(w *world, token string, values row, check func(string, bool, answer)) {
	fields := map[string]string{}
	for k, v := range values {
		fields[k] = fmt.Sprint(v)
	}
	a := w.upload(records("evidence"), token, fields, "note.txt", []byte("no picture"))
	check("create", a.Status == 200, a)
}

func sortedKeys(m map[string]map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
