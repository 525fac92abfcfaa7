import { type Collections, workflows } from "gridwalk";
import { dayFrom, dayOf, startOf, time } from "./when.js";

/** Urgencies in their order; docs/README.md says what each means. */
export const urgencies = ["now", "overdue", "soon", "today", "later"] as const;
export type Urgency = (typeof urgencies)[number];

/** WGS-84 degrees. */
export interface Place {
  lat: number;
  lng: number;
}

/** Something that may be done today, as package care has it. */
export interface Task {
  kind: "care" | "matter" | "alert" | "errand" | "meeting";
  id: string;
  /** Milliseconds since 1970, for what has a clock. */
  due?: number | undefined;
  /** A day in China, for a visit. */
  dueDay?: number | undefined;
  /** An alert, or an emergency. */
  danger?: boolean;
  place?: Place | undefined;
}

/** A task with what the list shows of it. */
export interface Item extends Task {
  /** Where a tap leads, below /app/. */
  to: string;
  title: string;
  subtitle: string;
  urgency: Urgency;
}

const twoHours = 2 * 3_600_000;
/** Whoever lives in the same house is equally near. */
const step = 50;

export function urgency(task: Task, now: number): Urgency {
  const today = dayOf(now);
  const day = task.due === undefined ? task.dueDay : dayOf(task.due);
  if (task.danger) return "now";
  if (day === undefined || (day > today && task.due === undefined)) return "later";
  if (task.due === undefined ? day < today : task.due < now) return "overdue";
  if (task.due !== undefined && task.due - now <= twoHours) return "soon";
  return day === today ? "today" : "later";
}

/** Metres between two places by the haversine formula on a sphere of 6,371,008.8 m. */
export function metres(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const lat = Math.sin(((b.lat - a.lat) * rad) / 2), lng = Math.sin(((b.lng - a.lng) * rad) / 2);
  return 2 * 6371008.8 * Math.asin(Math.min(1, Math.sqrt(lat * lat + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * lng * lng)));
}

const compare = (a: number | string, b: number | string): number => (a === b ? 0 : a < b ? -1 : 1);

/** Orders as the server does: by urgency, then the nearest in steps of 50 m, then what is due first. */
export function inOrder<T extends Task>(tasks: T[], now: number, here: Place | undefined): T[] {
  const keyed = tasks.map((task) => ({
    task,
    urgency: urgencies.indexOf(urgency(task, now)),
    steps: here && task.place ? Math.floor(metres(here, task.place) / step) : Infinity,
    due: task.due !== undefined ? Math.floor(task.due / 1000) : task.dueDay !== undefined ? startOf(task.dueDay + 1) / 1000 : Infinity,
  }));
  keyed.sort((a, b) => compare(a.urgency, b.urgency) || compare(a.steps, b.steps) || compare(a.due, b.due) || compare(a.task.kind, b.task.kind) || compare(a.task.id, b.task.id));
  return keyed.map(({ task }) => task);
}

/** A point of the server; 0, 0 says that there is none. */
export const placed = (point: { lat: number; lon: number } | null | undefined): Place | undefined =>
  point && (point.lat || point.lon) ? { lat: point.lat, lng: point.lon } : undefined;

/** The place of a household's building. */
export function placeOf(db: Collections, household: string): Place | undefined {
  return placed(db.buildings.get(db.households.get(household)?.building ?? "")?.point);
}

/** When the first running clock of a record ends, in milliseconds since 1970. */
export function dueOf(collection: keyof typeof workflows, record: object): number | undefined {
  const fields = record as Record<string, unknown>;
  if (fields["paused"] === true) return undefined;
  const stages = workflows[collection].running[String(fields["status"])] ?? [];
  return first(...stages.map((stage) => fields[`due_${stage}`]), fields["promise_at"], stages.includes("answer") ? fields["due_at"] : "");
}

function first(...times: unknown[]): number | undefined {
  const known = times.filter((text) => typeof text === "string").map(time).filter(Number.isFinite);
  return known.length > 0 ? Math.min(...known) : undefined;
}

const matterEnded = new Set(["draft", "closed", "archived", "merged", "withdrawn"]);
const errandOpen = new Set(["requested", "accepted", "picked_up", "delivered", "handled"]);
const alertEnded = new Set(["resolved", "suppressed"]);

/** What the officer may do today. */
export function today(db: Collections, officer: string, now: number, here: Place | undefined): Item[] {
  const tasks = [...care(db, now), ...matters(db, officer), ...errands(db, officer), ...meetings(db, now), ...alerts(db)];
  return inOrder(tasks, now, here).map((task) => ({ ...task, urgency: urgency(task, now) }));
}

type Shown = Omit<Item, "urgency">;

/** Results that are no contact: somebody goes again. */
const noContact = new Set(["not_home", "declined", "moved"]);

function care(db: Collections, now: number): Shown[] {
  const today = dayOf(now);
  // Without signal the server cannot move what is due; what was visited today is done.
  const seen = new Set<string>();
  for (const visit of db.visits.list((v) => !noContact.has(v.result) && dayOf(time(v.captured_at) || now) === today)) {
    for (const resident of visit.residents ?? []) seen.add(resident);
  }
  return db.due_visits.list((d) => d.due_on !== "" && dayFrom(d.due_on) <= today && !seen.has(d.resident)).map((due) => ({
    kind: "care", id: due.id, to: `household/${due.household}`, title: db.residents.get(due.resident)?.name ?? "", subtitle: db.households.get(due.household)?.address_zh ?? "",
    dueDay: dayFrom(due.due_on), place: placeOf(db, due.household),
  }));
}

const mine = (owner: string | undefined, officer: string): boolean => !owner || owner === officer;

function matters(db: Collections, officer: string): Shown[] {
  return db.matters.list((m) => !matterEnded.has(m.status) && !m.paused && mine(m.owner, officer)).map((m) => ({
    kind: "matter", id: m.id, to: `matters/${m.id}`, title: m.title, subtitle: m.no || m.temp_no, danger: m.priority === "p0_emergency",
    due: dueOf("matters", m), place: placed(m.point),
  }));
}

function errands(db: Collections, officer: string): Shown[] {
  return db.errands.list((e) => errandOpen.has(e.status) && mine(e.runner, officer)).map((e) => {
    const resident = db.residents.get(e.resident);
    return { kind: "errand", id: e.id, to: `errands/${e.id}`, title: resident?.name ?? "", subtitle: e.what || (db.service_items.get(e.service_item)?.name ?? ""), due: dueOf("errands", e),
      place: resident && placeOf(db, resident.household) };
  });
}

function meetings(db: Collections, now: number): Shown[] {
  return db.meetings.list((m) => m.status === "open" || (["planned", "notified"].includes(m.status) && dayOf(time(m.held_at)) === dayOf(now))).map((m) => ({
    kind: "meeting", id: m.id, to: `meeting/${m.id}`, title: m.place, subtitle: "", due: time(m.held_at),
  }));
}

/** That a meter is silent is no danger. */
function alerts(db: Collections): Shown[] {
  return db.alerts.list((a) => !alertEnded.has(a.status)).map((a) => ({
    kind: "alert", id: a.id, to: `alerts/${a.id}`, title: db.households.get(a.household)?.head_name ?? "", subtitle: db.households.get(a.household)?.address_zh ?? "",
    danger: a.kind !== "sensor_offline", due: dueOf("alerts", a), place: placeOf(db, a.household),
  }));
}
