class GridwalkError extends Error {
  constructor(kind, message, details = {}) {
    super(message);
    this.kind = kind;
    this.name = "GridwalkError";
    if (details.cause !== void 0) Object.defineProperty(this, "cause", { value: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs ?? 0;
    this.wipe = details.wipe ?? false;
    this.resumeFrom = details.resumeFrom;
    this.fields = details.fields ?? {};
  }
  kind;
  status;
  /** Of docs/protocol.md, for `refused`; see the table of errors there. */
  code;
  retryAfterMs;
  wipe;
  resumeFrom;
  fields;
  /** Worth another attempt by itself, after a while. */
  get retryable() {
    return this.kind === "network" || this.kind === "busy";
  }
}
function isCode(err, ...codes) {
  return err instanceof GridwalkError && err.code !== void 0 && codes.includes(err.code);
}
function network(message, cause) {
  return new GridwalkError("network", message, { cause });
}
export {
  GridwalkError,
  isCode,
  network
};
