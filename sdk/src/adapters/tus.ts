import { DetailedError, Upload } from "tus-js-client";
import type { Uploader } from "../adapters.js";
import { refusal, send } from "../ask.js";
import { GridwalkError, isCode, network } from "../errors.js";
import { readVerdict } from "../photos.js";

/**
 * An uploader by tus: in chunks of `chunkSize` bytes (256 KiB by default), each of
 * which is not sent again after a break, days later or on another network. `source` makes
 * what tus-js-client reads: a Blob in browsers, which is the default; in Node it
 * wants a Buffer. A connection on which nothing moved for `stallMs` (a minute by
 * default) is dead: without that, a valley would hold the whole sync.
 */
export function tusUploader({ chunkSize = 256 << 10, stallMs = 60_000, source = blob }: { chunkSize?: number; stallMs?: number; source?: (bytes: Uint8Array) => Blob } = {}): Uploader {
  return async (upload, transport) => {
    const path = upload.path ?? (upload.tried ? await find(upload, transport) : undefined);
    if (typeof path === "object") return path;
    return new Promise((resolve, reject) => {
      let last: { status: number; header: (name: string) => string | undefined; text: string } | undefined;
      const fail = (err: Error) => {
        stop();
        if (upload.signal?.aborted) reject(new GridwalkError("stopped", "the app asked to stop"));
        else if (last && last.status >= 400 && last.header("x-gridwalk-error")) {
          try {
            resolve(readVerdict(last.status, last.header, () => refusal(last as NonNullable<typeof last>)));
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
        onError: (err) => fail(err instanceof DetailedError ? err : (err as Error)),
        onSuccess: () => {
          stop();
          try {
            if (!last) throw network("an upload without an answer");
            resolve(readVerdict(last.status, last.header, () => network("an upload without a word")));
          } catch (err) {
            reject(err);
          }
        },
      });
      const begun = (sent: number): Promise<void> => (tus.url ? upload.begun(new URL(tus.url).pathname, sent) : Promise.resolve());
      const abort = () => void tus.abort().finally(() => fail(new Error("stopped")));
      let stall: ReturnType<typeof setTimeout> | undefined;
      const alive = () => {
        clearTimeout(stall);
        stall = setTimeout(abort, stallMs);
      };
      const stop = () => {
        clearTimeout(stall);
        upload.signal?.removeEventListener("abort", abort);
      };
      upload.signal?.addEventListener("abort", abort);
      alive();
      tus.start();
    });
  };
}

const blob = (bytes: Uint8Array): Blob => new Blob([bytes as BlobPart]);

/** Asks what the server has of a photograph: its last word, or the address of an unfinished upload. */
async function find(upload: Parameters<Uploader>[0], transport: Parameters<Uploader>[1]): Promise<string | { state: string; reason?: string } | undefined> {
  const answer = await send(transport, { method: "HEAD", url: `${upload.url}/api/uploads/blob/${upload.sha256}`, headers: upload.headers }, upload.signal);
  try {
    return readVerdict(answer.status, answer.header, () => refusal(answer));
  } catch (err) {
    if (!isCode(err, "not_found")) throw err;
    return answer.header("location");
  }
}
