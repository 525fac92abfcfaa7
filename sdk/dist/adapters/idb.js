import { openDB } from "idb";
const versionKey = ["", "version"];
class IDBStore {
  /** `name` is of the database: one for each officer on each device. */
  constructor(name) {
    this.name = name;
    this.channel = typeof BroadcastChannel === "undefined" ? void 0 : new BroadcastChannel(`gridwalk/${name}`);
  }
  name;
  db;
  channel;
  async load() {
    return this.withDB(async (db) => {
      var _a;
      const rows = await db.getAll("values");
      const version = ((_a = rows.find(({ table }) => table === "")) == null ? void 0 : _a.value) ?? 0;
      return { version, values: rows.filter(({ table }) => table !== "").map(({ table, key, value }) => [table, key, value]) };
    });
  }
  async commit(version, changes, blobs) {
    var _a;
    const by = [Date.now(), Math.random()];
    const kept = await this.withDB(async (db) => {
      const tx = db.transaction(["values", "blobs"], "readwrite", { durability: "strict" });
      const values = tx.objectStore("values");
      const newest = await values.get(versionKey);
      if (((newest == null ? void 0 : newest.value) ?? 0) !== version) {
        await tx.done;
        return (newest == null ? void 0 : newest.value) === version + 1 && String(newest.by) === String(by);
      }
      const requests = [values.put({ table: "", key: "version", value: version + 1, by })];
      for (const [table, key, value] of changes) requests.push(value === void 0 ? values.delete([table, key]) : values.put({ table, key, value }));
      for (const [key, bytes] of blobs) requests.push(bytes === null ? tx.objectStore("blobs").delete(key) : tx.objectStore("blobs").put(bytes, key));
      await Promise.all([...requests, tx.done]);
      return true;
    });
    if (kept) (_a = this.channel) == null ? void 0 : _a.postMessage([version + 1, changes]);
    return kept;
  }
  blob(key) {
    return this.withDB((db) => db.get("blobs", key));
  }
  watch(changed) {
    var _a;
    const heard = (event) => changed(...event.data);
    (_a = this.channel) == null ? void 0 : _a.addEventListener("message", heard);
    return () => {
      var _a2;
      return (_a2 = this.channel) == null ? void 0 : _a2.removeEventListener("message", heard);
    };
  }
  /** Closes the database and the channel to other tabs. */
  async close() {
    var _a, _b;
    (_a = this.channel) == null ? void 0 : _a.close();
    (_b = await this.db) == null ? void 0 : _b.close();
  }
  /**
   * Runs work on the database. A connection that turns out to be dead is replaced,
   * once. A commit that was cut off that way may have been kept: it knows itself
   * again by its mark.
   */
  async withDB(work) {
    var _a, _b;
    try {
      return await work(await this.open());
    } catch (err) {
      const { name } = err;
      if (name !== "InvalidStateError" && name !== "UnknownError" && name !== "AbortError") throw err;
      (_b = await ((_a = this.db) == null ? void 0 : _a.catch(() => void 0))) == null ? void 0 : _b.close();
      this.db = void 0;
      return work(await this.open());
    }
  }
  open() {
    const forget = () => this.db = void 0;
    this.db ?? (this.db = openDB(this.name, 1, {
      upgrade(db) {
        db.createObjectStore("values", { keyPath: ["table", "key"] });
        db.createObjectStore("blobs");
      },
      blocking: (_current, _blocked, event) => event.target.close(),
      terminated: forget
    }).catch((err) => {
      forget();
      throw err;
    }));
    return this.db;
  }
}
function tabLock(name) {
  if (typeof navigator === "undefined" || !navigator.locks) return (work) => work();
  return (work) => navigator.locks.request(`gridwalk/${name}`, work);
}
export {
  IDBStore,
  tabLock
};
