package merge

import (
	"maps"

	"gridwalk/workflow"
)

// Collections is the policy of every field of every synced collection. A field
// that is not here cannot be set by a phone: a new field needs a decision.
var Collections = map[string]Policies{
	"buildings": synced(Policies{
		"name":        Latest,
		"kind":        Latest,
		"point":       Latest,
		"storeys":     Latest,
		"units":       Latest,
		"hazard_tags": Union,
		"place_qr":    Office, // printed on the door plate
	}),
	"households": synced(Policies{
		"building":       Latest,
		"address_zh":     Latest,
		"door_no":        Latest,
		"head_name":      Latest,
		"phone":          Latest,
		"resident_count": Latest, // a count of people, not a counter: two corrections are not added
		"tenure":         Latest,
		"contact_pref":   Latest,
		"no_photo":       Strongest(true), // a wish to be left alone is never outvoted
		"last_visit_at":  Max,
		"phone_word":     Server,
	}),
	"residents": synced(Policies{
		"household":         Latest,
		"name":              Latest,
		"pinyin":            Server,
		"sex":               Latest,
		"birth_year":        Latest,
		"phone":             Latest,
		"relation_to_head":  Latest,
		"residency":         Latest,
		"care_tags":         Union,
		"emergency_contact": Latest,
		"phone_word":        Server,
		"dialect":           Latest,
		"life_status":       Sticky("deceased"),
	}),
	"care_plans": synced(Policies{
		"resident":       Frozen,
		"tier":           Office,
		"cadence_days":   Office,
		"methods":        Union,
		"family_contact": Latest,
		"consent":        Latest,
		"review_at":      Office,
		"notes":          Append,
	}),
	"consents": synced(Policies{
		"subject":        Frozen,
		"purpose":        Frozen,
		"scope":          Frozen,
		"given_by":       Frozen,
		"method":         Frozen,
		"given_at":       Frozen,
		"withdrawn_at":   Earliest, // a withdrawal holds from when it was first said
		"notice_version": Frozen,
	}),
	"visits": synced(Policies{
		"household":          Latest,
		"residents":          Union,
		"purpose":            Latest,
		"mode":               Latest,
		"result":             Strongest("help_called", "met_needs"),
		"wellbeing":          Latest,
		"needs":              Union,
		"evidence":           Union,
		"note":               Append,
		"minutes":            Latest,
		"companion":          Latest,
		"next_due":           Office,
		"receipt_no":         Server,
		"patrol":             Latest,
		"quiet_hours_reason": Latest,
		"corrects":           Frozen,
	}),
	"patrols": synced(Policies{
		"officer":     Frozen,
		"template":    Latest,
		"started_at":  Earliest,
		"ended_at":    Earliest, // it ends once: nobody is located longer than by any account
		"end_reason":  Strongest("manual", "auto_exit", "shift_end", "auto_time"),
		"status":      patrolFlow,
		"floors":      Sum,
		"keep_points": Latest,
		"distance_m":  Max, // it only grows; two phones do not walk twice as far
	}),
	"track_batches": synced(Policies{
		"grid":       Frozen,
		"officer":    Frozen,
		"patrol":     Frozen,
		"source":     Frozen,
		"datum":      Frozen,
		"track":      Frozen,
		"count":      Frozen,
		"dropped":    Frozen,
		"jumps":      Frozen,
		"started_at": Frozen,
		"ended_at":   Frozen,
	}),
	"check_ins": synced(Policies{
		"grid":             Frozen,
		"officer":          Frozen,
		"patrol":           Frozen,
		"target_type":      Frozen,
		"target":           Frozen,
		"lat":              Frozen,
		"lng":              Frozen,
		"acc_m":            Frozen,
		"datum":            Frozen,
		"loc_src":          Frozen,
		"fix_at":           Frozen,
		"fix_age_s":        Frozen,
		"mock":             Frozen,
		"verdict_client":   Frozen,
		"verdict_server":   Frozen,
		"distance_m":       Frozen,
		"reasons":          Frozen,
		"grid_found":       Frozen,
		"boundary_version": Frozen,
		"reason":           Frozen,
		"note":             Frozen,
		"evidence":         Frozen,
		"raw":              Frozen,
		"proof":            Frozen,
		"proof_status":     Server,
		"proof_hash":       Server,
		"proof_prev":       Server,
	}),
	"evidence": synced(Policies{
		"owner_type":      Frozen,
		"owner_id":        Frozen,
		"file":            Frozen,
		"sha256":          Frozen,
		"taken_at":        Frozen,
		"stage":           Latest,
		"width":           Frozen,
		"height":          Frozen,
		"bytes":           Frozen,
		"exif_stripped":   Frozen,
		"exif_taken_at":   Frozen,
		"exif_has_place":  Frozen,
		"exif_lat":        Frozen,
		"exif_lng":        Frozen,
		"contains_person": Frozen,
		"consent":         Latest,
		"upload_state":    Frozen,
		"status":          Frozen,
		"status_reason":   Frozen,
		"truncated":       Frozen,
		"indoor":          Frozen,
		"reasons":         Frozen,
		"blur":            Frozen,
		"preview_of":      Frozen,
		"legal_hold":      Server,
		"erased_at":       Server,
		"likeness":        Server,
	}),
	"matters": synced(Policies{
		"no":                Server,
		"temp_no":           Frozen, // what was written on the spot, so that it is found again
		"title":             Latest,
		"category":          Latest,
		"subcategory":       Latest,
		"point":             Latest,
		"place_zh":          Latest,
		"source":            Frozen,
		"priority":          Strongest("p0_emergency", "p1_urgent"), // nobody plays danger down unseen
		"level":             Latest,
		"involved_count":    Latest,
		"scale":             Server,
		"status":            matterFlow,
		"state_since":       Server,
		"owner":             Latest,
		"lead_org":          Office,
		"coop_orgs":         Union,
		"suggested_org":     Latest,
		"due_accept":        Server,
		"due_first_contact": Server,
		"due_feedback":      Server,
		"due_close":         Server,
		"clock_kind":        Server,
		"paused":            Server,
		"breached":          Server,
		"overseen_level":    Server,
		"extend_days":       Latest,
		"reason":            Latest,
		"similar":           Server,
		"reopen_suggested":  Server, // late proof is kept and a person decides; nothing reopens by itself
		"merged_into":       Latest,
		"demand":            Latest,
		"evidence":          Union,
		"result":            Append,
		"public_ok":         Strongest(false), // who would not have it shown is not outvoted
	}),
	"matter_parties": synced(Policies{
		"matter":       Frozen,
		"part":         Latest,
		"resident":     Latest,
		"name":         Latest,
		"phone":        Latest,
		"anonymous":    Strongest(true), // nor who wants to stay unnamed
		"wants_answer": Latest,
		"answered_at":  Earliest,
	}),
	"survey_responses": synced(Policies{
		"matter":       Frozen,
		"status":       Strongest("declined", "answered"),
		"solved":       Latest,
		"satisfaction": Latest,
		"note":         Append,
	}),
	"whistles": synced(Policies{
		"kind":        Frozen,
		"matter":      Frozen,
		"subject":     Latest,
		"place_zh":    Latest,
		"point":       Latest,
		"town":        Frozen,
		"lead_org":    Office,
		"coop_orgs":   Union,
		"status":      whistleFlow,
		"state_since": Server,
		"reason":      Latest,
		"result":      Append,
	}),
	"whistle_responses": synced(Policies{
		"whistle":        Frozen,
		"org":            Frozen,
		"lead":           Server,
		"subject":        Server,
		"due_at":         Server,
		"reported_at":    Earliest, // whoever of a unit came first reported it in
		"on_site_at":     Earliest,
		"breached":       Server,
		"overseen_level": Server,
		"note":           Append,
		"town_says":      Latest,
		"unit_says":      Latest,
	}),
	"meetings": synced(Policies{
		"place":         Latest,
		"type":          Latest,
		"held_at":       Latest,
		"chair":         Latest,
		"scribe":        Latest,
		"expected":      Latest,
		"present_count": Latest, // two scribes count the same people
		"quorum_rule":   Office,
		"quorum_ok":     Server,
		"closed_by":     First, // a meeting that two close was closed by the first
		"published_at":  Earliest,
		"status":        meetingFlow,
		"state_since":   Server,
		"reason":        Latest,
	}),
	"agenda_items": synced(Policies{
		"meeting":       Frozen,
		"position":      Latest,
		"title":         Latest,
		"kind":          Latest,
		"decision":      Append,
		"votes_for":     Latest,
		"votes_against": Latest,
		"votes_abstain": Latest,
	}),
	"minutes": synced(Policies{
		"meeting": Frozen,
		"text":    Append,
	}),
	"demands": synced(Policies{
		"meeting":       Frozen,
		"raised_by":     Latest,
		"text":          Append,
		"category":      Latest,
		"support_count": Sum, // two scribes note different hands
		"outcome":       Latest,
		"answer":        Append,
		"due_at":        Latest,
		"status":        demandFlow,
		"state_since":   Server,
		"reason":        Latest,
		"matter":        Latest,
		"merged_into":   Latest,
		"similar":       Server,
		"breached":      Server,
	}),
	"commitments": synced(Policies{
		"meeting":      Frozen,
		"demand":       Frozen,
		"who":          Latest,
		"org":          Latest,
		"what":         Append,
		"due":          Latest,
		"status":       commitmentFlow,
		"state_since":  Server,
		"reason":       Latest,
		"result":       Append,
		"read_back_at": Earliest,
	}),
	"errands": synced(Policies{
		"resident":     Frozen,
		"service_item": Latest,
		"what":         Append,
		"runner":       First, // one goes; the second is told who
		"promise_at":   Latest,
		"due_accept":   Server,
		"due_pick_up":  Server,
		"breached":     Server,
		"status":       errandFlow,
		"state_since":  Server,
		"reason":       Latest,
		"result":       Append,
	}),
	"errand_items": synced(Policies{
		"errand":   Frozen,
		"material": Frozen,
		"name":     Latest,
		"missing":  Latest,
	}),
	"custody_steps": synced(Policies{
		"errand":     Frozen,
		"item":       Frozen,
		"giver":      Frozen,
		"taker":      Frozen,
		"given_at":   Earliest, // each side confirms for itself, whoever syncs first
		"taken_at":   Earliest,
		"receipt_no": Server,
		"note":       Append,
	}),
	"alerts": synced(Policies{
		"kind":         Frozen,
		"level":        Server,
		"household":    Frozen,
		"sensor":       Server,
		"raised_at":    Server,
		"flat_from":    Server,
		"flat_to":      Server,
		"moved_at":     Server,
		"acked_at":     Earliest, // two acknowledge: both stay in the history, the first counts
		"acked_by":     First,
		"contacted_at": Earliest,
		"arrived_at":   Earliest,
		"due_ack":      Server,
		"due_call":     Server,
		"due_door":     Server,
		"breached":     Server,
		"told":         Server,
		"steps":        Append,
		"cause":        Strongest("deceased", "unwell"), // nobody plays down that somebody is not well
		"away_until":   Latest,
		"status":       alertFlow,
		"state_since":  Server,
		"reason":       Latest,
	}),
	"service_orders": synced(Policies{
		"title":        Latest,
		"kind":         Latest,
		"slots":        Latest,
		"when_at":      Latest,
		"skills":       Latest,
		"note":         Append,
		"held":         Server,
		"audience":     Server,
		"due_claim":    Server,
		"breached":     Server,
		"satisfaction": Latest,
		"status":       orderFlow,
		"state_since":  Server,
		"reason":       Latest,
	}),
	"order_recipients": synced(Policies{
		"order":    Frozen,
		"resident": Latest,
		"name":     Latest,
		"phone":    Latest,
		"address":  Latest,
	}),
	// A claim is a record of its own: which of them have a place is decided by
	// the server in the order of arrival, and the others wait for one.
	"order_claims": synced(Policies{
		"order":        Frozen,
		"volunteer":    Frozen,
		"org":          Latest,
		"place":        Server,
		"status":       Server,
		"confirmed_at": Earliest,
		"released_at":  Earliest,
		"done_at":      Earliest,
		"hours":        Latest,
		"thanks_note":  Append,
		"recipient":    Server,
	}),
}

