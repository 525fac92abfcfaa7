import type { Sealer } from "../adapters.js";

/*
 * HPKE (RFC 9180) in base mode by WebCrypto: DHKEM(P-256, HKDF-SHA256),
 * HKDF-SHA256, AES-256-GCM. Only sealing: the server opens.
 */

const text = (s: string): Uint8Array => new TextEncoder().encode(s);

function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const version = text("HPKE-v1");
const kem = join(text("KEM"), Uint8Array.of(0, 0x10));
const suite = join(text("HPKE"), Uint8Array.of(0, 0x10, 0, 1, 0, 2));
const none = new Uint8Array();

async function hmac(key: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  // An empty key is one of zeros, which WebCrypto takes.
  const raw = key.length > 0 ? key : new Uint8Array(32);
  const imported = await crypto.subtle.importKey("raw", raw as BufferSource, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data as BufferSource));
}

const extract = (id: Uint8Array, salt: Uint8Array, label: string, secret: Uint8Array): Promise<Uint8Array> => hmac(salt, join(version, id, text(label), secret));

/** At most 32 bytes: one block of HKDF. */
async function expand(id: Uint8Array, key: Uint8Array, label: string, info: Uint8Array, length: number): Promise<Uint8Array> {
  return (await hmac(key, join(Uint8Array.of(0, length), version, id, text(label), info, Uint8Array.of(1)))).slice(0, length);
}

/** Seals to a public key: the encapsulated key and the ciphertext. */
async function seal(publicKey: Uint8Array, info: Uint8Array, plain: Uint8Array): Promise<Uint8Array> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", publicKey as BufferSource, curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const encapsulated = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256));
  const secret = await expand(kem, await extract(kem, none, "eae_prk", shared), "shared_secret", join(encapsulated, publicKey), 32);
  const context = join(Uint8Array.of(0), await extract(suite, none, "psk_id_hash", none), await extract(suite, none, "info_hash", info));
  const root = await extract(suite, secret, "secret", none);
  const key = await crypto.subtle.importKey("raw", (await expand(suite, root, "key", context, 32)) as BufferSource, "AES-GCM", false, ["encrypt"]);
  const nonce = await expand(suite, root, "base_nonce", context, 12);
  return join(encapsulated, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce as BufferSource }, key, plain as BufferSource)));
}

/** Seals parcels by WebCrypto: a browser has it on HTTPS only. */
export const systemSealer: Sealer = (key, device, head, content) => {
  const publicKey = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  const body = typeof content === "string" ? text(content) : content;
  return seal(publicKey, text(`gridwalk parcel 1 ${device}`), join(text(`${JSON.stringify(head)}\n`), body));
};
