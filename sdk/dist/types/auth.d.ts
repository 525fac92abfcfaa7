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
/** What a device says of itself when it is enrolled. */
export interface Enrolment {
    /** One of devices.platform; web unless said. */
    platform?: string;
    model?: string;
    appVersion?: string;
    /** The public half of its key, by which it gets new tokens and signs check-ins. */
    publicJwk?: string;
    /** A one-time code of the office; without it somebody has to approve the device. */
    code?: string;
}
/** Enrols this device for an officer, once, and gives its id. A code that is not valid rejects with `refused`. */
export declare function enrol(transport: Transport, url: string, { token, officer }: SignedIn, about?: Enrolment): Promise<string>;
