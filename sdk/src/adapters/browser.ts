import { type Client, openClient, type Options } from "../client.js";
import { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
import { IDBStore, tabLock } from "./idb.js";
import { tusUploader } from "./tus.js";

export { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
export { IDBStore, tabLock } from "./idb.js";
export { tusUploader } from "./tus.js";

/** Opens the client of one officer on one device in a browser. */
export function openBrowser(o: Pick<Options, "url" | "device" | "token"> & Partial<Options>): Promise<Client> {
  const name = `gridwalk/${o.device}`;
  return openClient({
    store: new IDBStore(name), transport: fetchTransport(), uploader: tusUploader(), lock: tabLock(name), pokes: fetchPokes,
    clock: systemClock, random: systemRandom, digest: systemDigest, ...o,
  });
}
