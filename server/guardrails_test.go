package server

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/dict"
	migrations "gridwalk/pb_migrations"
	"gridwalk/sealed"
)

// ours are the collections of gridwalk, without PocketBase's own.
func ours(t *testing.T, w *world) []*core.Collection {
	t.Helper()
	all, err := w.app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(c *core.Collection) bool { return c.System })
}

// No collection and no field may rate a person or hold what must not be
// collected: domain.md §2.4 (X), §5.3.
func TestSchemaHoldsNothingThatRatesPeople(t *testing.T) {
	w := newWorld(t)
	denied := []string{"score", "rank", "quota", "points", "credit", "risk_level", "risk_person", "leaderboard", "attendance",
		"id_number", "id_card", "idcard", "nation", "ethnic", "religio", "politic", "marriage", "marital", "education",
		"employer", "income", "face", "fingerprint", "wechat", "social_account", "petition", "drug", "prisoner", "birth_date", "birthday"}
	allowed := map[string]bool{"patrols.keep_points": true}
	for _, c := range ours(t, w) {
		names := []string{c.Name}
		for _, f := range c.Fields {
			names = append(names, c.Name+"."+f.GetName())
		}
		for _, name := range names {
			for _, word := range denied {
				if strings.Contains(name, word) && !allowed[name] {
					t.Errorf("%s contains %q", name, word)
				}
			}
		}
	}
}

// Every choice that the schema offers has labels in the dictionary, and the
// collection dict says the same as package dict.
func TestEveryChoiceHasLabels(t *testing.T) {
	w := newWorld(t)
	labelled := map[string]bool{}
	for _, enum := range dict.All() {
		for _, e := range enum.Entries {
			labelled[e.Value] = true
		}
	}
	for _, c := range ours(t, w) {
		for _, f := range c.Fields {
			if choice, ok := sealed.Plain(f).(*core.SelectField); ok {
				if len(choice.Values) == 0 {
					t.Errorf("%s.%s has no values", c.Name, f.GetName())
				}
				for _, v := range choice.Values {
					if !labelled[v] {
						t.Errorf("%s.%s: %s has no label", c.Name, f.GetName(), v)
					}
				}
			}
		}
	}
	rows, err := w.app.CountRecords("dict")
	if err != nil {
		t.Fatal(err)
	}
	var want int64
	for _, enum := range dict.All() {
		want += int64(len(enum.Entries))
	}
	if rows != want {
		t.Errorf("dict holds %d entries, the package %d", rows, want)
	}
}

