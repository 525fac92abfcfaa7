import type { Uploader } from "../adapters.js";
/**
 * An uploader by tus: in chunks of `chunkSize` bytes (256 KiB by default), each of
 * which is not sent again after a break, days later or on another network. `source` makes
 * what tus-js-client reads: a Blob in browsers, which is the default; in Node it
 * wants a Buffer. A connection on which nothing moved for `stallMs` (a minute by
 * default) is dead: without that, a valley would hold the whole sync.
 */
export declare function tusUploader({ chunkSize, stallMs, source }?: {
    chunkSize?: number;
    stallMs?: number;
    source?: (bytes: Uint8Array) => Blob;
}): Uploader;
