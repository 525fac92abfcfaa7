import type { Signal } from "./adapters.js";
import { ask } from "./ask.js";
import type { Core } from "./core.js";
import { hydrate, pull } from "./pull.js";
import { type Row, setTable, type View } from "./state.js";
import { readDigests, type ScopeDigest } from "./wire.js";

/**
 * Compares the replica with the server's digests, and hydrates anew when they
 * differ. It gives the scopes that did: the app reports them, because they are a
 * bug of somebody's.
 */
export async function check(c: Core, signal?: Signal): Promise<string[]> {
  let different: string[] = [];
  // A change between pull and digest looks like a difference, once.
  for (let i = 0; i < 2; i++) {
    await pull(c, signal);
    const theirs = await ask(c, "/api/sync/digest", {}, readDigests, signal);
    const ours = digests(c.state.view);
    different = Object.keys(theirs).filter((scope) => !same(theirs[scope], ours.get(scope))).sort();
    if (different.length === 0) return [];
  }
  await c.state.update((tx) => tx.setMeta(hydrate(tx, tx.meta())));
  await pull(c, signal);
  return different;
}

function same(theirs: ScopeDigest | undefined, ours: ScopeDigest = { count: 0, sum: "0".repeat(16) }): boolean {
  return theirs?.count === ours.count && theirs.sum === ours.sum;
}

/** Sums up the replica, scope by scope. */
export function digests(view: View): Map<string, ScopeDigest> {
  const sums = new Map<string, { count: number; sum: bigint }>();
  const prefix = setTable(view.meta().set);
  for (const table of view.tables(prefix)) {
    for (const [id, row] of view.scan<Row>(table)) {
      const hash = fnv1a(`${table.slice(prefix.length)}/${id}/${row.seq}`);
      for (const scope of row.scopes) {
        const { count, sum } = sums.get(scope) ?? { count: 0, sum: 0n };
        sums.set(scope, { count: count + 1, sum: BigInt.asUintN(64, sum + hash) });
      }
    }
  }
  return new Map([...sums].map(([scope, { count, sum }]) => [scope, { count, sum: sum.toString(16).padStart(16, "0") }]));
}

/** FNV-1a, 64 bits, of text that is ASCII. */
export function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return hash;
}
