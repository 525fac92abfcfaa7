import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, demoServer, go, launch, open, phone, proxy, records, signIn, synced, tablet, violations } from "./harness.mjs";

let server, chromium, officer;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
  officer = server.officer("grid_officer");
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const pages = async () => {
  const [home] = await records(server.info, "households", `grid="${officer.grid_id}"`);
  const [matter] = await records(server.info, "matters", `grid="${officer.grid_id}"`);
  return ["", "map", "report", "me", "outbox", "attention", "patrol", "meetings", "matters", "errands", "suggest", "check", `household/${home.id}`, `household/${home.id}/visit`, `matters/${matter.id}`];
};

test("every screen, in both languages and each look, has no fault of access and no sideways scroll", async () => {
  const context = await chromium.newContext(phone);
  const faults = [];
  const page = await open(context, server.info.url, faults);
  assert.deepEqual(await violations(page), [], "sign-in");
  await signIn(page, officer);
  const all = await pages();
  for (const [language, theme, size] of [["zh", "light", "normal"], ["en", "dark", "large"], ["zh", "sun", "large"]]) {
    await page.evaluate(([language, theme, size]) => { localStorage.setItem("language", language); localStorage.setItem("theme", theme); localStorage.setItem("size", size); }, [language, theme, size]);
    await page.reload();
    await page.locator("nav.bar").waitFor();
    for (const path of all) {
      await go(page, path);
      assert.deepEqual(await violations(page), [], `${path || "today"} ${language} ${theme}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path || "today"} ${language} ${size} scrolls sideways`);
    }
  }
  // WCAG 1.4.4: letters twice as large.
  await page.evaluate(() => document.documentElement.style.setProperty("--text", "36px"));
  for (const path of all) {
    await go(page, path);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path || "today"} at 200 % scrolls sideways`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("the app opens without a server, at every address", async () => {
  const context = await chromium.newContext(phone);
  const page = await open(context, server.info.url);
  await signIn(page, officer);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await server.kill();
  try {
    await page.reload();
    await page.locator("nav.bar").waitFor();
    await page.goto(`${server.info.url}/app/map`);
    await page.locator("nav.bar").waitFor();
    await page.locator("header", { hasText: "离线" }).waitFor();
    await page.goto(`${server.info.url}/app/meetings`);
    await page.locator("h1", { hasText: "议事" }).waitFor();
  } finally {
    await server.start();
  }
  await context.close();
});

test("headers let the app do what it needs and nothing else", async () => {
  const answer = await fetch(`${server.info.url}/app/`);
  assert.match(answer.headers.get("content-security-policy"), /default-src 'self'/);
  assert.equal(answer.headers.get("cache-control"), "no-cache");
  assert.equal((await fetch(`${server.info.url}/app/`, { headers: { "If-None-Match": answer.headers.get("etag") } })).status, 304);
  const asset = /\/app\/assets\/main-[^"]+/.exec(await answer.text())[0];
  const script = await fetch(server.info.url + asset);
  assert.match(script.headers.get("cache-control"), /immutable/);
  assert.equal(script.headers.get("content-encoding"), "gzip");
  assert.equal((await fetch(`${server.info.url}/app/assets/nothing.js`)).status, 404);
  assert.equal((await fetch(`${server.info.url}/app/household/x`)).headers.get("content-type"), "text/html; charset=utf-8");
});

test("a captive portal, half an answer and a dead line are said plainly, and the outbox stays", async () => {
  const gate = await proxy(server.port);
  const context = await chromium.newContext(phone);
  const page = await open(context, gate.url);
  await signIn(page, officer);
  for (const fault of [{ page: "<html>Please sign in to the Wi-Fi</html>" }, "cut", "drop"]) {
    gate.fault = (request) => (request.url.startsWith("/api/") ? fault : undefined);
    await go(page, "suggest");
    await page.locator("textarea").fill(`在${typeof fault === "string" ? fault : "portal"}时写的`);
    await page.locator("button.main").click();
    await page.locator("header .sync", { hasText: "条待发" }).waitFor();
    await go(page, "outbox");
    await page.locator("main", { hasText: "没有信号，都存在手机里" }).waitFor({ timeout: 60_000 });
    gate.fault = () => undefined;
    await page.locator(".foot .main").click();
    await synced(page, 60_000);
  }
  assert.equal((await records(server.info, "matters", `title~"时写的"`)).length, 3);
  await context.close();
  await gate.close();
});

test("a new version waits until everything is sent", async () => {
  const gate = await proxy(server.port);
  let worker;
  const context = await chromium.newContext(phone);
  const page = await open(context, gate.url);
  await signIn(page, officer);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  gate.fault = (request) => (request.url.startsWith("/api/sync") ? "drop" : undefined);
  await go(page, "suggest");
  await page.locator("textarea").fill("更新时还没送出的");
  await page.locator("button.main").click();
  await page.locator("header .sync", { hasText: "条待发" }).waitFor();
  // The same worker with another byte is a newer one.
  worker = await (await fetch(`${gate.url}/app/sw.js`)).text();
  gate.fault = (request) => (request.url.startsWith("/api/sync") ? "drop" : request.url === "/app/sw.js" ? { page: worker.replace(/shell-/g, "shell-new-"), type: "text/javascript" } : undefined);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration("/app/")).update());
  await page.locator("header .update", { hasText: "待发清空后更新" }).waitFor();
  assert.equal(await page.locator("header .update button").count(), 0);
  const keepWorker = gate.fault;
  gate.fault = (request) => (request.url.startsWith("/api/sync") ? undefined : keepWorker(request));
  await go(page, "outbox");
  await page.locator(".foot .main").click();
  await page.locator("header .update button").click({ timeout: 60_000 });
  await page.waitForFunction(async () => (await caches.keys()).every((name) => name.startsWith("shell-new-")));
  await page.locator("nav.bar").waitFor();
  assert.equal((await records(server.info, "matters", `title="更新时还没送出的"`)).length, 1);
  await context.close();
  await gate.close();
});

test("two tabs show the same, and send once", async () => {
  const context = await chromium.newContext(tablet);
  const first = await open(context, server.info.url);
  await signIn(first, officer);
  const second = await open(context, server.info.url);
  await second.locator("nav.bar").waitFor();
  await go(second, "matters");
  await go(first, "suggest");
  await first.locator("textarea").fill("两个页面里的一条");
  await first.locator("button.main").click();
  await second.locator("main", { hasText: "两个页面里的一条" }).waitFor();
  await synced(first);
  assert.equal((await records(server.info, "matters", `title="两个页面里的一条"`)).length, 1);
  await context.close();
});

test("two officers on one phone have outboxes of their own", async () => {
  const other = server.info.officers.find((one) => one.role === "grid_officer" && one.email !== officer.email) ?? server.officer("grid_lead");
  const gate = await proxy(server.port);
  const context = await chromium.newContext(phone);
  const page = await open(context, gate.url);
  await signIn(page, officer);
  gate.fault = (request) => (request.url.startsWith("/api/sync") ? "drop" : undefined);
  await go(page, "suggest");
  await page.locator("textarea").fill("换人之前写的");
  await page.locator("button.main").click();
  await page.locator("header .sync", { hasText: "1 条待发" }).waitFor();
  await go(page, "me");
  await page.getByRole("button", { name: "换人使用" }).click();
  gate.fault = () => undefined;
  await signIn(page, other);
  await page.evaluate(() => document.body.innerText).then((text) => assert.doesNotMatch(text, /换人之前写的/));
  assert.equal((await records(server.info, "matters", `title="换人之前写的"`)).length, 0);
  await go(page, "me");
  await page.getByRole("button", { name: "换人使用" }).click();
  await page.locator(".signin section button").nth(1).click();
  await synced(page);
  assert.equal((await records(server.info, "matters", `title="换人之前写的"`)).length, 1);
  await context.close();
  await gate.close();
});

test("the app can be installed", async () => {
  const profile = await mkdtemp(join(tmpdir(), "gridwalk-profile-"));
  const context = await chromium.browserType().launchPersistentContext(profile, { ...launch(), ...phone });
  try {
    const page = await open(context, server.info.url);
    await page.waitForFunction(() => navigator.serviceWorker.ready);
    const session = await context.newCDPSession(page);
    assert.deepEqual((await session.send("Page.getAppManifest")).errors, []);
    assert.deepEqual((await session.send("Page.getInstallabilityErrors")).installabilityErrors, []);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
});
