function limit(signal, ms) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  if (signal == null ? void 0 : signal.aborted) abort();
  signal == null ? void 0 : signal.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      signal == null ? void 0 : signal.removeEventListener("abort", abort);
    }
  };
}
function fetchTransport({ timeoutMs = 6e4 } = {}) {
  return async (request, appSignal) => {
    const { signal, done } = limit(appSignal, timeoutMs);
    try {
      const { headers, body } = await pack(request);
      const response = await fetch(request.url, {
        method: request.method,
        headers,
        signal,
        redirect: "error",
        cache: "no-store",
        credentials: "omit",
        ...body === void 0 ? {} : { body }
      });
      const text = await response.text();
      return { status: response.status, header: (name) => response.headers.get(name) ?? void 0, text };
    } finally {
      done();
    }
  };
}
async function pack({ headers, body, gzip }) {
  if (!gzip || typeof body !== "string" || typeof CompressionStream === "undefined") return { headers, body };
  const packed = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
  return { headers: { ...headers, "Content-Encoding": "gzip" }, body: new Uint8Array(await new Response(packed).arrayBuffer()) };
}
const fetchPokes = async ({ url, scopes, headers }, poked, signal) => {
  var _a;
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal.aborted) return;
  signal.addEventListener("abort", abort);
  try {
    const response = await fetch(`${url}/api/realtime`, { signal: controller.signal, redirect: "error", cache: "no-store", credentials: "omit", headers: { Accept: "text/event-stream" } });
    if (!response.ok || !response.body || !((_a = response.headers.get("content-type")) == null ? void 0 : _a.startsWith("text/event-stream"))) throw new Error("no event stream");
    for await (const event of events(response.body)) {
      if (event.name === "PB_CONNECT") {
        await subscribe(url, event.id, scopes, headers, controller.signal);
        poked();
      }
      if (event.name.startsWith("sync/")) poked();
    }
  } finally {
    signal.removeEventListener("abort", abort);
    controller.abort();
  }
};
async function subscribe(url, clientId, scopes, headers, signal) {
  const body = JSON.stringify({ clientId, subscriptions: scopes.map((scope) => `sync/${scope}`) });
  const response = await fetch(`${url}/api/realtime`, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body, signal, credentials: "omit", redirect: "error" });
  if (!response.ok) throw new Error(`not subscribed: ${response.status}`);
}
async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const field = (name) => {
        var _a;
        return ((_a = part.split("\n").find((line) => line.startsWith(`${name}:`))) == null ? void 0 : _a.slice(name.length + 1).trim()) ?? "";
      };
      yield { name: field("event"), id: field("id") };
    }
  }
}
import { systemSealer } from "./hpke.js";
const systemClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => new Promise((resolve) => {
    if (signal == null ? void 0 : signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal == null ? void 0 : signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal == null ? void 0 : signal.addEventListener("abort", end);
  })
};
const systemRandom = {
  fraction: () => Math.random(),
  bytes: (n) => crypto.getRandomValues(new Uint8Array(n))
};
const systemDigest = async (bytes) => {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
};
export {
  fetchPokes,
  fetchTransport,
  systemClock,
  systemDigest,
  systemRandom,
  systemSealer
};
