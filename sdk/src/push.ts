import { ask } from "./ask.js";
import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { type Conflict, type Entry, type Meta, numberKey, type Rejection, type Row, rowTable, type Tx, type View } from "./state.js";
import { type Mutation, type PushAnswer, readPush, type Result } from "./wire.js";

/**
 * How long an answered mutation stays in the log. A server that is restored from
 * a younger backup loses nothing.
 */
export const keepSentMs = 7 * 24 * 3600_000;

/** Sends the outbox, batch after batch. */
export async function push(c: Core, signal?: Signal): Promise<void> {
  let size = c.batchSize;
  let resumed = false;
  for (;;) {
    const batch = nextBatch(c.state.view, size);
    if (batch.length === 0) return;
    try {
      const answer = await ask(c, "/api/sync/push", { mutations: batch }, readPush, signal);
      await settle(c, batch, answer);
    } catch (err) {
      if (!(err instanceof GridwalkError)) throw err;
      const { resumeFrom } = err;
      if (err.kind === "refused" && err.status === 413 && batch.length > 1) {
        size = Math.max(Math.floor(batch.length / 2), 1);
      } else if (isCode(err, "outbox_gap") && resumeFrom !== undefined && !resumed) {
        // The server knows less than it once did: it was restored.
        await c.state.update((tx) => tx.setMeta(resume(tx, tx.meta(), resumeFrom)));
        resumed = true;
      } else {
        throw err;
      }
    }
  }
}

function nextBatch(view: View, size: number): Mutation[] {
  const batch: Mutation[] = [];
  for (const entry of view.log(view.meta().handled)) {
    if (batch.push(entry.mutation) === size) break;
  }
  return batch;
}

/** Makes everything after number `n` outbox again. */
export function resume(tx: Tx, m: Meta, n: number): Meta {
  if (n >= m.handled) return m;
  if (!tx.get("log", numberKey(n + 1))) throw new GridwalkError("gap", `the server misses number ${n + 1}, which this phone no longer knows`);
  return { ...m, handled: n };
}

/** Stores what the server answered for a batch. */
async function settle(c: Core, batch: Mutation[], answer: PushAnswer): Promise<void> {
  if (answer.results.length !== batch.length) throw network(`${answer.results.length} results for ${batch.length} mutations`);
  await c.state.update((tx) => {
    const m = tx.meta();
    batch.forEach((mutation, i) => {
      const result = answer.results[i] as Result;
      if (result.id !== mutation.id) throw network(`an answer for ${result.id} in the place of ${mutation.id}`);
      tx.put("log", numberKey(mutation.n), settleOne(tx, m, { mutation, handled: answer.now }, result));
      m.handled = mutation.n;
    });
    tx.setMeta({ ...m, server: answer.now });
  });
}

function settleOne(tx: Tx, m: Meta, entry: Entry, result: Result): Entry {
  const { mutation } = entry;
  const key = numberKey(mutation.n);
  switch (result.status === "duplicate" ? result.of : result.status) {
    case "applied":
      tx.delete("attention", key);
      return entry;
    case "merged":
      tx.delete("attention", key);
      for (const loss of result.conflicts ?? []) {
        const conflict: Conflict = { ...loss, n: mutation.n, collection: mutation.collection, record: mutation.record };
        tx.put("conflict", `${key}.${loss.field}`, conflict);
      }
      return takeMerged(tx, m, entry, result);
    case "rejected": {
      const rejection: Rejection = { mutation, problem: result.error ?? { code: "", message: "" } };
      tx.put("attention", key, rejection);
      return { ...entry, settled: true };
    }
  }
  throw network(`unknown status ${result.status}`);
}

/**
 * Shows at once what the server made of our edit and somebody else's. The pull
 * that follows brings the same with its seq in the feed.
 */
function takeMerged(tx: Tx, m: Meta, entry: Entry, result: Result): Entry {
  const table = rowTable(m.set, entry.mutation.collection);
  const row = tx.get<Row>(table, entry.mutation.record);
  if (!row) return entry;
  const merge = result.seq ?? row.base;
  // The record of a duplicate is newer than its seq: the pull brings it.
  const taken = result.status === "merged" && result.record ? { base: merge, record: result.record } : undefined;
  tx.put(table, entry.mutation.record, { ...row, merge, ...taken });
  return taken ? { ...entry, settled: true } : entry;
}

/** Drops what was answered for long ago, by the server's clock. */
export function trim(tx: Tx, m: Meta): void {
  for (const [key, entry] of tx.scan<Entry>("log")) {
    if (entry.mutation.n > m.handled || !entry.handled || Date.parse(m.server) - Date.parse(entry.handled) <= keepSentMs) return;
    tx.delete("log", key);
  }
}
