import type { Signal } from "./adapters.js";
import { ask } from "./ask.js";
import type { Core } from "./core.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { contact } from "./lost.js";
import { doubtPhotos, trimPhotos } from "./photos.js";
import { resume, trim } from "./push.js";
import { wrong } from "./stamp.js";
import { filling, type Meta, type Row, rowTable, setTable, type Tx } from "./state.js";
import { type Page, type PageChange, readPage } from "./wire.js";

/** Fetches pages until there is no more. It gives «again» when the outbox has grown by what the server lost. */
export async function pull(c: Core, signal?: Signal): Promise<"done" | "again"> {
  let restarted = false;
  for (;;) {
    const { cursor } = c.state.view.meta();
    const request = { cursor, limit: c.pageSize, schema: c.schema, ...(c.collections ? { collections: c.collections } : {}) };
    try {
      const page = await ask(c, "/api/sync/pull", request, readPage, signal);
      if (page.more && page.cursor === cursor) throw network("a page that leads to itself");
      await c.state.update((tx) => takePage(tx, page, c.clock.now()));
      if (page.nonce) c.pulled = c.clock.monotonic?.();
      if (!page.more) return "done";
    } catch (err) {
      if (!(err instanceof GridwalkError) || restarted) throw err;
      if (isCode(err, "epoch_changed")) {
        // The server was restored from a backup: what we know of it is no longer
        // true, and what it lost of ours is sent again. Both in one transaction: a
        // phone that dies between them would hydrate and never send again.
        const { resumeFrom } = err;
        await c.state.update((tx) => {
          const m = resumeFrom === undefined ? tx.meta() : resume(tx, tx.meta(), resumeFrom);
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

/**
 * Begins with an empty cursor and an empty set of rows. The old set is shown until
 * the new one is complete: a phone without signal is not empty.
 */
export function hydrate(tx: Tx, m: Meta): Meta {
  const next = { ...m, hydrating: true, cursor: "" };
  tx.clear(setTable(filling(next)));
  return next;
}

/** Stores a page and its cursor. */
function takePage(tx: Tx, page: Page, phoneNow: number): void {
  const m: Meta = { ...contact(tx.meta(), phoneNow), server: page.now, wipeAfter: page.wipeAfter ?? 0, ...(page.parcelKey ? { parcelKey: page.parcelKey } : {}) };
  // What is held through a lost scope goes before anything else, from the set that
  // is shown, too. The page names lost scopes in `drop`; going by what is held
  // needs no memory of which drop was missed.
  if (JSON.stringify(m.scopes) !== JSON.stringify(page.scopes)) {
    for (let set = m.set; set <= filling(m); set++) dropScopes(tx, set, page.scopes);
  }
  for (const change of page.changes) takeChange(tx, m, page.epoch, change);
  const next: Meta = { ...m, cursor: page.cursor, scopes: page.scopes, poll: page.poll || m.poll, ...(page.nonce ? { nonce: page.nonce } : {}) };
  tx.setMeta(page.more ? next : complete(tx, next));
}

function dropScopes(tx: Tx, set: number, held: string[]): void {
  for (const table of tx.tables(setTable(set))) {
    for (const [id, row] of tx.scan<Row>(table)) {
      const left = row.scopes.filter((scope) => held.includes(scope));
      if (left.length === row.scopes.length) continue;
      if (left.length === 0) tx.delete(table, id);
      else tx.put(table, id, { ...row, scopes: left });
    }
  }
}

/** Takes in a record. What it says of the newest stamp goes into `m`. */
function takeChange(tx: Tx, m: Meta, epoch: string, change: PageChange): void {
  const table = rowTable(filling(m), change.collection);
  if (change.gone) {
    tx.delete(table, change.id);
    tx.delete(rowTable(m.set, change.collection), change.id);
    return;
  }
  const record = change.record ?? {};
  // An edit made from now on was made in sight of this one.
  const edited = record["client_updated_at"];
  if (typeof edited === "string" && edited > m.stamp && (m.made > m.handled || !wrong(edited, Date.parse(m.server)))) m.stamp = edited;
  // A merge in which ours lost leaves the record and its seq in the feed as they
  // were. An edit made in sight of it must name it, or the server takes the lost
  // value for one that still stands here.
  const last = tx.get<Row>(rowTable(m.set, change.collection), change.id);
  const merge = last?.epoch === epoch ? (last.merge ?? 0) : 0;
  const row: Row = { seq: change.seq, base: Math.max(change.seq, merge), epoch, ...(merge ? { merge } : {}), scopes: change.scopes ?? [], record };
  tx.put(table, change.id, row);
}

/** Ends a pull: the replica is what the server has. */
function complete(tx: Tx, m: Meta): Meta {
  const done = { ...m };
  if (m.hydrating) {
    tx.clear(setTable(m.set));
    done.set = m.set + 1;
    done.hydrating = false;
  }
  done.shown = m.handled;
  // The phone's date was wrong; the server keeps the order of the outbox.
  if (m.made === m.handled && wrong(m.stamp, Date.parse(m.server))) done.stamp = "";
  trim(tx, done);
  trimPhotos(tx, done);
  return done;
}
