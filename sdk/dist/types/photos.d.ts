import type { Signal, Uploader } from "./adapters.js";
import { type Core } from "./core.js";
import { GridwalkError } from "./errors.js";
import { type Meta, type Tx, type View } from "./state.js";
/** A photograph on the phone. */
export interface Photo {
    /** Of evidence. */
    record: string;
    /** Of the mutation that makes the record. */
    n: number;
    /** Of the bytes as they were captured. */
    sha256: string;
    /** Bytes. */
    size: number;
    /**
     * on_phone: only here, as far as is known. safe: the server has said that it is
     * on its disk, with its record. stuck: it cannot become evidence, `code` says
     * why; the bytes stay.
     */
    state: "on_phone" | "safe" | "stuck";
    code?: string;
    /** Bytes that the server has, when it last said so. */
    sent: number;
    /** The server may know more than it said. */
    tried: boolean;
    /** Of the upload that was begun. */
    path?: string;
    /** Times that the server got other bytes. */
    wrong: number;
    /** Since when, by the server's clock. */
    safeAt?: string;
}
/** The photographs on the phone, the oldest first. */
export declare function photos(view: View): Photo[];
export declare function forgetPhoto(tx: Tx, record: string): void;
/**
 * Has every photograph asked for again: the server was restored from a backup,
 * and may have lost what was safe.
 */
export declare function doubtPhotos(tx: Tx): void;
/** Drops what has been safe for long, by the server's clock. */
export declare function trimPhotos(tx: Tx, m: Meta): void;
/**
 * Brings the photographs to the server, the oldest first. One that is refused
 * stays for somebody to look at, and does not hold up the others.
 */
export declare function sendPhotos(c: Core, signal?: Signal): Promise<void>;
/**
 * An uploader that puts the whole file under its hash, and asks there first when
 * there was an attempt already. It needs nothing but a transport.
 */
export declare const wholeUploader: Uploader;
/**
 * Reads the last word on a photograph from the headers of an answer. An answer
 * that lacks what only the server says is that of a captive portal.
 */
export declare function readVerdict(status: number, header: (name: string) => string | undefined, refused: () => GridwalkError): {
    state: string;
    reason?: string;
};
