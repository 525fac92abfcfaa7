import { replicateRxCollection } from "rxdb/plugins/replication";

// The mutations of this device, numbered over all collections: add it to the database as «outbox».
export const outboxSchema = {
  version: 0, primaryKey: "id", type: "object", required: ["id", "mutation"],
  properties: { id: { type: "string", maxLength: 14 }, mutation: { type: "object" }, result: { type: "object" } },
};

const plain = ({ _deleted, gw, id, ...fields }) => fields;
const word = (value) => JSON.stringify(value);

// One officer on one device, for all collections: account is { url, token(), device }.
export class Gridwalk {
  turn = Promise.resolve();
  constructor(account, outbox) { Object.assign(this, { account, outbox }); }

  async ask(route, body) {
    const headers = { Authorization: this.account.token(), "X-Gridwalk-Device": this.account.device, "Content-Type": "application/json" };
    const answer = await fetch(`${this.account.url}/api/sync/${route}`, { method: "POST", headers, body: word(body) });
    const said = await answer.json(); // a captive portal's page is none
    if (!said.now && !said.error) throw new Error("no answer of a gridwalk server");
    return said;
  }

  log = () => this.outbox.find({ sort: [{ id: "asc" }] }).exec();

  // Stores what rows intend. A row that RxDB brings again, as an answer was lost, is the mutation that it was.
  async store(collection, rows) {
    const log = await this.log(), made = [];
    const numbers = rows.map(({ assumedMasterState: old, newDocumentState: doc }) => {
      const op = doc._deleted ? "delete" : old && !old._deleted ? "update" : "create";
      const set = Object.fromEntries(Object.entries(plain(doc)).filter(([key, value]) => op !== "delete" && word(value) !== word(old?.[key])));
      const of = log.filter(({ mutation }) => mutation.record === doc.id);
      const base = Math.max(old?.gw?.seq ?? 0, ...of.map(({ result }) => (result?.status === "merged" ? result.seq : 0)));
      const intended = { collection, record: doc.id, op, base, set, ...(old?.gw ? { epoch: old.gw.epoch } : {}) };
      const again = of.at(-1)?.mutation;
      if (again && word({ ...again, ...intended }) === word(again)) return again.n;
      const last = (made.at(-1) ?? log.at(-1))?.mutation;
      const n = (last?.n ?? 0) + 1;
      const ms = Math.max(Date.now(), last ? parseInt(last.at, 16) + 1 : 0).toString(16).padStart(12, "0");
      made.push({ id: String(n).padStart(14, "0"), mutation: { id: `${doc.id}-${n}`, n, at: `${ms}-0000-${this.account.device}`, ...intended } });
      return n;
    });
    await this.outbox.bulkInsert(made);
    return numbers;
  }

  // Sends what waits, and stores what became of it.
  async flush() {
    for (let batch; (batch = (await this.log()).filter(({ result }) => !result).slice(0, 500)).length > 0; ) {
      const said = await this.ask("push", { mutations: batch.map(({ mutation }) => mutation) });
      if (said.error === "outbox_gap") await this.resume(said.resume_from);
      if (said.error || said.results.length !== batch.length) throw new Error(said.message ?? "half an answer");
      await this.outbox.bulkUpsert(batch.map((doc, i) => ({ ...doc.toMutableJSON(), result: said.results[i] })));
    }
  }

  // The server was restored from a backup: what it lost is sent again.
  async resume(n = Infinity) {
    for (const doc of await this.log()) if (doc.mutation.n > n) await doc.modify(({ result, ...kept }) => kept);
  }

  push(collection, rows) {
    const work = async () => {
      const numbers = await this.store(collection, rows);
      await this.flush();
      const results = new Map((await this.log()).map(({ mutation, result }) => [mutation.n, result]));
      return rows.flatMap(({ assumedMasterState: old, newDocumentState: doc }, i) => {
        const { status, of, record, seq } = results.get(numbers[i]);
        if (status === "merged" && record) return [{ ...record, gw: { ...old?.gw, seq }, _deleted: false }];
        return [status, of].includes("rejected") ? [old ?? { ...doc, _deleted: true }] : []; // it is kept in «rejections» of the server
      });
    };
    return (this.turn = this.turn.then(work, work));
  }

  async pull(collection, checkpoint) {
    let cursor = checkpoint?.cursor ?? "", fresh = cursor === "", page, changes = new Map();
    do {
      page = await this.ask("pull", { cursor, limit: 500, schema: 1, collections: [collection.name] });
      if (page.error && (cursor === "" || !/^(epoch|cursor)/.test(page.error))) throw new Error(page.message);
      if (page.error) await this.resume(page.resume_from), await this.push(collection.name, []), (fresh = true), changes.clear();
      for (const change of page.changes ?? []) changes.set(change.id, change);
      cursor = page.cursor ?? "";
    } while (page.error || page.more);
    const documents = [...changes.values()].map(({ id, gone, record, seq, scopes }) => ({ ...(gone ? { id } : record), gw: { seq, scopes, epoch: page.epoch }, _deleted: Boolean(gone) }));
    for (const { id, gw } of (await collection.find().exec()).map((doc) => doc.toJSON())) { // what is held through a lost scope, or is there no more, goes
      if (gw?.scopes && !changes.has(id) && (fresh || !gw.scopes.some((scope) => page.scopes.includes(scope)))) documents.push({ id, _deleted: true });
    }
    return { documents, checkpoint: { cursor } };
  }

  replicate(collection, live = true) {
    return replicateRxCollection({
      collection, live, replicationIdentifier: `gridwalk/${this.account.device}/${collection.name}`,
      push: { batchSize: 100, handler: (rows) => this.push(collection.name, rows) },
      pull: { batchSize: 500, handler: (checkpoint) => this.pull(collection, checkpoint) },
    });
  }
}
