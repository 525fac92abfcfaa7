package merge

import "maps"

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
	}),
}

// patrolFlow lets a patrol start, pause and end; a patrol that has ended stays
// so, whatever a phone that was offline says.
var patrolFlow = Flow("patrol", func(from, to string) bool {
	switch from + " " + to {
	case "planned active", "planned ended", "active paused", "active ended", "paused active", "paused ended":
		return true
	}
	return from == ""
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
