import { ask } from "./ask.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { numberKey, rowTable } from "./state.js";
import { readPush } from "./wire.js";
const keepSentMs = 7 * 24 * 36e5;
async function push(c, signal) {
  let size = c.batchSize;
  let resumed = false;
  for (; ; ) {
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
      } else if (isCode(err, "outbox_gap") && resumeFrom !== void 0 && !resumed) {
        await c.state.update((tx) => tx.setMeta(resume(tx, tx.meta(), resumeFrom)));
        resumed = true;
      } else {
        throw err;
      }
    }
  }
}
function nextBatch(view, size) {
  const batch = [];
  for (const entry of view.log(view.meta().handled)) {
    if (batch.push(entry.mutation) === size) break;
  }
  return batch;
}
function resume(tx, m, n) {
  if (n >= m.handled) return m;
  if (!tx.get("log", numberKey(n + 1))) throw new GridwalkError("gap", `the server misses number ${n + 1}, which this phone no longer knows`);
  return { ...m, handled: n };
}
async function settle(c, batch, answer) {
  if (answer.results.length !== batch.length) throw network(`${answer.results.length} results for ${batch.length} mutations`);
  await c.state.update((tx) => {
    const m = tx.meta();
    batch.forEach((mutation, i) => {
      const result = answer.results[i];
      if (result.id !== mutation.id) throw network(`an answer for ${result.id} in the place of ${mutation.id}`);
      tx.put("log", numberKey(mutation.n), settleOne(tx, m, { mutation, handled: answer.now }, result));
      m.handled = mutation.n;
    });
    tx.setMeta({ ...m, server: answer.now });
  });
}
function settleOne(tx, m, entry, result) {
  const { mutation } = entry;
  const key = numberKey(mutation.n);
  switch (result.status === "duplicate" ? result.of : result.status) {
    case "applied":
      tx.delete("attention", key);
      return entry;
    case "merged":
      tx.delete("attention", key);
      for (const loss of result.conflicts ?? []) {
        const conflict = { ...loss, n: mutation.n, collection: mutation.collection, record: mutation.record };
        tx.put("conflict", `${key}.${loss.field}`, conflict);
      }
      return takeMerged(tx, m, entry, result);
    case "rejected": {
      const rejection = { mutation, problem: result.error ?? { code: "", message: "" } };
      tx.put("attention", key, rejection);
      return { ...entry, settled: true };
    }
  }
  throw network(`unknown status ${result.status}`);
}
function takeMerged(tx, m, entry, result) {
  const table = rowTable(m.set, entry.mutation.collection);
  const row = tx.get(table, entry.mutation.record);
  if (!row) return entry;
  const merge = result.seq ?? row.base;
  const taken = result.status === "merged" && result.record ? { base: merge, record: result.record } : void 0;
  tx.put(table, entry.mutation.record, { ...row, merge, ...taken });
  return taken ? { ...entry, settled: true } : entry;
}
function trim(tx, m) {
  for (const [key, entry] of tx.scan("log")) {
    if (entry.mutation.n > m.handled || !entry.handled || Date.parse(m.server) - Date.parse(entry.handled) <= keepSentMs) return;
    tx.delete("log", key);
  }
}
export {
  keepSentMs,
  push,
  resume,
  trim
};
