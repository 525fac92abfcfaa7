/**
 * A value that follows the replica. `get` gives the same value until something
 * changes. `subscribe` calls at once and after every change, and gives the function
 * that ends it: what Svelte, RxJS and React's useSyncExternalStore expect.
 */
export interface Live<T> {
  get(): T;
  subscribe(listener: (value: T) => void): () => void;
}

/** Tells live values that something has changed. Topics are names; undefined stands for all of them. */
export class Hub {
  private readonly listeners = new Set<(topics: Set<string> | undefined) => void>();
  private readonly changes = new Map<string, number>();
  private wholeChanges = 0;

  tell(topics: Set<string> | undefined): void {
    if (!topics) this.wholeChanges++;
    for (const topic of topics ?? []) this.changes.set(topic, (this.changes.get(topic) ?? 0) + 1);
    for (const listener of [...this.listeners]) listener(topics);
  }

  /** A value that is computed anew when one of its topics has changed. */
  live<T>(topics: string[], compute: () => T, same: (a: T, b: T) => boolean = () => false): Live<T> {
    let known: { as: string; value: T } | undefined;
    const get = (): T => {
      const as = [this.wholeChanges, ...topics.map((topic) => this.changes.get(topic) ?? 0)].join();
      if (known?.as === as) return known.value;
      const value = compute();
      known = { as, value: known && same(known.value, value) ? known.value : value };
      return known.value;
    };
    const subscribe = (listener: (value: T) => void): (() => void) => {
      let last = get();
      const heard = (changed: Set<string> | undefined): void => {
        if (changed && !topics.some((topic) => changed.has(topic))) return;
        const next = get();
        if (next !== last) listener((last = next));
      };
      this.listeners.add(heard);
      listener(last);
      return () => void this.listeners.delete(heard);
    };
    return { get, subscribe };
  }
}
