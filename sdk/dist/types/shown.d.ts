import { type View } from "./state.js";
import type { Fields } from "./wire.js";
/** Gives the records of a collection by id, with the writes that wait on top. */
export declare function shown(view: View, collection: string): ReadonlyMap<string, Fields>;
