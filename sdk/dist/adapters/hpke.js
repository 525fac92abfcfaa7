const text = (s) => new TextEncoder().encode(s);
function join(...parts) {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
const version = text("HPKE-v1");
const kem = join(text("KEM"), Uint8Array.of(0, 16));
const suite = join(text("HPKE"), Uint8Array.of(0, 16, 0, 1, 0, 2));
const none = new Uint8Array();
async function hmac(key, data) {
  const raw = key.length > 0 ? key : new Uint8Array(32);
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
const extract = (id, salt, label, secret) => hmac(salt, join(version, id, text(label), secret));
async function expand(id, key, label, info, length) {
  return (await hmac(key, join(Uint8Array.of(0, length), version, id, text(label), info, Uint8Array.of(1)))).slice(0, length);
}
async function seal(publicKey, info, plain) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", publicKey, curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const encapsulated = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256));
  const secret = await expand(kem, await extract(kem, none, "eae_prk", shared), "shared_secret", join(encapsulated, publicKey), 32);
  const context = join(Uint8Array.of(0), await extract(suite, none, "psk_id_hash", none), await extract(suite, none, "info_hash", info));
  const root = await extract(suite, secret, "secret", none);
  const key = await crypto.subtle.importKey("raw", await expand(suite, root, "key", context, 32), "AES-GCM", false, ["encrypt"]);
  const nonce = await expand(suite, root, "base_nonce", context, 12);
  return join(encapsulated, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plain)));
}
const systemSealer = (key, device, head, content) => {
  const publicKey = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  const body = typeof content === "string" ? text(content) : content;
  return seal(publicKey, text(`gridwalk parcel 1 ${device}`), join(text(`${JSON.stringify(head)}
`), body));
};
export {
  systemSealer
};
