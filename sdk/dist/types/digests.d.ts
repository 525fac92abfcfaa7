import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { type View } from "./state.js";
import { type ScopeDigest } from "./wire.js";
/**
 * Compares the replica with the server's digests, and hydrates anew when they
 * differ. It gives the scopes that did: the app reports them, because they are a
 * bug of somebody's.
 */
export declare function check(c: Core, signal?: Signal): Promise<string[]>;
/** Sums up the replica, scope by scope. */
export declare function digests(view: View): Map<string, ScopeDigest>;
/** FNV-1a, 64 bits, of text that is ASCII. */
export declare function fnv1a(text: string): bigint;
