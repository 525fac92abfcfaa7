// gridwalk's pages in PocketBase's dashboard: an upgrade must not break them unseen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, demoServer, records } from "./harness.mjs";

let server, chromium;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const post = async (path, body, token, device) => {
  const answer = await fetch(server.info.url + path, { method: "POST", headers: { "Content-Type": "application/json", ...(token ? { Authorization: token } : {}), ...(device ? { "X-Gridwalk-Device": device } : {}) }, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
};

/** Two phones change the same field without knowing of each other. */
async function makeConflict() {
  const { email, password, grid_id } = server.officer("grid_officer");
  const { token, record } = await post("/api/collections/officers/auth-with-password", { identity: email, password });
  const [home] = await records(server.info, "households", `grid="${grid_id}"`);
  const ids = [];
  for (const n of [1, 2]) {
    const device = await post("/api/collections/devices/records", { officer: record.id, status: "pending", platform: "web", model: `test ${n}` }, token);
    ids.push(device.id);
    await post("/api/sync/pull", { cursor: "" }, token, device.id);
  }
  const { changes } = await post("/api/sync/pull", { cursor: "", collections: ["households"], limit: 500 }, token, ids[0]);
  const seq = changes.find((c) => c.id === home.id).seq;
  for (const [i, device] of ids.entries()) {
    const ms = Date.now() + i;
    await post("/api/sync/push", { mutations: [{ id: `m${device}-1`, n: 1, at: `${ms.toString(16).padStart(12, "0")}-0000-${device}`, collection: "households", record: home.id, op: "update", base: seq, set: { head_name: `名字${i}` } }] }, token, device);
  }
  return home.id;
}

test("overview, conflicts, devices and the boundary editor work in the dashboard", async () => {
  const home = await makeConflict();
  const context = await chromium.newContext({ locale: "zh-CN", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on("request", (request) => { if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== server.info.url) faults.push(request.url()); });
  page.on("pageerror", (err) => faults.push(err.message));
  await page.goto(server.info.dashboard);
  await page.locator("input[type=email], input[name=identity]").first().fill(server.info.superuser.email);
  await page.locator("input[type=password]").first().fill(server.info.superuser.password);
  await page.keyboard.press("Enter");
  await page.locator(".app-main-nav").waitFor();

  await page.getByRole("link", { name: "网格总览" }).click();
  await page.locator(".gridwalk .card", { hasText: "在办事项" }).waitFor();
  assert.equal(await page.locator(".gridwalk .card", { hasText: "待处理冲突" }).locator("b").innerText(), "1");

  await page.getByRole("link", { name: "冲突", exact: true }).click();
  await page.getByRole("button", { name: "恢复落选值" }).click();
  await page.locator(".gridwalk p", { hasText: "没有待处理的冲突" }).waitFor();
  const [settled] = await records(server.info, "households", `id="${home}"`);
  assert.equal(settled.head_name, "名字0");

  await page.getByRole("link", { name: "设备", exact: true }).click();
  page.once("dialog", (dialog) => dialog.accept());
  await page.locator("tr", { hasText: "test 1" }).getByRole("button", { name: "注销" }).click();
  await page.locator("tr", { hasText: "test 1" }).filter({ hasText: "已注销" }).waitFor();

  await page.getByRole("link", { name: "网格地图" }).click();
  await page.locator(".gridwalk select").selectOption(server.officer("grid_officer").grid_id);
  const vertex = page.locator(".gridwalk svg .vertex").first();
  await vertex.waitFor();
  const before = (await records(server.info, "grids", `id="${server.officer("grid_officer").grid_id}"`))[0];
  const box = await vertex.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 6, box.y + 6);
  await page.mouse.up();
  await page.getByRole("button", { name: "看看会怎样" }).click();
  await page.locator(".gridwalk [role=status]", { hasText: "平方米" }).waitFor();
  await page.getByRole("button", { name: "保存边界" }).click();
  await page.getByRole("button", { name: "撤销" }).and(page.locator(":disabled")).waitFor();
  const changed = (await records(server.info, "grids", `id="${before.id}"`))[0];
  assert.equal(changed.boundary_version, before.boundary_version + 1);
  assert.deepEqual(faults, []);
  await context.close();
});
