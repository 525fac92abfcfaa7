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
export declare class Hub {
    private readonly listeners;
    tell(topics: Set<string> | undefined): void;
    /** A value that is computed anew when one of its topics changes. */
    live<T>(topics: string[], compute: () => T, same?: (a: T, b: T) => boolean): Live<T>;
}
