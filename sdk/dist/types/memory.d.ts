import type { BlobChange, Change, Store } from "./adapters.js";
/** A store that lives as long as the process: for tests, simulations and load. */
export declare class MemoryStore implements Store {
    private version;
    private readonly values;
    private readonly blobs;
    private readonly watchers;
    /** Is called before a commit is kept; throwing undoes it. */
    beforeCommit: (() => void) | undefined;
    load(): Promise<{
        version: number;
        values: Change[];
    }>;
    commit(version: number, changes: Change[], blobs: BlobChange[]): Promise<boolean>;
    blob(key: string): Promise<Uint8Array | undefined>;
    watch(changed: (version: number, changes: Change[]) => void): () => void;
}
