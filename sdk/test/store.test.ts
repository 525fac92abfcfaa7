import "./webcrypto.js";
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Store, Transport } from "../src/adapters.js";
import { IDBStore } from "../src/adapters/idb.js";
import { type Client, GridwalkError, MemoryStore, openClient } from "../src/index.js";
import { digest, Place } from "./place.js";

const silent: Transport = async () => {
  throw new Error("no route");
};

function open(store: Store, transport: Transport = silent): Promise<Client> {
  const place = new Place();
  return openClient({ url: "http://server", device: "device000000001", token: () => "t", store, transport, attempts: 1, digest, clock: place.clock, random: place.random, newID: () => `${Math.random()}` });
}

// What a test opened is closed whether it fails or not: a channel to other tabs
// would keep the process alive.
const opened: IDBStore[] = [];
after(() => Promise.all(opened.map((store) => store.close())));

function database(name: string): IDBStore {
  const store = new IDBStore(name);
  opened.push(store);
  return store;
}

let databases = 0;
const stores: [string, () => () => Store][] = [
  ["memory", () => {
    const store = new MemoryStore();
    return () => store;
  }],
  ["IndexedDB", () => {
    const name = `test ${++databases}`;
    return () => database(name);
  }],
];

for (const [kind, make] of stores) {
  test(`${kind}: what is written is there after the app died`, async () => {
    const store = make();
    const a = await open(store());
    await a.write("visits", "v1", "create", { note: "x" });
    const { record } = await a.capture(new Uint8Array([1, 2, 3]), { owner_type: "visit" });
    const b = await open(store());
    assert.deepEqual(b.get("visits", "v1"), { id: "v1", note: "x" });
    assert.deepEqual(b.outbox.get().map(({ n }) => n), [1, 2]);
    assert.deepEqual(await b.photoBytes(record), new Uint8Array([1, 2, 3]));
    await Promise.all([a.close(), b.close()]);
  });

  test(`${kind}: two tabs write at the same time, and no number stands twice`, async () => {
    const store = make();
    const [a, b] = [await open(store()), await open(store())];
    await Promise.all([...Array(20).keys()].map((i) => (i % 2 ? a : b).write("visits", `v${i}`, "create", {})));
    await a.write("visits", "last", "create", {});
    const numbers = a.outbox.get().map(({ n }) => n);
    assert.deepEqual(numbers, [...Array(21).keys()].map((n) => n + 1));
    assert.equal(a.all("visits").size, 21);
    await Promise.all([a.close(), b.close()]);
  });

  test(`${kind}: a tab shows what another one has written`, async () => {
    const store = make();
    const [a, b] = [await open(store()), await open(store())];
    const seen = new Promise<void>((resolve) => {
      b.live("visits", (records) => records.size).subscribe((size) => size === 1 && resolve());
    });
    await a.write("visits", "v1", "create", {});
    await seen;
    await Promise.all([a.close(), b.close()]);
  });
}

test("IndexedDB: a connection that the browser dropped is opened anew", async () => {
  const store = database("dropped");
  const client = await open(store);
  await client.write("visits", "v1", "create", {});
  const db = await (store as unknown as { db: Promise<IDBDatabase> }).db;
  db.close();
  await client.write("visits", "v2", "create", {});
  assert.deepEqual(client.outbox.get().map(({ n }) => n), [1, 2]);
  await client.close();
});

test("IndexedDB: a commit that was kept, but not confirmed, is not made twice", async () => {
  const store = database("unconfirmed");
  const client = await open(store);
  const inside = store as unknown as { open(): Promise<IDBDatabase> };
  const { open: reopen } = inside;
  // The connection dies after the transaction has ended, and before that is told.
  inside.open = async function () {
    delete (this as Partial<typeof inside>).open;
    const db = await reopen.call(this);
    const dying = { close: () => db.close(), transaction: (...args: Parameters<IDBDatabase["transaction"]>) => {
      const tx = db.transaction(...args) as unknown as { done: Promise<void>; objectStore(name: string): unknown };
      const done = tx.done.then(() => Promise.reject(new DOMException("lost", "UnknownError")));
      done.catch(() => undefined);
      return { objectStore: (name: string) => tx.objectStore(name), done };
    } };
    return dying as unknown as IDBDatabase;
  };
  await client.write("visits", "v1", "create", {});
  assert.deepEqual(client.outbox.get().map(({ n }) => n), [1]);
  await client.write("visits", "v2", "create", {});
  assert.deepEqual(client.outbox.get().map(({ n }) => n), [1, 2]);
  await client.close();
});

test("a full disk is said, and nothing is shown that is not kept", async () => {
  const store = new MemoryStore();
  const client = await open(store);
  store.beforeCommit = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  await assert.rejects(client.write("visits", "v1", "create", {}), (err) => err instanceof GridwalkError && err.kind === "storage");
  assert.equal(client.get("visits", "v1"), undefined);
  store.beforeCommit = undefined;
  assert.equal((await client.write("visits", "v1", "create", {})).n, 1);
});

test("a phone that dies between any two commits of a sync goes on where it was", async () => {
  const now = "2026-11-23T08:00:00.000Z";
  // A server that applies each number once, and has two pages.
  const serve = (): { transport: Transport; taken: string[] } => {
    const taken: string[] = [];
    const transport: Transport = async (request) => {
      const body = JSON.parse(String(request.body)) as { cursor?: string; mutations?: { id: string; n: number }[] };
      const answer = body.mutations
        ? { now, results: body.mutations.map(({ id, n }) => (taken[n - 1] === undefined ? { id: (taken[n - 1] = id), status: "applied", seq: n } : { id, status: "duplicate", of: "applied", seq: n })) }
        : { now, changes: body.cursor === "2" ? [] : [{ collection: "visits", id: `p${body.cursor}`, seq: 9, scopes: ["all"], record: { id: "p" } }], scopes: ["all"], cursor: body.cursor ? "2" : "1", epoch: "e", more: !body.cursor };
      return { status: 200, header: (name) => (name === "content-type" ? "application/json" : undefined), text: JSON.stringify(answer) };
    };
    return { transport, taken };
  };
  for (let dies = 0; dies < 12; dies++) {
    const store = new MemoryStore();
    const { transport, taken } = serve();
    let commits = 0;
    store.beforeCommit = () => {
      if (commits++ === dies) throw new Error("dead");
    };
    const made: string[] = [];
    for (let tries = 0; tries < 4; tries++) {
      const client = await open(store, transport);
      try {
        while (client.inspect().meta.made < 4) made[client.inspect().meta.made] = (await client.write("visits", `v${client.inspect().meta.made}`, "create", {})).id;
        await client.sync();
      } catch (err) {
        assert.equal((err as GridwalkError).kind, "storage");
      }
      await client.close();
    }
    const client = await open(store, transport);
    assert.deepEqual(taken, made, `death at commit ${dies}`);
    assert.deepEqual(client.outbox.get(), []);
    assert.equal(client.inspect().rows.size, 2);
    assert.equal(client.inspect().meta.cursor, "2");
  }
});
