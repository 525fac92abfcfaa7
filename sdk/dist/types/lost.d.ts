import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { type Meta, type View } from "./state.js";
/** Notes that the phone had contact now, by its own clock. */
export declare function contact(m: Meta, now: number): Meta;
/**
 * Whether there was no contact for so long that the phone takes itself for lost.
 * It goes by the latest time that its clock has shown since, so that setting it
 * back gains nothing; a clock that stands still is not noticed. What cannot seal
 * waits for the server's word: nothing unsent is thrown away on a guess.
 */
export declare function overdue(c: Core): Promise<boolean>;
/**
 * Removes everything but parcels that only the server can open, and leaves a mark
 * that this was done. A phone that was never told a key has nothing to seal to:
 * what it has not sent is lost.
 */
export declare function erase(c: Core): Promise<void>;
/** How many parcels wait to be sent. */
export declare const parcelsLeft: (view: View) => number;
/** Brings parcels to the server, which takes them from any device, and forgets what it has. */
export declare function sendParcels(c: Core, signal?: Signal): Promise<void>;
