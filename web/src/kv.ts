import { openDB, type IDBPDatabase } from "idb";

/*
 * What the app itself keeps beside the SDK's store: who is signed in, drafts,
 * the map, settings of this phone.
 */

let open: Promise<IDBPDatabase> | undefined;

function database(): Promise<IDBPDatabase> {
  open ??= openDB("gridwalk-app", 1, {
    upgrade: (db) => void db.createObjectStore("kv"),
    terminated: () => (open = undefined),
    blocking: () => void open?.then((db) => db.close()).then(() => (open = undefined)),
  });
  return open;
}

/** iOS closes databases of pages in the background: open once more, and say it if that fails, too. */
async function again<T>(work: (db: IDBPDatabase) => Promise<T>): Promise<T> {
  try {
    return await work(await database());
  } catch {
    open = undefined;
    return work(await database());
  }
}

export const keep = (key: string, value: unknown): Promise<void> =>
  again(async (db) => {
    const tx = db.transaction("kv", "readwrite", { durability: "strict" });
    void (value === undefined ? tx.store.delete(key) : tx.store.put(value, key));
    await tx.done;
  });

export const kept = <T>(key: string): Promise<T | undefined> => again((db) => db.get("kv", key) as Promise<T | undefined>);

/** Removes every entry whose key `goes`. */
export const forgetWhere = (goes: (key: string) => boolean): Promise<void> =>
  again(async (db) => {
    const tx = db.transaction("kv", "readwrite", { durability: "strict" });
    for (const key of await tx.store.getAllKeys()) if (goes(String(key))) void tx.store.delete(key);
    await tx.done;
  });
