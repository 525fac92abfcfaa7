/**
 * The hybrid logical clock stamp of an edit made now: later than `last`, which is
 * the last one given or seen, even when the phone's clock went back. Stamps are
 * ordered as text.
 */
export function nextStamp(last: string, nowMs: number, device: string): string {
  let ms = Math.max(Math.floor(nowMs), 0);
  let counter = 0;
  if (last.length >= 17) {
    const lastMs = parseInt(last.slice(0, 12), 16) || 0;
    if (ms <= lastMs) {
      ms = lastMs;
      counter = (parseInt(last.slice(13, 17), 16) || 0) + 1;
      if (counter > 0xffff) {
        ms++;
        counter = 0;
      }
    }
  }
  return `${hex(ms, 12)}-${hex(counter, 4)}-${device}`;
}

/** How far a stamp may be ahead before the server moves it to the time of receipt. */
const maxAheadMs = 5 * 60_000;

/** Tells whether a stamp is so far ahead of the server's time that it says nothing. */
export function wrong(stamp: string, serverMs: number): boolean {
  return stamp.length >= 12 && stamp.slice(0, 12) > hex(serverMs + maxAheadMs, 12);
}

/** A number in hex digits, with zeros before it. */
export function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, "0");
}
