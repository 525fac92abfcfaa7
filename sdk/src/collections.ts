import type { Client, RecordState } from "./client.js";
import { GridwalkError } from "./errors.js";
import type { Live } from "./live.js";
import { type Actions, type Fixed, type Move, names, type Needed, type Records, type Workflow, type Writable, workflows } from "./schema.js";
import type { Fields, Mutation } from "./wire.js";

export type Name = keyof Records;

type Said<C extends Name> = Pick<Records[C], Writable[C] & keyof Records[C]>;
type Must<C extends Name, F> = Required<Pick<Said<C>, F & keyof Said<C>>>;

/** What a phone says of a record that it creates. */
export type Creation<C extends Name> = Partial<Said<C>> & Must<C, Needed[C]>;

/** What it may say of one that is there. */
export type Edit<C extends Name> = Partial<Omit<Said<C>, Fixed[C]>>;

/** The records of one collection. */
export class Collection<C extends Name> {
  constructor(protected readonly client: Client, readonly name: C) {}

  get(id: string): Readonly<Records[C]> | undefined {
    return this.client.get(this.name, id) as Records[C] | undefined;
  }

  /** The records that match, in the order of their ids or as `order` says. */
  list(where?: (record: Readonly<Records[C]>) => boolean, order?: (a: Records[C], b: Records[C]) => number): readonly Readonly<Records[C]>[] {
    return pick(this.client.all(this.name), where, order);
  }

  /** `list`, and again after every change. */
  live(where?: (record: Readonly<Records[C]>) => boolean, order?: (a: Records[C], b: Records[C]) => number): Live<readonly Readonly<Records[C]>[]> {
    return this.client.live(this.name, (records) => pick(records, where, order));
  }

  /** Makes a record; its id is `record` of what this resolves with. */
  create(set: Creation<C>, { id = this.client.newID(), after }: { id?: string; after?: string[] } = {}): Promise<Mutation> {
    return this.client.write(this.name, id, "create", set as Fields, after);
  }

  update(id: string, set: Edit<C>, { after }: { after?: string[] } = {}): Promise<Mutation> {
    return this.client.write(this.name, id, "update", set as Fields, after);
  }

  delete(id: string): Promise<Mutation> {
    return this.client.write(this.name, id, "delete");
  }

  /** Whether a record is on the server as it is shown. */
  state(id: string): RecordState {
    return this.client.recordState(this.name, id);
  }
}

function pick<R>(records: ReadonlyMap<string, Fields>, where?: (record: R) => boolean, order?: (a: R, b: R) => number): readonly R[] {
  const all = [...records.values()] as R[];
  const some = where ? all.filter(where) : all;
  return order ? some.sort(order) : some;
}

/** Who wants to make a move. */
export interface Actor {
  role: string;
  /** owner, unit, maker, claimant, recipient: what the officer is to the record. */
  relations?: string[];
}

/** The records of a collection that are worked on. A move of its workflow is a method of its own. */
export class Flow<C extends Name & keyof Actions> extends Collection<C> {
  constructor(client: Client, name: C, readonly workflow: Workflow) {
    super(client, name);
    for (const { action, by } of workflow.moves) {
      if (by.every(({ relation }) => relation === "server")) continue;
      const move = (...args: [Fields] | [string, Fields?]) =>
        typeof args[0] === "string" ? this.move(action, args[0], args[1]) : this.move(action, undefined, args[0]);
      Object.defineProperty(this, action, { value: move });
    }
  }

  /** The moves that lead out of a record's present state, for an actor if one is given. */
  moves(id: string, actor?: Actor): Move[] {
    const state = this.status(id);
    return this.workflow.moves.filter(({ from, by }) => from.includes(state) && by.some((party) => may(party, actor)));
  }

  private status(id: string): string {
    return String((this.client.get(this.name, id) as Fields | undefined)?.["status"] ?? "");
  }

  /** Makes a move, or refuses with the code that the server would give. */
  private async move(action: string, id: string | undefined, set: Fields = {}): Promise<Mutation> {
    const there = id === undefined ? undefined : this.client.get(this.name, id);
    if (id !== undefined && !there) throw new GridwalkError("invalid", `no ${this.name} ${id}`, { code: "not_found" });
    const state = id === undefined ? "" : this.status(id);
    const move = this.workflow.moves.find((m) => m.action === action && m.from.includes(state));
    const allowed = this.workflow.moves.filter((m) => m.from.includes(state)).map((m) => m.action);
    const refuse = (code: string, fields: Record<string, string>) =>
      new GridwalkError("invalid", `${action} of ${this.name} in state ${state || "new"}: ${code}`, { code, fields: { status: state, allowed: allowed.join(" "), ...fields } });
    if (!move) throw refuse("illegal_transition", {});
    const missing = (move.needs ?? []).filter((field) => !filled(set[field] ?? there?.[field]));
    if (missing.length > 0) throw refuse("missing_fields", Object.fromEntries(missing.map((field) => [field, "missing"])));
    return this.client.write(this.name, id ?? this.client.newID(), id === undefined ? "create" : "update", { ...set, status: move.to });
  }
}

function filled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" && value !== 0 && !(Array.isArray(value) && value.length === 0);
}

function may(party: Move["by"][number], actor: Actor | undefined): boolean {
  if (party.relation === "server") return false;
  if (!actor) return true;
  return (!party.roles || party.roles.includes(actor.role)) && (!party.relation || (actor.relations ?? []).includes(party.relation));
}

/** A verb sets the state itself. */
type Beginning<C extends Name, F> = Omit<Partial<Said<C>> & Must<C, Needed[C] | F>, "status">;
type Starting<C extends Name, A> = A extends { starts: true; needs: infer F } ? (set: Beginning<C, F>) => Promise<Mutation> : unknown;
type Going<C extends Name, A> = A extends { goes: true } ? (id: string, set?: Edit<C>) => Promise<Mutation> : unknown;

/** The verbs of a workflow: `matters.report({…})` makes a record, `matters.accept(id)` moves one. */
export type Verbs<C extends Name & keyof Actions> = { [A in keyof Actions[C]]: Starting<C, Actions[C][A]> & Going<C, Actions[C][A]> };

/** All collections with their types. */
export type Collections = { [C in Name]: C extends keyof Actions ? Flow<C> & Verbs<C> : Collection<C> };

/** Gives the collections of a client, with types and domain verbs. */
export function collections(client: Client): Collections {
  const all = names.map((name) => [name, name in workflows ? new Flow(client, name as keyof Actions, workflows[name as keyof Actions]) : new Collection(client, name)]);
  return Object.fromEntries(all) as Collections;
}
