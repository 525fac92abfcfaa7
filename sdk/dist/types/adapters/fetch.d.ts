import type { Clock, Digest, Pokes, Random, Transport } from "../adapters.js";
/**
 * A transport by fetch. It compresses where the platform can, and gives up after
 * `timeoutMs`: 60 s by default.
 */
export declare function fetchTransport({ timeoutMs }?: {
    timeoutMs?: number;
}): Transport;
/** Hears pokes over PocketBase's realtime stream, read by fetch so that it can carry headers. */
export declare const fetchPokes: Pokes;
export { systemSealer } from "./hpke.js";
/** The clock of the platform. */
export declare const systemClock: Clock;
/** The platform's source of randomness. */
export declare const systemRandom: Random;
/** SHA-256 by WebCrypto: a browser has it on HTTPS only. */
export declare const systemDigest: Digest;
