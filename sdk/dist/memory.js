class MemoryStore {
  version = 0;
  values = /* @__PURE__ */ new Map();
  blobs = /* @__PURE__ */ new Map();
  watchers = /* @__PURE__ */ new Set();
  /** Is called before a commit is kept; throwing undoes it. */
  beforeCommit;
  async load() {
    return { version: this.version, values: [...this.values.values()].map(([table, key, json]) => [table, key, JSON.parse(json)]) };
  }
  async commit(version, changes, blobs) {
    var _a;
    if (version !== this.version) return false;
    (_a = this.beforeCommit) == null ? void 0 : _a.call(this);
    for (const [table, key, value] of changes) {
      if (value === void 0) this.values.delete(`${table}/${key}`);
      else this.values.set(`${table}/${key}`, [table, key, JSON.stringify(value)]);
    }
    for (const [key, bytes] of blobs) {
      if (bytes === null) this.blobs.delete(key);
      else this.blobs.set(key, new Uint8Array(bytes));
    }
    this.version++;
    for (const changed of this.watchers) changed(this.version, changes);
    return true;
  }
  async blob(key) {
    return this.blobs.get(key);
  }
  watch(changed) {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }
}
export {
  MemoryStore
};
