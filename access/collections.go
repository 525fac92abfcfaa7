package access

import "slices"

// The groups of roles that rules speak of. Field roles work with residents,
// inside their grids; desk roles have a whole division.
var (
	Field  = []string{"grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"}
	Leads  = Field[1:]
	Desk   = Field[2:]
	County = []string{"county_admin"}

	cases      = []string{"dept_handler", "mediator"}
	stewards   = []string{"data_steward"}
	volunteers = []string{"volunteer"}
	staff      = slices.Concat(Field, cases, stewards, volunteers)
	everyone   = slices.Concat(staff, []string{"resident_guest"})
)

// Rules are the rules of one collection. What is not said is denied.
type Rules struct{ Read, Create, Update, Delete Rule }

// Collections are the rules of every collection.
var Collections = rules()

func rules() map[string]Rules {
	inGrid := Rule{Roles: Field, Grid: "grid"}
	// A record that hangs on a household comes without a grid or with one of the
	// caller's; the server takes the grid from the household, which the caller
	// must be able to see.
	derived := Rule{Roles: Field, Grid: "grid", GridMayBeEmpty: true}
	// Where an officer was is his own affair and that of those who answer for
	// the grid.
	whereabouts := Rule{Roles: Field, Grid: "grid", Mine: "officer", MineUnless: Leads}
	own := Rule{Roles: Field, Grid: "grid", Mine: "officer"}
	// Where he walked is the officer's alone: others see that he is on patrol,
	// and which places were passed by somebody.
	his := Rule{Roles: Field, Mine: "officer"}
	desk := Rule{Roles: Desk, Grid: "grid"}
	county := Rule{Roles: County}
	watched := Rule{Roles: Desk, Grid: "household.grid"}

	// What a department was asked to handle it sees and works on, in whichever
	// grid it lies; of residents it sees nothing.
	handled := func(unit string) Rule {
		return Rule{Roles: Field, Grid: "grid", Or: []Rule{{Roles: cases, Unit: unit}}}
	}
	// Who writes a block of minutes or makes a note mends it; nobody rewrites
	// another's.
	mine := Rule{Roles: Field, Grid: "grid", Mine: "created_by"}
	claims := Rule{Roles: Field, Grid: "grid", Or: []Rule{{Roles: volunteers, Mine: "volunteer"}}}
	all := Rule{Roles: staff}
	deskAnywhere := Rule{Roles: Desk}

	return map[string]Rules{
		"regions":        {Read: Rule{Roles: staff}, Create: county, Update: county},
		"organizations":  {Read: Rule{Roles: staff}, Create: county, Update: county},
		"dict":           {Read: Rule{Roles: staff}},
		"field_registry": {Read: Rule{Roles: slices.Concat(County, stewards)}},
		"grid_access":    {},
		"grids": {
			Read: Rule{Roles: Field, Grid: "id"},
			Create: Rule{Roles: County,
				Extra: `@request.auth.region.code != "" && region.code ~ @request.auth.region.code`},
			Update: Rule{Roles: County, Grid: "id"},
		},
		"grid_boundaries":  {Read: inGrid},
		"officers":         {Read: Rule{Roles: everyone, Mine: "id", MineUnless: Leads}},
		"grid_assignments": {Read: inGrid, Create: desk, Update: desk, Delete: desk},
		"devices": {
			Read: Rule{Roles: everyone, Mine: "officer", MineUnless: County},
			Create: Rule{Roles: slices.Concat(Field, cases, []string{"volunteer"}), Mine: "officer",
				Where: map[string]string{"status": "pending"}},
			Update: county,
		},
		"buildings":  {Read: inGrid, Create: inGrid, Update: inGrid, Delete: desk},
		"households": {Read: inGrid, Create: inGrid, Update: inGrid, Delete: desk},
		"residents":  {Read: inGrid, Create: derived, Update: inGrid, Delete: desk},
		"consents":   {Read: inGrid, Create: derived, Update: inGrid},
		"care_plans": {Read: inGrid, Create: derived, Update: inGrid},
		// A visit is mended by whoever recorded it; nobody rewrites another's.
		"visits":        {Read: inGrid, Create: derived, Update: Rule{Roles: Field, Grid: "grid", Mine: "created_by"}},
		"due_visits":    {Read: inGrid},
		"patrols":       {Read: whereabouts, Create: own, Update: own},
		"track_batches": {Read: his, Create: Rule{Roles: Field, Grid: "grid", GridMayBeEmpty: true, Mine: "officer"}},
		"coverage":      {},
		"trackers":      {},
		// A check-in is never changed: a correction is a new record.
		"check_ins": {Read: whereabouts, Create: Rule{Roles: Field, Grid: "grid", GridMayBeEmpty: true, Mine: "officer", MineMayBeEmpty: true}},
		"evidence":  {Read: inGrid, Create: derived},
		// Who has a meter under watch is told to those who look after it only.
		"sensors":          {Read: watched, Create: watched, Update: watched},
		"sensor_sources":   {Read: deskAnywhere},
		"sensor_readings":  {},
		"sensor_batches":   {},
		"alerts":           {Read: inGrid, Create: derived, Update: inGrid},
		"deadline_rules":   {Read: all, Create: county, Update: county, Delete: county},
		"work_calendar":    {Read: all, Create: county, Update: county, Delete: county},
		"matters":          {Read: handled("lead_org"), Create: inGrid, Update: handled("lead_org")},
		"matter_events":    {Read: handled("lead_org")},
		"matter_parties":   {Read: inGrid, Create: derived, Update: inGrid},
		"survey_responses": {Read: inGrid, Create: derived, Update: mine},
		"whistles": {Read: handled("lead_org"), Create: Rule{Roles: Leads, Grid: "grid", GridMayBeEmpty: true},
			Update: handled("lead_org")},
		"whistle_responses": {Read: handled("org"), Update: handled("org")},
		"meetings":          {Read: inGrid, Create: inGrid, Update: inGrid},
		"agenda_items":      {Read: inGrid, Create: derived, Update: inGrid},
		"minutes":           {Read: inGrid, Create: derived, Update: mine},
		"demands":           {Read: inGrid, Create: derived, Update: inGrid},
		"commitments":       {Read: inGrid, Create: derived, Update: inGrid},
		"service_items":     {Read: all, Create: deskAnywhere, Update: deskAnywhere},
		"materials":         {Read: all, Create: deskAnywhere, Update: deskAnywhere, Delete: deskAnywhere},
		"errands":           {Read: inGrid, Create: derived, Update: inGrid},
		"errand_items":      {Read: inGrid, Create: derived, Update: inGrid},
		"custody_steps":     {Read: inGrid, Create: derived, Update: inGrid},
		"service_orders": {Create: inGrid, Update: inGrid,
			Read: Rule{Roles: Field, Grid: "grid", Or: []Rule{{Roles: volunteers, Where: map[string]string{"audience": "volunteers"}}}}},
		"order_recipients": {Read: inGrid, Create: derived, Update: inGrid},
		"order_claims": {Read: claims, Update: claims,
			Create: Rule{Roles: slices.Concat(Field, volunteers), Mine: "volunteer", MineMayBeEmpty: true}},
		// Whose value lost is told so in the answer to his push; here those who
		// answer for the grid see it.
		"conflicts":  {Read: Rule{Roles: Leads, Grid: "grid"}},
		"rejections": {Read: Rule{Roles: everyone, Mine: "officer"}},
		// Bytes of which nobody knows what they show.
		"refused_uploads": {},
		// Who looked at what is for whom the law names to ask.
		"enrolment_codes": {},
		"read_audit":      {Read: Rule{Roles: stewards}},
		"steward_notices": {Read: Rule{Roles: stewards}, Update: Rule{Roles: stewards}},
		"legal_holds":     {Read: Rule{Roles: stewards}, Create: Rule{Roles: stewards}, Update: Rule{Roles: stewards}},
		"purge_log":       {},
		"exports":         {Read: Rule{Roles: stewards, Or: []Rule{{Roles: Desk, Mine: "asked_by"}}}},
	}
}

