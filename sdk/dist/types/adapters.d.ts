/**
 * What the core asks of the place it runs in. Nothing here names a browser, so
 * that a mini program or a native shell can bring its own.
 */
/** Tells that the work is no longer wanted; an AbortSignal is one. */
export interface Signal {
    readonly aborted: boolean;
    addEventListener(type: "abort", listener: () => void): void;
    removeEventListener(type: "abort", listener: () => void): void;
}
/** A value of the store under a key of a table; undefined removes it. */
export type Change = [table: string, key: string, value: unknown];
/** The bytes of a photograph under a key; null removes them. */
export type BlobChange = [key: string, bytes: Uint8Array | null];
/**
 * Keeps what must survive the death of the app. One store belongs to one officer
 * on one device. Values are what JSON can say.
 */
export interface Store {
    /** Everything but the blobs, and the number of the newest commit. */
    load(): Promise<{
        version: number;
        values: Change[];
    }>;
    /**
     * Writes all or nothing. When it resolves with true, everything is on the disk;
     * with false, another user of the same store has committed after `version`, and
     * nothing was written. A commit makes the version one greater.
     */
    commit(version: number, changes: Change[], blobs: BlobChange[]): Promise<boolean>;
    blob(key: string): Promise<Uint8Array | undefined>;
    /** Calls `changed` after another user of the same store has committed. */
    watch?(changed: (version: number, changes: Change[]) => void): () => void;
}
export interface Request {
    method: string;
    url: string;
    headers: Record<string, string>;
    body?: string | Uint8Array;
    /** The body may be sent compressed, if that is possible here. */
    gzip?: boolean;
}
export interface Answer {
    status: number;
    /** Gives a header of the answer by its name in lower case. */
    header(name: string): string | undefined;
    text: string;
}
/**
 * Sends one request and gives the whole answer. It rejects when there is none,
 * or only half of one, and follows no redirect: only captive portals redirect.
 */
export type Transport = (request: Request, signal?: Signal) => Promise<Answer>;
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Milliseconds of a clock that nobody sets, since whenever. */
    monotonic?(): number;
    /** Waits; it may resolve early when the signal aborts. */
    sleep(ms: number, signal?: Signal): Promise<void>;
}
export interface Random {
    /** From 0 up to 1. */
    fraction(): number;
    /** Bytes that nobody can guess. */
    bytes(n: number): Uint8Array;
}
/** SHA-256, in hex. */
export type Digest = (bytes: Uint8Array) => Promise<string>;
/**
 * Seals a parcel of a device to the server's key, a point of P-256 in base64, as
 * docs/protocol.md says.
 */
export type Sealer = (key: string, device: string, head: {
    kind: "push" | "photo";
    sha256?: string;
}, content: string | Uint8Array) => Promise<Uint8Array>;
/** Runs work while no other user of the store runs any under the same lock. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;
/** A photograph that an uploader is to bring to the server. */
export interface Upload {
    sha256: string;
    bytes: Uint8Array;
    /** The address of an upload that was begun, if there is one. */
    path: string | undefined;
    /** There was an attempt: the server may know more than it said. */
    tried: boolean;
    url: string;
    headers: Record<string, string>;
    signal: Signal | undefined;
    /** Stores how far an upload is, so that it goes on there another day. */
    begun(path: string, sent: number): Promise<void>;
}
/**
 * Brings the bytes of one photograph to the server and gives its last word: the
 * headers X-Gridwalk-State, X-Gridwalk-Reason and X-Gridwalk-Error, or the code
 * in the body. It rejects with a GridwalkError when there is no such word.
 */
export type Uploader = (upload: Upload, transport: Transport) => Promise<{
    state: string;
    reason?: string;
}>;
/** Hears pokes of the server; `poked` is called for each. It ends with the signal. */
export type Pokes = (at: {
    url: string;
    scopes: string[];
    headers: Record<string, string>;
}, poked: () => void, signal: Signal) => Promise<void>;
