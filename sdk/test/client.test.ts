import "./webcrypto.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Request, Transport } from "../src/adapters.js";
import { delay } from "../src/ask.js";
import { recordID } from "../src/core.js";
import { fnv1a } from "../src/digests.js";
import { type Client, collections, GridwalkError, MemoryStore, openClient, type Options, type Status } from "../src/index.js";
import { nextStamp } from "../src/stamp.js";
import { systemRandom } from "../src/adapters/fetch.js";
import { digest, Place } from "./place.js";

const now = "2026-11-23T08:00:00.000Z";
type Says = (request: Request) => Partial<Answer> & { body?: unknown; headers?: Record<string, string> };

/** A transport that answers as a function says; pulls get an empty page by default. */
function says(answer: Says): Transport {
  return async (request) => {
    const { status = 200, body, text = JSON.stringify(body), headers = {} } = answer(request);
    return { status, header: (name) => ({ "content-type": "application/json", ...headers })[name], text };
  };
}

const page = (changes: unknown[] = []) => ({ body: { now, changes, scopes: ["all"], cursor: `c${Math.random()}`, epoch: "e", more: false } });
const applied = (request: Request) => ({ body: { now, results: (JSON.parse(String(request.body)) as { mutations: { id: string }[] }).mutations.map(({ id }) => ({ id, status: "applied", seq: 9 })) } });

function open(answer: Says, o: Partial<Options> = {}): Promise<Client> {
  const place = new Place();
  return openClient({ url: "http://server", device: "device000000001", token: () => "t", store: new MemoryStore(), transport: says(answer), attempts: 2, digest, clock: place.clock, random: place.random, newID: place.newID, ...o });
}

const good: Says = (request) => (request.url.endsWith("push") ? applied(request) : page());

test("stamps only grow, whatever the clock does", () => {
  let last = "";
  for (const ms of [5, 5, 4, 100, -1, 100, 0]) {
    const next = nextStamp(last, ms, "d");
    assert.ok(next > last, `${next} after ${last}`);
    last = next;
  }
  assert.equal(nextStamp("00000000000a-ffff-x", 3, "d"), "00000000000b-0000-d");
});

test("record ids are 15 characters of a-z0-9, and never the same", () => {
  const ids = new Set(Array.from({ length: 2000 }, () => recordID(systemRandom)));
  assert.equal(ids.size, 2000);
  for (const id of ids) assert.match(id, /^[a-z0-9]{15}$/);
});

test("FNV-1a is that of its authors", () => {
  assert.equal(fnv1a("").toString(16), "cbf29ce484222325");
  assert.equal(fnv1a("foobar").toString(16), "85944171f73967e8");
});

test("delays double up to five minutes, and never fall below what the server asked for", () => {
  assert.deepEqual([0, 1, 2, 20, 1000].map((attempt) => delay(attempt, 0, undefined)), [500, 1000, 2000, 150_000, 150_000]);
  assert.ok(delay(0, 0, new GridwalkError("busy", "", { retryAfterMs: 60_000 })) >= 60_000);
});

test("status tells what waits and how the last sync ended", async () => {
  let portal = true;
  const client = await open((request) => (portal ? { headers: { "content-type": "text/html" }, text: "<html>" } : good(request)));
  const seen: Status[] = [];
  const stop = client.status.subscribe((status) => seen.push(status));
  await client.write("visits", "v1", "create", {});
  await assert.rejects(client.sync());
  assert.deepEqual([seen.at(-1)?.state, seen.at(-1)?.waiting], ["offline", 1]);
  portal = false;
  await client.sync();
  assert.deepEqual([seen.at(-1)?.state, seen.at(-1)?.waiting, seen.at(-1)?.server], ["idle", 0, now]);
  stop();
  assert.ok(seen.some(({ state }) => state === "syncing"));
});

test("a query hears of its own collection only, and of nothing after it is stopped", async () => {
  const client = await open((request) => (request.url.endsWith("pull") ? page([{ collection: "grids", id: "g", seq: 1, scopes: ["all"], record: { id: "g" } }]) : applied(request)));
  await client.sync();
  let grids = 0;
  const sizes: number[] = [];
  const stop = client.live("grids", (records) => [...records.keys()]).subscribe(() => grids++);
  const end = client.live("visits", (records) => records.size).subscribe((size) => sizes.push(size));
  await client.sync(); // the same record of grids once more
  assert.ok(grids >= 2);
  end();
  await client.write("visits", "v1", "create", {});
  assert.deepEqual(sizes, [0]);
  stop();
});

test("a live value is the same until something changes", async () => {
  const client = await open(good);
  const visits = client.live("visits", (records) => [...records.keys()]);
  const before = visits.get();
  assert.equal(visits.get(), before);
  assert.equal(client.outbox.get(), client.outbox.get());
  const status = client.status.get();
  await client.write("grids", "g", "update", {});
  assert.notEqual(client.status.get(), status);
  await client.write("visits", "v1", "create", {});
  assert.deepEqual(visits.get(), ["v1"]);
});

test("what the app changes afterwards in what it gave does not change what is sent", async () => {
  const client = await open(good);
  const set = { needs: ["a"] };
  await client.write("visits", "v1", "create", set);
  set.needs.push("b");
  assert.deepEqual(client.outbox.get()[0]?.set, { needs: ["a"] });
  assert.deepEqual(client.get("visits", "v1")?.["needs"], ["a"]);
});

