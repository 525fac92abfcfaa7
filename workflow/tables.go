package workflow

// The roles that parties are made of, as package access names them.
var (
	field = []string{"grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"}
	leads = field[1:]
	desk  = field[2:]
	towns = field[3:]
)

var (
	anyField = []Party{{Roles: field}}
	anyLead  = []Party{{Roles: leads}}
	anyDesk  = []Party{{Roles: desk}}
	handlers = []Party{{Roles: field}, {Relation: Owner}, {Relation: Unit}}
	byServer = []Party{{Relation: Server}}
)

// or adds parties to a list of them.
func or(parties []Party, more ...Party) []Party {
	return append(append([]Party(nil), parties...), more...)
}

// made is the state of a record that is not there yet.
const made = ""

func from(states ...string) []string { return states }

// Matter is domain.md §2.6. Acceptance is timed from the report or from when the
// matter comes back to the desk, first contact and feedback from acceptance, and
// the whole case from the report to its close.
var Matter = Table{
	Name: "matter", Enum: "matter.status",
	Final: from("archived", "merged", "withdrawn"),
	Moves: []Move{
		{Action: "draft", From: from(made), To: "draft", By: anyField},
		{Action: "report", From: from(made, "draft"), To: "reported", By: or(anyField, Party{Relation: Server}), Needs: from("title", "category", "priority"),
			Clocks: Clocks{Starts: from("accept", "close")}},
		{Action: "solve", From: from(made, "draft", "reported", "accepted"), To: "solved_on_spot", By: anyField, Needs: from("result"),
			Clocks: Clocks{Stops: from("accept", "first_contact", "feedback")}},
		{Action: "accept", From: from("reported", "returned", "escalated", "reopened"), To: "accepted", By: anyField,
			Clocks: Clocks{Starts: from("first_contact", "feedback"), Stops: from("accept")}},
		{Action: "dispatch", From: from("reported", "accepted", "returned", "escalated", "reopened"), To: "dispatched", By: anyLead, Needs: from("lead_org"),
			Clocks: Clocks{Starts: from("first_contact", "feedback"), Stops: from("accept")}},
		{Action: "begin", From: from("accepted", "dispatched"), To: "in_progress", By: handlers,
			Clocks: Clocks{Stops: from("first_contact")}},
		{Action: "return", From: from("dispatched", "in_progress"), To: "returned", By: or(anyLead, Party{Relation: Unit}), Needs: from("reason"),
			Clocks: Clocks{Starts: from("accept"), Stops: from("first_contact", "feedback")}},
		{Action: "escalate", From: from("reported", "accepted", "dispatched", "in_progress", "returned"), To: "escalated",
			By: or(anyField, Party{Relation: Server}), Needs: from("reason"),
			Clocks: Clocks{Starts: from("accept"), Stops: from("first_contact", "feedback")}},
		{Action: "whistle", From: from("accepted", "in_progress", "escalated"), To: "whistled", By: anyLead,
			Clocks: Clocks{Stops: from("accept", "first_contact")}},
		{Action: "extend", From: from("in_progress"), To: "extended",
			By: []Party{{Roles: towns}, {Relation: Owner, AtMost: 1}}, Needs: from("reason", "extend_days"),
			Clocks: Clocks{Extends: from("feedback", "close")}},
		{Action: "suspend", From: from("in_progress", "extended"), To: "suspended", By: anyDesk, Needs: from("reason"),
			Clocks: Clocks{Pauses: from("feedback", "close")}},
		{Action: "go_on", From: from("extended", "suspended", "whistled"), To: "in_progress", By: or(handlers, Party{Relation: Server}),
			Clocks: Clocks{Resumes: from("feedback", "close")}},
		{Action: "handle", From: from("in_progress", "extended", "whistled"), To: "handled", By: handlers, Needs: from("result"),
			Clocks: Clocks{Stops: from("feedback")}},
		{Action: "verify", From: from("handled", "solved_on_spot"), To: "verifying", By: anyField},
		{Action: "redo", From: from("verifying", "evaluating"), To: "in_progress", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("feedback")}},
		{Action: "ask", From: from("verifying"), To: "evaluating", By: anyField},
		{Action: "close", From: from("solved_on_spot", "verifying", "evaluating"), To: "closed", By: anyField, Needs: from("result"),
			Clocks: Clocks{Stops: from("close")}},
		{Action: "archive", From: from("closed"), To: "archived", By: or(anyDesk, Party{Relation: Server})},
		{Action: "merge", From: from("reported", "accepted", "dispatched", "in_progress", "returned", "escalated", "reopened"), To: "merged", By: anyLead,
			Needs: from("merged_into"), Clocks: Clocks{Stops: from("accept", "first_contact", "feedback", "close")}},
		{Action: "withdraw", From: from("draft", "reported", "accepted"), To: "withdrawn", By: or(anyDesk, Party{Relation: Maker}), Needs: from("reason"),
			Clocks: Clocks{Stops: from("accept", "first_contact", "feedback", "close")}},
		{Action: "reopen", From: from("closed", "merged", "withdrawn"), To: "reopened", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("accept", "close")}, Reopens: true, WithinDays: 30},
	},
}

