import type { Signal } from "./adapters.js";
import { ask } from "./ask.js";
import type { Core } from "./core.js";
import { GridwalkError } from "./errors.js";

/** One look at a record without a signal; its key in the table `look` is its id. */
interface Look {
  collection: string;
  record: string;
  at: string;
}

const apartMs = 600_000;
/** How many wait at most: the oldest go first. */
const most = 5000;
const batch = 500;

/** Notes that somebody looked at a record. The same record is noted once in ten minutes. */
export async function look(c: Core, collection: string, record: string): Promise<void> {
  const now = c.clock.now(), since = new Date(now - apartMs).toISOString();
  await c.state.update((tx) => {
    const before = tx.scan<Look>("look");
    if (before.some(([, one]) => one.record === record && one.collection === collection && one.at > since)) return;
    for (const [key] of before.sort(([, a], [, b]) => (a.at < b.at ? -1 : 1)).slice(0, Math.max(0, before.length + 1 - most))) tx.delete("look", key);
    const one: Look = { collection, record, at: new Date(now).toISOString() };
    tx.put("look", c.newID(), one);
  });
}

/** Tells the server who looked at what. A failure keeps them for the next sync, and fails nothing. */
export async function sendLooks(c: Core, signal: Signal | undefined): Promise<void> {
  try {
    for (let waiting = c.state.view.scan<Look>("look"); waiting.length > 0; waiting = c.state.view.scan<Look>("look")) {
      const sent = waiting.slice(0, batch);
      await ask(c, "/api/sync/reads", { reads: sent.map(([id, one]) => ({ id, ...one })) }, () => undefined, signal);
      await c.state.update((tx) => sent.forEach(([key]) => tx.delete("look", key)));
    }
  } catch (err) {
    if (!(err instanceof GridwalkError)) throw err;
  }
}
