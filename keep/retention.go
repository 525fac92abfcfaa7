package keep

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Age says from when the time of a collection's personal fields runs. How many
// days they are kept the register says. Conditions and dates are SQL over the
// record t.
type Age struct {
	Collection string
	Date       string            // from when the time runs; '' is never
	Over       string            // time runs only when this holds; "" is always
	Parent     [2]string         // relation and collection: date and condition are those of that record
	Whole      bool              // the record goes when the last of its fields is past its time
	Plain      bool              // rows by the million that no phone holds: deleted without a word for each
	Forget     bool              // whom it is about is forgotten, with all that relates to him
	Only       map[string]string // conditions of single fields; "0" is never
	Why        string
}

const (
	made         = "COALESCE(NULLIF(t.captured_at, ''), NULLIF(t.received_at, ''), t.created)"
	sinceOrMade  = "COALESCE(NULLIF(t.state_since, ''), t.updated)"
	closedMatter = "NOT (t.owner_type = 'matter' AND EXISTS (SELECT 1 FROM matters m WHERE m.id = t.owner_id AND m.status NOT IN ('closed', 'archived', 'merged', 'withdrawn')))"
	sameShown    = "FROM evidence same WHERE same.created_by = t.created_by AND (same.id = t.preview_of OR same.preview_of = t.id)"
	showsPerson  = "t.upload_state = 'done' AND t.status != 'processing' AND (t.contains_person OR EXISTS (SELECT 1 " + sameShown + " AND same.contains_person)) " +
		"AND NOT (t.legal_hold OR EXISTS (SELECT 1 " + sameShown + " AND same.legal_hold))"
)

