import { type Client, type Options } from "../client.js";
export { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
export { IDBStore, tabLock } from "./idb.js";
export { tusUploader } from "./tus.js";
/** Opens the client of one officer on one device in a browser. */
export declare function openBrowser(o: Pick<Options, "url" | "device" | "token"> & Partial<Options>): Promise<Client>;
