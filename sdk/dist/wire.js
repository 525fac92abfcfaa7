import { network } from "./errors.js";
function readPush(raw) {
  const answer = object(raw);
  const results = list(answer["results"]).map((r) => object(r));
  return { results, now: time(answer["now"]) };
}
function readPage(raw) {
  const answer = object(raw);
  const changes = list(answer["changes"] ?? []).map(readChange);
  return {
    changes,
    scopes: list(answer["scopes"]),
    cursor: text(answer["cursor"]),
    epoch: typeof answer["epoch"] === "string" ? answer["epoch"] : "",
    more: answer["more"] === true,
    now: time(answer["now"]),
    poll: typeof answer["poll"] === "number" ? answer["poll"] : 0,
    nonce: typeof answer["nonce"] === "string" ? answer["nonce"] : "",
    ...typeof answer["parcel_key"] === "string" ? { parcelKey: answer["parcel_key"] } : {},
    ...typeof answer["wipe_after"] === "number" ? { wipeAfter: answer["wipe_after"] } : {}
  };
}
function readChange(raw) {
  const change = object(raw);
  text(change.collection);
  text(change.id);
  if (!change.gone) {
    object(change.record);
    if (typeof change.seq !== "number" || change.seq === 0) throw network("a change without its number");
  }
  return change;
}
function readDigests(raw) {
  return object(object(raw)["scopes"]);
}
function object(raw) {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw network("the answer lacks what was asked for");
  return raw;
}
function list(raw) {
  if (!Array.isArray(raw)) throw network("the answer lacks what was asked for");
  return raw;
}
function text(raw) {
  if (typeof raw !== "string" || raw === "") throw network("the answer lacks what was asked for");
  return raw;
}
function time(raw) {
  if (Number.isNaN(Date.parse(text(raw)))) throw network("an answer without a time");
  return raw;
}
export {
  readDigests,
  readPage,
  readPush
};
