const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
function recordID(random) {
  let id = "";
  while (id.length < 15) {
    for (const b of random.bytes(16)) {
      if (b < 252 && id.length < 15) id += alphabet[b % 36];
    }
  }
  return id;
}
function identity(c) {
  const meta = c.state.view.meta();
  return { Authorization: c.token(), "X-Gridwalk-Device": c.device, "X-Gridwalk-Outbox": String(meta.made - meta.handled) };
}
async function pause(c, ms, signal) {
  if (!(signal == null ? void 0 : signal.aborted)) await c.clock.sleep(ms, signal);
}
export {
  identity,
  pause,
  recordID
};
