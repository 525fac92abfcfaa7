import type { Uploader } from "../adapters.js";
/**
 * An uploader by tus: in chunks of `chunkSize` bytes (256 KiB by default), each of
 * which is not sent again after a break, days later or on another network.
 */
export declare function tusUploader({ chunkSize }?: {
    chunkSize?: number;
}): Uploader;
