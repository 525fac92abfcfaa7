import type { BlobChange, Change, Lock, Store } from "../adapters.js";
/**
 * A store in IndexedDB. A commit is durable when it resolves (durability is
 * strict), several tabs may share it, and a connection that the browser has
 * dropped in the background is opened anew once.
 */
export declare class IDBStore implements Store {
    private readonly name;
    private db;
    private readonly channel;
    /** `name` is of the database: one for each officer on each device. */
    constructor(name: string);
    load(): Promise<{
        version: number;
        values: Change[];
    }>;
    commit(version: number, changes: Change[], blobs: BlobChange[]): Promise<boolean>;
    blob(key: string): Promise<Uint8Array | undefined>;
    watch(changed: (version: number, changes: Change[]) => void): () => void;
    /** Closes the database and the channel to other tabs. */
    close(): Promise<void>;
    /**
     * Runs work on the database. A connection that turns out to be dead is replaced,
     * once. A commit that was cut off that way may have been kept: it knows itself
     * again by its mark.
     */
    private withDB;
    private open;
}
/** A lock that all tabs of an origin share; within one tab where the browser has none. */
export declare function tabLock(name: string): Lock;
