import { identity, pause } from "./core.js";
import { GridwalkError, network } from "./errors.js";
const firstDelayMs = 1e3;
const maxDelayMs = 5 * 6e4;
function delay(attempt, fraction, err) {
  const longest = Math.min(firstDelayMs * 2 ** Math.min(attempt, 20), maxDelayMs);
  const after = err instanceof GridwalkError ? err.retryAfterMs : 0;
  return longest / 2 + fraction * longest / 2 + after;
}
async function ask(c, path, body, read, signal) {
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
      if (!(err instanceof GridwalkError) || !err.retryable || attempt + 1 >= c.attempts || (signal == null ? void 0 : signal.aborted)) throw err;
      await pause(c, delay(attempt, c.random.fraction(), err), signal);
    }
  }
}
async function postJSON(transport, url, body) {
  const answer = await send(transport, { method: "POST", url, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }, void 0);
  const raw = json(answer);
  if (answer.status !== 200) throw refusal(answer, raw);
  if (typeof raw !== "object" || raw === null) throw network("the answer is no JSON");
  return raw;
}
async function post(c, path, body, read, signal) {
  const request = {
    method: "POST",
    url: c.url + path,
    headers: { ...identity(c), "Content-Type": "application/json" },
    body: JSON.stringify(body),
    gzip: true
  };
  const answer = await send(c.transport, request, signal);
  const raw = json(answer);
  if (answer.status === 200) {
    if (raw === void 0) throw network("the answer is no JSON");
    return read(raw);
  }
  throw refusal(answer, raw);
}
async function send(transport, request, signal) {
  if (signal == null ? void 0 : signal.aborted) throw new GridwalkError("stopped", "the app asked to stop");
  try {
    return await transport(request, signal);
  } catch (err) {
    throw (signal == null ? void 0 : signal.aborted) ? new GridwalkError("stopped", "the app asked to stop") : network(`no answer: ${String(err)}`, err);
  }
}
function json(answer) {
  var _a;
  const kind = (_a = (answer.header("content-type") ?? "").split(";")[0]) == null ? void 0 : _a.trim().toLowerCase();
  if (kind !== "application/json") return void 0;
  try {
    return JSON.parse(answer.text);
  } catch {
    return void 0;
  }
}
function refusal(answer, raw = json(answer), code) {
  const said = typeof raw === "object" && raw !== null ? raw : {};
  code ?? (code = typeof said["error"] === "string" && said["error"] !== "" ? said["error"] : void 0);
  const { status } = answer;
  const message = `${status} ${code ?? "without a code"}: ${String(said["message"] ?? "")}`;
  const details = {
    status,
    ...code === void 0 ? {} : { code },
    wipe: said["wipe"] === true,
    ...typeof said["resume_from"] === "number" ? { resumeFrom: said["resume_from"] } : {}
  };
  if (raw === void 0) return network(`status ${status}`);
  if ([503, 507, 429, 423].includes(status)) {
    const seconds = Math.max(parseInt(answer.header("retry-after") ?? "", 10) || 0, 0);
    return new GridwalkError("busy", message, { ...details, retryAfterMs: seconds * 1e3 });
  }
  if (status >= 500 || status < 400) return network(`status ${status}`);
  if (status === 401) return new GridwalkError("sign_in", message, details);
  if (status === 426) return new GridwalkError("upgrade", message, details);
  if (code === void 0) return network(`status ${status} without a code`);
  return new GridwalkError("refused", message, details);
}
export {
  ask,
  delay,
  postJSON,
  refusal,
  send
};
