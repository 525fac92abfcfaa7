import type { BlobChange, Change, Store } from "./adapters.js";
import { GridwalkError } from "./errors.js";
import { hex } from "./stamp.js";
import type { Fields, Loss, Mutation, Problem } from "./wire.js";

/*
 * The tables of the store:
 *
 *   meta/client               where this client stands
 *   log/<n>                   every mutation: the outbox, and what was sent
 *   attention/<n>             mutations that were rejected
 *   conflict/<n>.<field>      values that lost in a merge of ours
 *   photo/<record>            photographs; their bytes are blobs
 *   look/<id>                 which records were looked at, until the server knows
 *   parcel/<key>              what an erased phone sealed; the bytes are blobs
 *   row/<set>/<collection>    the replica, by id
 */

/** Says where a client stands. Mutations up to `handled` are the sent log, those after it the outbox. */
export interface Meta {
  made: number;
  handled: number;
  /** The newest whose effect was pulled. */
  shown: number;
  /** The newest made or seen. */
  stamp: string;
  /** Which set of rows is the replica. */
  set: number;
  /** The set after it is being filled. */
  hydrating: boolean;
  cursor: string;
  scopes: string[];
  /** The server's clock, when it last answered. */
  server: string;
  /** Seconds after which to pull without a poke. */
  poll: number;
  erased: boolean;
  /** Handed out by the last pull, for proofs of check-ins. */
  nonce?: string;
  /** Hash of the newest proof that was made here. */
  proof?: string;
  /** What is not sent is sealed to it when the phone is lost. */
  parcelKey?: string;
  /** Days without contact after which the phone takes itself for lost; 0 never. */
  wipeAfter?: number;
  /** By the phone's clock: the last contact, and the latest time that it has shown since. */
  contactAt?: number;
  latestAt?: number;
}

const fresh: Meta = { made: 0, handled: 0, shown: 0, stamp: "", set: 0, hydrating: false, cursor: "", scopes: [], server: "", poll: 300, erased: false };

/** A mutation in the log. */
export interface Entry {
  mutation: Mutation;
  /** When the server answered for it, by its clock. */
  handled?: string;
  /** The answer is in the replica: show it no longer on top. */
  settled?: boolean;
}

/** A record of the replica. */
export interface Row {
  /** As pulled: digests are made of it. */
  seq: number;
  /** As last seen: edits name it. */
  base: number;
  epoch: string;
  /** Seq of the newest merge of ours, which a pull may leave out. */
  merge?: number;
  scopes: string[];
  record: Fields;
}

/** A mutation that the server rejected. It is kept, here and there. */
export interface Rejection {
  mutation: Mutation;
  problem: Problem;
}

/** A value that lost when the server merged an edit of ours with somebody else's. */
export interface Conflict extends Loss {
  /** Of the mutation that was merged. */
  n: number;
  collection: string;
  record: string;
}

export const numberKey = (n: number): string => hex(n, 14);
export const setTable = (set: number): string => `row/${hex(set, 8)}/`;
export const rowTable = (set: number, collection: string): string => setTable(set) + collection;
export const filling = (m: Meta): number => (m.hydrating ? m.set + 1 : m.set);

type Tables = Map<string, Map<string, unknown>>;

/** Reads a consistent state. Values are never changed, only replaced. */
export class View {
  constructor(protected readonly base: Tables) {}

  get<T>(table: string, key: string): T | undefined {
    return this.base.get(table)?.get(key) as T | undefined;
  }

  /** The keys and values of a table, in the order of the keys. */
  scan<T>(table: string): [string, T][] {
    return [...(this.base.get(table) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)) as [string, T][];
  }

  /** The names of the tables that begin with a prefix. */
  tables(prefix: string): string[] {
    return [...this.base.keys()].filter((table) => table.startsWith(prefix));
  }

  meta(): Meta {
    return { ...fresh, ...this.get<Meta>("meta", "client") };
  }

  /** The mutations after number `after`, in order. */
  *log(after: number): Generator<Entry> {
    for (let n = after + 1, made = this.meta().made; n <= made; n++) {
      const entry = this.get<Entry>("log", numberKey(n));
      if (entry) yield entry;
    }
  }
}

/** A transaction: all that it puts and removes is kept, or nothing. */
export class Tx extends View {
  readonly changes: Tables = new Map();
  readonly blobs: BlobChange[] = [];

