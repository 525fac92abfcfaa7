import type { Clock, Digest, Lock, Pokes, Random, Sealer, Signal, Store, Transport, Uploader } from "./adapters.js";
import { delay } from "./ask.js";
import { type Core, identity, pause, recordID } from "./core.js";
import { type DeviceKey } from "./devicekey.js";
import { check } from "./digests.js";
import { GridwalkError } from "./errors.js";
import { Hub, type Live } from "./live.js";
import { look, sendLooks } from "./looks.js";
import { erase, overdue, parcelsLeft, sendParcels } from "./lost.js";
import { forgetPhoto, photos, sendPhotos, wholeUploader, type Photo } from "./photos.js";
import { prove } from "./proof.js";
import { pull } from "./pull.js";
import { push } from "./push.js";
import { shown } from "./shown.js";
import { nextStamp } from "./stamp.js";
import { type Conflict, type Entry, type Meta, numberKey, type Rejection, type Row, rowTable, State, type Tx, type View } from "./state.js";
import type { Fields, Mutation, Op } from "./wire.js";

export interface Options {
  /** Of the server, without a slash at the end. */
  url: string;
  /** Id of the enrolled device. */
  device: string;
  /** Of the officer who is signed in; it is asked for at every request. */
  token: () => string;
  /** Gets the token that `token` gives from then on, by the phone's key: see `renewToken`. Called when the old one is no longer valid. */
  renew?: () => Promise<void>;
  /** The key of this phone, by which check-ins are signed: see docs/proof.md. */
  key?: DeviceKey;
  /** One for each officer on each device. */
  store: Store;
  transport: Transport;
  clock: Clock;
  random: Random;
  digest: Digest;
  /** Brings photographs to the server; as whole files by default. */
  uploader?: Uploader;
  /** Seals what a lost phone has not sent; without one that is lost. */
  sealer?: Sealer;
  /** Keeps two users of one store (two tabs) from syncing at the same time. */
  lock?: Lock;
  /** Hears the server's pokes while `run` runs. */
  pokes?: Pokes;

  /** Narrow the pull; everything by default. */
  collections?: string[];
  /** Newest schema that the app knows; 1 by default. */
  schema?: number;
  /** Mutations of one push, at most 500, which is the default. */
  batchSize?: number;
  /** Records of one page of a pull; 500 by default. */
  pageSize?: number;
  /** At one request before a sync gives up; 5 by default. */
  attempts?: number;
  /** Makes record ids: 15 characters of a-z0-9. */
  newID?: () => string;
}

/** Where the client stands, for a badge on the screen. */
export interface Status {
  /**
   * idle: all went well last time, or nothing was tried yet. syncing: at work.
   * Otherwise how the last sync ended: see Kind; offline stands for network.
   */
  state: "idle" | "syncing" | "offline" | Exclude<GridwalkError["kind"], "network">;
  /** Code of docs/protocol.md, if the server gave one. */
  code?: string;
  /** Mutations and photographs that are only on this phone. */
  waiting: number;
  photos: number;
  rejected: number;
  conflicts: number;
  /** The server's clock when it last answered, ISO 8601; empty before. */
  server: string;
  /** The first replica is being filled: lists are not complete yet. */
  hydrating: boolean;
}

/** What the app knows of one record. */
export type RecordState = "synced" | "waiting" | "rejected" | "absent";

export interface SyncOptions {
  signal?: Signal;
}

/** Opens the replica and the outbox that a store holds. */
export async function openClient(o: Options): Promise<Client> {
  const hub = new Hub();
  let seen = "";
  let client: Client | undefined;
  const state: State = new State(o.store, (tables) => {
    // The whole replica changes its face when a set of rows is swapped, or when
    // what waited has come back as pulled.
    const { set, shown: newest, handled } = state.view.meta();
    const face = `${set} ${Math.min(newest, handled)}`;
    const all = tables === undefined || face !== seen;
    seen = face;
    client?.forget(all ? undefined : tables);
    hub.tell(all ? undefined : topics(tables));
  });
  await state.open();
  client = new Client(o, state, hub);
  return client;
}

/** The topics of tables: a collection, or the name of a table. */
function topics(tables: Set<string>): Set<string> {
  const out = new Set<string>();
  for (const table of tables) out.add(table.startsWith("row/") ? `/${table.slice(table.lastIndexOf("/") + 1)}` : table);
  return out;
}

