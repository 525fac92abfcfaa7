import { spawn } from "node:child_process";
import { webcrypto } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

globalThis.crypto ??= webcrypto; // Node 18

// A real gridwalk server on the demo county, which a test may kill and start again.
export class DemoServer {
  dir = mkdtempSync(join(tmpdir(), "gridwalk-example-"));
  url = "";

  async start() {
    const address = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    this.process = spawn(process.env.GRIDWALK ?? "../bin/gridwalk", ["demo", "--dir", join(this.dir, "data"), "--http", address, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: this.process.stdout })) {
      const { url, officers } = JSON.parse(line);
      this.url = url;
      this.login = officers.find(({ role }) => role === "grid_officer");
      return;
    }
    throw new Error("the server did not start");
  }

  async kill() {
    const running = this.process;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  // Does something while the server has the data of now, and gives it these data back.
  async restored(meanwhile) {
    await this.kill();
    cpSync(join(this.dir, "data"), join(this.dir, "backup"), { recursive: true });
    await this.start();
    await meanwhile();
    await this.kill();
    rmSync(join(this.dir, "data"), { recursive: true });
    cpSync(join(this.dir, "backup"), join(this.dir, "data"), { recursive: true });
    rmSync(join(this.dir, "backup"), { recursive: true });
    await this.start();
  }

  async remove() {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  // An account as the adapters want it: the officer signs in and enrols a device.
  async account() {
    const post = async (path, body, token) => {
      const answer = await fetch(`${this.url}/api/collections/${path}`, { method: "POST", headers: { "Content-Type": "application/json", ...(token ? { Authorization: token } : {}) }, body: JSON.stringify(body) });
      return answer.json();
    };
    const { token, record } = await post("officers/auth-with-password", { identity: this.login.email, password: this.login.password });
    const { id } = await post("devices/records", { officer: record.id, status: "pending", platform: "web" }, token);
    return { url: this.url, token: () => token, device: id, grid: this.login.grid_id };
  }
}

// A record id as gridwalk wants it.
export const recordID = () => [...crypto.getRandomValues(new Uint8Array(15))].map((b) => "abcdefghijklmnopqrstuvwxyz0123456789"[b % 36]).join("");
