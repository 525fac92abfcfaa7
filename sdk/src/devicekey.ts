import type { Transport } from "./adapters.js";
import { postJSON } from "./ask.js";
import { network } from "./errors.js";

/**
 * The key of this phone: ES256, made here and enrolled with the device. In a
 * browser it is a WebCrypto key that cannot be exported.
 */
export interface DeviceKey {
  /** The public half as a JWK, in JSON. */
  readonly publicJwk: string;
  /** Signs by ECDSA with P-256 and SHA-256: r and s, 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < Math.min(4, bytes.length - i + 1); k++) out += alphabet[(n >> (18 - 6 * k)) & 63];
  }
  return out;
}

/** JSON in ASCII, which is the same in every encoding. */
function ascii(value: object): Uint8Array {
  return bytesOf(JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A JWS in compact form over a payload of JSON. */
export async function signJSON(header: object, payload: object, key: DeviceKey): Promise<string> {
  const signed = `${base64url(ascii(header))}.${base64url(ascii(payload))}`;
  return `${signed}.${base64url(await key.sign(bytesOf(signed)))}`;
}

/** Gets a new token of the officer for the signature of the phone's key, after however long. */
export async function renewToken(transport: Transport, url: string, device: string, key: DeviceKey): Promise<string> {
  const { challenge } = await postJSON(transport, `${url}/api/devices/challenge`, { device });
  const assertion = await signJSON({ alg: "ES256", typ: "JWT" }, { sub: device, aud: "gridwalk token", challenge }, key);
  const { token } = await postJSON(transport, `${url}/api/devices/token`, { assertion });
  if (typeof token !== "string") throw network("the answer is no token");
  return token;
}