/** The sync client of one officer on one device; `openClient` makes it. */
export class Client {
  private readonly core: Core;
  private readonly cache = new Map<string, ReadonlyMap<string, Fields>>();
  private syncing = false;
  private ended: GridwalkError | undefined;
  private wakeUp: () => void = () => undefined;
  private readonly signing = mutex();

  /** Mutations that the server has not answered for yet, the oldest first. */
  readonly outbox: Live<Mutation[]>;
  /** What was rejected and not dismissed. */
  readonly rejections: Live<Rejection[]>;
  /** Values that lost in merges of ours and were not resolved. */
  readonly conflicts: Live<Conflict[]>;
  readonly photos: Live<Photo[]>;
  readonly status: Live<Status>;

  constructor(private readonly o: Options, private readonly state: State, private readonly hub: Hub) {
    const own = mutex();
    const shared = o.lock ?? ((work) => work());
    this.core = {
      state, url: o.url, device: o.device, token: o.token, renew: o.renew, collections: o.collections, schema: o.schema ?? 1,
      batchSize: o.batchSize ?? 500, pageSize: o.pageSize ?? 500, attempts: o.attempts ?? 5,
      transport: o.transport, uploader: o.uploader ?? wholeUploader, clock: o.clock, random: o.random, digest: o.digest, sealer: o.sealer,
      lock: (work) => own(() => shared(work)),
      newID: o.newID ?? (() => recordID(o.random)),
    };
    this.outbox = hub.live(["log", "meta"], () => [...this.view.log(this.view.meta().handled)].map((entry) => entry.mutation));
    this.rejections = hub.live(["attention"], () => this.view.scan<Rejection>("attention").map(([, rejection]) => rejection));
    this.conflicts = hub.live(["conflict"], () => this.view.scan<Conflict>("conflict").map(([, conflict]) => conflict));
    this.photos = hub.live(["photo"], () => photos(this.view));
    this.status = hub.live(["log", "meta", "attention", "conflict", "photo", "status"], () => this.standing(),
      (a, b) => JSON.stringify(a) === JSON.stringify(b));
  }

  private get view(): View {
    return this.state.view;
  }

  /** Forgets cached records of what was touched. For the state only. */
  forget(tables: Set<string> | undefined): void {
    if (!tables || tables.has("log")) this.cache.clear();
    else for (const topic of topics(tables)) this.cache.delete(topic.slice(1));
  }

  private standing(): Status {
    const m = this.view.meta();
    const kind = this.ended?.kind;
    return {
      state: m.erased ? "erased" : this.syncing ? "syncing" : kind === "network" ? "offline" : (kind ?? "idle"),
      ...(this.ended?.code ? { code: this.ended.code } : {}),
      waiting: m.made - m.handled,
      photos: photos(this.view).filter((photo) => photo.state !== "safe").length,
      rejected: this.view.scan("attention").length,
      conflicts: this.view.scan("conflict").length,
      server: m.server,
      hydrating: m.cursor === "" || (m.hydrating && m.set === 0),
    };
  }

  /**
   * Notes that the officer looked at a record that tells of somebody, for the next
   * sync: residents are told who looked. The same record counts once in ten minutes.
   */
  looked(collection: string, record: string): Promise<void> {
    return look(this.core, collection, record);
  }

  /** Makes the id of a record that is to be created. */
  newID(): string {
    return this.core.newID();
  }

  /**
   * Puts one intended change into the outbox; `set` are the fields that change.
   * When it resolves, the change is durable and shows in every query.
   */
  async write(collection: string, record: string, op: Op, set?: Fields, after?: string[]): Promise<Mutation> {
    const key = this.o.key;
    const made = await (key && collection === "check_ins" && op === "create" && set && this.view.meta().nonce
      ? this.signing(() => this.putSigned(key, record, set, after))
      : this.state.update((tx) => this.put(tx, collection, record, op, set, after)));
    this.wake();
    return made;
  }

  /** A check-in and its proof; one after the other, because each names the one before. */
  private async putSigned(key: DeviceKey, record: string, set: Fields, after: string[] | undefined): Promise<Mutation> {
    const signed = await prove(this.core, this.view.meta(), key, record, set);
    return this.state.update((tx) => {
      const mutation = this.put(tx, "check_ins", record, "create", signed.set, after);
      tx.setMeta({ ...tx.meta(), proof: signed.hash });
      return mutation;
    });
  }