// Ages is that of every collection with personal fields that age, what hangs on
// others before them, so that it goes first.
func Ages() []Age {
	ended := func(states string) string { return "t.status IN (" + states + ")" }
	under := func(collection, relation, parent, why string) Age {
		return Age{Collection: collection, Parent: [2]string{relation, parent}, Whole: true, Why: why}
	}
	return []Age{
		{Collection: "track_batches", Date: "CASE WHEN t.started_at = '' THEN t.received_at ELSE MIN(t.started_at, COALESCE(NULLIF(t.received_at, ''), t.started_at)) END",
			Over:  "(NOT EXISTS (SELECT 1 FROM patrols p WHERE p.id = t.patrol AND p.keep_points) OR MIN(COALESCE(NULLIF(t.started_at, ''), t.received_at), t.received_at) < {:marked})",
			Whole: true, Why: "from when it was walked; what its officer wants to keep, a year"},
		{Collection: "sensor_readings", Date: "t.at", Over: "t.at != (SELECT flat_since FROM sensors s WHERE s.id = t.sensor)", Whole: true, Plain: true,
			Why: "from when the meter showed it, but the one since which no water runs"},
		{Collection: "refused_uploads", Date: "t.created", Whole: true, Why: "from when it came"},
		{Collection: "evidence", Date: "COALESCE(NULLIF(t.received_at, ''), t.created)", Over: closedMatter, Why: "from when it came; not while its matter is open",
			Only: map[string]string{"file": showsPerson, "contains_person": "t.erased_at != ''", "consent": "t.erased_at != ''", "indoor": "t.erased_at != ''"}},
		{Collection: "alerts", Date: sinceOrMade, Over: ended("'resolved', 'suppressed'"), Whole: true, Why: "from when it was settled"},
		{Collection: "sensors", Date: "(SELECT c.withdrawn_at FROM consents c WHERE c.id = t.consent)", Whole: true, Why: "from when the consent was withdrawn"},
		{Collection: "check_ins", Date: made, Whole: true, Why: "from when somebody was there"},
		{Collection: "visits", Date: made, Whole: true, Why: "from the visit"},
		{Collection: "patrols", Date: "t.ended_at", Whole: true, Why: "from its end"},
		under("custody_steps", "errand", "errands", "from the end of the errand"),
		under("errand_items", "errand", "errands", "from the end of the errand"),
		{Collection: "errands", Date: sinceOrMade, Over: ended("'confirmed', 'returned'"), Whole: true, Why: "from its end"},
		under("order_claims", "order", "service_orders", "from the end of the service"),
		under("order_recipients", "order", "service_orders", "from the end of the service"),
		{Collection: "service_orders", Date: sinceOrMade, Over: ended("'confirmed', 'rated'"), Whole: true, Why: "from its end"},
		under("whistle_responses", "whistle", "whistles", "from the end of the whistle"),
		{Collection: "whistles", Date: sinceOrMade, Over: ended("'resolved', 'evaluated'"), Whole: true, Why: "from its end"},
		{Collection: "commitments", Date: sinceOrMade, Over: ended("'done', 'dropped', 'read_back'"), Whole: true, Why: "from when it was kept or dropped"},
		under("matter_parties", "matter", "matters", "from the end of the matter"),
		under("survey_responses", "matter", "matters", "from the end of the matter"),
		under("matter_events", "matter", "matters", "from the end of the matter"),
		{Collection: "matters", Date: sinceOrMade, Over: ended("'closed', 'archived', 'merged', 'withdrawn'"), Whole: true, Why: "from its end"},
		{Collection: "demands", Date: sinceOrMade, Over: ended("'merged', 'done', 'read_back'"), Whole: true, Why: "from its end"},
		under("minutes", "meeting", "meetings", "from the meeting"),
		under("agenda_items", "meeting", "meetings", "from the meeting"),
		{Collection: "meetings", Date: "t.held_at", Over: ended("'closed', 'published', 'followed_up'"), Whole: true, Why: "from when it was held"},
		{Collection: "care_plans", Date: "t.review_at", Whole: true, Why: "from the review that nobody made"},
		{Collection: "consents", Date: "t.withdrawn_at", Whole: true, Why: "from its withdrawal: until then it is what care rests on"},
		{Collection: "residents", Date: "t.updated", Over: "t.life_status != 'living'", Whole: true, Forget: true, Why: "from when the record last said that nobody lives here any more"},
		{Collection: "households", Date: "MAX(t.last_visit_at, t.updated)", Only: map[string]string{"address_zh": "0", "door_no": "0"},
			Over: "NOT EXISTS (SELECT 1 FROM residents r WHERE r.household = t.id AND r.life_status = 'living')", Why: "from the last visit to a home where nobody lives; its address is a place"},
		{Collection: "read_audit", Date: "t.at", Whole: true, Plain: true, Why: "from the reading"},
		{Collection: "steward_notices", Date: "t.updated", Whole: true, Why: "from when it was last spoken of"},
		{Collection: "enrolment_codes", Date: "t.expires_at", Whole: true, Why: "from when it stopped working"},
		{Collection: "grid_assignments", Date: "t.to_date", Whole: true, Why: "from its last day"},
		{Collection: "devices", Date: "t.last_contact_at", Over: ended("'revoked'"), Only: map[string]string{"officer": "0"}, Why: "from the last contact of a revoked device"},
	}
}

// Ageless are collections with personal fields whose time does not run.
var Ageless = map[string]string{
	"due_visits":  "go with their plan",
	"officers":    "an account stands as long as records name it",
	"legal_holds": "proof of why something was kept",
	"purge_log":   "proof of what was erased",
	"exports":     "proof of what was given out; its file goes by its own expiry",
}

// Group are fields of one collection that are past their time together.
type Group struct {
	Fields []string // nil: the whole record
	Days   int
	Only   string // further condition
}

// Groups gives what is erased of a collection after how many days, from the
// days of its fields in the register. A record that goes whole goes with the
// last of its fields.
func (a Age) Groups(days map[string]int) (groups []Group) {
	if len(days) == 0 {
		return nil
	}
	longest := slices.Max(slices.Collect(maps.Values(days)))
	if a.Whole {
		groups = append(groups, Group{Days: longest})
	}
	type kind struct {
		days int
		only string
	}
	at := map[kind]int{}
	for _, field := range slices.Sorted(maps.Keys(days)) {
		only := a.Only[field]
		if only == "0" || a.Whole && days[field] == longest {
			continue
		}
		key := kind{days[field], only}
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, Group{Days: days[field], Only: only})
		}
		groups[i].Fields = append(groups[i].Fields, field)
	}
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Compare(a.Days, b.Days) })
	return groups
}

// Before is the time before which what is kept so many days is past its time.
func Before(now time.Time, days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }
