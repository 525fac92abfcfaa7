// An officer's day on the phone, with the network of a village: domain words are
// those of the app in Chinese.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, demoServer, go, open, phone, proxy, records, signIn, synced, taps } from "./harness.mjs";

/** A photograph as a camera gives it, of 12 megapixels. */
const photo = async (page) => ({
  name: "camera.jpg", mimeType: "image/jpeg",
  buffer: Buffer.from(await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 4000, height: 3000 });
    const pen = canvas.getContext("2d");
    for (let i = 0; i < 400; i++) {
      pen.fillStyle = `hsl(${(i * 47) % 360} 60% 50%)`;
      pen.fillRect((i * 631) % 4000, (i * 389) % 3000, 300, 200);
    }
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    let text = "";
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
    return btoa(text);
  }), "base64"),
});

let server, chromium, officer;
before(async () => {
  [server, chromium] = await Promise.all([demoServer(), browser()]);
  officer = server.officer("grid_officer");
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const offline = (request) => (request.url.startsWith("/api/") ? "drop" : undefined);

/** The weather of a valley: each request meets the next fault, until it has met them all. */
function valley() {
  const faults = ["drop", 300, "lose", undefined, "cut", "lose", 100, "drop", undefined, "cut", undefined, "lose", "drop", undefined];
  let i = 0;
  return (request) => (request.url.startsWith("/api/") && request.url !== "/api/realtime" ? faults[i++] : undefined);
}

async function taking(page, what) {
  const before = await taps(page);
  await what();
  return (await taps(page)) - before;
}

test("a day in the grid: nothing is lost or doubled, and it is quick", async () => {
  const homes = await records(server.info, "households", `grid="${officer.grid_id}"`);
  const people = await records(server.info, "residents", `grid="${officer.grid_id}" && life_status="living"`);
  const buildings = new Map((await records(server.info, "buildings", `grid="${officer.grid_id}"`)).map((b) => [b.id, b]));
  const placed = people.filter((r) => { const at = buildings.get(homes.find((h) => h.id === r.household)?.building)?.point; return at && at.lat; });
  const [a, b, c] = [...new Map(placed.map((r) => [r.household, r])).values()];
  const at = (r) => { const p = buildings.get(homes.find((h) => h.id === r.household).building).point; return { latitude: p.lat, longitude: p.lon, accuracy: 8 }; };
  const had = { visits: (await records(server.info, "visits", `grid="${officer.grid_id}"`)).length };

  const gate = await proxy(server.port);
  const faults = [];
  const context = await chromium.newContext({ ...phone, geolocation: at(a) });
  let page = await open(context, gate.url, faults);
  await signIn(page, officer);

  // 08:05 The patrol begins: he is located, and sees it.
  await page.getByRole("link", { name: "巡查" }).click();
  await page.getByRole("button", { name: "开始巡查" }).click();
  await page.locator("header", { hasText: "巡查中，正在定位" }).waitFor();
  await synced(page);

  // 08:50 No signal. Three visits: nothing new, somebody needs something, nobody at home.
  gate.fault = offline;
  for (const [i, resident] of [a, b, c].entries()) {
    await context.setGeolocation(at(resident));
    await page.getByRole("link", { name: "今日" }).click();
    await page.locator(".search input").fill(resident.name);
    const used = await taking(page, async () => {
      await page.locator(`a[href="/app/household/${resident.household}"]`).first().click();
      await page.getByRole("button", { name: "走访", exact: true }).click();
      if (i === 1) {
        await page.getByRole("button", { name: "见到有需求" }).click();
        await page.getByRole("button", { name: /药/ }).first().click();
      }
      if (i === 2) await page.getByRole("button", { name: "无人在家" }).click();
      await page.locator(".chips", { hasText: "为什么走访" }).waitFor({ timeout: 300 }).then(() => page.getByRole("button", { name: "居民要求" }).click(), () => undefined);
      await page.locator(".foot .main").click();
      await page.waitForFunction(() => !location.pathname.endsWith("/visit"));
    });
    assert.ok(used <= [4, 6, 5][i], `visit ${i + 1} took ${used} taps`);
    if (i === 1) {
      await page.getByRole("button", { name: "保存" }).click(); // the errand that the need became
      await page.waitForFunction(() => location.pathname.startsWith("/app/errands/"));
    }
  }

  // A check-in is one tap.
  await go(page, `household/${a.household}`);
  await context.setGeolocation(at(a));
  assert.equal(await taking(page, () => page.getByRole("button", { name: "到点打卡" }).click()), 1);
  await page.locator(".toast", { hasText: "已打卡" }).waitFor();

  // 09:30 A danger on the hillside; the phone has a poor place. The camera ends the page meanwhile.
  await context.setGeolocation({ ...at(a), accuracy: 180 });
  await page.getByRole("link", { name: "上报" }).click();
  await page.locator("main h1", { hasText: "上报" }).waitFor();
  const choosing = page.waitForEvent("filechooser");
  await page.locator(".shoot").click();
  await choosing;
  let all = await taps(page);
  await page.close();
  page = await open(context, gate.url, faults);
  await page.locator("main h1", { hasText: "上报" }).waitFor();
  // The camera app ended the page, so the camera within it is offered first. A picture that nobody can read is said so.
  await page.locator(".shoot").click();
  await page.locator("dialog video").waitFor();
  await page.waitForFunction(() => document.querySelector("video")?.videoWidth > 0);
  await page.getByRole("button", { name: "拍", exact: true }).click();
  await page.locator(".photos img").waitFor();
  await page.locator("input[type=file]").setInputFiles({ ...(await photo(page)), buffer: Buffer.from("no picture at all") });
  await page.locator(".toast", { hasText: "打不开" }).waitFor();
  await page.locator("dialog .quiet").click();
  const shot = await photo(page);
  const used = await taking(page, async () => {
    await page.locator("input[type=file]").setInputFiles(shot);
    await page.locator(".photos img").nth(1).waitFor();
    await page.getByRole("button", { name: "安全隐患" }).click();
    await page.locator(".chips .chip").first().click();
    await page.locator(".foot .main").click();
    await page.locator(".state", { hasText: "只在本机" }).waitFor();
  });
  assert.ok(used <= 4, `the report took ${used} taps and a shutter`);
  await page.locator("dd", { hasText: "临-01" }).waitFor();

  // A form that was not finished is there again after the page was killed.
  await go(page, "report");
  await page.getByRole("button", { name: "公共设施" }).click();
  await page.getByText("备注").click();
  await page.locator("textarea").first().fill("路灯不亮，写到一半");
  all += await taps(page);
  await page.close();

  // The server loses its power, too.
  await server.kill();
  await server.start();
  page = await open(context, gate.url, faults);
  await go(page, "report");
  await page.locator("textarea").first().waitFor();
  assert.equal(await page.locator("textarea").first().inputValue(), "路灯不亮，写到一半");
  await page.locator(".chips .chip").first().click();
  await page.getByRole("button", { name: "当场解决" }).click();
  await page.locator(".toast", { hasText: "已记下" }).waitFor();

  // 12:10 Pause: no points. 13:50 On again.
  await go(page, "patrol");
  await page.getByRole("button", { name: "暂停" }).click();
  await page.locator("header", { hasText: "巡查已暂停" }).waitFor();
  await page.getByRole("button", { name: "继续" }).click();
  await page.locator("header", { hasText: "巡查中，正在定位" }).waitFor();

  // The outbox says what is only here.
  await go(page, "outbox");
  await page.locator(".big", { hasText: /只在这部手机上：\d+ 条记录，2 张照片/ }).waitFor();

  // 09:52 The signal flaps: lost answers, cut connections. Everything arrives once.
  gate.fault = valley();
  await page.locator(".foot .main").click();
  await synced(page, 120_000);

  // 17:30 The day ends. He looks at his track, and sends it.
  await go(page, "patrol");
  const hold = page.getByRole("button", { name: "按住结束" });
  await hold.hover();
  await page.mouse.down();
  await page.locator("dialog").waitFor();
  await page.mouse.up();
  await page.getByRole("button", { name: /结束并送出轨迹|结束巡查/ }).last().click();
  await page.locator("p", { hasText: "现在不定位" }).waitFor();
  await synced(page, 60_000);
  gate.fault = () => undefined;

  const mine = async (collection, filter) => records(server.info, collection, filter);
  const visits = await mine("visits", `grid="${officer.grid_id}"`);
  assert.equal(visits.length - had.visits, 3, "visits");
  for (const [r, result] of [[a, "met_ok"], [b, "met_needs"], [c, "not_home"]]) assert.equal(visits.filter((v) => v.household === r.household && v.result === result && v.residents.includes(r.id)).length, 1, result);
  assert.equal((await mine("errands", `resident.household="${b.household}"`)).length, 1, "errand");
  const [checkIn, ...more] = await mine("check_ins", `target="${a.household}"`);
  assert.equal(more.length, 0);
  assert.equal(checkIn.verdict_server, "inside");
  assert.equal(checkIn.verdict_client, "inside");
  const [matter, ...doubled] = await mine("matters", `temp_no="临-01"`);
  assert.equal(doubled.length, 0);
  assert.match(matter.no, /^SX/);
  assert.equal(matter.priority, "p1_urgent");
  assert.equal((await mine("matters", `temp_no="临-02" && status="solved_on_spot"`)).length, 1);
  const evidence = await mine("evidence", `owner_id="${matter.id}"`);
  assert.deepEqual(evidence.map((one) => one.upload_state), ["done", "done"]);
  const [patrol] = await mine("patrols", `status="ended" && end_reason="manual" && officer="${visits.find((v) => v.household === a.household).created_by}" && started_at > "${new Date(Date.now() - 3_600_000).toISOString().replace("T", " ")}"`);
  assert.ok(patrol, "the patrol has ended");
  for (const batch of await mine("track_batches", `patrol="${patrol.id}"`)) {
    assert.ok(batch.started_at >= patrol.started_at.slice(0, 19) && batch.ended_at <= patrol.ended_at, "located outside of the patrol");
    assert.equal(batch.dropped, 0);
  }
  assert.equal((await mine("rejections", "")).length, 0);
  all += await taps(page);
  assert.ok(all > 20 && all <= 140, `${all} taps`);
  assert.ok(gate.requests.includes("POST /api/effort"), "what it cost was told");
  assert.deepEqual(faults, []);
  await context.close();
  await gate.close();
});