  private put(tx: Tx, collection: string, record: string, op: Op, set: Fields | undefined, after: string[] | undefined): Mutation {
    const m = tx.meta();
    if (m.erased) throw new GridwalkError("erased", "this device was revoked and erased");
    // The base is the record as it was last seen; a record that only this phone
    // knows has none.
    const row = op === "create" ? undefined : tx.get<Row>(rowTable(m.set, collection), record);
    const n = m.made + 1;
    const at = nextStamp(m.stamp, this.core.clock.now(), this.core.device);
    const mutation: Mutation = {
      id: `${this.core.newID()}-${n}`, n, at, collection, record, op, base: row?.base ?? 0,
      ...(row?.epoch ? { epoch: row.epoch } : {}),
      ...(set ? { set: JSON.parse(JSON.stringify(set)) as Fields } : {}),
      ...(after?.length ? { after: [...after] } : {}),
    };
    const entry: Entry = { mutation };
    tx.put("log", numberKey(n), entry);
    tx.setMeta({ ...m, made: n, stamp: at });
    return mutation;
  }

  /**
   * Stores a photograph and the mutation that makes its record of evidence, both
   * or neither. The record's sha256 is set here. From then on a sync brings it to
   * the server; the bytes leave the phone a week after it is safe.
   */
  async capture(bytes: Uint8Array, set: Fields, after?: string[]): Promise<Mutation> {
    const sha256 = await this.core.digest(bytes);
    const record = this.newID();
    const made = await this.state.update((tx) => {
      const mutation = this.put(tx, "evidence", record, "create", { ...set, sha256 }, after);
      const photo: Photo = { record, n: mutation.n, sha256, size: bytes.length, state: "on_phone", sent: 0, tried: false, wrong: 0 };
      tx.put("photo", record, photo);
      tx.blobs.push([record, bytes]);
      return mutation;
    });
    this.wake();
    return made;
  }

  /** The bytes of a photograph on the phone; undefined when they are not here. */
  photoBytes(record: string): Promise<Uint8Array | undefined> {
    return this.state.blob(record);
  }

  /** Forgets a photograph that is stuck, and its bytes. */
  dismissPhoto(record: string): Promise<void> {
    return this.state.update((tx) => {
      if (tx.get<Photo>("photo", record)?.state === "stuck") forgetPhoto(tx, record);
    });
  }

  /** Takes mutation `n` from what needs attention. */
  dismiss(n: number): Promise<void> {
    return this.state.update((tx) => tx.delete("attention", numberKey(n)));
  }

  /** Settles a conflict: what was kept stays, what was lost is written again, or a third value is. */
  async resolve(conflict: Conflict, choice: "kept" | "lost" | { value: unknown }): Promise<void> {
    await this.state.update((tx) => {
      const value = choice === "lost" ? conflict.lost : choice === "kept" ? undefined : choice.value;
      if (choice !== "kept") this.put(tx, conflict.collection, conflict.record, "update", { [conflict.field]: value }, undefined);
      tx.delete("conflict", `${numberKey(conflict.n)}.${conflict.field}`);
    });
    this.wake();
  }

  /** All records of a collection by id, with the writes that wait on top. They are not to be changed. */
  all(collection: string): ReadonlyMap<string, Fields> {
    let records = this.cache.get(collection);
    if (!records) this.cache.set(collection, (records = shown(this.view, collection)));
    return records;
  }

  get(collection: string, id: string): Fields | undefined {
    return this.all(collection).get(id);
  }

  /** A query that follows the replica. */
  live<T>(collection: string, query: (records: ReadonlyMap<string, Fields>) => T): Live<T> {
    return this.hub.live([`/${collection}`, "log"], () => query(this.all(collection)));
  }

  /** Whether a record is on the server as it is shown. */
  recordState(collection: string, id: string): RecordState {
    const of = (mutation: Mutation) => mutation.collection === collection && mutation.record === id;
    if (this.outbox.get().some(of)) return "waiting";
    if (this.rejections.get().some((rejection) => of(rejection.mutation))) return "rejected";
    return this.all(collection).has(id) ? "synced" : "absent";
  }

