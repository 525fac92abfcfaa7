import { base64url, signJSON } from "./devicekey.js";
async function prove(c, m, key, record, check) {
  const at = typeof check["captured_at"] === "string" ? check["captured_at"] : new Date(c.clock.now()).toISOString().replace("T", " ");
  const set = { ...check, captured_at: at };
  const number = (name) => typeof set[name] === "number" ? set[name] : 0;
  const said = {
    v: 1,
    record,
    officer: set["officer"] ?? "",
    device: c.device,
    captured: Date.parse(at.replace(" ", "T")),
    mono: c.pulled === void 0 || !c.clock.monotonic ? -1 : Math.max(0, Math.round(c.clock.monotonic() - c.pulled)),
    fix: typeof set["lat"] === "number" ? { lat: set["lat"], lng: number("lng"), acc_m: number("acc_m"), datum: set["datum"] ?? "", loc_src: set["loc_src"] ?? "" } : null,
    prev: m.proof ?? "",
    nonce: m.nonce ?? ""
  };
  const proof = await signJSON({ alg: "ES256", typ: "gridwalk-checkin" }, said, key);
  const signed = proof.slice(0, proof.lastIndexOf("."));
  const hex = await c.digest(Uint8Array.from(signed, (ch) => ch.charCodeAt(0)));
  const hash = base64url(Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)));
  return { set: { ...set, proof }, hash };
}
export {
  prove
};
