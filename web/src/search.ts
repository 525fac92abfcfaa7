import type { Collections, Records } from "gridwalk";

/** One person or home that a search may find. */
export interface Entry {
  household: string;
  name: string;
  address: string;
  text: string;
}

/** What people are found by: names, pinyin and its initials, address, telephone. */
export function index(db: Collections): Entry[] {
  const entries: Entry[] = [];
  const empty = new Set<string>();
  for (const h of db.households.list()) empty.add(h.id);
  for (const r of db.residents.list((one) => one.life_status !== "deceased")) {
    const home = db.households.get(r.household);
    empty.delete(r.household);
    entries.push(entry(r.household, r.name, home, `${r.pinyin ?? ""} ${r.phone ?? ""}`));
  }
  for (const id of empty) {
    const home = db.households.get(id);
    entries.push(entry(id, home?.head_name ?? "", home, ""));
  }
  return entries.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

function entry(household: string, name: string, home: Readonly<Records["households"]> | undefined, more: string): Entry {
  const address = `${home?.address_zh ?? ""}${home?.door_no ?? ""}`;
  return { household, name, address, text: `${name} ${address} ${home?.phone ?? ""} ${more}`.toLowerCase() };
}

/** Entries in which every word occurs. */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ text }) => words.every((word) => text.includes(word)));
}
