import { signal } from "@preact/signals";
import { status } from "./session.js";

/** A newer app that is fetched and waits until nothing is in the way. */
export const update = signal<{ apply(): void } | undefined>(undefined);

/** Installs the service worker. The app works without one, when there is signal. */
export async function register(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("/app/sw.js", { scope: "/app/", updateViaCache: "none" });
  const offer = (worker: ServiceWorker | null) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    update.value = {
      apply() {
        const { waiting = 0, photos = 0 } = status.peek() ?? {};
        if (waiting + photos > 0) return;
        navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
        worker.postMessage("take over");
      },
    };
  };
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => worker.state === "installed" && offer(worker));
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void registration.update().catch(() => undefined));
}
