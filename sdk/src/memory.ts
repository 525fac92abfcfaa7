import type { BlobChange, Change, Store } from "./adapters.js";

/** A store that lives as long as the process: for tests, simulations and load. */
export class MemoryStore implements Store {
  private version = 0;
  private readonly values = new Map<string, [table: string, key: string, json: string]>();
  private readonly blobs = new Map<string, Uint8Array>();
  private readonly watchers = new Set<(version: number, changes: Change[]) => void>();

  /** Is called before a commit is kept; throwing undoes it. */
  beforeCommit: (() => void) | undefined;

  async load(): Promise<{ version: number; values: Change[] }> {
    return { version: this.version, values: [...this.values.values()].map(([table, key, json]) => [table, key, JSON.parse(json)]) };
  }

  async commit(version: number, changes: Change[], blobs: BlobChange[]): Promise<boolean> {
    if (version !== this.version) return false;
    this.beforeCommit?.();
    for (const [table, key, value] of changes) {
      if (value === undefined) this.values.delete(`${table}/${key}`);
      else this.values.set(`${table}/${key}`, [table, key, JSON.stringify(value)]);
    }
    for (const [key, bytes] of blobs) {
      if (bytes === null) this.blobs.delete(key);
      else this.blobs.set(key, new Uint8Array(bytes));
    }
    this.version++;
    for (const changed of this.watchers) changed(this.version, changes);
    return true;
  }

  async blob(key: string): Promise<Uint8Array | undefined> {
    return this.blobs.get(key);
  }

  watch(changed: (version: number, changes: Change[]) => void): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }
}
