import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
/** Notes that somebody looked at a record. The same record is noted once in ten minutes. */
export declare function look(c: Core, collection: string, record: string): Promise<void>;
/** Tells the server who looked at what. A failure keeps them for the next sync, and fails nothing. */
export declare function sendLooks(c: Core, signal: Signal | undefined): Promise<void>;
