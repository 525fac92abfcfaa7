/**
 * A value that follows the replica. `subscribe` calls at once and after every
 * change, as Svelte, RxJS and useSyncExternalStore expect it, and gives the
 * function that ends it.
 */
export interface Live<T> {
  get(): T;
  subscribe(listener: (value: T) => void): () => void;
}

/** Tells live values that something has changed. Topics are names; undefined stands for all of them. */
export class Hub {
  private readonly listeners = new Set<(topics: Set<string> | undefined) => void>();

  tell(topics: Set<string> | undefined): void {
    for (const listener of [...this.listeners]) listener(topics);
  }

  /** A value that is computed anew when one of its topics changes. */
  live<T>(topics: string[], compute: () => T, same: (a: T, b: T) => boolean = () => false): Live<T> {
    return {
      get: compute,
      subscribe: (listener) => {
        let last = compute();
        const heard = (changed: Set<string> | undefined) => {
          if (changed && !topics.some((topic) => changed.has(topic))) return;
          const next = compute();
          if (same(last, next)) return;
          last = next;
          listener(next);
        };
        this.listeners.add(heard);
        listener(last);
        return () => void this.listeners.delete(heard);
      },
    };
  }
}