// ServerFields are the fields that only the server writes. What a client sends
// in them is put back to what it was.
var ServerFields = map[string][]string{
	"grids":         {"boundary_version", "boundary_from", "center", "area_m2", "path"},
	"devices":       {"last_contact_at", "seq", "approved_at", "datum_suspect", "datum_suspect_at", "residual_m"},
	"households":    {"last_visit_at", "phone_word"},
	"residents":     {"phone_word"},
	"visits":        {"receipt_no"},
	"track_batches": {"source", "count", "dropped", "jumps", "started_at", "ended_at"},
	"check_ins":     {"verdict_server", "distance_m", "reasons", "grid_found", "boundary_version", "raw", "proof_status", "proof_hash", "proof_prev"},
	"evidence": {"width", "height", "bytes", "exif_stripped", "exif_taken_at", "exif_has_place", "exif_lat", "exif_lng",
		"upload_state", "status", "status_reason", "truncated", "reasons", "legal_hold", "erased_at", "likeness"},
	"sensors": {"meter_word", "last_seen", "litres", "flat_since", "flat_litres", "unsettled", "told_at", "silent"},
	"alerts":  {"sensor", "level", "raised_at", "flat_from", "flat_to", "moved_at", "due_ack", "due_call", "due_door", "breached", "told", "state_since"},
	"matters": {"no", "scale", "due_accept", "due_first_contact", "due_feedback", "due_close", "paused", "breached", "overseen_level",
		"clock_kind", "similar", "reopen_suggested", "state_since"},
	"whistles":          {"state_since"},
	"whistle_responses": {"due_at", "breached", "overseen_level", "subject", "lead"},
	"meetings":          {"quorum_ok", "state_since"},
	"demands":           {"similar", "state_since", "breached"},
	"commitments":       {"state_since"},
	"errands":           {"due_accept", "due_pick_up", "breached", "state_since"},
	"custody_steps":     {"receipt_no"},
	"service_orders":    {"held", "audience", "due_claim", "breached", "state_since"},
	"order_claims":      {"status", "place", "recipient"},
}

// SyncedServerFields are the same for every collection that phones write.
var SyncedServerFields = []string{"received_at", "clock_skew_ms", "rev", "created_by", "client_updated_at"}
