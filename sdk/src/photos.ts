import type { Signal, Uploader } from "./adapters.js";
import { delay, refusal, send } from "./ask.js";
import { type Core, identity, pause } from "./core.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { keepSentMs } from "./push.js";
import { type Meta, numberKey, type Row, rowTable, type Tx, type View } from "./state.js";

/** A photograph on the phone. */
export interface Photo {
  /** Of evidence. */
  record: string;
  /** Of the mutation that makes the record. */
  n: number;
  /** Of the bytes as they were captured. */
  sha256: string;
  /** Bytes. */
  size: number;
  /**
   * on_phone: only here, as far as is known. safe: the server has said that it is
   * on its disk, with its record. stuck: it cannot become evidence, `code` says
   * why; the bytes stay.
   */
  state: "on_phone" | "safe" | "stuck";
  code?: string;
  /** Bytes that the server has, when it last said so. */
  sent: number;
  /** The server may know more than it said. */
  tried: boolean;
  /** Of the upload that was begun. */
  path?: string;
  /** Times that the server got other bytes. */
  wrong: number;
  /** Since when, by the server's clock. */
  safeAt?: string;
}

/** How often the server may get other bytes than those that are here, before somebody has to look. */
const maxWrong = 3;

/** The photographs on the phone, the oldest first. */
export function photos(view: View): Photo[] {
  return view.scan<Photo>("photo").map(([, photo]) => photo).sort((a, b) => a.n - b.n);
}

export function forgetPhoto(tx: Tx, record: string): void {
  tx.delete("photo", record);
  tx.blobs.push([record, null]);
}

/**
 * Has every photograph asked for again: the server was restored from a backup,
 * and may have lost what was safe.
 */
export function doubtPhotos(tx: Tx): void {
  for (const { record, n, sha256, size } of photos(tx)) {
    const doubted: Photo = { record, n, sha256, size, state: "on_phone", sent: 0, tried: true, wrong: 0 };
    tx.put("photo", record, doubted);
  }
}

/** Drops what has been safe for long, by the server's clock. */
export function trimPhotos(tx: Tx, m: Meta): void {
  for (const photo of photos(tx)) {
    if (photo.state === "safe" && Date.parse(m.server) - Date.parse(photo.safeAt ?? m.server) > keepSentMs) forgetPhoto(tx, photo.record);
  }
}

/**
 * The photographs that are only here and whose records the server has. The bytes
 * of a record that was rejected wait until an admin has applied it after all.
 */
function toSend(view: View): Photo[] {
  const m = view.meta();
  return photos(view).flatMap((photo) => {
    const held = view.get<Row>(rowTable(m.set, "evidence"), photo.record);
    // A server that has lost the bytes from its disk says so in the record, and
    // only the phone can help.
    const asked = held && held.record["upload_state"] !== "done" && held.record["status"] === "pending";
    const now: Photo = photo.state === "safe" && asked ? { ...photo, state: "on_phone", sent: 0 } : photo;
    const rejected = view.get("attention", numberKey(photo.n)) !== undefined;
    return now.state === "on_phone" && photo.n <= m.handled && (!rejected || held) ? [now] : [];
  });
}

/**
 * Brings the photographs to the server, the oldest first. One that is refused
 * stays for somebody to look at, and does not hold up the others.
 */
export async function sendPhotos(c: Core, signal?: Signal): Promise<void> {
  for (const photo of toSend(c.state.view)) {
    const bytes = await c.state.blob(photo.record);
    // What a broken phone has made of a photograph does not replace it.
    if (!bytes || (await c.digest(bytes)) !== photo.sha256) {
      await keep(c, { ...photo, state: "stuck", code: "damaged_on_phone" });
      continue;
    }
    await sendPhoto(c, photo, bytes, signal);
  }
}

async function keep(c: Core, photo: Photo): Promise<void> {
  await c.state.update((tx) => {
    if (tx.get("photo", photo.record)) tx.put("photo", photo.record, photo);
  });
}

