class Hub {
  listeners = /* @__PURE__ */ new Set();
  changes = /* @__PURE__ */ new Map();
  wholeChanges = 0;
  tell(topics) {
    if (!topics) this.wholeChanges++;
    for (const topic of topics ?? []) this.changes.set(topic, (this.changes.get(topic) ?? 0) + 1);
    for (const listener of [...this.listeners]) listener(topics);
  }
  /** A value that is computed anew when one of its topics has changed. */
  live(topics, compute, same = () => false) {
    let known;
    const get = () => {
      const as = [this.wholeChanges, ...topics.map((topic) => this.changes.get(topic) ?? 0)].join();
      if ((known == null ? void 0 : known.as) === as) return known.value;
      const value = compute();
      known = { as, value: known && same(known.value, value) ? known.value : value };
      return known.value;
    };
    const subscribe = (listener) => {
      let last = get();
      const heard = (changed) => {
        if (changed && !topics.some((topic) => changed.has(topic))) return;
        const next = get();
        if (next !== last) listener(last = next);
      };
      this.listeners.add(heard);
      listener(last);
      return () => void this.listeners.delete(heard);
    };
    return { get, subscribe };
  }
}
export {
  Hub
};
