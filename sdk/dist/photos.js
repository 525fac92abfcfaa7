import { delay, refusal, send } from "./ask.js";
import { identity, pause } from "./core.js";
import { GridwalkError, isCode, network } from "./errors.js";
import { keepSentMs } from "./push.js";
import { numberKey, rowTable } from "./state.js";
const maxWrong = 3;
function photos(view) {
  return view.scan("photo").map(([, photo]) => photo).sort((a, b) => a.n - b.n);
}
function forgetPhoto(tx, record) {
  tx.delete("photo", record);
  tx.blobs.push([record, null]);
}
function doubtPhotos(tx) {
  for (const { record, n, sha256, size } of photos(tx)) {
    const doubted = { record, n, sha256, size, state: "on_phone", sent: 0, tried: true, wrong: 0 };
    tx.put("photo", record, doubted);
  }
}
function trimPhotos(tx, m) {
  for (const photo of photos(tx)) {
    if (photo.state === "safe" && Date.parse(m.server) - Date.parse(photo.safeAt ?? m.server) > keepSentMs) forgetPhoto(tx, photo.record);
  }
}
function toSend(view) {
  const m = view.meta();
  return photos(view).flatMap((photo) => {
    const held = view.get(rowTable(m.set, "evidence"), photo.record);
    const asked = held && held.record["upload_state"] !== "done" && held.record["status"] === "pending";
    const now = photo.state === "safe" && asked ? { ...photo, state: "on_phone", sent: 0 } : photo;
    const rejected = view.get("attention", numberKey(photo.n)) !== void 0;
    return now.state === "on_phone" && photo.n <= m.handled && (!rejected || held) ? [now] : [];
  });
}
async function sendPhotos(c, signal) {
  for (const photo of toSend(c.state.view)) {
    const bytes = await c.state.blob(photo.record);
    if (!bytes || await c.digest(bytes) !== photo.sha256) {
      await keep(c, { ...photo, state: "stuck", code: "damaged_on_phone" });
      continue;
    }
    await sendPhoto(c, photo, bytes, signal);
  }
}
async function keep(c, photo) {
  await c.state.update((tx) => {
    if (tx.get("photo", photo.record)) tx.put("photo", photo.record, photo);
  });
}
async function sendPhoto(c, photo, bytes, signal) {
  let now = photo;
  for (let failures = 0; now.state === "on_phone"; ) {
    const before = now.sent;
    try {
      const { tried } = now;
      await keep(c, now = { ...now, tried: true });
      const said = await c.uploader({
        sha256: now.sha256,
        bytes,
        path: now.path,
        tried,
        url: c.url,
        headers: identity(c),
        signal,
        begun: (path, sent) => keep(c, now = { ...now, path, sent })
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
        if (failures >= c.attempts || (signal == null ? void 0 : signal.aborted)) throw err.retryable ? err : network(err.message, err);
        await pause(c, delay(failures - 1, c.random.fraction(), err), signal);
      } else if (err.kind === "refused" && err.status !== 403) {
        now = { ...now, state: "stuck", ...err.code ? { code: err.code } : {} };
      } else {
        throw err;
      }
    }
  }
  await keep(c, now);
}
function verdict(photo, state, reason, server) {
  const { path: _, ...rest } = photo;
  switch (state) {
    case "safe":
      return { ...rest, state: "safe", safeAt: server, sent: photo.size };
    case "rejected":
      return { ...rest, state: "stuck", code: reason ?? "rejected" };
    case "waiting":
      return { ...rest, state: "stuck", code: "record_gone" };
  }
  throw network(`unknown state ${state}`);
}
const wholeUploader = async (upload, transport) => {
  const url = `${upload.url}/api/uploads/blob/${upload.sha256}`;
  const said = async (method, body) => {
    const answer = await send(transport, { method, url, headers: upload.headers, ...body ? { body } : {} }, upload.signal);
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
function readVerdict(status, header, refused) {
  const state = header("x-gridwalk-state");
  const reason = header("x-gridwalk-reason");
  if (status < 300 && state) return { state, ...reason ? { reason } : {} };
  const code = header("x-gridwalk-error");
  if (status >= 400 && code) {
    const answer = { status, header, text: "" };
    const plain = refused();
    throw plain.kind === "network" ? refusal(answer, {}, code) : plain;
  }
  throw network(`status ${status}`);
}
export {
  doubtPhotos,
  forgetPhoto,
  photos,
  readVerdict,
  sendPhotos,
  trimPhotos,
  wholeUploader
};
