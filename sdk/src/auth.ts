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

/** What a device says of itself when it is enrolled. */
export interface Enrolment {
  /** One of devices.platform; web unless said. */
  platform?: string;
  model?: string;
  appVersion?: string;
  /** The public half of its key, by which it gets new tokens and signs check-ins. */
  publicJwk?: string;
  /** A one-time code of the office; without it somebody has to approve the device. */
  code?: string;
}

/** Enrols this device for an officer, once, and gives its id. A code that is not valid rejects with `refused`. */
export async function enrol(transport: Transport, url: string, { token, officer }: SignedIn, about: Enrolment = {}): Promise<string> {
  const body = { officer: officer.id, status: "pending", platform: about.platform ?? "web", model: about.model ?? "", app_version: about.appVersion ?? "",
    public_key: about.publicJwk ?? "", ...(about.code ? { enrolment_code: about.code } : {}) };
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
  const data = (said as { data?: Record<string, unknown> } | null)?.data;
  if (answer.status === 400 && data?.["enrolment_code"]) throw new GridwalkError("refused", "this code is not valid", { status: 400, code: "bad_code" });
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) throw new GridwalkError("sign_in", "the server does not know this name and password", { status: answer.status });
  throw refusal(answer, said);
}
