import type { Lock } from "../adapters.js";
import { type Client, type Options } from "../client.js";
export { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
export { IDBStore } from "./idb.js";
export { tusUploader } from "./tus.js";
/** A lock that all tabs of an origin share; within one tab where the browser has none. */
export declare function tabLock(name: string): Lock;
/** Opens the client of one officer on one device in a browser. */
export declare function openBrowser(o: Pick<Options, "url" | "device" | "token"> & Partial<Options>): Promise<Client>;
