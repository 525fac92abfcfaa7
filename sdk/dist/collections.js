import { GridwalkError } from "./errors.js";
import { names, workflows } from "./schema.js";
class Collection {
  constructor(client, name) {
    this.client = client;
    this.name = name;
  }
  client;
  name;
  get(id) {
    return this.client.get(this.name, id);
  }
  /** The records that match, in the order of their ids or as `order` says. */
  list(where, order) {
    return pick(this.client.all(this.name), where, order);
  }
  /** `list`, and again after every change. */
  live(where, order) {
    return this.client.live(this.name, (records) => pick(records, where, order));
  }
  /** Makes a record; its id is `record` of what this resolves with. */
  create(set, { id = this.client.newID(), after } = {}) {
    return this.client.write(this.name, id, "create", set, after);
  }
  update(id, set, { after } = {}) {
    return this.client.write(this.name, id, "update", set, after);
  }
  delete(id) {
    return this.client.write(this.name, id, "delete");
  }
  /** Whether a record is on the server as it is shown. */
  state(id) {
    return this.client.recordState(this.name, id);
  }
}
function pick(records, where, order) {
  const all = [...records.values()];
  const some = where ? all.filter(where) : all;
  return order ? some.sort(order) : some;
}
class Flow extends Collection {
  constructor(client, name, workflow) {
    super(client, name);
    this.workflow = workflow;
    for (const { action, by } of workflow.moves) {
      if (by.every(({ relation }) => relation === "server")) continue;
      const move = (...args) => typeof args[0] === "string" ? this.move(action, args[0], args[1]) : this.move(action, void 0, args[0]);
      Object.defineProperty(this, action, { value: move });
    }
  }
  workflow;
  /** The moves that lead out of a record's present state, for an actor if one is given. */
  moves(id, actor) {
    const state = this.status(id);
    return this.workflow.moves.filter(({ from, by }) => from.includes(state) && by.some((party) => may(party, actor)));
  }
  status(id) {
    var _a;
    return String(((_a = this.client.get(this.name, id)) == null ? void 0 : _a["status"]) ?? "");
  }
  /** Makes a move, or refuses with the code that the server would give. */
  async move(action, id, set = {}) {
    const there = id === void 0 ? void 0 : this.client.get(this.name, id);
    if (id !== void 0 && !there) throw new GridwalkError("invalid", `no ${this.name} ${id}`, { code: "not_found" });
    const state = id === void 0 ? "" : this.status(id);
    const move = this.workflow.moves.find((m) => m.action === action && m.from.includes(state));
    const allowed = this.workflow.moves.filter((m) => m.from.includes(state)).map((m) => m.action);
    const refuse = (code, fields) => new GridwalkError("invalid", `${action} of ${this.name} in state ${state || "new"}: ${code}`, { code, fields: { status: state, allowed: allowed.join(" "), ...fields } });
    if (!move) throw refuse("illegal_transition", {});
    const missing = (move.needs ?? []).filter((field) => !filled(set[field] ?? (there == null ? void 0 : there[field])));
    if (missing.length > 0) throw refuse("missing_fields", Object.fromEntries(missing.map((field) => [field, "missing"])));
    return this.client.write(this.name, id ?? this.client.newID(), id === void 0 ? "create" : "update", { ...set, status: move.to });
  }
}
function filled(value) {
  return value !== void 0 && value !== null && value !== "" && value !== 0 && !(Array.isArray(value) && value.length === 0);
}
function may(party, actor) {
  if (party.relation === "server") return false;
  if (!actor) return true;
  return (!party.roles || party.roles.includes(actor.role)) && (!party.relation || (actor.relations ?? []).includes(party.relation));
}
function collections(client) {
  const all = names.map((name) => [name, name in workflows ? new Flow(client, name, workflows[name]) : new Collection(client, name)]);
  return Object.fromEntries(all);
}
export {
  Collection,
  Flow,
  collections
};