  /** What this phone holds as the server gave it, as «collection/id», and where it stands. For tests and support. */
  inspect(): { meta: Meta; rows: Map<string, Row> } {
    const meta = this.view.meta();
    const rows = new Map<string, Row>();
    for (const table of this.view.tables(rowTable(meta.set, ""))) {
      for (const [id, row] of this.view.scan<Row>(table)) rows.set(`${table.slice(rowTable(meta.set, "").length)}/${id}`, row);
    }
    return { meta, rows };
  }

  /**
   * Sends what is in the outbox, fetches what is new, then sends photographs. It
   * may be cut short at any moment and called again; it rejects with a
   * GridwalkError that says how it ended.
   */
  sync({ signal }: SyncOptions = {}): Promise<void> {
    return this.work(async () => {
      // The server may turn out to be restored: what it lost is in the outbox again.
      for (let again = true, i = 0; again && i < 2; i++) {
        await push(this.core, signal);
        again = (await pull(this.core, signal)) === "again";
      }
      await sendPhotos(this.core, signal);
      await sendLooks(this.core, signal);
    });
  }

  /**
   * Compares the replica with the server's digests, and fills it anew when they
   * differ. It gives the scopes that did. Call it when idle, at most once a day.
   */
  check({ signal }: SyncOptions = {}): Promise<string[]> {
    return this.work(() => check(this.core, signal));
  }

  private work<T>(work: () => Promise<T>): Promise<T> {
    return this.core.lock(async () => {
      if (this.view.meta().erased) return this.farewell();
      this.tell(true, undefined);
      let ended: GridwalkError | undefined;
      try {
        return await work();
      } catch (err) {
        if (!(err instanceof GridwalkError)) throw err;
        ended = err;
        const noContact = err.kind === "network" || err.kind === "sign_in";
        if ((err.code === "device_revoked" && err.wipe) || (noContact && (await overdue(this.core)))) {
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

  private tell(syncing: boolean, ended: GridwalkError | undefined): void {
    this.syncing = syncing;
    if (!syncing && ended?.kind !== "stopped") this.ended = ended;
    this.hub.tell(new Set(["status"]));
  }

  /** Sends the parcels of a phone that was erased; that always rejects. */
  private async farewell(): Promise<never> {
    await sendParcels(this.core).catch((err: unknown) => {
      if (!(err instanceof GridwalkError)) throw err;
    });
    throw new GridwalkError("erased", "this device was erased");
  }

  /** Has `run` sync at once: the app came to the front, the network is back, somebody pressed the button. */
  wake(): void {
    this.wakeUp();
  }

  /**
   * Keeps in sync until the signal aborts: after every write, at every poke, at
   * the server's interval, and after a failure ever more seldom. How each sync
   * ended is in `status`.
   */
  async run(signal: Signal): Promise<void> {
    const pokes = this.listen(signal);
    for (let failures = 0; !signal.aborted; ) {
      const woken = new Promise<void>((resolve) => (this.wakeUp = resolve));
      let failed = 0;
      try {
        await this.sync({ signal });
        failures = 0;
      } catch (err) {
        if (!(err instanceof GridwalkError) || (err.kind === "erased" && parcelsLeft(this.view) === 0)) break;
        // A busy server has said when; nothing that happens here makes it faster.
        if (err.kind === "busy") await pause(this.core, delay(failures++, this.core.random.fraction(), err), signal);
        else if (err.retryable || err.kind === "erased") failed = delay(failures++, this.core.random.fraction(), err);
      }
      const poll = this.view.meta().poll * 1000 * (0.5 + this.core.random.fraction() / 2);
      await Promise.race([pause(this.core, failed || poll, signal), woken]);
    }
    await pokes;
  }

  private async listen(signal: Signal): Promise<void> {
    const { pokes } = this.o;
    for (let failures = 0; pokes && !signal.aborted; failures++) {
      const { scopes } = this.view.meta();
      if (scopes.length > 0) {
        const poked = () => {
          failures = 0;
          this.wake();
        };
        await pokes({ url: this.o.url, scopes, headers: identity(this.core) }, poked, signal).catch(() => undefined);
      }
      await pause(this.core, delay(failures, this.core.random.fraction(), undefined), signal);
    }
  }

  /** Ends what the client does with its store. */
  close(): Promise<void> {
    return this.state.close();
  }
}

/** Runs works one after the other. */
export function mutex(): Lock {
  let queue: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  };
}
