import type { BlobChange, Store } from "./adapters.js";
import type { Fields, Loss, Mutation, Problem } from "./wire.js";
/** Says where a client stands. Mutations up to `handled` are the sent log, those after it the outbox. */
export interface Meta {
    made: number;
    handled: number;
    /** The newest whose effect was pulled. */
    shown: number;
    /** The newest made or seen. */
    stamp: string;
    /** Which set of rows is the replica. */
    set: number;
    /** The set after it is being filled. */
    hydrating: boolean;
    cursor: string;
    scopes: string[];
    /** The server's clock, when it last answered. */
    server: string;
    /** Seconds after which to pull without a poke. */
    poll: number;
    erased: boolean;
    /** Handed out by the last pull, for proofs of check-ins. */
    nonce?: string;
    /** Hash of the newest proof that was made here. */
    proof?: string;
    /** What is not sent is sealed to it when the phone is lost. */
    parcelKey?: string;
    /** Days without contact after which the phone takes itself for lost; 0 never. */
    wipeAfter?: number;
    /** By the phone's clock: the last contact, and the latest time that it has shown since. */
    contactAt?: number;
    latestAt?: number;
}
/** A mutation in the log. */
export interface Entry {
    mutation: Mutation;
    /** When the server answered for it, by its clock. */
    handled?: string;
    /** The answer is in the replica: show it no longer on top. */
    settled?: boolean;
}
/** A record of the replica. */
export interface Row {
    /** As pulled: digests are made of it. */
    seq: number;
    /** As last seen: edits name it. */
    base: number;
    epoch: string;
    /** Seq of the newest merge of ours, which a pull may leave out. */
    merge?: number;
    scopes: string[];
    record: Fields;
}
/** A mutation that the server rejected. It is kept, here and there. */
export interface Rejection {
    mutation: Mutation;
    problem: Problem;
}
/** A value that lost when the server merged an edit of ours with somebody else's. */
export interface Conflict extends Loss {
    /** Of the mutation that was merged. */
    n: number;
    collection: string;
    record: string;
}
export declare const numberKey: (n: number) => string;
export declare const setTable: (set: number) => string;
export declare const rowTable: (set: number, collection: string) => string;
export declare const filling: (m: Meta) => number;
type Tables = Map<string, Map<string, unknown>>;
/** Reads a consistent state. Values are never changed, only replaced. */
export declare class View {
    protected readonly base: Tables;
    constructor(base: Tables);
    get<T>(table: string, key: string): T | undefined;
    /** The keys and values of a table, in the order of the keys. */
    scan<T>(table: string): [string, T][];
    /** The names of the tables that begin with a prefix. */
    tables(prefix: string): string[];
    meta(): Meta;
    /** The mutations after number `after`, in order. */
    log(after: number): Generator<Entry>;
}
/** A transaction: all that it puts and removes is kept, or nothing. */
export declare class Tx extends View {
    readonly changes: Tables;
    readonly blobs: BlobChange[];
    get<T>(table: string, key: string): T | undefined;
    scan<T>(table: string): [string, T][];
    tables(prefix: string): string[];
    put(table: string, key: string, value: unknown): void;
    delete(table: string, key: string): void;
    /** Removes all tables that begin with a prefix. */
    clear(prefix: string): void;
    setMeta(m: Meta): void;
}
/** The whole working set in memory, and behind it the store as its log. */
export declare class State {
    private readonly store;
    private readonly changed;
    private tables;
    private version;
    private queue;
    private unwatch;
    /** `changed` is told the tables that were touched, after every commit; undefined stands for all. */
    constructor(store: Store, changed: (tables: Set<string> | undefined) => void);
    get view(): View;
    /** Reads the store. Nothing else may be called before. */
    open(): Promise<void>;
    close(): Promise<void>;
    /**
     * Runs a change in one transaction. When it resolves, everything that the change
     * put is durable; when it rejects, nothing is. The change may run more than once.
     */
    update<T>(change: (tx: Tx) => T): Promise<T>;
    blob(key: string): Promise<Uint8Array | undefined>;
    private commit;
    private take;
    private reload;
    private inTurn;
}
export {};
