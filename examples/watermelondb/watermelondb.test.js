import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { DemoServer, recordID } from "../server.js";
import { Gridwalk, gridwalkColumns } from "./gridwalk.js";

const require = createRequire(import.meta.url);
const { appSchema, Database, Model, tableSchema } = require("@nozbe/watermelondb");
const LokiJSAdapter = require("@nozbe/watermelondb/adapters/lokijs").default;
const { setGenerator } = require("@nozbe/watermelondb/utils/common/randomId");
setGenerator(recordID); // WatermelonDB's own ids have 16 characters

const server = new DemoServer();
before(() => server.start());
after(() => server.remove());

const text = (...names) => [...names.map((name) => ({ name, type: "string" })), ...gridwalkColumns];
class Household extends Model {
  static table = "households";
}
class Visit extends Model {
  static table = "visits";
}

async function phone() {
  const schema = appSchema({ version: 1, tables: [
    tableSchema({ name: "households", columns: text("address_zh", "phone", "door_no") }),
    tableSchema({ name: "visits", columns: text("household", "grid", "purpose", "mode", "result", "needs") }),
  ] });
  const adapter = new LokiJSAdapter({ schema, dbName: recordID(), useWebWorker: false, useIncrementalIndexedDB: false, extraLokiOptions: { autosave: false } });
  const database = new Database({ adapter, modelClasses: [Household, Visit] });
  const account = await server.account();
  const gridwalk = new Gridwalk(database, account, ["households", "visits"]);
  const edit = (table, id, set) => database.write(async () => (await database.get(table).find(id)).update((record) => Object.entries(set).forEach(([key, value]) => record._setRaw(key, value))));
  const create = (table, set) => database.write(() => database.get(table).create((record) => Object.entries(set).forEach(([key, value]) => record._setRaw(key, value))));
  const raw = async (table, id) => (await database.get(table).find(id))._raw;
  return { database, account, gridwalk, edit, create, raw, sync: () => gridwalk.sync(), log: async () => (await gridwalk.load()).log };
}

const visitOf = (household, account) => ({ household, grid: account.grid, purpose: "care", mode: "door", result: "met_ok", needs: '["medical"]' });

test("two WatermelonDB replicas sync both ways, offline edits and a killed server included", async () => {
  const [a, b] = [await phone(), await phone()];
  await a.sync();
  await b.sync();
  const [{ id }] = await a.database.get("households").query().fetch();
  assert.ok((await a.raw("households", id)).address_zh);
  await a.edit("households", id, { phone: "13800000001" });
  await b.edit("households", id, { door_no: "7-7" });
  const visit = await a.create("visits", visitOf(id, a.account));

  await server.kill();
  await assert.rejects(a.sync());
  await server.start();

  await a.sync();
  await b.sync();
  await a.sync();
  for (const client of [a, b]) {
    const now = await client.raw("households", id);
    assert.deepEqual([now.phone, now.door_no], ["13800000001", "7-7"]);
    assert.equal((await client.raw("visits", visit.id)).needs, '["medical"]');
    assert.deepEqual((await client.log()).map(({ result }) => result.status), client === a ? ["applied", "applied"] : ["applied"]);
  }
});

for (const [outcome, skew] of [["wins", 60_000], ["loses", -60_000]]) {
  test(`an edit that meets another and ${outcome} is merged by the server, and the record is what it says`, async () => {
    const [a, b] = [await phone(), await phone()];
    await a.sync();
    await b.sync();
    const [, { id }] = await a.database.get("households").query().fetch();
    await a.edit("households", id, { door_no: `1-${skew}` });
    await b.edit("households", id, { door_no: `2-${skew}` });
    await b.sync();
    const { now } = Date;
    Date.now = () => now() + skew;
    await a.sync().finally(() => (Date.now = now));
    await b.sync();
    const [result] = (await a.log()).map((entry) => entry.result);
    assert.equal(result.status, "merged");
    assert.equal(result.record.door_no, skew > 0 ? `1-${skew}` : `2-${skew}`);
    assert.equal((await a.raw("households", id)).door_no, result.record.door_no);
    assert.equal((await b.raw("households", id)).door_no, result.record.door_no);
  });
}

test("an answer that is lost does not make a second mutation", async () => {
  const a = await phone();
  await a.sync();
  const [{ id }] = await a.database.get("households").query().fetch();
  const before = (await a.database.get("visits").query().fetch()).length;
  await a.create("visits", visitOf(id, a.account));
  const whole = globalThis.fetch;
  globalThis.fetch = async (...args) => {
    const answer = await whole(...args);
    if (String(args[0]).endsWith("push")) throw new Error("the answer is lost");
    return answer;
  };
  await assert.rejects(a.sync());
  globalThis.fetch = whole;
  await a.sync();
  assert.equal((await a.log()).length, 1);
  assert.equal((await a.database.get("visits").query().fetch()).length, before + 1);
});

test("what the server rejects is undone here, and does not hold up the rest", async () => {
  const a = await phone();
  await a.sync();
  const [kept, other] = await a.database.get("households").query().fetch();
  await a.database.write(() => kept.markAsDeleted()); // an officer may not
  const visit = await a.create("visits", { ...visitOf(other.id, a.account), result: "" });
  await a.edit("households", other.id, { door_no: "8-8" });
  await a.sync();
  assert.deepEqual((await a.log()).map(({ result }) => result.status).sort(), ["applied", "rejected", "rejected"]);
  assert.ok((await a.raw("households", kept.id)).address_zh);
  await assert.rejects(a.raw("visits", visit.id));
  assert.equal((await a.raw("households", other.id)).door_no, "8-8");
});

test("a server that is restored from a backup is sent what it lost", async () => {
  const [a, b] = [await phone(), await phone()];
  await a.sync();
  const [{ id }] = await a.database.get("households").query().fetch();
  let visit;
  await server.restored(async () => {
    visit = await a.create("visits", visitOf(id, a.account));
    await a.sync();
  });
  await a.sync();
  await b.sync();
  assert.equal((await b.raw("visits", visit.id)).result, "met_ok");
});
