import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { type Meta, type Tx } from "./state.js";
/** Fetches pages until there is no more. It gives «again» when the outbox has grown by what the server lost. */
export declare function pull(c: Core, signal?: Signal): Promise<"done" | "again">;
/**
 * Begins with an empty cursor and an empty set of rows. The old set is shown until
 * the new one is complete: a phone without signal is not empty.
 */
export declare function hydrate(tx: Tx, m: Meta): Meta;
