import type { Client, RecordState } from "./client.js";
import type { Live } from "./live.js";
import { type Actions, type Fixed, type Move, type Needed, type Records, type Workflow, type Writable } from "./schema.js";
import type { Mutation } from "./wire.js";
export type Name = keyof Records;
type Said<C extends Name> = Pick<Records[C], Writable[C] & keyof Records[C]>;
type Must<C extends Name, F> = Required<Pick<Said<C>, F & keyof Said<C>>>;
/** What a phone says of a record that it creates. */
export type Creation<C extends Name> = Partial<Said<C>> & Must<C, Needed[C]>;
/** What it may say of one that is there. */
export type Edit<C extends Name> = Partial<Omit<Said<C>, Fixed[C]>>;
/** The records of one collection. */
export declare class Collection<C extends Name> {
    protected readonly client: Client;
    readonly name: C;
    constructor(client: Client, name: C);
    get(id: string): Readonly<Records[C]> | undefined;
    /** The records that match, in the order of their ids or as `order` says. */
    list(where?: (record: Readonly<Records[C]>) => boolean, order?: (a: Records[C], b: Records[C]) => number): readonly Readonly<Records[C]>[];
    /** `list`, and again after every change. */
    live(where?: (record: Readonly<Records[C]>) => boolean, order?: (a: Records[C], b: Records[C]) => number): Live<readonly Readonly<Records[C]>[]>;
    /** Makes a record; its id is `record` of what this resolves with. */
    create(set: Creation<C>, { id, after }?: {
        id?: string;
        after?: string[];
    }): Promise<Mutation>;
    update(id: string, set: Edit<C>, { after }?: {
        after?: string[];
    }): Promise<Mutation>;
    delete(id: string): Promise<Mutation>;
    /** Whether a record is on the server as it is shown. */
    state(id: string): RecordState;
}
/** Who wants to make a move. */
export interface Actor {
    role: string;
    /** owner, unit, maker, claimant, recipient: what the officer is to the record. */
    relations?: string[];
}
/** The records of a collection that are worked on. A move of its workflow is a method of its own. */
export declare class Flow<C extends Name & keyof Actions> extends Collection<C> {
    readonly workflow: Workflow;
    constructor(client: Client, name: C, workflow: Workflow);
    /** The moves that lead out of a record's present state, for an actor if one is given. */
    moves(id: string, actor?: Actor): Move[];
    private status;
    /** Makes a move, or refuses with the code that the server would give. */
    private move;
}
/** A verb sets the state itself. */
type Beginning<C extends Name, F> = Omit<Partial<Said<C>> & Must<C, Needed[C] | F>, "status">;
type Starting<C extends Name, A> = A extends {
    starts: true;
    needs: infer F;
} ? (set: Beginning<C, F>) => Promise<Mutation> : unknown;
type Going<C extends Name, A> = A extends {
    goes: true;
} ? (id: string, set?: Edit<C>) => Promise<Mutation> : unknown;
/** The verbs of a workflow: `matters.report({…})` makes a record, `matters.accept(id)` moves one. */
export type Verbs<C extends Name & keyof Actions> = {
    [A in keyof Actions[C]]: Starting<C, Actions[C][A]> & Going<C, Actions[C][A]>;
};
/** All collections with their types. */
export type Collections = {
    [C in Name]: C extends keyof Actions ? Flow<C> & Verbs<C> : Collection<C>;
};
/** Gives the collections of a client, with types and domain verbs. */
export declare function collections(client: Client): Collections;
export {};
