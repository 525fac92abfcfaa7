import { type Row, rowTable, type View } from "./state.js";
import type { Fields, Mutation } from "./wire.js";

/** Gives the records of a collection by id, with the writes that wait on top. */
export function shown(view: View, collection: string): ReadonlyMap<string, Fields> {
  const m = view.meta();
  const records = new Map<string, Fields>();
  for (const [id, row] of view.scan<Row>(rowTable(m.set, collection))) records.set(id, row.record);
  for (const { mutation, settled } of view.log(Math.min(m.shown, m.handled))) {
    if (mutation.collection === collection && !settled) show(records, mutation);
  }
  return records;
}

/** Applies a mutation to what is shown, hoping for the best. */
function show(records: Map<string, Fields>, { op, record, set }: Mutation): void {
  const there = records.get(record);
  if (op === "delete") records.delete(record);
  else if (op === "create" || there) records.set(record, { ...(there ?? { id: record }), ...set });
}
