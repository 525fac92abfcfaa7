import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { type Meta, type Tx } from "./state.js";
/**
 * How long an answered mutation stays in the log. A server that is restored from
 * a younger backup loses nothing.
 */
export declare const keepSentMs: number;
/** Sends the outbox, batch after batch. */
export declare function push(c: Core, signal?: Signal): Promise<void>;
/** Makes everything after number `n` outbox again. */
export declare function resume(tx: Tx, m: Meta, n: number): Meta;
/** Drops what was answered for long ago, by the server's clock. */
export declare function trim(tx: Tx, m: Meta): void;
