import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { appPresence, type Boundary, checkInPresence, defaultVerdictSettings, follow, judge, type PresenceLimits, validAt, type Verdict } from "../src/verdict.js";

type Loose = number | string | null;

/** docs/verdict.md describes the file; geo/vectors_test.go runs it in Go. */
interface Vectors {
  settings: Limits;
  limits: Record<string, { enter: { fixes: number; for_s: number }; leave: { fixes: number; for_s: number }; silence_s: number }>;
  grids: Record<string, { version: number; from: string; until: string; boundary: Boundary }[]>;
  verdicts: {
    name: string;
    at: string;
    assigned: string[] | null;
    settings?: Limits;
    fix: { lat: Loose; lng: Loose; acc_m: Loose; age_s?: number; source: string; mock?: boolean };
    want: { verdict: Verdict; reasons: string[] | null; metres?: number | null };
  }[];
  presences: { name: string; limits: string; sightings: [number, Verdict][]; want: { each: string[]; now: string; crossings: [number, string][] | null } }[];
}

interface Limits {
  buffer_m?: number;
  max_accuracy_m?: number;
  max_age_s?: number;
}

const vectors = JSON.parse(readFileSync("../geo/testdata/verdicts.json", "utf8")) as Vectors;
const number = (loose: Loose): number | null => (loose === null ? null : Number(loose));

test("the verdicts of the vectors", async (t) => {
  assert.deepEqual(vectors.settings, { buffer_m: defaultVerdictSettings.buffer, max_accuracy_m: defaultVerdictSettings.maxAccuracy, max_age_s: defaultVerdictSettings.maxAge });
  assert.ok(vectors.verdicts.length >= 300);
  for (const { name, at, assigned, settings = {}, fix, want } of vectors.verdicts) {
    await t.test(name, () => {
      const fences = (assigned ?? []).flatMap((grid) => {
        const versions = (vectors.grids[grid] ?? []).map((v) => ({ ...v, from: Date.parse(v.from), until: v.until ? Date.parse(v.until) : undefined }));
        return validAt(versions, Date.parse(at))?.boundary ?? [];
      });
      const got = judge({ lat: number(fix.lat), lng: number(fix.lng), accuracy: number(fix.acc_m), age: fix.age_s ?? 0, source: fix.source, mock: fix.mock ?? false }, fences, {
        buffer: settings.buffer_m ?? defaultVerdictSettings.buffer,
        maxAccuracy: settings.max_accuracy_m ?? defaultVerdictSettings.maxAccuracy,
        maxAge: settings.max_age_s ?? defaultVerdictSettings.maxAge,
      });
      assert.deepEqual([got.verdict, got.reasons], [want.verdict, want.reasons ?? []]);
      if (want.metres === null) assert.equal(got.metres, undefined);
      else if (want.metres !== undefined) assert.ok(got.metres !== undefined && Math.abs(got.metres - want.metres) <= 0.05, `${got.metres} m, want ${want.metres}`);
    });
  }
});

test("the presences of the vectors", async (t) => {
  const named: Record<string, PresenceLimits> = { app: appPresence, check_in: checkInPresence };
  for (const [name, l] of Object.entries(vectors.limits)) {
    assert.deepEqual(named[name], { enter: { fixes: l.enter.fixes, over: l.enter.for_s }, leave: { fixes: l.leave.fixes, over: l.leave.for_s }, silence: l.silence_s });
  }
  for (const { name, limits, sightings, want } of vectors.presences) {
    await t.test(name, () => {
      const got = follow(named[limits] as PresenceLimits, sightings.map(([at, verdict]) => ({ at, verdict })));
      assert.deepEqual([got.each, got.now, got.crossings.map(({ at, to }) => [at, to])], [want.each, want.now, want.crossings ?? []]);
    });
  }
});
