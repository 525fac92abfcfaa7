import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Transport } from "../src/adapters.js";
import { type Client, openClient } from "../src/client.js";
import { GridwalkError } from "../src/errors.js";
import { MemoryStore } from "../src/memory.js";
import type { Fields, Op } from "../src/wire.js";
import { digest, Place } from "./place.js";

/** See phone/situations_test.go, which plays the same list in Go. */
interface Situation {
  name: string;
  steps: Step[];
}

interface Step {
  write?: { collection: string; record: string; op: Op; set?: Fields; after?: string[]; fails?: string };
  clock?: string;
  restart?: boolean;
  sync?: Exchange[];
  check?: Exchange[];
  ends?: string;
  waited?: number[];
  different?: string[];
  expect?: Record<string, unknown>;
}

interface Exchange {
  path: string;
  body: unknown;
  answer: { none?: boolean; cut?: string; status?: number; type?: string; text?: string; body?: unknown; header?: Record<string, string> };
}

const situations = JSON.parse(readFileSync(new URL("../../../phone/testdata/situations.json", import.meta.url), "utf8")) as Situation[];

for (const situation of situations) test(situation.name, () => play(situation));

async function play({ steps }: Situation): Promise<void> {
  const place = new Place();
  const store = new MemoryStore();
  let left: Exchange[] = [];
  const transport: Transport = async (request) => {
    const next = left.shift();
    assert.ok(next, `nobody expects ${request.url} ${String(request.body)}`);
    assert.equal(request.url, `http://server${next.path}`);
    assert.deepEqual(JSON.parse(String(request.body)), next.body);
    const { none, cut, status = 200, type = "application/json", body, text = JSON.stringify(body), header = {} } = next.answer;
    if (none || cut) throw new Error("no route");
    const headers = new Map([["content-type", type], ...Object.entries(header).map(([name, value]): [string, string] => [name.toLowerCase(), value])]);
    return { status, header: (name) => headers.get(name), text };
  };
  const start = () =>
    openClient({ url: "http://server", device: "device000000001", token: () => "t", store, transport, attempts: 3, digest, clock: place.clock, random: place.random, newID: place.newID });
  let client = await start();
  for (const [i, step] of steps.entries()) {
    if (step.clock) place.now = Date.parse(step.clock);
    if (step.restart) {
      await client.close();
      client = await start();
    }
    if (step.write) {
      const { collection, record, op, set, after, fails = "" } = step.write;
      assert.equal(await ending(client.write(collection, record, op, set, after)), fails);
    }
    const talk = step.sync ?? step.check;
    if (talk) {
      left = [...talk];
      place.slept = [];
      let different: string[] = [];
      const done = step.sync ? client.sync() : client.check().then((scopes) => (different = scopes));
      assert.equal(await ending(done), step.ends ?? "", `step ${i}`);
      assert.equal(left.length, 0, `step ${i}: ${left.length} requests were not made`);
      if (step.waited) assert.deepEqual(place.slept, step.waited);
      assert.deepEqual(different, step.different ?? []);
    }
    compare(client, step.expect ?? {}, i);
  }
}

/** Names how something ends as situations do. */
async function ending(done: Promise<unknown>): Promise<string> {
  try {
    await done;
    return "";
  } catch (err) {
    if (!(err instanceof GridwalkError)) throw err;
    return err.kind === "refused" ? `refused:${err.code ?? ""}` : err.kind;
  }
}

/** Looks at what the phone holds. */
function compare(client: Client, want: Record<string, unknown>, step: number): void {
  const { meta, rows } = client.inspect();
  const have: Record<string, () => unknown> = {
    outbox: () => client.outbox.get().map(({ n }) => n),
    attention: () => client.rejections.get().map(({ mutation, problem }) => ({ n: mutation.n, code: problem.code })),
    shown: () => Object.fromEntries(Object.keys(want["shown"] as object).map((collection) => [collection, Object.fromEntries(client.all(collection))])),
    held: () => Object.fromEntries([...rows].map(([key, { seq, scopes }]) => [key, { seq, scopes }])),
    cursor: () => meta.cursor,
    scopes: () => meta.scopes,
  };
  for (const [what, value] of Object.entries(want)) {
    const look = have[what];
    assert.ok(look, `step ${step} expects ${what}, which nobody knows`);
    assert.deepEqual(look(), value, `step ${step}: ${what}`);
  }
}
