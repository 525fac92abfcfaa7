import type { Clock, Digest, Lock, Random, Sealer, Signal, Transport, Uploader } from "./adapters.js";
import type { State } from "./state.js";
/** What the parts of a client share. */
export interface Core {
    state: State;
    url: string;
    device: string;
    token: () => string;
    renew: (() => Promise<void>) | undefined;
    collections: string[] | undefined;
    schema: number;
    batchSize: number;
    pageSize: number;
    attempts: number;
    transport: Transport;
    uploader: Uploader;
    clock: Clock;
    random: Random;
    digest: Digest;
    sealer: Sealer | undefined;
    lock: Lock;
    newID: () => string;
    /** When the last pull came, by a clock that does not jump; undefined until then. */
    pulled?: number | undefined;
}
/** Makes a record id: 15 characters of a-z0-9, 77 random bits. */
export declare function recordID(random: Random): string;
/** Who asks: the headers of every request. */
export declare function identity(c: Core): Record<string, string>;
/** Waits, unless the app asks to stop. */
export declare function pause(c: Core, ms: number, signal: Signal | undefined): Promise<void>;
