import type { Transport } from "./adapters.js";
import { refusal, send } from "./ask.js";
import { GridwalkError, network } from "./errors.js";
import type { Fields } from "./wire.js";

export interface SignedIn {
  /** Goes with every request until it expires; a sync then ends with `sign_in`. */
  token: string;
  /** The officer's own record. */
  officer: Fields & { id: string };
}

/** Signs an officer in. A wrong name or password rejects with `sign_in`. */
export async function signIn(transport: Transport, url: string, identity: string, password: string): Promise<SignedIn> {
  const said = await post(transport, `${url}/api/collections/officers/auth-with-password`, { identity, password }, {});
  const officer = said["record"] as SignedIn["officer"] | undefined;
  if (typeof said["token"] !== "string" || typeof officer?.id !== "string") throw network("the answer is no sign-in");
  return { token: said["token"], officer };
}

/** Enrols this device for an officer, once, and gives its id. `platform` is one of devices.platform. */
export async function enrol(transport: Transport, url: string, { token, officer }: SignedIn, platform = "web"): Promise<string> {
  const body = { officer: officer.id, status: "pending", platform };
  const said = await post(transport, `${url}/api/collections/devices/records`, body, { Authorization: token });
  if (typeof said["id"] !== "string") throw network("the answer is no device");
  return said["id"];
}

async function post(transport: Transport, url: string, body: Fields, headers: Record<string, string>): Promise<Fields> {
  const answer = await send(transport, { method: "POST", url, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) }, undefined);
  let said: unknown;
  try {
    said = JSON.parse(answer.text);
  } catch (err) {
    throw network("the answer is no JSON", err);
  }
  if (answer.status === 200 && typeof said === "object" && said !== null) return said as Fields;
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) throw new GridwalkError("sign_in", "the server does not know this name and password", { status: answer.status });
  throw refusal(answer, said);
}
