import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { BlobChange, Change, Lock, Store } from "../adapters.js";

interface Schema extends DBSchema {
  values: { key: [table: string, key: string]; value: { table: string; key: string; value: unknown; by?: number[] } };
  blobs: { key: string; value: Uint8Array };
}

/** The row of `values` that counts the commits. */
const versionKey: [string, string] = ["", "version"];

/**
 * A store in IndexedDB. A commit is durable when it resolves (durability is
 * strict), several tabs may share it, and a connection that the browser has
 * dropped in the background is opened anew once.
 */
export class IDBStore implements Store {
  private db: Promise<IDBPDatabase<Schema>> | undefined;
  private readonly channel: BroadcastChannel | undefined;

  /** `name` is of the database: one for each officer on each device. */
  constructor(private readonly name: string) {
    this.channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(`gridwalk/${name}`);
  }

  async load(): Promise<{ version: number; values: Change[] }> {
    return this.withDB(async (db) => {
      const rows = await db.getAll("values");
      const version = (rows.find(({ table }) => table === "")?.value as number | undefined) ?? 0;
      return { version, values: rows.filter(({ table }) => table !== "").map(({ table, key, value }): Change => [table, key, value]) };
    });
  }

  async commit(version: number, changes: Change[], blobs: BlobChange[]): Promise<boolean> {
    const by = [Date.now(), Math.random()]; // tells this commit from those of other tabs
    const kept = await this.withDB(async (db) => {
      const tx = db.transaction(["values", "blobs"], "readwrite", { durability: "strict" });
      const values = tx.objectStore("values");
      const newest = await values.get(versionKey);
      if ((newest?.value ?? 0) !== version) {
        await tx.done;
        return newest?.value === version + 1 && String(newest.by) === String(by);
      }
      const requests: Promise<unknown>[] = [values.put({ table: "", key: "version", value: version + 1, by })];
      for (const [table, key, value] of changes) requests.push(value === undefined ? values.delete([table, key]) : values.put({ table, key, value }));
      for (const [key, bytes] of blobs) requests.push(bytes === null ? tx.objectStore("blobs").delete(key) : tx.objectStore("blobs").put(bytes, key));
      await Promise.all([...requests, tx.done]);
      return true;
    });
    if (kept) this.channel?.postMessage([version + 1, changes]);
    return kept;
  }

  blob(key: string): Promise<Uint8Array | undefined> {
    return this.withDB((db) => db.get("blobs", key));
  }

  watch(changed: (version: number, changes: Change[]) => void): () => void {
    const heard = (event: MessageEvent) => changed(...(event.data as [number, Change[]]));
    this.channel?.addEventListener("message", heard);
    return () => this.channel?.removeEventListener("message", heard);
  }

  /** Closes the database and the channel to other tabs. */
  async close(): Promise<void> {
    this.channel?.close();
    (await this.db)?.close();
  }

  /**
   * Runs work on the database. A connection that turns out to be dead is replaced,
   * once. A commit that was cut off that way may have been kept: it knows itself
   * again by its mark.
   */
  private async withDB<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      return await work(await this.open());
    } catch (err) {
      const { name } = err as Error;
      if (name !== "InvalidStateError" && name !== "UnknownError" && name !== "AbortError") throw err;
      (await this.db?.catch(() => undefined))?.close();
      this.db = undefined;
      return work(await this.open());
    }
  }

  private open(): Promise<IDBPDatabase<Schema>> {
    const forget = () => (this.db = undefined);
    this.db ??= openDB<Schema>(this.name, 1, {
      upgrade(db) {
        db.createObjectStore("values", { keyPath: ["table", "key"] });
        db.createObjectStore("blobs");
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      terminated: forget,
    }).catch((err: unknown) => {
      forget();
      throw err;
    });
    return this.db;
  }
}

/** A lock that all tabs of an origin share; within one tab where the browser has none. */
export function tabLock(name: string): Lock {
  if (typeof navigator === "undefined" || !navigator.locks) return (work) => work();
  return (work) => navigator.locks.request(`gridwalk/${name}`, work) as ReturnType<typeof work>;
}
