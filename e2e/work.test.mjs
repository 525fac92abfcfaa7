// What an officer works on beside visits: an alert, an errand with its papers, a
// conflict, a refusal, a file that rescues an outbox.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browser, demoServer, go, open, phone, proxy, records, signIn, synced, unmasked, violations } from "./harness.mjs";

let server, chromium;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

/** Who works in a grid. */
const worker = (grid) => server.info.officers.find((o) => o.role === "grid_officer" && o.grid_id === grid) ?? server.officer("village_admin");
const offline = (request) => (request.url.startsWith("/api/") ? "drop" : undefined);

test("an alert is acknowledged, called and ended without signal", async () => {
  const [alert] = await records(server.info, "alerts", `status="raised" && kind="water_no_flow"`);
  const gate = await proxy(server.port);
  const context = await chromium.newContext(phone);
  const page = await open(context, gate.url);
  await signIn(page, worker(alert.grid));
  gate.fault = offline;
  await page.locator(`a[href="/app/alerts/${alert.id}"]`).first().click();
  for (const [action, state] of [["签收", "已签收"], ["联系", "联系中"]]) {
    await page.getByRole("button", { name: action, exact: true }).click();
    await page.locator("dialog .main").click();
    await page.locator(".state b", { hasText: state }).waitFor();
  }
  await page.getByRole("button", { name: "解决", exact: true }).click();
  await page.locator("dialog").getByRole("button", { name: "外出" }).click();
  await page.locator("dialog input[type=datetime-local]").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.locator("dialog .main").click();
  await page.locator(".state b", { hasText: "已解决" }).waitFor();
  gate.fault = () => undefined;
  await go(page, "outbox");
  await page.locator(".foot .main").click();
  await synced(page, 60_000);
  const [after] = await records(server.info, "alerts", `id="${alert.id}"`);
  assert.equal(after.status, "resolved");
  assert.equal((await unmasked(server.info, "alerts", alert.id)).cause, "away");
  assert.ok(after.away_until > after.acked_at && after.acked_at <= after.contacted_at);
  await context.close();
  await gate.close();
});

