import { openClient } from "../client.js";
import { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "./fetch.js";
import { IDBStore, tabLock } from "./idb.js";
import { tusUploader } from "./tus.js";
import { fetchPokes as fetchPokes2, fetchTransport as fetchTransport2, systemClock as systemClock2, systemDigest as systemDigest2, systemRandom as systemRandom2 } from "./fetch.js";
import { IDBStore as IDBStore2, tabLock as tabLock2 } from "./idb.js";
import { tusUploader as tusUploader2 } from "./tus.js";
function openBrowser(o) {
  const name = `gridwalk/${o.device}`;
  return openClient({
    store: new IDBStore(name),
    transport: fetchTransport(),
    uploader: tusUploader(),
    lock: tabLock(name),
    pokes: fetchPokes,
    clock: systemClock,
    random: systemRandom,
    digest: systemDigest,
    ...o
  });
}
export {
  IDBStore2 as IDBStore,
  fetchPokes2 as fetchPokes,
  fetchTransport2 as fetchTransport,
  openBrowser,
  systemClock2 as systemClock,
  systemDigest2 as systemDigest,
  systemRandom2 as systemRandom,
  tabLock2 as tabLock,
  tusUploader2 as tusUploader
};
