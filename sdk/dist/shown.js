import { rowTable } from "./state.js";
function shown(view, collection) {
  const m = view.meta();
  const records = /* @__PURE__ */ new Map();
  for (const [id, row] of view.scan(rowTable(m.set, collection))) records.set(id, row.record);
  for (const { mutation, settled } of view.log(Math.min(m.shown, m.handled))) {
    if (mutation.collection === collection && !settled) show(records, mutation);
  }
  return records;
}
function show(records, { op, record, set }) {
  const there = records.get(record);
  if (op === "delete") records.delete(record);
  else if (op === "create" || there) records.set(record, { ...there ?? { id: record }, ...set });
}
export {
  shown
};
