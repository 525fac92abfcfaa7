import type { Lock } from "../adapters.js";
import { type Client, openClient, type Options } from "../client.js";
import { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
import { IDBStore } from "./idb.js";
import { tusUploader } from "./tus.js";

export { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
export { IDBStore } from "./idb.js";
export { tusUploader } from "./tus.js";

/** A lock that all tabs of an origin share; within one tab where the browser has none. */
export function tabLock(name: string): Lock {
  if (typeof navigator === "undefined" || !navigator.locks) return (work) => work();
  return (work) => navigator.locks.request(`gridwalk/${name}`, work) as ReturnType<typeof work>;
}

/** Opens the client of one officer on one device in a browser. */
export function openBrowser(o: Pick<Options, "url" | "device" | "token"> & Partial<Options>): Promise<Client> {
  const name = `gridwalk/${o.device}`;
  return openClient({
    store: new IDBStore(name), transport: fetchTransport(), uploader: tusUploader(), lock: tabLock(name), pokes: fetchPokes,
    clock: systemClock, random: systemRandom, digest: systemDigest, ...o,
  });
}
