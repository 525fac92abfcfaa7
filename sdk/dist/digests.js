import { ask } from "./ask.js";
import { hydrate, pull } from "./pull.js";
import { setTable } from "./state.js";
import { readDigests } from "./wire.js";
async function check(c, signal) {
  let different = [];
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
function same(theirs, ours = { count: 0, sum: "0".repeat(16) }) {
  return (theirs == null ? void 0 : theirs.count) === ours.count && theirs.sum === ours.sum;
}
function digests(view) {
  const sums = /* @__PURE__ */ new Map();
  const prefix = setTable(view.meta().set);
  for (const table of view.tables(prefix)) {
    for (const [id, row] of view.scan(table)) {
      const hash = fnv1a(`${table.slice(prefix.length)}/${id}/${row.seq}`);
      for (const scope of row.scopes) {
        const { count, sum } = sums.get(scope) ?? { count: 0, sum: 0n };
        sums.set(scope, { count: count + 1, sum: BigInt.asUintN(64, sum + hash) });
      }
    }
  }
  return new Map([...sums].map(([scope, { count, sum }]) => [scope, { count, sum: sum.toString(16).padStart(16, "0") }]));
}
function fnv1a(text) {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return hash;
}
export {
  check,
  digests,
  fnv1a
};
