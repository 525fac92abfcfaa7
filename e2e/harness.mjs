// What every test in a browser needs: a server with demo data in a folder of its
// own, a proxy that can fail, Debian's Chromium, and axe.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const binary = process.env.GRIDWALK ?? new URL("../bin/gridwalk", import.meta.url).pathname;
const browserPath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A port that is free now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * A gridwalk server with the tiny demo county. `kill` ends it as a power cut
 * would, `start` goes on with the same data on the same port.
 */
export async function demoServer() {
  const dir = await mkdtemp(join(tmpdir(), "gridwalk-e2e-"));
  const port = await freePort();
  const server = {
    dir, port, child: undefined, info: undefined,
    async start() {
      const child = spawn(binary, ["demo", "--preset", "tiny", "--dir", dir, "--http", `127.0.0.1:${port}`, "--json"], { stdio: ["ignore", "pipe", "pipe"] });
      server.child = child;
      let complaints = "";
      child.stderr.on("data", (text) => (complaints += text));
      server.info = await new Promise((resolve, reject) => {
        createInterface({ input: child.stdout }).on("line", (line) => line.startsWith("{") && resolve(JSON.parse(line)));
        child.once("exit", (code) => reject(new Error(`gridwalk ended with ${code}: ${complaints}`)));
      });
      return server.info;
    },
    kill() {
      return new Promise((resolve) => {
        if (!server.child || server.child.exitCode !== null || server.child.signalCode !== null) return resolve();
        server.child.once("exit", resolve);
        server.child.kill("SIGKILL");
      });
    },
    async stop() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
    officer: (role) => server.info.officers.find((officer) => officer.role === role),
  };
  await server.start();
  return server;
}

/**
 * A proxy before a server. `fault` of it is asked for every request: it may
 * answer "drop" (the connection breaks at once), "cut" (half of the answer),
 * "lose" (the server works, the answer is lost), { page, type } (an answer of its
 * own, such as a captive portal's), or a number of milliseconds to wait.
 */
export async function proxy(port) {
  const gate = { fault: () => undefined, requests: [] };
  const server = http.createServer((request, response) => {
    gate.requests.push(`${request.method} ${request.url}`);
    const fault = gate.fault(request);
    if (fault === "drop") return request.socket.destroy();
    if (typeof fault === "object" && fault?.page) return response.writeHead(200, { "Content-Type": fault.type ?? "text/html" }).end(fault.page);
    const forward = () => {
      const inner = http.request({ host: "127.0.0.1", port, method: request.method, path: request.url, headers: { ...request.headers, host: `127.0.0.1:${port}` } }, (answer) => {
        if (fault === "lose") { answer.resume(); answer.once("end", () => request.socket.destroy()); return; }
        response.writeHead(answer.statusCode, answer.headers);
        if (fault === "cut") { answer.once("data", (part) => { response.write(part.subarray(0, Math.floor(part.length / 2)), () => request.socket.destroy()); }); answer.once("end", () => request.socket.destroy()); return; }
        answer.pipe(response);
      });
      inner.once("error", () => request.socket.destroy());
      response.once("close", () => inner.destroy());
      request.pipe(inner);
    };
    if (typeof fault === "number") setTimeout(forward, fault);
    else forward();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref(); // a test that fails leaves it open
  gate.url = `http://127.0.0.1:${server.address().port}`;
  gate.close = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return gate;
}

/** How Debian's Chromium is started, with a camera that shows a test picture. */
export function launch() {
  if (!browserPath) throw new Error("Chromium is needed: apt-get install chromium, or set CHROMIUM to its path");
  return { executablePath: browserPath, headless: true, args: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"] };
}

export const browser = () => chromium.launch(launch());

export const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: "zh-CN", timezoneId: "Asia/Shanghai", permissions: ["geolocation", "camera"], geolocation: { latitude: 28.17, longitude: 124.185, accuracy: 8 } };
export const tablet = { ...phone, viewport: { width: 1024, height: 768 }, deviceScaleFactor: 1, isMobile: false };

/** Counts what a thumb does: taps on whatever takes them. */
const countTaps = () => addEventListener("click", (e) => {
  if (e.isTrusted && e.target.closest?.("button, a, label, input, summary")) sessionStorage.setItem("taps", String(Number(sessionStorage.getItem("taps") ?? 0) + 1));
}, true);

export const taps = (page) => page.evaluate(() => Number(sessionStorage.getItem("taps") ?? 0));

/** Goes to a path below /app/ as a tap on a link would, without a tap. */
export async function go(page, path) {
  await page.evaluate((to) => { history.pushState({ app: true }, "", `/app/${to}`); dispatchEvent(new PopStateEvent("popstate")); }, path);
  await page.locator("main h1, main .empty").first().waitFor({ state: "attached" });
}

/** A page of the app that reports requests to other origins and errors of its scripts. */
export async function open(context, url, faults = []) {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.addInitScript(countTaps);
  const origin = new URL(url).origin;
  page.on("request", (request) => { if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== origin) faults.push(`asked ${request.url()}`); });
  page.on("pageerror", (err) => faults.push(`failed: ${err.message}`));
  await page.goto(`${url}/app/`);
  return page;
}

export async function signIn(page, officer) {
  await page.locator("input[autocomplete=username]").fill(officer.email);
  await page.locator("input[autocomplete=current-password]").fill(officer.password);
  await page.locator("form button.main").click();
  await page.locator("nav.bar").waitFor();
  await synced(page);
}

/** Waits until the app says that nothing is only on this phone. */
export async function synced(page, timeout = 30_000) {
  await page.locator("header .sync.good", { hasText: /全部已送达|All safe/ }).waitFor({ timeout });
}

/** What axe finds against WCAG 2.2 A and AA, in words. */
export async function violations(page) {
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return found.flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target.join(" ")}`));
}

/** A superuser's token. */
async function superuser(info) {
  const sign = await fetch(`${info.url}/api/collections/_superusers/auth-with-password`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ identity: info.superuser.email, password: info.superuser.password }) });
  return (await sign.json()).token;
}

/** The records of a collection as a superuser sees them. */
export async function records(info, collection, filter = "") {
  const answer = await fetch(`${info.url}/api/collections/${collection}/records?perPage=500&filter=${encodeURIComponent(filter)}`, { headers: { Authorization: await superuser(info) } });
  return (await answer.json()).items;
}

/** The sealed fields of a record, which a superuser sees when he says why. */
export async function unmasked(info, collection, record) {
  const answer = await fetch(`${info.url}/api/unmask`, { method: "POST", headers: { "Content-Type": "application/json", Authorization: await superuser(info) }, body: JSON.stringify({ collection, record, why: "a test of the app" }) });
  return (await answer.json()).values;
}

/** Changes a record as a superuser does in the dashboard. */
export async function change(info, collection, id, set) {
  const answer = await fetch(`${info.url}/api/collections/${collection}/records/${id}`, { method: "PATCH", headers: { "Content-Type": "application/json", Authorization: await superuser(info) }, body: JSON.stringify(set) });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}
