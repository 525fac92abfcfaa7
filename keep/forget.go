// Package keep holds the rules of what is kept of people, and how long: what
// becomes of every record that tells about a resident when he wants to be
// forgotten, when a field is past its time, and what an export carries. It
// knows nothing of PocketBase.
package keep

import "strings"

// Fate is what becomes of a record that tells about a resident who is forgotten.
type Fate string

// The fates, the one that erases most first.
const (
	Delete Fate = "delete" // the record goes, with its files and history
	Reduce Fate = "reduce" // the record stays without what tells of the resident
	Mask   Fate = "mask"   // the record stays; his name and number are struck out of its texts
	Stays  Fate = "stays"  // the record stays as it is
)

// Stronger tells whether f erases more than other.
func (f Fate) Stronger(other Fate) bool { return rank[f] > rank[other] }

var rank = map[Fate]int{"": 0, Stays: 1, Mask: 2, Reduce: 3, Delete: 4}

// Link leads from a record of From to records of Collection: those of which
// Field holds the value of By, its id unless said.
type Link struct {
	From, By          string
	Collection, Field string
	Alone             bool // only when nobody else is of the household
	Fate              Fate
	Unlink            bool     // the value is taken out of Field
	Empty             []string // fields that are emptied when the record is reduced
	Texts             []string // fields out of which name and number are struck
	Basis             string   // of enumeration legal_basis: why something stays
	Why               string
}

var (
	homeFields = []string{"head_name", "phone", "resident_count", "tenure", "contact_pref", "no_photo", "last_visit_at"}
	saidAtDoor = []string{"wellbeing", "needs", "note", "companion", "quiet_hours_reason", "evidence", "next_due"}
)

