import { refusal, send } from "./ask.js";
import { GridwalkError, network } from "./errors.js";
async function signIn(transport, url, identity, password) {
  const said = await post(transport, `${url}/api/collections/officers/auth-with-password`, { identity, password }, {});
  const officer = said["record"];
  if (typeof said["token"] !== "string" || typeof (officer == null ? void 0 : officer.id) !== "string") throw network("the answer is no sign-in");
  return { token: said["token"], officer };
}
async function enrol(transport, url, { token, officer }, about = {}) {
  const body = {
    officer: officer.id,
    status: "pending",
    platform: about.platform ?? "web",
    model: about.model ?? "",
    app_version: about.appVersion ?? "",
    public_key: about.publicJwk ?? "",
    ...about.code ? { enrolment_code: about.code } : {}
  };
  const said = await post(transport, `${url}/api/collections/devices/records`, body, { Authorization: token });
  if (typeof said["id"] !== "string") throw network("the answer is no device");
  return said["id"];
}
async function post(transport, url, body, headers) {
  const answer = await send(transport, { method: "POST", url, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) }, void 0);
  let said;
  try {
    said = JSON.parse(answer.text);
  } catch (err) {
    throw network("the answer is no JSON", err);
  }
  if (answer.status === 200 && typeof said === "object" && said !== null) return said;
  const data = said == null ? void 0 : said.data;
  if (answer.status === 400 && (data == null ? void 0 : data["enrolment_code"])) throw new GridwalkError("refused", "this code is not valid", { status: 400, code: "bad_code" });
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) throw new GridwalkError("sign_in", "the server does not know this name and password", { status: answer.status });
  throw refusal(answer, said);
}
export {
  enrol,
  signIn
};
