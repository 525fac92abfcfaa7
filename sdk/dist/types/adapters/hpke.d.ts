import type { Sealer } from "../adapters.js";
/** Seals parcels by WebCrypto: a browser has it on HTTPS only. */
export declare const systemSealer: Sealer;
