// Times of the officer app with 5,000 records and 2,000 people on the phone, at
// six-fold CPU throttling. It prints rows for bench/README.md.
import { browser, demoServer, go, open, phone, records, signIn, synced } from "./harness.mjs";

const [server, chromium] = await Promise.all([demoServer(), browser()]);
try {
  const officer = server.officer("grid_officer");
  await fill(officer);
  const context = await chromium.newContext({ ...phone, deviceScaleFactor: 1 });
  const page = await open(context, server.info.url);
  await signIn(page, officer);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await synced(page, 120_000);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  await server.kill();

  const cold = await times(7, async () => {
    await page.goto("about:blank");
    await page.goto(`${server.info.url}/app/`, { waitUntil: "commit" });
    await page.locator(".list .row").first().waitFor();
    return page.evaluate(() => performance.now());
  });
  const search = await times(9, async (i) => {
    await page.locator(".search input").fill("");
    return page.evaluate(async (query) => {
      const input = document.querySelector(".search input");
      const began = performance.now();
      input.value = query;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => { const look = () => (document.querySelector("section[aria-live] .row, .empty") ? requestAnimationFrame(resolve) : requestAnimationFrame(look)); look(); });
      return performance.now() - began;
    }, `测试人${i}`);
  });
  const save = await times(9, async () => {
    await go(page, "suggest");
    await page.locator("textarea").fill("计时");
    return page.evaluate(async () => {
      const button = document.querySelector(".foot .main");
      const began = performance.now();
      button.click();
      while (!document.querySelector(".toast p")?.textContent.includes("已保存")) await new Promise((resolve) => setTimeout(resolve, 1));
      const took = performance.now() - began;
      while (document.querySelector(".toast p")) await new Promise((resolve) => setTimeout(resolve, 50));
      return took;
    });
  });
  console.log("| what | median ms | worst ms | budget |\n| --- | --- | --- | --- |");
  for (const [name, list, budget] of [["cold start without signal, to the list", cold, 1000], ["search among 2,000 people, to the painted answer", search, 200], ["save, to durable", save, 100]]) {
    list.sort((a, b) => a - b);
    console.log(`| ${name} | ${Math.round(list[list.length >> 1])} | ${Math.round(list.at(-1))} | ${budget} |`);
  }
} finally {
  await chromium.close();
  await server.stop();
}

async function times(n, measure) {
  const list = [];
  for (let i = 0; i < n; i++) list.push(await measure(i));
  return list;
}

/** Gives the officer's grid 2,000 more people in 1,000 homes, and visits up to 5,000 records. */
async function fill({ email, password, grid_id }) {
  const post = async (path, body, headers = {}) => {
    const answer = await fetch(server.info.url + path, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { token, record } = await post("/api/collections/officers/auth-with-password", { identity: email, password });
  const { id: device } = await post("/api/collections/devices/records", { officer: record.id, status: "pending", platform: "web", model: "bench" }, { Authorization: token });
  const headers = { Authorization: token, "X-Gridwalk-Device": device };
  const [building] = await records(server.info, "buildings", `grid="${grid_id}"`);
  const id = (kind, i) => `${kind}${String(i).padStart(14, "0")}`;
  const rows = [];
  for (let i = 0; i < 1000; i++) rows.push(["households", id("h", i), { building: building.id, address_zh: `测试巷${i}号`, grid: grid_id }]);
  for (let i = 0; i < 2000; i++) rows.push(["residents", id("r", i), { household: id("h", i >> 1), name: `测试人${i}`, life_status: "living", grid: grid_id }]);
  for (let i = 0; i < 2000; i++) rows.push(["visits", id("v", i), { household: id("h", i % 1000), purpose: "routine", mode: "door", result: "met_ok", grid: grid_id }]);
  const began = Date.now();
  for (let from = 0; from < rows.length; from += 500) {
    const mutations = rows.slice(from, from + 500).map(([collection, key, set], i) => ({ id: `bench-${from + i + 1}`, n: from + i + 1, at: `${(began + from + i).toString(16).padStart(12, "0")}-0000-${device}`, collection, record: key, op: "create", base: 0, set }));
    const { results } = await post("/api/sync/push", { mutations }, headers);
    const bad = results.find(({ status }) => status !== "applied");
    if (bad) throw new Error(JSON.stringify(bad));
  }

}
