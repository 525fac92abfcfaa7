import { DetailedError, Upload } from "tus-js-client";
import { refusal, send } from "../ask.js";
import { GridwalkError, isCode, network } from "../errors.js";
import { readVerdict } from "../photos.js";
function tusUploader({ chunkSize = 256 << 10, stallMs = 6e4, source = blob } = {}) {
  return async (upload, transport) => {
    const path = upload.path ?? (upload.tried ? await find(upload, transport) : void 0);
    if (typeof path === "object") return path;
    return new Promise((resolve, reject) => {
      var _a;
      let last;
      const fail = (err) => {
        var _a2;
        stop();
        if ((_a2 = upload.signal) == null ? void 0 : _a2.aborted) reject(new GridwalkError("stopped", "the app asked to stop"));
        else if (last && last.status >= 400 && last.header("x-gridwalk-error")) {
          try {
            resolve(readVerdict(last.status, last.header, () => refusal(last)));
          } catch (said) {
            reject(said);
          }
        } else reject(network(err.message, err));
      };
      const tus = new Upload(source(upload.bytes), {
        endpoint: `${upload.url}/api/uploads/`,
        headers: upload.headers,
        metadata: { sha256: upload.sha256 },
        uploadUrl: path ? new URL(path, upload.url).href : null,
        chunkSize,
        uploadDataDuringCreation: true,
        // The outbox waits and tries again, and keeps the address itself.
        retryDelays: null,
        storeFingerprintForResuming: false,
        onProgress: () => alive(),
        onAfterResponse: (_request, response) => {
          alive();
          last = { status: response.getStatus(), header: (name) => response.getHeader(name), text: response.getBody() ?? "" };
        },
        // The address is stored before the bytes that follow it are sent.
        onUploadUrlAvailable: () => void begun(0),
        onChunkComplete: (_size, accepted) => void begun(accepted),
        onError: (err) => fail(err instanceof DetailedError ? err : err),
        onSuccess: () => {
          stop();
          try {
            if (!last) throw network("an upload without an answer");
            resolve(readVerdict(last.status, last.header, () => network("an upload without a word")));
          } catch (err) {
            reject(err);
          }
        }
      });
      const begun = (sent) => tus.url ? upload.begun(new URL(tus.url).pathname, sent) : Promise.resolve();
      const abort = () => void tus.abort().finally(() => fail(new Error("stopped")));
      let stall;
      const alive = () => {
        clearTimeout(stall);
        stall = setTimeout(abort, stallMs);
      };
      const stop = () => {
        var _a2;
        clearTimeout(stall);
        (_a2 = upload.signal) == null ? void 0 : _a2.removeEventListener("abort", abort);
      };
      (_a = upload.signal) == null ? void 0 : _a.addEventListener("abort", abort);
      alive();
      tus.start();
    });
  };
}
const blob = (bytes) => new Blob([bytes]);
async function find(upload, transport) {
  const answer = await send(transport, { method: "HEAD", url: `${upload.url}/api/uploads/blob/${upload.sha256}`, headers: upload.headers }, upload.signal);
  try {
    return readVerdict(answer.status, answer.header, () => refusal(answer));
  } catch (err) {
    if (!isCode(err, "not_found")) throw err;
    return answer.header("location");
  }
}
export {
  tusUploader
};