// notPersonal lists the fields that say nothing about a person; every other
// field must stand in the register of personal data.
var notPersonal = map[string]string{
	"*":                "id created updated grid op_id device captured_at client_updated_at received_at clock_skew_ms rev deleted_at created_by",
	"regions":          "*",
	"grids":            "*",
	"grid_boundaries":  "*",
	"grid_access":      "*",
	"organizations":    "*",
	"buildings":        "*",
	"dict":             "*",
	"field_registry":   "*",
	"conflicts":        "*",
	"enrolment_codes":  "code_word expires_at used_at device",
	"read_audit":       "collection record grid fields count household resident how n",
	"steward_notices":  "kind hour count status",
	"rejections":       "*",
	"officers":         "password tokenKey emailVisibility verified disabled",
	"grid_assignments": "duty from_date to_date",
	"devices":          "public_key approved_at model platform app_version status seq outbox_size datum_suspect datum_suspect_at residual_m",
	"households":       "building phone_word",
	"consents":         "notice_version",
	"residents":        "phone_word",
	"visits":           "patrol corrects receipt_no",
	"due_visits":       "wanted_on earliest_on fixed",
	"patrols":          "template status end_reason keep_points",
	"track_batches":    "source datum count dropped jumps",
	"coverage":         "*",
	"trackers":         "*",
	"check_ins": "proof_status proof_hash proof_prev patrol target_type acc_m datum loc_src fix_age_s mock verdict_client verdict_server reasons boundary_version " +
		"reason evidence",
	"deadline_rules": "*",
	"work_calendar":  "*",
	"service_items":  "*",
	"materials":      "*",
	"matters": "no temp_no category subcategory source priority level involved_count scale lead_org coop_orgs suggested_org due_accept " +
		"due_first_contact due_feedback due_close clock_kind paused breached overseen_level extend_days similar reopen_suggested demand " +
		"evidence public_ok status state_since merged_into",
	"matter_events":     "matter lead_org action from_status to_status stage org extend_days at",
	"matter_parties":    "matter",
	"survey_responses":  "matter status",
	"whistles":          "kind matter town lead_org coop_orgs status state_since",
	"whistle_responses": "whistle org lead due_at reported_at on_site_at breached overseen_level town_says unit_says",
	"meetings":          "place type held_at expected present_count quorum_rule quorum_ok published_at status state_since",
	"agenda_items":      "meeting position kind votes_for votes_against votes_abstain",
	"minutes":           "meeting",
	"demands":           "meeting category support_count outcome due_at breached status state_since matter merged_into similar",
	"commitments":       "meeting demand org due read_back_at status state_since",
	"errands":           "service_item promise_at due_accept due_pick_up breached status state_since",
	"errand_items":      "errand material",
	"custody_steps":     "errand receipt_no",
	"service_orders":    "kind slots when_at skills held audience due_claim breached status state_since",
	"order_recipients":  "order",
	"order_claims":      "order place status confirmed_at released_at done_at",
	"sensor_sources":    "*",
	"sensor_batches":    "*",
	"sensors":           "meter_word source kind flat_hours silent_hours last_seen unsettled silent",
	"sensor_readings":   "batch received_at oddities",
	"alerts":            "kind level due_ack due_call due_door breached told status state_since",
	"evidence":          "owner_type owner_id sha256 stage width height bytes exif_stripped exif_has_place upload_state status status_reason truncated reasons blur preview_of legal_hold erased_at likeness",
	"refused_uploads":   "device sha256 found bytes reason",
	"legal_holds":       "collection record resident reason from until",
	"exports":           "purpose collection columns from until row_limit rows second approved_at status expires_at downloads",
	"purge_log":         "n at collection field record rule days count why digest",
}

func TestEveryPersonalFieldIsRegistered(t *testing.T) {
	w := newWorld(t)
	registered := map[string]bool{}
	for _, p := range migrations.PersonalFields() {
		registered[p.Collection+"."+p.Field] = true
	}
	for _, c := range ours(t, w) {
		harmless := strings.Fields(notPersonal["*"] + " " + notPersonal[c.Name])
		for _, f := range c.Fields {
			name := c.Name + "." + f.GetName()
			if !registered[name] && !slices.Contains(harmless, f.GetName()) && !slices.Contains(harmless, "*") {
				t.Errorf("%s is neither registered nor known to say nothing about a person", name)
			}
			delete(registered, name)
		}
	}
	for name := range registered {
		t.Errorf("%s is registered, but there is no such field", name)
	}
	rows, err := w.app.CountRecords("field_registry")
	if err != nil || rows != int64(len(migrations.PersonalFields())) {
		t.Errorf("field_registry holds %d entries (%v), the code %d", rows, err, len(migrations.PersonalFields()))
	}
}

// An admin finds help in both languages under every field.
func TestEveryFieldHasHelp(t *testing.T) {
	w := newWorld(t)
	for _, c := range ours(t, w) {
		if c.IsView() {
			continue
		}
		presentable := false
		for _, f := range c.Fields {
			raw, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			var settings struct {
				Help        string
				Presentable bool
			}
			if err := json.Unmarshal(raw, &settings); err != nil {
				t.Fatal(err)
			}
			presentable = presentable || settings.Presentable
			if !f.GetSystem() && f.Type() != core.FieldTypeAutodate && !strings.Contains(settings.Help, " · ") {
				t.Errorf("%s.%s has no help in both languages: %q", c.Name, f.GetName(), settings.Help)
			}
		}
		if !presentable {
			t.Errorf("%s has no presentable field", c.Name)
		}
	}
}

