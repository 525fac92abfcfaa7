import { keep, kept } from "./kv.js";
import { fetchTransport } from "gridwalk/fetch";
import { work } from "./session.js";

/** What recording one thing cost. The server adds it up for a village and a month; it does not keep whose it was. */
interface Sample {
  grid: string;
  kind: "visit" | "check_in" | "matter" | "errand" | "demand" | "alert";
  taps: number;
  seconds: number;
  asked: number;
  known: number;
}

let taps = 0;
addEventListener("click", (e) => { if (e.isTrusted) taps++; }, true);

/** Begins to measure a form; what it gives is called with the fields that were filled, and those that were right already. */
export function measure(): (kind: Sample["kind"], grid: string | undefined, asked: number, known: number) => void {
  const began = Date.now(), before = taps;
  return (kind, grid, asked, known) => {
    const sample: Sample = { grid: grid ?? "", kind, taps: Math.min(taps - before, 500), seconds: Math.min(Math.round((Date.now() - began) / 1000), 3600), asked, known: Math.min(known, asked) };
    if (grid) void kept<Sample[]>("effort").then((list = []) => keep("effort", [...list, sample].slice(-200))).catch(() => undefined);
  };
}

/** Sends what was measured, once: losing it costs nobody anything, and trying again would count it twice. */
export async function sendEffort(): Promise<void> {
  const now = work.value;
  const samples = await kept<Sample[]>("effort");
  if (!now || !samples?.length) return;
  await keep("effort", undefined);
  await fetchTransport({ timeoutMs: 20_000 })({ method: "POST", url: `${location.origin}/api/effort`, headers: { Authorization: now.account.token, "X-Gridwalk-Device": now.account.device, "Content-Type": "application/json" }, body: JSON.stringify({ samples }) });
}
