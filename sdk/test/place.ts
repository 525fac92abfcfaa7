import { createHash } from "node:crypto";
import type { Clock, Digest, Random } from "../src/adapters.js";

/** What a test puts in the place of the world: nothing happens by itself. */
export class Place {
  now = Date.parse("2026-11-23T08:00:00.000Z");
  slept: number[] = [];
  private ids = 0;

  readonly clock: Clock = {
    now: () => this.now,
    sleep: async (ms) => void this.slept.push(ms),
  };
  readonly random: Random = { fraction: () => 0.5, bytes: (n) => new Uint8Array(n) };
  readonly newID = (): string => `id${String(++this.ids).padStart(13, "0")}`;
}

export const digest: Digest = async (bytes) => createHash("sha256").update(bytes).digest("hex");
