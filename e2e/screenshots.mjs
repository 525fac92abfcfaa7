// Makes docs/screens/: the main screens as a phone and a tablet show them.
import { mkdir } from "node:fs/promises";
import { browser, demoServer, go, open, phone, records, signIn, tablet } from "./harness.mjs";

const out = process.env.SCREENS ?? new URL("../docs/screens/", import.meta.url).pathname;
await mkdir(out, { recursive: true });
const [server, chromium] = await Promise.all([demoServer(), browser()]);
try {
  const officer = server.officer("grid_officer");
  const [home] = await records(server.info, "households", `grid="${officer.grid_id}"`);
  const buildings = await records(server.info, "buildings", `grid="${officer.grid_id}"`);
  const { point } = buildings.find((b) => b.id === home.building);
  const here = { latitude: point.lat, longitude: point.lon, accuracy: 9 };
  for (const language of ["zh", "en"]) {
    const context = await chromium.newContext({ ...phone, deviceScaleFactor: 1, geolocation: here });
    await context.addInitScript((l) => localStorage.setItem("language", l), language);
    const page = await open(context, server.info.url);
    await signIn(page, officer);
    for (const [name, path] of [["today", ""], ["map", "map"], ["household", `household/${home.id}`], ["report", "report"]]) {
      await go(page, path);
      await page.locator(path === "map" ? ".map svg .building" : "main").first().waitFor();
      await page.screenshot({ path: `${out}/${name}-${language}.png` });
    }
    await context.close();
  }
  const context = await chromium.newContext({ ...tablet, geolocation: here });
  const page = await open(context, server.info.url);
  await signIn(page, officer);
  await go(page, "meetings");
  await page.locator(".foot .main").click();
  await page.locator("dialog input[type=text]").fill("澄桥议事亭");
  await page.locator("dialog .main").click();
  await page.locator(".pavilion").waitFor();
  for (const [text, tile] of [["村口路灯不亮", 0], ["280 米路要修", 0], ["池塘要清淤", 4]]) {
    await page.locator(".pavilion textarea").fill(text);
    await page.locator(".tiles.small .tile").nth(tile).click();
    await page.locator(".demand", { hasText: text }).waitFor();
  }
  await page.screenshot({ path: `${out}/pavilion.png` });
} finally {
  await chromium.close();
  await server.stop();
}
