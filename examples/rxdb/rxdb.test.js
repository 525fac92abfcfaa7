import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DemoServer, recordID } from "../server.js";

const { createRxDatabase } = await import("rxdb/plugins/core");
const { getRxStorageMemory } = await import("rxdb/plugins/storage-memory");
const { Gridwalk, outboxSchema } = await import("./gridwalk.js");

const server = new DemoServer();
before(() => server.start());
after(() => server.remove());

// Fields of a newer server are kept: additionalProperties.
const schema = { version: 0, primaryKey: "id", type: "object", required: ["id"], additionalProperties: true, properties: { id: { type: "string", maxLength: 15 } } };

async function phone() {
  const db = await createRxDatabase({ name: recordID(), storage: getRxStorageMemory(), multiInstance: false });
  await db.addCollections({ outbox: { schema: outboxSchema }, households: { schema }, visits: { schema } });
  const account = await server.account();
  const gridwalk = new Gridwalk(account, db.outbox);
  const replications = [];
  return {
    db, account,
    // Replicates both collections both ways. RxDB pulls before it pushes: what the
    // server made of a push comes with the second round.
    async sync() {
      for (const name of ["households", "visits", "households", "visits"]) {
        const replication = gridwalk.replicate(db[name], false);
        replications.push(replication);
        await replication.awaitInitialReplication();
      }
    },
    remove: () => db.remove(),
  };
}

test("two RxDB replicas sync both ways, offline edits and a killed server included", async () => {
  const [a, b] = [await phone(), await phone()];
  await a.sync();
  await b.sync();
  const [first] = await a.db.households.find().exec();
  assert.ok(first.toJSON().address_zh);
  await first.patch({ phone: "13800000001" });
  await (await b.db.households.findOne(first.id).exec()).patch({ door_no: "7-7" });
  const visit = { id: recordID(), household: first.id, grid: a.account.grid, purpose: "care", mode: "door", result: "met_ok" };
  await a.db.visits.insert(visit);

  await server.kill();
  await assert.rejects(fetch(server.url));
  await server.start();

  await a.sync();
  await b.sync();
  await a.sync();
  for (const { db } of [a, b]) {
    const now = (await db.households.findOne(first.id).exec()).toJSON();
    assert.deepEqual([now.phone, now.door_no], ["13800000001", "7-7"]);
    assert.equal((await db.visits.findOne(visit.id).exec()).toJSON().result, "met_ok");
    assert.deepEqual((await db.outbox.find().exec()).filter(({ result }) => !result), []);
  }
  await Promise.all([a.remove(), b.remove()]);
});

test("an answer that is lost does not make a second mutation", async () => {
  const a = await phone();
  await a.sync();
  const [household] = await a.db.households.find().exec();
  const whole = globalThis.fetch;
  let lost = 0;
  globalThis.fetch = async (...args) => {
    const answer = await whole(...args);
    if (String(args[0]).endsWith("push") && lost++ === 0) throw new Error("the answer is lost");
    return answer;
  };
  const id = recordID();
  await a.db.visits.insert({ id, household: household.id, grid: a.account.grid, purpose: "care", mode: "door", result: "met_ok" });
  const gridwalk = new Gridwalk(a.account, a.db.outbox);
  const rows = [{ newDocumentState: (await a.db.visits.findOne(id).exec()).toJSON() }];
  await assert.rejects(gridwalk.push("visits", rows));
  assert.deepEqual(await gridwalk.push("visits", rows), []);
  globalThis.fetch = whole;
  assert.equal((await a.db.outbox.find().exec()).length, 1);
  await a.remove();
});

test("what the server rejects is undone here, and does not hold up the rest", async () => {
  const a = await phone();
  await a.sync();
  const [kept, other] = await a.db.households.find().exec();
  await kept.remove(); // an officer may not
  await other.patch({ door_no: "8-8" });
  await a.sync();
  assert.equal((await a.db.households.findOne(kept.id).exec())?.toJSON().address_zh, kept.toJSON().address_zh);
  assert.equal((await a.db.households.findOne(other.id).exec()).toJSON().door_no, "8-8");
  await a.remove();
});

test("a server that is restored from a backup is sent what it lost", async () => {
  const [a, b] = [await phone(), await phone()];
  await a.sync();
  const [household] = await a.db.households.find().exec();
  const visit = { id: recordID(), household: household.id, grid: a.account.grid, purpose: "care", mode: "door", result: "met_ok" };
  await server.restored(async () => {
    await a.db.visits.insert(visit);
    await a.sync();
  });
  await a.sync();
  await b.sync();
  assert.equal((await b.db.visits.findOne(visit.id).exec())?.toJSON().result, "met_ok");
  await Promise.all([a.remove(), b.remove()]);
});