// Links say what becomes of everything that relates to a resident. Records are
// deleted from the last row to the first, so that a row stands after those on
// which its records depend. A test fails when a relation of the schema that
// leads to a collection reached here has no row.
func Links() []Link {
	gone := func(from, collection, field, why string) Link {
		return Link{From: from, Collection: collection, Field: field, Fate: Delete, Why: why}
	}
	return []Link{
		{From: "residents", By: "household", Collection: "households", Field: "id", Alone: true, Fate: Reduce, Empty: homeFields,
			Basis: "statutory_duty", Why: "the home is a place and stays: its address, not who lived there"},
		{From: "residents", By: "household", Collection: "households", Field: "id", Fate: Mask, Texts: []string{"head_name", "phone"},
			Basis: "statutory_duty", Why: "others live there"},
		{From: "households", Collection: "residents", Field: "household", Fate: Stays, Why: "only a household without others is reached"},
		gone("residents", "consents", "subject", "it rests on him alone"),
		gone("residents", "care_plans", "resident", "it rests on his consent"),
		gone("consents", "care_plans", "consent", "it rests on his consent"),
		gone("care_plans", "due_visits", "plan", "it follows from his plan"),
		gone("residents", "due_visits", "resident", "it follows from his plan"),
		gone("households", "due_visits", "household", "it follows from a plan"),
		gone("consents", "sensors", "consent", "his meter is read with his consent only"),
		gone("households", "sensors", "household", "nobody is left who agreed"),
		gone("sensors", "sensor_readings", "sensor", "his meter is read with his consent only"),
		gone("sensors", "alerts", "sensor", "it comes from his meter"),
		gone("households", "alerts", "household", "it was about him"),
		{From: "residents", Collection: "visits", Field: "residents", Fate: Reduce, Unlink: true, Empty: saidAtDoor,
			Basis: "statutory_duty", Why: "that an officer was at the door stays, without whom he met and what was said"},
		{From: "households", Collection: "visits", Field: "household", Fate: Reduce, Empty: saidAtDoor,
			Basis: "statutory_duty", Why: "that an officer was at the door stays, without whom he met and what was said"},
		{From: "visits", Collection: "visits", Field: "corrects", Fate: Reduce, Empty: saidAtDoor,
			Basis: "statutory_duty", Why: "as the visit that it corrects"},
		{From: "households", Collection: "check_ins", Field: "target", Fate: Reduce, Empty: []string{"note"},
			Basis: "statutory_duty", Why: "that an officer was there stays"},
		{From: "residents", Collection: "matter_parties", Field: "resident", Fate: Reduce, Unlink: true, Empty: []string{"name", "phone"},
			Basis: "statutory_duty", Why: "the matter stays, and its party becomes anonymous"},
		{From: "matter_parties", By: "matter", Collection: "matters", Field: "id", Fate: Mask, Texts: []string{"title", "place_zh", "result", "reason"},
			Basis: "statutory_duty", Why: "what was asked of the office, and what it did, stays"},
		{From: "matter_parties", By: "matter", Collection: "matter_events", Field: "matter", Fate: Mask, Texts: []string{"reason"},
			Basis: "statutory_duty", Why: "what the office did stays"},
		{From: "matter_parties", By: "matter", Collection: "survey_responses", Field: "matter", Fate: Mask, Texts: []string{"note"},
			Basis: "statutory_duty", Why: "an answer without a name stays"},
		{From: "matter_parties", By: "matter", Collection: "whistles", Field: "matter", Fate: Mask, Texts: []string{"subject", "place_zh", "result", "reason"},
			Basis: "statutory_duty", Why: "what the office did stays"},
		gone("residents", "errands", "resident", "it was run for him"),
		gone("errands", "errand_items", "errand", "it was run for him"),
		gone("errands", "custody_steps", "errand", "his papers were handed over"),
		gone("errand_items", "custody_steps", "item", "his papers were handed over"),
		gone("residents", "order_recipients", "resident", "the service stays, without whom it was for"),
		{From: "order_recipients", By: "order", Collection: "order_claims", Field: "order", Fate: Reduce, Empty: []string{"recipient", "thanks_note"},
			Basis: "statutory_duty", Why: "the service stays, without whom it was for"},
		gone("consents", "evidence", "consent", "he agreed to the photograph"),
		gone("visits", "evidence", "owner_id", "taken at his door"),
		gone("check_ins", "evidence", "owner_id", "taken at his door"),
		gone("errands", "evidence", "owner_id", "of his papers"),
		gone("alerts", "evidence", "owner_id", "taken at his door"),
		gone("evidence", "evidence", "preview_of", "shows the same"),
		{From: "evidence", By: "preview_of", Collection: "evidence", Field: "id", Fate: Delete, Why: "shows the same"},
		{From: "evidence", By: "sha256", Collection: "refused_uploads", Field: "sha256", Fate: Delete, Why: "may be the same photograph"},
		{From: "evidence", Collection: "visits", Field: "evidence", Fate: Mask, Unlink: true, Basis: "statutory_duty", Why: "stays without the photograph"},
		{From: "evidence", Collection: "check_ins", Field: "evidence", Fate: Mask, Unlink: true, Basis: "statutory_duty", Why: "stays without the photograph"},
		{From: "evidence", Collection: "matters", Field: "evidence", Fate: Mask, Unlink: true, Basis: "statutory_duty", Why: "stays without the photograph"},
		{From: "residents", Collection: "read_audit", Field: "resident", Fate: Stays, Basis: "statutory_duty", Why: "who looked at the record is proof for him; it holds ids and no content"},
	}
}

// Struck stands where a name or a number was.
const Struck = "□□"

// Strike puts Struck for every one of words in text; of a text that is nothing
// else, nothing is left. Words of fewer than two characters are left: they stand
// in other words too.
func Strike(text string, words []string) string {
	for _, word := range words {
		if text == word {
			return ""
		}
		if len([]rune(word)) > 1 {
			text = strings.ReplaceAll(text, word, Struck)
		}
	}
	return text
}