// Meeting is one of a village pavilion.
var Meeting = Table{
	Name: "meeting", Enum: "meeting.status",
	Final: from("followed_up"),
	Moves: []Move{
		{Action: "plan", From: from(made), To: "planned", By: anyField, Needs: from("place", "type", "held_at")},
		{Action: "notify", From: from(made, "planned"), To: "notified", By: anyField},
		{Action: "open", From: from(made, "planned", "notified"), To: "open", By: anyField},
		{Action: "close", From: from("open"), To: "closed", By: anyField},
		{Action: "publish", From: from("closed"), To: "published", By: anyField},
		{Action: "follow_up", From: from("published"), To: "followed_up", By: or(anyField, Party{Relation: Server})},
		{Action: "reopen", From: from("closed"), To: "open", By: anyField, Needs: from("reason"), Reopens: true},
	},
}

// Demand is what is raised at a pavilion. Whatever becomes of it, its end is
// that the people who raised it were told.
var Demand = Table{
	Name: "demand", Enum: "demand.status",
	Final: from("merged", "read_back"),
	Moves: []Move{
		{Action: "raise", From: from(made), To: "raised", By: anyField, Needs: from("text"), Clocks: Clocks{Starts: from("answer")}},
		{Action: "accept", From: from("raised"), To: "accepted", By: anyField, Needs: from("outcome", "due_at")},
		{Action: "merge", From: from("raised", "accepted"), To: "merged", By: anyField, Needs: from("merged_into"), Clocks: Clocks{Stops: from("answer")}},
		{Action: "assign", From: from("accepted"), To: "assigned", By: anyField, Needs: from("due_at")},
		{Action: "answer", From: from("raised", "accepted", "assigned"), To: "done", By: or(anyField, Party{Relation: Server}),
			Needs: from("outcome", "answer"), Clocks: Clocks{Stops: from("answer")}},
		{Action: "read_back", From: from("done"), To: "read_back", By: anyField},
		{Action: "reopen", From: from("done", "merged", "read_back"), To: "raised", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("answer")}, Reopens: true},
	},
}

// Commitment is what somebody promised at a meeting.
var Commitment = Table{
	Name: "commitment", Enum: "commitment.status",
	Final: from("read_back"),
	Moves: []Move{
		{Action: "promise", From: from(made), To: "open", By: anyField, Needs: from("who", "what", "due"), Clocks: Clocks{Starts: from("promise")}},
		{Action: "finish", From: from("open", "late"), To: "done", By: anyField, Clocks: Clocks{Stops: from("promise")}},
		{Action: "lapse", From: from("open"), To: "late", By: byServer},
		{Action: "drop", From: from("open", "late"), To: "dropped", By: anyField, Needs: from("reason"), Clocks: Clocks{Stops: from("promise")}},
		{Action: "read_back", From: from("done", "dropped"), To: "read_back", By: anyField},
		{Action: "reopen", From: from("done", "dropped", "read_back"), To: "open", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("promise")}, Reopens: true},
	},
}

// Errand is a way that an officer goes for a resident.
var Errand = Table{
	Name: "errand", Enum: "errand.status",
	Final: from("confirmed"),
	Moves: []Move{
		{Action: "request", From: from(made), To: "requested", By: or(anyField, Party{Relation: Server}), Clocks: Clocks{Starts: from("accept")}},
		{Action: "accept", From: from(made, "requested"), To: "accepted", By: anyField, Needs: from("runner", "promise_at"),
			Clocks: Clocks{Starts: from("pick_up"), Stops: from("accept")}},
		{Action: "pick_up", From: from("accepted"), To: "picked_up", By: anyField, Clocks: Clocks{Stops: from("pick_up")}},
		{Action: "deliver", From: from("picked_up"), To: "delivered", By: anyField},
		{Action: "process", From: from("delivered"), To: "handled", By: or(anyField, Party{Relation: Unit}), Needs: from("result")},
		{Action: "give_back", From: from("handled", "delivered", "picked_up"), To: "returned", By: anyField},
		{Action: "cancel", From: from("requested", "accepted"), To: "returned", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Stops: from("accept", "pick_up")}},
		{Action: "confirm", From: from("handled", "returned"), To: "confirmed", By: or(anyField, Party{Relation: Recipient})},
		{Action: "reopen", From: from("confirmed"), To: "requested", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("accept")}, Reopens: true},
	},
}

