import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.js";
import { capturing } from "./draft.js";
import { sendEffort } from "./effort.js";
import { resumeHeld } from "./held.js";
import { texts } from "./i18n.js";
import { followPatrols, unsent, waitingTracks } from "./patrol.js";
import { insideFirst } from "./photos.js";
import { go } from "./router.js";
import { resume, status, work } from "./session.js";
import { register, update } from "./update.js";

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) return;
  let problem = "";
  try {
    await texts().catch(() => undefined); // better in the other language than not at all
    await resume();
    const where = await capturing.where();
    if (where !== undefined) {
      insideFirst.value = true;
      await capturing.end();
      go(where, { replace: true });
    }
  } catch (err) {
    problem = String(err);
  }
  root.textContent = "";
  render(<App problem={problem} />, root);
  effect(() => {
    if (!work.value) return;
    void resumeHeld();
    void unsent().then((ids) => (waitingTracks.value = ids));
  });
  followPatrols();
  let before = "";
  status.subscribe((now) => {
    const state = now?.state ?? "";
    if (before === "syncing" && state === "idle") void sendEffort().catch(() => undefined);
    before = state;
  });
  void navigator.storage?.persist?.().catch(() => false);
  void register().catch(() => undefined);
  // A new version takes over at a cold start, when nothing is open and nothing waits.
  const offered = update.subscribe((one) => {
    const now = status.peek();
    if (one && now && now.waiting + now.photos === 0 && performance.now() < 3000) one.apply();
  });
  setTimeout(offered, 3000);
}

void start();
