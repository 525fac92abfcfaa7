import { refusal, send } from "./ask.js";
import { network } from "./errors.js";
import { photos } from "./photos.js";
import { numberKey } from "./state.js";
const maxSize = 8 << 20;
const maxParcels = 64;
const maxBatch = 500;
const maxLetters = 3e5;
const dayMs = 864e5;
const parcelKey = (n) => `parcel-${numberKey(n)}`;
function contact(m, now) {
  return { ...m, contactAt: now, latestAt: now };
}
async function overdue(c) {
  if (!c.sealer) return false;
  return c.state.update((tx) => {
    const m = tx.meta();
    const latestAt = Math.max(m.latestAt ?? 0, c.clock.now());
    if (latestAt !== m.latestAt) tx.setMeta({ ...m, latestAt });
    return isOverdue({ ...m, latestAt });
  });
}
const isOverdue = ({ parcelKey: parcelKey2, wipeAfter, contactAt, latestAt }) => Boolean(parcelKey2 && wipeAfter && contactAt && latestAt && latestAt - contactAt >= wipeAfter * dayMs);
async function erase(c) {
  for (let done = false; !done; ) {
    const before = c.state.view.meta();
    const parcels = await sealAll(c, before);
    done = await c.state.update((tx) => {
      if (tx.meta().made !== before.made) return false;
      eraseWith(tx, parcels);
      return true;
    });
  }
}
function eraseWith(tx, parcels) {
  const m = tx.meta();
  for (const photo of photos(tx)) tx.blobs.push([photo.record, null]);
  tx.clear("");
  parcels.forEach(({ sha256, bytes }, n) => {
    const parcel = { sha256 };
    tx.put("parcel", parcelKey(n), parcel);
    tx.blobs.push([parcelKey(n), bytes]);
  });
  tx.setMeta({ ...m, made: 0, handled: 0, shown: 0, stamp: "", set: 0, hydrating: false, cursor: "", scopes: [], server: "", erased: true });
}
async function sealAll(c, m) {
  const { sealer } = c;
  const key = m.parcelKey;
  const parcels = [];
  if (!sealer || !key) return parcels;
  const add = async (head, content) => {
    const bytes = await sealer(key, c.device, head, content);
    if (bytes.length <= maxSize && parcels.length < maxParcels) parcels.push({ sha256: await c.digest(bytes), bytes });
  };
  for (const batch of batches([...c.state.view.log(m.handled)].map((entry) => entry.mutation))) await add({ kind: "push" }, JSON.stringify({ mutations: batch }));
  for (const { record, sha256, state } of photos(c.state.view)) {
    const bytes = state === "on_phone" ? await c.state.blob(record) : void 0;
    if (bytes) await add({ kind: "photo", sha256 }, bytes);
  }
  return parcels;
}
function batches(mutations) {
  const out = [];
  let letters = 0;
  for (const mutation of mutations) {
    const size = JSON.stringify(mutation).length;
    const last = out.at(-1);
    letters += size;
    if (last && last.length < maxBatch && letters <= maxLetters) last.push(mutation);
    else {
      out.push([mutation]);
      letters = size;
    }
  }
  return out;
}
const parcelsLeft = (view) => view.scan("parcel").length;
async function sendParcels(c, signal) {
  for (const [key, { sha256 }] of c.state.view.scan("parcel")) {
    const body = await c.state.blob(key);
    if (!body) continue;
    const headers = { "X-Gridwalk-Device": c.device, "Content-Type": "application/octet-stream" };
    const answer = await send(c.transport, { method: "POST", url: `${c.url}/api/parcels`, headers, body }, signal);
    if (answer.status !== 200) throw refusal(answer);
    if (!answer.text.includes(sha256)) throw network("the answer names another parcel");
    await c.state.update((tx) => {
      tx.delete("parcel", key);
      tx.blobs.push([key, null]);
    });
  }
}
export {
  contact,
  erase,
  overdue,
  parcelsLeft,
  sendParcels
};