test("run syncs after a write, rests between, and ends with the signal", async () => {
  const pushed: number[] = [];
  const client = await open((request) => {
    if (request.url.endsWith("push")) pushed.push((JSON.parse(String(request.body)) as { mutations: unknown[] }).mutations.length);
    return good(request);
  }, { clock: { now: () => 0, sleep: (_ms, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve())) } });
  const stop = new AbortController();
  const running = client.run(stop.signal);
  const empty = () => new Promise<void>((resolve) => {
    const end = client.status.subscribe(({ waiting, state }) => waiting === 0 && state === "idle" && queueMicrotask(() => (end(), resolve())));
  });
  await empty();
  await client.write("visits", "v1", "create", {});
  await empty();
  await client.write("visits", "v2", "create", {});
  await empty();
  assert.deepEqual(pushed, [1, 1]);
  stop.abort();
  await running;
});

test("a workflow refuses on the phone what the server would refuse", async () => {
  const client = await open(good);
  const { matters } = collections(client);
  const { record } = await matters.report({ title: "井盖", category: "public_facility", priority: "p2_normal", source: "officer" });
  const code = (expected: string) => (err: unknown) => err instanceof GridwalkError && err.code === expected;
  await assert.rejects(matters.close(record, { result: "done" }), code("illegal_transition"));
  await assert.rejects(matters.escalate(record), code("missing_fields"));
  await assert.rejects(matters.accept("nobody"), code("not_found"));
  await matters.escalate(record, { reason: "too big" });
  assert.equal(matters.get(record)?.status, "escalated");
  const actions = (role: string) => matters.moves(record, { role }).map(({ action }) => action);
  assert.ok(actions("grid_lead").includes("dispatch") && !actions("grid_officer").includes("dispatch"));
});

/** What the server answers about a photograph, and what becomes of it. */
const photographs: [string, Says, string, string | undefined][] = [
  ["is safe when the server says so", () => ({ headers: { "x-gridwalk-state": "safe" } }), "safe", undefined],
  ["is not safe because a portal says 200", () => ({ text: "<html>", headers: { "content-type": "text/html" } }), "on_phone", undefined],
  ["stays when its record is rejected as evidence", () => ({ headers: { "x-gridwalk-state": "rejected", "x-gridwalk-reason": "not_an_image" } }), "stuck", "not_an_image"],
  ["stays when the office has deleted its record", () => ({ headers: { "x-gridwalk-state": "waiting" } }), "stuck", "record_gone"],
  ["stays when it is too large", () => ({ status: 413, headers: { "x-gridwalk-error": "too_large" }, text: "" }), "stuck", "too_large"],
  ["stays when other bytes arrive three times", () => ({ status: 422, body: { error: "hash_mismatch" }, headers: { "x-gridwalk-error": "hash_mismatch" } }), "stuck", "hash_mismatch"],
  ["waits for a server whose disk is full", () => ({ status: 507, body: { error: "storage_full" }, headers: { "x-gridwalk-error": "storage_full" } }), "on_phone", undefined],
  ["waits for a state that nobody knows yet", () => ({ headers: { "x-gridwalk-state": "archived" } }), "on_phone", undefined],
];

for (const [name, answer, state, code] of photographs) {
  test(`a photograph ${name}`, async () => {
    const client = await open((request) => (request.url.includes("/uploads/") ? answer(request) : good(request)));
    const { record } = await client.capture(new Uint8Array([1, 2, 3]), {});
    await client.sync().catch((err: unknown) => assert.ok(err instanceof GridwalkError && err.retryable));
    const [photo] = client.photos.get();
    assert.deepEqual([photo?.state, photo?.code], [state, code]);
    assert.deepEqual(await client.photoBytes(record), new Uint8Array([1, 2, 3]));
    await client.dismissPhoto(record);
    assert.equal(client.photos.get().length, state === "stuck" ? 0 : 1);
  });
}

test("a photograph that the server has already is not sent again", async () => {
  const methods: string[] = [];
  let dead = true;
  const client = await open((request) => {
    if (!request.url.includes("/uploads/")) return good(request);
    methods.push(request.method);
    return dead ? { status: 502, text: "" } : { headers: { "x-gridwalk-state": "safe" } };
  });
  await client.capture(new Uint8Array([1]), {});
  await assert.rejects(client.sync());
  dead = false;
  await client.sync();
  assert.deepEqual(methods, ["PUT", "HEAD", "HEAD"]);
});

test("the bytes of a safe photograph leave the phone after a week", async () => {
  let at = now;
  const client = await open((request) => (request.url.includes("/uploads/") ? { headers: { "x-gridwalk-state": "safe" } } : request.url.endsWith("push") ? applied(request) : { body: { ...page().body, now: at } }));
  const { record } = await client.capture(new Uint8Array([1]), {});
  await client.sync();
  assert.ok(await client.photoBytes(record));
  at = "2026-12-01T08:00:00.000Z";
  await client.sync();
  assert.equal(await client.photoBytes(record), undefined);
});

test("who looked at what is told at the next sync, once in ten minutes, and fails nothing", async () => {
  const place = new Place();
  const told: { record: string }[][] = [];
  let deaf = true;
  const client = await open((request) => {
    if (!request.url.endsWith("/reads")) return good(request);
    if (deaf) return { status: 500, body: {} };
    told.push((JSON.parse(String(request.body)) as { reads: { record: string }[] }).reads);
    return { body: { taken: 1 } };
  }, { clock: place.clock });
  await client.looked("households", "a");
  await client.looked("households", "a");
  await client.sync();
  assert.equal(told.length, 0);
  deaf = false;
  place.now += 600_001;
  await client.looked("households", "a");
  await client.looked("visits", "b");
  await client.sync();
  assert.deepEqual(told.map((reads) => reads.map(({ record }) => record).sort()), [["a", "a", "b"]]);
  await client.sync();
  assert.equal(told.length, 1);
});
