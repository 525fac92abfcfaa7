import type { Transport } from "./adapters.js";
import type { Fields } from "./wire.js";
export interface SignedIn {
    /** Goes with every request until it expires; a sync then ends with `sign_in`. */
    token: string;
    /** The officer's own record. */
    officer: Fields & {
        id: string;
    };
}
/** Signs an officer in. A wrong name or password rejects with `sign_in`. */
export declare function signIn(transport: Transport, url: string, identity: string, password: string): Promise<SignedIn>;
/** Enrols this device for an officer, once, and gives its id. `platform` is one of devices.platform. */
export declare function enrol(transport: Transport, url: string, { token, officer }: SignedIn, platform?: string): Promise<string>;
