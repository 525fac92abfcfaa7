import type { Core } from "./core.js";
import { type DeviceKey } from "./devicekey.js";
import type { Meta } from "./state.js";
import type { Fields } from "./wire.js";
/**
 * Signs a check-in as docs/proof.md says: what it gives is the check-in with its
 * proof and the time that it proves, and the hash by which the next one names it.
 */
export declare function prove(c: Core, m: Meta, key: DeviceKey, record: string, check: Fields): Promise<{
    set: Fields;
    hash: string;
}>;
