import type { Clock, Digest, Lock, Random, Sealer, Signal, Transport, Uploader } from "./adapters.js";
import type { State } from "./state.js";

/** What the parts of a client share. */
export interface Core {
  state: State;
  url: string;
  device: string;
  token: () => string;
  renew: (() => Promise<void>) | undefined;
  collections: string[] | undefined;
  schema: number;
  batchSize: number;
  pageSize: number;
  attempts: number;
  transport: Transport;
  uploader: Uploader;
  clock: Clock;
  random: Random;
  digest: Digest;
  sealer: Sealer | undefined;
  lock: Lock;
  newID: () => string;
  /** When the last pull came, by a clock that does not jump; undefined until then. */
  pulled?: number | undefined;
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Makes a record id: 15 characters of a-z0-9, 77 random bits. */
export function recordID(random: Random): string {
  let id = "";
  while (id.length < 15) {
    for (const b of random.bytes(16)) {
      if (b < 252 && id.length < 15) id += alphabet[b % 36];
    }
  }
  return id;
}

/** Who asks: the headers of every request. */
export function identity(c: Core): Record<string, string> {
  const meta = c.state.view.meta();
  return { Authorization: c.token(), "X-Gridwalk-Device": c.device, "X-Gridwalk-Outbox": String(meta.made - meta.handled) };
}

/** Waits, unless the app asks to stop. */
export async function pause(c: Core, ms: number, signal: Signal | undefined): Promise<void> {
  if (!signal?.aborted) await c.clock.sleep(ms, signal);
}
