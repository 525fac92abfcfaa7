import { delay } from "./ask.js";
import { identity, pause, recordID } from "./core.js";
import {} from "./devicekey.js";
import { check } from "./digests.js";
import { GridwalkError } from "./errors.js";
import { Hub } from "./live.js";
import { look, sendLooks } from "./looks.js";
import { erase, overdue, parcelsLeft, sendParcels } from "./lost.js";
import { forgetPhoto, photos, sendPhotos, wholeUploader } from "./photos.js";
import { prove } from "./proof.js";
import { pull } from "./pull.js";
import { push } from "./push.js";
import { shown } from "./shown.js";
import { nextStamp } from "./stamp.js";
import { numberKey, rowTable, State } from "./state.js";
async function openClient(o) {
  const hub = new Hub();
  let seen = "";
  let client;
  const state = new State(o.store, (tables) => {
    const { set, shown: newest, handled } = state.view.meta();
    const face = `${set} ${Math.min(newest, handled)}`;
    const all = tables === void 0 || face !== seen;
    seen = face;
    client == null ? void 0 : client.forget(all ? void 0 : tables);
    hub.tell(all ? void 0 : topics(tables));
  });
  await state.open();
  client = new Client(o, state, hub);
  return client;
}
function topics(tables) {
  const out = /* @__PURE__ */ new Set();
  for (const table of tables) out.add(table.startsWith("row/") ? `/${table.slice(table.lastIndexOf("/") + 1)}` : table);
  return out;
}
class Client {
  constructor(o, state, hub) {
    this.o = o;
    this.state = state;
    this.hub = hub;
    const own = mutex();
    const shared = o.lock ?? ((work) => work());
    this.core = {
      state,
      url: o.url,
      device: o.device,
      token: o.token,
      renew: o.renew,
      collections: o.collections,
      schema: o.schema ?? 1,
      batchSize: o.batchSize ?? 500,
      pageSize: o.pageSize ?? 500,
      attempts: o.attempts ?? 5,
      transport: o.transport,
      uploader: o.uploader ?? wholeUploader,
      clock: o.clock,
      random: o.random,
      digest: o.digest,
      sealer: o.sealer,
      lock: (work) => own(() => shared(work)),
      newID: o.newID ?? (() => recordID(o.random))
    };
    this.outbox = hub.live(["log", "meta"], () => [...this.view.log(this.view.meta().handled)].map((entry) => entry.mutation));
    this.rejections = hub.live(["attention"], () => this.view.scan("attention").map(([, rejection]) => rejection));
    this.conflicts = hub.live(["conflict"], () => this.view.scan("conflict").map(([, conflict]) => conflict));
    this.photos = hub.live(["photo"], () => photos(this.view));
    this.status = hub.live(
      ["log", "meta", "attention", "conflict", "photo", "status"],
      () => this.standing(),
      (a, b) => JSON.stringify(a) === JSON.stringify(b)
    );
  }
  o;
  state;
  hub;
  core;
  cache = /* @__PURE__ */ new Map();
  syncing = false;
  ended;
  wakeUp = () => void 0;
  signing = mutex();
  /** Mutations that the server has not answered for yet, the oldest first. */
  outbox;
  /** What was rejected and not dismissed. */
  rejections;
  /** Values that lost in merges of ours and were not resolved. */
  conflicts;
  photos;
  status;
  get view() {
    return this.state.view;
  }
  /** Forgets cached records of what was touched. For the state only. */
  forget(tables) {
    if (!tables || tables.has("log")) this.cache.clear();
    else for (const topic of topics(tables)) this.cache.delete(topic.slice(1));
  }
  standing() {
    var _a, _b;
    const m = this.view.meta();
    const kind = (_a = this.ended) == null ? void 0 : _a.kind;
    return {
      state: m.erased ? "erased" : this.syncing ? "syncing" : kind === "network" ? "offline" : kind ?? "idle",
      ...((_b = this.ended) == null ? void 0 : _b.code) ? { code: this.ended.code } : {},
      waiting: m.made - m.handled,
      photos: photos(this.view).filter((photo) => photo.state !== "safe").length,
      rejected: this.view.scan("attention").length,
      conflicts: this.view.scan("conflict").length,
      server: m.server,
      hydrating: m.cursor === "" || m.hydrating && m.set === 0
    };
  }
  /**
   * Notes that the officer looked at a record that tells of somebody, for the next
   * sync: residents are told who looked. The same record counts once in ten minutes.
   */
  looked(collection, record) {
    return look(this.core, collection, record);
  }
  /** Makes the id of a record that is to be created. */
  newID() {
    return this.core.newID();
  }
  /**
   * Puts one intended change into the outbox; `set` are the fields that change.
   * When it resolves, the change is durable and shows in every query.
   */
  async write(collection, record, op, set, after) {
    const key = this.o.key;
    const made = await (key && collection === "check_ins" && op === "create" && set && this.view.meta().nonce ? this.signing(() => this.putSigned(key, record, set, after)) : this.state.update((tx) => this.put(tx, collection, record, op, set, after)));
    this.wake();
    return made;
  }
  /** A check-in and its proof; one after the other, because each names the one before. */
  async putSigned(key, record, set, after) {
    const signed = await prove(this.core, this.view.meta(), key, record, set);
    return this.state.update((tx) => {
      const mutation = this.put(tx, "check_ins", record, "create", signed.set, after);
      tx.setMeta({ ...tx.meta(), proof: signed.hash });
      return mutation;
    });
  }
  put(tx, collection, record, op, set, after) {
    const m = tx.meta();
    if (m.erased) throw new GridwalkError("erased", "this device was revoked and erased");
    const row = op === "create" ? void 0 : tx.get(rowTable(m.set, collection), record);
    const n = m.made + 1;
    const at = nextStamp(m.stamp, this.core.clock.now(), this.core.device);
    const mutation = {
      id: `${this.core.newID()}-${n}`,
      n,
      at,
      collection,
      record,
      op,
      base: (row == null ? void 0 : row.base) ?? 0,
      ...(row == null ? void 0 : row.epoch) ? { epoch: row.epoch } : {},
      ...set ? { set: JSON.parse(JSON.stringify(set)) } : {},
      ...(after == null ? void 0 : after.length) ? { after: [...after] } : {}
    };
    const entry = { mutation };
    tx.put("log", numberKey(n), entry);
    tx.setMeta({ ...m, made: n, stamp: at });
    return mutation;
  }
  /**
   * Stores a photograph and the mutation that makes its record of evidence, both
   * or neither. The record's sha256 is set here. From then on a sync brings it to
   * the server; the bytes leave the phone a week after it is safe.
   */
  async capture(bytes, set, after) {
    const sha256 = await this.core.digest(bytes);
    const record = this.newID();
    const made = await this.state.update((tx) => {
      const mutation = this.put(tx, "evidence", record, "create", { ...set, sha256 }, after);
      const photo = { record, n: mutation.n, sha256, size: bytes.length, state: "on_phone", sent: 0, tried: false, wrong: 0 };
      tx.put("photo", record, photo);
      tx.blobs.push([record, bytes]);
      return mutation;
    });
    this.wake();
    return made;
  }
  /** The bytes of a photograph on the phone; undefined when they are not here. */
  photoBytes(record) {
    return this.state.blob(record);
  }
  /** Forgets a photograph that is stuck, and its bytes. */
  dismissPhoto(record) {
    return this.state.update((tx) => {
      var _a;
      if (((_a = tx.get("photo", record)) == null ? void 0 : _a.state) === "stuck") forgetPhoto(tx, record);
    });
  }
  /** Takes mutation `n` from what needs attention. */
  dismiss(n) {
    return this.state.update((tx) => tx.delete("attention", numberKey(n)));
  }
  /** Settles a conflict: what was kept stays, what was lost is written again, or a third value is. */
  async resolve(conflict, choice) {
    await this.state.update((tx) => {
      const value = choice === "lost" ? conflict.lost : choice === "kept" ? void 0 : choice.value;
      if (choice !== "kept") this.put(tx, conflict.collection, conflict.record, "update", { [conflict.field]: value }, void 0);
      tx.delete("conflict", `${numberKey(conflict.n)}.${conflict.field}`);
    });
    this.wake();
  }
  /** All records of a collection by id, with the writes that wait on top. They are not to be changed. */
  all(collection) {
    let records = this.cache.get(collection);
    if (!records) this.cache.set(collection, records = shown(this.view, collection));
    return records;
  }
  get(collection, id) {
    return this.all(collection).get(id);
  }
  /** A query that follows the replica. */
  live(collection, query) {
    return this.hub.live([`/${collection}`, "log"], () => query(this.all(collection)));
  }
  /** Whether a record is on the server as it is shown. */
  recordState(collection, id) {
    const of = (mutation) => mutation.collection === collection && mutation.record === id;
    if (this.outbox.get().some(of)) return "waiting";
    if (this.rejections.get().some((rejection) => of(rejection.mutation))) return "rejected";
    return this.all(collection).has(id) ? "synced" : "absent";
  }
  /** What this phone holds as the server gave it, as «collection/id», and where it stands. For tests and support. */
  inspect() {
    const meta = this.view.meta();
    const rows = /* @__PURE__ */ new Map();
    for (const table of this.view.tables(rowTable(meta.set, ""))) {
      for (const [id, row] of this.view.scan(table)) rows.set(`${table.slice(rowTable(meta.set, "").length)}/${id}`, row);
    }
    return { meta, rows };
  }
  /**
   * Sends what is in the outbox, fetches what is new, then sends photographs. It
   * may be cut short at any moment and called again; it rejects with a
   * GridwalkError that says how it ended.
   */
  sync({ signal } = {}) {
    return this.work(async () => {
      for (let again = true, i = 0; again && i < 2; i++) {
        await push(this.core, signal);
        again = await pull(this.core, signal) === "again";
      }
      await sendPhotos(this.core, signal);
      await sendLooks(this.core, signal);
    });
  }
  /**
   * Compares the replica with the server's digests, and fills it anew when they
   * differ. It gives the scopes that did. Call it when idle, at most once a day.
   */
  check({ signal } = {}) {
    return this.work(() => check(this.core, signal));
  }
  work(work) {
    return this.core.lock(async () => {
      if (this.view.meta().erased) return this.farewell();
      this.tell(true, void 0);
      let ended;
      try {
        return await work();
      } catch (err) {
        if (!(err instanceof GridwalkError)) throw err;
        ended = err;
        const noContact = err.kind === "network" || err.kind === "sign_in";
        if (err.code === "device_revoked" && err.wipe || noContact && await overdue(this.core)) {
          await erase(this.core);
          ended = new GridwalkError("erased", "this device was erased");
          return await this.farewell();
        }
        throw err;
      } finally {
        this.tell(false, ended);
      }
    });
  }
  tell(syncing, ended) {
    this.syncing = syncing;
    if (!syncing && (ended == null ? void 0 : ended.kind) !== "stopped") this.ended = ended;
    this.hub.tell(/* @__PURE__ */ new Set(["status"]));
  }
  /** Sends the parcels of a phone that was erased; that always rejects. */
  async farewell() {
    await sendParcels(this.core).catch((err) => {
      if (!(err instanceof GridwalkError)) throw err;
    });
    throw new GridwalkError("erased", "this device was erased");
  }
  /** Has `run` sync at once: the app came to the front, the network is back, somebody pressed the button. */
  wake() {
    this.wakeUp();
  }
  /**
   * Keeps in sync until the signal aborts: after every write, at every poke, at
   * the server's interval, and after a failure ever more seldom. How each sync
   * ended is in `status`.
   */
  async run(signal) {
    const pokes = this.listen(signal);
    for (let failures = 0; !signal.aborted; ) {
      const woken = new Promise((resolve) => this.wakeUp = resolve);
      let failed = 0;
      try {
        await this.sync({ signal });
        failures = 0;
      } catch (err) {
        if (!(err instanceof GridwalkError) || err.kind === "erased" && parcelsLeft(this.view) === 0) break;
        if (err.kind === "busy") await pause(this.core, delay(failures++, this.core.random.fraction(), err), signal);
        else if (err.retryable || err.kind === "erased") failed = delay(failures++, this.core.random.fraction(), err);
      }
      const poll = this.view.meta().poll * 1e3 * (0.5 + this.core.random.fraction() / 2);
      await Promise.race([pause(this.core, failed || poll, signal), woken]);
    }
    await pokes;
  }
  async listen(signal) {
    const { pokes } = this.o;
    for (let failures = 0; pokes && !signal.aborted; failures++) {
      const { scopes } = this.view.meta();
      if (scopes.length > 0) {
        const poked = () => {
          failures = 0;
          this.wake();
        };
        await pokes({ url: this.o.url, scopes, headers: identity(this.core) }, poked, signal).catch(() => void 0);
      }
      await pause(this.core, delay(failures, this.core.random.fraction(), void 0), signal);
    }
  }
  /** Ends what the client does with its store. */
  close() {
    return this.state.close();
  }
}
function mutex() {
  let queue = Promise.resolve();
  return (work) => {
    const done = queue.then(work, work);
    queue = done.catch(() => void 0);
    return done;
  };
}
export {
  Client,
  mutex,
  openClient
};