// What is moved from state to state goes by its table in package workflow: a
// move that does not lead on from where a record is now becomes a conflict.
var (
	matterFlow     = flowOf(workflow.Matter)
	whistleFlow    = flowOf(workflow.Whistle)
	meetingFlow    = flowOf(workflow.Meeting)
	demandFlow     = flowOf(workflow.Demand)
	commitmentFlow = flowOf(workflow.Commitment)
	errandFlow     = flowOf(workflow.Errand)
	orderFlow      = flowOf(workflow.ServiceOrder)
	alertFlow      = flowOf(workflow.Alert)
)

func flowOf(t workflow.Table) Policy { return Flow(t.Name, t.Between) }

// patrolFlow lets a patrol start, pause and end; a patrol that has ended stays
// so, whatever a phone that was offline says.
var patrolFlow = Flow("patrol", func(from, to string) string {
	switch from + " " + to {
	case "planned active", "active paused", "paused active", "planned ended", "active ended", "paused ended":
		return to
	}
	if from == "" {
		return to
	}
	return ""
})

// synced adds to the policies of a collection those of the fields that every
// synced record has.
func synced(own Policies) Policies {
	all := Policies{
		"grid":              Office,
		"op_id":             Server,
		"device":            Server,
		"captured_at":       Server,
		"client_updated_at": Server,
		"received_at":       Server,
		"clock_skew_ms":     Server,
		"rev":               Server,
		"deleted_at":        Server,
		"created_by":        Server,
	}
	maps.Copy(all, own)
	return all
}