test("an errand is accepted, its papers change hands with a tap of each side, and it ends", async () => {
  const officer = server.officer("grid_officer");
  const [item] = await records(server.info, "service_items", `status="published"`);
  const papers = await records(server.info, "materials", `service_item="${item.id}"`);
  const [person] = await records(server.info, "residents", `grid="${officer.grid_id}" && life_status="living"`);
  const context = await chromium.newContext(phone);
  const page = await open(context, server.info.url);
  await signIn(page, officer);
  await go(page, `errand/new/${person.id}/paperwork`);
  await page.locator(".chips").getByRole("button", { name: item.name }).click();
  await page.locator(".foot .main").click();
  await page.locator(".state b", { hasText: "申请" }).or(page.locator(".state b")).first().waitFor();
  await page.waitForURL(/\/app\/errands\//);
  const id = page.url().split("/").at(-1);
  await page.getByRole("button", { name: "受理", exact: true }).click();
  await page.locator("dialog .main").click();
  await page.locator("dialog").waitFor({ state: "detached" });
  for (let i = 0; i < papers.length; i++) {
    await page.getByRole("button", { name: "收到", exact: true }).first().click();
    await page.getByRole("button", { name: "对方确认", exact: true }).first().click();
  }
  await page.getByRole("button", { name: "交出", exact: true }).first().click();
  await page.locator(".chips").getByRole("button", { name: "大厅" }).or(page.locator(".chips .chip").nth(1)).first().click();
  assert.deepEqual(await violations(page), []);
  await synced(page);
  const [errand] = await records(server.info, "errands", `id="${id}"`);
  assert.equal(errand.status, "accepted");
  const items = await records(server.info, "errand_items", `errand="${id}"`);
  assert.deepEqual(items.map((one) => one.name).sort(), papers.map((one) => one.name).sort());
  const steps = await records(server.info, "custody_steps", `errand="${id}"`);
  assert.equal(steps.length, papers.length + 1);
  assert.equal(steps.filter((s) => s.giver === "resident" && s.given_at && s.taken_at).length, papers.length);
  assert.equal((await records(server.info, "rejections", "")).length, 0);
  await context.close();
});

test("a conflict waits to be looked at, and either value can stand", async () => {
  const officer = server.officer("grid_officer");
  const [home] = await records(server.info, "households", `grid="${officer.grid_id}"`);
  const pages = [], gates = [];
  for (let i = 0; i < 2; i++) {
    gates.push(await proxy(server.port));
    pages.push(await open(await chromium.newContext(phone), gates[i].url));
    await signIn(pages[i], officer);
    gates[i].fault = offline;
  }
  for (const [i, page] of pages.entries()) {
    await go(page, `household/${home.id}`);
    await page.getByRole("button", { name: "修改" }).click();
    await page.locator("dialog input[type=tel]").fill(`1380000000${i}`);
    await page.locator("dialog .main").click();
    await page.locator("header .sync", { hasText: "1 条待发" }).waitFor();
  }
  // The later edit arrives first; the earlier one loses, and its phone says so.
  for (const i of [1, 0]) {
    const page = pages[i];
    gates[i].fault = () => undefined;
    await go(page, "outbox");
    await page.locator(".foot .main").click();
    await synced(page, 60_000);
  }
  await pages[0].locator("header .attention").click();
  await pages[0].locator(".card", { hasText: "13800000001" }).filter({ hasText: "13800000000" }).waitFor();
  assert.deepEqual(await violations(pages[0]), []);
  await pages[0].getByRole("button", { name: "用我的" }).click();
  await synced(pages[0]);
  await pages[0].locator(".empty", { hasText: "没有要看的" }).waitFor();
  assert.equal((await unmasked(server.info, "households", home.id)).phone, "13800000000");
  for (const page of pages) await page.context().close();
  for (const gate of gates) await gate.close();
});

test("what the server refuses is told with the reason, and nothing of it is lost", async () => {
  const officer = server.officer("grid_officer");
  const [person] = await records(server.info, "residents", `grid="${officer.grid_id}" && life_status="living"`);
  const office = async (method, path, body) => {
    const { token } = await (await fetch(`${server.info.url}/api/collections/_superusers/auth-with-password`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ identity: server.info.superuser.email, password: server.info.superuser.password }) })).json();
    const answer = await fetch(`${server.info.url}/api/collections/service_items/records${path}`, { method, headers: { Authorization: token, "Content-Type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });
    assert.ok(answer.ok, await answer.clone().text());
    return answer.status === 204 ? undefined : answer.json();
  };
  const guide = await office("POST", "", { name: "临时补贴(演示)", status: "published", category: "errand_service" });
  const gate = await proxy(server.port);
  const page = await open(await chromium.newContext(phone), gate.url);
  await signIn(page, officer);
  gate.fault = offline;
  await go(page, `errand/new/${person.id}/food`);
  await page.locator(".chips").getByRole("button", { name: guide.name }).click();
  await page.locator(".foot .main").click();
  await page.waitForURL(/\/app\/errands\//);
  // Meanwhile the office takes the guide back.
  await office("DELETE", `/${guide.id}`);
  gate.fault = () => undefined;
  await go(page, "outbox");
  await page.locator(".foot .main").click();
  await synced(page, 60_000);
  await page.locator("header .attention").click();
  await page.locator(".card", { hasText: "原因" }).waitFor();
  await page.getByText("我写的").click();
  await page.locator(".card dd", { hasText: person.id }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "知道了" }).click();
  await page.locator(".empty", { hasText: "没有要看的" }).waitFor();
  assert.equal((await records(server.info, "rejections", "")).length, 1);
  await page.context().close();
  await gate.close();
});

test("a rescue file brings an outbox to another phone, and nothing is doubled", async () => {
  const officer = server.officer("grid_officer");
  const gate = await proxy(server.port);
  const context = await chromium.newContext({ ...phone, acceptDownloads: true });
  const page = await open(context, gate.url);
  await signIn(page, officer);
  gate.fault = offline;
  await go(page, "suggest");
  await page.locator("textarea").fill("手机坏之前写的");
  await page.locator("button.main").click();
  await page.locator("header .sync", { hasText: "1 条待发" }).waitFor();
  await go(page, "outbox");
  await page.getByRole("button", { name: "导出救援文件" }).click();
  await page.locator("dialog input").fill("澄桥村口老槐树下的水井");
  const downloading = page.waitForEvent("download");
  await page.locator("dialog .main").click();
  const file = await (await downloading).path();
  const raw = await readFile(file);
  assert.equal(raw.subarray(0, 17).toString(), "gridwalk-rescue-1");
  assert.ok(!raw.includes("手机坏之前写的"));

  const other = await chromium.newContext(phone);
  const second = await open(other, server.info.url);
  await signIn(second, officer);
  const take = async (words) => {
    await go(second, "me");
    await second.getByRole("button", { name: "打开救援文件" }).click();
    await second.locator("dialog input[type=file]").setInputFiles({ name: "x.rescue", mimeType: "application/octet-stream", buffer: raw });
    await second.locator("dialog input[type=text]").fill(words);
    await second.locator("dialog .main").click();
  };
  await take("不是这些字不是这些");
  await second.locator(".toast", { hasText: "口令不对" }).waitFor();
  await second.locator("dialog .quiet").click();
  await take("澄桥村口老槐树下的水井");
  await second.locator(".toast", { hasText: "取回 1 条" }).waitFor();
  await synced(second);
  // The first phone comes back to life.
  gate.fault = () => undefined;
  await go(page, "outbox");
  await page.locator(".foot .main").click();
  await synced(page, 60_000);
  assert.equal((await records(server.info, "matters", `title="手机坏之前写的"`)).length, 1);
  await context.close();
  await other.close();
  await gate.close();
});
