import type { Clock, Digest, Pokes, Random, Request, Signal, Transport } from "../adapters.js";

/** An AbortSignal follows the app's signal, and ends by itself after a while. */
function limit(signal: Signal | undefined, ms: number): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/**
 * A transport by fetch. It compresses where the platform can, and gives up after
 * `timeoutMs`: 60 s by default.
 */
export function fetchTransport({ timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Transport {
  return async (request, appSignal) => {
    const { signal, done } = limit(appSignal, timeoutMs);
    try {
      const { headers, body } = await pack(request);
      const response = await fetch(request.url, {
        method: request.method, headers, signal, redirect: "error", cache: "no-store", credentials: "omit",
        ...(body === undefined ? {} : { body: body as BodyInit }),
      });
      const text = await response.text();
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text };
    } finally {
      done();
    }
  };
}

async function pack({ headers, body, gzip }: Request): Promise<{ headers: Record<string, string>; body: Request["body"] }> {
  if (!gzip || typeof body !== "string" || typeof CompressionStream === "undefined") return { headers, body };
  const packed = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
  return { headers: { ...headers, "Content-Encoding": "gzip" }, body: new Uint8Array(await new Response(packed).arrayBuffer()) };
}

/** Hears pokes over PocketBase's realtime stream, read by fetch so that it can carry headers. */
export const fetchPokes: Pokes = async ({ url, scopes, headers }, poked, signal) => {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) return;
  signal.addEventListener("abort", abort);
  try {
    const response = await fetch(`${url}/api/realtime`, { signal: controller.signal, redirect: "error", cache: "no-store", credentials: "omit", headers: { Accept: "text/event-stream" } });
    if (!response.ok || !response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) throw new Error("no event stream");
    for await (const event of events(response.body)) {
      if (event.name === "PB_CONNECT") {
        await subscribe(url, event.id, scopes, headers, controller.signal);
        // What changed since the last pull and before this moment was not poked.
        poked();
      }
      if (event.name.startsWith("sync/")) poked();
    }
  } finally {
    signal.removeEventListener("abort", abort);
    controller.abort();
  }
};

async function subscribe(url: string, clientId: string, scopes: string[], headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ clientId, subscriptions: scopes.map((scope) => `sync/${scope}`) });
  const response = await fetch(`${url}/api/realtime`, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body, signal, credentials: "omit", redirect: "error" });
  if (!response.ok) throw new Error(`not subscribed: ${response.status}`);
}

/** Reads server-sent events: name and id; what they carry does not matter. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<{ name: string; id: string }> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const field = (name: string) => part.split("\n").find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim() ?? "";
      yield { name: field("event"), id: field("id") };
    }
  }
}

export { systemSealer } from "./hpke.js";

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener("abort", end);
    }),
};

/** The platform's source of randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (n) => crypto.getRandomValues(new Uint8Array(n)),
};

/** SHA-256 by WebCrypto: a browser has it on HTTPS only. */
export const systemDigest: Digest = async (bytes) => {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
};
