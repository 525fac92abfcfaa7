import { ask } from "./ask.js";
import { GridwalkError } from "./errors.js";
const apartMs = 6e5;
const most = 5e3;
const batch = 500;
async function look(c, collection, record) {
  const now = c.clock.now(), since = new Date(now - apartMs).toISOString();
  await c.state.update((tx) => {
    const before = tx.scan("look");
    if (before.some(([, one2]) => one2.record === record && one2.collection === collection && one2.at > since)) return;
    for (const [key] of before.sort(([, a], [, b]) => a.at < b.at ? -1 : 1).slice(0, Math.max(0, before.length + 1 - most))) tx.delete("look", key);
    const one = { collection, record, at: new Date(now).toISOString() };
    tx.put("look", c.newID(), one);
  });
}
async function sendLooks(c, signal) {
  try {
    for (let waiting = c.state.view.scan("look"); waiting.length > 0; waiting = c.state.view.scan("look")) {
      const sent = waiting.slice(0, batch);
      await ask(c, "/api/sync/reads", { reads: sent.map(([id, one]) => ({ id, ...one })) }, () => void 0, signal);
      await c.state.update((tx) => sent.forEach(([key]) => tx.delete("look", key)));
    }
  } catch (err) {
    if (!(err instanceof GridwalkError)) throw err;
  }
}
export {
  look,
  sendLooks
};
