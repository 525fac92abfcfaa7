import type { Answer, Request, Signal, Transport } from "./adapters.js";
import { type Core, identity, pause } from "./core.js";
import { GridwalkError, network } from "./errors.js";

const firstDelayMs = 1000;
const maxDelayMs = 5 * 60_000;

/**
 * How long to wait before the next attempt: it doubles, a random part keeps a
 * whole county from coming back at the same moment, and it is never shorter than
 * what the server asked for.
 */
export function delay(attempt: number, fraction: number, err: unknown): number {
  const longest = Math.min(firstDelayMs * 2 ** Math.min(attempt, 20), maxDelayMs);
  const after = err instanceof GridwalkError ? err.retryAfterMs : 0;
  return longest / 2 + (fraction * longest) / 2 + after;
}

/**
 * Posts one request, and again after a while when the network or the server
 * fails, up to the attempts that the options allow.
 */
export async function ask<T>(c: Core, path: string, body: unknown, read: (raw: unknown) => T, signal?: Signal): Promise<T> {
  let renewed = false;
  for (let attempt = 0; ; attempt++) {
    try {
      return await post(c, path, body, read, signal);
    } catch (err) {
      if (err instanceof GridwalkError && err.kind === "sign_in" && c.renew && !renewed) {
        renewed = true;
        await c.renew();
        continue;
      }
      if (!(err instanceof GridwalkError) || !err.retryable || attempt + 1 >= c.attempts || signal?.aborted) throw err;
      await pause(c, delay(attempt, c.random.fraction(), err), signal);
    }
  }
}

/** Posts one JSON body without the headers of a device, and gives the object that is answered. */
export async function postJSON(transport: Transport, url: string, body: object): Promise<Record<string, unknown>> {
  const answer = await send(transport, { method: "POST", url, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, undefined);
  const raw = json(answer);
  if (answer.status !== 200) throw refusal(answer, raw);
  if (typeof raw !== "object" || raw === null) throw network("the answer is no JSON");
  return raw as Record<string, unknown>;
}

async function post<T>(c: Core, path: string, body: unknown, read: (raw: unknown) => T, signal: Signal | undefined): Promise<T> {
  const request: Request = {
    method: "POST",
    url: c.url + path,
    headers: { ...identity(c), "Content-Type": "application/json" },
    body: JSON.stringify(body),
    gzip: true,
  };
  const answer = await send(c.transport, request, signal);
  const raw = json(answer);
  if (answer.status === 200) {
    if (raw === undefined) throw network("the answer is no JSON");
    return read(raw);
  }
  throw refusal(answer, raw);
}

/** Sends a request; whatever goes wrong below is the network. */
export async function send(transport: Transport, request: Request, signal: Signal | undefined): Promise<Answer> {
  if (signal?.aborted) throw new GridwalkError("stopped", "the app asked to stop");
  try {
    return await transport(request, signal);
  } catch (err) {
    throw signal?.aborted ? new GridwalkError("stopped", "the app asked to stop") : network(`no answer: ${String(err)}`, err);
  }
}

/** Reads the body of an answer that says it is JSON; undefined when it is none. */
function json(answer: Answer): unknown {
  const kind = (answer.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (kind !== "application/json") return undefined;
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return undefined;
  }
}

/** Turns an answer that is not a success into an error. `raw` is its body. */
export function refusal(answer: Answer, raw: unknown = json(answer), code?: string): GridwalkError {
  const said = (typeof raw === "object" && raw !== null ? raw : {}) as Record<string, unknown>;
  code ??= typeof said["error"] === "string" && said["error"] !== "" ? said["error"] : undefined;
  const { status } = answer;
  const message = `${status} ${code ?? "without a code"}: ${String(said["message"] ?? "")}`;
  const details = {
    status,
    ...(code === undefined ? {} : { code }),
    wipe: said["wipe"] === true,
    ...(typeof said["resume_from"] === "number" ? { resumeFrom: said["resume_from"] } : {}),
  };
  if (raw === undefined) return network(`status ${status}`);
  if ([503, 507, 429, 423].includes(status)) {
    const seconds = Math.max(parseInt(answer.header("retry-after") ?? "", 10) || 0, 0);
    return new GridwalkError("busy", message, { ...details, retryAfterMs: seconds * 1000 });
  }
  if (status >= 500 || status < 400) return network(`status ${status}`);
  if (status === 401) return new GridwalkError("sign_in", message, details);
  if (status === 426) return new GridwalkError("upgrade", message, details);
  if (code === undefined) return network(`status ${status} without a code`);
  return new GridwalkError("refused", message, details);
}
