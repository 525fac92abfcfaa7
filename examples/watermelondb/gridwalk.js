import { createRequire } from "node:module";

const { synchronize } = createRequire(import.meta.url)("@nozbe/watermelondb/sync"); // it is published as CommonJS

// Every synced table has these columns beside the fields that the app uses.
export const gridwalkColumns = [{ name: "gw_seq", type: "number" }, { name: "gw_epoch", type: "string" }, { name: "gw_scopes", type: "string" }];

const word = (value) => JSON.stringify(value);
const own = ["id", "_status", "_changed", ...gridwalkColumns.map(({ name }) => name)];
const toRaw = (fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value && typeof value === "object" ? word(value) : value]));
const toField = (value) => (typeof value === "string" && /^[[{]/.test(value) ? JSON.parse(value) : value);

// One officer on one device: account is { url, token(), device }, tables are names of collections.
export class Gridwalk {
  constructor(database, account, tables) { Object.assign(this, { database, account, tables }); }

  async ask(route, body) {
    const headers = { Authorization: this.account.token(), "X-Gridwalk-Device": this.account.device, "Content-Type": "application/json" };
    const answer = await fetch(`${this.account.url}/api/sync/${route}`, { method: "POST", headers, body: word(body) });
    const said = await answer.json(); // a captive portal's page is none
    if (!said.now && !said.error) throw new Error("no answer of a gridwalk server");
    return said;
  }

  // The log holds every mutation and what became of it; cursors are by WatermelonDB's timestamps.
  load = async () => JSON.parse((await this.database.localStorage.get("gridwalk")) ?? '{"log":[],"cursors":{},"pulls":0}');
  save = (state) => this.database.localStorage.set("gridwalk", word(state));

  // WatermelonDB pulls before it pushes: the second round brings what the server made of the push.
  async sync() {
    for (const _ of "12") await synchronize({
      database: this.database, sendCreatedAsUpdated: true,
      pullChanges: ({ lastPulledAt }) => this.pull(lastPulledAt),
      pushChanges: ({ changes }) => this.push(changes),
      // An edit was made in sight of what was here, not of what has just come.
      conflictResolver: (_table, local, _remote, resolved) => local._status === "updated" ? { ...resolved, gw_seq: local.gw_seq, gw_epoch: local.gw_epoch } : resolved,
    });
  }

  async pull(lastPulledAt) {
    let state = await this.load(), cursor = state.cursors[lastPulledAt] ?? "", fresh = cursor === "", page;
    const pulled = new Map((state.merged ?? []).map((change) => [change.id, change]));
    do {
      page = await this.ask("pull", { cursor, limit: 500, schema: 1, collections: this.tables });
      if (page.error && (cursor === "" || !/^(epoch|cursor)/.test(page.error))) throw new Error(page.message);
      if (page.error) resume(state, page.resume_from), await this.save(state), await this.push({}), (state = await this.load()), (fresh = true), pulled.clear();
      for (const change of page.changes ?? []) pulled.set(change.id, change);
      cursor = page.cursor ?? "";
    } while (page.error || page.more);
    const changes = Object.fromEntries(this.tables.map((table) => [table, { created: [], updated: [], deleted: [] }]));
    for (const { collection, id, gone, record, seq, scopes } of pulled.values()) {
      if (gone) changes[collection].deleted.push(id);
      else changes[collection].updated.push({ ...toRaw(record), gw_seq: seq, gw_epoch: page.epoch, ...(scopes ? { gw_scopes: word(scopes) } : {}) });
    }
    for (const table of this.tables) for (const { _raw } of await this.database.get(table).query().fetch()) { // what is held through a lost scope, or is there no more
      const lost = fresh || !JSON.parse(_raw.gw_scopes || "[]").some((scope) => page.scopes.includes(scope));
      if (lost && !pulled.has(_raw.id) && (_raw.gw_seq || fresh) && _raw._status !== "created") changes[table].deleted.push(_raw.id);
    }
    state.merged = [];
    state.cursors = { [lastPulledAt]: state.cursors[lastPulledAt], [++state.pulls]: cursor };
    await this.save(state);
    return { changes, timestamp: state.pulls };
  }

  async push(changes) {
    const state = await this.load();
    const { log } = state;
    const intend = (collection, record, op, raw = {}, columns = []) => {
      const set = Object.fromEntries(columns.filter((key) => !own.includes(key)).map((key) => [key, toField(raw[key])]));
      const of = log.filter(({ mutation }) => mutation.record === record);
      const base = op === "create" ? 0 : Math.max(raw.gw_seq ?? 0, ...of.map(({ result }) => (result?.status === "merged" ? result.seq : 0)));
      const intended = { collection, record, op, base, set, ...(base > 0 && raw.gw_epoch ? { epoch: raw.gw_epoch } : {}) };
      const again = of.at(-1); // WatermelonDB brings everything again after a lost answer
      if (again && word({ ...again.mutation, ...intended }) === word(again.mutation)) return;
      const last = log.at(-1)?.mutation, n = (last?.n ?? 0) + 1;
      const ms = Math.max(Date.now(), last ? parseInt(last.at, 16) + 1 : 0).toString(16).padStart(12, "0");
      log.push({ mutation: { id: `${record}-${n}`, n, at: `${ms}-0000-${this.account.device}`, ...intended } });
    };
    for (const [table, { created, updated, deleted }] of Object.entries(changes)) {
      for (const raw of created) intend(table, raw.id, "create", raw, Object.keys(raw).filter((key) => raw[key] !== null && raw[key] !== ""));
      for (const raw of updated) intend(table, raw.id, "update", raw, raw._changed.split(","));
      for (const id of deleted) intend(table, id, "delete");
    }
    await this.save(state); // before anything is sent: a number belongs to one mutation for ever
    for (let batch; (batch = log.filter(({ result }) => !result).slice(0, 500)).length > 0; await this.save(state)) {
      const said = await this.ask("push", { mutations: batch.map(({ mutation }) => mutation) });
      if (said.error === "outbox_gap") resume(state, said.resume_from), await this.save(state);
      if (said.error || said.results.length !== batch.length) throw new Error(said.message ?? "half an answer");
      for (const [i, entry] of batch.entries()) entry.result = said.results[i];
      // A merge in which ours lost changes nothing that the pull would bring.
      const merged = batch.filter(({ result }) => result.status === "merged" && result.record);
      state.merged = [...(state.merged ?? []), ...merged.map(({ mutation, result }) => ({ ...result, collection: mutation.collection, id: mutation.record }))];
      if (said.results.some(({ status, of }) => [status, of].includes("rejected"))) state.cursors = {}; // look at everything anew: what was refused is undone
    }
  }
}

// The server was restored from a backup: what it lost is sent again.
const resume = (state, n = Infinity) => state.log.forEach((entry) => entry.mutation.n > n && delete entry.result);
