import "./webcrypto.js";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "../src/adapters/fetch.js";
import { tusUploader } from "../src/adapters/tus.js";
import { type Client, collections, enrol, GridwalkError, MemoryStore, openClient, type Options, signIn, wholeUploader } from "../src/index.js";
import { DemoServer, type Login } from "./server.js";

const server = new DemoServer();
const transport = fetchTransport();

before(() => server.start());
after(() => server.remove());

/** A phone of an officer, newly enrolled. */
async function phone(login: Login, o: Partial<Options> = {}): Promise<Client> {
  const signed = await signIn(transport, server.url, login.email, login.password);
  const device = await enrol(transport, server.url, signed);
  return openClient({
    url: server.url, device, token: () => signed.token, store: new MemoryStore(), transport, attempts: 1,
    clock: systemClock, random: systemRandom, digest: systemDigest, ...o,
  });
}

const officer = () => server.officer("grid_officer");

/** Waits until a live value is as it should be; the server's poke is what brings it about. */
function until<T>(live: { subscribe(f: (value: T) => void): () => void }, right: (value: T) => boolean): Promise<void> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let found = false;
    stop = live.subscribe((value) => {
      if (found || !right(value)) return;
      found = true;
      stop?.();
      resolve();
    });
    if (found) stop();
  });
}

test("a wrong password is told as such", async () => {
  await assert.rejects(signIn(transport, server.url, officer().email, "wrong"), (err) => err instanceof GridwalkError && err.kind === "sign_in");
});

test("two phones edit the same household offline, and agree afterwards", async () => {
  const [a, b] = [await phone(officer()), await phone(officer())];
  await a.sync();
  await b.sync();
  assert.deepEqual(await a.check(), []);
  const household = collections(a).households.list()[0];
  assert.ok(household);
  await collections(a).households.update(household.id, { phone: "13800000001" });
  await collections(b).households.update(household.id, { contact_pref: "phone" });
  await collections(b).households.update(household.id, { door_no: "7-7" });
  assert.equal(collections(a).households.get(household.id)?.phone, "13800000001");
  assert.equal(collections(a).households.state(household.id), "waiting");
  await a.sync();
  await b.sync();
  await a.sync();
  for (const client of [a, b]) {
    const now = collections(client).households.get(household.id);
    assert.equal(now?.phone, "13800000001");
    assert.equal(now?.door_no, "7-7");
    assert.equal(client.outbox.get().length, 0);
    assert.deepEqual(await client.check(), []);
  }
  assert.equal(collections(a).households.state(household.id), "synced");
});

test("a value that lost is a conflict, and can be put back", async () => {
  const [a, b] = [await phone(officer()), await phone(officer())];
  await a.sync();
  await b.sync();
  const household = collections(a).households.list()[1];
  assert.ok(household);
  await collections(a).households.update(household.id, { head_name: "甲" });
  await collections(b).households.update(household.id, { head_name: "乙" });
  await a.sync();
  await b.sync();
  const [conflict] = b.conflicts.get();
  assert.equal(conflict?.field, "head_name");
  assert.deepEqual([conflict.kept, conflict.lost].sort(), ["乙", "甲"]);
  await b.resolve(conflict, "lost");
  assert.deepEqual(b.conflicts.get(), []);
  assert.equal(collections(b).households.get(household.id)?.head_name, conflict.lost);
  await b.sync();
  await a.sync();
  assert.equal(collections(a).households.get(household.id)?.head_name, conflict.lost);
});

test("a day offline: visits, a matter and its moves survive a server that is killed", async () => {
  const client = await phone(officer(), { batchSize: 3 });
  await client.sync();
  const { households, visits, matters } = collections(client);
  await server.kill();
  for (const { id } of households.list().slice(0, 8)) await visits.create({ household: id, grid: officer().grid_id, purpose: "routine", mode: "door", result: "met_ok" });
  const made = await matters.report({ title: "井盖破损", category: "public_facility", priority: "p2_normal", source: "officer", grid: officer().grid_id });
  assert.equal(matters.get(made.record)?.status, "reported");
  assert.ok(matters.moves(made.record, { role: "grid_officer" }).some(({ action }) => action === "accept"));
  await matters.accept(made.record);
  await assert.rejects(matters.accept(made.record), (err) => err instanceof GridwalkError && err.code === "illegal_transition");
  await assert.rejects(client.sync(), (err) => err instanceof GridwalkError && err.kind === "network");
  assert.equal(client.status.get().state, "offline");
  assert.equal(client.status.get().waiting, 10);
  await server.start();
  await client.sync();
  assert.deepEqual(client.rejections.get(), []);
  assert.equal(client.status.get().waiting, 0);
  assert.equal(client.status.get().state, "idle");
  assert.equal(matters.get(made.record)?.status, "accepted");
  assert.notEqual(matters.get(made.record)?.due_accept, "");
  assert.deepEqual(await client.check(), []);
});

