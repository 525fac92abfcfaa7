import { signal } from "@preact/signals";
import { type Client, type Collections, collections, type DeviceKey, enrol, GridwalkError, openClient, type Options, renewToken, signIn, type Status } from "gridwalk";
import { fetchPokes, fetchTransport, systemClock, systemDigest, systemRandom } from "gridwalk/fetch";
import { IDBStore, tabLock } from "gridwalk/idb";
import { deleteDB } from "idb";
import { deviceKey } from "./devicekey.js";
import { forgetWhere, keep, kept } from "./kv.js";

/** An officer who has signed in on this phone. Each has a replica and an outbox of his own. */
export interface Account {
  officer: string;
  name: string;
  role: string;
  email: string;
  device: string;
  token: string;
  /** The device was enrolled with the key of this phone. */
  keyed?: boolean;
}

/** What the screens work with while somebody is signed in. */
export interface Work {
  account: Account;
  client: Client;
  db: Collections;
  stop(): Promise<void>;
}

export const work = signal<Work | undefined>(undefined);
export const status = signal<Status | undefined>(undefined);

const server = location.origin;
const transport = fetchTransport({ timeoutMs: 20_000 });

export const accounts = async (): Promise<Account[]> => (await kept<Account[]>("accounts")) ?? [];

async function remember(account: Account): Promise<void> {
  const others = (await accounts()).filter(({ officer }) => officer !== account.officer);
  await keep("accounts", [account, ...others]);
  await keep("current", account.officer);
}

/** Goes on with whoever used the app last; nobody needs a signal for it. */
export async function resume(): Promise<void> {
  void kept<string[]>("parting").then((devices) => devices?.forEach(part)).catch(() => undefined);
  const current = await kept<string>("current");
  const account = (await accounts()).find(({ officer }) => officer === current);
  if (account) await begin(account);
}

/** The one-time code of a QR that opened the app: it enrols this phone at once. */
export const codeOfLink = /[#&]code=([A-Za-z0-9-]{4,40})/.exec(location.hash)?.[1] ?? "";

/** Signs in. The device is enrolled once; the same officer goes on with his outbox later. */
export async function enter(email: string, password: string, code: string): Promise<void> {
  wasErased.value = false;
  const said = await signIn(transport, server, email.trim(), password);
  const before = (await accounts()).find(({ officer }) => officer === said.officer.id);
  const about = async () => ({ publicJwk: (await deviceKey(said.officer.id)).publicJwk, code, model: model() });
  const account: Account = {
    officer: said.officer.id, name: String(said.officer["name"] ?? ""), role: String(said.officer["role"] ?? ""), email: email.trim(),
    device: before?.device ?? (await enrol(transport, server, said, await about())), token: said.token, keyed: before ? before.keyed === true : true,
  };
  await remember(account);
  await begin(account);
}

/** Goes on with an account of this phone. */
export async function goOn(account: Account): Promise<void> {
  await keep("current", account.officer);
  await begin(account);
}

/** What the browser says of the phone, without what would tell it from others of its kind. */
const model = (): string => /\(([^)]*)\)/.exec(navigator.userAgent)?.[1]?.slice(0, 100) ?? "";

async function begin(account: Account): Promise<void> {
  await work.value?.stop();
  const current = { ...account };
  const key = current.keyed ? await deviceKey(current.officer) : undefined;
  const client = await open(current.device, () => current.token, { pokes: fetchPokes, ...(key ? { key, renew: () => renew(current, key) } : {}) });
  const ending = new AbortController();
  const unsubscribe = client.status.subscribe((now) => {
    status.value = now;
    if (now.state === "erased") void erased(current);
  });
  const wake = () => document.visibilityState === "visible" && client.wake();
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  const running = client.run(ending.signal);
  work.value = {
    account: current, client, db: collections(client),
    async stop() {
      ending.abort();
      unsubscribe();
      document.removeEventListener("visibilitychange", wake);
      removeEventListener("online", wake);
      work.value = undefined;
      status.value = undefined;
      await running;
      await client.close();
    },
  };
  void refresh(current).then(() => client.wake(), () => undefined);
}

/** The replica and the outbox of a device. */
function open(device: string, token: () => string, more: Partial<Options> = {}): Promise<Client> {
  const name = `gridwalk/${device}`;
  return openClient({
    url: server, device, token, ...more, store: new IDBStore(name), transport: fetchTransport(), lock: tabLock(name),
    clock: systemClock, random: systemRandom, digest: systemDigest,
    // What the first screen does not need is fetched later.
    sealer: async (...parcel) => (await import("./sealer.js")).systemSealer(...parcel),
    uploader: async (upload, by) => (await import("./uploader.js")).uploader(upload, by),
  });
}

/** Set when this phone was erased for the officer who used it. */
export const wasErased = signal(false);

/**
 * Removes what the app itself keeps of an officer whose replica was erased. What
 * the replica sealed stays until the server has it.
 */
async function erased(account: Account): Promise<void> {
  if (wasErased.peek()) return;
  wasErased.value = true;
  await work.peek()?.stop();
  const { officer, device } = account;
  await keep("parting", [...new Set([...((await kept<string[]>("parting")) ?? []), device])]);
  await keep("accounts", (await accounts()).filter((one) => one.device !== device));
  await forgetWhere((key) => key.split("/").includes(officer) || key.startsWith("map/") || ["current", "capturing", "effort"].includes(key));
  await part(device);
}

/** Sends what an erased replica has sealed, then removes it. Without a signal it goes on at the next start. */
async function part(device: string): Promise<void> {
  const client = await open(device, () => "");
  const ending = new AbortController();
  await client.run(ending.signal); // ends when nothing is left to send
  await client.close();
  await deleteDB(`gridwalk/${device}`);
  await keep("parting", ((await kept<string[]>("parting")) ?? []).filter((one) => one !== device));
}

/** Gets a new token while the old one works. Without a signal the old one stays. */
async function refresh(account: Account): Promise<void> {
  const answer = await transport({ method: "POST", url: `${server}/api/collections/officers/auth-refresh`, headers: { Authorization: account.token } });
  const { token } = answer.status === 200 ? (JSON.parse(answer.text) as { token?: unknown }) : {};
  if (typeof token !== "string") return;
  account.token = token;
  await remember(account);
}

/** Gets a new token by the phone's key when the old one is no longer valid, without asking anybody. */
async function renew(account: Account, key: DeviceKey): Promise<void> {
  account.token = await renewToken(transport, server, account.device, key);
  await remember(account);
}

/** Leaves the officer's records and outbox on the phone, for when he comes back. */
export async function leave(): Promise<void> {
  await keep("current", undefined);
  await work.value?.stop();
}

/** What the server answers to a GET as JSON, with the headers of the device. */
export async function fetched(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string; tag: string | undefined }> {
  const now = work.value;
  if (!now) throw new GridwalkError("sign_in", "nobody is signed in");
  const answer = await transport({ method: "GET", url: server + path, headers: { Authorization: now.account.token, "X-Gridwalk-Device": now.account.device, ...headers } });
  return { status: answer.status, text: answer.text, tag: answer.header("etag") };
}

/** Why something failed, as a code for the words of the app. */
export const codeOf = (err: unknown): string => (err instanceof GridwalkError ? (err.code ?? err.kind) : "unknown");
export { GridwalkError };