// Whistle is 街道吹哨、部门报到. The clock report_in is that of each unit by
// itself: a unit stops its own by reporting in.
var Whistle = Table{
	Name: "whistle", Enum: "whistle.status",
	Final: from("evaluated"),
	Moves: []Move{
		{Action: "blow", From: from(made), To: "blown", By: anyLead, Needs: from("kind", "lead_org"), Clocks: Clocks{Starts: from("report_in")}},
		{Action: "notify", From: from("blown"), To: "notified", By: or(anyLead, Party{Relation: Server})},
		{Action: "report_in", From: from("blown", "notified"), To: "reported_in", By: or(anyLead, Party{Relation: Unit})},
		{Action: "arrive", From: from("blown", "notified", "reported_in"), To: "on_site", By: or(anyLead, Party{Relation: Unit})},
		{Action: "act", From: from("reported_in", "on_site"), To: "joint_action", By: or(anyLead, Party{Relation: Unit})},
		{Action: "resolve", From: from("blown", "notified", "reported_in", "on_site", "joint_action"), To: "resolved", By: anyLead, Needs: from("result"),
			Clocks: Clocks{Stops: from("report_in")}},
		{Action: "evaluate", From: from("resolved"), To: "evaluated", By: or(anyLead, Party{Relation: Server})},
		{Action: "reopen", From: from("resolved", "evaluated"), To: "notified", By: anyLead, Needs: from("reason"),
			Clocks: Clocks{Starts: from("report_in")}, Reopens: true},
	},
}

// ServiceOrder is 社区点单、党员接单.
var ServiceOrder = Table{
	Name: "service_order", Enum: "service_order.status",
	Final: from("rated"),
	Moves: []Move{
		{Action: "draft", From: from(made), To: "draft", By: anyField},
		{Action: "publish", From: from(made, "draft"), To: "published", By: anyField, Needs: from("title", "kind", "slots", "when_at"),
			Clocks: Clocks{Starts: from("claim")}},
		{Action: "unpublish", From: from("published"), To: "draft", By: anyField, Clocks: Clocks{Stops: from("claim")}},
		{Action: "fill", From: from("published"), To: "claimed", By: byServer, Clocks: Clocks{Stops: from("claim")}},
		{Action: "free", From: from("claimed"), To: "published", By: byServer, Clocks: Clocks{Starts: from("claim")}},
		{Action: "begin", From: from("published", "claimed"), To: "in_service", By: or(anyField, Party{Relation: Claimant}),
			Clocks: Clocks{Stops: from("claim")}},
		{Action: "submit", From: from("in_service"), To: "submitted", By: or(anyField, Party{Relation: Claimant})},
		{Action: "redo", From: from("submitted"), To: "in_service", By: anyField, Needs: from("reason")},
		{Action: "confirm", From: from("submitted"), To: "confirmed", By: or(anyField, Party{Relation: Recipient})},
		{Action: "rate", From: from("confirmed"), To: "rated", By: or(anyField, Party{Relation: Recipient})},
		{Action: "reopen", From: from("confirmed", "rated"), To: "published", By: anyField, Needs: from("reason"),
			Clocks: Clocks{Starts: from("claim")}, Reopens: true},
	},
}

// Alert is a sign that somebody may need help. It is escalated when a step is
// not made in time, and goes on from there.
var Alert = Table{
	Name: "alert", Enum: "alert.status",
	Final: from("resolved", "suppressed"),
	Moves: []Move{
		{Action: "raise", From: from(made), To: "raised", By: or(anyField, Party{Relation: Server}), Clocks: Clocks{Starts: from("ack")}},
		{Action: "ack", From: from("raised", "escalated"), To: "acked", By: anyField,
			Clocks: Clocks{Starts: from("call"), Stops: from("ack")}},
		{Action: "contact", From: from("raised", "acked", "escalated"), To: "contacting", By: anyField,
			Clocks: Clocks{Starts: from("door"), Stops: from("ack", "call")}},
		{Action: "arrive", From: from("raised", "acked", "contacting", "escalated"), To: "on_site", By: anyField,
			Clocks: Clocks{Stops: from("ack", "call", "door")}},
		{Action: "escalate", From: from("raised", "acked", "contacting"), To: "escalated", By: or(anyField, Party{Relation: Server})},
		{Action: "resolve", From: from("raised", "acked", "contacting", "on_site", "escalated"), To: "resolved", By: anyField, Needs: from("cause"),
			Clocks: Clocks{Stops: from("ack", "call", "door")}},
		{Action: "suppress", From: from("raised", "escalated"), To: "suppressed", By: byServer, Clocks: Clocks{Stops: from("ack", "call", "door")}},
		{Action: "reopen", From: from("resolved", "suppressed"), To: "raised", By: or(anyField, Party{Relation: Server}), Needs: from("reason"),
			Clocks: Clocks{Starts: from("ack")}, Reopens: true},
	},
}
