import "./webcrypto.js";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DemoServer } from "./server.js";

const server = new DemoServer();
const dir = mkdtempSync(join(tmpdir(), "gridwalk-package-"));

before(() => server.start());
after(async () => {
  await server.remove();
  rmSync(dir, { recursive: true, force: true });
});

const npm = (...args: string[]): string => execFileSync("npm", args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

test("npm installs the package that the server serves, and it runs", () => {
  writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  npm("install", "--no-audit", "--no-fund", `${server.url}/sdk/gridwalk-0.1.0.tgz`);
  const login = server.officer("grid_officer");
  writeFileSync(join(dir, "app.js"), `
    import { webcrypto } from "node:crypto";
    globalThis.crypto ??= webcrypto;
    import { collections, enrol, MemoryStore, openClient, signIn } from "gridwalk";
    import { fetchTransport, systemClock as clock, systemDigest as digest, systemRandom as random } from "gridwalk/fetch";
    const transport = fetchTransport(), url = ${JSON.stringify(server.url)};
    const signed = await signIn(transport, url, ${JSON.stringify(login.email)}, ${JSON.stringify(login.password)});
    const client = await openClient({ url, device: await enrol(transport, url, signed), token: () => signed.token, store: new MemoryStore(), transport, clock, digest, random });
    await client.sync();
    console.log(collections(client).households.list().length);
  `);
  assert.ok(Number(execFileSync(process.execPath, ["app.js"], { cwd: dir, encoding: "utf8" })) > 0);
});

test("npm packs what the server serves", () => {
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) as { files: { path: string }[] }[];
  const installed = (JSON.parse(npm("query", "#gridwalk")) as { path: string }[])[0]?.path;
  assert.ok(installed);
  const served = execFileSync("find", [installed, "-type", "f"], { encoding: "utf8" }).trim().split("\n").map((path) => path.slice(installed.length + 1));
  assert.deepEqual(packed?.files.map(({ path }) => path).sort(), served.sort());
});
