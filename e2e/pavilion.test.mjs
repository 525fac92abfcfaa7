// An evening in the pavilion: two scribes, no signal.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, demoServer, go, open, proxy, records, signIn, synced, tablet, taps, violations } from "./harness.mjs";

let server, chromium, officer;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
  officer = server.officer("grid_officer");
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

test("two scribes write down one meeting without signal, and nothing is lost", async () => {
  const gate = await proxy(server.port);
  const scribes = [];
  for (let i = 0; i < 2; i++) {
    const context = await chromium.newContext(tablet);
    const page = await open(context, gate.url);
    await signIn(page, officer);
    scribes.push(page);
  }
  const [first, second] = scribes;
  await go(first, "meetings");
  await first.getByRole("button", { name: "开个会" }).click();
  await first.locator("dialog input[type=text]").fill("澄桥议事亭");
  await first.getByRole("button", { name: "现在开会" }).click();
  await first.locator("h1", { hasText: "澄桥议事亭" }).waitFor();
  await synced(first);
  const path = new URL(first.url()).pathname.slice("/app/".length);
  await go(second, path);
  await second.locator("h1", { hasText: "澄桥议事亭" }).waitFor();
  gate.fault = (request) => (request.url.startsWith("/api/") ? "drop" : undefined);

  const demand = async (page, text, category) => {
    await page.locator("section", { hasText: "大家说什么" }).locator("textarea").fill(text);
    await page.locator(".tiles.small").getByRole("button", { name: category, exact: true }).click();
    await page.locator(".demand", { hasText: text }).waitFor();
  };
  const before = await taps(first);
  await demand(first, "村口路灯不亮", "公共设施");
  assert.ok((await taps(first)) - before <= 2, "a demand is two taps");
  await demand(second, "池塘要清淤", "生态环境");
  await demand(first, "写错了的一条", "矛盾纠纷");
  await first.locator(".toast button").click();
  await first.locator(".demand", { hasText: "写错了的一条" }).waitFor({ state: "detached" });
  await demand(second, "280 米路要修", "公共设施");

  // What was entered last is on the disk while it can still be taken back.
  await demand(first, "写完马上没电", "民生诉求");
  await first.reload();
  await first.locator(".demand", { hasText: "写完马上没电" }).waitFor();
  await first.getByRole("button", { name: "到场人数 +1" }).click();
  await second.locator(".demand", { hasText: "池塘要清淤" }).locator("..").locator("button.support").first().waitFor({ timeout: 15_000 });

  assert.deepEqual(await violations(first), []);
  gate.fault = () => undefined;
  for (const page of scribes) {
    await go(page, "outbox");
    await page.locator(".foot .main").click();
    await synced(page, 60_000);
  }
  const stored = await records(server.info, "demands", `meeting="${path.slice("meeting/".length)}"`);
  assert.deepEqual(stored.map((d) => d.text).sort(), ["280 米路要修", "写完马上没电", "村口路灯不亮", "池塘要清淤"].sort());

  // Both see all of it; two hands for the lamp, one noted by each.
  for (const page of scribes) {
    await go(page, path);
    await page.locator(".demand", { hasText: "池塘要清淤" }).waitFor();
    assert.equal(await page.locator(".demand").count(), 4);
    await page.locator(".demand", { hasText: "村口路灯不亮" }).locator("button.support").click();
  }
  for (const page of scribes) await synced(page);
  const [lamp] = await records(server.info, "demands", `text="村口路灯不亮"`);
  assert.equal(lamp.support_count, 3);

  await first.getByRole("button", { name: "会议记录" }).click();
  await first.emulateMedia({ media: "print" });
  assert.equal(await first.locator("main.print").isVisible(), true);
  assert.equal(await first.locator("header").isVisible(), false);
  assert.match(await first.locator("main.print").innerText(), /村口路灯不亮/);
  for (const page of scribes) await page.context().close();
  await gate.close();
});
