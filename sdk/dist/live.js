class Hub {
  listeners = /* @__PURE__ */ new Set();
  tell(topics) {
    for (const listener of [...this.listeners]) listener(topics);
  }
  /** A value that is computed anew when one of its topics changes. */
  live(topics, compute, same = () => false) {
    return {
      get: compute,
      subscribe: (listener) => {
        let last = compute();
        const heard = (changed) => {
          if (changed && !topics.some((topic) => changed.has(topic))) return;
          const next = compute();
          if (same(last, next)) return;
          last = next;
          listener(next);
        };
        this.listeners.add(heard);
        listener(last);
        return () => void this.listeners.delete(heard);
      }
    };
  }
}
export {
  Hub
};
