import type { Clock, Digest, Lock, Pokes, Random, Sealer, Signal, Store, Transport, Uploader } from "./adapters.js";
import { type DeviceKey } from "./devicekey.js";
import { GridwalkError } from "./errors.js";
import { Hub, type Live } from "./live.js";
import { type Photo } from "./photos.js";
import { type Conflict, type Meta, type Rejection, type Row, State } from "./state.js";
import type { Fields, Mutation, Op } from "./wire.js";
export interface Options {
    /** Of the server, without a slash at the end. */
    url: string;
    /** Id of the enrolled device. */
    device: string;
    /** Of the officer who is signed in; it is asked for at every request. */
    token: () => string;
    /** Gets the token that `token` gives from then on, by the phone's key: see `renewToken`. Called when the old one is no longer valid. */
    renew?: () => Promise<void>;
    /** The key of this phone, by which check-ins are signed: see docs/proof.md. */
    key?: DeviceKey;
    /** One for each officer on each device. */
    store: Store;
    transport: Transport;
    clock: Clock;
    random: Random;
    digest: Digest;
    /** Brings photographs to the server; as whole files by default. */
    uploader?: Uploader;
    /** Seals what a lost phone has not sent; without one that is lost. */
    sealer?: Sealer;
    /** Keeps two users of one store (two tabs) from syncing at the same time. */
    lock?: Lock;
    /** Hears the server's pokes while `run` runs. */
    pokes?: Pokes;
    /** Narrow the pull; everything by default. */
    collections?: string[];
    /** Newest schema that the app knows; 1 by default. */
    schema?: number;
    /** Mutations of one push, at most 500, which is the default. */
    batchSize?: number;
    /** Records of one page of a pull; 500 by default. */
    pageSize?: number;
    /** At one request before a sync gives up; 5 by default. */
    attempts?: number;
    /** Makes record ids: 15 characters of a-z0-9. */
    newID?: () => string;
}
/** Where the client stands, for a badge on the screen. */
export interface Status {
    /**
     * idle: all went well last time, or nothing was tried yet. syncing: at work.
     * Otherwise how the last sync ended: see Kind; offline stands for network.
     */
    state: "idle" | "syncing" | "offline" | Exclude<GridwalkError["kind"], "network">;
    /** Code of docs/protocol.md, if the server gave one. */
    code?: string;
    /** Mutations and photographs that are only on this phone. */
    waiting: number;
    photos: number;
    rejected: number;
    conflicts: number;
    /** The server's clock when it last answered, ISO 8601; empty before. */
    server: string;
    /** The first replica is being filled: lists are not complete yet. */
    hydrating: boolean;
}
/** What the app knows of one record. */
export type RecordState = "synced" | "waiting" | "rejected" | "absent";
export interface SyncOptions {
    signal?: Signal;
}
/** Opens the replica and the outbox that a store holds. */
export declare function openClient(o: Options): Promise<Client>;
/** The sync client of one officer on one device; `openClient` makes it. */
export declare class Client {
    private readonly o;
    private readonly state;
    private readonly hub;
    private readonly core;
    private readonly cache;
    private syncing;
    private ended;
    private wakeUp;
    private readonly signing;
    /** Mutations that the server has not answered for yet, the oldest first. */
    readonly outbox: Live<Mutation[]>;
    /** What was rejected and not dismissed. */
    readonly rejections: Live<Rejection[]>;
    /** Values that lost in merges of ours and were not resolved. */
    readonly conflicts: Live<Conflict[]>;
    readonly photos: Live<Photo[]>;
    readonly status: Live<Status>;
    constructor(o: Options, state: State, hub: Hub);
    private get view();
    /** Forgets cached records of what was touched. For the state only. */
    forget(tables: Set<string> | undefined): void;
    private standing;
    /**
     * Notes that the officer looked at a record that tells of somebody, for the next
     * sync: residents are told who looked. The same record counts once in ten minutes.
     */
    looked(collection: string, record: string): Promise<void>;
    /** Makes the id of a record that is to be created. */
    newID(): string;
    /**
     * Puts one intended change into the outbox; `set` are the fields that change.
     * When it resolves, the change is durable and shows in every query.
     */
    write(collection: string, record: string, op: Op, set?: Fields, after?: string[]): Promise<Mutation>;
    /** A check-in and its proof; one after the other, because each names the one before. */
    private putSigned;
    private put;
    /**
     * Stores a photograph and the mutation that makes its record of evidence, both
     * or neither. The record's sha256 is set here. From then on a sync brings it to
     * the server; the bytes leave the phone a week after it is safe.
     */
    capture(bytes: Uint8Array, set: Fields, after?: string[]): Promise<Mutation>;
    /** The bytes of a photograph on the phone; undefined when they are not here. */
    photoBytes(record: string): Promise<Uint8Array | undefined>;
    /** Forgets a photograph that is stuck, and its bytes. */
    dismissPhoto(record: string): Promise<void>;
    /** Takes mutation `n` from what needs attention. */
    dismiss(n: number): Promise<void>;
    /** Settles a conflict: what was kept stays, what was lost is written again, or a third value is. */
    resolve(conflict: Conflict, choice: "kept" | "lost" | {
        value: unknown;
    }): Promise<void>;
    /** All records of a collection by id, with the writes that wait on top. They are not to be changed. */
    all(collection: string): ReadonlyMap<string, Fields>;
    get(collection: string, id: string): Fields | undefined;
    /** A query that follows the replica. */
    live<T>(collection: string, query: (records: ReadonlyMap<string, Fields>) => T): Live<T>;
    /** Whether a record is on the server as it is shown. */
    recordState(collection: string, id: string): RecordState;
    /** What this phone holds as the server gave it, as «collection/id», and where it stands. For tests and support. */
    inspect(): {
        meta: Meta;
        rows: Map<string, Row>;
    };
    /**
     * Sends what is in the outbox, fetches what is new, then sends photographs. It
     * may be cut short at any moment and called again; it rejects with a
     * GridwalkError that says how it ended.
     */
    sync({ signal }?: SyncOptions): Promise<void>;
    /**
     * Compares the replica with the server's digests, and fills it anew when they
     * differ. It gives the scopes that did. Call it when idle, at most once a day.
     */
    check({ signal }?: SyncOptions): Promise<string[]>;
    private work;
    private tell;
    /** Sends the parcels of a phone that was erased; that always rejects. */
    private farewell;
    /** Has `run` sync at once: the app came to the front, the network is back, somebody pressed the button. */
    wake(): void;
    /**
     * Keeps in sync until the signal aborts: after every write, at every poke, at
     * the server's interval, and after a failure ever more seldom. How each sync
     * ended is in `status`.
     */
    run(signal: Signal): Promise<void>;
    private listen;
    /** Ends what the client does with its store. */
    close(): Promise<void>;
}
/** Runs works one after the other. */
export declare function mutex(): Lock;
