import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { binary, browser, change, demoServer, go, open, phone, proxy, records, signIn } from "./harness.mjs";

let server, chromium, gate;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
  gate = await proxy(server.port);
});
after(async () => {
  await chromium?.close();
  await gate?.close();
  await server?.stop();
});

const cli = (...args) => promisify(execFile)(binary, [...args, "--dir", server.dir]);

/** What the browser keeps for the app: databases, and the keys of what is kept beside the replica. */
const keptHere = (page) => page.evaluate(async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const db = await new Promise((resolve, reject) => {
    const request = indexedDB.open("gridwalk-app");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const keys = await new Promise((resolve) => (db.transaction("kv").objectStore("kv").getAllKeys().onsuccess = (event) => resolve(event.target.result)));
  db.close();
  return { names, keys };
});

test("a lost phone hands over what was not sent, and nothing of its officer stays on it", async () => {
  const officer = server.officer("grid_officer");
  const [home] = await records(server.info, "households", `grid="${officer.grid_id}"`);
  const context = await chromium.newContext(phone);
  const page = await open(context, gate.url);
  await signIn(page, officer);
  const [device] = await records(server.info, "devices", `officer.email="${officer.email}" && status="active" && public_key!=""`);
  const before = (await records(server.info, "check_ins", `device="${device.id}"`)).length;

  gate.fault = () => "drop";
  await go(page, `household/${home.id}`);
  await page.getByRole("button", { name: "到点打卡" }).click();
  await page.locator(".toast", { hasText: "已打卡" }).waitFor();
  await page.locator("header .sync", { hasText: "1" }).waitFor();
  await change(server.info, "devices", device.id, { status: "revoked" });

  // The finder opens the app where there is a signal.
  gate.fault = () => undefined;
  await page.reload();
  await page.locator("main.signin [role=alert]", { hasText: "已清除" }).waitFor();
  assert.equal(await page.locator("text=继续用").count(), 0);
  await page.waitForFunction(async () => (await indexedDB.databases()).every(({ name }) => !name.startsWith("gridwalk/")));
  const left = await keptHere(page);
  assert.deepEqual(left.keys.filter((key) => !["accounts", "parting"].includes(key)), []);

  // Whoever answers for the data reads what was sealed, and takes it in.
  assert.match((await cli("parcels", "list")).stdout, new RegExp(device.id));
  await cli("parcels", "open", device.id);
  assert.equal((await records(server.info, "check_ins", `device="${device.id}"`)).length, before + 1);
  await context.close();
});