// mayImport are the arrows of the house: a package may import what stands
// beside it, of ours and of PocketBase.
var mayImport = map[string][]string{
	"gridwalk":               {"gridwalk/commands", "gridwalk/server", "gridwalk/pb_hooks"},
	"gridwalk/access":        {},
	"gridwalk/numbers":       {},
	"gridwalk/care":          {},
	"gridwalk/meters":        {},
	"gridwalk/dict":          {},
	"gridwalk/keep":          {},
	"gridwalk/geo":           {},
	"gridwalk/media":         {"gridwalk/media/jpeg", "gridwalk/media/stamp"},
	"gridwalk/media/jpeg":    {},
	"gridwalk/media/stamp":   {"gridwalk/media/jpeg"},
	"gridwalk/maps":          {"gridwalk/geo"},
	"gridwalk/proof":         {},
	"gridwalk/tracker":       {"gridwalk/geo"},
	"gridwalk/merge":         {"gridwalk/workflow"},
	"gridwalk/parcel":        {},
	"gridwalk/phone":         {"gridwalk/parcel"},
	"gridwalk/sdk":           {"gridwalk/sealed", "gridwalk/merge", "gridwalk/workflow", "pocketbase"},
	"gridwalk/office":        {},
	"gridwalk/chain":         {},
	"gridwalk/seal":          {},
	"gridwalk/sealed":        {"gridwalk/seal", "pocketbase"},
	"gridwalk/web":           {},
	"gridwalk/tools/web":     {},
	"gridwalk/workflow":      {},
	"gridwalk/sim":           {"gridwalk/sealed", "gridwalk/server", "gridwalk/phone", "gridwalk/pb_hooks", "gridwalk/replica", "gridwalk/merge", "pocketbase"},
	"gridwalk/sim/day":       {},
	"gridwalk/sim/load":      {},
	"gridwalk/bench":         {"gridwalk/server", "gridwalk/demo", "gridwalk/replica", "gridwalk/pb_hooks", "pocketbase"},
	"gridwalk/bench/media":   {"gridwalk/media", "pocketbase"},
	"gridwalk/bench/geo":     {"gridwalk/geo"},
	"gridwalk/bench/sync":    {"gridwalk/bench", "gridwalk/sim/load", "gridwalk/server", "gridwalk/demo", "pocketbase"},
	"gridwalk/demo":          {"gridwalk/seal", "gridwalk/sealed", "gridwalk/care", "gridwalk/meters", "gridwalk/geo", "gridwalk/dict", "pocketbase"},
	"gridwalk/pb_migrations": {"gridwalk/sealed", "gridwalk/dict", "gridwalk/geo", "gridwalk/access", "pocketbase"},
	"gridwalk/pb_hooks":      {"gridwalk/parcel", "gridwalk/keep", "gridwalk/proof", "gridwalk/seal", "gridwalk/sealed", "gridwalk/care", "gridwalk/meters", "gridwalk/numbers", "gridwalk/workflow", "gridwalk/dict", "gridwalk/geo", "gridwalk/maps", "gridwalk/tracker", "gridwalk/media", "gridwalk/media/stamp", "gridwalk/access", "gridwalk/replica", "gridwalk/sdk", "gridwalk/uploads", "gridwalk/web", "gridwalk/office", "pocketbase"},
	"gridwalk/uploads":       {"gridwalk/access"},
	"gridwalk/replica":       {"gridwalk/chain", "gridwalk/sealed", "gridwalk/merge", "gridwalk/access", "pocketbase"},
	"gridwalk/server":        {"gridwalk/seal", "gridwalk/phone", "gridwalk/proof", "gridwalk/sealed", "gridwalk/pb_hooks", "gridwalk/pb_migrations", "pocketbase"},
	"gridwalk/commands":      {"gridwalk/keep", "gridwalk/pb_hooks", "gridwalk/seal", "gridwalk/sealed", "gridwalk/server", "gridwalk/meters", "gridwalk/dict", "gridwalk/workflow", "gridwalk/demo", "gridwalk/geo", "gridwalk/maps", "gridwalk/replica", "gridwalk/sdk", "gridwalk/sim", "gridwalk/sim/load", "pocketbase"},
}

func TestImportArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "gridwalk/...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		allowed, known := mayImport[fields[0]]
		if !known {
			t.Errorf("package %s stands in no arrow", fields[0])
			continue
		}
		for _, imported := range fields[1:] {
			if strings.HasPrefix(imported, "github.com/pocketbase/") {
				imported = "pocketbase"
			}
			if (strings.HasPrefix(imported, "gridwalk") || imported == "pocketbase") &&
				!slices.Contains(allowed, imported) && fields[0] != "gridwalk" {
				t.Errorf("%s must not import %s", fields[0], imported)
			}
		}
	}
}
