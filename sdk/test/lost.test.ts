import "./webcrypto.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Change, Request, Sealer } from "../src/adapters.js";
import { systemSealer } from "../src/adapters/fetch.js";
import { GridwalkError, MemoryStore, openClient, type Options } from "../src/index.js";
import { digest, Place } from "./place.js";

const day = 86_400_000;
const now = "2026-11-23T08:00:00.000Z";
const word = "小王说的话";

/** A server that can be away, revoke the phone, and take parcels. */
class Office {
  state: "good" | "revoked" | "away" = "good";
  takes = true;
  parcels: Uint8Array[] = [];
  transport = async (request: Request): Promise<Answer> => {
    if (this.state === "away") throw new Error("no route");
    const says = (status: number, body: unknown): Answer => ({ status, header: (name) => (name === "content-type" ? "application/json" : undefined), text: JSON.stringify(body) });
    if (request.url.endsWith("/api/parcels")) {
      if (!this.takes) return says(503, {});
      const bytes = request.body as Uint8Array;
      this.parcels.push(bytes);
      return says(200, { parcel: await digest(bytes) });
    }
    if (this.state === "revoked") return says(403, { error: "device_revoked", wipe: true });
    if (request.url.endsWith("push")) return says(503, {});
    return says(200, { now, changes: [{ collection: "residents", id: "r1", seq: 1, scopes: ["all"], record: { name: word } }], scopes: ["all"], cursor: `c${Math.random()}`, epoch: "e", more: false, parcel_key: "KEY", wipe_after: 14 });
  };
}

/** Seals by turning letters around, so that the test can read it and a search for the words cannot. */
const plainSealer: Sealer = async (key, device, head, content) => {
  const body = typeof content === "string" ? content : `${content.length} bytes`;
  return new TextEncoder().encode([...`${key} ${device} ${head.kind} ${body}`].reverse().join(""));
};
const opened = (bytes: Uint8Array): string => [...new TextDecoder().decode(bytes)].reverse().join("");

async function lost(o: Partial<Options> = {}) {
  const office = new Office(), place = new Place(), store = new MemoryStore();
  let time = Date.parse(now);
  const client = await openClient({
    url: "http://server", device: "device000000001", token: () => "t", store, transport: office.transport, attempts: 1, digest, sealer: plainSealer,
    clock: { now: () => time, sleep: async () => undefined }, random: place.random, newID: place.newID, ...o,
  });
  await client.sync();
  const kind = () => client.sync().then(() => "done", (err: unknown) => (err instanceof GridwalkError ? err.kind : "other"));
  const dump = async () => JSON.stringify((await store.load()).values satisfies Change[]);
  return { office, client, kind, dump, store, at: (ms: number) => (time = Date.parse(now) + ms) };
}

test("a revoked phone seals what it has not sent, erases itself, and sends the parcels when it can", async () => {
  const p = await lost();
  assert.ok((await p.dump()).includes(word));
  await p.client.write("visits", "v1", "create", { note: word });
  const { record } = await p.client.capture(new Uint8Array(1000), { grid: "g" });
  p.office.state = "revoked";
  p.office.takes = false;
  assert.equal(await p.kind(), "erased");
  assert.ok(!(await p.dump()).includes(word), "words are left");
  assert.equal(await p.store.blob(record), undefined);
  assert.equal(p.client.all("residents").size, 0);
  await assert.rejects(p.client.write("visits", "v2", "create", {}));
  assert.equal(await p.kind(), "erased");
  p.office.takes = true;
  assert.equal(await p.kind(), "erased");
  assert.deepEqual(p.office.parcels.map((bytes) => opened(bytes).slice(0, 25)), ["KEY device000000001 push ", "KEY device000000001 photo"]);
  assert.ok(p.office.parcels[0] && opened(p.office.parcels[0]).includes(word));
  assert.equal(await p.kind(), "erased");
  assert.equal(p.office.parcels.length, 2, "sent twice");
});

test("a phone without contact for two weeks takes itself for lost, whatever its clock is set to", async () => {
  const p = await lost();
  p.office.state = "away";
  for (const ms of [day, 14 * day - 1, 0]) {
    p.at(ms);
    assert.equal(await p.kind(), "network");
  }
  p.office.state = "good";
  p.at(40 * day);
  assert.equal(await p.kind(), "done");
  p.office.state = "away";
  p.at(54 * day);
  assert.equal(await p.kind(), "erased");
});

test("what WebCrypto seals, only the key opens", async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const key = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
  const [one, two] = await Promise.all([1, 2].map(() => systemSealer(key, "d", { kind: "push" }, "{}")));
  assert.equal(one?.length, 65 + '{"kind":"push"}\n{}'.length + 16);
  assert.notDeepEqual(one, two);
});
