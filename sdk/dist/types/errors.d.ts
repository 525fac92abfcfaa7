/**
 * What a sync may end with. But for `erased`, nothing is lost, and the next sync
 * goes on where this one stopped.
 *
 * - network: no answer, or one that is not the server's (a captive portal, half an answer)
 * - busy: the server is overloaded or its disk is full
 * - sign_in: the token expired; the officer signs in again, some day
 * - upgrade: this app is too old to read from the server; everything was pushed
 * - erased: the device was revoked, or without contact for too long, and everything on it
 *   is erased; what it had not sent is sealed to the server
 * - gap: the server misses more than this phone still knows; enrol the device anew
 * - refused: the server says no, see `code`
 * - storage: the phone cannot keep it (its disk is full, the store was taken away); nothing was written
 * - stopped: the app asked to stop
 * - invalid: the app asks for what cannot be, see `code`
 */
export type Kind = "network" | "busy" | "sign_in" | "upgrade" | "erased" | "gap" | "refused" | "storage" | "stopped" | "invalid";
interface Details {
    status?: number;
    code?: string;
    retryAfterMs?: number;
    wipe?: boolean;
    resumeFrom?: number;
    fields?: Record<string, string>;
    cause?: unknown;
}
/** The only error that this package rejects with. */
export declare class GridwalkError extends Error {
    readonly kind: Kind;
    readonly status: number | undefined;
    /** Of docs/protocol.md, for `refused`; see the table of errors there. */
    readonly code: string | undefined;
    readonly retryAfterMs: number;
    readonly wipe: boolean;
    readonly resumeFrom: number | undefined;
    readonly fields: Record<string, string>;
    constructor(kind: Kind, message: string, details?: Details);
    /** Worth another attempt by itself, after a while. */
    get retryable(): boolean;
}
export declare function isCode(err: unknown, ...codes: string[]): boolean;
export declare function network(message: string, cause?: unknown): GridwalkError;
export {};
