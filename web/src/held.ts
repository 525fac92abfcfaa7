import { signal } from "@preact/signals";
import type { Fields } from "gridwalk";
import { keep, kept } from "./kv.js";
import { work } from "./session.js";

/** A record that was entered and can still be taken back: it is on the phone's disk, and not in the outbox. */
export interface Held {
  collection: string;
  record: string;
  set: Fields;
  until: number;
}

/** How long something can be taken back. */
export const undoMs = 10_000;

export const held = signal<readonly Held[]>([]);

const key = () => `held/${work.peek()?.account.officer ?? ""}`;

async function put(next: readonly Held[]): Promise<void> {
  await keep(key(), next.length > 0 ? next : undefined);
  held.value = next;
}

/** Keeps a new record for ten seconds in which it can be taken back. When it resolves, the record is durable. */
export async function hold(collection: string, record: string, set: Fields): Promise<void> {
  await put([...held.peek(), { collection, record, set, until: Date.now() + undoMs }]);
  setTimeout(() => void release(), undoMs + 50);
}

export const takeBack = (record: string): Promise<void> => put(held.peek().filter((one) => one.record !== record));

/** Writes what was held long enough; all of it when `now`. A crash between the two writes leaves a record that is there already. */
export async function release(now = false): Promise<void> {
  const current = work.peek();
  if (!current) return;
  for (const one of held.peek()) {
    if (!now && one.until > Date.now()) continue;
    if (!current.client.get(one.collection, one.record)) await current.client.write(one.collection, one.record, "create", one.set);
    await takeBack(one.record);
  }
}

/** Takes up what was held when the app was closed. */
export async function resumeHeld(): Promise<void> {
  held.value = (await kept<Held[]>(key()).catch(() => undefined)) ?? [];
  await release(true);
}