/**
 * Goes on until the server has said what becomes of a photograph. As long as bytes
 * arrive between two breaks, it does not give up.
 */
async function sendPhoto(c: Core, photo: Photo, bytes: Uint8Array, signal: Signal | undefined): Promise<void> {
  let now = photo;
  for (let failures = 0; now.state === "on_phone"; ) {
    const before = now.sent;
    try {
      const { tried } = now;
      await keep(c, (now = { ...now, tried: true }));
      const said = await c.uploader({
        sha256: now.sha256, bytes, path: now.path, tried, url: c.url, headers: identity(c), signal,
        begun: (path, sent) => keep(c, (now = { ...now, path, sent })),
      }, c.transport);
      now = verdict(now, said.state, said.reason, c.state.view.meta().server);
    } catch (err) {
      const { path: _, ...anew } = now;
      if (!(err instanceof GridwalkError)) throw err;
      if (isCode(err, "hash_mismatch")) {
        now = { ...anew, sent: 0, wrong: now.wrong + 1 };
        if (now.wrong >= maxWrong) now = { ...now, state: "stuck", code: "hash_mismatch" };
      } else if (err.retryable || isCode(err, "not_found", "offset_mismatch")) {
        if (isCode(err, "not_found")) now = { ...anew, sent: 0 };
        failures = now.sent > before ? 1 : failures + 1;
        await keep(c, now);
        if (failures >= c.attempts || signal?.aborted) throw err.retryable ? err : network(err.message, err);
        await pause(c, delay(failures - 1, c.random.fraction(), err), signal);
      } else if (err.kind === "refused" && err.status !== 403) {
        now = { ...now, state: "stuck", ...(err.code ? { code: err.code } : {}) };
      } else {
        throw err;
      }
    }
  }
  await keep(c, now);
}

/** What the server's last word makes of a photograph. */
function verdict(photo: Photo, state: string, reason: string | undefined, server: string): Photo {
  const { path: _, ...rest } = photo;
  switch (state) {
    case "safe":
      return { ...rest, state: "safe", safeAt: server, sent: photo.size };
    case "rejected":
      return { ...rest, state: "stuck", code: reason ?? "rejected" };
    case "waiting": // the record was handled: the office has deleted it since
      return { ...rest, state: "stuck", code: "record_gone" };
  }
  throw network(`unknown state ${state}`);
}

/**
 * An uploader that puts the whole file under its hash, and asks there first when
 * there was an attempt already. It needs nothing but a transport.
 */
export const wholeUploader: Uploader = async (upload, transport) => {
  const url = `${upload.url}/api/uploads/blob/${upload.sha256}`;
  const said = async (method: string, body?: Uint8Array) => {
    const answer = await send(transport, { method, url, headers: upload.headers, ...(body ? { body } : {}) }, upload.signal);
    return readVerdict(answer.status, answer.header, () => refusal(answer));
  };
  if (upload.tried) {
    try {
      return await said("HEAD");
    } catch (err) {
      if (!isCode(err, "not_found")) throw err;
    }
  }
  return said("PUT", upload.bytes);
};

/**
 * Reads the last word on a photograph from the headers of an answer. An answer
 * that lacks what only the server says is that of a captive portal.
 */
export function readVerdict(status: number, header: (name: string) => string | undefined, refused: () => GridwalkError): { state: string; reason?: string } {
  const state = header("x-gridwalk-state");
  const reason = header("x-gridwalk-reason");
  if (status < 300 && state) return { state, ...(reason ? { reason } : {}) };
  const code = header("x-gridwalk-error");
  if (status >= 400 && code) {
    const answer = { status, header, text: "" };
    const plain = refused();
    throw plain.kind === "network" ? refusal(answer, {}, code) : plain;
  }
  throw network(`status ${status}`);
}
