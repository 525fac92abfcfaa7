import { effect, signal } from "@preact/signals";
import type { Records } from "gridwalk";
import { keep, kept } from "./kv.js";
import { fix, locate } from "./place.js";
import { work } from "./session.js";
import { encodeTrack, maxPoints, type Point } from "./track.js";
import { dayOf, startOf, time } from "./when.js";

/** The officer's patrol that has begun and not ended. */
export const patrol = signal<Readonly<Records["patrols"]> | undefined>(undefined);
/** The points of a patrol that are on this phone only: its officer decides whether they are sent. */
export const points = signal<readonly Point[]>([]);
export const recording = signal(false);

const longestMs = 4 * 3_600_000;
const apart = { seconds: 5, saved: 10_000, silence: 120_000 };

let stop: (() => void) | undefined;
let savedAt = 0;

const key = (id: string) => `track/${work.peek()?.account.officer ?? ""}/${id}`;
const stamp = (ms: number) => new Date(ms).toISOString().replace("T", " ");

/** Follows whoever is signed in: a patrol goes on after the app was closed, and ends when its time is over. */
export function followPatrols(): void {
  effect(() => {
    const now = work.value;
    patrol.value = undefined;
    if (!now) return;
    const mine = now.db.patrols.live((p) => p.officer === now.account.officer && (p.status === "active" || p.status === "paused"));
    return mine.subscribe(([first]) => {
      patrol.value = first;
      void update(first);
    });
  });
  setInterval(() => void update(patrol.value), 30_000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && void save(true));
}

async function update(now: Readonly<Records["patrols"]> | undefined): Promise<void> {
  if (now && Date.now() >= endOf(now)) return end(now.id, endOf(now), shiftEnds(now) ? "shift_end" : "auto_time");
  const on = now?.status === "active";
  recording.value = on;
  if (!on) {
    stop?.();
    stop = undefined;
    return;
  }
  if (stop) return;
  const ending = locate();
  const before = (await kept<Point[]>(key(now.id)).catch(() => undefined)) ?? [];
  points.value = before;
  const unfollow = effect(() => {
    const at = fix.value;
    if (at && patrol.peek()?.status === "active" && at.at >= time(patrol.peek()?.started_at)) record(at);
  });
  stop = () => {
    unfollow();
    ending();
  };
}

function record({ at, lat, lng, accuracy }: { at: number; lat: number; lng: number; accuracy: number }): void {
  const last = points.peek().at(-1);
  if (last && at - last.at < apart.seconds * 1000) return;
  const gap = last !== undefined && at - last.at > apart.silence;
  points.value = [...points.peek(), { at, lat, lng, acc: accuracy, ...(gap ? { gap } : {}) }];
  void save(false);
}

async function save(now: boolean): Promise<void> {
  const id = patrol.peek()?.id;
  if (!id || points.peek().length === 0 || (!now && Date.now() - savedAt < apart.saved)) return;
  savedAt = Date.now();
  await keep(key(id), points.peek()).catch(() => undefined);
}

/** The end of the officer's shift on the day of a patrol, if one is known. */
function shiftEnd(p: Readonly<Records["patrols"]>): number | undefined {
  const now = work.value;
  const text = now?.db.officers.get(p.officer)?.shift_end;
  const [hours, minutes] = (text ?? "").split(":").map(Number);
  if (!text || hours === undefined || minutes === undefined || Number.isNaN(hours + minutes)) return undefined;
  const began = time(p.started_at);
  const at = startOf(dayOf(began)) + (hours * 60 + minutes) * 60_000;
  return at > began ? at : at + 86_400_000;
}

const endOf = (p: Readonly<Records["patrols"]>): number => Math.min(time(p.started_at) + longestMs, shiftEnd(p) ?? Infinity);
const shiftEnds = (p: Readonly<Records["patrols"]>): boolean => endOf(p) === shiftEnd(p);

export async function start(grid: string): Promise<void> {
  const now = work.value;
  if (!now || patrol.value) return;
  points.value = [];
  // Points are sent in whole seconds; none may seem to be from before the start.
  const began = Math.floor(Date.now() / 1000) * 1000;
  await now.db.patrols.create({ officer: now.account.officer, status: "active", started_at: stamp(began), grid });
}

export async function pause(id: string): Promise<void> {
  await save(true);
  await work.value?.db.patrols.update(id, { status: "paused" });
}

export async function goOn(id: string): Promise<void> {
  await work.value?.db.patrols.update(id, { status: "active" });
}

/** Ends a patrol. Its points stay on the phone until their officer sends or deletes them. */
export async function end(id: string, at = Date.now(), reason: "manual" | "auto_time" | "shift_end" = "manual"): Promise<void> {
  const now = work.value;
  if (!now) return;
  const mine = points.peek().filter((p) => p.at <= at);
  if (mine.length > 0) {
    await keep(key(id), mine);
    await keep(`tracks/${now.account.officer}`, [...new Set([...(await unsent()), id])]);
  }
  await now.db.patrols.update(id, { status: "ended", ended_at: stamp(at), end_reason: reason });
  points.value = [];
  waitingTracks.value = await unsent();
}

/** Ids of patrols that have ended and whose points wait for the officer's word. */
export const waitingTracks = signal<readonly string[]>([]);

export async function unsent(): Promise<string[]> {
  const officer = work.value?.account.officer;
  return officer ? ((await kept<string[]>(`tracks/${officer}`)) ?? []) : [];
}

export const trackOf = async (id: string): Promise<readonly Point[]> => (patrol.peek()?.id === id ? points.peek() : ((await kept<Point[]>(key(id))) ?? []));

/** Puts the points of a patrol into the outbox. */
export async function sendTrack(id: string): Promise<void> {
  const now = work.value;
  const grid = now?.db.patrols.get(id)?.grid;
  if (!now) return;
  const all = await trackOf(id);
  for (let i = 0; i < all.length; i += maxPoints) {
    await now.db.track_batches.create({ officer: now.account.officer, patrol: id, source: "app", datum: "wgs84", track: encodeTrack(all.slice(i, i + maxPoints)), ...(grid ? { grid } : {}) } as never);
  }
  await forgetTrack(id);
}

export async function forgetTrack(id: string): Promise<void> {
  const officer = work.value?.account.officer;
  await keep(`tracks/${officer}`, (await unsent()).filter((one) => one !== id));
  await keep(key(id), undefined);
  waitingTracks.value = await unsent();
}