  override get<T>(table: string, key: string): T | undefined {
    const changed = this.changes.get(table);
    return changed?.has(key) ? (changed.get(key) as T | undefined) : super.get<T>(table, key);
  }

  override scan<T>(table: string): [string, T][] {
    const changed = this.changes.get(table);
    if (!changed) return super.scan<T>(table);
    const all = new Map(this.base.get(table));
    apply(all, changed);
    return [...all].sort(([a], [b]) => (a < b ? -1 : 1)) as [string, T][];
  }

  override tables(prefix: string): string[] {
    return [...new Set([...this.base.keys(), ...this.changes.keys()])].filter((table) => table.startsWith(prefix));
  }

  put(table: string, key: string, value: unknown): void {
    let changed = this.changes.get(table);
    if (!changed) this.changes.set(table, (changed = new Map()));
    changed.set(key, value);
  }

  delete(table: string, key: string): void {
    if (this.get(table, key) !== undefined) this.put(table, key, undefined);
  }

  /** Removes all tables that begin with a prefix. */
  clear(prefix: string): void {
    for (const table of this.tables(prefix)) for (const [key] of this.scan(table)) this.delete(table, key);
  }

  setMeta(m: Meta): void {
    this.put("meta", "client", m);
  }
}

function apply(table: Map<string, unknown>, changes: Map<string, unknown>): void {
  for (const [key, value] of changes) {
    if (value === undefined) table.delete(key);
    else table.set(key, value);
  }
}

/** The whole working set in memory, and behind it the store as its log. */
export class State {
  private tables: Tables = new Map();
  private version = -1;
  private queue: Promise<unknown> = Promise.resolve();
  private unwatch: (() => void) | undefined;

  /** `changed` is told the tables that were touched, after every commit; undefined stands for all. */
  constructor(private readonly store: Store, private readonly changed: (tables: Set<string> | undefined) => void) {}

  get view(): View {
    return new View(this.tables);
  }

  /** Reads the store. Nothing else may be called before. */
  async open(): Promise<void> {
    await this.reload();
    this.unwatch = this.store.watch?.((version, changes) => {
      void this.inTurn(async () => {
        if (version <= this.version) return;
        if (version === this.version + 1) this.take(group(changes));
        else await this.reload();
      }).catch(() => undefined); // a store that cannot be read says so at the next write
    });
  }

  async close(): Promise<void> {
    this.unwatch?.();
    await this.queue.catch(() => undefined);
  }

  /**
   * Runs a change in one transaction. When it resolves, everything that the change
   * put is durable; when it rejects, nothing is. The change may run more than once.
   */
  update<T>(change: (tx: Tx) => T): Promise<T> {
    return this.inTurn(async () => {
      for (;;) {
        const tx = new Tx(this.tables);
        const result = change(tx);
        if (tx.changes.size === 0 && tx.blobs.length === 0) return result;
        if (await this.commit(tx)) {
          this.take(tx.changes);
          return result;
        }
        await this.reload();
      }
    });
  }

  async blob(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.store.blob(key);
    } catch (err) {
      throw storage(err);
    }
  }

  private async commit(tx: Tx): Promise<boolean> {
    const changes: Change[] = [];
    for (const [table, values] of tx.changes) for (const [key, value] of values) changes.push([table, key, value]);
    try {
      return await this.store.commit(this.version, changes, tx.blobs);
    } catch (err) {
      throw storage(err);
    }
  }

  private take(changes: Tables): void {
    this.version++;
    for (const [name, values] of changes) {
      let table = this.tables.get(name);
      if (!table) this.tables.set(name, (table = new Map()));
      apply(table, values);
      if (table.size === 0) this.tables.delete(name);
    }
    this.changed(new Set(changes.keys()));
  }

  private async reload(): Promise<void> {
    try {
      const { version, values } = await this.store.load();
      this.tables = group(values);
      this.version = version;
    } catch (err) {
      throw storage(err);
    }
    this.changed(undefined);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work, work);
    this.queue = done.catch(() => undefined);
    return done;
  }
}

function group(changes: Change[]): Tables {
  const tables: Tables = new Map();
  for (const [table, key, value] of changes) {
    let values = tables.get(table);
    if (!values) tables.set(table, (values = new Map()));
    values.set(key, value);
  }
  return tables;
}

function storage(err: unknown): GridwalkError {
  return err instanceof GridwalkError ? err : new GridwalkError("storage", `the phone's store fails: ${String(err)}`, { cause: err });
}
