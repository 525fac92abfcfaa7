import type { DeviceKey } from "gridwalk";
import { keep, kept } from "./kv.js";

const algorithm = { name: "ECDSA", namedCurve: "P-256" };

/** The key of this phone for an officer: it is made once, and its private half never leaves the browser. */
export async function deviceKey(officer: string): Promise<DeviceKey> {
  let pair = await kept<CryptoKeyPair>(`key/${officer}`);
  if (!pair) {
    pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    await keep(`key/${officer}`, pair);
  }
  const { privateKey, publicKey } = pair;
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return {
    publicJwk: JSON.stringify({ kty, crv, x, y }),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes as BufferSource)),
  };
}
