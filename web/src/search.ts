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

/** The address as people say it; some have the door in it already. */
export const addressOf = (h: { address_zh: string; door_no: string } | undefined): string => (h ? (h.address_zh.endsWith(h.door_no ?? "") ? h.address_zh : `${h.address_zh}${h.door_no}`) : "");

function entry(household: string, name: string, home: Readonly<Records["households"]> | undefined, more: string): Entry {
  const address = addressOf(home);
  return { household, name, address, text: `${name} ${address} ${home?.phone ?? ""} ${more}`.toLowerCase() };
}

/** Entries in which every word occurs. */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ text }) => words.every((word) => text.includes(word)));
}