test("a server that dies after it has stored a push hears it again, and nothing is doubled", async () => {
  let deaf = false;
  const client = await phone(officer(), {
    transport: async (request, signal) => {
      const answer = await transport(request, signal);
      if (deaf && request.url.endsWith("/push")) throw new Error("the answer is lost");
      return answer;
    },
  });
  await client.sync();
  const { households, visits } = collections(client);
  const [household] = households.list();
  assert.ok(household);
  const before = visits.list().length;
  await visits.create({ household: household.id, grid: officer().grid_id, purpose: "routine", mode: "door", result: "met_ok" });
  deaf = true;
  await assert.rejects(client.sync());
  assert.equal(client.outbox.get().length, 1);
  await server.kill();
  await server.start();
  deaf = false;
  await client.sync();
  assert.equal(client.outbox.get().length, 0);
  assert.equal(visits.list().length, before + 1);
});

test("a server that is restored from a backup loses nothing that the phone still has", async () => {
  const client = await phone(officer());
  await client.sync();
  const { households, visits } = collections(client);
  const [household] = households.list();
  assert.ok(household);
  const bytes = picture("restored");
  let record = "";
  let photo = "";
  await server.restored(async () => {
    ({ record } = await visits.create({ household: household.id, grid: officer().grid_id, purpose: "routine", mode: "door", result: "met_ok" }));
    ({ record: photo } = await client.capture(bytes, { owner_type: "visit", owner_id: record, grid: officer().grid_id }));
    await client.sync();
    assert.equal(client.photos.get()[0]?.state, "safe");
  });
  await client.sync();
  const other = await phone(officer());
  await other.sync();
  assert.equal(collections(other).visits.get(record)?.result, "met_ok");
  assert.equal(collections(other).evidence.get(photo)?.upload_state, "done");
  assert.deepEqual(await client.check(), []);
});

test("what is not allowed is rejected with a reason, and can be dismissed", async () => {
  const client = await phone(officer());
  await client.sync();
  const { households } = collections(client);
  const [household] = households.list();
  assert.ok(household);
  const { n } = await households.delete(household.id);
  assert.equal(households.get(household.id), undefined);
  await client.sync();
  assert.deepEqual(households.get(household.id)?.address_zh, household.address_zh);
  assert.equal(client.rejections.get()[0]?.problem.code, "not_allowed");
  assert.equal(households.state(household.id), "rejected");
  await client.dismiss(n);
  assert.deepEqual(client.rejections.get(), []);
});

test("a poke brings what another phone has written, without a poll", { timeout: 60_000 }, async () => {
  const stop = new AbortController();
  const [a, b] = [await phone(officer()), await phone(officer(), { pokes: fetchPokes })];
  await a.sync();
  await b.sync();
  const running = b.run(stop.signal);
  const [, , household] = collections(a).households.list();
  assert.ok(household);
  // The subscription is there some time after the first sync: what comes earlier
  // comes by the next edit.
  const arrived = until(collections(b).households.live(({ id }) => id === household.id), ([found]) => found?.door_no.startsWith("9-") ?? false);
  let there = false;
  void arrived.then(() => (there = true));
  for (let i = 0; !there; i++) {
    await collections(a).households.update(household.id, { door_no: `9-${i}` });
    await a.sync();
    await Promise.race([arrived, systemClock.sleep(200)]);
  }
  stop.abort();
  await running;
});

/** The smallest picture there is, and one that differs in a comment. */
function picture(comment: string): Uint8Array {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", "base64");
  return Buffer.concat([png, Buffer.from(comment)]);
}

for (const [name, uploader] of [["whole", wholeUploader], ["tus", tusUploader({ chunkSize: 50, source: (bytes) => Buffer.from(bytes) as unknown as Blob })]] as const) {
  test(`a photograph goes by ${name} uploads, over a server that is killed half way`, async () => {
    const client = await phone(officer(), { uploader });
    await client.sync();
    const { households, visits } = collections(client);
    const [household] = households.list();
    assert.ok(household);
    const visit = await visits.create({ household: household.id, grid: officer().grid_id, purpose: "routine", mode: "door", result: "met_ok" });
    const bytes = picture(name.repeat(40));
    const { record } = await client.capture(bytes, { owner_type: "visit", owner_id: visit.record, grid: officer().grid_id }, [visit.id]);
    await server.kill();
    await assert.rejects(client.sync());
    assert.deepEqual(await client.photoBytes(record), new Uint8Array(bytes));
    assert.equal(client.photos.get()[0]?.state, "on_phone");
    await server.start();
    await client.sync();
    assert.deepEqual(client.photos.get().map(({ state, sent }) => ({ state, sent })), [{ state: "safe", sent: bytes.length }]);
    await client.sync();
    assert.equal(client.get("evidence", record)?.["upload_state"], "done");
  });
}

test("an upload on a dead connection ends, so that the next sync can try again", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const uploader = tusUploader({ stallMs: 50, source: (bytes) => Buffer.from(bytes) as unknown as Blob });
  const upload = { url: `http://127.0.0.1:${port}`, headers: {}, sha256: "0".repeat(64), bytes: picture("dead"), tried: false, path: undefined, signal: undefined, begun: () => Promise.resolve() };
  await assert.rejects(uploader(upload, fetchTransport()), (err) => err instanceof GridwalkError && err.kind === "network");
  silent.closeAllConnections();
  silent.close();
});
