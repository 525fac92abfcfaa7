import { network } from "./errors.js";

/** A record as the server gives it. A field that this app does not know is kept. */
export type Fields = Record<string, unknown>;

export type Op = "create" | "update" | "delete";

/** One intended change, as it is sent. */
export interface Mutation {
  id: string;
  n: number;
  at: string;
  collection: string;
  record: string;
  op: Op;
  base: number;
  /** In which the base was learned. */
  epoch?: string;
  set?: Fields;
  /** Mutations without which it makes no sense. */
  after?: string[];
}

/** Why a mutation was rejected. */
export interface Problem {
  code: string;
  message: string;
  fields?: Record<string, string>;
}

/** A value of ours that lost, or one that lost to ours. */
export interface Loss {
  field: string;
  kept: unknown;
  lost: unknown;
  by: string;
}

/** What became of one mutation. */
export interface Result {
  id: string;
  status: string;
  of?: string;
  seq?: number;
  record?: Fields | null;
  conflicts?: Loss[];
  error?: Problem;
}

export interface PushAnswer {
  results: Result[];
  now: string;
}

export interface PageChange {
  collection: string;
  id: string;
  seq: number;
  scopes?: string[];
  record?: Fields;
  gone?: boolean;
}

export interface Page {
  changes: PageChange[];
  scopes: string[];
  cursor: string;
  epoch: string;
  more: boolean;
  now: string;
  poll: number;
  /** What a proof of a check-in made from now on names. */
  nonce: string;
  parcelKey?: string;
  wipeAfter?: number;
}

export interface ScopeDigest {
  count: number;
  sum: string;
}

/**
 * The readers below take the JSON of an answer and give it with its types, or say
 * that it is no answer of a gridwalk server: {} of a proxy is not «nothing changed».
 */
export function readPush(raw: unknown): PushAnswer {
  const answer = object(raw);
  const results = list(answer["results"]).map((r) => object(r) as unknown as Result);
  return { results, now: time(answer["now"]) };
}

export function readPage(raw: unknown): Page {
  const answer = object(raw);
  const changes = list(answer["changes"] ?? []).map(readChange);
  return {
    changes,
    scopes: list(answer["scopes"]) as string[],
    cursor: text(answer["cursor"]),
    epoch: typeof answer["epoch"] === "string" ? answer["epoch"] : "",
    more: answer["more"] === true,
    now: time(answer["now"]),
    poll: typeof answer["poll"] === "number" ? answer["poll"] : 0,
    nonce: typeof answer["nonce"] === "string" ? answer["nonce"] : "",
    ...(typeof answer["parcel_key"] === "string" ? { parcelKey: answer["parcel_key"] } : {}),
    ...(typeof answer["wipe_after"] === "number" ? { wipeAfter: answer["wipe_after"] } : {}),
  };
}

function readChange(raw: unknown): PageChange {
  const change = object(raw) as unknown as PageChange;
  text(change.collection);
  text(change.id);
  if (!change.gone) {
    object(change.record);
    if (typeof change.seq !== "number" || change.seq === 0) throw network("a change without its number");
  }
  return change;
}

export function readDigests(raw: unknown): Record<string, ScopeDigest> {
  return object(object(raw)["scopes"]) as Record<string, ScopeDigest>;
}

function object(raw: unknown): Fields {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw network("the answer lacks what was asked for");
  return raw as Fields;
}

function list(raw: unknown): unknown[] {
  if (!Array.isArray(raw)) throw network("the answer lacks what was asked for");
  return raw;
}

function text(raw: unknown): string {
  if (typeof raw !== "string" || raw === "") throw network("the answer lacks what was asked for");
  return raw;
}

function time(raw: unknown): string {
  if (Number.isNaN(Date.parse(text(raw)))) throw network("an answer without a time");
  return raw as string;
}
