const workflows = {
  matters: {
    name: "matter",
    moves: [
      { "action": "draft", "from": [""], "to": "draft", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "report", "from": ["", "draft"], "to": "reported", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }], "needs": ["title", "category", "priority"] },
      { "action": "solve", "from": ["", "draft", "reported", "accepted"], "to": "solved_on_spot", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["result"] },
      { "action": "accept", "from": ["reported", "returned", "escalated", "reopened"], "to": "accepted", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "dispatch", "from": ["reported", "accepted", "returned", "escalated", "reopened"], "to": "dispatched", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["lead_org"] },
      { "action": "begin", "from": ["accepted", "dispatched"], "to": "in_progress", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "owner" }, { "relation": "unit" }] },
      { "action": "return", "from": ["dispatched", "in_progress"], "to": "returned", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "unit" }], "needs": ["reason"] },
      { "action": "escalate", "from": ["reported", "accepted", "dispatched", "in_progress", "returned"], "to": "escalated", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }], "needs": ["reason"] },
      { "action": "whistle", "from": ["accepted", "in_progress", "escalated"], "to": "whistled", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "extend", "from": ["in_progress"], "to": "extended", "by": [{ "roles": ["town_dispatcher", "county_admin"] }, { "relation": "owner", "at_most": 1 }], "needs": ["reason", "extend_days"] },
      { "action": "suspend", "from": ["in_progress", "extended"], "to": "suspended", "by": [{ "roles": ["village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"] },
      { "action": "go_on", "from": ["extended", "suspended", "whistled"], "to": "in_progress", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "owner" }, { "relation": "unit" }, { "relation": "server" }] },
      { "action": "handle", "from": ["in_progress", "extended", "whistled"], "to": "handled", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "owner" }, { "relation": "unit" }], "needs": ["result"] },
      { "action": "verify", "from": ["handled", "solved_on_spot"], "to": "verifying", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "redo", "from": ["verifying", "evaluating"], "to": "in_progress", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"] },
      { "action": "ask", "from": ["verifying"], "to": "evaluating", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "close", "from": ["solved_on_spot", "verifying", "evaluating"], "to": "closed", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["result"] },
      { "action": "archive", "from": ["closed"], "to": "archived", "by": [{ "roles": ["village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "merge", "from": ["reported", "accepted", "dispatched", "in_progress", "returned", "escalated", "reopened"], "to": "merged", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["merged_into"] },
      { "action": "withdraw", "from": ["draft", "reported", "accepted"], "to": "withdrawn", "by": [{ "roles": ["village_admin", "town_dispatcher", "county_admin"] }, { "relation": "maker" }], "needs": ["reason"] },
      { "action": "reopen", "from": ["closed", "merged", "withdrawn"], "to": "reopened", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true, "within_days": 30 }
    ],
    running: { "accepted": ["close", "feedback", "first_contact"], "dispatched": ["close", "feedback", "first_contact"], "escalated": ["accept", "close"], "evaluating": ["close"], "extended": ["close", "feedback"], "handled": ["close"], "in_progress": ["close", "feedback"], "reopened": ["accept", "close"], "reported": ["accept", "close"], "returned": ["accept", "close"], "solved_on_spot": ["close"], "verifying": ["close"], "whistled": ["close", "feedback"] }
  },
  whistles: {
    name: "whistle",
    moves: [
      { "action": "blow", "from": [""], "to": "blown", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["kind", "lead_org"] },
      { "action": "notify", "from": ["blown"], "to": "notified", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "report_in", "from": ["blown", "notified"], "to": "reported_in", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "unit" }] },
      { "action": "arrive", "from": ["blown", "notified", "reported_in"], "to": "on_site", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "unit" }] },
      { "action": "act", "from": ["reported_in", "on_site"], "to": "joint_action", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "unit" }] },
      { "action": "resolve", "from": ["blown", "notified", "reported_in", "on_site", "joint_action"], "to": "resolved", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["result"] },
      { "action": "evaluate", "from": ["resolved"], "to": "evaluated", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "reopen", "from": ["resolved", "evaluated"], "to": "notified", "by": [{ "roles": ["grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: { "blown": ["report_in"], "joint_action": ["report_in"], "notified": ["report_in"], "on_site": ["report_in"], "reported_in": ["report_in"] }
  },
  meetings: {
    name: "meeting",
    moves: [
      { "action": "plan", "from": [""], "to": "planned", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["place", "type", "held_at"] },
      { "action": "notify", "from": ["", "planned"], "to": "notified", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "open", "from": ["", "planned", "notified"], "to": "open", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "close", "from": ["open"], "to": "closed", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "publish", "from": ["closed"], "to": "published", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "follow_up", "from": ["published"], "to": "followed_up", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "reopen", "from": ["closed"], "to": "open", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: {}
  },
  demands: {
    name: "demand",
    moves: [
      { "action": "raise", "from": [""], "to": "raised", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["text"] },
      { "action": "accept", "from": ["raised"], "to": "accepted", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["outcome", "due_at"] },
      { "action": "merge", "from": ["raised", "accepted"], "to": "merged", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["merged_into"] },
      { "action": "assign", "from": ["accepted"], "to": "assigned", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["due_at"] },
      { "action": "answer", "from": ["raised", "accepted", "assigned"], "to": "done", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }], "needs": ["outcome", "answer"] },
      { "action": "read_back", "from": ["done"], "to": "read_back", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "reopen", "from": ["done", "merged", "read_back"], "to": "raised", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: { "accepted": ["answer"], "assigned": ["answer"], "raised": ["answer"] }
  },
  commitments: {
    name: "commitment",
    moves: [
      { "action": "promise", "from": [""], "to": "open", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["who", "what", "due"] },
      { "action": "finish", "from": ["open", "late"], "to": "done", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "lapse", "from": ["open"], "to": "late", "by": [{ "relation": "server" }] },
      { "action": "drop", "from": ["open", "late"], "to": "dropped", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"] },
      { "action": "read_back", "from": ["done", "dropped"], "to": "read_back", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "reopen", "from": ["done", "dropped", "read_back"], "to": "open", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: { "late": ["promise"], "open": ["promise"] }
  },
  errands: {
    name: "errand",
    moves: [
      { "action": "request", "from": [""], "to": "requested", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "accept", "from": ["", "requested"], "to": "accepted", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["runner", "promise_at"] },
      { "action": "pick_up", "from": ["accepted"], "to": "picked_up", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "deliver", "from": ["picked_up"], "to": "delivered", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "process", "from": ["delivered"], "to": "handled", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "unit" }], "needs": ["result"] },
      { "action": "give_back", "from": ["handled", "delivered", "picked_up"], "to": "returned", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "cancel", "from": ["requested", "accepted"], "to": "returned", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"] },
      { "action": "confirm", "from": ["handled", "returned"], "to": "confirmed", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "recipient" }] },
      { "action": "reopen", "from": ["confirmed"], "to": "requested", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: { "accepted": ["pick_up"], "requested": ["accept"] }
  },
  alerts: {
    name: "alert",
    moves: [
      { "action": "raise", "from": [""], "to": "raised", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "ack", "from": ["raised", "escalated"], "to": "acked", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "contact", "from": ["raised", "acked", "escalated"], "to": "contacting", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "arrive", "from": ["raised", "acked", "contacting", "escalated"], "to": "on_site", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "escalate", "from": ["raised", "acked", "contacting"], "to": "escalated", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }] },
      { "action": "resolve", "from": ["raised", "acked", "contacting", "on_site", "escalated"], "to": "resolved", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["cause"] },
      { "action": "suppress", "from": ["raised", "escalated"], "to": "suppressed", "by": [{ "relation": "server" }] },
      { "action": "reopen", "from": ["resolved", "suppressed"], "to": "raised", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "server" }], "needs": ["reason"], "reopens": true }
    ],
    running: { "acked": ["call", "door"], "contacting": ["door"], "escalated": ["ack", "call", "door"], "raised": ["ack"] }
  },
  service_orders: {
    name: "service_order",
    moves: [
      { "action": "draft", "from": [""], "to": "draft", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "publish", "from": ["", "draft"], "to": "published", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["title", "kind", "slots", "when_at"] },
      { "action": "unpublish", "from": ["published"], "to": "draft", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }] },
      { "action": "fill", "from": ["published"], "to": "claimed", "by": [{ "relation": "server" }] },
      { "action": "free", "from": ["claimed"], "to": "published", "by": [{ "relation": "server" }] },
      { "action": "begin", "from": ["published", "claimed"], "to": "in_service", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "claimant" }] },
      { "action": "submit", "from": ["in_service"], "to": "submitted", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "claimant" }] },
      { "action": "redo", "from": ["submitted"], "to": "in_service", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"] },
      { "action": "confirm", "from": ["submitted"], "to": "confirmed", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "recipient" }] },
      { "action": "rate", "from": ["confirmed"], "to": "rated", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }, { "relation": "recipient" }] },
      { "action": "reopen", "from": ["confirmed", "rated"], "to": "published", "by": [{ "roles": ["grid_officer", "grid_lead", "village_admin", "town_dispatcher", "county_admin"] }], "needs": ["reason"], "reopens": true }
    ],
    running: { "published": ["claim"] }
  }
};
const names = ["regions", "organizations", "dict", "grids", "officers", "grid_assignments", "devices", "buildings", "households", "residents", "consents", "care_plans", "visits", "due_visits", "patrols", "track_batches", "check_ins", "evidence", "deadline_rules", "work_calendar", "matters", "matter_events", "matter_parties", "survey_responses", "whistles", "whistle_responses", "meetings", "agenda_items", "minutes", "demands", "commitments", "service_items", "materials", "errands", "errand_items", "custody_steps", "alerts", "service_orders", "order_recipients", "order_claims"];
export {
  names,
  workflows
};
