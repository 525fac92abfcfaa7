/** A record as the server gives it. A field that this app does not know is kept. */
export type Fields = Record<string, unknown>;
export type Op = "create" | "update" | "delete";
/** One intended change, as it is sent. */
export interface Mutation {
    id: string;
    n: number;
    at: string;
    collection: string;
    record: string;
    op: Op;
    base: number;
    /** In which the base was learned. */
    epoch?: string;
    set?: Fields;
    /** Mutations without which it makes no sense. */
    after?: string[];
}
/** Why a mutation was rejected. */
export interface Problem {
    code: string;
    message: string;
    fields?: Record<string, string>;
}
/** A value of ours that lost, or one that lost to ours. */
export interface Loss {
    field: string;
    kept: unknown;
    lost: unknown;
    by: string;
}
/** What became of one mutation. */
export interface Result {
    id: string;
    status: string;
    of?: string;
    seq?: number;
    record?: Fields | null;
    conflicts?: Loss[];
    error?: Problem;
}
export interface PushAnswer {
    results: Result[];
    now: string;
}
export interface PageChange {
    collection: string;
    id: string;
    seq: number;
    scopes?: string[];
    record?: Fields;
    gone?: boolean;
}
export interface Page {
    changes: PageChange[];
    scopes: string[];
    cursor: string;
    epoch: string;
    more: boolean;
    now: string;
    poll: number;
    /** What a proof of a check-in made from now on names. */
    nonce: string;
    parcelKey?: string;
    wipeAfter?: number;
}
export interface ScopeDigest {
    count: number;
    sum: string;
}
/**
 * The readers below take the JSON of an answer and give it with its types, or say
 * that it is no answer of a gridwalk server: {} of a proxy is not «nothing changed».
 */
export declare function readPush(raw: unknown): PushAnswer;
export declare function readPage(raw: unknown): Page;
export declare function readDigests(raw: unknown): Record<string, ScopeDigest>;
