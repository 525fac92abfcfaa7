import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readMap } from "../src/gridmap.js";
import { find } from "../src/search.js";
import { inOrder, type Task } from "../src/today.js";
import { encodeTrack } from "../src/track.js";
import { dayFrom, dayOf, dayText, quiet, startOf } from "../src/when.js";

const root = new URL("../../../", import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, root), "utf8")) as never;

test("the list of today is in the server's order", () => {
  const vectors: { now: string; here: { lat: number; lng: number }; tasks: { kind: Task["kind"]; id: string; due?: string; due_day?: string; danger?: boolean; place?: { lat: number; lng: number } }[]; order: string[]; order_without_here: string[] } = json("care/testdata/today.json");
  const tasks = vectors.tasks.map(({ kind, id, due, due_day, danger, place }): Task => ({ kind, id, due: due ? Date.parse(due) : undefined, dueDay: due_day ? dayFrom(due_day) : undefined, ...(danger ? { danger } : {}), place }));
  const order = (here?: { lat: number; lng: number }) => inOrder([...tasks].reverse(), Date.parse(vectors.now), here).map(({ id }) => id);
  assert.deepEqual(order(vectors.here), vectors.order);
  assert.deepEqual(order(), vectors.order_without_here);
});

test("a track has the bytes of the server's vectors", () => {
  const vectors: { name: string; blob: string; points?: [at: number, lat: number, lng: number, acc: number, marks: number][] }[] = json("geo/testdata/tracks.json");
  // The app writes whole seconds, and makes no place up.
  const ours = vectors.filter(({ points }) => points && points.length > 0 && points.every(([at, , , , marks]) => at % 1000 === 0 && marks < 2));
  assert.ok(ours.length >= 3);
  for (const { name, blob, points = [] } of ours) {
    assert.equal(encodeTrack(points.map(([at, lat, lng, acc, marks]) => ({ at, lat: lat / 1e6, lng: lng / 1e6, acc, ...(marks === 1 ? { gap: true } : {}) }))), blob, name);
  }
});

test("a map is read as docs/protocol.md writes it", () => {
  const map = readMap(JSON.stringify({
    format: 1, grid: "g", name_zh: "一", origin: [124185000, 28170000], boundary: [[[-5000, -5000, 10000, 0, 0, 10000, -10000, 0]]],
    buildings: { id: ["a", "b"], name: ["1栋", "2栋"], kind: ["apartment", "rural_house"], homes: [12, 1], place: [310, -42], unplaced: [1], care: [0], hazards: { flood_prone: [0] } },
  }));
  assert.deepEqual(map.boundary[0]?.[0], [124.18, 28.165, 124.19, 28.165, 124.19, 28.175, 124.18, 28.175]);
  assert.deepEqual(map.buildings, [{ id: "a", name: "1栋", kind: "apartment", homes: 12, lng: 124.18531, lat: 28.169958, care: true, hazard: true }]);
  assert.throws(() => readMap("<html>"));
});

test("days are those of China", () => {
  const late = Date.parse("2026-11-23T15:59:59Z"), early = Date.parse("2026-11-23T16:00:00Z");
  assert.equal(dayText(dayOf(late)), "2026-11-23");
  assert.equal(dayText(dayOf(early)), "2026-11-24");
  assert.equal(startOf(dayOf(early)), early);
  assert.deepEqual(["2026-11-23T12:59:00Z", "2026-11-23T13:00:00Z", "2026-11-23T23:59:00Z", "2026-11-24T00:00:00Z"].map((text) => quiet(Date.parse(text))), [false, true, true, false]);
});

test("everybody is found by name, initials, address and telephone", () => {
  const entries = [{ household: "h", name: "汪桂英", address: "澄桥12号", text: "汪桂英 澄桥12号 13800000000 wangguiying wgy" }];
  for (const query of ["汪", "wgy", "WANG", "12号", "8000", "桂英 澄桥"]) assert.equal(find(entries, query).length, 1, query);
  assert.equal(find(entries, "李").length, 0);
});
