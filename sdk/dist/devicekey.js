import { postJSON } from "./ask.js";
import { network } from "./errors.js";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
function base64url(bytes) {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const n = bytes[i] << 16 | (bytes[i + 1] ?? 0) << 8 | (bytes[i + 2] ?? 0);
    for (let k = 0; k < Math.min(4, bytes.length - i + 1); k++) out += alphabet[n >> 18 - 6 * k & 63];
  }
  return out;
}
function ascii(value) {
  return bytesOf(JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`));
}
const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
async function signJSON(header, payload, key) {
  const signed = `${base64url(ascii(header))}.${base64url(ascii(payload))}`;
  return `${signed}.${base64url(await key.sign(bytesOf(signed)))}`;
}
async function renewToken(transport, url, device, key) {
  const { challenge } = await postJSON(transport, `${url}/api/devices/challenge`, { device });
  const assertion = await signJSON({ alg: "ES256", typ: "JWT" }, { sub: device, aud: "gridwalk token", challenge }, key);
  const { token } = await postJSON(transport, `${url}/api/devices/token`, { assertion });
  if (typeof token !== "string") throw network("the answer is no token");
  return token;
}
export {
  base64url,
  renewToken,
  signJSON
};
