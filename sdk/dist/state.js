import { GridwalkError } from "./errors.js";
import { hex } from "./stamp.js";
const fresh = { made: 0, handled: 0, shown: 0, stamp: "", set: 0, hydrating: false, cursor: "", scopes: [], server: "", poll: 300, erased: false };
const numberKey = (n) => hex(n, 14);
const setTable = (set) => `row/${hex(set, 8)}/`;
const rowTable = (set, collection) => setTable(set) + collection;
const filling = (m) => m.hydrating ? m.set + 1 : m.set;
class View {
  constructor(base) {
    this.base = base;
  }
  base;
  get(table, key) {
    var _a;
    return (_a = this.base.get(table)) == null ? void 0 : _a.get(key);
  }
  /** The keys and values of a table, in the order of the keys. */
  scan(table) {
    return [...this.base.get(table) ?? []].sort(([a], [b]) => a < b ? -1 : 1);
  }
  /** The names of the tables that begin with a prefix. */
  tables(prefix) {
    return [...this.base.keys()].filter((table) => table.startsWith(prefix));
  }
  meta() {
    return { ...fresh, ...this.get("meta", "client") };
  }
  /** The mutations after number `after`, in order. */
  *log(after) {
    for (let n = after + 1, made = this.meta().made; n <= made; n++) {
      const entry = this.get("log", numberKey(n));
      if (entry) yield entry;
    }
  }
}
class Tx extends View {
  changes = /* @__PURE__ */ new Map();
  blobs = [];
  get(table, key) {
    const changed = this.changes.get(table);
    return (changed == null ? void 0 : changed.has(key)) ? changed.get(key) : super.get(table, key);
  }
  scan(table) {
    const changed = this.changes.get(table);
    if (!changed) return super.scan(table);
    const all = new Map(this.base.get(table));
    apply(all, changed);
    return [...all].sort(([a], [b]) => a < b ? -1 : 1);
  }
  tables(prefix) {
    return [.../* @__PURE__ */ new Set([...this.base.keys(), ...this.changes.keys()])].filter((table) => table.startsWith(prefix));
  }
  put(table, key, value) {
    let changed = this.changes.get(table);
    if (!changed) this.changes.set(table, changed = /* @__PURE__ */ new Map());
    changed.set(key, value);
  }
  delete(table, key) {
    if (this.get(table, key) !== void 0) this.put(table, key, void 0);
  }
  /** Removes all tables that begin with a prefix. */
  clear(prefix) {
    for (const table of this.tables(prefix)) for (const [key] of this.scan(table)) this.delete(table, key);
  }
  setMeta(m) {
    this.put("meta", "client", m);
  }
}
function apply(table, changes) {
  for (const [key, value] of changes) {
    if (value === void 0) table.delete(key);
    else table.set(key, value);
  }
}
class State {
  /** `changed` is told the tables that were touched, after every commit; undefined stands for all. */
  constructor(store, changed) {
    this.store = store;
    this.changed = changed;
  }
  store;
  changed;
  tables = /* @__PURE__ */ new Map();
  version = -1;
  queue = Promise.resolve();
  unwatch;
  get view() {
    return new View(this.tables);
  }
  /** Reads the store. Nothing else may be called before. */
  async open() {
    var _a, _b;
    await this.reload();
    this.unwatch = (_b = (_a = this.store).watch) == null ? void 0 : _b.call(_a, (version, changes) => {
      void this.inTurn(async () => {
        if (version <= this.version) return;
        if (version === this.version + 1) this.take(group(changes));
        else await this.reload();
      }).catch(() => void 0);
    });
  }
  async close() {
    var _a;
    (_a = this.unwatch) == null ? void 0 : _a.call(this);
    await this.queue.catch(() => void 0);
  }
  /**
   * Runs a change in one transaction. When it resolves, everything that the change
   * put is durable; when it rejects, nothing is. The change may run more than once.
   */
  update(change) {
    return this.inTurn(async () => {
      for (; ; ) {
        const tx = new Tx(this.tables);
        const result = change(tx);
        if (tx.changes.size === 0 && tx.blobs.length === 0) return result;
        if (await this.commit(tx)) {
          this.take(tx.changes);
          return result;
        }
        await this.reload();
      }
    });
  }
  async blob(key) {
    try {
      return await this.store.blob(key);
    } catch (err) {
      throw storage(err);
    }
  }
  async commit(tx) {
    const changes = [];
    for (const [table, values] of tx.changes) for (const [key, value] of values) changes.push([table, key, value]);
    try {
      return await this.store.commit(this.version, changes, tx.blobs);
    } catch (err) {
      throw storage(err);
    }
  }
  take(changes) {
    this.version++;
    for (const [name, values] of changes) {
      let table = this.tables.get(name);
      if (!table) this.tables.set(name, table = /* @__PURE__ */ new Map());
      apply(table, values);
      if (table.size === 0) this.tables.delete(name);
    }
    this.changed(new Set(changes.keys()));
  }
  async reload() {
    try {
      const { version, values } = await this.store.load();
      this.tables = group(values);
      this.version = version;
    } catch (err) {
      throw storage(err);
    }
    this.changed(void 0);
  }
  inTurn(work) {
    const done = this.queue.then(work, work);
    this.queue = done.catch(() => void 0);
    return done;
  }
}
function group(changes) {
  const tables = /* @__PURE__ */ new Map();
  for (const [table, key, value] of changes) {
    let values = tables.get(table);
    if (!values) tables.set(table, values = /* @__PURE__ */ new Map());
    values.set(key, value);
  }
  return tables;
}
function storage(err) {
  return err instanceof GridwalkError ? err : new GridwalkError("storage", `the phone's store fails: ${String(err)}`, { cause: err });
}
export {
  State,
  Tx,
  View,
  filling,
  numberKey,
  rowTable,
  setTable
};
