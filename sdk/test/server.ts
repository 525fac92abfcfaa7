import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Login {
  email: string;
  password: string;
  role: string;
  grid_id: string;
}

/** A real gridwalk server on the demo county, which a test may kill and start again. */
export class DemoServer {
  private readonly dir = mkdtempSync(join(tmpdir(), "gridwalk-sdk-"));
  private process: ChildProcess | undefined;
  url = "";
  officers: Login[] = [];

  async start(): Promise<void> {
    const address = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    // The sdk's make target builds it.
    const started = spawn(process.env["GRIDWALK"] ?? "../bin/gridwalk", ["demo", "--dir", join(this.dir, "data"), "--http", address, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    this.process = started;
    for await (const line of createInterface({ input: started.stdout as NodeJS.ReadableStream })) {
      const said = JSON.parse(line) as { url: string; officers: Login[] };
      this.url = said.url;
      this.officers = said.officers;
      return;
    }
    throw new Error("the server did not start");
  }

  /** Ends the server as a power cut does. */
  async kill(): Promise<void> {
    const running = this.process;
    if (!running) return;
    this.process = undefined;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  /** Does something while the server has the data of now, and gives it these data back. */
  async restored(meanwhile: () => Promise<void>): Promise<void> {
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

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }

  officer(role: string): Login {
    const found = this.officers.find((login) => login.role === role);
    if (!found) throw new Error(`the demo has no ${role}`);
    return found;
  }
}
