import { refusal, send } from "./ask.js";
import type { Signal } from "./adapters.js";
import type { Core } from "./core.js";
import { network } from "./errors.js";
import { photos } from "./photos.js";
import { type Meta, numberKey, type Tx, type View } from "./state.js";
import type { Mutation } from "./wire.js";

/*
 * What a lost phone does: it seals what it has not sent to the server's key,
 * erases itself, and sends what it sealed whenever the server can be reached.
 */

/** Bytes of a sealed parcel, and how many a phone makes at most: what the server takes. */
const maxSize = 8 << 20;
const maxParcels = 64;
/** Mutations of one parcel, and letters of their JSON: it is a push. */
const maxBatch = 500;
const maxLetters = 300_000;

const dayMs = 86_400_000;

/** A parcel that waits to be sent; its bytes are the blob of the same key. */
interface Parcel {
  /** SHA-256 of the bytes. */
  sha256: string;
}

const parcelKey = (n: number): string => `parcel-${numberKey(n)}`;

/** Notes that the phone had contact now, by its own clock. */
export function contact(m: Meta, now: number): Meta {
  return { ...m, contactAt: now, latestAt: now };
}

/**
 * Whether there was no contact for so long that the phone takes itself for lost.
 * It goes by the latest time that its clock has shown since, so that setting it
 * back gains nothing; a clock that stands still is not noticed. What cannot seal
 * waits for the server's word: nothing unsent is thrown away on a guess.
 */
export async function overdue(c: Core): Promise<boolean> {
  if (!c.sealer) return false;
  return c.state.update((tx) => {
    const m = tx.meta();
    const latestAt = Math.max(m.latestAt ?? 0, c.clock.now());
    if (latestAt !== m.latestAt) tx.setMeta({ ...m, latestAt });
    return isOverdue({ ...m, latestAt });
  });
}

const isOverdue = ({ parcelKey, wipeAfter, contactAt, latestAt }: Meta): boolean => Boolean(parcelKey && wipeAfter && contactAt && latestAt && latestAt - contactAt >= wipeAfter * dayMs);

/**
 * Removes everything but parcels that only the server can open, and leaves a mark
 * that this was done. A phone that was never told a key has nothing to seal to:
 * what it has not sent is lost.
 */
export async function erase(c: Core): Promise<void> {
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

function eraseWith(tx: Tx, parcels: { sha256: string; bytes: Uint8Array }[]): void {
  const m = tx.meta();
  for (const photo of photos(tx)) tx.blobs.push([photo.record, null]);
  tx.clear("");
  parcels.forEach(({ sha256, bytes }, n) => {
    const parcel: Parcel = { sha256 };
    tx.put("parcel", parcelKey(n), parcel);
    tx.blobs.push([parcelKey(n), bytes]);
  });
  tx.setMeta({ ...m, made: 0, handled: 0, shown: 0, stamp: "", set: 0, hydrating: false, cursor: "", scopes: [], server: "", erased: true });
}

/** The parcels of what was not sent: mutations in their order, then photographs, the oldest first. */
async function sealAll(c: Core, m: Meta): Promise<{ sha256: string; bytes: Uint8Array }[]> {
  const { sealer } = c;
  const key = m.parcelKey;
  const parcels: { sha256: string; bytes: Uint8Array }[] = [];
  if (!sealer || !key) return parcels;
  const add = async (head: { kind: "push" | "photo"; sha256?: string }, content: string | Uint8Array) => {
    const bytes = await sealer(key, c.device, head, content);
    if (bytes.length <= maxSize && parcels.length < maxParcels) parcels.push({ sha256: await c.digest(bytes), bytes });
  };
  for (const batch of batches([...c.state.view.log(m.handled)].map((entry) => entry.mutation))) await add({ kind: "push" }, JSON.stringify({ mutations: batch }));
  for (const { record, sha256, state } of photos(c.state.view)) {
    const bytes = state === "on_phone" ? await c.state.blob(record) : undefined;
    if (bytes) await add({ kind: "photo", sha256 }, bytes);
  }
  return parcels;
}

function batches(mutations: Mutation[]): Mutation[][] {
  const out: Mutation[][] = [];
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

/** How many parcels wait to be sent. */
export const parcelsLeft = (view: View): number => view.scan("parcel").length;

/** Brings parcels to the server, which takes them from any device, and forgets what it has. */
export async function sendParcels(c: Core, signal?: Signal): Promise<void> {
  for (const [key, { sha256 }] of c.state.view.scan<Parcel>("parcel")) {
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
