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
export declare class Hub {
    private readonly listeners;
    private readonly changes;
    private wholeChanges;
    tell(topics: Set<string> | undefined): void;
    /** A value that is computed anew when one of its topics has changed. */
    live<T>(topics: string[], compute: () => T, same?: (a: T, b: T) => boolean): Live<T>;
}
