import { ask } from "./ask.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { contact } from "./lost.js";
import { doubtPhotos, trimPhotos } from "./photos.js";
import { resume, trim } from "./push.js";
import { wrong } from "./stamp.js";
import { filling, rowTable, setTable } from "./state.js";
import { readPage } from "./wire.js";
async function pull(c, signal) {
  var _a, _b;
  let restarted = false;
  for (; ; ) {
    const { cursor } = c.state.view.meta();
    const request = { cursor, limit: c.pageSize, schema: c.schema, ...c.collections ? { collections: c.collections } : {} };
    try {
      const page = await ask(c, "/api/sync/pull", request, readPage, signal);
      if (page.more && page.cursor === cursor) throw network("a page that leads to itself");
      await c.state.update((tx) => takePage(tx, page, c.clock.now()));
      if (page.nonce) c.pulled = (_b = (_a = c.clock).monotonic) == null ? void 0 : _b.call(_a);
      if (!page.more) return "done";
    } catch (err) {
      if (!(err instanceof GridwalkError) || restarted) throw err;
      if (isCode(err, "epoch_changed")) {
        const { resumeFrom } = err;
        await c.state.update((tx) => {
          const m = resumeFrom === void 0 ? tx.meta() : resume(tx, tx.meta(), resumeFrom);
          doubtPhotos(tx);
          tx.setMeta(hydrate(tx, m));
        });
        return "again";
      }
      if (!isCode(err, "cursor_invalid", "cursor_of_other_device", "cursor_of_other_filter")) throw err;
      await c.state.update((tx) => tx.setMeta(hydrate(tx, tx.meta())));
      restarted = true;
    }
  }
}
function hydrate(tx, m) {
  const next = { ...m, hydrating: true, cursor: "" };
  tx.clear(setTable(filling(next)));
  return next;
}
function takePage(tx, page, phoneNow) {
  const m = { ...contact(tx.meta(), phoneNow), server: page.now, wipeAfter: page.wipeAfter ?? 0, ...page.parcelKey ? { parcelKey: page.parcelKey } : {} };
  if (JSON.stringify(m.scopes) !== JSON.stringify(page.scopes)) {
    for (let set = m.set; set <= filling(m); set++) dropScopes(tx, set, page.scopes);
  }
  for (const change of page.changes) takeChange(tx, m, page.epoch, change);
  const next = { ...m, cursor: page.cursor, scopes: page.scopes, poll: page.poll || m.poll, ...page.nonce ? { nonce: page.nonce } : {} };
  tx.setMeta(page.more ? next : complete(tx, next));
}
function dropScopes(tx, set, held) {
  for (const table of tx.tables(setTable(set))) {
    for (const [id, row] of tx.scan(table)) {
      const left = row.scopes.filter((scope) => held.includes(scope));
      if (left.length === row.scopes.length) continue;
      if (left.length === 0) tx.delete(table, id);
      else tx.put(table, id, { ...row, scopes: left });
    }
  }
}
function takeChange(tx, m, epoch, change) {
  const table = rowTable(filling(m), change.collection);
  if (change.gone) {
    tx.delete(table, change.id);
    tx.delete(rowTable(m.set, change.collection), change.id);
    return;
  }
  const record = change.record ?? {};
  const edited = record["client_updated_at"];
  if (typeof edited === "string" && edited > m.stamp && (m.made > m.handled || !wrong(edited, Date.parse(m.server)))) m.stamp = edited;
  const last = tx.get(rowTable(m.set, change.collection), change.id);
  const merge = (last == null ? void 0 : last.epoch) === epoch ? last.merge ?? 0 : 0;
  const row = { seq: change.seq, base: Math.max(change.seq, merge), epoch, ...merge ? { merge } : {}, scopes: change.scopes ?? [], record };
  tx.put(table, change.id, row);
}
function complete(tx, m) {
  const done = { ...m };
  if (m.hydrating) {
    tx.clear(setTable(m.set));
    done.set = m.set + 1;
    done.hydrating = false;
  }
  done.shown = m.handled;
  if (m.made === m.handled && wrong(m.stamp, Date.parse(m.server))) done.stamp = "";
  trim(tx, done);
  trimPhotos(tx, done);
  return done;
}
export {
  hydrate,
  pull
};
